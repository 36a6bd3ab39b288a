"""One question's way to its answer, to be read from top to bottom; the events are those of page, command line and API.

understand → rules, comparison → recall → read → judge → weigh → refuse | quote → calculate | say → verify → finished
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from assistant.answering.calculate import Calculation, calculate
from assistant.answering.comparing import compare_versions
from assistant.answering.computing import Computation, compute
from assistant.answering.conflicts import differ, is_newer, other_version, told_beside
from assistant.answering.contacts import contact
from assistant.answering.judge import judge
from assistant.answering.quotable import with_quoted
from assistant.answering.quotes import quotes_of, related_to
from assistant.answering.read import Retriever, read
from assistant.answering.say import Said, Speaker, say
from assistant.answering.texts import NOT_PHRASED, REFUSAL
from assistant.answering.understand import in_context
from assistant.answering.wording import display, plain
from assistant.index import Visible
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
from assistant.tuning import Tuning

#: The first of these that one of its sentences has is an answer's status.
_STATUSES: tuple[Status, ...] = ("computed", "quotes_only", "answered", "evidence_only")
#: Passages offered beside a refusal, and passages that are read for whom to ask.
_RELATED, _CONTACTS = 3, 8

#: A quote and the passage, as it was read, that it was cut from.
Cut = tuple[Quote, Found]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a flow is made of; `models` are the names that an answer carries, `top_k` the passages that are read."""

    retriever: Retriever
    reader: Reader
    speaker: Speaker
    tuning: Tuning
    top_k: int
    models: dict[str, str]


