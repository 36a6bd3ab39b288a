"""Characters of the fonts Symbol and Wingdings as Unicode: ≤, µ, ☑ instead of a place in a private range.

Office files name a place in such a font where they mean a sign. Source of the tables: the encodings of both fonts as
published by Microsoft and Unicode (mappings VENDORS/ADOBE/symbol.txt); what they do not hold stays as it is.
"""

from __future__ import annotations

_GREEK = dict(
    zip(
        "ABCDEFGHIKLMNOPQRSTUWXYZabcdefghiklmnopqrstuwxyz",
        "ΑΒΧΔΕΦΓΗΙΚΛΜΝΟΠΘΡΣΤΥΩΞΨΖαβχδεφγηικλμνοπθρστυωξψζ",
        strict=True,
    )
)
_SYMBOL = {ord(code): char for code, char in _GREEK.items()} | {
    0x2D: "−", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±",
    0xB2: "″", 0xA2: "′", 0xB3: "≥", 0xB4: "×", 0xB5: "∝", 0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡",
    0xBB: "≈", 0xBC: "…", 0xC5: "⊕", 0xC6: "∅", 0xC7: "∩", 0xC8: "∪", 0xCE: "∈", 0xD0: "∠", 0xD1: "∇", 0xD2: "®",
    0xD3: "©", 0xD4: "™", 0xD5: "∏", 0xD6: "√", 0xD7: "⋅", 0xDB: "⇔", 0xDE: "⇒", 0xE5: "∑", 0xF2: "∫", 0x5C: "∴",
    0x7E: "∼", 0xD8: "¬",
}  # fmt: skip
_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x6F: "□", 0x70: "❐", 0x71: "❑", 0x72: "❒", 0x75: "◆", 0x76: "❖", 0x77: "◆", 0x9F: "•",
    0xA1: "○", 0xA2: "○", 0xA7: "▪", 0xA8: "□", 0xD8: "➢", 0xE0: "→", 0xDF: "←", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔",
    0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑", 0xF1: "⇧", 0x46: "☞", 0x28: "☎", 0x2A: "✉",
} | {0x80 + at: "⓪①②③④⑤⑥⑦⑧⑨⑩"[at] for at in range(11)} | {
    0x8B + at: "⓿❶❷❸❹❺❻❼❽❾❿"[at] for at in range(11)
}  # fmt: skip
_WINGDINGS_2 = {0x50: "✓", 0x4F: "✗", 0x52: "☑", 0x51: "☒", 0x53: "☒", 0x54: "☒", 0xA3: "□", 0x97: "●", 0x98: "●"}
#: Signs of Wingdings that are meant where nobody says which font: bullets, boxes, arrows, circled numbers. Where the
#: other font has a Greek letter that texts use, neither is.
_MARKS = {code: _WINGDINGS[code] for code in (*range(0x80, 0x96), 0x9F, 0xA1, 0xA7, 0xA8, 0xD8, 0xE0, 0xE8, 0xF0)} | {
    code: _WINGDINGS[code] for code in (0xFB, 0xFC, 0xFD, 0xFE, 0x6E, 0x6F, 0x75, 0x76)
}
#: What a place in the private range shows where the font is not known, for `str.translate`.
UNNAMED = {0xF000 + code: char for code, char in {**_SYMBOL, **_MARKS}.items() if code > 0x7F or code in _MARKS} | {
    0xF53A: "한"  # the first letter of a word processor's name (한글), written with an old vowel
}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2}


def shown(text: str, font: str) -> str:
    """The characters that a text shows in a font; the text itself in other fonts."""
    table = _FONTS.get(font.strip().lower())
    if table is None:
        return text
    return "".join(table.get(ord(char) & 0xFF, char) if 0xF000 <= ord(char) <= 0xF0FF else char for char in text)
