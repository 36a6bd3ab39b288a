"""Numbers of lists as word processors show them: 1, 가, ①, ㉮, IV, b, 一.

Office programs compute them when they show a document; the files hold only the format and the pattern around it. The
module knows nothing of files.
"""

from __future__ import annotations

_SYLLABLES = "가나다라마바사아자차카타파하"
_JAMO = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_HANGUL_DIGITS = "영일이삼사오육칠팔구"
_IDEOGRAPHS = "〇一二三四五六七八九"
_STEMS = "갑을병정무기경신임계"
_STEMS_HANJA = "甲乙丙丁戊己庚辛壬癸"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip

#: One item after the other, and over again from the beginning when they run out.
_SERIES = {
    "syllable": _SYLLABLES,
    "jamo": _JAMO,
    "stem": _STEMS,
    "hanja stem": _STEMS_HANJA,
    "circled": "".join(map(chr, [*range(0x2460, 0x2474), *range(0x3251, 0x3260), *range(0x32B1, 0x32C0)])),
    "circled syllable": "".join(map(chr, range(0x326E, 0x327C))),
    "circled jamo": "".join(map(chr, range(0x3260, 0x326E))),
    "circled upper": "".join(map(chr, range(0x24B6, 0x24D0))),
    "circled lower": "".join(map(chr, range(0x24D0, 0x24EA))),
    "bracketed": "".join(map(chr, range(0x2474, 0x2488))),
    "bracketed syllable": "".join(map(chr, range(0x320E, 0x321C))),
    "bracketed jamo": "".join(map(chr, range(0x3200, 0x320E))),
}


def number(value: int, form: str) -> str:
    """Write a number in one of the forms of this module; an unknown form, and what is out of its range, is decimal.

    Forms: the names of the series above, "upper", "lower" (letters), "ROMAN", "roman", "hangul", "ideograph", "padded".
    """
    if value < 1:
        return str(value)
    if form in _SERIES:
        series = _SERIES[form]
        if form in ("syllable", "jamo", "stem", "hanja stem"):
            return series[(value - 1) % len(series)]
        return series[value - 1] if value <= len(series) else str(value)
    if form in ("upper", "lower"):
        letters = _letters(value)
        return letters if form == "upper" else letters.lower()
    if form in ("ROMAN", "roman") and value < 4000:
        return _roman(value) if form == "ROMAN" else _roman(value).lower()
    if form in ("hangul", "ideograph") and value < 100:
        return _counted(value, _HANGUL_DIGITS if form == "hangul" else _IDEOGRAPHS, "십" if form == "hangul" else "十")
    return f"{value:02}" if form == "padded" else str(value)


def _letters(value: int) -> str:
    """A … Z, AA, AB …"""
    text = ""
    while value:
        value, rest = divmod(value - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _roman(value: int) -> str:
    text = ""
    for worth, letters in _ROMAN:
        times, value = divmod(value, worth)
        text += letters * times
    return text


def _counted(value: int, digits: str, ten: str) -> str:
    """십일, 二十: tens and ones below a hundred."""
    tens, ones = divmod(value, 10)
    return (digits[tens] if tens > 1 else "") + (ten if tens else "") + (digits[ones] if ones else "")
