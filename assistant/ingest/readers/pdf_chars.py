"""Characters of a PDF page, and the lines that they form.

Coordinates are points from the top left corner of the page as it is shown (rotation and crop applied).
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import dropwhile, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pypdfium2

#: Characters that may be twins are looked for in bands of this height (points), wider than any tolerance.
_BAND = 12.0
#: left, top, right, bottom
Box = tuple[float, float, float, float]
#: Makes a box of left, top, right, bottom in PDF user space (see `upright`).
Place = Callable[[float, float, float, float], Box]
_BOLD = re.compile(r"bold|black|heavy|extrab|demi", re.IGNORECASE)


@dataclass(slots=True)
class Char:
    """A character and its box. `index` is its number in PDFium's text page."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    index: int

    @property
    def size(self) -> float:
        """Height of the box: about the font size."""
        return self.bottom - self.top


@dataclass(slots=True)
class Line:
    """A line of text. `space_before` and `space_after` tell whether a space was written at its ends."""

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
    page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, start: int = 0, end: int | None = None
) -> Iterator[list[Char]]:
    """Characters `start:end` line by line, as PDFium breaks them; text that is drawn twice (bold) counts once."""
    import pypdfium2.raw as raw

    place = upright(page)
    handle, box = text_page.raw, raw.FS_RECTF()
    drawn: dict[tuple[str, int], list[Char]] = {}  # by the character and how far down it stands
    run: list[Char] = []
    lead = 0
    for index in range(start, text_page.count_chars() if end is None else end):
        code = raw.FPDFText_GetUnicode(handle, index)
        if 0xD800 <= code < 0xDC00:
            lead = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((lead - 0xD800) << 10) + code - 0xDC00 if lead else 0xFFFD
        lead = 0
        hyphen = raw.FPDFText_IsHyphen(handle, index) == 1
        if raw.FPDFText_IsGenerated(handle, index) == 1 and not hyphen:
            if code in (10, 13) and run:
                yield run
                run = []
            continue
        text = "-" if hyphen or code in (2, 0xAD, 0xFFFE) else chr(code)
        if text in "\r\n\0" or not raw.FPDFText_GetLooseCharBox(handle, index, box):
            continue
        x0, top, x1, bottom = place(box.left, box.top, box.right, box.bottom)
        char = Char(" " if text in "\t\u00a0\u3000" else text, x0, x1, top, bottom, index)
        if text != " ":
            near = 0.3 * (char.x1 - char.x0)  # narrower than a letter: "ll" is no twin
            band, offset = divmod(char.top, _BAND)
            twins = drawn.setdefault((text, int(band)), [])
            if _is_drawn(twins, char, near):
                continue
            step = -1 if offset < near else 1 if offset > _BAND - near else 0
            if step and _is_drawn(drawn.get((text, int(band) + step), ()), char, near):
                continue
            twins.append(char)
        if run and _leaves_line(run[-1], char):
            yield run
            run = []
        run.append(char)
    if run:
        yield run


def _is_drawn(twins: Sequence[Char], char: Char, near: float) -> bool:
    """Whether the character was drawn at this place before."""
    x0, top = char.x0, char.top
    return any(-near < other.x0 - x0 < near and -near < other.top - top < near for other in twins)


def _leaves_line(before: Char, char: Char) -> bool:
    """PDFium joins a line that ends with a hyphen to the next one; here it ends."""
    overlap = min(before.bottom, char.bottom) - max(before.top, char.top)
    return overlap < 0.1 * char.size and char.x0 < before.x0


def rejoined(parts: Iterable[list[Char]]) -> list[list[Char]]:
    """Runs that follow each other closely on one line are one: PDFium breaks at raised and lowered characters."""
    joined: list[list[Char]] = []
    for run in parts:
        if joined:
            before, char = joined[-1][-1], run[0]
            overlap = min(before.bottom, char.bottom) - max(before.top, char.top)
            size = min(before.size, char.size)
            if overlap > 0.5 * size and abs(char.x0 - before.x1) < 0.25 * size:
                joined[-1] += run
                continue
        joined.append(run)
    return joined


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

    return place


