"""Workbooks: Excel, OpenDocument, CSV."""

# ruff: noqa: E501 - the table of files reads better with a line for each

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.ingest.formats import read
from assistant.schema import Draft
from tests.ingest.formats import test_odf as odf
from tests.ingest.formats import test_xlsx_seen as excel
from tests.ingest.kinds import Case

c, rows = excel.c, excel.rows


def _book(data: str, *more: str, **parts: object) -> Callable[[Path], Draft]:
    return lambda folder: excel.workbook(folder / "a.xlsx", data, *more, **parts)  # type: ignore[arg-type]


def _sheet(
    *lines: str, before: str = "", styles: str = "", name: str = "단가", table: str = ""
) -> Callable[[Path], Draft]:
    body = f'<table:table table:name="{name}" {table}>{before}' + "".join(
        f"<table:table-row>{line}</table:table-row>" for line in lines
    )
    return lambda folder: odf.of(folder, odf.document("spreadsheet", body + "</table:table>", odf._LOOKS + styles))


def d(text: str, extra: str = "") -> str:
    return f"<table:table-cell {extra}><text:p>{text}</text:p></table:table-cell>"


def _csv(content: str | bytes, name: str = "a.csv") -> Callable[[Path], Draft]:
    def make(folder: Path) -> Draft:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(folder / name)

    return make


