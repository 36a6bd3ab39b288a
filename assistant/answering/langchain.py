"""The whole assistant as a LangChain `Runnable`: a question in, a verified answer out, its events as a stream."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, closing, suppress
from typing import Any, Protocol

from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor

from assistant.access import PUBLIC
from assistant.answering.events import event_json, turns_from
from assistant.errors import QuestionError
from assistant.schema import Event, Turn

#: A question, or `question` with `history`.
Asked = str | dict[str, Any]

_FIELDS = {"question", "history"}
_HINT = 'Give a text, or {"question": …, "history": […]}.'


class Asks(Protocol):
    """What the runnable needs of the assistant."""

    def ask(
        self,
        question: str,
        *,
        labels: frozenset[str],
        cancel: Callable[[], bool] | None = None,
        history: Sequence[Turn] = (),
    ) -> Iterator[Event]:
        """Events of one answer."""


class AllianceAssistant(Runnable[Asked, dict[str, Any]]):
    """Answers from the documents that a holder of `labels` may see; no input, argument or configuration widens them.

    Input: the question, or `{"question": …, "history": […]}`; `history` holds earlier questions, or the outputs of
    earlier calls, oldest first. `invoke` gives the answer's JSON, as `assistant ask --json` prints it. `stream` gives
    the events as dictionaries, each with its name in `event`: `understood`, `evidence`, `sentence` for each verified
    sentence, and last `finished`, which also holds all of the answer's JSON. A chain that goes on after us gets this
    last one. A stream that is left early stops the assistant.

    Raises what the assistant raises: QuestionError for an input that cannot be used, ModelError, an index error.
    """

    def __init__(self, assistant: Asks, labels: Iterable[str] = (PUBLIC,), *, max_question_chars: int = 2000) -> None:
        """`max_question_chars`: the assistant's own setting, for the questions of `history`."""
        self._assistant = assistant
        self._labels = frozenset(labels)
        self._max_chars = max_question_chars

    def invoke(self, input: Asked, config: RunnableConfig | None = None, **kwargs: Any) -> dict[str, Any]:
        """Answer a question; the answer's JSON."""
        _refuse(kwargs)
        return self._call_with_config(self._answer, input, config, run_type="chain")

    def stream(self, input: Asked, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[dict[str, Any]]:
        """Answer a question; its events as they come."""
        _refuse(kwargs)
        stop = threading.Event()

        def events(inputs: Iterator[Asked]) -> Iterator[dict[str, Any]]:
            for asked in inputs:
                yield from self._events(asked, stop)

        try:
            yield from self._transform_stream_with_config(iter([input]), events, config, run_type="chain")
        finally:
            stop.set()

    async def astream(
        self, input: Asked, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """Answer a question in a thread; its events as they come."""
        _refuse(kwargs)
        stop, end = threading.Event(), object()

        async def inputs() -> AsyncIterator[Asked]:
            yield input

        async def events(asked: AsyncIterator[Asked]) -> AsyncIterator[dict[str, Any]]:
            async for each in asked:
                found = self._events(each, stop)
                try:
                    while (event := await run_in_executor(None, next, found, end)) is not end:
                        yield event  # type: ignore[misc]
                finally:
                    stop.set()
                    with suppress(ValueError):  # a thread is still in it, and hears of `stop`
                        found.close()

        async with aclosing(
            self._atransform_stream_with_config(inputs(), events, config, run_type="chain")  # type: ignore[type-var]
        ) as told:
            async for event in told:
                yield event

    def _answer(self, asked: Asked) -> dict[str, Any]:
        for event in self._events(asked, threading.Event()):
            last = event
        return {name: value for name, value in last.items() if name != "event"}

    def _events(self, asked: Asked, stop: threading.Event) -> Generator[dict[str, Any]]:
        question, history = _told(asked)
        turns = turns_from(history, self._max_chars)
        events = self._assistant.ask(question, labels=self._labels, cancel=stop.is_set, history=turns)
        with closing(_as_generator(events)) as found:
            yield from map(event_json, found)


def _as_generator(events: Iterator[Event]) -> Any:
    """`events` with a `close`, so that what it holds is freed when it is left early."""
    yield from events


def _told(asked: object) -> tuple[str, Sequence[str | Mapping[str, Any]]]:
    if isinstance(asked, str):
        return asked, ()
    if not isinstance(asked, Mapping) or not isinstance(asked.get("question"), str):
        raise QuestionError("There is no question.", _HINT)
    if unknown := set(asked) - _FIELDS:
        raise QuestionError(f"{sorted(map(str, unknown))[0]!r} cannot be given with a question.", _HINT)
    history = asked.get("history") or ()
    if isinstance(history, str) or not isinstance(history, Sequence):
        raise QuestionError("The history is no list.", _HINT)
    return asked["question"], history


def _refuse(given: Mapping[str, Any]) -> None:
    if given:
        raise TypeError(f"A call takes no {', '.join(given)}; labels are fixed when the object is made.")
