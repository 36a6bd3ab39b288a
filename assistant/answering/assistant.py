"""The assistant: question → passages → evidence → answer, as events that page, command line and evaluation share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from assistant.access import PUBLIC
from assistant.answering.answerability import decide
from assistant.answering.evidence import PieceEmbedder, Selection, display, select, telling, verbatim
from assistant.answering.generation import ChatModel, generate_lines, judgement
from assistant.answering.texts import EVIDENCE_ONLY, REFUSAL
from assistant.answering.verification import problems
from assistant.errors import QuestionError
from assistant.index import Index
from assistant.language import clean_question, detect
from assistant.schema import (
    Answer,
    Event,
    EvidenceFound,
    Finished,
    Hit,
    Language,
    Sentence,
    SentenceReady,
    Status,
    Understood,
)
from assistant.settings import Settings

_EVERYONE = frozenset({PUBLIC})
#: Passages offered beside a refusal.
_RELATED = 3


class Retriever(Protocol):
    """What answering needs of retrieval."""

    def search(self, query: str, labels: Iterable[str], top_k: int) -> list[Hit]:
        """The best visible passages, best first."""


class NamedEmbedder(PieceEmbedder, Protocol):
    """The embedder, with the name that answers carry."""

    name: str


class _Clock:
    """Milliseconds since the question, by stage."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.marks: dict[str, float] = {}

    def mark(self, stage: str) -> None:
        self.marks.setdefault(stage, round((time.perf_counter() - self._start) * 1000, 1))


