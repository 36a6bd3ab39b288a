"""Ruled tables of a PDF page with the text in their cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.ingest.formats.pdf_chars import Box, Char, Line, Place
from assistant.ingest.formats.pdf_lines import lines_of
from assistant.ingest.formats.pdf_rules import Edge, ruled_tables

if TYPE_CHECKING:
    import pypdfium2


#: Lines of a cell from which on it may be a table of its own.
_UNCUT = 4


@dataclass(slots=True)
class Grid:
    """A ruled table: for each row the lines of each cell; a merged cell is repeated in every place it covers."""

    rows: list[list[list[Line]]]
    edges: tuple[float, ...]
    page: int


@dataclass(slots=True)
class Table:
    """Where a table and its cells are; `rows` as pdfplumber sees them, None where a cell is merged away."""

    box: Box
    rows: list[tuple[Box | None, ...]]
    cells: list[Box]


def tables(edges: Sequence[Edge]) -> list[Table]:
    """Places of a page's ruled tables; frames of a single column are none."""
    found = []
    for table in ruled_tables(edges):
        rows = [tuple(row.cells) for row in table.rows if any(row.cells)]
        if rows and max(len(row) for row in rows) >= 2:
            found.append(Table(table.bbox, rows, table.cells))
    return found


def split_by_table(run: list[Char], found: Sequence[Table]) -> Iterator[tuple[list[Char], int | None]]:
    """Parts of a run, each with the number of the table that it lies in."""
    part: list[Char] = []
    current: int | None = None
    for char in run:
        inside = next((i for i, table in enumerate(found) if _within(char, table.box)), None)
        if part and inside != current and not char.text.isspace():
            yield part, current
            part = []
        if not char.text.isspace() or not part:
            current = inside
        part.append(char)
    if part:
        yield part, current


def overlaps(table: Box, box: Box) -> bool:
    """Whether the middle of `box` lies in a table's box."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return table[0] <= x <= table[2] and table[1] <= y <= table[3]


def _within(char: Char, box: Box) -> bool:
    x, y = (char.x0 + char.x1) / 2, (char.top + char.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def grid(
    table: Table,
    parts: Sequence[Sequence[Char]],
    number: int,
    writes_spaces: bool,
    text_page: pypdfium2.PdfTextPage,
    place: Place,
) -> Grid | None:
    """The table's cells with their lines; None for a frame: fewer than two columns, text between, or a table inside."""

    def lines_in(box: Box) -> list[Line]:
        found = [[char for char in part if _within(char, box)] for part in parts]
        return [line for part in found for line in lines_of(part, number, writes_spaces, text_page, place)]

    placed = places(table)
    known = {box for row in placed for box in row}
    if any(not any(_within(char, box) for box in known) for part in parts for char in part if not char.text.isspace()):
        return None
    found = laid_out(table, placed, lines_in, number)
    return None if found and any(_is_uncut(cell) for row in found.rows for cell in row) else found


def _is_uncut(cell: Sequence[Line]) -> bool:
    """Whether rows and columns without rules stand in one cell: what is around them is a frame, and they stay apart."""
    return len(cell) >= _UNCUT and sum(line.has_columns for line in cell) >= len(cell) / 2


def laid_out(
    table: Table, placed: Sequence[Sequence[Box]], lines_in: Callable[[Box], list[Line]], number: int
) -> Grid | None:
    """The table with the lines of each of its `places`; None if they stand in fewer than two columns."""
    edges = _sides(table)
    known = {box: lines_in(box) for row in placed for box in row}
    rows = [[known[box] for box in row] for row in placed]
    filled = [column for column in range(len(edges)) if any(row[column] for row in rows)]
    rows = [[row[column] for column in filled] for row in rows if any(row)]
    return Grid(rows, tuple(edges[column] for column in filled), number) if len(filled) > 1 else None


def _sides(table: Table) -> list[float]:
    """Where the table's columns begin."""
    edges = sorted({round(cell[0], 1) for cell in table.cells} | {round(table.box[0], 1)})
    return [edge for edge, after in pairwise([*edges, table.box[2]]) if after - edge > 3]


def places(table: Table) -> list[list[Box]]:
    """For each row the box of each column: of the cell that covers it, or its own where no cell does."""
    sides = [*_sides(table), table.box[2]]
    found: list[list[Box]] = []
    for row in table.rows:
        present = [cell for cell in row if cell]
        top, bottom = max(cell[1] for cell in present), min(cell[3] for cell in present)
        slots = [(left, top, right, bottom) for left, right in pairwise(sides)]
        found.append([_covering(table.cells, slot) or slot for slot in slots])
    return found


def _covering(cells: Sequence[Box], slot: Box) -> Box | None:
    """The cell that the middle of a slot lies in."""
    x, y = (slot[0] + slot[2]) / 2, (slot[1] + slot[3]) / 2
    return next((cell for cell in cells if cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]), None)


#: Header rows that one table may have.
_HEADER_ROWS = 3


def without_title(rows: list[list[list[Line]]]) -> tuple[list[Line], list[list[list[Line]]]]:
    """The lines of a first row that is one cell over all columns, and the other rows."""
    if len(rows) > 2 and rows[0][0] and all(cell is rows[0][0] for cell in rows[0]):
        return rows[0][0], rows[1:]
    return [], rows


def header_rows(rows: Sequence[Sequence[list[Line]]]) -> int:
    """How many rows are the header: more than one where the cells below wide ones part them.

    A row belongs to the header if each of its cells reaches down from the row above or stands below a cell of several
    columns. A cell that covers several places is the same list in each of them.
    """
    depth = 1
    while depth < min(_HEADER_ROWS, len(rows) - 1):
        above, row = rows[depth - 1], rows[depth]
        wide = [
            any(other is cell for at, other in enumerate(above) if at != column) for column, cell in enumerate(above)
        ]
        if not any(wide) or not all(w or row[column] is above[column] for column, w in enumerate(wide)):
            break
        depth += 1
    return depth
