"""Lines of a PDF page without a look at every character: for pages in Latin letters whose lines hold no surprise.

PDFium's own text is right there. A line gets the boxes of its first and last character and of its text objects;
where they overlap or go back, or the text is turned, the line (or the page) is read character by character.
"""

from __future__ import annotations

import ctypes
import re
from typing import TYPE_CHECKING, Any

from assistant.ingest.readers.pdf_chars import Line, font_size, is_bold, lines_of, rejoined, runs, upright

if TYPE_CHECKING:
    import pypdfium2

#: Everything else is read character by character: Korean above all, whose spaces PDFium gets wrong.
_PLAIN = re.compile(r"[\x02\r\n -~\u00a0-\u024f\u0370-\u03ff\u2000-\u23ff\u2500-\u27bf\ufb00-\ufb04\ufffe]*\Z")
_HYPHENS = ("\x02", "\ufffe", "\u00ad")
_PIECE = re.compile(r"[^\r\n\x02\ufffe\u00ad]+[\x02\ufffe\u00ad]?|[\x02\ufffe\u00ad]")


def plain_lines(page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, number: int) -> list[Line] | None:
    """Lines in the order of the file; None if the page has to be read character by character."""
    text = _text(text_page)
    if text is None or not _PLAIN.match(text) or page.get_rotation():
        return None
    place = upright(page)
    (ox, oy, _, _), (xx, xy, _, _) = place(0, 0, 0, 0), place(100, 100, 100, 100)
    if abs(xx - ox - 100) > 0.5 or abs(oy - xy - 100) > 0.5:  # turned or scaled
        return None
    measure = _Measure(text_page, text, number, ox, oy)
    groups: list[tuple[int, int, Line | None]] = []
    last: Line | None = None
    for match in _PIECE.finditer(text):
        if match[0].isspace():
            continue
        start, end = match.span()
        line = measure.line(start, end)
        if last is not None and line is not None and _joins(last, line):
            # raised and lowered characters: PDFium breaks the line at them
            groups[-1] = (groups[-1][0], end, None)
        else:
            groups.append((start, end, line))
        last = line
    lines: list[Line] = []
    for start, end, found in groups:
        if found is not None:
            lines.append(found)
            continue
        exact = rejoined(runs(page, text_page, start, end))
        writes_spaces = text.count(" ", start, end) > 0
        lines += [line for run in exact for line in lines_of(run, number, writes_spaces, text_page)]
    return lines


def _text(text_page: pypdfium2.PdfTextPage) -> str | None:
    """The page's text if its places are those of the characters, else None."""
    import pypdfium2.raw as raw

    count = text_page.count_chars()
    buffer = (ctypes.c_ushort * (count + 1))()
    if raw.FPDFText_GetText(text_page, 0, count, buffer) != count + 1:
        return None
    text = bytes(buffer).decode("utf-16-le", "replace")[:-1]
    return text if len(text) == count else None


def _joins(before: Line, line: Line) -> bool:
    """Whether a line goes on where the one before ends (see `rejoined`)."""
    size = min(before.bottom - before.top, line.bottom - line.top)
    overlap = min(before.bottom, line.bottom) - max(before.top, line.top)
    return overlap > 0.5 * size and abs(line.x0 - before.x1) < 0.25 * size


class _Measure:
    """Measures lines of one page that is neither turned nor scaled; `ox`, `oy` is its origin on the page as shown."""

    def __init__(self, text_page: pypdfium2.PdfTextPage, text: str, number: int, ox: float, oy: float) -> None:
        import pypdfium2.raw as raw

        self._page, self._text, self._number, self._ox, self._oy = text_page, text, number, ox, oy
        self._handle = text_page.raw
        self._box_of: Any = raw.FPDFText_GetLooseCharBox
        self._count_of: Any = raw.FPDFText_CountRects
        self._side_of: Any = raw.FPDFText_GetRect
        self._box = raw.FS_RECTF()
        self._sides = [ctypes.c_double() for _ in range(4)]

    def line(self, start: int, end: int) -> Line | None:
        """The line, or None if it is not certain that PDFium's text shows it."""
        box, box_of = self._box, self._box_of
        piece = self._text[start:end]
        text = piece.strip(" \u00a0")
        first = start + piece.index(text[0])
        last = first + len(text) - 1
        if not box_of(self._handle, first, box):
            return None
        left, top, bottom = box.left, box.top, box.bottom
        if not box_of(self._handle, last, box):
            return None
        right, height = box.right, top - bottom
        if abs(box.top - top) > 0.2 * height or abs(box.bottom - bottom) > 0.2 * height or right <= left:
            return None
        columns = self._columns(first, len(text), height, left)
        if columns is None:
            return None
        text = " ".join(text.replace("\u00a0", " ").split())
        if text[-1] in _HYPHENS:
            text = text[:-1] + "-"
        space, width = text.find(" "), right - left
        return Line(
            text,
            self._ox + left,
            self._ox + right,
            self._oy - max(top, box.top),
            self._oy - min(bottom, box.bottom),
            font_size(self._page, first) or height,
            self._number,
            is_bold(self._page, first) and is_bold(self._page, last),
            piece[0] == " ",
            piece[-1] == " ",
            width if space < 0 else width * space / len(text),
            columns,
        )

    def _columns(self, first: int, count: int, height: float, start: float) -> bool | None:
        """Whether there is a wide gap between text objects; None where they overlap or go back."""
        sides = self._sides
        before, wide = None, False
        for at in range(self._count_of(self._handle, first, count)):
            self._side_of(self._handle, at, *sides)
            left, right = sides[0].value, sides[2].value
            if before is not None:
                gap = left - before
                if gap < -0.35 * height:
                    return None
                wide = wide or (gap > 2.2 * height and before - start > 1.8 * height)
            before = right
        return wide
