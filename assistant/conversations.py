"""Conversations: what was asked, what was answered and the evidence shown at the time, in one SQLite file.

A question is stored when it is taken, and what was said of it as it is said; a server that was killed leaves it as
running. A conversation belongs to the user name it was begun with, and its id cannot be guessed; with another name it
does not exist. What was shown is stored with the answer, so it stays as it was when a document changes or goes. What
depends on evidence that the reader's labels no longer admit is left out when the conversation is read again. A
conversation that nobody has gone on with for some days is deleted, with its ratings and notes. Deleted content is
overwritten in the file (`secure_delete`).

Knows nothing of the index, the page or the models.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal

from assistant.errors import ConversationMissing, PathError
from assistant.schema import Answer, Quote, Sentence, Turn

if TYPE_CHECKING:
    from assistant.settings import Settings

Rating = Literal["", "up", "down"]
#: How far a question came. What is running where nobody answers it was interrupted.
State = Literal["running", "finished", "stopped", "interrupted", "failed"]

#: Longest note beside a rating, in characters.
NOTE_CHARS = 1000
#: Entropy of an id, in bytes.
_ID_BYTES = 32

#: Between two looks for conversations that are too old.
_LOOK = timedelta(hours=1)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, begun_at TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    asked_at TEXT NOT NULL, record TEXT NOT NULL, rating TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (conversation, number)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A turn as it was shown. `number` counts from 1 in its conversation; `asked_at` is ISO 8601 in UTC.

    `standalone`: what a follow-up was understood as, else empty. `shown`: all evidence that was offered. `sentences`:
    what was said, all of it once there is an `answer`. `error` names why it failed. `hidden`: something of it is left
    out because the reader's labels no longer admit it. `reason`: what was wrong, by a name that the page gives it.
    """

    number: int
    question: str
    standalone: str
    answer: Answer | None
    shown: tuple[Quote, ...]
    asked_at: str
    rating: Rating = ""
    note: str = ""
    hidden: bool = False
    state: State = "finished"
    sentences: tuple[Sentence, ...] = ()
    error: str = ""
    reason: str = ""


