"""The waiting line: one thread searches and reads, others have the language model write; all take users in turn.

The model of this machine writes one answer at a time, so there is one such thread; language servers take more.

So evidence is there soon, also while the language model is busy with others, and whoever asks much holds up nobody. The
line is bounded. Whoever asked learns how many are ahead, gets events as they happen, and can stop a question at any
time, also while it waits. A question that nobody looks at gives way to all others. Knows nothing of Gradio or HTML.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from assistant.access import PUBLIC
from assistant.errors import AssistantError, LineFull, Stopping
from assistant.schema import Event, EvidenceFound, Turn, Weighing
from assistant.web.queue import FairQueue

log = logging.getLogger(__name__)

#: Questions that may wait or be answered at a time, of all and of one user.
LONGEST_LINE, MOST_OF_ONE = 100, 8
#: Longest wait for the two threads when the line is closed, in seconds; then they are left behind.
_FAREWELL_S = 60.0


class Asks(Protocol):
    """What the page needs of the assistant."""

    def ask(
        self,
        question: str,
        *,
        labels: frozenset[str],
        cancel: Callable[[], bool] | None = None,
        history: Sequence[Turn] = (),
    ) -> Iterator[Event]:
        """Events of one answer. Ends early once `cancel()` is true. Raises AssistantError."""
        ...

    def index_summary(self) -> dict[str, Any]:
        """`documents`, `chunks`, `waiting` (counts), `newest_effective_date` (ISO 8601 or ""), `progress` or None."""
        ...


@dataclass(frozen=True, slots=True)
class Ahead:
    """`count` questions are before this one, for what comes next: evidence, then prose; 0: it is its turn."""

    count: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The question ended with `error`."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more comes."""


Report = Ahead | Event | Failed | Ended


class Counts(Protocol):
    """Counts the questions of programs where several processes share one limit."""

    def enter_program(self, owner: str) -> int:
        """Count a question. Raises LineFull."""
        ...

    def leave(self, number: int) -> None:
        """Count it no more; does nothing the second time."""
        ...


class Ticket:
    """A place in the line. Reports go to `tell`, from any thread; without it to the event loop that joined.

    `ended` is called with the end, perhaps more than once.
    """

    def __init__(
        self,
        question: str,
        labels: frozenset[str],
        history: Sequence[Turn],
        owner: str,
        tell: Callable[[Report], None] | None,
    ) -> None:
        self.question = question
        self.labels = labels
        self.history = history
        self.owner = owner
        self.watched = True
        self.events: Generator[Event, None, None] | None = None
        self.ahead = 0
        self.ended: Callable[[], None] = lambda: None
        self._stop = threading.Event()
        self._reports: asyncio.Queue[Report] = asyncio.Queue()
        self._loop = None if tell else asyncio.get_running_loop()
        self._tell = tell or self._put

    def stop(self) -> None:
        """Stop this question: at once while it waits, else at the assistant's next look at `cancel`."""
        self._stop.set()

    def stopped(self) -> bool:
        """Whether this question was stopped."""
        return self._stop.is_set()

    def report(self, report: Report) -> None:
        """Pass `report` on; from any thread. A loop that is gone has no reader left."""
        try:
            self._tell(report)
        except RuntimeError:
            self.stop()
        if isinstance(report, Ended):
            self.ended()

    async def next(self) -> Report:
        """The next report, in order; waits for it. For who joined in an event loop."""
        return await self._reports.get()

    def _put(self, report: Report) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._reports.put_nowait, report)


@dataclass
class _Lane:
    """What waits for one kind of thread, and what they are at; `seats`: how many there are."""

    name: str
    seats: int = 1
    waiting: FairQueue[Ticket] = field(default_factory=FairQueue)
    serving: list[Ticket] = field(default_factory=list)


