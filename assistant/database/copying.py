"""Copies of a part in a SQLite file, from one database and into another, whichever kind these are."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from assistant.database.opening import Database
from assistant.database.tables import Part

#: Rows that are in memory at a time.
_BATCH = 200


def copy_part(part: Part, where: Path | str, target: Path, without: Collection[Table] = ()) -> None:
    """Copy the rows of a part, as they are at one instant, into the new file `target`. Raises the part's error."""
    with (
        closing(Database(where, part)) as old,
        closing(Database(target, part)) as new,
        old.begin() as reading,
        new.begin() as writing,
    ):
        _at_one_instant(reading)
        _copy_rows(reading, writing, [table for table in part.tables if table not in without])


def put_part(
    part: Part, copy: Path, where: Path | str, without: Collection[Table] = (), staying: Collection[Table] = ()
) -> None:
    """Put a copy in the place of what a database holds of a part, in one transaction.

    Tables in `without` are empty then; those that are `staying` are left as they are. Raises the part's error.
    """
    with (
        closing(Database(copy, part)) as old,
        closing(Database(where, part)) as new,
        old.begin() as reading,
        new.begin() as writing,
    ):
        for table in reversed(part.tables):
            if table not in staying:
                writing.execute(delete(table))
        _copy_rows(reading, writing, [table for table in part.tables if table not in (*without, *staying)])


def count_rows(part: Part, where: Path | str, table: Table) -> int:
    """How many rows a table has. Raises the part's error."""
    with closing(Database(where, part)) as database, database.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _copy_rows(reading: Connection, writing: Connection, tables: Collection[Table]) -> None:
    """Copy in the order of the keys; what the database counts itself is counted anew."""
    for table in tables:
        counted = table.autoincrement_column
        columns = [column for column in table.columns if column is not counted]
        wanted = select(*columns).order_by(*table.primary_key.columns).execution_options(yield_per=_BATCH)
        for rows in reading.execute(wanted).mappings().partitions():
            values: list[dict[str, Any]] = [dict(row) for row in rows]
            writing.execute(insert(table), values)


def _at_one_instant(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    else:
        connection.exec_driver_sql("BEGIN")  # else every statement sees its own instant
