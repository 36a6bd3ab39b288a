"""A catalogue carried from one database into another, of whichever kinds: row by row, as it is at one instant."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from assistant.index.database import Database

#: Columns that number rows; tables without one are small.
_NUMBERS = {"documents": "id", "blocks": "document", "chunks": "id", "lexical": "rowid"}
_WORDS = ("rowid", "title", "headings", "words", "bigrams", "identifiers")
#: Numbers of rows that are in memory at a time.
_TOGETHER = 500
#: What a database notes of itself alone.
OWN = ("made", "written")


def carry_catalogue(source: Database, target: Database, *, without: Collection[str] = ()) -> None:
    """Fill the tables of `target`, which are empty, with the rows of `source`, but for `without`; in its transaction.

    The run that is under way there is none of the target's.
    """
    from assistant.index.tables import TABLES

    with source.snapshot():
        for table, columns in TABLES.items():  # chunks before their words
            if table in ("meta", "progress", *without):
                continue
            wanted = _WORDS if table == "lexical" else columns
            add = target.lexical().add_rows if table == "lexical" else lambda rows, to=table: target.insert(to, rows)
            for rows in _rows(source, table, wanted):
                add(rows)
        target.set_meta({key: value for key, value in source.meta().items() if key not in OWN})


def _rows(source: Database, table: str, columns: Collection[str]) -> Iterator[list[tuple[object, ...]]]:
    names = ", ".join(f'"{name}"' for name in columns)
    query = f"SELECT {names} FROM {table}"
    if table not in _NUMBERS:
        yield source.rows(query)
        return
    number = _NUMBERS[table]
    last = source.count(f"SELECT coalesce(max({number}), 0) FROM {table}")
    for first in range(0, last, _TOGETHER):
        yield source.rows(f"{query} WHERE {number} > {first} AND {number} <= {first + _TOGETHER}")
