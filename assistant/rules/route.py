"""From a question to a request: the rule that computes it, what the asker gave, which output is wanted.

The reader picks the rule from the cards nearest to the question and marks the inputs in the asker's own words
(`given.py`); no pattern of words decides. A turn that follows a computed answer, or a question back, completes or
changes the case before it while the earlier rule's card still fits both turns read together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.errors import QuestionError
from assistant.reading import Reader
from assistant.reading.encoding import with_before
from assistant.rules.cards import card, target_card
from assistant.rules.definition import Rule
from assistant.rules.engine import evaluate, find_rule
from assistant.rules.given import Given, Thresholds, read_given
from assistant.rules.inputs import InputValue, parse
from assistant.rules.shortlist import nearest
from assistant.schema import Language


@dataclass(frozen=True, slots=True)
class Request:
    """A question that a rule can answer: the rule, what was given, which output is asked for ("" for none of them).

    `missing` names the inputs that are still needed, `unsure` those that the question may have given; both are asked
    for. `as_of` chooses the version of the rule. `replies` are the turns after `question` that belong to the case.
    """

    rule: str
    inputs: Mapping[str, InputValue]
    target: str
    as_of: date
    question: str
    replies: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Give the whole case in the asker's words."""
        return " ".join([self.question, *self.replies])

    @property
    def asks(self) -> tuple[str, ...]:
        """List what is to be asked back: what is required and missing, then what is unsure.

        What is missing but not required is one way of several; it is asked for where nothing hints at another.
        """
        entries = find_rule(self.rule).inputs
        needed = [name for name in self.missing if entries[name].required]
        return tuple(dict.fromkeys([*needed, *self.unsure])) or self.missing


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of the asker: its words and their language."""

    text: str
    language: Language


def request_of(
    turns: Sequence[Said], reader: Reader, thresholds: Thresholds, today: date | None = None
) -> Request | None:
    """Find the computation that the last of `turns` asks for or completes; None when the documents should answer."""
    today = today or date.today()
    request = None
    for turn in turns:
        request = _next(request, turn, reader, thresholds, today)
    return request


def route(
    question: str, language: Language, reader: Reader, thresholds: Thresholds, today: date | None = None
) -> Request | None:
    """Find the computation that `question` asks for by itself; None when the documents should answer it.

    `language` is the question's; `today` (default: the clock) gives dates without a year theirs.
    """
    today = today or date.today()
    rules = nearest(question, language)
    readings = reader.read(question, [card(rule, language) for rule in rules])
    best, rule = max(zip(readings, rules, strict=True), key=lambda pair: pair[0].answers)
    if best.answers < thresholds.hint:
        return None
    given = read_given(rule, question, language, reader, thresholds, today)
    request = with_missing(Request(rule.name, given.values, "", given.as_of or today, question, unsure=given.unsure))
    figures = [name for name in given.values if rule.inputs[name].kind not in ("choice", "flag")]
    needed = thresholds.hint if not request.asks else thresholds.rule if figures else thresholds.bare
    if best.answers < needed:
        return None
    return replace(request, target=_target(rule, question, language, reader))


def complete(
    request: Request, turn: Said, reader: Reader, thresholds: Thresholds, today: date | None = None
) -> Request | None:
    """Add to `request` what the next turn gives: a missing input, or a changed one ("and for a mid-size firm?").

    None when the turn gives nothing, or is no longer about the case.
    """
    today = today or date.today()
    rule = find_rule(request.rule)
    given = _bare(rule, request, turn.text)
    if given is None:
        if not _still_fits(rule, request, turn, reader, thresholds):
            return None
        expected = request.asks or tuple(request.inputs)
        given = read_given(rule, turn.text, turn.language, reader, thresholds, today, expected)
    if not given.values and given.as_of is None and not given.unsure:
        return None
    return with_missing(
        replace(
            request,
            inputs={**{name: v for name, v in request.inputs.items() if name not in given.unsure}, **given.values},
            as_of=given.as_of or request.as_of,
            replies=(*request.replies, turn.text),
            unsure=given.unsure,  # what was unsure before has been asked: it is not asked again
        )
    )


def _next(before: Request | None, turn: Said, reader: Reader, thresholds: Thresholds, today: date) -> Request | None:
    """The request before, completed, or a question of its own."""
    fresh = route(turn.text, turn.language, reader, thresholds, today)
    if before is None or (fresh is not None and fresh.rule == before.rule and not fresh.asks):
        return fresh
    return complete(before, turn, reader, thresholds, today) or fresh


def _still_fits(rule: Rule, request: Request, turn: Said, reader: Reader, thresholds: Thresholds) -> bool:
    """The earlier rule's card fits both turns read together, better than the cards that are nearest to this turn."""
    joined = with_before(turn.text, request.question)
    others = [other for other in nearest(turn.text, turn.language) if other.name != rule.name]
    readings = reader.read(joined, [card(each, turn.language) for each in (rule, *others)])
    return readings[0].answers >= max([thresholds.hint, *(reading.answers for reading in readings[1:])])


def _bare(rule: Rule, request: Request, text: str) -> Given | None:
    """A turn that is nothing but a value of an input that was asked for, as the command line takes it."""
    for name in request.asks:
        if name not in rule.inputs:
            continue
        try:
            return Given({name: parse(rule.inputs[name], text)})
        except QuestionError:
            continue
    return None


def _target(rule: Rule, question: str, language: Language, reader: Reader) -> str:
    """The output that the question is most likely about; the others are shown as well."""
    if len(rule.targets) < 2:
        return "".join(rule.targets)
    readings = reader.read(question, [target_card(rule, target, language) for target in rule.targets])
    return max(zip(readings, rule.targets, strict=True), key=lambda pair: pair[0].answers)[1]


def with_missing(request: Request) -> Request:
    """Name what the rule still needs for `request`."""
    result = evaluate(request.rule, request.inputs, request.as_of)
    unsure = tuple(name for name in request.unsure if name not in request.inputs)
    return replace(request, missing=tuple(entry.name for entry in result.missing), unsure=unsure)
