"""Being told to stop, letting answers that were begun end, and telling systemd how far we are.

The first Ctrl-C or SIGTERM asks, the second one ends at once.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from assistant.errors import Stopping

if TYPE_CHECKING:
    from assistant.answering import Assistant
    from assistant.answering.ask import NamedEmbedder
    from assistant.index import Index
    from assistant.reading import Reader
    from assistant.schema import Answer, Event, Hit, Turn
    from assistant.web.line import Line

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


#: After the last answer its reader still has to hear its end, and its turn to be stored (seconds).
_LAST_WORDS_S = 1.0


class InFlight:
    """Counts requests that are being answered; those of tabs, which stay open, are not among them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one."""
        with self._lock:
            self.count += 1
        try:
            yield
        finally:
            with self._lock:
                self.count -= 1


class Gate:
    """The assistant, until it is closed: from then on a question that was not begun is refused."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        #: Whether questions are refused.
        self.closed = False

    @property
    def index(self) -> Index:
        """The assistant's own."""
        return self._assistant.index

    @property
    def reader(self) -> Reader:
        """The assistant's own."""
        return self._assistant.reader

    @property
    def embedder(self) -> NamedEmbedder:
        """The assistant's own."""
        return self._assistant.embedder

    def ask(
        self,
        question: str,
        *,
        labels: frozenset[str],
        cancel: Callable[[], bool] | None = None,
        history: Sequence[Turn] = (),
    ) -> Iterator[Event]:
        """The assistant's own events. Raises Stopping."""
        self._admit()
        yield from self._assistant.ask(question, labels=labels, cancel=cancel, history=history)

    def follow_ups(self, answer: Answer, *, labels: frozenset[str]) -> tuple[str, ...]:
        """The assistant's own. Raises Stopping."""
        self._admit()
        return self._assistant.follow_ups(answer, labels=labels)

    def search(self, query: str, *, labels: frozenset[str], top_k: int | None = None) -> list[Hit]:
        """The assistant's own. Raises Stopping."""
        self._admit()
        return self._assistant.search(query, labels=labels, top_k=top_k)

    def _admit(self) -> None:
        if self.closed:
            raise Stopping("The assistant is being stopped.", "Ask again in a minute.")

    def index_summary(self) -> dict[str, Any]:
        """The assistant's own."""
        return self._assistant.index_summary()

    def close(self, line: Line, seconds: float, requests: InFlight | None = None) -> None:
        """Refuse what was not begun, and give questions and `requests` that were up to `seconds` to end."""
        self.closed = line.draining = True
        requests = requests or InFlight()
        if not line.length and not requests.count:
            return
        until = time.monotonic() + seconds
        while (line.length or requests.count) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(_LAST_WORDS_S)


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """An event that is set when the process is asked to stop; asked again it raises KeyboardInterrupt.

    Signals reach the main thread alone; in another one the event stays unset.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def hear(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, hear) for number in _SIGNALS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell_systemd(state: str) -> None:
    """Say `READY=1` or `STOPPING=1` where systemd listens (`Type=notify`); elsewhere this does nothing."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where or not hasattr(socket, "AF_UNIX"):
        return
    address = f"\0{where[1:]}" if where.startswith("@") else where
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as said:
        said.sendto(state.encode(), address)
