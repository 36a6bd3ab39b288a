"""Sets blocks as a Word document with python-docx."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.document import Document as DocxDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph as DocxParagraph
from pdf_build import blocks
from pdf_build.errors import SourceError

from .archive import rewritten
from .markup import runs

FONT = "맑은 고딕"
STYLES = {"Normal": 10, "Title": 20, "Heading 1": 15, "Heading 2": 12, "List Bullet": 10, "List Number": 10}
HEAD_FILL = "E6EDF5"
INK = RGBColor(0x1C, 0x24, 0x30)


def _property(name: str, **values: str) -> Any:
    element = OxmlElement(name)
    for key, value in values.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _set_styles(document: DocxDocument) -> None:
    for name, size in STYLES.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(fonts.attrib):
            if key.endswith("Theme"):
                del fonts.attrib[key]
        fonts.set(qn("w:eastAsia"), FONT)
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2)
        section.top_margin = section.bottom_margin = Cm(2.2)


def _write(paragraph: DocxParagraph, markup: str, bold: bool = False, size: float | None = None) -> None:
    for text, strong in runs(markup):
        run = paragraph.add_run(text)
        run.bold = True if bold or strong else None
        if size:
            run.font.size = Pt(size)


def _cell(cell: _Cell, markup: str, head: bool) -> None:
    _write(cell.paragraphs[0], markup, bold=head, size=8.5)
    if head:
        cell._tc.get_or_add_tcPr().append(_property("w:shd", val="clear", color="auto", fill=HEAD_FILL))


def _table(document: DocxDocument, block: blocks.Table) -> None:
    table = document.add_table(rows=0, cols=len(block.header), style="Table Grid")
    for number, row in enumerate((block.header, *block.rows)):
        for cell, markup in zip(table.add_row().cells, row, strict=True):
            _cell(cell, markup, head=number == 0)
    table.rows[0]._tr.get_or_add_trPr().append(_property("w:tblHeader", val="true"))
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _page_number(paragraph: DocxParagraph) -> None:
    for part in ("begin", "PAGE", "end"):
        run = paragraph.add_run()
        if part == "PAGE":
            instruction = OxmlElement("w:instrText")
            instruction.text = part
            run._r.append(instruction)
        else:
            run._r.append(_property("w:fldChar", fldCharType=part))


def _block(document: DocxDocument, block: blocks.Block) -> None:
    match block:
        case blocks.Heading(level=1):
            _write(document.add_paragraph(style="Title"), block.markup)
        case blocks.Heading():
            _write(document.add_paragraph(style=f"Heading {block.level - 1}"), block.markup)
        case blocks.Paragraph() | blocks.Notice():
            _write(document.add_paragraph(), block.markup)
        case blocks.Bullet():
            _write(document.add_paragraph(style="List Bullet"), block.markup)
        case blocks.Step():
            _write(document.add_paragraph(style="List Number"), block.markup)
        case blocks.Table():
            _table(document, block)
        case _:
            raise SourceError(f"a {type(block).__name__} cannot be set in DOCX")


def docx_bytes(document_blocks: Sequence[blocks.Block], title: str, author: str, header: str, written: date) -> bytes:
    """Return the DOCX file, the same bytes for the same blocks."""
    document = Document()
    _set_styles(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments, properties.language = title, author, "", "ko-KR"
    properties.created = properties.modified = datetime(written.year, written.month, written.day)
    properties.last_modified_by = author
    document.sections[0].header.paragraphs[0].add_run(header)
    _page_number(document.sections[0].footer.paragraphs[0])
    for block in document_blocks:
        _block(document, block)
    target = io.BytesIO()
    document.save(target)
    return rewritten(target.getvalue(), lambda name, content: content)
