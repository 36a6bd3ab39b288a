"""Personal tokens: a program acts for a user, with the user's labels of that moment, within the token's scopes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from assistant.accounts.digests import digest, new_id, new_secret
from assistant.accounts.groups import labels_of_groups
from assistant.accounts.users import Clock, groups_of
from assistant.accounts.visitors import ANYONE, Visitor
from assistant.database.opening import Database
from assistant.database.tables import tokens, users
from assistant.errors import AccountError, AccountMissing

#: What a token can allow: ask questions, search passages, list and read documents.
SCOPES = ("ask", "search", "documents")
#: Beside them, for the monitoring of staff; given at the terminal only.
STAFF_SCOPES = ("metrics",)
#: Begins every token, so that scanners of published code know one.
PREFIX = "alliance_"
_GRAIN_S = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A token as listed. Times are seconds since 1970; `expires_at` None: never, `used_at` None: not yet."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int | None
    used_at: int | None


class Tokens:
    """The tokens of one database."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    def make(self, user_id: str, name: str, scopes: Iterable[str] = SCOPES, days: int | None = None) -> str:
        """Make a token and return it; it cannot be shown again. Raises AccountError for a bad name or scope."""
        allowed, name = sorted(set(scopes)), " ".join(name.split())
        if not 0 < len(name) <= 80:
            raise AccountError("A token needs a name of up to 80 characters.", "Name the program that will use it.")
        if not allowed or not set(allowed) <= {*SCOPES, *STAFF_SCOPES}:
            raise AccountError("A token needs scopes that exist.", f"Scopes are {', '.join(SCOPES)}.")
        now = int(self._clock())
        secret = PREFIX + new_secret()
        with self._database.begin() as connection:
            connection.execute(
                insert(tokens).values(
                    id=new_id(),
                    digest=digest(secret),
                    user_id=user_id,
                    name=name,
                    scopes=" ".join(allowed),
                    created_at=now,
                    expires_at=now + days * 86_400 if days else None,
                )
            )
        return secret

    def of(self, user_id: str) -> list[Token]:
        """The tokens of a user, oldest first."""
        wanted = select(tokens).where(tokens.c.user_id == user_id).order_by(tokens.c.created_at, tokens.c.id)
        with self._database.begin() as connection:
            return [_token(row) for row in connection.execute(wanted)]

    def revoke(self, user_id: str, token_id: str) -> None:
        """Revoke a token of this user. Raises AccountMissing."""
        mine = (tokens.c.id == token_id) & (tokens.c.user_id == user_id)
        with self._database.begin() as connection:
            if connection.execute(delete(tokens).where(mine)).rowcount != 1:
                raise AccountMissing("There is no such token.", "See `assistant users tokens NAME`.")

    def visitor(self, secret: str) -> Visitor:
        """Who sends this token: ANYONE for an unknown, expired or revoked one, and for a disabled user's."""
        if not secret.startswith(PREFIX):
            return ANYONE
        now, mine = int(self._clock()), tokens.c.digest == digest(secret)
        wanted = (
            select(users.c.id, users.c.name, tokens.c.scopes, tokens.c.used_at)
            .join(users, users.c.id == tokens.c.user_id)
            .where(mine, or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now), ~users.c.disabled)
        )
        with self._database.begin() as connection:
            row = connection.execute(wanted).first()
            if row is None:
                return ANYONE
            if row.used_at is None or row.used_at <= now - _GRAIN_S:
                connection.execute(update(tokens).where(mine).values(used_at=now))
            labels = labels_of_groups(groups_of(connection, [row.id])[row.id])
        return Visitor(row.id, row.name, labels, scopes=frozenset(row.scopes.split()))


def _token(row: Any) -> Token:
    return Token(row.id, row.name, tuple(row.scopes.split()), row.created_at, row.expires_at, row.used_at)
