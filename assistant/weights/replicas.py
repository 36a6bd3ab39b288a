"""One language model on several servers: the least busy one is asked, and one that fails is left alone for a while.

A reply that has not begun is asked of another server; one that has begun is not, since its reader has seen the start.
What stands here is a circuit breaker for each server: after two failures in a row it gets no question until a pause has
passed, then one that shows whether it is back. The same interface as the model that runs here.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from assistant.errors import ModelAway, ModelError
from assistant.weights.chat_server import ChatServerModel, Message, Patience

if TYPE_CHECKING:
    from assistant.settings import Settings

_log = logging.getLogger(__name__)

#: Failures in a row after which a server is left alone.
_FAILURES = 2
#: Seconds between two looks at whether the asker still waits for a free place.
_LOOK_S = 0.2

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Replica:
    """A server and how it does: `again_at` is when it may be tried (monotonic), `trying` that it is right now."""

    model: ChatServerModel
    busy: int = 0
    failures: int = 0
    again_at: float = 0.0
    trying: bool = False

    @property
    def left_alone(self) -> bool:
        return self.failures >= _FAILURES

    def may_be_asked(self, now: float) -> bool:
        return not self.left_alone or (now >= self.again_at and not self.trying)


def servers_of(settings: Settings) -> list[ChatServerModel]:
    """Make a client for each language server of the settings; nothing is sent yet."""
    patience = Patience(
        settings.language_connect_seconds, settings.language_first_seconds, settings.language_next_seconds
    )
    key = settings.language_key.get_secret_value()
    return [
        ChatServerModel(settings.language_model, str(url), key, patience=patience) for url in settings.language_server
    ]


class Replicas:
    """The same model on `servers`, each asked at most `at_once` questions at a time. Safe for several threads.

    Methods raise ModelAway when no server answers, and ModelError when one refuses the request itself.
    """

    def __init__(
        self,
        servers: Sequence[ChatServerModel],
        *,
        at_once: int,
        pause_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = servers[0].name
        self._replicas = [_Replica(server) for server in servers]
        self._at_once = at_once
        self._pause_s = pause_s
        self._clock = clock
        self._changed = threading.Condition()

    def count_tokens(self, text: str) -> int:
        """Length of `text` by a server's tokenizer, else at most too high."""
        return self._on_any(lambda server: server.count_tokens(text))

    def log_odds(self, messages: Sequence[Message], beginnings: Sequence[str], against: str) -> None:
        """Not known: a server's model was not taught to be asked so."""

    def warm_up(self, messages: Sequence[Message]) -> None:
        """Have each server read a prompt; one that is away is told in the log and read to later."""
        for replica in self._replicas:
            try:
                replica.model.warm_up(messages)
            except ModelError as exc:
                _log.warning("%s", exc)

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        """Yield the reply piece by piece, from another server when one fails before the first piece."""
        tried: list[_Replica] = []
        last: ModelAway | None = None
        while (replica := self._take(tried, last, cancel)) is not None:
            begun = False
            with self._asked(replica):
                try:
                    pieces = replica.model.generate(messages, max_tokens=max_tokens, grammar=grammar, cancel=cancel)
                    with closing(pieces):  # type: ignore[type-var]
                        for piece in pieces:
                            if not begun:
                                begun = True
                                self._begins(replica)
                            yield piece
                    self._answered(replica)
                    return
                except ModelAway as exc:
                    self._failed(replica, exc)
                    if begun:
                        raise
                    tried.append(replica)
                    last = exc

    def _on_any(self, ask: Callable[[ChatServerModel], T]) -> T:
        tried: list[_Replica] = []
        last: ModelAway | None = None
        while (replica := self._take(tried, last, None)) is not None:
            with self._asked(replica):
                try:
                    answer = ask(replica.model)
                    self._answered(replica)
                    return answer
                except ModelAway as exc:
                    self._failed(replica, exc)
                    tried.append(replica)
                    last = exc
        raise AssertionError("nobody stops this question")

    # --- places and failures ----------------------------------------------------------------------------------

    def _take(
        self, tried: Sequence[_Replica], last: ModelAway | None, cancel: Callable[[], bool] | None
    ) -> _Replica | None:
        """A place at the least busy server that was not tried; None when `cancel` came first. Raises ModelAway."""
        while True:
            with self._changed:
                fit = [each for each in self._replicas if each not in tried and each.may_be_asked(self._clock())]
                if not fit:
                    raise last or self._nobody()
                free = [each for each in fit if each.busy < self._at_once]
                if not free:
                    self._changed.wait(_LOOK_S)
                    if cancel and cancel():
                        return None
                    continue
                replica = min(free, key=lambda each: each.busy)
                replica.busy += 1
                replica.trying = replica.left_alone
            if not replica.trying or self._is_back(replica):
                return replica

    def _is_back(self, replica: _Replica) -> bool:
        """Whether a server that was left alone answers at all; the asker is not made to wait for more than that."""
        try:
            replica.model.served_models()
        except ModelError as exc:
            with self._asked(replica):
                self._failed(replica, exc)
            return False
        return True

    @contextmanager
    def _asked(self, replica: _Replica) -> Iterator[None]:
        """Free the place at the end, however it comes."""
        try:
            yield
        finally:
            with self._changed:
                replica.busy -= 1
                replica.trying = False
                self._changed.notify_all()

    def _begins(self, replica: _Replica) -> None:
        """Let others ask a server that was tried; one more failure, and it is left alone again."""
        with self._changed:
            if replica.left_alone:
                _log.warning("The language server %s is back.", replica.model.url)
                replica.failures, replica.trying = _FAILURES - 1, False

    def _answered(self, replica: _Replica) -> None:
        with self._changed:
            replica.failures = 0

    def _failed(self, replica: _Replica, exc: ModelError) -> None:
        with self._changed:
            replica.failures += 1
            replica.again_at = self._clock() + self._pause_s
            if replica.failures == _FAILURES:
                _log.error("%s It is left alone for %.0f s.", exc, self._pause_s)

    def _nobody(self) -> ModelAway:
        names = ", ".join(each.model.url for each in self._replicas)
        return ModelAway(
            f"No language server answers ({names}); each is tried again {self._pause_s:.0f} s after it failed.",
            "Start one; `assistant doctor` tells which is up.",
        )
