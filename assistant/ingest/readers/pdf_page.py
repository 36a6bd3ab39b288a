"""One page of a PDF: lines of text and ruled tables in reading order. Knows nothing of paragraphs or other pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.readers.pdf_chars import Char, Line, laid_flat, lines_of, rejoined, runs
from assistant.ingest.readers.pdf_table import Grid, grid, split_by_table, tables

if TYPE_CHECKING:
    import pdfplumber.page
    import pypdfium2

#: A page with fewer path segments has no table worth the slower look.
_RULED_SEGMENTS = 8
#: Real space characters per character from which a page is taken to write its spaces out.
_WRITES_SPACES = 0.05


@dataclass(slots=True)
class Page:
    """Lines and tables in reading order. `characters` counts the visible ones; `width`, `height` in points."""

    number: int
    width: float
    height: float
    items: list[Line | Grid] = field(default_factory=list)
    characters: int = 0


def is_ruled(page: pypdfium2.PdfPage) -> bool:
    """Whether the page draws enough lines to hold a ruled table."""
    import pypdfium2.raw as raw

    segments = 0
    for shape in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=3):
        segments += max(0, raw.FPDFPath_CountSegments(shape))
        if segments >= _RULED_SEGMENTS:
            return True
    return False


def read_page(page: pypdfium2.PdfPage, number: int, plumbed: pdfplumber.page.Page | None) -> Page:
    """Characters of a page as lines and tables. `plumbed` is the same page in pdfplumber, if it is ruled."""
    width, height = page.get_size()
    result = Page(number, width, height)
    text_page = page.get_textpage()
    try:
        written = rejoined(runs(page, text_page))
        chars = [char for run in written for char in run]
        result.characters = sum(not char.text.isspace() for char in chars)
        writes_spaces = sum(char.text == " " for char in chars) >= _WRITES_SPACES * max(1, len(chars))
        turned = sum(len(run) for run in written if laid_flat(run) is not run)
        # On a page that lies on its side rows would be taken for columns: its lines are kept as lines.
        found = tables(plumbed) if plumbed is not None and turned < 0.5 * len(chars) else []
        inside: list[list[list[Char]]] = [[] for _ in found]
        order: list[list[Char] | int] = []  # runs, and numbers of tables where their text begins
        for run in written:
            for part, number_of_table in split_by_table(run, found):
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
    finally:
        text_page.close()
    return result
