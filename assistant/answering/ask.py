"""The assistant over one index: what page, command line, API and evaluation ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Protocol, get_args

from assistant.access import PUBLIC
from assistant.answering.flow import Flow, Parts
from assistant.answering.follow_ups import follow_ups
from assistant.answering.read import Retriever, read
from assistant.answering.replies import prompt_of
from assistant.answering.say import ChatModel, Speaker
from assistant.answering.understand import understand
from assistant.index import Index, Visible
from assistant.reading import Reader
from assistant.schema import Answer, Event, Hit, Language, Question, Turn, Verdict
from assistant.settings import Settings
from assistant.text.language import clean_question
from assistant.tuning import tuning

_EVERYONE = frozenset({PUBLIC})


class NamedEmbedder(Protocol):
    """The embedder's name, which answers carry."""

    name: str


class Assistant:
    """Answers questions from one index. Safe for several threads: the models serve one question at a time."""

    def __init__(
        self,
        index: Index,
        retriever: Retriever,
        reader: Reader,
        model: ChatModel,
        embedder: NamedEmbedder,
        settings: Settings,
    ) -> None:
        self.index = index
        self.reader = reader
        self._model = model
        self._embedder = embedder
        self._settings = settings
        numbers = tuning()
        speaker = Speaker(
            model, reader, settings.prompts, settings.answer_tokens, numbers.holds, numbers.backing, numbers.supports
        )
        models = {"embedder": embedder.name, "language": model.name, "reader": reader.fingerprint}
        self._parts = Parts(retriever, reader, speaker, numbers, settings.top_k, models)

    def ask(
        self,
        question: str,
        *,
        labels: frozenset[str] = _EVERYONE,
        cancel: Callable[[], bool] | None = None,
        history: Sequence[Turn] = (),
    ) -> Iterator[Event]:
        """Answer `question` for a holder of `labels`; the events end with `Finished` unless `cancel` said stop.

        `history` holds the earlier turns of the conversation, oldest first: a follow-up is read with the question
        before it. It must hold nothing that `labels` do not admit.
        Raises QuestionError, ModelError or an index error; never yields an error as an answer. When no language server
        answers, the quotes stand in their own words (status `quotes_only`).
        """
        visible = self.index.seen_by(labels)
        asked = self._understood(question, visible, history)
        yield from Flow(self._parts, asked, visible, cancel).events(history)

    def search(self, query: str, *, labels: frozenset[str] = _EVERYONE, top_k: int | None = None) -> list[Hit]:
        """Find the passages that match `query`, best first."""
        query = clean_question(query, self._settings.max_question_chars)
        return self._parts.retriever.search(query, labels, top_k or self._settings.top_k)

    def follow_ups(self, answer: Answer, *, labels: frozenset[str] = _EVERYONE) -> tuple[str, ...]:
        """Find what the documents that `answer` cites answer beside it, judged like any question."""
        visible = self.index.seen_by(labels)

        def verdict(text: str) -> Verdict:
            asked = self._understood(text, visible)
            return Flow(self._parts, asked, visible).verdict(asked, asked.text)

        return follow_ups(answer, visible, verdict)

    def _understood(self, question: str, visible: Visible, history: Sequence[Turn] = ()) -> Question:
        longest = self._settings.max_question_chars
        return understand(question, history, visible, max_chars=longest, today=date.today())

    def index_summary(self, labels: frozenset[str] = _EVERYONE) -> dict[str, Any]:
        """Count visible `documents`, `chunks`, `waiting` chunks, and tell the `newest_effective_date` (ISO or '').

        `collections`: documents by collection; `progress`: how far a run is that is writing the index (RunProgress as
        JSON), or None.
        """
        progress, summary = self.index.progress(), self.index.seen_by(labels).summary()
        return {**summary, "progress": progress.to_json() if progress else None}

    def warm_up(self) -> None:
        """Load what the first question would wait for: embedder, tokenizer, reader, language model, both prompts."""
        hits = self._parts.retriever.search("준비 ready", (PUBLIC,), 1)
        read("준비 ready", hits, self.index.seen_by((PUBLIC,)), self.reader, self._parts.tuning)
        for language in get_args(Language):
            self._model.warm_up(prompt_of(self._settings.prompts, (), "", language))

    @property
    def embedder(self) -> NamedEmbedder:
        """What makes vectors of texts; loaded once for all who need it."""
        return self._embedder
