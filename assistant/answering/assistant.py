"""The assistant: question → passages → evidence → answer, as events that page, command line and evaluation share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from assistant.access import PUBLIC
from assistant.answering.answerability import answerable
from assistant.answering.evidence import Selection, display, select
from assistant.answering.generation import ChatModel, Line, generate_lines
from assistant.answering.texts import EVIDENCE_ONLY, REFUSAL
from assistant.answering.verification import problems
from assistant.errors import QuestionError
from assistant.index import Index
from assistant.language import clean_question, detect
from assistant.schema import (
    Answer,
    Event,
    Evidence,
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
#: Evidence shown when the model's own words did not pass.
_EVIDENCE_ONLY = 2


class Retriever(Protocol):
    """What answering needs of retrieval."""

    def search(self, query: str, labels: Iterable[str], top_k: int) -> list[Hit]:
        """The best visible passages, best first."""


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
        self, index: Index, retriever: Retriever, model: ChatModel, embedder_name: str, settings: Settings
    ) -> None:
        self.index = index
        self._retriever = retriever
        self._model = model
        self._embedder_name = embedder_name
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
            budget=self._settings.evidence_tokens,
            count_tokens=self._model.count_tokens,
        )
        clock.mark("evidence")
        if not answerable(selection):
            yield Finished(self._answer(clock, asked, language, "refused", [], selection))
            return
        yield EvidenceFound(selection.evidence)
        sentences: list[Sentence] = []
        own_words = False
        for line in generate_lines(
            self._model,
            self._settings.prompts,
            asked,
            language,
            selection.evidence,
            max_tokens=self._settings.answer_tokens,
            cancel=cancel,
            on_first=lambda: clock.mark("first_token"),
        ):
            sentence, kept = _checked(line, selection.evidence, asked, language)
            own_words = own_words or kept
            if sentence and sentence.text not in {earlier.text for earlier in sentences}:
                sentences.append(sentence)
                yield SentenceReady(sentence)
        if cancel and cancel():
            return
        if not sentences:
            for piece in selection.strongest[:_EVIDENCE_ONLY]:
                sentences.append(Sentence(display(piece), (piece.id,), True))
                yield SentenceReady(sentences[-1])
        status: Status = "answered" if own_words else "evidence_only"
        yield Finished(self._answer(clock, asked, language, status, sentences, selection))

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
        text = " ".join(sentence.text for sentence in sentences)
        if status == "refused":
            text = REFUSAL[language]
        elif status == "evidence_only":
            text = "\n".join((EVIDENCE_ONLY[language], *(sentence.text for sentence in sentences)))
        return Answer(
            question=question,
            language=language,
            status=status,
            answer=text,
            sentences=tuple(sentences),
            citations=tuple(piece for piece in selection.evidence if piece.id in used),
            related=selection.strongest[:_RELATED] if status == "refused" else (),
            timings_ms={stage: clock.marks[stage] for stage in ("retrieval", "evidence", "first_token", "total")},
            models={"embedder": self._embedder_name, "language": self._model.name},
        )


def _checked(
    line: Line, evidence: Sequence[Evidence], question: str, language: Language
) -> tuple[Sentence | None, bool]:
    """The sentence to show for a generated line, and whether it is the model's own wording.

    A line that fails against the evidence it names is replaced by that evidence, word for word.
    """
    by_id = {piece.id: piece for piece in evidence}
    cited = [by_id[name] for name in line.ids if name in by_id]
    if not problems(line.text, cited, question, language):
        return Sentence(line.text, tuple(piece.id for piece in cited), True), True
    if not cited:
        return None, False
    return Sentence(display(cited[0]), (cited[0].id,), True), False


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
    return Assistant(index, HybridRetriever(index, embedder), model, settings.embedder, settings)
