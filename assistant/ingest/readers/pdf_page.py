"""One page of a PDF: lines of text and ruled tables in reading order. Knows nothing of paragraphs or other pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.readers.pdf_chars import Char, Line, Paragraph, laid_flat, lines_of, rejoined, runs, upright
from assistant.ingest.readers.pdf_plain import plain_lines
from assistant.ingest.readers.pdf_table import Grid, Table, grid, split_by_table, tables

if TYPE_CHECKING:
    import pypdfium2

#: Real space characters per character from which a page is taken to write its spaces out.
_WRITES_SPACES = 0.05


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


def read_page(page: pypdfium2.PdfPage, number: int, whole: set[str]) -> Page:
    """Characters of a page as lines and tables. `whole`: words of the document so far (see `plain_lines`)."""
    width, height = page.get_size()
    result = Page(number, width, height)
    text_page = page.get_textpage()
    try:
        place = upright(page)
        found = tables(page, place)
        lines = plain_lines(page, text_page, number, place, whole) if not found else None
        if lines is not None:
            result.items = list(lines)
            result.characters = len("".join(line.text for line in lines).replace(" ", ""))
        else:
            _read_exactly(result, page, text_page, found)
    finally:
        text_page.close()
    return result


def _read_exactly(result: Page, page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, found: list[Table]) -> None:
    """Character by character: where there are tables, or scripts whose spaces PDFium gets wrong."""
    number = result.number
    written = rejoined(runs(page, text_page))
    chars = [char for run in written for char in run]
    result.characters = sum(not char.text.isspace() for char in chars)
    result.broken = sum(char.text < " " or char.text == "\ufffd" or "\ue000" <= char.text <= "\uf8ff" for char in chars)
    writes_spaces = sum(char.text == " " for char in chars) >= _WRITES_SPACES * max(1, len(chars))
    if found and sum(len(run) for run in written if laid_flat(run) is not run) >= 0.5 * len(chars):
        found = []  # on a page that lies on its side rows would be taken for columns: its lines are kept as lines
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
        table = None if isinstance(entry, list) else grid(found[entry], parts, number, writes_spaces, text_page)
        if table is not None:
            result.items.append(table)
            continue
        for part in parts:  # also a frame around text, which is no table
            result.items += lines_of(part, number, writes_spaces, text_page)
