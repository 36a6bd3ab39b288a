"""Copies of all accounts in a SQLite file, from one database and into another, whichever kind these are.

Sessions, links and failed tries stay out: whoever has signed out, or used a link, since the copy was made is not let in
again by putting it back. Tokens are copied, so one that was revoked since has to be revoked again.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select

from assistant.accounts.database import Database
from assistant.accounts.tables import attempts, keys, links, metadata, sessions, users

if TYPE_CHECKING:
    from assistant.settings import Settings

_LEFT_OUT = (sessions, links, attempts, keys)
_COPIED = [table for table in metadata.sorted_tables if table not in _LEFT_OUT]


def database_of(settings: Settings) -> Path | str:
    """The database that the settings name, as `Database` takes it."""
    return settings.accounts_url.get_secret_value() or settings.accounts


def copy_accounts(where: Path | str, target: Path) -> int:
    """Copy all accounts as they are at one instant into the new file `target`; returns the number of users.

    Raises AccountsUnusable.
    """
    with closing(Database(where)) as old, closing(Database(target)) as new:
        with old.begin() as reading, new.begin() as writing:
            _at_one_instant(reading)
            _copy_rows(reading, writing)
        return count_users(target)


def put_accounts(copy: Path, where: Path | str) -> None:
    """Put a copy in the place of the accounts in a database, in one transaction; everybody has to sign in again.

    Raises AccountsUnusable.
    """
    with (
        closing(Database(copy)) as old,
        closing(Database(where)) as new,
        old.begin() as reading,
        new.begin() as writing,
    ):
        for table in reversed(metadata.sorted_tables):
            if table is not keys:  # servers that run have it in memory
                writing.execute(delete(table))
        _copy_rows(reading, writing)


def count_users(where: Path | str) -> int:
    """How many users a database has. Raises AccountsUnusable."""
    with closing(Database(where)) as database, database.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(users)).scalar_one())


def _copy_rows(reading: Connection, writing: Connection) -> None:
    for table in _COPIED:
        rows = [dict(row) for row in reading.execute(select(table)).mappings()]
        if rows:
            writing.execute(insert(table), rows)


def _at_one_instant(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    else:
        connection.exec_driver_sql("BEGIN")  # else every statement sees its own instant
