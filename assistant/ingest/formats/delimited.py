"""CSV and its relatives (semicolon, tab, bar): titles above, tables with their header, notes below.

A file may hold several tables with empty lines between them, and say in its first line what separates the cells, as
Excel does (`sep=;`).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from assistant.ingest.formats.draft import DraftBuilder
from assistant.ingest.formats.source import Source
from assistant.schema import Draft

MEDIA_TYPE = "text/csv"

_DELIMITERS = ",;\t|"
#: Rows that are looked at to tell a table from prose, lines above it, and its least share of those rows.
_ROWS, _ABOVE, _SHARE = 60, 12, 0.8
#: Text in which a delimiter is told (characters).
_SAMPLE = 20_000
_STATED = re.compile(r"\A\s*\"?sep=(.)\"?[ \t]*(?:\n|\Z)", re.IGNORECASE)
_DIGIT = re.compile(r"\d")

_Row = list[str]


def recognises(source: Source) -> bool:
    """Recognise rows of mostly one number of cells, two or more, below at most a dozen other lines.

    Prose with commas has rows of different lengths. Two columns may be prose all the same, so they count only
    from the third row on, and not where spaces follow the commas; unequal rows count from three columns on.
    """
    return _STATED.match(_text(source)) is not None or _delimiter(_text(source)) is not None


def read(source: Source) -> Draft:
    """Read the rows in order, each as wide as its table; lines within a quoted cell are joined."""
    text = _text(source)
    stated = _STATED.match(text)
    delimiter = stated[1] if stated else _delimiter(text) or ","
    builder = DraftBuilder()
    header: _Row = []
    title = ""
    for block in _blocks(_parsed(text[stated.end() :] if stated else text, delimiter)):
        above, rows, below = _parts(block)
        for line in above:
            title = title or (line if not header else "")
            builder.paragraph(line)
        if rows:
            header = _write(builder, rows, header if not above else [])
        for line in below:
            builder.paragraph(line)
    return builder.build({"title": title} if title else {})


def _text(source: Source) -> str:
    return source.text.lstrip("\ufeff")


def _parsed(text: str, delimiter: str) -> Iterator[_Row]:
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True):
            yield [" ".join(cell.split()) for cell in row]
    except csv.Error:  # a cell beyond all measure: no table
        return


def _delimiter(text: str) -> str | None:
    """What separates the cells; None where the text is no table."""
    sample = text[:_SAMPLE]
    found = [(fit, each) for each in _DELIMITERS if each in sample and (fit := _fit(sample, each, len(text)))]
    return max(found)[1] if found else None


def _fit(sample: str, delimiter: str, length: int) -> tuple[float, int] | None:
    """How well the text is a table of such cells: the share of its rows that agree, and their width."""
    rows = [row for row in islice(_parsed(sample, delimiter), _ROWS) if any(row)]
    if length > len(sample) and len(rows) < _ROWS:
        rows = rows[:-1]  # cut off in the middle
    widths = [len(row) for row in rows]
    if len(rows) < 2 or max(widths) < 2:
        return None
    spaced = 2 * sample.count(f"{delimiter} ") > sample.count(delimiter) and delimiter in ",;"
    if len(set(widths)) == 1:
        return (1.0, widths[0]) if widths[0] > 2 or (len(rows) > 2 and not spaced) else None
    if spaced:
        return None
    # title lines and notes have one cell; a table of two columns needs more to be told from prose
    wide = [width for width in widths if width > 1]
    first = next(index for index, width in enumerate(widths) if width > 1)
    typical = Counter(wide).most_common(1)[0][0]
    agreeing = sum(width == typical or (typical > 2 and abs(width - typical) <= 2 and width > 1) for width in wide)
    figures = sum(_has_figures(row[1:]) for row in rows if len(row) == 2)
    least = 3 if typical > 2 or figures > 1 else 4
    if first > _ABOVE or len(wide) < least or agreeing < _SHARE * len(wide) or len(wide) < 0.5 * len(rows):
        return None
    if typical == 2 and not all(width == 2 for width in wide):
        return None
    prose = sum(len(cell) > 40 for row in rows for cell in row if len(row) > 1)
    return None if prose > 0.5 * len(rows) and typical < 4 else (agreeing / len(rows), typical)


def _blocks(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    """Runs of rows between empty ones."""
    held: list[_Row] = []
    for row in rows:
        if any(row):
            held.append(row)
        elif held:
            yield held
            held = []
    if held:
        yield held


def _parts(block: list[_Row]) -> tuple[list[str], list[_Row], list[str]]:
    """Lines above the rows, the rows, and lines below them. A line has one cell, however many are empty behind it."""
    single = [sum(map(bool, row)) == 1 and bool(row[0]) for row in block]
    if all(single):
        wide = max(len(row) for row in block) > 1
        return ([], block, []) if wide and len(block) > 3 else ([row[0] for row in block], [], [])
    start = single.index(False)
    end = len(single) - single[::-1].index(False)
    # a total or a section of which only the name is known belongs to its table; a note has a line of its own
    while end < len(block) and len(block[end]) > 1 and len(block[end][0]) <= 20:
        end += 1
    return [row[0] for row in block[:start]], block[start:end], [row[0] for row in block[end:]]


def _write(builder: DraftBuilder, rows: list[_Row], before: _Row) -> _Row:
    """Write the rows of one table, which may go on from the one before; returns its header."""
    width = max(len(row) for row in rows)
    while width > 1 and not any(len(row) >= width and row[width - 1] for row in rows):
        width -= 1  # empty cells at the end of all rows
    rows = [row[:width] + [""] * (width - len(row)) for row in rows]
    if before and len(before) == width and _has_figures(rows[0]):
        builder.table(before, rows, continues=True)
        return before
    count = _header_lines(rows)
    header = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*_spread(rows[:count]), strict=True)]
    builder.table(header, rows[count:])
    return header


def _header_lines(rows: Sequence[_Row]) -> int:
    """How many lines the header has: a second one fills the gaps of the first, before any figures."""
    if len(rows) < 3 or _has_figures(rows[0]) or _has_figures(rows[1]):
        return 1
    first, second = rows[0], rows[1]
    gaps = [index for index, cell in enumerate(first) if not cell]
    fills = bool(gaps) and all(second[index] for index in gaps)
    leaves = any(not cell for cell in second)
    return 2 if fills and leaves and any(map(_has_figures, rows[2:])) else 1


def _spread(lines: Sequence[_Row]) -> list[_Row]:
    """Header lines of which the upper ones stand for all columns up to their next cell."""
    if len(lines) < 2:
        return list(lines)
    spread = []
    for number, line in enumerate(lines):
        held = ""
        row = []
        for index, cell in enumerate(line):
            held = cell or (held if number < len(lines) - 1 and lines[number + 1][index] else "")
            row.append(held)
        spread.append(row)
    return spread


def _has_figures(row: Sequence[str]) -> bool:
    """Whether a row holds values: a cell of it begins with a digit or is mostly digits."""
    return any(cell and 2 * len(_DIGIT.findall(cell)) >= len(cell.replace(",", "").replace(" ", "")) for cell in row)
