"""The flow, from a question to its answer, as events that page, command line, API and evaluation share.

understand → rules → recall → read → judge → refuse | quote → calculate | say → verify → finished
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol, get_args

from assistant.access import PUBLIC
from assistant.answering.calculate import calculate
from assistant.answering.computing import Computation, compute
from assistant.answering.conflicts import differ, is_newer, other_version, told_beside
from assistant.answering.follow_ups import follow_ups
from assistant.answering.judge import judge
from assistant.answering.quotable import with_quoted
from assistant.answering.quotes import quotes_of, related_to
from assistant.answering.read import Retriever, read
from assistant.answering.say import ChatModel, messages_for, say
from assistant.answering.texts import NOT_PHRASED, REFUSAL
from assistant.answering.understand import in_context, understand
from assistant.answering.verify import problems
from assistant.answering.wording import display, plain, verbatim
from assistant.index import Index, Visible
from assistant.reading import Reader
from assistant.schema import (
    Answer,
    Event,
    EvidenceFound,
    Finished,
    Hit,
    Language,
    Question,
    Quote,
    Sentence,
    SentenceReady,
    Status,
    Turn,
    Understood,
    Verdict,
)
from assistant.settings import Settings
from assistant.text.language import clean_question
from assistant.tuning import tuning

_EVERYONE = frozenset({PUBLIC})
#: Passages offered beside a refusal.
_RELATED = 3


class NamedEmbedder(Protocol):
    """The embedder's name, which answers carry."""

    name: str