def lines_of(run: Sequence[Char], number: int, writes_spaces: bool, text_page: pypdfium2.PdfTextPage) -> list[Line]:
    """The line of a run (none if it is blank), its characters from left to right, spaces restored from gaps."""
    if all(char.text.isspace() for char in run):
        return []
    run = laid_flat(run)
    visible = [char for char in run if not char.text.isspace()]
    # Characters of a second font may be drawn after the line is finished: put them where they stand.
    ordered = sorted(run, key=lambda char: (char.x0 + char.x1) / 2)
    typical = sorted(visible, key=lambda char: char.size)[len(visible) // 2]  # no superscript
    size = font_size(text_page, typical.index) or typical.size
    gaps = sorted(b.x0 - a.x1 for a, b in pairwise(ordered) if _tight(a, b))
    stretch = max(0.0, gaps[(len(gaps) - 1) // 2]) if gaps else 0.0
    interior = "".join(char.text for char in ordered).strip()
    written = writes_spaces and (" " in interior or len(interior) < 30)

    def parts(a: Char, b: Char) -> bool:
        """Whether the gap stands for a space. Word processors set Hangul and Latin apart without one."""
        return b.x0 - a.x1 > stretch + (0.45 if written and _scripts_differ(a.text, b.text) else 0.17) * size

    text, has_columns = "", False
    before: Char | None = None
    spaced = False
    for char in ordered:
        if char.text.isspace():
            spaced = True
            continue
        if before is not None:
            has_columns = has_columns or (char.x0 - before.x1 > 2.2 * size and len(text) > 4)
            if spaced or parts(before, char):
                text += " "
        text += char.text
        before, spaced = char, False
    samples = (visible[0], visible[len(visible) // 2], visible[-1])
    line = Line(
        text,
        x0=min(char.x0 for char in visible),
        x1=max(char.x1 for char in visible),
        top=min(char.top for char in visible),
        bottom=max(char.bottom for char in visible),
        size=size,
        page=number,
        bold=all(is_bold(text_page, char.index) for char in samples),
        space_before=ordered[0].text.isspace(),
        space_after=ordered[-1].text.isspace(),
        first_word=_first_word(ordered, parts),
        has_columns=has_columns,
    )
    return [line]


def laid_flat(run: Sequence[Char]) -> Sequence[Char]:
    """A run that is drawn downwards, upwards or upside down, turned so that it reads from left to right."""
    first, last = run[0], run[-1]
    across = last.x0 + last.x1 - first.x0 - first.x1
    down = last.top + last.bottom - first.top - first.bottom
    if abs(down) > 2 * abs(across):
        if down > 0:
            return [Char(c.text, c.top, c.bottom, -c.x1, -c.x0, c.index) for c in run]
        return [Char(c.text, -c.bottom, -c.top, c.x0, c.x1, c.index) for c in run]
    if len(run) > 2 and sum(b.x0 < a.x0 for a, b in pairwise(run)) > 0.7 * (len(run) - 1):
        return [Char(c.text, -c.x1, -c.x0, -c.bottom, -c.top, c.index) for c in run]
    return run


def _tight(a: Char, b: Char) -> bool:
    return "가" <= a.text <= "힣" and "가" <= b.text <= "힣"


def _scripts_differ(a: str, b: str) -> bool:
    return ("가" <= a <= "힣" and b.isascii() and b.isalnum()) or ("가" <= b <= "힣" and a.isascii() and a.isalnum())


def _first_word(ordered: Sequence[Char], parts: Callable[[Char, Char], bool]) -> float:
    """Width of the first word of a line, in points."""
    chars = list(dropwhile(lambda char: char.text.isspace(), ordered))
    end = chars[0]
    for char in chars[1:]:
        if char.text.isspace() or parts(end, char):
            break
        end = char
    return end.x1 - chars[0].x0


def font_size(text_page: pypdfium2.PdfTextPage, index: int) -> float:
    """Font size in points as drawn: the nominal size times the scale of the text matrix; 0 if it is not known."""
    import pypdfium2.raw as raw

    matrix, handle = raw.FS_MATRIX(), text_page.raw
    if not raw.FPDFText_GetMatrix(handle, index, matrix):
        return 0.0
    return float(raw.FPDFText_GetFontSize(handle, index)) * math.hypot(matrix.c, matrix.d)


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
