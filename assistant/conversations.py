"""Conversations: what was asked, what was answered and the evidence shown at the time, in one SQLite file.

A conversation belongs to the user name it was begun with, and its id cannot be guessed; with another name it does not
exist. What was shown is stored with the answer, so it stays as it was when a document changes or goes. What depends on
evidence that the reader's labels no longer admit is left out when the conversation is read again. Deleted content is
overwritten in the file (`secure_delete`).

Knows nothing of the index, the page or the models.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from assistant.errors import ConversationMissing, PathError
from assistant.schema import Answer, Evidence, Sentence, Turn

Rating = Literal["", "up", "down"]

#: Longest note beside a rating, in characters.
NOTE_CHARS = 1000
#: Entropy of an id, in bytes.
_ID_BYTES = 32

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, user TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    asked_at TEXT NOT NULL, record TEXT NOT NULL, rating TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (conversation, number)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A turn as it was shown. `number` counts from 1 in its conversation; `asked_at` is ISO 8601 in UTC.

    `standalone`: what a follow-up was understood as, else empty. `shown`: all evidence that was offered. `hidden`:
    something of it is left out because the reader's labels no longer admit it.
    """

    number: int
    question: str
    standalone: str
    answer: Answer
    shown: tuple[Evidence, ...]
    asked_at: str
    rating: Rating = ""
    note: str = ""
    hidden: bool = False


class Conversations:
    """The store. Safe for several threads of one process; a restart finds all of it again."""

    def __init__(self, file: Path, *, max_turns: int, max_chars: int) -> None:
        """Open `file`, made when there is none. Of a conversation at most `max_turns` and `max_chars` are kept."""
        self._max_turns = max_turns
        self._max_chars = max_chars
        self._lock = threading.Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, timeout=30, check_same_thread=False)
            file.chmod(0o600)
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.execute("PRAGMA journal_mode = DELETE")  # a write-ahead log would keep what was deleted
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as exc:
            raise PathError(
                f"The file of conversations {file} cannot be used ({exc}).", "Name another one in `conversations`."
            ) from exc

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def begin(self, user: str) -> str:
        """A new conversation of `user` ('' for a reader without a name): its id, which only its reader may know."""
        name = secrets.token_urlsafe(_ID_BYTES)
        with self._lock, self._db:
            self._db.execute("INSERT INTO conversations VALUES (?, ?)", (name, user))
        return name

    def add(
        self, conversation: str, user: str, question: str, answer: Answer, *, shown: Sequence[Evidence], standalone: str
    ) -> int:
        """Store a finished turn with the evidence that was offered; returns its number. Raises ConversationMissing."""
        record = {
            "question": question,
            "standalone": standalone,
            "answer": asdict(answer),
            "shown": [asdict(piece) for piece in shown],
        }
        with self._lock, self._db:
            self._check(conversation, user)
            number = int(
                self._db.execute(
                    "SELECT coalesce(max(number), 0) + 1 FROM turns WHERE conversation = ?", (conversation,)
                ).fetchone()[0]
            )
            self._db.execute(
                "INSERT INTO turns (conversation, number, asked_at, record) VALUES (?, ?, ?, ?)",
                (
                    conversation,
                    number,
                    datetime.now(UTC).isoformat(timespec="seconds"),
                    json.dumps(record, ensure_ascii=False),
                ),
            )
            self._forget_oldest(conversation)
        return number

    def _forget_oldest(self, conversation: str) -> None:
        rows = self._db.execute(
            "SELECT number, length(record) FROM turns WHERE conversation = ? ORDER BY number DESC", (conversation,)
        ).fetchall()
        total = 0
        for place, (number, length) in enumerate(rows):
            total += length
            if place and (place >= self._max_turns or total > self._max_chars):  # the newest one always stays
                self._db.execute("DELETE FROM turns WHERE conversation = ? AND number <= ?", (conversation, number))
                return

    def turns(self, conversation: str, user: str, labels: Collection[str]) -> list[Kept]:
        """The turns, oldest first, without what `labels` do not admit. Raises ConversationMissing."""
        with self._lock:
            self._check(conversation, user)
            rows = self._db.execute(
                "SELECT number, asked_at, record, rating, note FROM turns WHERE conversation = ? ORDER BY number",
                (conversation,),
            ).fetchall()
        return [_visible(_kept(*row), frozenset(labels)) for row in rows]

    def history(self, conversation: str, user: str, labels: Collection[str]) -> tuple[Turn, ...]:
        """The turns as a follow-up needs them. Raises ConversationMissing."""
        return tuple(
            Turn(
                question=kept.question,
                standalone=kept.standalone or kept.question,
                language=kept.answer.language,
                status=kept.answer.status,
                answer=" ".join(sentence.text for sentence in kept.answer.sentences),
                cited=kept.answer.citations,
            )
            for kept in self.turns(conversation, user, labels)
        )

    def rate(self, conversation: str, user: str, number: int, rating: Rating, note: str = "") -> None:
        """Store what the reader thinks of a turn; '' takes it back. Raises ConversationMissing, also for a turn."""
        with self._lock, self._db:
            self._check(conversation, user)
            changed = self._db.execute(
                "UPDATE turns SET rating = ?, note = ? WHERE conversation = ? AND number = ?",
                (rating, note.strip()[:NOTE_CHARS], conversation, number),
            )
            if changed.rowcount != 1:
                raise _missing()

    def delete(self, conversation: str, user: str) -> None:
        """Delete a conversation with all of its turns and ratings. Raises ConversationMissing."""
        with self._lock, self._db:
            self._check(conversation, user)
            self._db.execute("DELETE FROM conversations WHERE id = ?", (conversation,))

    def _check(self, conversation: str, user: str) -> None:
        with closing(
            self._db.execute("SELECT 1 FROM conversations WHERE id = ? AND user = ?", (conversation, user))
        ) as found:
            if found.fetchone() is None:
                raise _missing()