class _Clock:
    """Milliseconds since the question, by stage."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.marks: dict[str, float] = {}

    def mark(self, stage: str) -> None:
        self.marks.setdefault(stage, round((time.perf_counter() - self._start) * 1000, 1))


def _with_notice(status: Status, words: str, language: Language) -> str:
    """The sentences, with what has to be said beside them: that nothing was found, or that nothing was phrased."""
    if status == "refused":
        return f"{REFUSAL[language]}\n{words}".strip()
    return f"{words}\n{NOT_PHRASED[language]}" if status == "quotes_only" else words


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
        self._retriever = retriever
        self.reader = reader
        self._model = model
        self._embedder = embedder
        self._settings = settings
        self._tuning = tuning()

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
        clock = _Clock()
        longest = self._settings.max_question_chars
        visible = self.index.seen_by(labels)
        asked = understand(question, history, visible, max_chars=longest, today=date.today())
        if computation := compute(asked, history, visible, self.reader, self._tuning):
            yield from self._computed(clock, asked, computation)
            return
        text, verdict = self._look_up(asked, visible, clock)
        yield Understood(asked.typed, asked.language, text if text != asked.typed else "")
        if verdict.kind == "refuse":
            yield Finished(self._refused(clock, text, asked.language, verdict, visible, ()))
            return
        told = with_quoted(verdict.told, self._tuning.quoted)
        quotes = quotes_of(told, visible)
        clock.mark("evidence")
        if verdict.kind == "unknown" or not quotes:
            said = [quote for quote, _ in quotes[:1]]
            yield Finished(self._refused(clock, text, asked.language, verdict, visible, said))
            return
        other = self._contradiction(verdict, [quote for quote, _ in quotes], visible)
        shown = [*(quote for quote, _ in quotes), *other]
        calculation = calculate(quotes, asked.language)
        phrased = calculation is None and not all(verbatim(quote) for quote, _ in quotes)
        yield EvidenceFound(tuple(shown), phrased)
        sentences: list[Sentence] = []
        status: Status = "answered"
        conflicts: list[tuple[str, str]] = []
        first = quotes[0][0]
        if calculation:
            status = "computed"
            sentences.append(Sentence(calculation.text, calculation.citations))
            sentences += [
                Sentence(plain(quote), (quote.id,)) for quote, _ in quotes if quote.id in calculation.citations
            ]
            yield from map(SentenceReady, sentences)
        else:
            if other and is_newer(other[0], first):
                sentences.append(told_beside(other[0], first, asked.language))
                yield SentenceReady(sentences[-1])
            away = threading.Event()
            for sentence, direct in self._say(asked, text, quotes, cancel, clock, away.set):
                if sentence.text not in {earlier.text for earlier in sentences}:
                    if not sentences:
                        status = "answered" if direct else "evidence_only"
                    sentences.append(sentence)
                    yield SentenceReady(sentence)
            if away.is_set():
                status = "quotes_only"
            if other and not is_newer(other[0], first):
                sentences.append(told_beside(other[0], first, asked.language))
                yield SentenceReady(sentences[-1])
            conflicts = [(o.id, first.id) if is_newer(o, first) else (first.id, o.id) for o in other]
        if cancel and cancel():
            return
        yield Finished(
            self._answer(clock, text, asked.language, status, sentences, shown, verdict, conflicts=conflicts)
        )

    def _look_up(self, asked: Question, visible: Visible, clock: _Clock) -> tuple[str, Verdict]:
        """The verdict, and the text that it was reached with: of a follow-up alone or in context, the surer one."""
        texts = dict.fromkeys((asked.text, in_context(asked)))
        verdicts = [(text, self._verdict(asked, text, visible, clock)) for text in texts]
        return max(verdicts, key=lambda each: each[1].probability)

    def _verdict(self, asked: Question, text: str, visible: Visible, clock: _Clock) -> Verdict:
        hits = self._retriever.search(text, visible.labels, self._settings.top_k)
        clock.mark("retrieval")
        found = read(text, hits, visible, self.reader, self._tuning)
        return judge(asked, found, self._tuning)

    def _contradiction(self, verdict: Verdict, told: Sequence[Quote], visible: Visible) -> list[Quote]:
        """What another version of the first document says otherwise; empty when nothing does."""
        other = other_version(verdict.told, verdict.found, self._tuning.further)
        quoted = quotes_of([other], visible) if other else []
        return [quote for quote, _ in quoted[:1] if quote.id not in {one.id for one in told} and differ(told[0], quote)]

    def _say(
        self,
        asked: Question,
        text: str,
        quotes: Sequence[Any],
        cancel: Callable[[], bool] | None,
        clock: _Clock,
        on_away: Callable[[], None],
    ) -> Iterator[tuple[Sentence, bool]]:
        def check(sentence: str, quote: Quote) -> bool:
            return not problems(sentence, [quote], text, asked.language, self.reader, self._tuning.supports)

        return say(
            asked,
            quotes,
            self._model,
            self._settings.prompts,
            check,
            max_tokens=self._settings.answer_tokens,
            cancel=cancel,
            on_first=lambda: clock.mark("first_token"),
            on_away=on_away,
        )

    def _computed(self, clock: _Clock, asked: Question, found: Computation) -> Iterator[Event]:
        """The events of an answer that a rule computed, or of its question back."""
        yield Understood(asked.typed, asked.language, found.question if found.question != asked.typed else "")
        for stage in ("retrieval", "evidence", "first_token"):
            clock.mark(stage)
        if found.evidence:
            yield EvidenceFound(found.evidence, phrased=False)
        yield from map(SentenceReady, found.sentences)
        status: Status = "asked_back" if found.asks else "computed"
        verdict = Verdict("answer", 1.0, (), ())
        answer = self._answer(
            clock, found.question, asked.language, status, found.sentences, found.evidence, verdict, inputs=found.inputs
        )
        yield Finished(replace(answer, rule=found.rule))

    def _refused(
        self,
        clock: _Clock,
        text: str,
        language: Language,
        verdict: Verdict,
        visible: Visible,
        said: Sequence[Quote],
    ) -> Answer:
        """The fixed refusal, with what the documents say of not knowing, and the nearest passages beside it."""
        related = related_to(verdict.found, _RELATED, visible)
        clock.mark("evidence")
        sentences = [Sentence(display(quote), (quote.id,)) for quote in said]
        return self._answer(clock, text, language, "refused", sentences, said, verdict, related=related)

    def _answer(
        self,
        clock: _Clock,
        text: str,
        language: Language,
        status: Status,
        sentences: Sequence[Sentence],
        quotes: Sequence[Quote],
        verdict: Verdict,
        *,
        related: Sequence[Quote] = (),
        conflicts: Sequence[tuple[str, str]] = (),
        inputs: dict[str, str] | None = None,
    ) -> Answer:
        clock.mark("total")
        clock.marks.setdefault("first_token", clock.marks["total"])
        used = {name for sentence in sentences for name in sentence.citations}
        words = "\n".join(sentence.text for sentence in sentences)
        return Answer(
            question=text,
            language=language,
            status=status,
            answer=_with_notice(status, words, language),
            sentences=tuple(sentences),
            citations=tuple(quote for quote in quotes if quote.id in used),
            related=tuple(quote for quote in related if quote.id not in used),
            conflicts=tuple(conflicts),
            timings_ms={stage: clock.marks[stage] for stage in ("retrieval", "evidence", "first_token", "total")},
            models={"embedder": self._embedder.name, "language": self._model.name, "reader": self.reader.fingerprint},
            probability=verdict.probability,
            inputs=inputs or {},
        )

    def search(self, query: str, *, labels: frozenset[str] = _EVERYONE, top_k: int | None = None) -> list[Hit]:
        """Find the passages that match `query`, best first."""
        query = clean_question(query, self._settings.max_question_chars)
        return self._retriever.search(query, labels, top_k or self._settings.top_k)

    def follow_ups(self, answer: Answer, *, labels: frozenset[str] = _EVERYONE) -> tuple[str, ...]:
        """Find what the documents that `answer` cites answer beside it, judged like any question."""
        visible, longest = self.index.seen_by(labels), self._settings.max_question_chars

        def verdict(text: str) -> Verdict:
            asked = understand(text, (), visible, max_chars=longest, today=date.today())
            return self._verdict(asked, asked.text, visible, _Clock())

        return follow_ups(answer, visible, verdict)

    def index_summary(self, labels: frozenset[str] = _EVERYONE) -> dict[str, Any]:
        """Count visible `documents`, `chunks`, `waiting` chunks, and tell the `newest_effective_date` (ISO or '').

        `collections`: documents by collection; `progress`: how far a run is that is writing the index (RunProgress as
        JSON), or None.
        """
        progress, visible = self.index.progress(), self.index.seen_by(labels)
        documents = visible.documents()
        return {
            **visible.counts(),
            "newest_effective_date": max((document.effective_date for document in documents), default=""),
            "collections": dict(Counter(document.collection for document in documents)),
            "progress": progress.to_json() if progress else None,
        }

    def warm_up(self) -> None:
        """Load what the first question would wait for: embedder, tokenizer, reader, language model, both prompts."""
        hits = self._retriever.search("준비 ready", (PUBLIC,), 1)
        read("준비 ready", hits, self.index.seen_by((PUBLIC,)), self.reader, self._tuning)
        for language in get_args(Language):
            self._model.warm_up(messages_for(self._settings.prompts, "", language, ()))

    @property
    def embedder(self) -> NamedEmbedder:
        """What makes vectors of texts; loaded once for all who need it."""
        return self._embedder
