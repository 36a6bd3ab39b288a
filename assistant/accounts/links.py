"""Invitation and reset links: each opens one account once, until it expires."""

from __future__ import annotations

import time
from typing import Literal

from sqlalchemy import delete, insert, select

from assistant.accounts.digests import digest, new_secret
from assistant.accounts.users import Clock
from assistant.database.opening import Database
from assistant.database.tables import links, users
from assistant.errors import LinkExpired

Purpose = Literal["invitation", "reset"]

#: How long a link opens, in seconds.
LIFETIMES: dict[Purpose, int] = {"invitation": 7 * 86_400, "reset": 86_400}


class Links:
    """The links of one database."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    def make(self, user_id: str, purpose: Purpose) -> str:
        """Make a link's secret; earlier links of this user stop opening."""
        secret = new_secret()
        expires_at = int(self._clock()) + LIFETIMES[purpose]
        with self._database.begin() as connection:
            connection.execute(delete(links).where(links.c.user_id == user_id))
            connection.execute(
                insert(links).values(digest=digest(secret), user_id=user_id, purpose=purpose, expires_at=expires_at)
            )
        return secret

    def owner(self, secret: str, purpose: Purpose) -> tuple[str, str]:
        """Id and name of the user whom the link opens. Raises LinkExpired, also for one that never was."""
        wanted = (
            select(users.c.id, users.c.name)
            .join(links, links.c.user_id == users.c.id)
            .where(
                links.c.digest == digest(secret),
                links.c.purpose == purpose,
                links.c.expires_at > int(self._clock()),
                ~users.c.disabled,
            )
        )
        with self._database.begin() as connection:
            row = connection.execute(wanted).first()
        if row is None:
            raise _expired()
        return row.id, row.name

    def spend(self, secret: str) -> None:
        """Use the link up. Raises LinkExpired when somebody else just did."""
        with self._database.begin() as connection:
            if connection.execute(delete(links).where(links.c.digest == digest(secret))).rowcount != 1:
                raise _expired()


def _expired() -> LinkExpired:
    return LinkExpired("This link has expired or was used already.", "Ask for a new one.")