class Line:
    """Questions wait here for the threads that ask the assistant; `writers` have answers phrased at the same time."""

    def __init__(
        self, assistant: Asks, longest: int = LONGEST_LINE, most_of_one: int = MOST_OF_ONE, *, writers: int = 1
    ) -> None:
        self._assistant = assistant
        self._longest, self._most_of_one = longest, most_of_one
        self._changed = threading.Condition()
        self._closed = False
        self._reading, self._writing = _Lane("read"), _Lane("write", writers)
        self._lanes = (self._reading, self._writing)
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"line-{lane.name}-{seat}", daemon=True)
            for lane in self._lanes
            for seat in range(lane.seats)
        ]
        for thread in self._threads:
            thread.start()
        #: Questions taken since the start.
        self.taken = 0
        #: Whether the server is stopping and nothing more is begun.
        self.draining = False
        #: Where the questions of programs are counted as well, and what is called when a reading thread is free again.
        self.shared: Counts | None = None
        self.freed: Callable[[], None] = lambda: None

    @property
    def length(self) -> int:
        """Questions that wait or are being answered."""
        with self._changed:
            return len(self._tickets())

    @property
    def closed(self) -> bool:
        """Whether nothing is answered any more."""
        return self._closed

    def join(
        self,
        question: str,
        labels: frozenset[str] = frozenset({PUBLIC}),
        history: Sequence[Turn] = (),
        *,
        owner: str = "",
        tell: Callable[[Report], None] | None = None,
        admitted: bool = False,
    ) -> Ticket:
        """Take a place for a holder of `labels`; `owner` tells users apart. Raises LineFull, Stopping.

        Reports, the first an `Ahead`, go to `tell`; without it this must be called in an event loop. `admitted`: it was
        counted already.
        """
        ticket = Ticket(question, labels, history, owner, tell)
        if self.shared and not admitted:
            leave, number = self.shared.leave, self.shared.enter_program(owner)
            ticket.ended = lambda: leave(number)
        try:
            return self._take_in(ticket, admitted)
        except AssistantError:
            ticket.ended()
            raise

    def _take_in(self, ticket: Ticket, admitted: bool) -> Ticket:
        with self._changed:
            if self._closed:
                raise Stopping("The assistant is being stopped.", "Ask again in a minute.")
            given_up, owner = None if admitted else self._make_room(ticket.owner), ticket.owner
            self._reading.waiting.put(ticket, owner)
            self.taken += 1
            self._tell_places()
            self._changed.notify_all()
        if given_up:
            given_up.report(Ended())
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Stop `ticket`: its reader is told at once, the others when they move up."""
        ticket.stop()
        with self._changed:
            waiting = self._drop(ticket)
            if waiting:
                self._tell_places()
        if waiting or ticket in (*self._reading.serving, *self._writing.serving):
            ticket.report(Ended())

    def watch(self, ticket: Ticket, watched: bool) -> None:
        """Note whether anybody looks at `ticket`."""
        with self._changed:
            ticket.watched = watched
            for lane in self._lanes:
                lane.waiting.postpone(ticket, not watched)
            self._tell_places()

    def is_read(self, ticket: Ticket) -> bool:
        """Whether `ticket` waits for evidence, or it is being looked for."""
        with self._changed:
            return ticket in self._reading.serving or ticket in self._reading.waiting.order()

    def close(self) -> None:
        """Stop all questions and wait for the threads to end."""
        with self._changed:
            self._closed = True
            left = [ticket for ticket in self._tickets() if self._drop(ticket)]
            for lane in self._lanes:
                for ticket in lane.serving:
                    ticket.stop()
            self._changed.notify_all()
        for ticket in left:
            ticket.report(Ended())
        for thread in self._threads:
            thread.join(_FAREWELL_S)

    def _tickets(self) -> list[Ticket]:
        served = [ticket for lane in self._lanes for ticket in lane.serving]
        return [*served, *(ticket for lane in self._lanes for ticket in lane.waiting.order())]

    def _make_room(self, owner: str) -> Ticket | None:
        """Have a question that nobody looks at give up its place when the line is full. The caller holds the lock."""
        tickets = self._tickets()
        if sum(ticket.owner == owner for ticket in tickets) >= self._most_of_one:
            raise LineFull("Too many of your questions wait.", "Ask again when one of them has been answered.")
        if len(tickets) < self._longest:
            return None
        unseen = next((ticket for ticket in reversed(tickets) if not ticket.watched and self._drop(ticket)), None)
        if unseen is None:
            raise LineFull("Too many questions wait.", "Ask again in a minute.")
        return unseen

    def _drop(self, ticket: Ticket) -> bool:
        """Take a question out of what waits, and free what it holds. The caller holds the lock."""
        if not any(lane.waiting.remove(ticket) for lane in self._lanes):
            return False
        ticket.stop()
        if ticket.events is not None:
            ticket.events.close()
        return True

    def _tell_places(self) -> None:
        """Tell those who wait how many are ahead of them, if that has changed. The caller holds the lock."""
        for lane in self._lanes:
            for ahead, ticket in enumerate(lane.waiting.order(), start=len(lane.serving)):
                if ahead >= lane.seats and ahead != ticket.ahead:
                    ticket.ahead = ahead
                    ticket.report(Ahead(ahead))

    def _work(self, lane: _Lane) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or len(lane.waiting) > 0)
                if self._closed:
                    return
                ticket = lane.waiting.take()
                lane.serving.append(ticket)
                ticket.ahead = 0
                self._tell_places()
            goes_on = self._serve(ticket, lane)
            with self._changed:
                lane.serving.remove(ticket)
                if goes_on and not ticket.stopped() and not self._closed:
                    self._writing.waiting.put(ticket, ticket.owner, postponed=not ticket.watched)
                    self._changed.notify_all()
                else:
                    goes_on = False
                self._tell_places()
            if lane is self._reading:
                self.freed()
            if not goes_on:
                if ticket.events is not None:
                    ticket.events.close()
                ticket.report(Ended())

    def _serve(self, ticket: Ticket, lane: _Lane) -> bool:
        """Pass events on; returns whether the language model has to go on."""
        try:
            ticket.report(Ahead(0))
            if ticket.events is None:
                ticket.events = self._ask(ticket)
            for event in ticket.events:
                if ticket.stopped():
                    return False
                ticket.report(event)
                written_next = isinstance(event, Weighing) or (isinstance(event, EvidenceFound) and event.phrased)
                if lane is self._reading and written_next:
                    return True
        except AssistantError as error:
            log.error("%s", error)
            ticket.report(Failed(error))
        except Exception as error:  # a defect: the reader gets a sentence, the log gets the trace
            log.exception("A question could not be handled.")
            ticket.report(Failed(error))
        return False

    def _ask(self, ticket: Ticket) -> Generator[Event, None, None]:
        """The assistant's events, with a `close` that frees what it holds when it is left early."""
        yield from self._assistant.ask(
            ticket.question, labels=ticket.labels, cancel=ticket.stopped, history=ticket.history
        )
