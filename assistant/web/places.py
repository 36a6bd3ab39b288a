"""The waiting line of several web processes, in PostgreSQL: who waits, in which order, and which process answers.

Every process holds an advisory lock of its own over one connection. PostgreSQL frees it when the process ends, however
it ends, so the others see at once whose questions nobody answers any more. Changes of the order are made one at a time,
under another lock. Knows nothing of answers: what was asked and said is among the conversations.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from assistant.accounts.visitors import Visitor
from assistant.database.locks import PRESENT
from assistant.database.opening import Database
from assistant.database.tables import LINE, waiting, waiting_order
from assistant.errors import LineFull, OneAtATime, PathError
from assistant.web.line import LONGEST_LINE, MOST_OF_ONE
from assistant.web.queue import FairQueue

log = logging.getLogger(__name__)

_ALONE = "waiting line"
#: A machine that lost power is noticed so soon: PostgreSQL asks a silent connection, in seconds and times.
_KEEPALIVE = {"idle": 10, "interval": 5, "count": 2}


@dataclass(frozen=True, slots=True)
class Place:
    """A question in the line. `turn`: its number in its conversation; `visitor` asked it, with the labels of then.

    `process`: which answers it, None while it waits for one; `ahead`: how many are before it there. `changes` counts
    what was stored of its answer. `watched`: somebody looks at it; `stopped`: its reader wants no answer.
    """

    number: int
    conversation: str
    turn: int
    owner: str
    visitor: Visitor
    process: int | None
    watched: bool
    stopped: bool
    ahead: int
    changes: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The line at one moment: places by number, numbers of those that wait in order, and the processes that live."""

    places: Mapping[int, Place] = field(default_factory=dict)
    order: tuple[int, ...] = ()
    alive: Collection[int] = ()


