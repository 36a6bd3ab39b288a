"""Rows of tables as stored texts have them: cells joined into a line, which is read as a row below its header row.

Knows how cells are joined, not what they mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_BETWEEN = " | "


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its `cells`, and as many `names` of columns, all as they are stored."""

    names: tuple[str, ...]
    cells: tuple[str, ...]

    @classmethod
    def of(cls, header: str, line: str) -> Row | None:
        """Read a stored line below its header row; None without one, or when it has another number of cells."""
        names, cells = cells_of(header), cells_of(line)
        return cls(names, cells) if header and len(names) == len(cells) else None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each column's name with its cell."""
        return tuple(zip(self.names, self.cells, strict=True))

    def touched(self, start: int, end: int) -> list[int]:
        """Number the cells (from 0) that the slice `start:end` of the line touches."""
        at, found = 0, []
        for number, cell in enumerate(self.cells):
            if start < at + len(cell) and at < end:
                found.append(number)
            at += len(cell) + len(_BETWEEN)
        return found


def line_of(cells: Sequence[str]) -> str:
    """Write cells as a line of the stored text."""
    return _BETWEEN.join(cells)


def cells_of(line: str) -> tuple[str, ...]:
    """Read the cells of a line that `line_of` wrote."""
    return tuple(line.split(_BETWEEN))
