"""The flow, from a question to its answer, as events that page, command line, API and evaluation share.

understand → rules, comparison → recall → read → judge → refuse | quote → calculate | say → verify → finished
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol, get_args

from assistant.access import PUBLIC
from assistant.answering.calculate import calculate
from assistant.answering.comparing import compare_versions
from assistant.answering.computing import Computation, compute
from assistant.answering.conflicts import differ, is_newer, other_version, told_beside
from assistant.answering.contacts import contact
from assistant.answering.follow_ups import follow_ups
from assistant.answering.judge import judge
from assistant.answering.quotable import with_quoted
from assistant.answering.quotes import quotes_of, related_to
from assistant.answering.read import Retriever, read
from assistant.answering.replies import prompt_of
from assistant.answering.say import ChatModel, Said, Speaker, say
from assistant.answering.texts import NOT_PHRASED, REFUSAL
from assistant.answering.understand import in_context, understand
from assistant.answering.wording import display, plain
from assistant.index import Index, Visible
from assistant.reading import Reader
from assistant.reading.probability import logit
from assistant.schema import (
    Answer,
    Event,
    EvidenceFound,
    Finished,
    Found,
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
    Weighing,
)
from assistant.settings import Settings
from assistant.text.language import clean_question
from assistant.tuning import tuning

_EVERYONE = frozenset({PUBLIC})
#: The first of these that one of its sentences has is an answer's status.
_STATUSES: tuple[Status, ...] = ("computed", "quotes_only", "answered", "evidence_only")
#: Passages offered beside a refusal, and passages that are read for whom to ask.
_RELATED, _CONTACTS = 3, 8


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
        self._speaker = Speaker(
            model,
            reader,
            settings.prompts,
            settings.answer_tokens,
            self._tuning.holds,
            self._tuning.backing,
            self._tuning.supports,
        )
        least = dict.fromkeys(get_args(Language), self._tuning.doubtful)
        self._doubting = replace(self._tuning, answer=least)

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
        computed = compute(asked, history, visible, self.reader, self._tuning)
        if computation := computed or compare_versions(asked, self._search, visible, self.reader, self._tuning):
            yield from self._computed(clock, asked, computation)
            return
        text, verdict = self._look_up(asked, visible, clock)
        yield Understood(asked.typed, asked.language, text if text != asked.typed else "")
        doubted = self._in_doubt(asked, verdict)
        quotes = self._quotes(doubted or verdict, visible)
        if doubted:
            yield Weighing()
            verdict = self._weighed(text, asked.language, verdict, doubted, [quote for quote, _ in quotes])
            quotes = quotes if verdict is doubted else []
        clock.mark("evidence")
        if verdict.kind != "answer" or not quotes:
            said = [quote for quote, _ in quotes[:1]] if verdict.kind == "unknown" else []
            yield Finished(self._refused(clock, text, asked, verdict, visible, said))
            return
        other = self._contradiction(verdict, [quote for quote, _ in quotes], visible)
        shown = [*(quote for quote, _ in quotes), *other]
        first = quotes[0][0]
        wanted = [each for each in quotes if self._is_wanted(each[1], quotes[0][1])]
        calculation = calculate(wanted, asked.language)
        yield EvidenceFound(tuple(shown), phrased=calculation is None)
        beside = [told_beside(other[0], first, asked.language)] if other and not calculation else []
        sentences: list[Sentence] = []
        statuses: list[Status] = ["computed"] if calculation else []
        if calculation:
            sentences.append(Sentence(calculation.text, calculation.citations))
            sentences += [
                Sentence(plain(quote), (quote.id,)) for quote, _ in wanted if quote.id in sentences[0].citations
            ]
        elif other and is_newer(other[0], first):
            sentences.append(beside.pop())
        yield from map(SentenceReady, sentences)
        if not calculation:
            for each in self._say(text, asked.language, quotes, wanted, cancel, clock):
                if each.sentence.text in {earlier.text for earlier in sentences}:
                    continue
                statuses.append(each.status)
                sentences.append(each.sentence)
                yield SentenceReady(each.sentence)
        for sentence in beside:
            sentences.append(sentence)
            yield SentenceReady(sentence)
        conflicts = [] if calculation else [
            (o.id, first.id) if is_newer(o, first) else (first.id, o.id) for o in other
        ]  # fmt: skip
        if cancel and cancel():
            return
        status: Status = next((each for each in _STATUSES if each in statuses), "answered")
        yield Finished(
            self._answer(clock, text, asked.language, status, sentences, shown, verdict, conflicts=conflicts)
        )

    def _in_doubt(self, asked: Question, verdict: Verdict) -> Verdict | None:
        """What would be answered if the reader's doubt is set aside; None when it is sure, one way or the other."""
        if verdict.kind == "refuse":
            verdict = judge(asked, verdict.found, self._doubting)
        return verdict if verdict.kind == "answer" and verdict.probability < self._tuning.sure else None

    def _weighed(
        self, text: str, language: Language, verdict: Verdict, doubted: Verdict, quotes: Sequence[Quote]
    ) -> Verdict:
        """The verdict of reader and language model together; the reader's alone where the model cannot tell.

        It is `doubted`, or a refusal.
        """
        odds = self._speaker.answers(text, quotes, language)
        if odds is None:
            return verdict
        needed = 0.0 if verdict.kind == "answer" else self._tuning.admitted
        answered = logit(doubted.probability) + self._tuning.weighing * odds >= needed
        return doubted if answered else replace(doubted, kind="refuse", told=())

    def _quotes(self, verdict: Verdict, visible: Visible) -> list[tuple[Quote, Found]]:
        return quotes_of(with_quoted(verdict.told, self._tuning.quoted), visible)

    def _is_wanted(self, found: Found, best: Found) -> bool:
        """Whether a passage is to be told even if the language model leaves it out."""
        same = found.hit.passage.chunk_id == best.hit.passage.chunk_id
        return same or found.reading.answers >= self._tuning.further or found.reading.operation not in ("", "none")

    def _look_up(self, asked: Question, visible: Visible, clock: _Clock) -> tuple[str, Verdict]:
        """The verdict, and the text that it was reached with: of a follow-up alone or in context, the surer one."""
        texts = dict.fromkeys((asked.text, in_context(asked)))
        verdicts = [(text, self._verdict(asked, text, visible, clock)) for text in texts]
        return max(verdicts, key=lambda each: each[1].probability)

    def _verdict(self, asked: Question, text: str, visible: Visible, clock: _Clock, top_k: int = 0) -> Verdict:
        hits = self._search(text, visible, top_k)
        clock.mark("retrieval")
        found = read(text, hits, visible, self.reader, self._tuning)
        return judge(asked, found, self._tuning)

    def _search(self, text: str, visible: Visible, top_k: int = 0) -> list[Hit]:
        return self._retriever.search(text, visible.labels, top_k or self._settings.top_k)

    def _contradiction(self, verdict: Verdict, told: Sequence[Quote], visible: Visible) -> list[Quote]:
        """What another version of the first document says otherwise; empty when nothing does."""
        other = other_version(verdict.told, verdict.found, self._tuning.further)
        quoted = quotes_of([other], visible) if other else []
        return [quote for quote, _ in quoted[:1] if quote.id not in {one.id for one in told} and differ(told[0], quote)]

    def _say(
        self,
        text: str,
        language: Language,
        quotes: Sequence[tuple[Quote, Found]],
        wanted: Sequence[tuple[Quote, Found]],
        cancel: Callable[[], bool] | None,
        clock: _Clock,
    ) -> Iterator[Said]:
        return say(
            text,
            language,
            [quote for quote, _ in quotes],
            self._speaker,
            {quote.id: found.hit.passage.chunk_id for quote, found in wanted},
            cancel=cancel,
            on_first=lambda: clock.mark("first_token"),
        )

    def _computed(self, clock: _Clock, asked: Question, found: Computation) -> Iterator[Event]:
        """The events of an answer that a rule or a comparison computed, or of a question back."""
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
        yield Finished(replace(answer, rule=found.rule, comparisons=found.comparisons))

    def _refused(
        self,
        clock: _Clock,
        text: str,
        asked: Question,
        verdict: Verdict,
        visible: Visible,
        said: Sequence[Quote],
    ) -> Answer:
        """The fixed refusal, with what the documents say of not knowing, whom to ask, and the nearest passages."""

        def judged(whom: Question) -> Verdict:
            return self._verdict(whom, whom.text, visible, clock, _CONTACTS)

        told = contact(asked, text, judged, visible, self.reader, self._tuning)
        whom = [found for _, found in quotes_of(told, visible)]
        related = related_to([*whom, *verdict.found], _RELATED + len(whom), visible)
        clock.mark("evidence")
        sentences = [Sentence(display(quote), (quote.id,)) for quote in said]
        answer = self._answer(clock, text, asked.language, "refused", sentences, said, verdict, related=related)
        return replace(answer, whom=related[0].id) if whom else answer

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
        progress, summary = self.index.progress(), self.index.seen_by(labels).summary()
        return {**summary, "progress": progress.to_json() if progress else None}

    def warm_up(self) -> None:
        """Load what the first question would wait for: embedder, tokenizer, reader, language model, both prompts."""
        hits = self._retriever.search("준비 ready", (PUBLIC,), 1)
        read("준비 ready", hits, self.index.seen_by((PUBLIC,)), self.reader, self._tuning)
        for language in get_args(Language):
            self._model.warm_up(prompt_of(self._settings.prompts, (), "", language))

    @property
    def embedder(self) -> NamedEmbedder:
        """What makes vectors of texts; loaded once for all who need it."""
        return self._embedder
