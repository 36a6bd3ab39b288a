"""Figures in words: won, percent, durations and dates as Korean and English write them; Korean particles."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from assistant.schema import Language

_KO_SCALES = ((10**12, "조"), (10**8, "억"), (10**4, "만"))
_EN_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_WEEKDAYS = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_COUNTED = {
    "day": ("일", "day"), "month": ("개월", "month"), "year": ("년", "year"), "count": ("개", ""),
    "x": ("배", "time"),
}  # fmt: skip


def won_text(won: Decimal, language: Language) -> str:
    """Put whole won in words, exactly: 7억 5,000만 원, KRW 750 million."""
    amount = int(won)
    if amount < 0:
        return f"-{won_text(Decimal(-amount), language)}"
    return _korean_won(amount) if language == "ko" else _english_won(amount)


def _korean_won(amount: int) -> str:
    parts = []
    for scale, name in _KO_SCALES:
        count, amount = divmod(amount, scale)
        if count:
            parts.append(f"{count:,}{name}")
    if amount or not parts:
        parts.append(f"{amount:,}")
    return f"{' '.join(parts)}{'' if parts[-1][-1].isdigit() else ' '}원"


def _english_won(amount: int) -> str:
    for scale, name in _EN_SCALES:
        if amount >= scale and amount % (scale // 1000) == 0:
            return f"KRW {plain(Decimal(amount) / scale)} {name}"
    return f"KRW {amount:,}"


def plain(number: Decimal) -> str:
    """Write a decimal without exponent and trailing zeros, with thousands separators."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent_text(number: Decimal) -> str:
    """Write a decimal without exponent, separators and trailing zeros."""
    return plain(number).replace(",", "")


def date_text(day: date, language: Language) -> str:
    """Write a date: 2026년 11월 30일(월), 30 November 2026 (Mon)."""
    weekday = _WEEKDAYS[language][day.weekday()]
    if language == "ko":
        return f"{day.year}년 {day.month}월 {day.day}일({weekday})"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} ({weekday})"


def term_text(amount: Decimal | date, unit: str, bound: str, language: Language) -> str:
    """Write a figure with its unit, and the words of its bound (`exact`, `max`, `min`)."""
    words = _unbound(amount, unit, language)
    if bound == "exact":
        return words
    if language == "ko":
        return f"최대 {words}" if bound == "max" else f"{words} 이상"
    return f"at most {words}" if bound == "max" else f"at least {words}"


def _unbound(amount: Decimal | date, unit: str, language: Language) -> str:
    if isinstance(amount, date):
        return date_text(amount, language)
    if unit == "KRW":
        return won_text(amount, language)
    if unit == "%":
        return f"{plain(amount)}%"
    if unit == "%p":
        return f"{plain(amount)}%포인트" if language == "ko" else f"{plain(amount)} percentage points"
    ko, en = _COUNTED[unit]
    if language == "ko":
        return f"{plain(amount)}{ko}"
    return f"{plain(amount)} {en}{'' if amount == 1 else 's'}" if en else plain(amount)


def upper(words: str) -> str:
    """Write `words` with a capital letter at the start."""
    return words[:1].upper() + words[1:]


def topic(word: str) -> str:
    """Write `word` with 은 or 는, by its last letter."""
    return word + _particle(word, "은", "는")


def direct_object(word: str) -> str:
    """Write `word` with 을 or 를."""
    return word + _particle(word, "을", "를")


def together(word: str) -> str:
    """Write `word` with 과 or 와."""
    return word + _particle(word, "과", "와")


def towards(word: str) -> str:
    """Write `word` with 으로 or 로, which also follows ㄹ; what stands in brackets at its end is not spoken."""
    spoken = word.rpartition("(")[0] if word.endswith(")") else word
    last = next((letter for letter in reversed(spoken) if letter.isalnum()), "")
    closed = "가" <= last <= "힣" and (ord(last) - ord("가")) % 28 not in (0, 8)
    return f"{word}{'으로' if closed and not word.endswith('%') else '로'}"


def _particle(word: str, closed: str, open_: str) -> str:
    if word.endswith("%"):  # read 퍼센트
        return open_
    last = next((letter for letter in reversed(word) if letter.isalnum()), "")
    if "가" <= last <= "힣":
        return closed if (ord(last) - ord("가")) % 28 else open_
    return f"{closed}({open_})"
