"""The audit log: who was shown which documents, when and where. Never a word of a question, an answer or a document.

Off unless `audit_days` says how long entries are kept; then every door of the server notes what it shows, in a file of
its own. An entry that cannot be written is an error in the server's log, and what was asked for is shown all the same.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assistant.accounts.visitors import Visitor
from assistant.errors import PathError
from assistant.schema import Event, EvidenceFound, Finished, Quote

if TYPE_CHECKING:
    from assistant.settings import Settings

log = logging.getLogger(__name__)

#: Between two looks for entries that are too old.
_LOOK = timedelta(hours=1)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS shown (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, user TEXT NOT NULL, name TEXT NOT NULL, door TEXT NOT NULL,
    documents TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS shown_at ON shown(at);
"""


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
    """The log. Safe for several threads; several may be open on one file."""

    def __init__(self, file: Path, days: int, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Open `file`; entries go after `days`. 0: nothing is noted, and no file is made. Raises PathError."""
        self._days = days
        self._clock = clock
        self._looked_at: datetime | None = None
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        if not days and not file.exists():
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, timeout=30, check_same_thread=False)
            file.chmod(0o600)
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.executescript(_SCHEMA)
            self._forget_old()
        except (OSError, sqlite3.Error) as exc:
            raise PathError(f"The audit log {file} cannot be used ({exc}).", "Name another file in `audit`.") from exc

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def note(self, visitor: Visitor, door: str, shown: Iterable[Labelled]) -> None:
        """Note that `visitor` was shown something of these documents; of none: nothing."""
        documents = sorted({(each.document_id, tuple(each.labels)) for each in shown})
        if not self._days or not documents:
            return
        try:
            with self._lock:
                if self._db is None:
                    return
                with self._db:
                    self._forget_old()
                    self._db.execute(
                        "INSERT INTO shown (at, user, name, door, documents) VALUES (?, ?, ?, ?, ?)",
                        (self._now(), visitor.user_id, visitor.name, door, json.dumps(documents, ensure_ascii=False)),
                    )
        except sqlite3.Error as exc:
            log.error("The audit log cannot be written: %s.", exc)

    def entries(self, *, user: str = "", document: str = "", since: str = "") -> Iterator[Entry]:
        """The entries, oldest first: of one user (id or name), about one document, from a day or time on."""
        with self._lock:
            rows = [] if self._db is None else self._db.execute(
                "SELECT at, user, name, door, documents FROM shown WHERE at >= ? ORDER BY number", (since,)
            ).fetchall()  # fmt: skip
        for at, who, name, door, documents in rows:
            entry = Entry(at, who, name, door, tuple((each, tuple(labels)) for each, labels in json.loads(documents)))
            if user in ("", who, name) and (not document or document in dict(entry.documents)):
                yield entry

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")

    def _forget_old(self) -> None:
        """Delete what is older than it may be; looks once in an hour. Where the log is off now, all of it goes."""
        now = self._clock()
        if self._db is None or (self._looked_at and now - self._looked_at < _LOOK):
            return
        self._looked_at = now
        oldest = (now - timedelta(days=self._days)).isoformat(timespec="seconds")
        self._db.execute("DELETE FROM shown WHERE at < ?", (oldest,))
        self._db.commit()


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
    return Audit(settings.audit, settings.audit_days)


def read_audit(settings: Settings, *, user: str = "", document: str = "", since: str = "") -> list[Entry]:
    """What the log holds. Raises PathError."""
    with closing(open_audit(settings)) as opened:
        return list(opened.entries(user=user, document=document, since=since))
