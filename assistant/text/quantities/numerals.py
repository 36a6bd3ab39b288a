"""Numerals: digits with Korean (천 만 억 조) or English scales, and small numbers written as words.

Works on folded text (see `values.fold`). A word is only a number where a unit or counter follows; that is the
caller's to check (`Numeral.spelled`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+)?|\d+(?:\.\d+)?)"

_SMALL = {"십": 10, "백": 100, "천": 1000}
_BIG = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
_ENGLISH_SCALE = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "bn": 10**9, "mn": 10**6, "mln": 10**6, "tn": 10**12, "trn": 10**12,
}  # fmt: skip
_MONEY_SCALE = {"k": 10**3, "K": 10**3, "m": 10**6, "M": 10**6, "b": 10**9, "B": 10**9, "T": 10**12}

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
         "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ENGLISH = {word: i + 1 for i, word in enumerate(_ONES)} | {word: 10 * (i + 2) for i, word in enumerate(_TENS)}
_NATIVE = {
    "하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "석": 3, "넷": 4, "네": 4, "넉": 4, "다섯": 5, "여섯": 6,
    "일곱": 7, "여덟": 8, "아홉": 9,
}  # fmt: skip
_NATIVE_TENS = {"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60}
_SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9}

_ONE_WORD = "|".join(sorted(_ENGLISH, key=len, reverse=True))
SPELLED_EN = re.compile(
    rf"(?<![A-Za-z0-9-])(?:(?:{'|'.join(_TENS)})[- ](?:{'|'.join(_ONES[:9])})|{_ONE_WORD}|an?(?= (?:hundred|thousand|"
    r"million|billion|trillion)))(?![A-Za-z])", re.IGNORECASE,
)  # fmt: skip
SPELLED_NATIVE = re.compile(
    rf"(?<![가-힣])(?!세종)(?:(?:{'|'.join(_NATIVE_TENS)})(?:{'|'.join(_NATIVE)})?|"
    rf"{'|'.join(sorted(_NATIVE, key=len, reverse=True))})"
    r"(?= ?(?:개|가지|명|건|곳|배|달|시간|대|장|종|단계|번째|사람|회|차례|팀|축|살|해|주|군데|나라|매))"
)
# At least two letters with a scale among them, or 구원 (rescue) and 천명 (mandate) would be numbers.
SPELLED_SINO = re.compile(
    r"(?<![가-힣])(?:(?=[일이삼사오육칠팔구]*[십백천만억조])[일이삼사오육칠팔구십백천만억조]{2,12}"
    r"(?= ?(?:원|퍼센트|명|개월|개사|년간|달러))|[천만](?= ?원))"
)
_SCALE_EN = re.compile(r"[ -]?(hundred|thousand|million|billion|trillion|bn|mn|mln|tn|trn)(?![A-Za-z])", re.IGNORECASE)
_SCALE_MONEY = re.compile(r"([kKmMbBT])(?![A-Za-z0-9])")
_FIRST_GROUP = re.compile(rf"({DIGITS})")
_SMALL_SCALE = re.compile(" ?([십백천])(?![가-힣]*(?:명령|장))")
_BIG_SCALE = re.compile(" ?([만억조경])(?!나|큼|들|약|년|하|직|립)")
_CONTINUED = re.compile(r" ?(?:여 ?)?(?:원|명|개|건|대|인|달러|장|곳|유로|엔|위안)")
_GROUP = re.compile(rf" ?({DIGITS})")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number in folded text: `value` with its scale applied, `raw` without it, `scale` the factor between.

    `money_like`: 억 or 조, which without a counter behind them mean won.
    """

    start: int
    end: int
    value: Decimal
    raw: Decimal
    scale: int = 1
    spelled: bool = False
    money_like: bool = False


def read_numeral(folded: str, start: int, end: int, *, money: bool = False) -> Numeral:
    """Read the numeral of the digits `folded[start:end]`, with the scales behind them. `money`: a currency precedes."""
    raw = Decimal(folded[start:end].replace(",", ""))
    korean = _korean(folded, start)
    if korean is not None:
        return korean
    match = _SCALE_EN.match(folded, end) or (_SCALE_MONEY.match(folded, end) if money else None)
    if match:
        word = match[1]
        scale = _ENGLISH_SCALE.get(word.lower()) or _MONEY_SCALE[word]
        return Numeral(start, match.end(), raw * scale, raw, scale)
    return Numeral(start, end, raw, raw)


