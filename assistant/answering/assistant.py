"""The assistant: question → passages → evidence → answer, as events that page, command line and evaluation share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Protocol, get_args

from assistant.access import PUBLIC
from assistant.answering.answerability import certainty, decide, is_entry
from assistant.answering.arithmetic import reckon
from assistant.answering.computing import Computation, compute
from assistant.answering.conflicts import conflicting, is_newer, told_beside
from assistant.answering.evidence import PieceEmbedder, Selection, select
from assistant.answering.generation import ChatModel, generate_lines, judgement, messages_for
from assistant.answering.texts import EVIDENCE_ONLY, REFUSAL
from assistant.answering.verification import problems
from assistant.answering.wording import display, verbatim, with_original
from assistant.errors import QuestionError
from assistant.index import Index
from assistant.language import clean_question
from assistant.retrieval.codes import with_known_codes
from assistant.retrieval.followups import answer_language, self_contained, wordings
from assistant.retrieval.relative_years import with_years
from assistant.retrieval.shop_words import with_shop_words
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
    Turn,
    Understood,
)
from assistant.settings import Settings

_EVERYONE = frozenset({PUBLIC})
#: Passages offered beside a refusal.
_RELATED = 3


class Retriever(Protocol):
    """What answering needs of retrieval."""

    def search(self, query: str, labels: Iterable[str], top_k: int, also: Sequence[str] = ()) -> list[Hit]:
        """The best visible passages, best first; `also` are other wordings of the query."""


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
        """Numbers of visible `documents`, `chunks`, `waiting` chunks, and the `newest_effective_date` (ISO or '').

        `progress`: how far a run is that is writing the index (RunProgress as JSON), or None.
        """
        progress = self.index.progress()
        newest = max((document.effective_date for document in self.index.documents(labels)), default="")
        return {
            **self.index.counts(labels),
            "newest_effective_date": newest,
            "progress": progress.to_json() if progress else None,
        }

    def warm_up(self) -> None:
        """Load what the first question would wait for: embedder, tokenizer, language model, both prompts."""
        self._retriever.search("준비 ready", (PUBLIC,), 1)
        for language in get_args(Language):
            self._model.warm_up(messages_for(self._settings.prompts, "", language, ()))

    def ask(
        self,
        question: str,
        *,
        labels: frozenset[str] = _EVERYONE,
        cancel: Callable[[], bool] | None = None,
        history: Sequence[Turn] = (),
    ) -> Iterator[Event]:
        """Answer `question` for a holder of `labels`; the events end with `Finished` unless `cancel` said stop.

        `history` holds the earlier turns of the conversation, oldest first: a follow-up takes from them what it leaves
        out. It must hold nothing that `labels` do not admit.
        Raises QuestionError, ModelError or an index error; never yields an error as an answer.
        """
        clock = _Clock()
        typed = clean_question(question, self._settings.max_question_chars)
        asked = with_known_codes(with_years(self_contained(typed, history), date.today()), self.index, labels)
        language = answer_language(typed, history)
        if language is None:
            raise QuestionError(
                "The question is not in Korean or English. 질문이 한국어나 영어가 아닙니다.",
                "Ask in Korean or English. 한국어나 영어로 물어 주십시오.",
            )
        computation = compute(typed, language, history, self.index, labels)
        asked = computation.question if computation else asked
        yield Understood(typed, language, asked if asked != typed else "")
        if computation:
            yield from self._computed(clock, asked, language, computation)
            return
        searched = with_shop_words(asked)
        hits = self._retriever.search(searched, labels, self._settings.top_k, wordings(typed, asked, history))
        clock.mark("retrieval")
        selection = select(
            searched,
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
            said = [_quoted(decision.said)] if decision.said else []
            yield Finished(self._answer(clock, asked, language, "refused", said, selection))
            return
        yield EvidenceFound(selection.evidence)
        if reckoned := reckon(asked, language, selection.telling):
            formula = Sentence(reckoned.text, tuple(piece.id for piece in reckoned.pieces), True)
            told = [*map(_quoted, reckoned.pieces), formula]
            yield from map(SentenceReady, told)
            yield Finished(self._answer(clock, asked, language, "computed", told, selection))
            return
        if not is_entry(asked, selection.telling) and not self._judged_to_answer(asked, language, selection):
            yield Finished(self._answer(clock, asked, language, "refused", [], selection))
            return
        sentences: list[Sentence] = []
        own_words = False
        other = conflicting(asked, selection)
        first = selection.telling[0]
        newer_first = other is not None and is_newer(other, first)
        if other and newer_first:
            sentences.append(_beside(other, first, language))
            yield SentenceReady(sentences[-1])
        for sentence, own in self._sentences(asked, language, selection, cancel, clock):
            own_words = own_words or own
            if sentence.text not in {earlier.text for earlier in sentences}:
                sentences.append(sentence)
                yield SentenceReady(sentence)
        if cancel and cancel():
            return
        if other and not newer_first:
            sentences.append(_beside(other, first, language))
            yield SentenceReady(sentences[-1])
        conflicts = [(other.id, first.id) if newer_first else (first.id, other.id)] if other else []
        status: Status = "answered" if own_words else "evidence_only"
        yield Finished(self._answer(clock, asked, language, status, sentences, selection, conflicts))

    def _judged_to_answer(self, asked: str, language: Language, selection: Selection) -> bool:
        odds = judgement(self._model, self._settings.prompts, asked, language, selection.telling)
        return certainty(asked, odds, selection) >= self._settings.answer_odds

    def _computed(self, clock: _Clock, asked: str, language: Language, found: Computation) -> Iterator[Event]:
        """The events of a computed answer."""
        for stage in ("retrieval", "evidence", "first_token"):
            clock.mark(stage)
        if found.evidence:
            yield EvidenceFound(found.evidence)
        for sentence in found.sentences:
            yield SentenceReady(sentence)
        selection = Selection(found.evidence, len(found.evidence), 1.0, 1.0)
        status: Status = "asked_back" if found.asks else "computed"
        yield Finished(self._answer(clock, asked, language, status, found.sentences, selection))

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
        pieces = selection.telling
        if any(verbatim(piece) for piece in pieces):
            for piece in pieces:
                yield _quoted(piece), False
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
            if _asks(line.text) or problems(line.text, [piece], question, language):
                yield _quoted(piece), False
            else:
                yield Sentence(with_original(line.text, piece, language), (piece.id,), True), True
        if not (cancel and cancel()):
            for piece in waiting.values():
                yield _quoted(piece), False

    def _answer(
        self,
        clock: _Clock,
        question: str,
        language: Language,
        status: Status,
        sentences: Sequence[Sentence],
        selection: Selection,
        conflicts: Sequence[tuple[str, str]] = (),
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
            conflicts=tuple(conflicts),
            timings_ms={stage: clock.marks[stage] for stage in ("retrieval", "evidence", "first_token", "total")},
            models={"embedder": self._embedder.name, "language": self._model.name},
        )


def _asks(line: str) -> bool:
    """Whether the model wrote a question instead of an answer."""
    return line.rstrip(" .").endswith(("?", "나요", "까", "는지", "인가요"))


def _quoted(piece: Evidence) -> Sentence:
    return Sentence(display(piece), (piece.id,), True)


def _beside(other: Evidence, first: Evidence, language: Language) -> Sentence:
    return Sentence(told_beside(other, first, language), (other.id,), True)


def open_assistant(settings: Settings) -> Assistant:
    """The assistant over the index of `settings`. Raises WeightsMissing, IndexMissing, IndexMismatch, …"""
    from assistant.index import fingerprint, open_index
    from assistant.ingest.chunking import CHUNKER
    from assistant.retrieval import HybridRetriever
    from assistant.retrieval.rerank import open_reranker
    from assistant.weights.embedder import SentenceEmbedder, embedder_fingerprint

    reranker = open_reranker(settings.reranker)
    index = open_index(settings.index, fingerprint(embedder_fingerprint(settings.embedder), CHUNKER))
    embedder = SentenceEmbedder(settings.embedder, settings.cache, settings.threads)
    retriever = HybridRetriever(index, embedder, reranker)
    return Assistant(index, retriever, open_language_model(settings), embedder, settings)


def open_language_model(settings: Settings) -> ChatModel:
    """The model of this machine, or the one on the server that the settings name."""
    if settings.language_server:
        from assistant.weights.chat_server import ChatServerModel

        key = settings.language_key.get_secret_value()
        return ChatServerModel(settings.language_model, str(settings.language_server), key)
    from assistant.weights.language_model import LlamaCppModel

    return LlamaCppModel(
        settings.language_model,
        settings.cache,
        context_tokens=settings.context_tokens,
        n_gpu_layers=settings.n_gpu_layers,
        threads=settings.threads,
    )
