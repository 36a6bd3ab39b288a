"""From a profile to verdicts: every condition of every programme is tested by code, and none counts without its quote.

The language model takes no part. A condition whose clause cannot be shown decides nothing: where it would decide, the
verdict is "unknown".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assistant.finder.citing import Citing
from assistant.finder.days import deadlines_of, window_reason
from assistant.finder.definition import Condition, Programme, load_programmes
from assistant.finder.fields import accepted_words, fields, words_of
from assistant.finder.figures import figures_of
from assistant.finder.size import size_of
from assistant.finder.values import VERDICTS, Ask, Found, Match, Note, Reason, State, Taken, Verdict
from assistant.index import Visible
from assistant.rules.inputs import InputValue
from assistant.rules.values import Text
from assistant.schema import Language

_GONE = Text(
    "이 판정의 근거 조항을 볼 수 있는 문서에서 찾을 수 없어 판정하지 않습니다.",
    "The clause that decides this is not in the documents that can be shown, so nothing is said.",
)
_ORDER: tuple[State, ...] = ("failed", "gone", "open", "met", "assumed")


@dataclass(frozen=True, slots=True)
class _Firm:
    """What is known of a firm: facts by field, and fields of which nothing may be assumed since they were spoken of."""

    facts: Mapping[str, Any]
    unsure: frozenset[str]


def match(
    profile: Mapping[str, InputValue],
    visible: Visible,
    language: Language,
    today: date,
    *,
    text: str = "",
    unsure: Iterable[str] = (),
) -> Match:
    """Say of every programme whether it fits a firm, by the clauses that `visible` shows, as of `today`.

    `text` and `unsure` are shown back: the words that the profile was read in, and what was not clear in them.
    """
    citing = Citing(visible, language)
    sized = size_of(profile, citing, language, today)
    firm = _Firm({**profile, **({"size": sized.size} if sized.size else {})}, frozenset(unsure))
    found = [_found(programme, firm, citing, language, today) for programme in load_programmes().values()]
    found.sort(key=lambda each: VERDICTS.index(each.verdict))
    taken = [
        Taken(name, fields()[name].entry.label.of(language), value, words_of(name, value, language))
        for name, value in profile.items()
    ]
    return Match(
        language, today, text, tuple(taken), tuple(sorted(firm.unsure)), sized.size, sized.because, tuple(found),
        _questions(found, language), _used(found, sized.because, citing),
    )  # fmt: skip


def _found(programme: Programme, firm: _Firm, citing: Citing, language: Language, today: date) -> Found:
    reasons = [_reason(programme, condition, firm, citing, language) for condition in programme.conditions]
    if window := window_reason(programme, citing, language, today, firm.facts.get("filed")):
        reasons.insert(0, window)
    reasons = [reason if reason.citations else Reason("gone", _GONE.of(language), ()) for reason in reasons]
    verdict = _verdict({reason.state for reason in reasons})
    title, owner, ask = (words.of(language) for words in (programme.title, programme.owner, programme.ask))
    if verdict == "unknown":
        gone = tuple(reason for reason in reasons if reason.state == "gone")[:1]
        return Found(programme.name, title, programme.kind, owner, verdict, gone, ask=ask)
    not_known = [
        Note(entry.text.of(language), quoted)
        for entry in programme.not_known
        if (quoted := citing.words(programme.clauses[entry.clause]))
    ]
    found = Found(
        programme=programme.name,
        title=title,
        kind=programme.kind,
        owner=owner,
        verdict=verdict,
        reasons=tuple(sorted(reasons, key=lambda reason: _ORDER.index(reason.state))),
        deadlines=deadlines_of(programme, citing, language, today),
        not_known=tuple(not_known),
        ask=ask,
    )
    if verdict == "not":
        return found
    figures = figures_of(programme, firm.facts, citing, language, today)
    return replace(found, amounts=figures.amounts, notes=figures.notes, wanted=figures.wanted)


def _reason(programme: Programme, condition: Condition, firm: _Firm, citing: Citing, language: Language) -> Reason:
    """What a condition comes to; one that nobody spoke of may be assumed, and says so."""
    quoted = citing.words(programme.clauses[condition.clause])
    state, fields_missing = _outcome(condition, firm)
    words = condition.words["met" if state == "assumed" else state]
    return Reason(state, words.of(language), quoted, fields_missing)


def _outcome(condition: Condition, firm: _Firm) -> tuple[State, tuple[str, ...]]:
    """What a condition comes to, and the fields that would settle an open one."""
    test = condition.test
    if test is None:
        return next(iter(condition.words)), ()
    holds = test.holds(firm.facts)
    if holds is not None:
        return "met" if holds else "failed", ()
    assumed = {name: value for name, value in condition.assumed.items() if name not in firm.unsure}
    supposed = test.holds({**assumed, **firm.facts})
    if supposed is not None:
        return "assumed" if supposed else "failed", ()
    return "open", test.missing(firm.facts)


def _verdict(states: set[State]) -> Verdict:
    if "failed" in states:
        return "not"
    if "gone" in states or not states:
        return "unknown"
    return "depends" if "open" in states else "eligible"


def _questions(found: Iterable[Found], language: Language) -> tuple[Ask, ...]:
    """The questions whose answers decide most verdicts first, then those that only let figures be worked out."""
    decided: dict[str, list[str]] = {}
    for each in found:
        for name in each.depends_on:
            decided.setdefault(name, []).append(each.programme)
    for each in found:
        for name in each.wanted:
            decided.setdefault(name, [])
    ordered = sorted(decided, key=lambda name: -len(decided[name]))
    entries = {name: fields()[name].entry for name in ordered}
    return tuple(
        Ask(
            name,
            entry.label.of(language),
            entry.question.of(language),
            accepted_words(name, language),
            tuple(decided[name]),
        )
        for name, entry in entries.items()
    )


def _used(found: Iterable[Found], because: Iterable[Note], citing: Citing) -> dict[str, Any]:
    """Only the quotes that something rests on."""
    named = {name for note in because for name in note.citations}
    for each in found:
        named |= {name for reason in each.reasons for name in reason.citations}
        named |= {name for amount in each.amounts for name in amount.citations}
        named |= {name for deadline in each.deadlines for name in deadline.citations}
        named |= {name for note in (*each.not_known, *each.notes) for name in note.citations}
    return {name: quote for name, quote in citing.quotes.items() if name in named}