def _missing() -> ConversationMissing:
    return ConversationMissing("There is no such conversation.", "Begin a new one.")


# --- what is stored, and what of it may be seen again ----------------------------------------------------------------


def _evidence(value: dict[str, Any]) -> Evidence:
    known = {name.name: value[name.name] for name in fields(Evidence) if name.name in value}
    return Evidence(**{**known, "heading_path": tuple(known["heading_path"]), "labels": tuple(known["labels"])})


def _kept(number: int, asked_at: str, record: str, rating: Rating, note: str) -> Kept:
    value = json.loads(record)
    answer = value["answer"]
    return Kept(
        number=number,
        question=value["question"],
        standalone=value["standalone"],
        answer=Answer(
            question=answer["question"],
            language=answer["language"],
            status=answer["status"],
            answer=answer["answer"],
            sentences=tuple(
                Sentence(one["text"], tuple(one["citations"]), one["verified"]) for one in answer["sentences"]
            ),
            citations=tuple(_evidence(piece) for piece in answer["citations"]),
            related=tuple(_evidence(piece) for piece in answer["related"]),
            conflicts=tuple((newer, older) for newer, older in answer["conflicts"]),
            timings_ms=answer["timings_ms"],
            models=answer["models"],
        ),
        shown=tuple(_evidence(piece) for piece in value["shown"]),
        asked_at=asked_at,
        rating=rating,
        note=note,
    )


def _visible(kept: Kept, labels: frozenset[str]) -> Kept:
    """The turn without the evidence that `labels` do not admit, and without every sentence that rests on it."""
    answer = kept.answer
    pieces = (*kept.shown, *answer.citations, *answer.related)
    lost = {piece.id for piece in pieces if labels.isdisjoint(piece.labels)}
    if not lost:
        return kept
    sentences = tuple(sentence for sentence in answer.sentences if lost.isdisjoint(sentence.citations))
    return replace(
        kept,
        hidden=True,
        shown=tuple(piece for piece in kept.shown if piece.id not in lost),
        answer=replace(
            answer,
            answer=answer.answer
            if sentences == answer.sentences
            else "\n".join(sentence.text for sentence in sentences),
            sentences=sentences,
            citations=tuple(piece for piece in answer.citations if piece.id not in lost),
            related=tuple(piece for piece in answer.related if piece.id not in lost),
            conflicts=tuple(pair for pair in answer.conflicts if lost.isdisjoint(pair)),
        ),
    )
