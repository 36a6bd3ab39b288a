"""Failed sign-ins: after some, the same name from the same address waits. A restart forgives none of them.

Guesses are counted for name and address together, so that nobody can lock another one out with a few wrong tries; much
higher limits on each alone stop who guesses from many addresses, or many names.
"""

from __future__ import annotations

import time

from sqlalchemy import delete, func, insert, select

from assistant.accounts.users import Clock
from assistant.database.opening import Database
from assistant.database.tables import attempts
from assistant.errors import TooManyTries

#: Tries within `WINDOW_S` seconds.
TRIES, TRIES_OF_ADDRESS, TRIES_OF_NAME = 5, 30, 50
WINDOW_S = 15 * 60


class Attempts:
    """The failed sign-ins of one database."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    def take(self, name: str, address: str) -> int:
        """Count a try before its password is looked at; returns how many are left after it. Raises TooManyTries.

        It is written first and counted then, so that tries at the same time see each other.
        """
        name, address, now = name[:64], address[:64], int(self._clock())
        by_name, by_address = attempts.c.name == name, attempts.c.address == address
        with self._database.begin() as connection:
            connection.execute(delete(attempts).where(attempts.c.at <= now - WINDOW_S))
            row = insert(attempts).values(name=name, address=address, at=now)
            taken = connection.execute(row.returning(attempts.c.id)).scalar_one()
            left = min(
                limit - int(connection.execute(select(func.count()).select_from(attempts).where(*kind)).scalar_one())
                for limit, kind in (
                    (TRIES, (by_name, by_address)),
                    (TRIES_OF_NAME, (by_name,)),
                    (TRIES_OF_ADDRESS, (by_address,)),
                )
            )
            if left < 0:  # a refused try does not make the wait longer
                connection.execute(delete(attempts).where(attempts.c.id == taken))
        if left < 0:
            raise TooManyTries(
                "There were too many tries to sign in.", f"Wait {WINDOW_S // 60} minutes, or ask for a reset link."
            )
        return left

    def forgive(self, name: str, address: str) -> None:
        """Forget the tries of this name from this address: the right password came."""
        mine = (attempts.c.name == name[:64]) & (attempts.c.address == address[:64])
        with self._database.begin() as connection:
            connection.execute(delete(attempts).where(mine))
