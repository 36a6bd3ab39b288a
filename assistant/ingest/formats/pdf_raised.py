"""Raised and lowered figures of a line of a PDF: footnote marks, powers, chemical formulas.

Written small and high behind a number, a figure would become a part of it: 50 with the mark 1) is no 501). They are
stored as the raised and lowered figures that Unicode has (50¹⁾, 10⁶, m², CO₂).
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from assistant.ingest.formats.pdf_chars import Char, Place, font_size

if TYPE_CHECKING:
    import pypdfium2

RAISED = str.maketrans("0123456789+-−–=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾")
LOWERED = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
_RAISED_LETTERS = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
#: Longer text that stands higher or lower is no mark.
_LONGEST = 8
#: A raised or lowered character is smaller than this part of the others; one that is not has to be further off.
_SMALL = 0.9
#: In parts of the font size: how far up or down the baseline is (small characters), and of large ones.
_UP, _DOWN, _FAR = 0.12, 0.06, 0.25
_FRACTION = "⁄"
_ONE_LETTER = re.compile(r"[a-z](?=[^a-zA-Z]|$)")


def levels(
    ordered: Sequence[Char], typical: Char, size: float, text_page: pypdfium2.PdfTextPage, place: Place
) -> dict[int, int]:
    """1 for raised characters and -1 for lowered ones, by `id`. `typical`: one that is neither, of font size `size`."""
    found: dict[int, int] = {}
    base = math.nan
    height = typical.size
    highest, lowest = (typical.top + typical.bottom + away * 2 * _FAR * height for away in (-1, 1))
    smallest = _SMALL * height
    for at, char in enumerate(ordered):
        top, bottom = char.top, char.bottom
        if (highest <= top + bottom <= lowest and bottom - top >= smallest) or char.text == " ":
            continue
        if math.isnan(base):
            base = _baseline(typical, text_page, place)
        up = base - _baseline(char, text_page, place)
        own = (font_size(text_page, char.index) if char.index >= 0 else 0.0) or char.size / height * size
        small = own < _SMALL * size
        if up > (_UP if small else _FAR) * size:
            found[id(char)] = 1
        elif up < -(_DOWN if small else _FAR) * size or (small and at and ordered[at - 1].text == _FRACTION):
            found[id(char)] = -1
    apart = _apart(ordered, found) if found else ()
    return {each: height for each, height in found.items() if each not in apart}


def _apart(ordered: Sequence[Char], found: dict[int, int]) -> set[int]:
    """Raised or lowered characters that touch no other: text of its own, which only stands higher or lower."""
    visible = [char for char in ordered if char.text != " "]
    apart: set[int] = set()
    at = 0
    for height, group in groupby(visible, lambda char: found.get(id(char), 0)):
        chars = list(group)
        end = at + len(chars)
        before, after = visible[at - 1 : at] if at else [], visible[end : end + 1]
        if height and not (before and _touch(before[0], chars[0])) and not (after and _touch(chars[-1], after[0])):
            apart.update(id(char) for char in chars)
        at = end
    return apart


def _touch(a: Char, b: Char) -> bool:
    return b.x0 - a.x1 < 0.4 * max(a.size, b.size) and min(a.bottom, b.bottom) > max(a.top, b.top)


def _baseline(char: Char, text_page: pypdfium2.PdfTextPage, place: Place) -> float:
    import pypdfium2.raw as raw

    if math.isnan(char.base):
        x, y = ctypes.c_double(), ctypes.c_double()
        if char.index >= 0 and raw.FPDFText_GetCharOrigin(text_page, char.index, x, y):
            char.base = place(x.value, y.value, x.value, y.value)[1]
        else:
            char.base = char.bottom - 0.2 * char.size
    return char.base


def written(ordered: Sequence[Char], level: dict[int, int]) -> list[str]:
    """What is stored for each character, raised and lowered ones set apart."""
    texts = [char.text for char in ordered]
    at = 0
    for height, group in groupby(ordered, lambda char: 0 if char.text == " " else level.get(id(char), 0)):
        count = len(list(group))
        if height:
            before = next((text for text in reversed(texts[:at]) if text), "")
            after = texts[at + count] if at + count < len(texts) else ""
            shown = _shown("".join(texts[at : at + count]), height, before[-1:], after)
            texts[at : at + count] = [shown, *[""] * (count - 1)]
        at += count
    return texts


def _shown(text: str, height: int, before: str, after: str) -> str:
    """A raised or lowered group of characters behind `before`, as it is stored."""
    has_figure = any(char.isdecimal() or char in "()+-−" for char in text)
    if height > 0 and text == "o" and after[:1] in ("C", "F", "℃") and before.isdecimal():
        return "°"
    if len(text) <= _LONGEST and (has_figure or (height > 0 and len(text) == 1 and before.isdecimal())):
        shown = text.translate(RAISED if height > 0 else LOWERED)
        if height > 0 and before:
            shown = _ONE_LETTER.sub(lambda match: match[0].translate(_RAISED_LETTERS), shown)
    else:
        shown = text
    is_suffix = text.isascii() and text.isalpha()  # the th of 4th
    runs_in = shown[0].isalnum() and shown[0] == text[0] and before.isalnum()
    return f" {shown}" if runs_in and not is_suffix and (before.isdecimal() or shown[0].isdecimal()) else shown
