"""Sets blocks as a workbook with openpyxl: each heading of level 2 opens a sheet.

Amounts and shares are real numbers with a number format; sums are values, so that a reader needs no formulas.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from pdf_build import blocks
from pdf_build.errors import SourceError

from .archive import rewritten
from .markup import plain

FONT = "맑은 고딕"
EDGE = Side(style="thin", color="8A94A3")
RULED = Border(left=EDGE, right=EDGE, top=EDGE, bottom=EDGE)
HEAD_FILL = PatternFill("solid", fgColor="E6EDF5")
AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})*")
SHARE = re.compile(r"(\d+(?:\.\d)?)%")
SHEET_NAME = 31
#: characters that the text column spans, and that one column may be wide at most
TEXT_COLUMNS, WIDEST = 6, 44
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def _number(text: str) -> tuple[str | int | float, str]:
    """The value of a cell and its number format."""
    if AMOUNT.fullmatch(text):
        return int(text.replace(",", "")), "#,##0"
    if found := SHARE.fullmatch(text):
        return round(float(found[1]) / 100, 4), "0.0%"
    return text, "General"


class _Sheet:
    """One sheet and the row that is written next."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet, self.row = sheet, 1
        self.widths: dict[int, int] = {}

    def text(self, text: str, size: float = 10, bold: bool = False) -> None:
        cell = self.sheet.cell(self.row, 1, text)
        cell.font = Font(name=FONT, size=size, bold=bold)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        self.sheet.merge_cells(start_row=self.row, start_column=1, end_row=self.row, end_column=TEXT_COLUMNS)
        self.sheet.row_dimensions[self.row].height = size * 1.6 * (1 + len(text) // 60)
        self.row += 1

    def table(self, block: blocks.Table) -> None:
        for number, row in enumerate((block.header, *block.rows)):
            for column, markup in enumerate(row, 1):
                value, form = _number(plain(markup))
                cell = self.sheet.cell(self.row, column, value)
                cell.number_format, cell.border = form, RULED
                cell.font = Font(name=FONT, size=10, bold=number == 0)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if number == 0:
                    cell.fill = HEAD_FILL
                width = min(WIDEST, max(10, len(plain(markup)) * 2))
                self.widths[column] = max(self.widths.get(column, 0), width)
            self.row += 1
        self.row += 1

    def finish(self) -> None:
        for column, width in self.widths.items():
            self.sheet.column_dimensions[get_column_letter(column)].width = width


def xlsx_bytes(document_blocks: Sequence[blocks.Block], title: str, author: str, mark: str, written: date) -> bytes:
    """Return the XLSX file, the same bytes for the same blocks. Raises SourceError before a first sheet."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    sheets: list[_Sheet] = []
    opening: list[tuple[str, float, bool]] = []
    for block in document_blocks:
        match block:
            case blocks.Heading(level=1):
                opening.append((plain(block.markup), 14, True))
            case blocks.Heading(level=2):
                name = plain(block.markup)
                if len(name) > SHEET_NAME:
                    raise SourceError(f"{title}: sheet name {name!r} is too long")
                sheets.append(_Sheet(workbook.create_sheet(name)))
                for line in opening or [(f"{title} · {mark}", 10, False)]:
                    sheets[-1].text(*line)
                opening = []
                sheets[-1].text(name, 12, True)
            case blocks.Notice() if not sheets:
                opening.append((plain(block.markup), 10, False))
            case blocks.Heading() if sheets:
                sheets[-1].text(plain(block.markup), 11, True)
            case blocks.Paragraph() | blocks.Bullet() if sheets:
                sheets[-1].text(plain(block.markup))
            case blocks.Table() if sheets:
                sheets[-1].table(block)
            case _:
                raise SourceError(f"{title}: a {type(block).__name__} cannot be set here in XLSX")
    for sheet in sheets:
        sheet.finish()
    day = datetime(written.year, written.month, written.day)
    properties = workbook.properties
    properties.title, properties.creator, properties.created, properties.language = title, author, day, "ko-KR"
    target = io.BytesIO()
    workbook.save(target)
    stamp = day.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return rewritten(target.getvalue(), lambda name, content: MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content))
