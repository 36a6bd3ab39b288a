"""What was done on the page and why, and what was seen or dealt with: notes of operators, unanswered questions.

Kept with the conversations, so that a backup holds it. Says nothing of what documents hold but their titles.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import delete, insert, select

from assistant.database.opening import Database
from assistant.database.tables import CONVERSATIONS, staff_history, staff_marks

Action = Literal["publish", "replace", "relabel", "withdraw", "restore", "delete"]
#: Longest reason, in characters.
REASON_CHARS = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done. `file`, `root`: where the document lay on this machine; `at` is ISO 8601 in UTC."""

    action: Action
    who: str
    document_id: str
    file: str
    root: str
    title: str
    labels: tuple[str, ...]
    reason: str = ""
    at: str = ""
    number: int = field(default=0, compare=False)


class Journal:
    """The store. Safe for several threads and processes. Raises PathError."""

    def __init__(self, where: Path | str) -> None:
        """Open the file or database, made when there is none."""
        self._database = Database(where, CONVERSATIONS)

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    def note(self, entry: Entry) -> None:
        """Write down what was done, now."""
        row = {name: getattr(entry, name) for name in ("who", "action", "document_id", "file", "root", "title")}
        labels, reason = json.dumps(entry.labels, ensure_ascii=False), entry.reason.strip()[:REASON_CHARS]
        with self._database.begin() as connection:
            connection.execute(insert(staff_history).values(**row, at=_now(), labels=labels, reason=reason))

    def history(self, labels: Collection[str]) -> list[Entry]:
        """All that was done to documents whose labels, at the time, meet these; oldest first."""
        columns = [staff_history.c[each.name] for each in fields(Entry)]
        with self._database.begin() as connection:
            rows = connection.execute(select(*columns).order_by(staff_history.c.number)).mappings().all()
        found = [Entry(**{**row, "labels": tuple(json.loads(row["labels"]))}) for row in rows]
        return [each for each in found if not frozenset(labels).isdisjoint(each.labels)]

    def mark(self, kind: str, keys: Iterable[str], state: str, who: str) -> None:
        """Note how far things are; an empty state takes it back."""
        with self._database.begin(alone="staff marks") as connection:
            for key in dict.fromkeys(keys):
                mine = (staff_marks.c.kind == kind) & (staff_marks.c.key == key)
                connection.execute(delete(staff_marks).where(mine))
                if state:
                    row = {"kind": kind, "key": key, "state": state, "who": who, "at": _now()}
                    connection.execute(insert(staff_marks).values(row))

    def marks(self, kind: str) -> dict[str, tuple[str, str]]:
        """Read `{key: (state, at)}`."""
        wanted = select(staff_marks.c.key, staff_marks.c.state, staff_marks.c.at).where(staff_marks.c.kind == kind)
        with self._database.begin() as connection:
            return {key: (state, at) for key, state, at in connection.execute(wanted)}


def withdrawn(entries: Sequence[Entry]) -> list[Entry]:
    """Of a history, the withdrawals that nothing has taken back: the last word about each document."""
    last = {each.document_id: each for each in entries}
    return [each for each in last.values() if each.action == "withdraw"]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
