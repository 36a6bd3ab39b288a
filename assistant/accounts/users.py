"""Users and their groups. What a user owns hangs on `User.id`, so that a name given anew inherits nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.accounts.digests import new_id
from assistant.accounts.groups import checked_groups, checked_name, labels_of_groups, normal_name
from assistant.database.opening import Database
from assistant.database.tables import identities, memberships, sessions, users
from assistant.errors import AccountError, AccountMissing

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class User:
    """A user as stored. `has_password` is False until an invitation is accepted, and with single sign-on alone."""

    id: str
    name: str
    groups: tuple[str, ...]
    disabled: bool
    has_password: bool

    @property
    def labels(self) -> frozenset[str]:
        """What this user may see."""
        return labels_of_groups(self.groups)


class Users:
    """The users of one database."""

    def __init__(self, database: Database, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock

    def add(self, name: str, groups: Iterable[str] = ()) -> User:
        """Add a user, who cannot sign in yet. Raises AccountError when the name or a group will not do."""
        user = User(new_id(), checked_name(name), checked_groups(groups), disabled=False, has_password=False)
        with self._database.begin() as connection:
            self._insert(connection, user)
        return user

    def _insert(self, connection: Connection, user: User) -> None:
        row = {"id": user.id, "name": user.name, "disabled": False, "created_at": int(self._clock())}
        try:
            connection.execute(insert(users).values(row))
        except IntegrityError as exc:
            raise AccountError(f"There is a user '{user.name}' already.", "See `assistant users list`.") from exc
        _join(connection, user.id, user.groups)

    def list(self) -> list[User]:
        """All users by name."""
        with self._database.begin() as connection:
            return _found(connection, select(users).order_by(users.c.name))

    def named(self, name: str) -> User:
        """The user called `name`. Raises AccountMissing."""
        with self._database.begin() as connection:
            found = _found(connection, select(users).where(users.c.name == normal_name(name)))
        if not found:
            raise AccountMissing(f"There is no user '{name}'.", "See `assistant users list`.")
        return found[0]

    def set_groups(self, name: str, groups: Iterable[str]) -> User:
        """Put a user into exactly these groups, from the next request on. Raises AccountError, AccountMissing."""
        wanted, user = checked_groups(groups), self.named(name)
        with self._database.begin() as connection:
            _leave(connection, user.id)
            _join(connection, user.id, wanted)
        return self.named(name)

    def disable(self, name: str, disabled: bool = True) -> User:
        """Shut a user out, sessions included, or let the user in again. Raises AccountMissing."""
        user = self.named(name)
        with self._database.begin() as connection:
            connection.execute(update(users).where(users.c.id == user.id).values(disabled=disabled))
            if disabled:
                connection.execute(delete(sessions).where(sessions.c.user_id == user.id))
        return self.named(name)

    def remove(self, name: str) -> None:
        """Remove a user with sessions, links and tokens. Raises AccountMissing."""
        user = self.named(name)
        with self._database.begin() as connection:
            connection.execute(delete(users).where(users.c.id == user.id))

    def rename(self, name: str, new_name: str) -> User:
        """Give a user another name; what the user owns stays. Raises AccountError, AccountMissing."""
        user, wanted = self.named(name), checked_name(new_name)
        with self._database.begin() as connection:
            try:
                connection.execute(update(users).where(users.c.id == user.id).values(name=wanted))
            except IntegrityError as exc:
                raise AccountError(f"There is a user '{wanted}' already.", "Take another name.") from exc
        return self.named(wanted)

    def of_provider(self, issuer: str, subject: str, name: str, groups: Iterable[str] | None) -> User:
        """The user that single sign-on vouches for, made at the first sign-in; `groups` (unless None) replace the old.

        A user is known by issuer and subject alone: who has the name of another account does not get that account.
        Raises AccountError.
        """
        wanted = None if groups is None else checked_groups(groups)
        mine = (identities.c.issuer == issuer) & (identities.c.subject == subject)
        with self._database.begin() as connection:
            known = connection.execute(select(identities.c.user_id).where(mine)).scalar()
            if known is None:
                user = User(new_id(), checked_name(name), wanted or (), disabled=False, has_password=False)
                self._insert(connection, user)
                connection.execute(insert(identities).values(issuer=issuer, subject=subject, user_id=user.id))
                known = user.id
            elif wanted is not None:
                _leave(connection, known)
                _join(connection, known, wanted)
            return _found(connection, select(users).where(users.c.id == known))[0]


def _join(connection: Connection, user_id: str, groups: Iterable[str]) -> None:
    if rows := [{"user_id": user_id, "group_name": group} for group in groups]:
        connection.execute(insert(memberships), rows)


def _leave(connection: Connection, user_id: str) -> None:
    connection.execute(delete(memberships).where(memberships.c.user_id == user_id))


def groups_of(connection: Connection, user_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The groups of each of these users, sorted."""
    found: dict[str, list[str]] = {user_id: [] for user_id in user_ids}
    wanted = select(memberships).where(memberships.c.user_id.in_(list(found))).order_by(memberships.c.group_name)
    for user_id, group in connection.execute(wanted):
        found[user_id].append(group)
    return {user_id: tuple(groups) for user_id, groups in found.items()}


def _found(connection: Connection, wanted: Any) -> list[User]:
    rows = connection.execute(wanted).all()
    groups = groups_of(connection, [row.id for row in rows])
    return [User(row.id, row.name, groups[row.id], row.disabled, row.password is not None) for row in rows]
