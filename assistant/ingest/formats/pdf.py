"""PDF: text by PDFium, ruled tables, recognised text for pages without a usable text layer; a page on every block."""

from __future__ import annotations

import gc
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from assistant.errors import ReadError
from assistant.ingest.formats.draft import DraftBuilder, clean
from assistant.ingest.formats.headless import is_headless
from assistant.ingest.formats.notes import Note
from assistant.ingest.formats.pdf_chars import Line, Paragraph
from assistant.ingest.formats.pdf_layout import arrange
from assistant.ingest.formats.pdf_page import Page, PageReader
from assistant.ingest.formats.pdf_scan import Scanner
from assistant.ingest.formats.pdf_style import Style
from assistant.ingest.formats.pdf_table import Grid, header_rows, without_title
from assistant.ingest.formats.source import Source
from assistant.ingest.formats.text import LIST_MARKER
from assistant.schema import Box, Draft

if TYPE_CHECKING:
    import pypdfium2

MEDIA_TYPE = "application/pdf"

#: Files with more pages are refused: no manual has as many, but a few kilobytes may claim them.
PAGE_LIMIT = 10_000
#: PDFium is not thread-safe.
_pdfium = threading.Lock()
#: Titles that a program made up.
_FILE_TITLE = re.compile(
    r"untitled|microsoft word|제목\s?없음|\.(?:docx?|hwpx?|pptx?|pdf|indd|tex)$|[()]anonymous|^\W*$", re.IGNORECASE
)


def recognises(source: Source) -> bool:
    """The PDF mark within the first 1,024 bytes, as viewers accept it."""
    return b"%PDF-" in source.content[:1024]


def read(source: Source) -> Draft:
    """Paragraphs, headings and tables of all pages; metadata: title, and notes on pages that could not be read.

    Raises ReadError: encrypted, damaged, too many pages, or no page with text.
    """
    with _uncollected():
        return _read(source)


def _read(source: Source) -> Draft:
    scanner = Scanner(source.name)
    with _pdfium:
        pages, title, missing = _pages(source, scanner)
    if not any(page.items for page in pages):
        scanner.refuse(len(pages))
    builder = DraftBuilder()
    items, style = arrange(pages)
    write_items(builder, items, style)
    notes: tuple[Note, ...] = (*scanner.notes(), *missing)
    title = title if title and not _FILE_TITLE.search(title) else builder.first_heading
    return builder.build({"title": title, "notes": notes})


@contextmanager
def _uncollected() -> Iterator[None]:
    """Have Python look for no cycles meanwhile: lines and characters form none, and it takes a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _pages(source: Source, scanner: Scanner) -> tuple[list[Page], str, list[Note]]:
    """All pages, the title that the file gives itself, and notes on what is not stored."""
    import pypdfium2
    import pypdfium2.raw as raw

    try:
        document = pypdfium2.PdfDocument(source.content)
    except pypdfium2.PdfiumError as exc:
        if exc.err_code == raw.FPDF_ERR_PASSWORD:
            raise ReadError(f"{source.name} is encrypted.", "Save a copy without a password.") from exc
        raise ReadError(
            f"{source.name} is a damaged PDF ({exc}).", "Open it in a PDF viewer, print it to a new PDF and give that."
        ) from exc
    try:
        if len(document) > PAGE_LIMIT:
            raise ReadError(
                f"{source.name} has {len(document):,} pages; the limit is {PAGE_LIMIT:,}.", "Split it into parts."
            )
        title = clean(document.get_metadata_dict().get("Title", ""))
        reader = PageReader(document, source.content)
        return list(_each_page(document, scanner, reader)), title, reader.fields.notes()
    finally:
        document.close()


def _each_page(document: pypdfium2.PdfDocument, scanner: Scanner, reader: PageReader) -> Iterator[Page]:
    import pypdfium2

    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError as exc:
            scanner.lost(number, f"the page is damaged ({exc})")
            continue
        try:
            yield scanner.looked_at(page, reader.read(page, number))
        finally:
            page.close()


def write_items(builder: DraftBuilder, items: Sequence[Paragraph | Grid], style: Style) -> None:
    """Write paragraphs and tables; one that goes on over a page break is one table."""
    before: Grid | None = None
    header: list[str] = []
    for item in items:
        if isinstance(item, Paragraph):
            write_paragraph(builder, item, item.text or style.text(item.lines))
            before = None
            continue
        title, item_rows = without_title(item.rows)
        if title:
            builder.paragraph(style.text(title), item.page, _boxes(title))
        rows = [[style.text(cell, in_cell=True) for cell in row] for row in item_rows]
        depth = 0 if is_headless(rows) else header_rows(item_rows)
        places = [_boxes([line for cell in row for line in cell]) for row in item_rows]
        top = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*rows[:depth], strict=True)]
        follows = before is not None and not title and item.page == before.page + 1
        continues = follows and (_same_columns(before, item) or (top == header and bool(top)))
        if not continues:
            header = top if len(rows) > depth else []
        if continues and top == header:
            rows, places = rows[depth:], places[depth:]
        elif not continues and header:
            rows, places = rows[depth:], [tuple(dict.fromkeys(chain.from_iterable(places[:depth]))), *places[depth:]]
        builder.table(header, rows, item.page, continues=continues, boxes=places)
        before = item


def write_paragraph(builder: DraftBuilder, paragraph: Paragraph, text: str) -> None:
    """Write a paragraph as the heading, list item or paragraph that it is, with the places of its lines."""
    marker = LIST_MARKER.match(text)
    boxes = _boxes(paragraph.lines)
    if paragraph.level:
        builder.heading(paragraph.level, text, paragraph.page, boxes)
        return
    turns = _turns(paragraph.lines, text) if paragraph.lines[-1].page != paragraph.page else []
    if marker:
        builder.list_item(text[marker.end() :], paragraph.page, marker=marker[0].strip(), boxes=boxes, turns=turns)
    else:
        builder.paragraph(text, paragraph.page, boxes, turns)


def _turns(lines: Sequence[Line], text: str) -> list[tuple[str, int]]:
    """Each later page that the text of a paragraph runs over to, with the text from there on.

    Counted in letters and figures from the end, as joining lines changes spaces and takes hyphens out.
    """
    found: list[tuple[str, int]] = []
    left = 0
    at = len(text)
    for before, line in reversed(list(pairwise(lines))):
        left += sum(char.isalnum() for char in line.text)
        if line.page != before.page:
            while left and at:
                at -= 1
                left -= text[at].isalnum()
            found.append((text[at:], line.page))
    return found[::-1]


def _boxes(lines: Sequence[Line]) -> tuple[Box, ...]:
    """Places of the lines to a tenth of a point, each once (a merged cell stands in several columns)."""
    boxes = [
        (
            line.page,
            int(10 * line.x0 + 0.5) / 10,
            int(10 * line.top + 0.5) / 10,
            int(10 * line.x1 + 0.5) / 10,
            int(10 * line.bottom + 0.5) / 10,
        )
        for line in lines
    ]
    return tuple(boxes) if len(boxes) < 2 else tuple(dict.fromkeys(boxes))


def _same_columns(first: Grid | None, second: Grid) -> bool:
    return (
        first is not None
        and len(first.edges) == len(second.edges)
        and all(abs(a - b) < 3 for a, b in zip(first.edges, second.edges, strict=True))
    )