class Conversations:
    """The store. Safe for several threads of one process; a restart finds all of it again."""

    def __init__(
        self,
        file: Path,
        *,
        max_turns: int,
        max_chars: int,
        days: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Open `file`, made when there is none. Of a conversation at most `max_turns` and `max_chars` are kept.

        `days`: so long after its last question a conversation is deleted; 0: never.
        """
        self._max_turns = max_turns
        self._max_chars = max_chars
        self._days = days
        self._clock = clock
        self._looked_at: datetime | None = None
        self._lock = threading.Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, timeout=30, check_same_thread=False)
            file.chmod(0o600)
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.execute("PRAGMA journal_mode = DELETE")  # a write-ahead log would keep what was deleted
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.executescript(_SCHEMA)
            self._upgrade()
            self._forget_old()
        except (OSError, sqlite3.Error) as exc:
            raise PathError(
                f"The file of conversations {file} cannot be used ({exc}).", "Name another one in `conversations`."
            ) from exc

    def _upgrade(self) -> None:
        """0.1.0 did not note when a conversation was begun: those are as if begun now. Later ones had no names."""
        for table, column in (("conversations", "begun_at"), ("conversations", "title"), ("turns", "reason")):
            if any(row[1] == column for row in self._db.execute(f"PRAGMA table_info({table})")):
                continue
            with self._db:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
                if column == "begun_at":
                    self._db.execute("UPDATE conversations SET begun_at = ?", (self._now(),))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Read and write the tables in one transaction."""
        with self._lock, self._db:
            self._forget_old()
            yield self._db

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")

    def _forget_old(self) -> None:
        """Delete what is older than it may be; looks once in an hour. The caller holds the lock."""
        now = self._clock()
        if not self._days or (self._looked_at and now - self._looked_at < _LOOK):
            return
        self._looked_at = now
        oldest = (now - timedelta(days=self._days)).isoformat(timespec="milliseconds")
        with self._db:
            self._db.execute(
                "DELETE FROM conversations WHERE begun_at < ? AND NOT EXISTS "
                "(SELECT 1 FROM turns WHERE conversation = conversations.id AND asked_at >= ?)",
                (oldest, oldest),
            )

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def begin(self, user: str, name: str = "") -> str:
        """A new conversation of `user` ('' for a reader without a name): its id, which only its reader may know.

        `name`: an id that `new_name` made for it.
        """
        name = name or new_name()
        with self._lock, self._db:
            self._forget_old()
            self._db.execute(
                "INSERT INTO conversations (id, user, begun_at) VALUES (?, ?, ?)", (name, user, self._now())
            )
        return name

    def take(self, conversation: str, user: str, question: str) -> int:
        """Store a question that is going to be answered; returns its number. Raises ConversationMissing."""
        with self._lock, self._db:
            self._check(conversation, user)
            number = int(
                self._db.execute(
                    "SELECT coalesce(max(number), 0) + 1 FROM turns WHERE conversation = ?", (conversation,)
                ).fetchone()[0]
            )
            self._db.execute(
                "INSERT INTO turns (conversation, number, asked_at, record) VALUES (?, ?, ?, ?)",
                (conversation, number, self._now(), _record(question, "running")),
            )
            self._forget_oldest(conversation)
        return number

    def keep(
        self,
        conversation: str,
        user: str,
        number: int,
        question: str,
        state: State,
        *,
        standalone: str = "",
        shown: Sequence[Quote] = (),
        sentences: Sequence[Sentence] = (),
        answer: Answer | None = None,
        error: str = "",
    ) -> None:
        """Store how far a question that was taken has come. Raises ConversationMissing, also for a lost turn."""
        record = _record(question, state, standalone, shown, sentences, answer, error)
        with self._lock, self._db:
            self._check(conversation, user)
            changed = self._db.execute(
                "UPDATE turns SET record = ? WHERE conversation = ? AND number = ?", (record, conversation, number)
            )
            if changed.rowcount != 1:
                raise _missing()
            self._forget_oldest(conversation)

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
                "SELECT number, asked_at, record, rating, note, reason FROM turns WHERE conversation = ? "
                "ORDER BY number",
                (conversation,),
            ).fetchall()
        turns = [_visible(_kept(*row), frozenset(labels)) for row in rows]
        first = next((place for place, kept in enumerate(turns) if kept.hidden), len(turns))
        # what a follow-up was understood as may say again what stood in a turn that is hidden now
        return [*turns[:first], *(replace(kept, standalone="") for kept in turns[first:])]

    def history(self, conversation: str, user: str, labels: Collection[str]) -> tuple[Turn, ...]:
        """The answered turns as a follow-up needs them. Raises ConversationMissing."""
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
            if kept.answer is not None
        )

    def rate(self, conversation: str, user: str, number: int, rating: Rating, note: str = "", reason: str = "") -> None:
        """Store what the reader thinks of a turn; '' takes it back. Raises ConversationMissing, also for a turn."""
        with self._lock, self._db:
            self._check(conversation, user)
            changed = self._db.execute(
                "UPDATE turns SET rating = ?, note = ?, reason = ? WHERE conversation = ? AND number = ?",
                (rating, note.strip()[:NOTE_CHARS], reason, conversation, number),
            )
            if changed.rowcount != 1:
                raise _missing()

    def delete(self, conversation: str, user: str) -> None:
        """Delete a conversation with all of its turns and ratings. Raises ConversationMissing."""
        with self._lock, self._db:
            self._check(conversation, user)
            self._db.execute("DELETE FROM conversations WHERE id = ?", (conversation,))

    def _check(self, conversation: str, user: str) -> None:
        self._forget_old()
        with closing(
            self._db.execute("SELECT 1 FROM conversations WHERE id = ? AND user = ?", (conversation, user))
        ) as found:
            if found.fetchone() is None:
                raise _missing()


def open_conversations(settings: Settings) -> Conversations:
    """The store that the settings name. Raises PathError."""
    return Conversations(
        settings.conversations,
        max_turns=settings.conversation_turns,
        max_chars=settings.conversation_chars,
        days=settings.conversation_days,
    )


def new_name() -> str:
    """An id for a conversation that may be begun; nobody can guess it."""
    return secrets.token_urlsafe(_ID_BYTES)


def _missing() -> ConversationMissing:
    return ConversationMissing("There is no such conversation.", "Begin a new one.")


# --- what is stored, and what of it may be seen again ----------------------------------------------------------------


def _evidence(value: dict[str, Any]) -> Quote:
    known = {name.name: value[name.name] for name in fields(Quote) if name.name in value}
    if PurePath(known["path"]).is_absolute():  # 0.1.0 told where a file lies on the server
        known["path"] = known["document_id"]
    span = known.get("span")
    return Quote(
        **{
            **known,
            "heading_path": tuple(known["heading_path"]),
            "labels": tuple(known["labels"]),
            "span": (span[0], span[1]) if span else None,
        }
    )