_HEAD = c("A1", "품목") + c("B1", "값")
_STRUCK = odf.style("out", 'style:text-line-through-style="solid"', "table-cell")
_LINES = "품목,값\n볼트,90\n너트,80\n"
CASES = [
    Case("withdrawn", "XLSX", "struck cell", _book(rows(_HEAD, c("A2", "볼트") + c("B2", 70, 1), c("A3", "너트") + c("B3", 90))), ("너트 | 90",), ("70",)),
    Case("withdrawn", "XLSX", "struck part of a cell", _book(rows(_HEAD, c("A2", "볼트") + c("B2", "<r><rPr><strike/></rPr><t>70</t></r><r><t>90</t></r>"))),
         ("볼트 | 90",), ("70",)),
    Case("withdrawn", "XLSX", "struck row style", _book(rows(_HEAD, c("A2", "볼트", 1) + c("B2", 70, 1), c("A3", "너트") + c("B3", 90))), ("너트 | 90",), ("70", "볼트")),
    Case("withdrawn", "ODS", "struck cell", _sheet(d("품목") + d("값"), d("볼트") + d("70", 'table:style-name="out"'), d("너트") + d("90"), styles=_STRUCK), ("너트 | 90",), ("70",)),
    Case("withdrawn", "ODS", "struck part of a cell", _sheet(d("품목") + d("값"), d("볼트") + d(odf.span("struck", "70") + "90")), ("볼트 | 90",), ("70",)),
    Case("withdrawn", "ODS", "struck by the column", _sheet(d("품목") + d("값"), d("볼트") + d("70"), before='<table:table-column/><table:table-column '
         'table:default-cell-style-name="out"/>', styles=_STRUCK), ("품목",), ("70",)),
    Case("raised", "XLSX", "part of a cell", _book(rows(_HEAD, c("A2", "한도") + c("B2", "<r><t>50</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1)</t></r><r><t>백만원</t></r>"))),
         ("50¹⁾백만원",)),
    Case("raised", "ODS", "part of a cell", _sheet(d("품목") + d("값"), d("한도") + d(f"50{odf.span('up', '1)')}백만원")), ("50¹⁾백만원",)),
    Case("values", "XLSX", "negative in brackets, percent, date", _book(rows(_HEAD + c("C1", "일자"), c("A2", -1200, 5) + c("B2", 0.125, 6) + c("C2", 46054, 7))),
         ("(1,200) | 12.5% | 2026-02-01",)),
    Case("values", "XLSX", "formula without result", _book(rows(_HEAD, '<c r="A2"><f>SUM(D1:D9)</f></c>' + c("B2", 3))), noted="formula"),
    Case("values", "XLSX", "merged cells", _book(rows(_HEAD, c("A2", "볼트") + c("B2", 90), c("B3", 91)), "", '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'),
         ("볼트 | 90", "볼트 | 91")),
    Case("values", "ODS", "percent and negative formats", _sheet(
        d("항목") + d("값"), d("할인") + d("12.5%", 'office:value-type="percentage" office:value="0.125"'),
        d("손익") + d("(1,200)", 'office:value-type="float" office:value="-1200"'), d("마감") + d("26. 2. 1", 'office:value-type="date" office:date-value="2026-02-01"')),
        ("할인 | 12.5%", "손익 | (1,200)", "마감 | 26. 2. 1")),
    Case("values", "ODS", "formula without result", _sheet(d("항목") + d("값"), d("합") + '<table:table-cell table:formula="of:=[.A1]*2"/>'), noted="formula"),
    Case("values", "ODS", "merged cells", _sheet(d("품목") + d("값"), d("볼트", 'table:number-rows-spanned="2"') + d("90"), "<table:covered-table-cell/>" + d("91")),
         ("볼트 | 90", "볼트 | 91")),
    Case("values", "ODS", "value without shown text", _sheet(d("항목") + d("값"), d("할인") + '<table:table-cell office:value-type="float" office:value="93"/>'), ("할인 | 93",)),
    Case("layout", "CSV", "title lines and semicolons", _csv("2026년 단가표\n\n품목;값\n볼트;90\n너트;80\n"), ("품목 | 값", "볼트 | 90")),
    Case("layout", "CSV", "sep= and a mark", _csv("\ufeffsep=;\r\n품목;값\r\n볼트;90\r\n너트;80\r\n"), ("품목 | 값", "볼트 | 90"), ("sep=",)),
    Case("layout", "CSV", "quoted line breaks", _csv('품목,값\n"볼트\n긴 것",90\n너트,80\n'), ("볼트 긴 것 | 90",)),
    Case("layout", "CSV", "unequal rows", _csv("품목,값,비고\n볼트,90\n너트,80,특가,덤\n와셔,70,\n"), ("볼트 | 90", "너트 | 80 | 특가 | 덤")),
    Case("layout", "TSV", "tabs", _csv("품목\t값\n볼트\t90\n너트\t80\n", "a.tsv"), ("품목 | 값", "볼트 | 90")),
    Case("layout", "XLSX", "title above the header", _book(rows(c("A1", "2026년 단가표"), c("A2", "품목") + c("B2", "값"), c("A3", "볼트") + c("B3", 90), c("A4", "너트") + c("B4", 80))),
         ("2026년 단가표", "품목 | 값", "볼트 | 90")),
    Case("unseen", "XLSX", "hidden row and column", _book(rows(_HEAD + c("C1", "원가"), c("A2", "볼트") + c("B2", 90) + c("C2", 70), c("A3", "비밀") + c("B3", 71), hidden=(3,)),
         '<cols><col min="3" max="3" hidden="1"/></cols>'), ("볼트 | 90",), ("70", "비밀")),
    Case("unseen", "XLSX", "hidden by its format", lambda folder: _hiding(folder), ("볼트 | 90",), ("70",)),
    Case("unseen", "XLSX", "column without width", _book(rows(_HEAD + c("C1", "원가"), c("A2", "볼트") + c("B2", 90) + c("C2", 70)), '<cols><col min="3" max="3" width="0" customWidth="1"/></cols>'),
         ("볼트 | 90",), ("70",)),
    Case("unseen", "ODS", "filtered row", lambda folder: odf.of(folder, odf.document("spreadsheet", '<table:table table:name="단가">'
         f'<table:table-row>{d("품목")}{d("값")}</table:table-row><table:table-row table:visibility="filter">{d("비밀")}{d("70")}</table:table-row>'
         f'<table:table-row>{d("볼트")}{d("90")}</table:table-row></table:table>')), ("볼트 | 90",), ("비밀",)),
    Case("unseen", "ODS", "white cell and comment", _sheet(d("품목") + d("값"), d("볼트") + '<table:table-cell><office:annotation><text:p>몰래</text:p></office:annotation><text:p>90</text:p></table:table-cell>',
         d("너트") + d("70", 'table:style-name="w"'), styles=odf.style("w", 'fo:color="#ffffff"', "table-cell")), ("볼트 | 90",), ("70", "몰래")),
    Case("encodings", "CSV", "cp949", _csv(_LINES.encode("cp949")), ("품목 | 값", "볼트 | 90")),
    Case("encodings", "CSV", "UTF-16 of Excel", _csv(_LINES.replace(",", "\t").encode("utf-16")), ("품목 | 값", "볼트 | 90")),
]  # fmt: skip


def _hiding(folder: Path) -> Draft:
    """A cell whose format shows nothing (;;;)."""
    styles = excel._STYLES.replace('formatCode="0.0%"', 'formatCode=";;;"')
    return excel.workbook(
        folder / "a.xlsx",
        rows(_HEAD + c("C1", "원가"), c("A2", "볼트") + c("B2", 90) + c("C2", 70, 6)),
        parts={"xl/styles.xml": styles},
    )
