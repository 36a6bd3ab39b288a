"""The waiting line: questions are answered one at a time, in the order they came.

One thread does all the work, since the language model answers one question at a time and the index is read
from one place. The page learns how many are ahead, gets events as they happen, and can stop a question at any
time, also while it waits. Knows nothing of Gradio or HTML.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.access import PUBLIC
from assistant.errors import AssistantError
from assistant.schema import Event, Turn

log = logging.getLogger(__name__)


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
    """`count` questions are before this one; 0: it is this one's turn."""

    count: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The question ended with `error`."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more comes."""


Report = Ahead | Event | Failed | Ended


class Ticket:
    """A place in the line. Reports arrive in the event loop that joined."""

    def __init__(self, question: str, labels: frozenset[str], history: Sequence[Turn]) -> None:
        self.question = question
        self.labels = labels
        self.history = history
        self._loop = asyncio.get_running_loop()
        self._reports: asyncio.Queue[Report] = asyncio.Queue()
        self._stop = threading.Event()

    def stop(self) -> None:
        """Stop this question: at once while it waits, else at the assistant's next look at `cancel`."""
        self._stop.set()

    def stopped(self) -> bool:
        """Whether this question was stopped."""
        return self._stop.is_set()

    def report(self, report: Report) -> None:
        """Pass `report` on; from any thread. A loop that is gone has no reader left."""
        try:
            self._loop.call_soon_threadsafe(self._reports.put_nowait, report)
        except RuntimeError:
            self.stop()

    async def next(self) -> Report:
        """The next report, in order; waits for it."""
        return await self._reports.get()


class Line:
    """Questions wait here for the one thread that asks the assistant."""

    def __init__(self, assistant: Asks) -> None:
        self._assistant = assistant
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ask")
        self._lock = threading.Lock()
        self._tickets: list[Ticket] = []

    def join(self, question: str, labels: frozenset[str] = frozenset({PUBLIC}), history: Sequence[Turn] = ()) -> Ticket:
        """Take a place for a holder of `labels`. Must be called in an event loop; reports start with `Ahead`."""
        ticket = Ticket(question, labels, history)
        with self._lock:
            self._tickets.append(ticket)
        self._tell_places()
        self._thread.submit(self._serve, ticket)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Stop `ticket`: its reader is told at once, the others when they move up."""
        ticket.stop()
        ticket.report(Ended())
        with self._lock:
            # The first one is being answered: it keeps its place until the thread is free again.
            waiting = ticket in self._tickets[1:]
            if waiting:
                self._tickets.remove(ticket)
        if waiting:
            self._tell_places()

    def close(self) -> None:
        """Stop all questions and wait for the thread to end."""
        with self._lock:
            for ticket in self._tickets:
                ticket.stop()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _tell_places(self) -> None:
        with self._lock:
            for ahead, ticket in enumerate(self._tickets):
                if ahead:
                    ticket.report(Ahead(ahead))

    def _serve(self, ticket: Ticket) -> None:
        if ticket.stopped():
            self._finish(ticket)
            return
        try:
            ticket.report(Ahead(0))
            asked = self._assistant.ask(
                ticket.question, labels=ticket.labels, cancel=ticket.stopped, history=ticket.history
            )
            with closing(_as_generator(asked)) as events:
                for event in events:
                    if ticket.stopped():
                        break
                    ticket.report(event)
        except AssistantError as error:
            log.error("%s", error)
            ticket.report(Failed(error))
        except Exception as error:  # a defect: the reader gets a sentence, the log gets the trace
            log.exception("A question could not be handled.")
            ticket.report(Failed(error))
        finally:
            self._finish(ticket)

    def _finish(self, ticket: Ticket) -> None:
        with self._lock:
            if ticket in self._tickets:
                self._tickets.remove(ticket)
        ticket.report(Ended())
        self._tell_places()


def _as_generator(events: Iterator[Event]) -> Any:
    """`events` with a `close`, so that what it holds is freed when it is left early."""
    yield from events