def _record(
    question: str,
    state: State,
    standalone: str = "",
    shown: Sequence[Quote] = (),
    sentences: Sequence[Sentence] = (),
    answer: Answer | None = None,
    error: str = "",
) -> str:
    record = {
        "question": question,
        "state": state,
        "standalone": standalone,
        "shown": [asdict(piece) for piece in shown],
        "sentences": [] if answer else [asdict(sentence) for sentence in sentences],  # they stand in the answer
        "answer": asdict(answer) if answer else None,
        "error": error,
    }
    return json.dumps(record, ensure_ascii=False)


def _kept(number: int, asked_at: str, record: str, rating: Rating, note: str, reason: str) -> Kept:
    value = json.loads(record)
    answer = _answer(value["answer"]) if value["answer"] else None
    return Kept(
        number=number,
        question=value["question"],
        standalone=value["standalone"],
        answer=answer,
        shown=tuple(_evidence(piece) for piece in value["shown"]),
        asked_at=asked_at,
        rating=rating,
        note=note,
        state=value.get("state", "finished"),  # 0.1.0 stored finished turns alone
        sentences=answer.sentences if answer else _sentences(value["sentences"]),
        error=value.get("error", ""),
        reason=reason,
    )


def _sentences(value: Sequence[dict[str, Any]]) -> tuple[Sentence, ...]:
    return tuple(Sentence(one["text"], tuple(one["citations"])) for one in value)


def _answer(value: dict[str, Any]) -> Answer:
    return Answer(
        question=value["question"],
        language=value["language"],
        status=value["status"],
        answer=value["answer"],
        sentences=_sentences(value["sentences"]),
        citations=tuple(_evidence(piece) for piece in value["citations"]),
        related=tuple(_evidence(piece) for piece in value["related"]),
        conflicts=tuple((newer, older) for newer, older in value["conflicts"]),
        timings_ms=value["timings_ms"],
        models=value["models"],
        probability=value.get("probability", 0.0),  # 0.1.0 stored neither
        inputs=value.get("inputs", {}),
        rule=value.get("rule", {}),
    )


def _visible(kept: Kept, labels: frozenset[str]) -> Kept:
    """The turn without the evidence that `labels` do not admit, and without every sentence that rests on it."""
    answer = kept.answer
    pieces = (*kept.shown, *(answer.citations + answer.related if answer else ()))
    lost = {piece.id for piece in pieces if labels.isdisjoint(piece.labels)}
    if not lost:
        return kept
    sentences = tuple(sentence for sentence in kept.sentences if lost.isdisjoint(sentence.citations))
    shown = tuple(piece for piece in kept.shown if piece.id not in lost)
    left = replace(kept, hidden=True, shown=shown, sentences=sentences)
    if answer is None:
        return left
    words = answer.answer if sentences == kept.sentences else "\n".join(sentence.text for sentence in sentences)
    return replace(
        left,
        answer=replace(
            answer,
            answer=words,
            sentences=sentences,
            citations=tuple(piece for piece in answer.citations if piece.id not in lost),
            related=tuple(piece for piece in answer.related if piece.id not in lost),
            conflicts=tuple(pair for pair in answer.conflicts if lost.isdisjoint(pair)),
        ),
    )


# --- what the staff learns from all conversations --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """A question that was refused or whose answer was rated bad, without a name."""

    question: str
    status: str
    rating: Rating
    note: str
    asked_at: str


def judged_in(file: Path, labels: Collection[str], days: int = 30) -> list[Judged]:
    """List what was refused or rated bad in the last `days`, newest first, as far as `labels` admit all its evidence.

    A question that was asked among hidden evidence may say again what stands there, so it is left out.
    """
    if not file.is_file():
        return []
    since = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    with closing(sqlite3.connect(file, timeout=30)) as db:
        rows = db.execute(
            "SELECT number, asked_at, record, rating, note, reason FROM turns WHERE asked_at >= ? AND "
            "(rating = 'down' OR instr(record, '\"status\": \"refused\"')) ORDER BY asked_at DESC",
            (since,),
        ).fetchall()
    found = [_visible(_kept(*row), frozenset(labels)) for row in rows]
    return [
        Judged(one.standalone or one.question, one.answer.status, one.rating, one.note, one.asked_at)
        for one in found
        if one.answer and not one.hidden and (one.answer.status == "refused" or one.rating == "down")
    ]


def answers_citing(file: Path, document_id: str) -> int:
    """Count the stored answers that show a document."""
    if not file.is_file():
        return 0
    with closing(sqlite3.connect(file, timeout=30)) as db:
        wanted = f'"document_id": {json.dumps(document_id, ensure_ascii=False)}'
        return int(db.execute("SELECT count(*) FROM turns WHERE instr(record, ?)", (wanted,)).fetchone()[0])
