"""Lines of a PDF page without a look at every character: for pages in Latin letters whose lines hold no surprise.

PDFium's own text is right there. A line gets the boxes of its first and last character and of its text objects;
where they overlap or go back, or the text is turned, the line (or the page) is read character by character.
"""

from __future__ import annotations

import ctypes
import math
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.ingest.formats.pdf_calls import call, parts
from assistant.ingest.formats.pdf_chars import Char, Line, Place, font_size, is_bold, runs, sides_of
from assistant.ingest.formats.pdf_columns import WIDE, has_columns, has_wide_gap, may_be_columns
from assistant.ingest.formats.pdf_lines import LONGEST_MARK, MARKS, lines_of, rejoined

if TYPE_CHECKING:
    import pypdfium2

#: Everything else is read character by character: Korean above all, whose spaces PDFium gets wrong.
_PLAIN = re.compile(
    r"[\x02\r\n -~\u00a0-\u024f\u02b0-\u02ff\u0370-\u03ff\u2000-\u23ff\u2500-\u27bf\ufb00-\ufb04\ufffe]*"
)
_doubles = struct.Struct("4d").unpack_from
_HYPHENS = ("\x02", "\ufffe", "\u00ad")
_BLANKS = (" ", "\u00a0")
_WORD = re.compile(r"[^ \u00a0]+")
#: Marks that stand behind words without a space.
_MARKS_BEHIND = ".,;:!?"
_PIECE = re.compile(r"[^\r\n\x02\ufffe\u00ad]+[\x02\ufffe\u00ad]?|[\x02\ufffe\u00ad]")


@dataclass(frozen=True, slots=True)
class Plain:
    """The lines of a page, and whether they run across columns of text."""

    lines: list[Line]
    in_columns: bool


