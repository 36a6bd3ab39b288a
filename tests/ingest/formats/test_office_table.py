"""Tables of office documents: the header of a chart, and first rows that are no header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from assistant.ingest.formats import office_table, read
from assistant.ingest.formats.draft import DraftBuilder


def cell(text: str) -> dict[str, Any]:
    return {"text": text, "paragraphs": [], "row_span": 1, "col_span": 1}


def test_a_series_that_is_called_by_a_year_is_a_header() -> None:
    rows = [[cell(text) for text in row] for row in (("Category", "2026"), ("Q1", "10"), ("Q2", "20"))]
    builder = DraftBuilder()
    table = {"caption": {"text": "Chart type: bar"}, "rows": rows}
    office_table.write(builder, table, None, str, lambda _: None)
    draft = builder.build()
    assert draft.text == "Category | 2026\nQ1 | 10\nQ2 | 20"
    assert [block.table_header for block in draft.blocks] == ["", "Category | 2026", "Category | 2026"]


CHOICES = [["①", "누설이 있다", "점검"], ["②", "소리가 크다", "교체"], ["③", "온도가 높다", "정지"]]


@pytest.mark.parametrize(
    ("rows", "headers"),
    [
        (CHOICES, ["", "", ""]),
        ([["부문", "□ 팀 □ 개인", "교사", "김견본"], ["참가자", "이름", "학번", "비고"]], ["", ""]),
        ([["번호", "증상", "조치"], *CHOICES], ["", *["번호 | 증상 | 조치"] * 3]),
        ([["①", "②", "③"], ["매출", "원가", "이익"]], ["", "① | ② | ③"]),
        ([["구분", "□ 해당"], ["설비", "있음"]], ["", "구분 | □ 해당"]),
    ],
)
def test_items_of_a_list_and_boxes_to_tick_are_no_header(rows: list[list[str]], headers: list[str]) -> None:
    builder = DraftBuilder()
    office_table.write(builder, {"rows": [[cell(text) for text in row] for row in rows]}, None, str, lambda _: None)
    assert [block.table_header for block in builder.build().blocks] == headers


def test_items_of_a_list_are_no_header_in_a_pdf(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.grid([72, 120, 320, 420], [700, 676, 652, 628])
    for down, row in enumerate([["1)", "A leak", "Check"], ["2)", "A loud noise", "Replace"], ["3)", "Heat", "Stop"]]):
        for x, text in zip((80, 130, 330), row, strict=True):
            canvas.drawString(x, 684 - 24 * down, text)
    canvas.save()
    blocks = read(tmp_path / "a.pdf").blocks
    assert [(block.kind, block.table_header) for block in blocks] == [("table_row", "")] * 3
