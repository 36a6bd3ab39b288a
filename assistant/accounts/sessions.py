"""Sessions of browsers. The secret is in the browser's cookie alone; groups are read anew with every request."""

from __future__ import annotations

import time

from sqlalchemy import delete, insert, or_, select, update

from assistant.accounts.digests import digest, new_secret
from assistant.accounts.groups import labels_of_groups
from assistant.accounts.users import Clock, groups_of
from assistant.accounts.visitors import ANYONE, Visitor
from assistant.database.opening import Database
from assistant.database.tables import sessions, users

#: How exactly the last request is remembered, in seconds: a request is then seldom a write.
_GRAIN_S = 60


class Sessions:
    """The sessions of one database: they end `idle_s` after the last request, or `longest_s` after sign-in."""

    def __init__(self, database: Database, *, idle_s: int, longest_s: int, clock: Clock = time.time) -> None:
        self._database = database
        self._idle_s = idle_s
        self.longest_s = longest_s
        self._clock = clock

    def begin(self, user_id: str, replaces: str = "") -> str:
        """Begin a session; returns its secret. The session `replaces` ends, so no id from before a sign-in lives on."""
        secret, now = new_secret(), int(self._clock())
        with self._database.begin() as connection:
            late = or_(sessions.c.expires_at <= now, sessions.c.seen_at <= now - self._idle_s)
            connection.execute(delete(sessions).where(or_(late, sessions.c.digest == digest(replaces))))
            connection.execute(
                insert(sessions).values(
                    digest=digest(secret), user_id=user_id, seen_at=now, expires_at=now + self.longest_s
                )
            )
        return secret

    def visitor(self, secret: str | None) -> Visitor:
        """Who holds this secret now: ANYONE for an unknown, ended or disabled one."""
        return self._visitor(digest(secret)) if secret else ANYONE

    def lives(self, session: str) -> bool:
        """Whether the session with this digest (`Visitor.session`) has not ended."""
        return self._visitor(session).signed_in

    def _visitor(self, session: str) -> Visitor:
        now = int(self._clock())
        mine = sessions.c.digest == session
        wanted = (
            select(users.c.id, users.c.name, sessions.c.seen_at)
            .join(users, users.c.id == sessions.c.user_id)
            .where(mine, sessions.c.expires_at > now, sessions.c.seen_at > now - self._idle_s, ~users.c.disabled)
        )
        with self._database.begin() as connection:
            row = connection.execute(wanted).first()
            if row is None:
                return ANYONE
            if row.seen_at <= now - _GRAIN_S:
                connection.execute(update(sessions).where(mine).values(seen_at=now))
            return Visitor(row.id, row.name, labels_of_groups(groups_of(connection, [row.id])[row.id]), session)

    def end(self, secret: str) -> None:
        """End the session with this secret."""
        with self._database.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == digest(secret)))

    def end_all(self, user_id: str) -> int:
        """End all sessions of a user; returns how many there were."""
        with self._database.begin() as connection:
            return connection.execute(delete(sessions).where(sessions.c.user_id == user_id)).rowcount
