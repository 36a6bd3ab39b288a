"""CSV and its relatives (semicolon, tab): one table whose first row is the header."""

from __future__ import annotations

import csv
import io

from assistant.ingest.readers.draft import DraftBuilder
from assistant.ingest.readers.source import Source
from assistant.schema import Draft

MEDIA_TYPE = "text/csv"

_DELIMITERS = ",;\t"
#: Text from which the delimiter is told (characters), and rows that must agree.
_SAMPLE = 20_000
_ROWS = 20


def recognises(source: Source) -> bool:
    """At least two rows, and all of the first twenty have the same number of cells, two or more.

    Prose with commas has rows of different lengths. Two columns may be prose all the same, so they count only
    from the third row on, and not where spaces follow the commas.
    """
    rows = _rows(source, _ROWS)
    if len(rows) < 2 or len({len(row) for row in rows}) > 1 or len(rows[0]) < 2:
        return False
    sample = source.text[:_SAMPLE]
    return len(rows[0]) > 2 or (len(rows) > 2 and 2 * sample.count(", ") <= sample.count(","))


def read(source: Source) -> Draft:
    """The rows in order; lines within a quoted cell are joined."""
    rows = _rows(source, None)
    builder = DraftBuilder()
    builder.table(rows[0], rows[1:])
    return builder.build()


def _rows(source: Source, limit: int | None) -> list[list[str]]:
    text = source.text.lstrip("\ufeff")
    try:
        dialect = csv.Sniffer().sniff(text[:_SAMPLE], _DELIMITERS)
        dialect.doublequote = True
        rows = []
        for row in csv.reader(io.StringIO(text, newline=""), dialect):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if limit is not None and len(rows) >= limit:
                break
        return rows
    except csv.Error:
        return []
