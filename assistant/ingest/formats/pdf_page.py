"""One page of a PDF: lines of text and ruled tables in reading order. Knows nothing of paragraphs or other pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.ingest.formats.pdf_chars import Box, Char, Line, Paragraph, Place, runs, upright
from assistant.ingest.formats.pdf_columns import in_columns
from assistant.ingest.formats.pdf_fields import Beside, Fields, placed
from assistant.ingest.formats.pdf_levels import closed, level_table, may_be_tables
from assistant.ingest.formats.pdf_lines import laid_flat, lines_of, rejoined
from assistant.ingest.formats.pdf_lost import Lost
from assistant.ingest.formats.pdf_plain import plain_lines
from assistant.ingest.formats.pdf_rules import rules
from assistant.ingest.formats.pdf_seen import has_layers, hide_unseen, is_simple
from assistant.ingest.formats.pdf_struck import may_strike, strikes, unstruck
from assistant.ingest.formats.pdf_table import Grid, Table, grid, overlaps, split_by_table, tables

if TYPE_CHECKING:
    import pypdfium2

#: Real space characters per character from which a page is taken to write its spaces out.
_WRITES_SPACES = 0.05
#: A line of which so much is on the page runs off it by mistake; its words are kept whole.
_CUT_OFF = 0.7
#: Nobody reads characters of this height (points: type of 2 points), unless the page itself is small.
_UNREADABLE, _SMALL_PAGE = 2.6, 300.0


@dataclass(slots=True)
class Page:
    """Lines and tables in reading order; `width` and `height` in points.

    `characters` counts the visible ones, `broken` those of them that mean nothing: without a Unicode value, or of the
    private use area. A page whose text was recognised holds paragraphs.
    """

    number: int
    width: float
    height: float
    items: list[Line | Grid | Paragraph] = field(default_factory=list)
    characters: int = 0
    broken: int = 0


class PageReader:
    """Reads the pages of one document. `content`: the file's bytes."""

    def __init__(self, document: pypdfium2.PdfDocument, content: bytes) -> None:
        self.fields = Fields(document)
        self._layered = has_layers(content)
        self._lost = Lost(content)
        #: Words of the document so far (see `plain_lines`).
        self._whole: set[str] = set()

    def read(self, page: pypdfium2.PdfPage, number: int) -> Page:
        """The page's characters as lines and tables."""
        result = Page(number, *page.get_size())
        place = upright(page)
        simple = not self._layered and is_simple(page)
        flat = [] if simple else hide_unseen(page, place, self._layered)
        beside = self.fields.on(page, number, place)
        text_page = page.get_textpage()
        try:
            edges = [] if simple else rules(page, place)
            crossed = strikes(edges, beside.struck)
            found = tables(closed(edges))
            bare = may_be_tables(edges)
            lost = self._lost.chars(number, flat, place)
            plain = None
            if not (found or lost or beside.values):
                plain = plain_lines(page, text_page, number, place, self._whole)
            is_read = plain is not None and not plain.in_columns and not (crossed and may_strike(crossed, plain.lines))
            if not is_read or bare:
                written = unstruck(_runs(text_page, place, result, lost, plain is not None), crossed)
                found += [table for group in bare if (table := level_table(group, written)) is not None]
            if plain is not None and is_read and not found:
                lines = [line for line in plain.lines if _is_seen(line, result)]
                result.items = list(lines)
                result.characters = len("".join([line.text for line in lines]).replace(" ", ""))
            else:
                _arrange(result, written, text_page, place, found, beside)
        finally:
            text_page.close()
        return result


def _runs(
    text_page: pypdfium2.PdfTextPage, place: Place, result: Page, lost: list[Char], is_latin: bool
) -> list[list[Char]]:
    """The runs of characters of the page, those that are too small or lie beside the page left out."""
    width, height = result.width, result.height
    smallest = _UNREADABLE if height > _SMALL_PAGE else 0.0
    written = [
        [char for char in _on_page(run, width, height) if max(char.x1 - char.x0, char.bottom - char.top) > smallest]
        for run in runs(text_page, place, guessed_spaces=is_latin)
    ]
    return rejoined([*(run for run in written if run), *([char] for char in lost)])


def _on_page(run: list[Char], width: float, height: float) -> list[Char]:
    """The characters of a run that lie on the page; all of them if a word at its edge is cut off."""
    seen = [
        char
        for char in run
        if -1 < (char.x0 + char.x1) / 2 < width + 1 and -1 < (char.top + char.bottom) / 2 < height + 1
    ]
    if len(seen) == len(run) or len(seen) < _CUT_OFF * len(run):
        return seen
    apart = any(b.x0 - a.x1 > a.size for a, b in pairwise(run) if b.x1 > width or a.x0 < 0)
    return seen if apart else run


def _is_seen(line: Line, page: Page) -> bool:
    across, down = (line.x0 + line.x1) / 2, (line.top + line.bottom) / 2
    on_page = -1 < across < page.width + 1 and -1 < down < page.height + 1
    return on_page and (line.bottom - line.top > _UNREADABLE or page.height <= _SMALL_PAGE)


def _box(run: Sequence[Char]) -> Box:
    return run[0].x0, run[0].top, run[-1].x1, run[-1].bottom


def _arrange(
    result: Page,
    written: list[list[Char]],
    text_page: pypdfium2.PdfTextPage,
    place: Place,
    found: list[Table],
    beside: Beside,
) -> None:
    """Character by character: where there are tables, or scripts whose spaces PDFium gets wrong."""
    number = result.number
    chars = [char for run in written for char in run]
    result.characters = sum(not char.text.isspace() for char in chars)
    result.broken = sum(char.text < " " or char.text == "\ufffd" or "\ue000" <= char.text <= "\uf8ff" for char in chars)
    writes_spaces = sum(char.text == " " for char in chars) >= _WRITES_SPACES * max(1, len(chars))
    if found and sum(len(run) for run in written if laid_flat(run) is not run) >= 0.5 * len(chars):
        found = []  # on a page that lies on its side rows would be taken for columns: its lines are kept as lines
    if beside.values:
        written = placed(written, beside.values, lambda box: any(overlaps(table.box, box) for table in found))
    written = in_columns(written, lambda run: any(overlaps(table.box, _box(run)) for table in found))
    inside: list[list[list[Char]]] = [[] for _ in found]
    order: list[list[Char] | int] = []  # runs, and numbers of tables where their text begins
    for run in written:
        for part, number_of_table in split_by_table(run, found) if found else [(run, None)]:
            if number_of_table is None:
                order.append(part)
                continue
            if not inside[number_of_table]:
                order.append(number_of_table)
            inside[number_of_table].append(part)
    for entry in order:
        parts = [entry] if isinstance(entry, list) else inside[entry]
        table = None if isinstance(entry, list) else grid(found[entry], parts, number, writes_spaces, text_page, place)
        if table is not None:
            result.items.append(table)
            continue
        for part in parts:  # also a frame around text, which is no table
            result.items += lines_of(part, number, writes_spaces, text_page, place)
