"""PDF: text by PDFium, ruled tables, recognised text for pages without a usable text layer; a page on every block."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.errors import ReadError
from assistant.ingest.readers.draft import DraftBuilder, clean
from assistant.ingest.readers.notes import Note
from assistant.ingest.readers.pdf_chars import Line, Paragraph
from assistant.ingest.readers.pdf_layout import Style, arrange
from assistant.ingest.readers.pdf_page import Page, read_page
from assistant.ingest.readers.pdf_scan import Scanner
from assistant.ingest.readers.pdf_table import Grid
from assistant.ingest.readers.source import Source
from assistant.ingest.readers.text import LIST_MARKER
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
    scanner = Scanner(source.name)
    with _pdfium:
        pages, title = _pages(source, scanner)
    if not any(page.items for page in pages):
        scanner.refuse(len(pages))
    builder = DraftBuilder()
    items, style = arrange(pages)
    _write(builder, items, style)
    notes: tuple[Note, ...] = scanner.notes()
    title = title if title and not _FILE_TITLE.search(title) else builder.first_heading
    return builder.build({"title": title, "notes": notes})


def _pages(source: Source, scanner: Scanner) -> tuple[list[Page], str]:
    """All pages, and the title that the file gives itself."""
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
        return list(_each_page(document, scanner)), title
    finally:
        document.close()


def _each_page(document: pypdfium2.PdfDocument, scanner: Scanner) -> Iterator[Page]:
    import pypdfium2

    whole: set[str] = set()
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError as exc:
            scanner.lost(number, f"the page is damaged ({exc})")
            continue
        try:
            yield scanner.looked_at(page, read_page(page, number, whole))
        finally:
            page.close()


def _write(builder: DraftBuilder, items: Sequence[Paragraph | Grid], style: Style) -> None:
    before: Grid | None = None
    header: list[str] = []
    for item in items:
        if isinstance(item, Paragraph):
            write_paragraph(builder, item, item.text or style.text(item.lines))
            before = None
            continue
        rows = [[style.text(cell, in_cell=True) for cell in row] for row in item.rows]
        places = [_boxes([line for cell in row for line in cell]) for row in item.rows]
        continues = before is not None and _same_columns(before, item) and item.page == before.page + 1
        if not continues:
            header = rows.pop(0) if len(rows) > 1 else []
        elif rows[0] == header:
            rows.pop(0)
            places.pop(0)
        builder.table(header, rows, item.page, continues=continues, boxes=places)
        before = item


def write_paragraph(builder: DraftBuilder, paragraph: Paragraph, text: str) -> None:
    """Write a paragraph as the heading, list item or paragraph that it is, with the places of its lines."""
    marker = LIST_MARKER.match(text)
    boxes = _boxes(paragraph.lines)
    if paragraph.level:
        builder.heading(paragraph.level, text, paragraph.page, boxes)
    elif marker:
        builder.list_item(text[marker.end() :], paragraph.page, marker=marker[0].strip(), boxes=boxes)
    else:
        builder.paragraph(text, paragraph.page, boxes)


def _boxes(lines: Sequence[Line]) -> tuple[Box, ...]:
    """Places of the lines to a tenth of a point, each once (a merged cell stands in several columns)."""
    boxes = [
        (line.page, round(line.x0, 1), round(line.top, 1), round(line.x1, 1), round(line.bottom, 1)) for line in lines
    ]
    return tuple(boxes) if len(boxes) < 2 else tuple(dict.fromkeys(boxes))


def _same_columns(first: Grid, second: Grid) -> bool:
    return len(first.edges) == len(second.edges) and all(
        abs(a - b) < 3 for a, b in zip(first.edges, second.edges, strict=True)
    )