class Assistant:
    """Answers questions from one index. Safe for several threads: the models serve one question at a time."""

    def __init__(
        self, index: Index, retriever: Retriever, model: ChatModel, embedder: NamedEmbedder, settings: Settings
    ) -> None:
        self.index = index
        self._retriever = retriever
        self._model = model
        self._embedder = embedder
        self._settings = settings

    def search(self, query: str, *, labels: frozenset[str] = _EVERYONE, top_k: int | None = None) -> list[Hit]:
        """Passages that match `query`, best first."""
        query = clean_question(query, self._settings.max_question_chars)
        return self._retriever.search(query, labels, top_k or self._settings.top_k)

    def index_summary(self, labels: frozenset[str] = _EVERYONE) -> dict[str, Any]:
        """Numbers of visible `documents`, `chunks`, `waiting` chunks, and the `newest_effective_date` (ISO or '')."""
        newest = max((document.effective_date for document in self.index.documents(labels)), default="")
        return {**self.index.counts(labels), "newest_effective_date": newest}

    def ask(
        self, question: str, *, labels: frozenset[str] = _EVERYONE, cancel: Callable[[], bool] | None = None
    ) -> Iterator[Event]:
        """Answer `question` for a holder of `labels`; the events end with `Finished` unless `cancel` said stop.

        Raises QuestionError, ModelError or an index error; never yields an error as an answer.
        """
        clock = _Clock()
        asked = clean_question(question, self._settings.max_question_chars)
        language = detect(asked)
        if language is None:
            raise QuestionError(
                "The question is not in Korean or English. 질문이 한국어나 영어가 아닙니다.",
                "Ask in Korean or English. 한국어나 영어로 물어 주십시오.",
            )
        yield Understood(asked, language)
        hits = self._retriever.search(asked, labels, self._settings.top_k)
        clock.mark("retrieval")
        selection = select(
            asked,
            hits,
            self.index,
            labels,
            embedder=self._embedder,
            budget=self._settings.evidence_tokens,
            count_tokens=self._model.count_tokens,
        )
        clock.mark("evidence")
        decision = decide(asked, selection, self._embedder)
        if not decision.answer:
            said = [Sentence(display(decision.said), (decision.said.id,), True)] if decision.said else []
            yield Finished(self._answer(clock, asked, language, "refused", said, selection))
            return
        yield EvidenceFound(selection.evidence)
        odds = judgement(self._model, self._settings.prompts, asked, language, telling(selection))
        if odds < self._settings.answer_odds:
            yield Finished(self._answer(clock, asked, language, "refused", [], selection))
            return
        sentences: list[Sentence] = []
        own_words = False
        for sentence, own in self._sentences(asked, language, selection, cancel, clock):
            own_words = own_words or own
            if sentence.text not in {earlier.text for earlier in sentences}:
                sentences.append(sentence)
                yield SentenceReady(sentence)
        if cancel and cancel():
            return
        status: Status = "answered" if own_words else "evidence_only"
        yield Finished(self._answer(clock, asked, language, status, sentences, selection))

    def _sentences(
        self,
        question: str,
        language: Language,
        selection: Selection,
        cancel: Callable[[], bool] | None,
        clock: _Clock,
    ) -> Iterator[tuple[Sentence, bool]]:
        """A checked sentence for each telling piece of evidence, in order, and whether it is in the model's own words.

        What fails the check, or was not written, is replaced by the evidence itself.
        """
        pieces = telling(selection)
        if any(verbatim(piece) for piece in pieces):
            for piece in pieces:
                yield Sentence(display(piece), (piece.id,), True), False
            return
        waiting = {piece.id: piece for piece in pieces}
        for line in generate_lines(
            self._model,
            self._settings.prompts,
            question,
            language,
            pieces,
            max_tokens=self._settings.answer_tokens,
            cancel=cancel,
            on_first=lambda: clock.mark("first_token"),
        ):
            if line.id not in waiting:
                continue
            piece = waiting.pop(line.id)
            if problems(line.text, [piece], question, language):
                yield Sentence(display(piece), (piece.id,), True), False
            else:
                yield Sentence(line.text, (piece.id,), True), True
        if not (cancel and cancel()):
            for piece in waiting.values():
                yield Sentence(display(piece), (piece.id,), True), False

    def _answer(
        self,
        clock: _Clock,
        question: str,
        language: Language,
        status: Status,
        sentences: Sequence[Sentence],
        selection: Selection,
    ) -> Answer:
        clock.mark("total")
        if "first_token" not in clock.marks:
            clock.marks["first_token"] = clock.marks["total"]
        used = {name for sentence in sentences for name in sentence.citations}
        text = "\n".join(sentence.text for sentence in sentences)
        if status == "refused":
            text = f"{REFUSAL[language]}\n{text}".strip()
        elif status == "evidence_only":
            text = f"{EVIDENCE_ONLY[language]}\n{text}"
        return Answer(
            question=question,
            language=language,
            status=status,
            answer=text,
            sentences=tuple(sentences),
            citations=tuple(piece for piece in selection.evidence if piece.id in used),
            related=tuple(p for p in selection.evidence if p.id not in used)[:_RELATED] if status == "refused" else (),
            timings_ms={stage: clock.marks[stage] for stage in ("retrieval", "evidence", "first_token", "total")},
            models={"embedder": self._embedder.name, "language": self._model.name},
        )


def open_assistant(settings: Settings) -> Assistant:
    """The assistant over the index of `settings`. Raises WeightsMissing, IndexMissing, IndexMismatch, …"""
    from assistant.index import fingerprint, open_index
    from assistant.ingest.chunking import CHUNKER
    from assistant.retrieval import HybridRetriever
    from assistant.weights.embedder import SentenceEmbedder, embedder_fingerprint
    from assistant.weights.language_model import LlamaCppModel

    index = open_index(settings.index, fingerprint(embedder_fingerprint(settings.embedder), CHUNKER))
    embedder = SentenceEmbedder(settings.embedder, settings.cache, settings.threads)
    model = LlamaCppModel(
        settings.language_model,
        settings.cache,
        context_tokens=settings.context_tokens,
        n_gpu_layers=settings.n_gpu_layers,
        threads=settings.threads,
    )
    return Assistant(index, HybridRetriever(index, embedder), model, embedder, settings)
