"""Characters of a PDF page, and the lines that they form.

Coordinates are points from the top left corner of the page as it is shown (rotation and crop applied).
"""

from __future__ import annotations

import ctypes
import math
import re
import struct
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant.ingest.formats.pdf_calls import call

if TYPE_CHECKING:
    import pypdfium2

#: Characters that may be twins are looked for in bands of this height (points), wider than any tolerance.
_BAND = 12.0
#: left, top, right, bottom
Box = tuple[float, float, float, float]
#: Makes a box of left, top, right, bottom in PDF user space (see `upright`).
Place = Callable[[float, float, float, float], Box]
SOFT_HYPHEN = "\u00ad"
#: What PDFium writes for a hyphen at the end of a line, what it may have made up, and what shows nothing.
_HYPHENS = (2, 0xFFFE)
_GENERATED = (10, 13, 32)
_NOTHING = frozenset("\r\n\0\u200b\u200c\u200d\u2060\ufeff")
_SPACES = frozenset("\t\u00a0\u3000")
#: Left, top, right and bottom of a box as PDFium fills it in.
sides_of = struct.Struct("4f").unpack_from
_BOLD = re.compile(r"bold|black|heavy|extrab|demi", re.IGNORECASE)


@dataclass(slots=True)
class Char:
    """A character and its box. `index` is its number in PDFium's text page, -1 where it stands in none.

    `base` is how far down its baseline is; NaN until it is asked for (see `pdf_raised`).
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    index: int
    base: float = math.nan

    @property
    def size(self) -> float:
        """Height of the box: about the font size."""
        return self.bottom - self.top


@dataclass(slots=True)
class Line:
    """A line of text. `space_before` and `space_after` tell whether a space was written at its ends.

    `gaps`: places in the text that are followed by a wide gap.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    page: int
    bold: bool = False
    space_before: bool = False
    space_after: bool = False
    first_word: float = 0.0
    has_columns: bool = False
    gaps: tuple[int, ...] = ()


@dataclass(slots=True)
class Paragraph:
    """Wrapped lines of one paragraph, list item or heading. `level` is 0 for body text, 1 for the top heading.

    `text` is set where the lines were joined already (recognised text, which is not measured with the rest).
    """

    lines: list[Line] = field(default_factory=list)
    level: int = 0
    text: str = ""

    @property
    def page(self) -> int:
        """Page of the first line."""
        return self.lines[0].page


def runs(
    text_page: pypdfium2.PdfTextPage,
    place: Place,
    start: int = 0,
    end: int | None = None,
    guessed_spaces: bool = False,
) -> Iterator[list[Char]]:
    """Characters `start:end` line by line, as PDFium breaks them; text that is drawn twice (bold) counts once.

    `guessed_spaces`: also the spaces that PDFium puts where it sees gaps, which is right in Latin text only.
    """
    import pypdfium2.raw as raw

    handle, box = text_page.raw, raw.FS_RECTF()
    box_at = ctypes.byref(box)
    code_of, is_generated = call("FPDFText_GetUnicode"), call("FPDFText_IsGenerated")
    box_of = call("FPDFText_GetLooseCharBox")
    drawn: dict[tuple[str, float], list[Char]] = {}  # by the character and how far down it stands
    run: list[Char] = []
    lead = 0
    for index in range(start, text_page.count_chars() if end is None else end):
        code = code_of(handle, index)
        if 0xD800 <= code < 0xDC00:
            lead = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((lead - 0xD800) << 10) + code - 0xDC00 if lead else 0xFFFD
        lead = 0
        if code in _GENERATED and is_generated(handle, index) == 1:
            if code in (10, 13) and run:
                yield run
                run = []
            elif code == 32 and run and guessed_spaces:
                last = run[-1]
                run.append(Char(" ", last.x1, last.x1, last.top, last.bottom, index))
            continue
        text = "-" if code in _HYPHENS else chr(code)
        if text in _NOTHING or not box_of(handle, index, box_at):
            continue
        x0, top, x1, bottom = place(*sides_of(box))
        char = Char(" " if text in _SPACES else text, x0, x1, top, bottom, index)
        if text != " ":
            near = 0.3 * (x1 - x0)  # narrower than a letter: "ll" is no twin
            band, offset = divmod(top, _BAND)
            twins = drawn.setdefault((text, band), [])
            if twins and _is_drawn(twins, char, near):
                continue
            step = -1 if offset < near else 1 if offset > _BAND - near else 0
            if step and _is_drawn(drawn.get((text, band + step), ()), char, near):
                continue
            twins.append(char)
        if run:
            last = run[-1]
            if x0 < last.x0 and _leaves_line(last, char):
                yield run
                run = []
            elif text >= "\u0300" and (composed := _composed(last.text, text)):
                run[-1] = _united(composed, last, char)
                continue
        run.append(char)
    if run:
        yield run


