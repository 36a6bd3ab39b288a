"""What operators say of what they looked up: that it helped, or that maintenance is needed, with a note.

Kept with the conversations. A note belongs to its machine and to the labels of the manual that was shown, so that
the staff page shows it to whoever may see that manual. The sender names it, so that one sent twice is kept once. Notes
go as many days after they came as conversations do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from sqlalchemy import Connection, delete, func, insert, select

from assistant.database.opening import Database
from assistant.database.tables import CONVERSATIONS, floor_notes
from assistant.errors import TooManyNotes

NoteKind = Literal["solved", "call"]
Reason = Literal["", "again", "part", "danger", "other"]
KINDS, REASONS = get_args(NoteKind), get_args(Reason)

#: Longest note and query, in characters.
NOTE_CHARS, QUERY_CHARS = 1000, 200
#: Notes that one machine may send in an hour.
_MOST_AN_HOUR = 120


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
    """The store. Safe for several threads and processes. Raises PathError."""

    def __init__(
        self, where: Path | str, days: int = 0, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Open the file or database, made when there is none. `days`: so long after it came a note goes; 0: never."""
        self._days = days
        self._clock = clock
        self._database = Database(where, CONVERSATIONS)
        with self._database.begin() as connection:
            self._forget_old(connection)

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    def add(self, note: FloorNote) -> str:
        """Store a note; returns when it was received. One that is there already stays. Raises TooManyNotes."""
        now = self._clock()
        since = (now - timedelta(hours=1)).isoformat(timespec="milliseconds")
        lately = (floor_notes.c.machine == note.machine) & (floor_notes.c.received_at > since)
        with self._database.begin(alone="floor notes") as connection:
            self._forget_old(connection)
            known = connection.execute(select(floor_notes.c.received_at).where(floor_notes.c.id == note.id)).scalar()
            if known is not None:
                return str(known)
            count = connection.execute(select(func.count()).select_from(floor_notes).where(lately)).scalar_one()
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
            connection.execute(insert(floor_notes).values(values))
        return received

    def _forget_old(self, connection: Connection) -> None:
        if self._days:
            oldest = (self._clock() - timedelta(days=self._days)).isoformat(timespec="milliseconds")
            connection.execute(delete(floor_notes).where(floor_notes.c.received_at < oldest))

    def all(self, labels: Collection[str]) -> list[FloorNote]:
        """The notes about manuals that `labels` admit, newest first."""
        columns = [floor_notes.c[each.name] for each in fields(FloorNote)]
        with self._database.begin() as connection:
            self._forget_old(connection)
            rows = connection.execute(select(*columns).order_by(floor_notes.c.received_at.desc())).mappings().all()
        notes = [FloorNote(**{**row, "labels": tuple(row["labels"].split("\n"))}) for row in rows]
        return [note for note in notes if not frozenset(labels).isdisjoint(note.labels)]
