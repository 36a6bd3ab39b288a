"""The conversations of everybody, in one database.

A question is stored when it is taken, and what was said of it as it is said; a server that was killed leaves it as
running. A conversation belongs to the user name it was begun with, and its id cannot be guessed; with another name it
does not exist. A conversation that nobody has gone on with for some days is deleted, with its ratings and notes.
Deleted content is overwritten in a SQLite file (`secure_delete`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from assistant.conversations.turns import NOTE_CHARS, Kept, Progress, Rating, from_record, to_record, visible
from assistant.database.opening import Database, place_of
from assistant.database.tables import CONVERSATIONS, conversations, turns
from assistant.errors import ConversationMissing
from assistant.schema import Turn

if TYPE_CHECKING:
    from assistant.settings import Settings

#: Entropy of an id, in bytes.
_ID_BYTES = 32

#: Between two looks for conversations that are too old.
_LOOK = timedelta(hours=1)


class Conversations:
    """The store. Safe for several threads and processes; a restart finds all of it again. Raises PathError."""

    def __init__(
        self,
        where: Path | str,
        *,
        max_turns: int,
        max_chars: int,
        days: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Open the file or database, made when there is none. `max_turns` and `max_chars` of a conversation are kept.

        `days`: so long after its last question a conversation is deleted; 0: never.
        """
        self._max_turns = max_turns
        self._max_chars = max_chars
        self._days = days
        self._clock = clock
        self._looked_at: datetime | None = None
        self._database = Database(where, CONVERSATIONS)
        self._forget_old()

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    @contextmanager
    def transaction(self, alone: str = "") -> Iterator[Connection]:
        """Read and write the tables in one transaction, as `Database.begin`; what is too old is gone by then."""
        self._forget_old()
        with self._database.begin(alone) as connection:
            yield connection

    def begin(self, user: str, name: str = "") -> str:
        """A new conversation of `user` ('' for a reader without a name): its id, which only its reader may know.

        `name`: an id that `new_name` made for it.
        """
        name = name or new_name()
        with self.transaction() as connection:
            connection.execute(insert(conversations).values(id=name, user=user, begun_at=self._now()))
        return name

    def take(self, conversation: str, user: str, question: str) -> int:
        """Store a question that is going to be answered; returns its number. Raises ConversationMissing."""
        last = select(func.coalesce(func.max(turns.c.number), 0)).where(turns.c.conversation == conversation)
        with self.transaction(alone=conversation) as connection:
            _check(connection, conversation, user)
            number = int(connection.execute(last).scalar_one()) + 1
            connection.execute(
                insert(turns).values(
                    conversation=conversation,
                    number=number,
                    asked_at=self._now(),
                    question=question,
                    record=to_record(question, Progress("running")),
                )
            )
            self._forget_oldest(connection, conversation)
        return number

    def keep(self, conversation: str, user: str, number: int, progress: Progress) -> None:
        """Store how far a question that was taken has come. Raises ConversationMissing, also for a lost turn."""
        mine = (turns.c.conversation == conversation) & (turns.c.number == number)
        with self.transaction(alone=conversation) as connection:
            _check(connection, conversation, user)
            question = connection.execute(select(turns.c.question).where(mine)).scalar()
            if question is None:
                raise _missing()
            status = progress.answer.status if progress.answer else ""
            connection.execute(update(turns).where(mine).values(record=to_record(question, progress), status=status))
            self._forget_oldest(connection, conversation)

    def turns(self, conversation: str, user: str, labels: Collection[str]) -> list[Kept]:
        """The turns, oldest first, without what `labels` do not admit. Raises ConversationMissing."""
        wanted = (
            select(turns.c.number, turns.c.asked_at, turns.c.record, turns.c.rating, turns.c.note, turns.c.reason)
            .where(turns.c.conversation == conversation)
            .order_by(turns.c.number)
        )
        with self.transaction() as connection:
            _check(connection, conversation, user)
            rows = connection.execute(wanted).all()
        found = [visible(from_record(*row), frozenset(labels)) for row in rows]
        first = next((place for place, kept in enumerate(found) if kept.hidden), len(found))
        # what a follow-up was understood as may say again what stood in a turn that is hidden now
        return [*found[:first], *(replace(kept, standalone="") for kept in found[first:])]

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
        mine = (turns.c.conversation == conversation) & (turns.c.number == number)
        judged = {"rating": rating, "note": note.strip()[:NOTE_CHARS], "reason": reason}
        with self.transaction() as connection:
            _check(connection, conversation, user)
            if connection.execute(update(turns).where(mine).values(judged)).rowcount != 1:
                raise _missing()

    def delete(self, conversation: str, user: str) -> None:
        """Delete a conversation with all of its turns and ratings. Raises ConversationMissing."""
        with self.transaction(alone=conversation) as connection:
            _check(connection, conversation, user)
            connection.execute(delete(conversations).where(conversations.c.id == conversation))

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")

    def _forget_old(self) -> None:
        """Delete what is older than it may be; looks once in an hour."""
        now = self._clock()
        if not self._days or (self._looked_at and now - self._looked_at < _LOOK):
            return
        self._looked_at = now
        oldest = (now - timedelta(days=self._days)).isoformat(timespec="milliseconds")
        alive = exists().where(turns.c.conversation == conversations.c.id, turns.c.asked_at >= oldest)
        with self._database.clean_up() as connection:
            if connection:
                connection.execute(delete(conversations).where(conversations.c.begun_at < oldest, ~alive))

    def _forget_oldest(self, connection: Connection, conversation: str) -> None:
        mine = turns.c.conversation == conversation
        lengths = select(turns.c.number, func.length(turns.c.record)).where(mine).order_by(turns.c.number.desc())
        total = 0
        for place, (number, length) in enumerate(connection.execute(lengths).all()):
            total += length
            if place and (place >= self._max_turns or total > self._max_chars):  # the newest one always stays
                connection.execute(delete(turns).where(mine, turns.c.number <= number))
                return


def open_conversations(settings: Settings) -> Conversations:
    """The store that the settings name. Raises PathError."""
    return Conversations(
        place_of(CONVERSATIONS, settings),
        max_turns=settings.conversation_turns,
        max_chars=settings.conversation_chars,
        days=settings.conversation_days,
    )


def new_name() -> str:
    """An id for a conversation that may be begun; nobody can guess it."""
    return secrets.token_urlsafe(_ID_BYTES)


def _check(connection: Connection, conversation: str, user: str) -> None:
    mine = (conversations.c.id == conversation) & (conversations.c.user == user)
    if connection.execute(select(conversations.c.id).where(mine)).first() is None:
        raise _missing()


def _missing() -> ConversationMissing:
    return ConversationMissing("There is no such conversation.", "Begin a new one.")
