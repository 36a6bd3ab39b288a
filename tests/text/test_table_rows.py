"""A table row is written and read in one way."""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import assistant
from assistant.text.table_rows import Row, cells_of, line_of

HEADER = "구분 | 국비 | 민간부담"
CELLS = st.lists(st.text(st.characters(exclude_characters="|\n")).map(str.strip), min_size=2, max_size=5)


@given(CELLS)
def test_cells_come_back_as_they_were_written(cells: list[str]) -> None:
    assert cells_of(line_of(cells)) == tuple(cells)


@given(CELLS, st.data())
def test_a_marked_slice_touches_the_cells_it_stands_in(cells: list[str], chance: st.DataObject) -> None:
    row, line = Row.of(line_of(cells), line_of(cells)), line_of(cells)
    assert row is not None
    number = chance.draw(st.integers(0, len(cells) - 1))
    start = len(line_of(cells[:number])) + 3 * (number > 0)
    assert line[start : start + len(cells[number])] == cells[number]
    assert row.touched(start, start + len(cells[number])) == ([number] if cells[number] else [])
    assert set(row.touched(0, len(line))) >= {at for at, cell in enumerate(cells) if cell}


def test_a_row_has_as_many_cells_as_its_header() -> None:
    row = Row.of(HEADER, "중견기업 | 45% | 40%")
    assert row is not None and row.pairs == (("구분", "중견기업"), ("국비", "45%"), ("민간부담", "40%"))
    assert Row.of(HEADER, "중견기업 | 45%") is None
    assert Row.of("", "중견기업") is None


def test_nobody_else_splits_a_row() -> None:
    for path in Path(assistant.__file__).parent.rglob("*.py"):
        if path.name == "table_rows.py" or "training" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
                assert not [each for each in node.args if isinstance(each, ast.Constant) and each.value == " | "], path
