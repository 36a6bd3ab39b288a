"""Tables of office documents: the header of a chart."""

from __future__ import annotations

from typing import Any

from assistant.ingest.formats import office_table
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
