"""Tables of a page: every span filled in, header rows of several lines as one, titles and notes beside the rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bs4 import Tag

from assistant.ingest.formats.draft import DraftBuilder

#: Browsers stop here too; a page may claim a million.
_SPAN_LIMIT = 1000
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with every span filled in. `whole`: one cell across all columns; `down`: how far its first cell reaches."""

    cells: list[str]
    is_head: bool
    whole: bool
    down: int
    bold: bool


def write_table(builder: DraftBuilder, table: Tag, text_of: Callable[[Tag], str]) -> bool:
    """Write a table; False where it is only there for the layout, and nothing is written."""
    own = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    own.sort(key=lambda row: row.parent is not None and row.parent.name == "tfoot")  # it is shown last
    rows = _rows(own, text_of)
    width = max((len(row.cells) for row in rows), default=0)
    if table.find("table") or width < 2:
        return False
    if table.caption:
        builder.paragraph(text_of(table.caption))
    while rows and rows[0].whole and len(rows) > 1:  # a title or a unit above the header
        builder.paragraph(rows.pop(0).cells[0])
    count = _header_count(rows)
    header = [
        " ".join(dict.fromkeys(filter(None, column)))
        for column in zip(*(row.cells for row in rows[:count]), strict=True)
    ]
    pending: list[list[str]] = []
    written = False
    for row in rows[count:]:
        if not row.whole:
            pending.append(row.cells)
            continue
        if pending or not written:
            builder.table(header, pending, continues=written)
            written, pending = True, []
        builder.paragraph(row.cells[0])
    if pending or not written:
        builder.table(header, pending, continues=written)
    return True


def _header_count(rows: list[_Row]) -> int:
    """How many rows at the top are the header."""
    count = next((index for index, row in enumerate(rows) if not row.is_head), len(rows))
    if count:
        return 1 if count == len(rows) else count
    # a page without header cells: the first row, where it is marked or its columns hold figures below it
    if len(rows) < 2 or _DIGIT.search("".join(rows[0].cells)):
        return 0
    tall = min(rows[0].down, len(rows) - 1)
    below = [row.cells for row in rows[tall:] if not row.whole]
    figures = sum(
        all(_DIGIT.search(cell) or not cell for cell in column) for column in list(zip(*below, strict=True))[1:]
    )
    marked = rows[0].bold and not all(row.bold for row in rows)
    if marked or tall > 1 or (len(rows[0].cells) > 2 and figures and all(rows[0].cells[1:])):
        return tall
    return 0


def _rows(rows: list[Tag], text_of: Callable[[Tag], str]) -> list[_Row]:
    """Rows of one width."""
    found: list[_Row] = []
    reaching_down: dict[int, tuple[int, str]] = {}  # column → (rows left, text)
    spans: list[int] = []
    for number, row in enumerate(rows):
        line: list[str] = []
        cells = row.find_all(["td", "th"], recursive=False)

        def fill() -> None:
            while len(line) in reaching_down:  # noqa: B023
                left, text = reaching_down.pop(len(line))  # noqa: B023
                if left > 1:
                    reaching_down[len(line)] = (left - 1, text)  # noqa: B023
                line.append(text)  # noqa: B023

        tallest = 1
        for cell in cells:
            fill()
            text = " ".join(text_of(cell).split())
            across, down = _span(cell, "colspan"), _span(cell, "rowspan") or len(rows) - number
            tallest = max(tallest, down)
            for _ in range(across or 1):
                if down > 1:
                    reaching_down[len(line)] = (down - 1, text)
                line.append(text)
        fill()
        in_head = row.parent is not None and row.parent.name == "thead"
        is_head = bool(cells) and (in_head or all(cell.name == "th" for cell in cells))
        spans.append(_span(cells[0], "colspan") if len(cells) == 1 else 0)
        found.append(_Row(line, is_head, False, tallest, bool(cells) and all(map(_is_bold, cells))))
    widest = max((len(row.cells) for row in found), default=0)
    return [
        _Row(row.cells + [""] * (widest - len(row.cells)), row.is_head, span >= widest > 1, row.down, row.bold)
        for row, span in zip(found, spans, strict=True)
    ]


def _is_bold(cell: Tag) -> bool:
    inside = cell.find(["b", "strong"])
    return isinstance(inside, Tag) and inside.get_text(strip=True) == cell.get_text(strip=True) != ""


def _span(cell: Tag, name: str) -> int:
    text = str(cell.get(name) or "").strip()
    return min(_SPAN_LIMIT, int(text)) if re.fullmatch(r"[0-9]{1,6}", text) else 1
