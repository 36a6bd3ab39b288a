"""Copies of all accounts in a SQLite file, from one database and into another, whichever kind these are.

Sessions, links and failed tries stay out: whoever has signed out, or used a link, since the copy was made is not let in
again by putting it back. Tokens are copied, so one that was revoked since has to be revoked again.
"""

from __future__ import annotations

from pathlib import Path

from assistant.database.copying import copy_part, count_rows, put_part
from assistant.database.tables import ACCOUNTS, attempts, keys, links, sessions, users

_LEFT_OUT = (sessions, links, attempts)


def copy_accounts(where: Path | str, target: Path) -> int:
    """Copy all accounts as they are at one instant into the new file `target`; returns the number of users.

    Raises AccountsUnusable.
    """
    copy_part(ACCOUNTS, where, target, without=(*_LEFT_OUT, keys))
    return count_users(target)


def put_accounts(copy: Path, where: Path | str) -> None:
    """Put a copy in the place of the accounts in a database, in one transaction; everybody has to sign in again.

    Raises AccountsUnusable.
    """
    put_part(ACCOUNTS, copy, where, without=_LEFT_OUT, staying=(keys,))  # servers that run have the keys in memory


def count_users(where: Path | str) -> int:
    """How many users a database has. Raises AccountsUnusable."""
    return count_rows(ACCOUNTS, where, users)