def plain_lines(
    page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, number: int, place: Place, whole: set[str]
) -> Plain | None:
    """Lines in the order of the file; None if PDFium's text does not show them.

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
        exact = rejoined(runs(text_page, place, start, end, guessed_spaces=True))
        writes_spaces = text.count(" ", start, end) > 0
        lines += [line for run in exact for line in lines_of(run, number, writes_spaces, text_page, place)]
    short = [line for line in lines if len(line.text) <= LONGEST_MARK]
    if any(_is_mark(line, lines) for line in short):
        return None
    if not may_be_columns(lines):
        return Plain(lines, in_columns=False)
    parted = [(measure.words(start, end), line) for start, end, line in groups]
    for words, line in parted:
        if line is not None and not line.has_columns:
            line.has_columns = has_wide_gap(words, line.size)
    return Plain(lines, has_columns([words for words, _ in parted]))


def _is_mark(line: Line, lines: list[Line]) -> bool:
    """Whether a line is a small mark inside another one, drawn apart from it."""
    return MARKS.issuperset(line.text) and any(
        other.x0 < line.x0 < other.x1 + 0.3 * other.size
        and other.top - 0.5 * other.size < line.top < other.bottom
        and line.size < 0.9 * other.size
        for other in lines
    )


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
    gap, height = line.x0 - before.x1, line.bottom - line.top
    if not -0.45 * height < gap < 0.25 * height:  # most lines: the next one begins at the left
        return False
    size, larger = sorted((before.bottom - before.top, height))
    overlap = min(before.bottom, line.bottom) - max(before.top, line.top)
    if size > 0.9 * larger:
        return abs(gap) < 0.25 * size and overlap > 0.5 * size
    return -0.45 * size < gap < 0.25 * size and overlap > 0.2 * size


class _Measure:
    """Measures lines of one page that is neither turned nor scaled; `ox`, `oy` is its origin on the page as shown."""

    def __init__(
        self, text_page: pypdfium2.PdfTextPage, text: str, number: int, ox: float, oy: float, whole: set[str]
    ) -> None:
        import pypdfium2.raw as raw

        self._page, self._text, self._number, self._ox, self._oy = text_page, text, number, ox, oy
        height = float(raw.FPDF_GetPageHeightF(text_page.page))
        self._edges = 0.13 * height, 0.87 * height  # where heads and feet stand
        self._whole, self._handle = whole, text_page.raw
        self._box_of, self._side_of = call("FPDFText_GetLooseCharBox"), call("FPDFText_GetRect")
        self._count_of = call("FPDFText_CountRects")
        self._object_of, self._font_of = call("FPDFText_GetTextObject"), call("FPDFTextObj_GetFont", ctypes.c_void_p)
        self._box, self._sides = raw.FS_RECTF(), (ctypes.c_double * 4)()
        self._box_at = ctypes.byref(self._box)
        self._sides_at = parts(self._sides)
        #: By font: whether it is bold, and its size for a height of its boxes.
        self._bold: dict[int, bool] = {}
        self._sizes: dict[tuple[int, float], float] = {}

    def line(self, start: int, end: int) -> Line | None:
        """The line, or None if it is not certain that PDFium's text shows it."""
        handle, box, box_at, box_of = self._handle, self._box, self._box_at, self._box_of
        piece = self._text[start:end]
        text = piece.strip(" \u00a0")
        first = start if piece[0] == text[0] else start + len(piece) - len(piece.lstrip(" \u00a0"))
        last = first + len(text) - 1
        letter = first
        if not box_of(handle, first, box_at):
            return None
        left, top, _, bottom = sides_of(box)
        if text[1:2] in _BLANKS and text[2:3].isalnum() and not text[0].isalnum():  # a bullet, often of another font
            letter += 2
            box_of(handle, letter, box_at)
            _, top, _, bottom = sides_of(box)
        if not box_of(handle, last, box_at):
            return None
        _, last_top, right, last_bottom = sides_of(box)
        height = top - bottom
        far = 0.2 * height
        if not (-far <= last_top - top <= far and -far <= last_bottom - bottom <= far and left < right):
            return None
        font = self._font(letter)
        size = self._sizes.get((font, height))
        if size is None or not font:
            size = self._sizes[font, height] = font_size(self._page, letter) or height
        columns, bold = False, self._is_bold(font, letter)
        if (count := self._count_of(handle, first, len(text))) > 1:  # text objects
            wide = self._wide_gap(count, height, left, bottom)
            if wide is None:
                return None
            columns, text = wide, self._parted(text.replace("\u00a0", " "), first, size)
            bold = bold and self._is_bold(self._font(last), last)
        if not text.isascii() or "  " in text:
            text = " ".join(text.split())
        if text[-1] in _HYPHENS:
            text = text[:-1] + "-"
        space, width = text.find(" "), right - left
        at_edge = self._oy - bottom < self._edges[0] or self._oy - top > self._edges[1]
        return Line(
            text,
            self._ox + left,
            self._ox + right,
            self._oy - (top if top > last_top else last_top),
            self._oy - (bottom if bottom < last_bottom else last_bottom),
            size,
            self._number,
            bold,
            piece[0] == " ",
            piece[-1] == " ",
            width if space < 0 else width * space / len(text),
            columns,
            self._wide_gaps(text, piece, start, size) if at_edge and space > 0 else (),
        )

    def words(self, start: int, end: int) -> list[Char]:
        """The words of a line and the spaces between them, each as if it were one character."""
        box, box_at, box_of, handle, ox, oy = self._box, self._box_at, self._box_of, self._handle, self._ox, self._oy
        found: list[Char] = []
        for word in _WORD.finditer(self._text, start, end):
            box_of(handle, word.start(), box_at)
            left, top, _, bottom = sides_of(box)
            box_of(handle, word.end() - 1, box_at)
            if found:
                found.append(Char(" ", found[-1].x1, found[-1].x1, oy - top, oy - bottom, -1))
            found.append(Char(word[0], ox + left, ox + box.right, oy - top, oy - bottom, word.start()))
        return found

    def _wide_gaps(self, text: str, piece: str, start: int, size: float) -> tuple[int, ...]:
        """Places in the text that are followed by a wide gap (see `Line`)."""
        box, box_at, box_of, handle = self._box, self._box_at, self._box_of, self._handle
        places = [at + 1 for at, char in enumerate(text) if char != " "]  # where the first, second, … character ends
        found: list[int] = []
        at, end = 0, 0.0
        for word in _WORD.finditer(piece):
            first = start + word.start()
            box_of(handle, first, box_at)
            if at and box.left - end > 1.2 * size:
                found.append(places[at - 1])
            box_of(handle, start + word.end() - 1, box_at)
            end = box.right
            at = min(at + len(word[0]), len(places))
        return tuple(found)

    def _font(self, index: int) -> int:
        """The address of the character's font, which tells the fonts of one page apart; 0 if it is not known."""
        shown = self._object_of(self._handle, index)
        return self._font_of(shown) if shown else 0

    def _is_bold(self, font: int, index: int) -> bool:
        known = self._bold.get(font) if font else None
        if known is None:
            known = self._bold[font] = is_bold(self._page, index)
        return known

    def _wide_gap(self, count: int, height: float, start: float, bottom: float) -> bool | None:
        """Whether there is a wide gap between the text objects that were counted last; None where they overlap, go
        back, or are raised.
        """
        handle, side_of, sides, (s0, s1, s2, s3) = self._handle, self._side_of, self._sides, self._sides_at
        before, wide = None, False
        # Where the letters of a figure end that stands higher, or begin that stands lower, than the line.
        raised, lowered, low, thin = (bottom + part * height for part in (0.36, 0.19, 0.55, 0.14))
        thin -= bottom
        for at in range(count):
            side_of(handle, at, s0, s1, s2, s3)
            left, top, right, foot = _doubles(sides)
            if foot > raised or (foot < lowered and lowered < top < low and right - left > thin):
                return None
            if before is not None:
                gap = left - before
                if gap < -0.35 * height:
                    return None
                if gap > WIDE * height and before - start > 1.8 * height:
                    wide = True
            before = right
        return wide

    def _parted(self, text: str, first: int, size: float) -> str:
        """A line's text with the spaces that PDFium does not see.

        Programs that kern (troff) write two letters and the gap between their words as one text object. What stands
        between two spaces is looked at once in a document: it is nearly always one word.
        """
        whole, missing, start = self._whole, [], 0
        pieces = text.split(" ")
        if whole.issuperset(pieces):
            return text
        for piece in pieces:
            if piece not in whole:
                word = piece.rstrip(_MARKS_BEHIND)
                word = word if word[-1:].isalnum() else piece
                gaps = [] if word in whole else self._gaps(first + start, len(word), size)
                missing += [start + gap for gap in gaps]
                if not gaps:
                    whole.update((piece, word))
            start += len(piece) + 1
        for at in reversed(missing):
            text = f"{text[:at]} {text[at:]}"
        return text

    def _gaps(self, first: int, count: int, size: float) -> list[int]:
        """Characters of a piece of a line before which there is a gap as wide as a space."""
        box, box_at, box_of, handle = self._box, self._box_at, self._box_of, self._handle
        end, gaps = math.inf, []
        for at in range(count):
            box_of(handle, first + at, box_at)
            left, _, right, _ = sides_of(box)
            if left - end > 0.17 * size:
                gaps.append(at)
            end = right
        return gaps
