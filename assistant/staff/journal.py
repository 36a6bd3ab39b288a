"""What was done on the page and why, and what was seen or dealt with: notes of operators, unanswered questions.

Kept in the file of conversations, so that a backup holds it. Says nothing of what documents hold but their titles.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from assistant.errors import PathError

Action = Literal["publish", "replace", "relabel", "withdraw", "restore", "delete"]
#: Longest reason, in characters.
REASON_CHARS = 500

_SCHEMA = """
CREATE TABLE IF NOT EXISTS staff_history (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, document_id TEXT NOT NULL,
    file TEXT NOT NULL, root TEXT NOT NULL, title TEXT NOT NULL, labels TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS staff_history_document ON staff_history(document_id, number);
CREATE TABLE IF NOT EXISTS staff_marks (
    kind TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (kind, key)) WITHOUT ROWID;
"""


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
    """The store. Safe for several threads."""

    def __init__(self, file: Path) -> None:
        """Open `file`, made when there is none. Raises PathError."""
        self._lock = threading.Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, timeout=30, check_same_thread=False)
            file.chmod(0o600)
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as exc:
            raise PathError(
                f"The file of conversations {file} cannot be used ({exc}).", "Name another one in `conversations`."
            ) from exc

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def note(self, entry: Entry) -> None:
        """Write down what was done, now."""
        labels = json.dumps(entry.labels, ensure_ascii=False)
        row = (_now(), entry.who, entry.action, entry.document_id, entry.file, entry.root, entry.title, labels)
        with self._lock, self._db:
            self._db.execute(
                "INSERT INTO staff_history (at, who, action, document_id, file, root, title, labels, reason) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, entry.reason.strip()[:REASON_CHARS]),
            )

    def history(self, labels: Collection[str]) -> list[Entry]:
        """All that was done to documents whose labels, at the time, meet these; oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT action, who, document_id, file, root, title, labels, reason, at, number FROM staff_history "
                "ORDER BY number"
            ).fetchall()
        found = [
            Entry(action, who, document_id, file, root, title, tuple(json.loads(marked)), reason, at, number)
            for action, who, document_id, file, root, title, marked, reason, at, number in rows
        ]
        return [each for each in found if not frozenset(labels).isdisjoint(each.labels)]

    def mark(self, kind: str, keys: Iterable[str], state: str, who: str) -> None:
        """Note how far things are; an empty state takes it back."""
        with self._lock, self._db:
            for key in keys:
                if state:
                    self._db.execute(
                        "INSERT OR REPLACE INTO staff_marks VALUES (?, ?, ?, ?, ?)", (kind, key, state, who, _now())
                    )
                else:
                    self._db.execute("DELETE FROM staff_marks WHERE kind = ? AND key = ?", (kind, key))

    def marks(self, kind: str) -> dict[str, tuple[str, str]]:
        """Read `{key: (state, at)}`."""
        with self._lock:
            rows = self._db.execute("SELECT key, state, at FROM staff_marks WHERE kind = ?", (kind,)).fetchall()
        return {key: (state, at) for key, state, at in rows}


def withdrawn(entries: Sequence[Entry]) -> list[Entry]:
    """Of a history, the withdrawals that nothing has taken back: the last word about each document."""
    last = {each.document_id: each for each in entries}
    return [each for each in last.values() if each.action == "withdraw"]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
