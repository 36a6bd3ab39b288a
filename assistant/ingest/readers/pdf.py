"""PDF: text by PDFium, ruled tables by pdfplumber, page numbers on every block."""

from __future__ import annotations

import io
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.errors import ReadError
from assistant.ingest.readers.draft import DraftBuilder, clean
from assistant.ingest.readers.pdf_layout import Paragraph, Style, arrange
from assistant.ingest.readers.pdf_page import Page, is_ruled, read_page
from assistant.ingest.readers.pdf_table import Grid
from assistant.ingest.readers.source import Source
from assistant.ingest.readers.text import LIST_MARKER
from assistant.schema import Draft

if TYPE_CHECKING:
    import pdfplumber
    import pypdfium2

MEDIA_TYPE = "application/pdf"

#: Fewer visible characters per page than this mean that there is no text layer worth the name.
_SPARSE = 10
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
    """Paragraphs, headings and tables of all pages. Raises ReadError: encrypted, damaged or without text."""
    with _pdfium:
        pages, title = _pages(source)
    characters = sum(page.characters for page in pages)
    if characters < _SPARSE * len(pages):
        raise ReadError(
            f"{source.name} has no text layer ({len(pages)} pages, {characters} characters): it was probably scanned.",
            "OCR is needed: run the file through an OCR program, then give the result.",
        )
    builder = DraftBuilder()
    items, style = arrange(pages)
    _write(builder, items, style)
    return builder.build({"title": title if title and not _FILE_TITLE.search(title) else builder.first_heading})


def _pages(source: Source) -> tuple[list[Page], str]:
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
        title = clean(document.get_metadata_dict().get("Title", ""))
        return list(_each_page(document, source)), title
    except pypdfium2.PdfiumError as exc:
        raise ReadError(f"{source.name} is a damaged PDF ({exc}).", "Print it to a new PDF and give that.") from exc
    finally:
        document.close()


def _each_page(document: pypdfium2.PdfDocument, source: Source) -> Iterator[Page]:
    plumber: pdfplumber.PDF | None = None
    try:
        for number, page in enumerate(document, start=1):
            plumbed = None
            if is_ruled(page):
                plumber = plumber or _plumber(source)
                plumbed = plumber.pages[number - 1] if plumber and number <= len(plumber.pages) else None
            yield read_page(page, number, plumbed)
            if plumbed is not None:
                plumbed.close()
            page.close()
    finally:
        if plumber is not None:
            plumber.close()


def _plumber(source: Source) -> pdfplumber.PDF:
    import pdfplumber

    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns about every odd colour
    return pdfplumber.open(io.BytesIO(source.content))


def _write(builder: DraftBuilder, items: Sequence[Paragraph | Grid], style: Style) -> None:
    before: Grid | None = None
    header: list[str] = []
    for item in items:
        if isinstance(item, Paragraph):
            _write_paragraph(builder, item, style.text(item.lines))
            before = None
            continue
        rows = [[style.text(cell, in_cell=True) for cell in row] for row in item.rows]
        continues = before is not None and _same_columns(before, item) and item.page == before.page + 1
        if not continues:
            header = rows.pop(0) if len(rows) > 1 else []
        elif rows[0] == header:
            rows.pop(0)
        builder.table(header, rows, item.page, continues=continues)
        before = item


def _write_paragraph(builder: DraftBuilder, paragraph: Paragraph, text: str) -> None:
    marker = LIST_MARKER.match(text)
    if paragraph.level:
        builder.heading(paragraph.level, text, paragraph.page)
    elif marker:
        builder.list_item(text[marker.end() :], paragraph.page, marker=marker[0].strip())
    else:
        builder.paragraph(text, paragraph.page)


def _same_columns(first: Grid, second: Grid) -> bool:
    return len(first.edges) == len(second.edges) and all(
        abs(a - b) < 3 for a, b in zip(first.edges, second.edges, strict=True)
    )