def _korean(folded: str, start: int) -> Numeral | None:
    """Digits mixed with 십·백·천 and 만·억·조, scales falling from left to right; None when no scale follows.

    "4억 8천" leaves out the 만 and "1조 2천" the 억: nobody means 400,008,000.
    """
    total = section = Decimal(0)
    raw: Decimal | None = None
    shortened = False
    position, last_big, last_small, groups = start, 10**20, 10**20, 0
    scale = 1
    while True:
        match = (_GROUP if groups else _FIRST_GROUP).match(folded, position)
        if match is None:
            break
        number = Decimal(match[1].replace(",", ""))
        after = match.end()
        small = _SMALL_SCALE.match(folded, after)
        factor = _SMALL[small[1]] if small else 1
        after = small.end() if small else after
        big = _BIG_SCALE.match(folded, after)
        if not small and not big:
            # "1만 3,000명", "3억 5000만": a last group without a scale of its own, smaller than what came before
            if groups and number < min(last_big, last_small) and match[0].lstrip() and _continues(folded, match.end()):
                section += number
                shortened = False
                position = match.end()
            break
        if small and not big and factor >= last_small:
            break
        if big:
            unit = _BIG[big[1]]
            if unit >= last_big:
                break
            total += (section + number * factor) * unit
            section, last_big, last_small, shortened = Decimal(0), unit, unit, False
            position = big.end()
            scale = unit * factor if not groups else unit
        else:
            shortened = shortened or (factor == _SMALL["천"] and groups > 0 and last_big > _BIG["만"])
            section += number * factor
            last_small = factor
            position = after
            scale = factor
        raw = number if raw is None else raw
        groups += 1
    if not groups or raw is None:
        return None
    value = total + (section * (last_big // _BIG["만"]) if shortened else section)
    return Numeral(start, position, value, raw, scale, money_like=value >= 10**8 and last_big >= 10**4)


def _continues(folded: str, position: int) -> bool:
    """A unit of money or a counter stands directly behind: the group belongs to the number."""
    return _CONTINUED.match(folded, position) is not None


def read_spelled(folded: str, start: int, end: int) -> Numeral | None:
    """Read the numeral written in words at `folded[start:end]`, with an English scale behind it; None if malformed."""
    word = folded[start:end].lower().strip()
    value = _spelled_value(word)
    if value is None:
        return None
    scale = 1
    while (match := _SCALE_EN.match(folded, end)) is not None:
        scale *= _ENGLISH_SCALE[match[1].lower()]
        end = match.end()
    if scale == 1:
        end = start + len(folded[start:end].rstrip())
    return Numeral(start, end, Decimal(value * scale), Decimal(value), scale, spelled=True)


def _spelled_value(word: str) -> int | None:
    if word in ("a", "an"):
        return 1
    if word in _ENGLISH:
        return _ENGLISH[word]
    if word.isascii():
        tens, _, ones = word.replace("-", " ").partition(" ")
        return _ENGLISH[tens] + _ENGLISH[ones]
    for table in (_NATIVE, _NATIVE_TENS):
        if word in table:
            return table[word]
    for ten, value in _NATIVE_TENS.items():
        if word.startswith(ten) and word[len(ten) :] in _NATIVE:
            return value + _NATIVE[word[len(ten) :]]
    return _sino(word)


def _sino(word: str) -> int | None:
    """삼천오백만 → 35,000,000; None for letters in an order that is no number."""
    total = section = 0
    digit: int | None = None
    for char in word:
        if char in _SINO:
            if digit is not None:
                return None
            digit = _SINO[char]
        elif char in _SMALL:
            section += (1 if digit is None else digit) * _SMALL[char]
            digit = None
        elif char in _BIG:
            section += digit or 0
            total += (section or 1) * _BIG[char]
            section, digit = 0, None
        else:
            return None
    return total + section + (digit or 0)
