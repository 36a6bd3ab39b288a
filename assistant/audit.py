"""The audit log: who was shown which documents, when and where. Never a word of a question, an answer or a document.

Off unless `audit_days` says how long entries are kept; then every door of the server notes what it shows, apart from
all else. An entry that cannot be written is an error in the server's log, and what was asked for is shown all the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import delete, insert, or_, select

from assistant.accounts.visitors import Visitor
from assistant.database.opening import Database, place_of
from assistant.database.tables import AUDIT
from assistant.database.tables import shown as entries
from assistant.errors import PathError
from assistant.schema import Event, EvidenceFound, Finished, Quote

if TYPE_CHECKING:
    from assistant.settings import Settings

log = logging.getLogger(__name__)

#: Between two looks for entries that are too old.
_LOOK = timedelta(hours=1)


class Labelled(Protocol):
    """What comes from a document: a quote, or the document."""

    @property
    def document_id(self) -> str:
        """Which one."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Who may see it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`at`: ISO 8601 in UTC; `user`: the account's id and `name` its name at the time, both '' for anyone.

    `documents`: ids with their labels at the time.
    """

    at: str
    user: str
    name: str
    door: str
    documents: tuple[tuple[str, tuple[str, ...]], ...]


class Audit:
    """The log. Safe for several threads and processes."""

    def __init__(self, where: Path | str, days: int, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Open the file or database; entries go after `days`. 0: nothing is noted, and no file is made.

        Raises PathError.
        """
        self._days = days
        self._clock = clock
        self._looked_at: datetime | None = None
        self._database: Database | None = None
        if not days and isinstance(where, Path) and not where.exists():
            return
        self._database = Database(where, AUDIT)
        self._forget_old()

    def close(self) -> None:
        """Release the file."""
        database, self._database = self._database, None
        if database is not None:
            database.close()

    def note(self, visitor: Visitor, door: str, shown: Iterable[Labelled]) -> None:
        """Note that `visitor` was shown something of these documents; of none: nothing."""
        documents = sorted({(each.document_id, tuple(each.labels)) for each in shown})
        if self._database is None or not self._days or not documents:
            return
        entry = {"at": self._now(), "user": visitor.user_id, "name": visitor.name, "door": door}
        try:
            self._forget_old()
            with self._database.begin() as connection:
                connection.execute(insert(entries).values(**entry, documents=json.dumps(documents, ensure_ascii=False)))
        except PathError as exc:
            log.error("An entry is lost. %s", exc)

    def entries(self, *, user: str = "", document: str = "", since: str = "") -> Iterator[Entry]:
        """The entries, oldest first: of one user (id or name), about one document, from a day or time on."""
        if self._database is None:
            return
        wanted = (
            select(entries.c.at, entries.c.user, entries.c.name, entries.c.door, entries.c.documents)
            .where(entries.c.at >= since)
            .order_by(entries.c.number)
        )
        if user:
            wanted = wanted.where(or_(entries.c.user == user, entries.c.name == user))
        with self._database.begin() as connection:
            rows = connection.execute(wanted).all()
        for at, who, name, door, documents in rows:
            entry = Entry(at, who, name, door, tuple((each, tuple(labels)) for each, labels in json.loads(documents)))
            if not document or document in dict(entry.documents):
                yield entry

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")

    def _forget_old(self) -> None:
        """Delete what is older than it may be; looks once in an hour. Where the log is off now, all of it goes."""
        now = self._clock()
        if self._database is None or (self._looked_at and now - self._looked_at < _LOOK):
            return
        self._looked_at = now
        oldest = (now - timedelta(days=self._days)).isoformat(timespec="seconds")
        with self._database.clean_up() as connection:
            if connection:
                connection.execute(delete(entries).where(entries.c.at < oldest))


def shown_by(event: Event) -> tuple[Quote, ...]:
    """What an event of an answer shows: evidence, and beside a refusal what is near."""
    match event:
        case EvidenceFound(evidence):
            return evidence
        case Finished(answer) if answer.status == "refused":
            return (*answer.citations, *answer.related)
    return ()


def open_audit(settings: Settings) -> Audit:
    """The log that the settings name. Raises PathError."""
    return Audit(place_of(AUDIT, settings), settings.audit_days)


def read_audit(settings: Settings, *, user: str = "", document: str = "", since: str = "") -> list[Entry]:
    """What the log holds. Raises PathError."""
    with closing(open_audit(settings)) as opened:
        return list(opened.entries(user=user, document=document, since=since))