class _Clock:
    """Milliseconds since the question, by stage."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self.marks: dict[str, float] = {}

    def mark(self, stage: str) -> None:
        self.marks.setdefault(stage, round((time.perf_counter() - self._start) * 1000, 1))


@dataclass(frozen=True, slots=True)
class _Told:
    """What an answer is made of: its quotes, those that have to be told, what another version says, the calculation."""

    quotes: list[Cut]
    wanted: list[Cut]
    other: list[Quote]
    calculation: Calculation | None

    @property
    def first(self) -> Quote:
        """The best quote."""
        return self.quotes[0][0]

    @property
    def shown(self) -> tuple[Quote, ...]:
        """All quotes, in the order in which they are shown."""
        return (*(quote for quote, _ in self.quotes), *self.other)

    @property
    def conflicts(self) -> list[tuple[str, str]]:
        """Ids of quotes that contradict each other, the newer one first."""
        if self.calculation:
            return []
        pairs = [(each, self.first) if is_newer(each, self.first) else (self.first, each) for each in self.other]
        return [(newer.id, older.id) for newer, older in pairs]


class Flow:
    """The way of one question of somebody who sees `visible`."""

    def __init__(
        self, parts: Parts, asked: Question, visible: Visible, cancel: Callable[[], bool] | None = None
    ) -> None:
        self._parts = parts
        self._asked = asked
        self._visible = visible
        self._cancel = cancel
        self._clock = _Clock()
        #: What was searched: the question, or a follow-up with the question before it.
        self._text = asked.text

    def events(self, history: Sequence[Turn]) -> Iterator[Event]:
        """Yield the events, in order; they end with `Finished` unless `cancel` said stop."""
        asked = self._asked
        if found := self._computation(history):
            yield from self._computed(found)
            return
        verdict = self._look_up()
        yield Understood(asked.typed, asked.language, self._text if self._text != asked.typed else "")
        doubted = self._in_doubt(verdict)
        quotes = self._cut(doubted or verdict)
        if doubted:
            yield Weighing()
            verdict = self._weighed(verdict, doubted, quotes)
            quotes = quotes if verdict is doubted else []
        self._clock.mark("evidence")
        if verdict.kind != "answer" or not quotes:
            yield Finished(self._refused(verdict, quotes))
            return
        told = self._told(verdict, quotes)
        yield EvidenceFound(told.shown, phrased=told.calculation is None)
        said: list[Said] = []
        for each in self._sentences(told):
            if each.sentence.text not in {earlier.sentence.text for earlier in said}:
                said.append(each)
                yield SentenceReady(each.sentence)
        if not (self._cancel and self._cancel()):
            yield Finished(self._answered(verdict, told, said))

    # --- recall, read, judge ------------------------------------------------------------------------------------

    def _computation(self, history: Sequence[Turn]) -> Computation | None:
        parts = self._parts
        found = compute(self._asked, history, self._visible, parts.reader, parts.tuning)
        return found or compare_versions(self._asked, self._search, self._visible, parts.reader, parts.tuning)

    def _look_up(self) -> Verdict:
        """The verdict on the question; of a follow-up alone or in context, whichever is surer."""
        texts = dict.fromkeys((self._asked.text, in_context(self._asked)))
        verdicts = [(text, self.verdict(self._asked, text)) for text in texts]
        self._text, surest = max(verdicts, key=lambda each: each[1].probability)
        return surest

    def verdict(self, asked: Question, text: str, top_k: int = 0) -> Verdict:
        """Search, read and judge."""
        parts = self._parts
        hits = self._search(text, self._visible, top_k)
        self._clock.mark("retrieval")
        return judge(asked, read(text, hits, self._visible, parts.reader, parts.tuning), parts.tuning)

    def _search(self, text: str, visible: Visible, top_k: int = 0) -> list[Hit]:
        return self._parts.retriever.search(text, visible.labels, top_k or self._parts.top_k)

    def _in_doubt(self, verdict: Verdict) -> Verdict | None:
        """What would be answered if the reader's doubt is set aside; None when it is sure, one way or the other."""
        tuning = self._parts.tuning
        if verdict.kind == "refuse":
            least = dict.fromkeys(get_args(Language), tuning.doubtful)
            verdict = judge(self._asked, verdict.found, replace(tuning, answer=least))
        return verdict if verdict.kind == "answer" and verdict.probability < tuning.sure else None

    def _weighed(self, verdict: Verdict, doubted: Verdict, quotes: Sequence[Cut]) -> Verdict:
        """The verdict of reader and language model together; the reader's alone where the model cannot tell.

        It is `doubted`, or a refusal.
        """
        tuning = self._parts.tuning
        odds = self._parts.speaker.answers(self._text, [quote for quote, _ in quotes], self._asked.language)
        if odds is None:
            return verdict
        answered = logit(doubted.probability) + tuning.weighing * odds >= tuning.needed
        return doubted if answered else replace(doubted, kind="refuse", told=())

    # --- quote, calculate, say ----------------------------------------------------------------------------------

    def _cut(self, verdict: Verdict) -> list[Cut]:
        return quotes_of(with_quoted(verdict.told, self._parts.tuning.quoted), self._visible)

    def _told(self, verdict: Verdict, quotes: list[Cut]) -> _Told:
        wanted = [each for each in quotes if self._is_wanted(each[1], quotes[0][1])]
        other = self._contradiction(verdict, [quote for quote, _ in quotes])
        return _Told(quotes, wanted, other, calculate(wanted, self._asked.language))

    def _is_wanted(self, found: Found, best: Found) -> bool:
        """Whether a passage is to be told even if the language model leaves it out."""
        same = found.hit.passage.chunk_id == best.hit.passage.chunk_id
        sure = found.reading.answers >= self._parts.tuning.further
        return same or sure or found.reading.operation not in ("", "none")

    def _contradiction(self, verdict: Verdict, told: Sequence[Quote]) -> list[Quote]:
        """What another version of the first document says otherwise; empty when nothing does."""
        other = other_version(verdict.told, verdict.found, self._parts.tuning.further)
        quoted = quotes_of([other], self._visible) if other else []
        return [quote for quote, _ in quoted[:1] if quote.id not in {one.id for one in told} and differ(told[0], quote)]

    def _sentences(self, told: _Told) -> Iterator[Said]:
        """The sentences: what was computed and from what, or what is said; a newer version first, an older one last."""
        language = self._asked.language
        beside = [Said(told_beside(each, told.first, language), "evidence_only") for each in told.other]
        newer = bool(told.other) and is_newer(told.other[0], told.first)
        if calculation := told.calculation:
            yield Said(Sentence(calculation.text, calculation.citations), "computed")
            for quote, _ in told.wanted:
                if quote.id in calculation.citations:
                    yield Said(Sentence(plain(quote), (quote.id,)), "computed")
            return
        yield from beside if newer else ()
        yield from say(
            self._text,
            language,
            [quote for quote, _ in told.quotes],
            self._parts.speaker,
            {quote.id: found.hit.passage.chunk_id for quote, found in told.wanted},
            cancel=self._cancel,
            on_first=lambda: self._clock.mark("first_token"),
        )
        yield from () if newer else beside

    # --- answers ------------------------------------------------------------------------------------------------

    def _answered(self, verdict: Verdict, told: _Told, said: Sequence[Said]) -> Answer:
        statuses = {each.status for each in said}
        status: Status = next((each for each in _STATUSES if each in statuses), "answered")
        answer = self._answer(status, [each.sentence for each in said], told.shown, verdict)
        return replace(answer, conflicts=tuple(told.conflicts))

    def _computed(self, found: Computation) -> Iterator[Event]:
        """The events of an answer that a rule or a comparison computed, or of a question back."""
        asked = self._asked
        self._text = found.question
        yield Understood(asked.typed, asked.language, found.question if found.question != asked.typed else "")
        for stage in ("retrieval", "evidence", "first_token"):
            self._clock.mark(stage)
        if found.evidence:
            yield EvidenceFound(found.evidence, phrased=False)
        yield from map(SentenceReady, found.sentences)
        status: Status = "asked_back" if found.asks else "computed"
        answer = self._answer(status, found.sentences, found.evidence, Verdict("answer", 1.0, (), ()))
        yield Finished(replace(answer, inputs=found.inputs, rule=found.rule, comparisons=found.comparisons))

    def _refused(self, verdict: Verdict, quotes: Sequence[Cut]) -> Answer:
        """The fixed refusal, with what the documents say of not knowing, whom to ask, and the nearest passages."""

        def judged(whom: Question) -> Verdict:
            return self.verdict(whom, whom.text, _CONTACTS)

        said = [quote for quote, _ in quotes[:1]] if verdict.kind == "unknown" else []
        asked = contact(self._asked, self._text, judged, self._visible, self._parts.reader, self._parts.tuning)
        whom = [found for _, found in quotes_of(asked, self._visible)]
        related = related_to([*whom, *verdict.found], _RELATED + len(whom), self._visible)
        sentences = [Sentence(display(quote), (quote.id,)) for quote in said]
        answer = self._answer("refused", sentences, said, verdict)
        used = {quote.id for quote in answer.citations}
        answer = replace(answer, related=tuple(quote for quote in related if quote.id not in used))
        return replace(answer, whom=related[0].id) if whom else answer

    def _answer(self, status: Status, said: Sequence[Sentence], quotes: Sequence[Quote], verdict: Verdict) -> Answer:
        language, marks = self._asked.language, self._clock.marks
        self._clock.mark("total")
        marks.setdefault("first_token", marks["total"])
        used = {name for sentence in said for name in sentence.citations}
        return Answer(
            question=self._text,
            language=language,
            status=status,
            answer=_with_notice(status, "\n".join(sentence.text for sentence in said), language),
            sentences=tuple(said),
            citations=tuple(quote for quote in quotes if quote.id in used),
            related=(),
            conflicts=(),
            timings_ms={stage: marks[stage] for stage in ("retrieval", "evidence", "first_token", "total")},
            models=self._parts.models,
            probability=verdict.probability,
        )


def _with_notice(status: Status, words: str, language: Language) -> str:
    """The sentences, with what has to be said beside them: that nothing was found, or that nothing was phrased."""
    if status == "refused":
        return f"{REFUSAL[language]}\n{words}".strip()
    return f"{words}\n{NOT_PHRASED[language]}" if status == "quotes_only" else words
