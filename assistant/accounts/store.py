"""Accounts: all of it over one database, and what needs several parts: signing in, passwords, links."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.accounts.attempts import Attempts
from assistant.accounts.digests import new_secret
from assistant.accounts.firms import Firms
from assistant.accounts.groups import normal_name
from assistant.accounts.links import Links, Purpose
from assistant.accounts.passwords import Passwords, check_password
from assistant.accounts.sessions import Sessions
from assistant.accounts.tokens import Tokens
from assistant.accounts.users import Clock, Users
from assistant.database.opening import Database, place_of
from assistant.database.tables import ACCOUNTS, keys, users
from assistant.errors import SignInRefused

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.settings import Settings


class Accounts:
    """Users, sessions, links, tokens, failed tries, firms of one database. Safe for several threads and processes."""

    def __init__(
        self,
        where: Path | str,
        *,
        idle_s: int = 12 * 3600,
        longest_s: int = 14 * 86_400,
        passwords: Passwords | None = None,
        clock: Clock = time.time,
    ) -> None:
        """Open the database (see `Database`), made when there is none. Raises AccountsUnusable."""
        self._database = Database(where, ACCOUNTS)
        self._passwords = passwords or Passwords()
        self.users = Users(self._database, clock)
        self.sessions = Sessions(self._database, idle_s=idle_s, longest_s=longest_s, clock=clock)
        self.links = Links(self._database, clock)
        self.tokens = Tokens(self._database, clock)
        self.attempts = Attempts(self._database, clock)
        self.firms = Firms(self._database, clock)

    def close(self) -> None:
        """Release the database."""
        self._database.close()

    def sign_in(self, name: str, password: str, *, address: str, replaces: str = "") -> str:
        """Begin a session and return its secret; the session `replaces` ends. Raises SignInRefused, TooManyTries.

        Unknown name, wrong password and disabled user are told apart by nothing, not even by the time it takes.
        """
        name = normal_name(name)
        left = self.attempts.take(name, address)
        row = self._row(users.c.name == name)
        stored = row.password if row is not None and not row.disabled else None
        if not self._passwords.matches(stored, password) or row is None:
            raise SignInRefused("Name or password is wrong.", "Check both, or ask for a reset link.", left=left)
        self.attempts.forgive(name, address)
        if self._passwords.outdated(str(stored)):
            self._store(row.id, password)
        return self.sessions.begin(row.id, replaces)

    def change_password(self, user_id: str, old: str, new: str, *, address: str) -> str:
        """Change a password; all sessions end, a new one begins: its secret. Raises SignInRefused, PasswordRefused."""
        row = self._row(users.c.id == user_id)
        name = row.name if row is not None else ""
        left = self.attempts.take(name, address)
        if row is None or not self._passwords.matches(row.password, old):
            raise SignInRefused("The present password is wrong.", "Type it again.", left=left)
        self.attempts.forgive(name, address)
        check_password(new, row.name)
        self._store(user_id, new)
        self.sessions.end_all(user_id)
        return self.sessions.begin(user_id)

    def open_link(self, secret: str, purpose: Purpose, password: str, *, replaces: str = "") -> str:
        """Set the password that a link allows to set, once; begins a session. Raises LinkExpired, PasswordRefused."""
        user_id, name = self.links.owner(secret, purpose)
        check_password(password, name)
        self.links.spend(secret)
        self._store(user_id, password)
        self.sessions.end_all(user_id)
        return self.sessions.begin(user_id, replaces)

    def set_password(self, name: str, password: str) -> None:
        """Set the password of a user, as the person at the terminal may. Raises AccountMissing, PasswordRefused."""
        user = self.users.named(name)
        check_password(password, user.name)
        self._store(user.id, password)
        self.sessions.end_all(user.id)

    def signing_key(self, name: str = "forms") -> str:
        """A key of this installation, made when it is first needed; the same in every process."""
        wanted = select(keys.c.value).where(keys.c.name == name)
        with self._database.begin() as connection:
            if (found := connection.execute(wanted).scalar()) is not None:
                return str(found)
            with suppress(IntegrityError), connection.begin_nested():  # another process may be quicker
                connection.execute(insert(keys).values(name=name, value=new_secret()))
            return str(connection.execute(wanted).scalar_one())

    def _row(self, which: ColumnElement[bool]) -> Row[Any] | None:
        with self._database.begin() as connection:
            return connection.execute(select(users).where(which)).first()

    def _store(self, user_id: str, password: str) -> None:
        stored = self._passwords.hash(password)
        with self._database.begin() as connection:
            connection.execute(update(users).where(users.c.id == user_id).values(password=stored))


def open_accounts(settings: Settings) -> Accounts:
    """The accounts that the settings name. Raises AccountsUnusable."""
    return Accounts(
        place_of(ACCOUNTS, settings),
        idle_s=round(settings.session_idle_hours * 3600),
        longest_s=round(settings.session_days * 86_400),
    )