class Places:
    """The line, as one process sees it. Safe for several threads and processes. Raises PathError."""

    def __init__(self, url: str, longest: int = LONGEST_LINE, most_of_one: int = MOST_OF_ONE) -> None:
        """Join the processes that share the database at `url`."""
        self._longest, self._most_of_one = longest, most_of_one
        self._database = Database(url, LINE)
        self._own: Connection | None = None
        #: What this process is called in the line, and the places that it gave up while the database was away.
        self.process = 0
        self.left: set[int] = set()
        self._come()

    def close(self) -> None:
        """Leave them: what this process has not answered is broken off."""
        own, self._own = self._own, None
        if own is not None:
            own.invalidate()  # closed, not put back into the pool: it holds the lock
            own.close()
        self._database.close()

    # --- what a process looks at again and again --------------------------------------------------------------------

    def look(self) -> Seen:
        """Look at the line. After a break of the connection this process comes back under another number."""
        connection = self._own or self._come()
        for number in tuple(self.left):
            self.leave(number)
        try:
            places = {row.number: _place(row) for row in connection.execute(select(waiting))}
            if not places:
                return Seen()
            order = _read(connection).order() if any(not each.process for each in places.values()) else []
            # read last: whoever has a place had its lock before
            present = text("SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :ours")
            return Seen(places, tuple(order), set(connection.execute(present, {"ours": PRESENT}).scalars()))
        except SQLAlchemyError as exc:
            self._own = None
            connection.invalidate()
            connection.close()
            raise self._database.error("used", exc) from exc

    def of(self, conversation: str) -> Place | None:
        """The question of a conversation that waits or is being answered."""
        wanted = select(waiting).where(waiting.c.conversation == conversation, waiting.c.turn > 0)
        with self._database.begin() as connection:
            row = connection.execute(wanted).first()
        return _place(row) if row else None

    # --- coming and going -------------------------------------------------------------------------------------------

    def enter(self, conversation: str, owner: str, visitor: Visitor) -> int:
        """Keep the place of a conversation until its question is stored. Raises OneAtATime."""
        with self._database.begin(_ALONE) as connection:
            mine = waiting.c.conversation == conversation
            if connection.execute(select(waiting.c.number).where(mine)).first():
                raise OneAtATime("The question before is still being answered.", "Wait for its end, or stop it.")
            return self._insert(connection, owner, visitor, conversation)

    def wait(self, number: int, turn: int) -> Place | None:
        """Let a place that was kept wait for a process. Raises LineFull.

        Returns a place that was given up for it, since nobody looks at that.
        """
        with self._database.begin(_ALONE) as connection:
            queue = _read(connection)
            owner = connection.execute(select(waiting.c.owner).where(waiting.c.number == number)).scalar_one()
            given_up = self._make_room(connection, queue, owner, number)
            _change(connection, number, turn=turn, process=None)
            queue.put(number, owner)
            _write(connection, queue)
        return given_up

    def enter_program(self, owner: str) -> int:
        """Count a question that this process answers itself. Raises LineFull."""
        with self._database.begin(_ALONE) as connection:
            self._make_room(connection, None, owner, 0)
            return self._insert(connection, owner, Visitor())

    def claim(self) -> Place | None:
        """The place whose turn it is, which this process answers now; None when none waits."""
        with self._database.begin(_ALONE) as connection:
            queue, row = _read(connection), None
            while len(queue) and row is None:
                mine = (waiting.c.number == queue.take()) & waiting.c.process.is_(None)
                claimed = update(waiting).where(mine).values(process=self.process)
                row = connection.execute(claimed.returning(*waiting.c)).first()
            _write(connection, queue)
        return _place(row) if row else None

    def release(self, number: int) -> None:
        """Let a place that this process claimed wait for another one."""
        with self._database.begin(_ALONE) as connection:
            queue = _read(connection)
            freed = update(waiting).where(waiting.c.number == number).values(process=None)
            row = connection.execute(freed.returning(waiting.c.owner, waiting.c.watched)).first()
            if row:
                queue.put(number, row.owner, postponed=not row.watched)
                _write(connection, queue)

    def leave(self, number: int) -> None:
        """Give up a place, now or as soon as the database is back; does nothing the second time."""
        self.left.add(number)
        with self._perhaps(), self._database.begin(_ALONE) as connection:
            self._remove(connection, number)
            self.left.discard(number)

    def stop(self, number: int) -> bool:
        """Stop a question: True when it waited and is gone; else the process that answers it is told."""
        with self._database.begin(_ALONE) as connection:
            wanted = select(waiting.c.process).where(waiting.c.number == number)
            if (row := connection.execute(wanted).first()) and row.process is None:
                self._remove(connection, number)
                return True
            _change(connection, number, stopped=True)
        return False

    def watch(self, number: int, watched: bool) -> None:
        """Note whether anybody looks, if the database is there."""
        with self._perhaps(), self._database.begin(_ALONE) as connection:
            queue = _read(connection)
            _change(connection, number, watched=watched)
            queue.postpone(number, not watched)
            _write(connection, queue)

    def tell(self, number: int, ahead: int) -> None:
        """Note how many are before a question in the process that answers it, if the database is there."""
        with self._perhaps(), self._database.begin() as connection:
            _change(connection, number, ahead=ahead)

    def touch(self, number: int) -> None:
        """Note that more was stored of an answer, if the database is there."""
        with self._perhaps(), self._database.begin() as connection:
            _change(connection, number, changes=waiting.c.changes + 1)

    @contextmanager
    def _perhaps(self) -> Iterator[None]:
        """Log what goes wrong: an answer that is being made must not end for it."""
        try:
            yield
        except PathError as exc:
            log.error("The line is not told. %s", exc)

    def _come(self) -> Connection:
        before, self.process = self.process, secrets.randbelow(2**31 - 1) + 1
        connection = self._database.connect()
        with self._database.told():
            for name, value in _KEEPALIVE.items():
                connection.execute(text(f"SET tcp_keepalives_{name} = {value}"))
            connection.execute(text("SELECT pg_advisory_lock(:ours, :me)"), {"ours": PRESENT, "me": self.process})
            connection.execute(update(waiting).where(waiting.c.process == before).values(process=self.process))
        self._own = connection
        return connection

    def _insert(self, connection: Connection, owner: str, visitor: Visitor, conversation: str | None = None) -> int:
        row = insert(waiting).values(
            conversation=conversation,
            owner=owner,
            user=visitor.user_id,
            name=visitor.name,
            labels=json.dumps(sorted(visitor.labels), ensure_ascii=False),
            process=self.process,
        )
        return int(connection.execute(row.returning(waiting.c.number)).scalar_one())

    def _make_room(
        self, connection: Connection, queue: FairQueue[int] | None, owner: str, besides: int
    ) -> Place | None:
        """Have a question that nobody looks at give up its place when the line is full. Raises LineFull."""
        others = select(func.count()).select_from(waiting).where(waiting.c.number != besides)
        if connection.execute(others.where(waiting.c.owner == owner)).scalar_one() >= self._most_of_one:
            raise LineFull("Too many of your questions wait.", "Ask again when one of them has been answered.")
        if connection.execute(others).scalar_one() < self._longest:
            return None
        for number in reversed(queue.order() if queue else []):
            row = connection.execute(select(waiting).where(waiting.c.number == number, ~waiting.c.watched)).first()
            if row and queue:
                queue.remove(number)
                connection.execute(delete(waiting).where(waiting.c.number == number))
                return _place(row)
        raise LineFull("Too many questions wait.", "Ask again in a minute.")

    def _remove(self, connection: Connection, number: int) -> None:
        connection.execute(delete(waiting).where(waiting.c.number == number))
        queue = _read(connection)
        if queue.remove(number):
            _write(connection, queue)


def _place(row: Row[Any]) -> Place:
    visitor = Visitor(row.user, row.name, frozenset(json.loads(row.labels)))
    named = {name: getattr(row, name) for name in ("number", "turn", "owner", "process", "ahead", "changes")}
    return Place(
        **named, conversation=row.conversation or "", visitor=visitor, watched=row.watched, stopped=row.stopped
    )


def _change(connection: Connection, number: int, **values: Any) -> None:
    connection.execute(update(waiting).where(waiting.c.number == number).values(**values))


def _read(connection: Connection) -> FairQueue[int]:
    written = connection.execute(select(waiting_order.c.queue)).scalar()
    return FairQueue.from_json(written) if written else FairQueue()


def _write(connection: Connection, queue: FairQueue[int]) -> None:
    written = {"queue": queue.to_json()}
    if not connection.execute(update(waiting_order).values(written)).rowcount:
        connection.execute(insert(waiting_order).values(id=1, **written))
