"""Lines of a PDF page without a look at every character: for pages in Latin letters whose lines hold no surprise.

PDFium's own text is right there. A line gets the boxes of its first and last character and of its text objects;
where they overlap or go back, or the text is turned, the line (or the page) is read character by character.
"""

from __future__ import annotations

import ctypes
import re
from typing import TYPE_CHECKING

from assistant.ingest.readers.pdf_calls import address, call
from assistant.ingest.readers.pdf_chars import Line, Place, font_size, is_bold, lines_of, rejoined, runs

if TYPE_CHECKING:
    import pypdfium2

#: Everything else is read character by character: Korean above all, whose spaces PDFium gets wrong.
_PLAIN = re.compile(
    r"[\x02\r\n -~\u00a0-\u024f\u02b0-\u02ff\u0370-\u03ff\u2000-\u23ff\u2500-\u27bf\ufb00-\ufb04\ufffe]*"
)
_HYPHENS = ("\x02", "\ufffe", "\u00ad")
_PIECE = re.compile(r"[^\r\n\x02\ufffe\u00ad]+[\x02\ufffe\u00ad]?|[\x02\ufffe\u00ad]")


def plain_lines(
    page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, number: int, place: Place, whole: set[str]
) -> list[Line] | None:
    """Lines in the order of the file; None if the page has to be read character by character.

    `whole` grows: what was found to be one word on this page and those before.
    """
    text = _text(text_page)
    if text is None or not _PLAIN.fullmatch(text) or page.get_rotation():
        return None
    (ox, oy, _, _), (xx, xy, _, _) = place(0, 0, 0, 0), place(100, 100, 100, 100)
    if abs(xx - ox - 100) > 0.5 or abs(oy - xy - 100) > 0.5:  # turned or scaled
        return None
    measure = _Measure(text_page, text, number, ox, oy, whole)
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

    def __init__(
        self, text_page: pypdfium2.PdfTextPage, text: str, number: int, ox: float, oy: float, whole: set[str]
    ) -> None:
        import pypdfium2.raw as raw

        self._page, self._text, self._number, self._ox, self._oy = text_page, text, number, ox, oy
        self._whole, self._handle = whole, address(text_page.raw)
        self._box_of, self._side_of = call("FPDFText_GetLooseCharBox"), call("FPDFText_GetRect")
        self._count_of = call("FPDFText_CountRects")
        self._object_of, self._font_of = call("FPDFText_GetTextObject"), call("FPDFTextObj_GetFont")
        self._box, self._sides = raw.FS_RECTF(), (ctypes.c_double * 4)()
        self._box_at = ctypes.addressof(self._box)
        self._sides_at = tuple(ctypes.addressof(self._sides) + 8 * side for side in range(4))
        #: By font: whether it is bold, and its size for a height of its boxes.
        self._bold: dict[int, bool] = {}
        self._sizes: dict[tuple[int, float], float] = {}

    def line(self, start: int, end: int) -> Line | None:
        """The line, or None if it is not certain that PDFium's text shows it."""
        handle, box, box_at, box_of = self._handle, self._box, self._box_at, self._box_of
        piece = self._text[start:end]
        text = piece.replace("\u00a0", " ").strip(" ")
        first = start + len(piece) - len(piece.lstrip(" \u00a0"))
        last = first + len(text) - 1
        if not box_of(handle, first, box_at):
            return None
        left, top, bottom = box.left, box.top, box.bottom
        if not box_of(handle, last, box_at):
            return None
        right, last_top, last_bottom = box.right, box.top, box.bottom
        height = top - bottom
        far = 0.2 * height
        if not (-far <= last_top - top <= far and -far <= last_bottom - bottom <= far and left < right):
            return None
        font = self._font(first)
        size = self._sizes.get((font, height))
        if size is None or not font:
            size = self._sizes[font, height] = font_size(self._page, first) or height
        columns = False
        if self._count_of(handle, first, len(text)) > 1:
            wide = self._wide_gap(first, len(text), height, left)
            if wide is None:
                return None
            columns, text = wide, self._parted(text, first, size)
        text = " ".join(text.split())
        if text[-1] in _HYPHENS:
            text = text[:-1] + "-"
        space, width = text.find(" "), right - left
        return Line(
            text,
            self._ox + left,
            self._ox + right,
            self._oy - (top if top > last_top else last_top),
            self._oy - (bottom if bottom < last_bottom else last_bottom),
            size,
            self._number,
            self._is_bold(font, first) and self._is_bold(self._font(last), last),
            piece[0] == " ",
            piece[-1] == " ",
            width if space < 0 else width * space / len(text),
            columns,
        )

    def _font(self, index: int) -> int:
        """The address of the character's font, which tells the fonts of one page apart; 0 if it is not known."""
        shown = self._object_of(self._handle, index)
        return self._font_of(shown) if shown else 0

    def _is_bold(self, font: int, index: int) -> bool:
        known = self._bold.get(font) if font else None
        if known is None:
            known = self._bold[font] = is_bold(self._page, index)
        return known

    def _wide_gap(self, first: int, count: int, height: float, start: float) -> bool | None:
        """Whether there is a wide gap between text objects; None where they overlap or go back."""
        handle, side_of, sides, (s0, s1, s2, s3) = self._handle, self._side_of, self._sides, self._sides_at
        before, wide = None, False
        for at in range(self._count_of(handle, first, count)):
            side_of(handle, at, s0, s1, s2, s3)
            left, _, right, _ = sides
            if before is not None:
                gap = left - before
                if gap < -0.35 * height:
                    return None
                if gap > 2.2 * height and before - start > 1.8 * height:
                    wide = True
            before = right
        return wide

    def _parted(self, text: str, first: int, size: float) -> str:
        """A line's text with the spaces that PDFium does not see.

        Programs that kern (troff) write two letters and the gap between their words as one text object. What stands
        between two spaces is looked at once in a document: it is nearly always one word.
        """
        whole, missing, start = self._whole, [], 0
        for piece in text.split(" "):
            if len(piece) > 1 and piece not in whole:
                gaps = self._gaps(first + start, len(piece), size)
                missing += [start + gap for gap in gaps]
                if not gaps:
                    whole.add(piece)
            start += len(piece) + 1
        for at in reversed(missing):
            text = f"{text[:at]} {text[at:]}"
        return text

    def _gaps(self, first: int, count: int, size: float) -> list[int]:
        """Characters of a piece of a line before which there is a gap as wide as a space."""
        box, box_at, end, gaps = self._box, self._box_at, None, []
        for at in range(count):
            self._box_of(self._handle, first + at, box_at)
            if end is not None and box.left - end > 0.17 * size:
                gaps.append(at)
            end = box.right
        return gaps
