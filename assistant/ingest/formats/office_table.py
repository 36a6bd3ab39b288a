"""Tables of office documents: merged cells, header rows, and tables that only lay out a page.

Works on the plain dictionaries that dochan makes: a table has "rows" of cells, every row as long as the widest,
and a cell has "text", "row_span", "col_span" and "paragraphs" (its elements).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.ingest.formats.draft import DraftBuilder, clean
from assistant.ingest.formats.headless import is_headless

Element = dict[str, Any]

#: Files whose tables have more cells than this are refused: each costs about a kilobyte while they are read.
CELL_LIMIT = 300_000
#: A cell with more characters, or with a nested table of more, is a part of the page and not of a table.
_LARGE_CELL = 700
_LARGE_NESTED_TABLE = 250
#: Longer texts are no heading.
HEADING_LIMIT = 100
_SHEET_HEADING = 60
#: Header rows that one table may have.
_HEADER_ROWS = 3
#: A table of at least so many columns, of whose places more than this share are merged sideways, is a form.
_FORM_COLUMNS, _FORM_MERGED = 5, 0.25

#: The number in a box before a heading ("Ⅱ | 추진 체계", "참고 1 | 세부 통계").
_HEADING_NUMBER = re.compile(
    r"(?:[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩIVX]{1,4}|\d{1,2}|(?:참고|붙임|별첨|별지|부록|첨부)\s?\d{0,2}|제\s?\d{1,2}\s?[장절])[.)]?"
)
#: A sentence above a table explains it; it is no heading.
_SENTENCE_END = re.compile(r"(?:[.!?。]|니다|[한된이]다|세요)[\"'”’)\]」』]*$")
_NUMBER = re.compile(r"[\s$₩(△▲+-]*\d[\d,.]*\s*[)%]?")


@dataclass
class _Cell:
    """A place in the grid. `text` is that of the cell it belongs to; `across` and `down`: it only covers."""

    text: str
    element: Element
    across: bool = False
    down: bool = False


_Grid = list[list[_Cell]]


def write(
    builder: DraftBuilder,
    table: Element,
    page: int | None,
    text_of: Callable[[str], str],
    write_elements: Callable[[list[Element]], None],
) -> None:
    """Write a table of a text document or slide.

    `text_of` cleans the text of a cell. Boxes and tables that lay out a page are handed to `write_elements`
    cell by cell; a one-row box with a number and a short text is a heading.
    """
    caption = clean(table.get("caption", {}).get("text", ""))
    is_chart = caption.startswith("Chart type")
    if not is_chart:
        builder.paragraph(caption, page)
    grid = _compact(_grid(table, text_of))
    if not grid:
        return
    if is_chart:  # names of its series above their values, also where a name is a year
        builder.table(_plain(grid[0]), [_plain(row) for row in grid[1:]], page)
        return
    if len(grid) == 1:
        texts = [cell.text for cell in grid[0] if cell.text and not cell.across]
        if len(texts) == 2 and _HEADING_NUMBER.fullmatch(texts[0]) and len(texts[1]) <= HEADING_LIMIT:
            builder.heading(1, " ".join(texts), page)
            return
    if len(grid[0]) == 1:
        for row in grid:
            write_elements(row[0].element["paragraphs"] if not row[0].down else [])
        return
    rows: _Grid = []
    for row in grid:
        if not any(_is_large(cell.element) and not cell.down for cell in row):
            rows.append(row)
            continue
        _write_rows(builder, rows, page)
        rows = []
        for cell in row:
            write_elements([] if cell.across or cell.down else cell.element["paragraphs"])
    _write_rows(builder, rows, page)


def write_sheet(builder: DraftBuilder, table: Element, sheet: str, text_of: Callable[[str], str]) -> None:
    """Write the cells of a spreadsheet: its blocks are parted by empty rows, each with a header row.

    A short line above a block that is no sentence is its heading (left out if it only repeats the name of the sheet).
    A block that begins with figures goes on with the header above it, so that a gap costs no row its header.
    """
    header: list[str] = []
    for block in _blocks(_grid(table, text_of)):
        while len(block) > 1 and (line := _only_text(block[0])):
            block.pop(0)
            is_short = len(line) <= _SHEET_HEADING and not _SENTENCE_END.search(line)
            if is_short and not _only_text(block[0]) and line != sheet:
                builder.heading(2, line)
            elif line != sheet:
                builder.paragraph(line)
        if any(_NUMBER.fullmatch(cell.text) for cell in block[0]) and header:
            builder.table(header, [_plain(row) for row in block], continues=True)
        else:
            block = _compact(block)
            if len(block[0]) == 1:
                for row in block:
                    builder.paragraph(row[0].text)
            else:
                header = _write_rows(builder, block, None)


def _grid(table: Element, text_of: Callable[[str], str]) -> _Grid:
    """Every place of the table, with merged cells filled in."""
    rows: list[list[Element]] = table["rows"]
    widest = max((len(row) for row in rows), default=0)
    grid: list[list[_Cell | None]] = [[None] * widest for _ in rows]
    for top, row in enumerate(rows):
        for left, element in enumerate(row):
            if grid[top][left] is not None:
                continue
            text = clean(text_of(element["text"]))
            down, across = max(1, element["row_span"]), max(1, element["col_span"])
            for at in range(top, min(top + down, len(rows))):
                for column in range(left, min(left + across, widest)):
                    if grid[at][column] is None:
                        grid[at][column] = _Cell(text, element, column > left, at > top)
    empty: Element = {"text": "", "paragraphs": [], "row_span": 1, "col_span": 1}
    return [[cell or _Cell("", empty) for cell in row] for row in grid]


def _compact(grid: _Grid) -> _Grid:
    """Without rows and columns that hold nothing of their own."""
    grid = [row for row in grid if any(cell.text and not cell.down for cell in row)]
    widest = len(grid[0]) if grid else 0
    kept = [at for at in range(widest) if any(row[at].text and not row[at].across for row in grid)]
    return [[row[at] for at in kept] for row in grid]


def _blocks(grid: _Grid) -> Iterator[_Grid]:
    """Runs of rows without an empty row between them."""
    block: _Grid = []
    for row in grid:
        if any(cell.text for cell in row):
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _only_text(row: Sequence[_Cell]) -> str:
    """The text of a row in which one cell says something, else nothing."""
    texts = [cell.text for cell in row if cell.text and not cell.across]
    return texts[0] if len(texts) == 1 else ""


def _write_rows(builder: DraftBuilder, grid: _Grid, page: int | None) -> list[str]:
    """Write the rows; returns the header, which is empty where the first row is none."""
    grid = list(grid)
    while grid and all(cell.across for cell in grid[0][1:]) and grid[0][0].text:  # a title over all columns
        builder.paragraph(grid.pop(0)[0].text, page)
    if not grid:
        return []
    if _is_form(grid):
        builder.table([], [[cell.text for cell in row if cell.text and not cell.across] for row in grid], page)
        return []
    count = _header_rows(grid)
    columns = zip(*grid[:count], strict=True)
    header = [" ".join(dict.fromkeys(cell.text for cell in column if cell.text)) for column in columns]
    builder.table(header, [_plain(row) for row in grid[count:]], page)
    return header if count else []


def _header_rows(grid: _Grid) -> int:
    """How many rows are the header: none for a single row and for pairs of name and value."""
    if len(grid) == 1 or _is_pairs(grid) or is_headless([[cell.text for cell in row] for row in grid]):
        return 0
    if not any(cell.across for cell in grid[0]):
        return 1
    if _is_name_with_wide_value(grid):
        return 0
    deepest = max(cell.element["row_span"] for cell in grid[0])
    return max(1, min(deepest, _HEADER_ROWS, len(grid) - 1))


def _is_pairs(grid: _Grid) -> bool:
    """Names in the first column and values in the second, without a header row."""
    if len(grid[0]) != 2:
        return False
    name, value = grid[0]
    names_stand_out = all(_is_bold(row[0].element) for row in grid) and not _is_bold(value.element)
    return names_stand_out or len(value.text) > 25 or bool(re.search(r"\d{2}", value.text)) or not name.text


def _is_name_with_wide_value(grid: _Grid) -> bool:
    """A name and a value as wide as the rest of the table, above rows with names of their own."""
    name, value = grid[0][:2]
    return (
        bool(name.text and not value.across)
        and all(cell.across for cell in grid[0][2:])
        and name.element["row_span"] == value.element["row_span"] == 1
        and bool(grid[1][0].text and grid[1][0].text != name.text)
    )


def _is_form(grid: _Grid) -> bool:
    """A form to be filled in, drawn as cells of all widths: its columns mean nothing, its rows do."""
    places = [cell for row in grid for cell in row]
    return len(grid[0]) >= _FORM_COLUMNS and sum(cell.across for cell in places) > _FORM_MERGED * len(places)


def _is_bold(cell: Element) -> bool:
    runs = [run for part in cell["paragraphs"] for run in part.get("runs", ()) if run["text"].strip()]
    return bool(runs) and all(run["bold"] for run in runs)


def _is_large(cell: Element) -> bool:
    nested = [part for part in cell["paragraphs"] if part["type"] == "table"]
    inside = sum(len(each["text"]) for part in nested for row in part["rows"] for each in row)
    return len(cell["text"]) > _LARGE_CELL or inside > _LARGE_NESTED_TABLE


def _plain(row: Sequence[_Cell]) -> list[str]:
    """A cell that reaches down is repeated in each row, so that every row can be understood by itself."""
    return ["" if cell.across else cell.text for cell in row]
