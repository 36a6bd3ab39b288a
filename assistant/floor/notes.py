"""What operators say of what they looked up: that it helped, or that maintenance is needed, with a note.

Kept in the file of conversations. A note belongs to its machine and to the labels of the manual that was shown, so that
the staff page shows it to whoever may see that manual. The sender names it, so that one sent twice is kept once. Notes
go as many days after they came as conversations do.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from assistant.errors import PathError, TooManyNotes

NoteKind = Literal["solved", "call"]
Reason = Literal["", "again", "part", "danger", "other"]
KINDS, REASONS = get_args(NoteKind), get_args(Reason)

#: Longest note and query, in characters.
NOTE_CHARS, QUERY_CHARS = 1000, 200
#: Notes that one machine may send in an hour.
_MOST_AN_HOUR = 120

_SCHEMA = """
CREATE TABLE IF NOT EXISTS floor_notes (
    id TEXT PRIMARY KEY, received_at TEXT NOT NULL, written_at TEXT NOT NULL, machine TEXT NOT NULL,
    document_id TEXT NOT NULL, version TEXT NOT NULL, query TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
    note TEXT NOT NULL, language TEXT NOT NULL, user TEXT NOT NULL, labels TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS floor_notes_machine ON floor_notes(machine, received_at);
"""


@dataclass(frozen=True, slots=True)
class FloorNote:
    """A note. Times are ISO 8601 in UTC: `written_at` by the sender's clock, `received_at` by ours.

    `query`: the code or the words that were looked up; `user`: the account, '' for a reader without one.
    """

    id: str
    machine: str
    document_id: str
    version: str
    query: str
    kind: NoteKind
    reason: Reason
    note: str
    language: str
    user: str
    labels: tuple[str, ...]
    written_at: str
    received_at: str = ""


class FloorNotes:
    """The store. Safe for several threads."""

    def __init__(self, file: Path, days: int = 0, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Open `file`, made when there is none. `days`: so long after it came a note is deleted; 0: never."""
        self._days = days
        self._clock = clock
        self._lock = threading.Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, timeout=30, check_same_thread=False)
            file.chmod(0o600)
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.executescript(_SCHEMA)
            self._forget_old()
        except (OSError, sqlite3.Error) as exc:
            raise PathError(
                f"The file of conversations {file} cannot be used ({exc}).", "Name another one in `conversations`."
            ) from exc

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def add(self, note: FloorNote) -> str:
        """Store a note; returns when it was received. One that is there already stays. Raises TooManyNotes."""
        now = self._clock()
        with self._lock, self._db:
            self._forget_old()
            known = self._db.execute("SELECT received_at FROM floor_notes WHERE id = ?", (note.id,)).fetchone()
            if known:
                return str(known[0])
            since = (now - timedelta(hours=1)).isoformat(timespec="milliseconds")
            count = self._db.execute(
                "SELECT count(*) FROM floor_notes WHERE machine = ? AND received_at > ?", (note.machine, since)
            ).fetchone()[0]
            if count >= _MOST_AN_HOUR:
                raise TooManyNotes("This machine has sent very many notes.", "Try again in an hour, or call.")
            received = now.isoformat(timespec="milliseconds")
            values = {
                **asdict(note),
                "received_at": received,
                "labels": "\n".join(note.labels),
                "note": note.note.strip()[:NOTE_CHARS],
                "query": note.query.strip()[:QUERY_CHARS],
            }
            names = ", ".join(values)
            marks = ", ".join("?" * len(values))
            self._db.execute(f"INSERT INTO floor_notes ({names}) VALUES ({marks})", tuple(values.values()))
        return received

    def _forget_old(self) -> None:
        if self._days:
            oldest = (self._clock() - timedelta(days=self._days)).isoformat(timespec="milliseconds")
            with self._db:
                self._db.execute("DELETE FROM floor_notes WHERE received_at < ?", (oldest,))

    def all(self, labels: Collection[str]) -> list[FloorNote]:
        """The notes about manuals that `labels` admit, newest first."""
        names = [each.name for each in fields(FloorNote)]
        with self._lock:
            self._forget_old()
            rows = self._db.execute(f"SELECT {', '.join(names)} FROM floor_notes ORDER BY received_at DESC").fetchall()
        notes = [_note(dict(zip(names, row, strict=True))) for row in rows]
        return [note for note in notes if not frozenset(labels).isdisjoint(note.labels)]


def _note(values: dict[str, Any]) -> FloorNote:
    return FloorNote(**{**values, "labels": tuple(values["labels"].split("\n"))})