def _composed(before: str, text: str) -> str:
    """The one character that `text`, an accent or a part of a Hangul syllable, makes with the one before it, or ""."""
    if not (unicodedata.combining(text) or "\u1160" <= text <= "\u11ff"):
        return ""
    composed = unicodedata.normalize("NFC", before + text)
    return composed if len(composed) == 1 else ""


def _united(text: str, a: Char, b: Char) -> Char:
    return Char(text, min(a.x0, b.x0), max(a.x1, b.x1), min(a.top, b.top), max(a.bottom, b.bottom), a.index)


def _is_drawn(twins: Sequence[Char], char: Char, near: float) -> bool:
    """Whether the character was drawn at this place before."""
    x0, top = char.x0, char.top
    if twins and twins[-1].index == char.index - 1 and twins[-1].x0 == x0 and twins[-1].x1 == char.x1:
        return False  # two letters of one ligature
    return any(-near < other.x0 - x0 < near and -near < other.top - top < near for other in twins)


def _leaves_line(before: Char, char: Char) -> bool:
    """PDFium joins a line that ends with a hyphen to the next one, which begins further left; here it ends."""
    overlap = min(before.bottom, char.bottom) - max(before.top, char.top)
    return overlap < 0.1 * char.size


def upright(page: pypdfium2.PdfPage) -> Place:
    """From left, top, right, bottom in PDF user space to points from the top left corner of the page as shown."""
    import pypdfium2.raw as raw

    width, height = page.get_size()

    def device(x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(
            page, 0, 0, round(width * 100), round(height * 100), 0, x, y, ctypes.byref(across), ctypes.byref(down)
        )
        return across.value / 100, down.value / 100

    (ox, oy), (xx, xy), (yx, yy) = device(0, 0), device(1000, 0), device(0, 1000)
    a, b, c, d = (xx - ox) / 1000, (xy - oy) / 1000, (yx - ox) / 1000, (yy - oy) / 1000

    def place(left: float, top: float, right: float, bottom: float) -> Box:
        xs = (ox + a * left + c * top, ox + a * right + c * bottom)
        ys = (oy + b * left + d * top, oy + b * right + d * bottom)
        return min(xs), min(ys), max(xs), max(ys)

    def place_unturned(left: float, top: float, right: float, bottom: float) -> Box:
        if left <= right and bottom <= top:
            return ox + left, oy - top, ox + right, oy - bottom
        return place(left, top, right, bottom)

    return place_unturned if (a, b, c, d) == (1, 0, 0, -1) else place


def font_size(text_page: pypdfium2.PdfTextPage, index: int) -> float:
    """Font size in points as drawn: the nominal size times the scale of the text matrix; 0 if it is not known."""
    import pypdfium2.raw as raw

    matrix, handle = raw.FS_MATRIX(), text_page.raw
    if not call("FPDFText_GetMatrix")(handle, index, ctypes.byref(matrix)):
        return 0.0
    return float(call("FPDFText_GetFontSize")(handle, index)) * math.hypot(matrix.c, matrix.d)


def is_bold(text_page: pypdfium2.PdfTextPage, index: int) -> bool:
    """Whether the character's font is a bold one, by its name or its weight."""
    import pypdfium2.raw as raw

    handle = text_page.raw
    raw.FPDFText_GetFontInfo(handle, index, _font_name, 128, None)
    return _is_bold_name(_font_name.value) or raw.FPDFText_GetFontWeight(handle, index) >= 600


#: Filled in by PDFium, whose lock is held.
_font_name = ctypes.create_string_buffer(128)


@lru_cache(maxsize=1024)
def _is_bold_name(name: bytes) -> bool:
    return bool(_BOLD.search(name.decode("latin-1")))
