"""The chat's door to the rules: a computed answer in sentences with their clauses, or the question back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from assistant.errors import QuestionError
from assistant.programmes.engine import evaluate, find_rule
from assistant.programmes.inputs import InputValue, parse
from assistant.programmes.recognition import Request, figures_of, read_inputs, recognise, with_missing
from assistant.programmes.rules import Rule
from assistant.programmes.values import Clause, Line, Missing, Result
from assistant.programmes.wording import topic, upper
from assistant.schema import Language

#: headline: the figure asked for; formula: how it is worked out; warning: what to be careful about; question: what
#: is still missing.
Part = Literal["headline", "formula", "warning", "question"]

_ASK: dict[Language, str] = {
    "ko": "계산하려면 다음을 알려 주십시오.",
    "en": "To work this out I need the following.",
}
#: Words that may stand around a value in a short reply; more than these is a question of its own.
_FILLER = re.compile(
    r"(?:그럼|그러면|그리고|아니|아뇨|아니요|저희|우리|회사|기업|이?라면|이?면|일 ?때|경우|는요|은요|요|입니다|"
    r"이에요|예요|이고|고|인데|이다|으?로|은|는|이|가|을|를|에|어떻게|되나요|되나|돼|얼마|인가|원|짜리|총|약|받|날|했|습니다|어|아|았|었|였)+|"
    r"(?<![a-z])(?:and|then|so|but|no|not|sorry|i|we|meant|mean|are|is|am|it|it's|we're|what|how|about|if|for|as|an?|the|"
    r"of|in|on|was|were|with|to|say|rather|instead|would|be|that|our|my|please|won|company|firm|much|change|make|got)"
    r"(?![a-z])|[\s.,!?·'()~-]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a computed answer, with the clauses it rests on (none for the asker's own figures)."""

    part: Part
    text: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """What the chat shows: sentences in order, and the result they come from. `missing`: what it asks back for."""

    request: Request
    result: Result
    sentences: tuple[Statement, ...]
    missing: tuple[Missing, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Every clause that a sentence rests on, in order of first use."""
        return tuple({clause.id: clause for sentence in self.sentences for clause in sentence.clauses}.values())


def answer(request: Request, language: Language) -> Computed:
    """The rule's result for `request` in sentences of `language`, or a question back for what is missing."""
    result = evaluate(request.rule, request.inputs, request.as_of)
    if result.missing:
        sentences = [Statement("question", _ASK[language], ())]
        sentences += [Statement("question", entry.question.of(language), ()) for entry in result.missing]
        return Computed(request, result, tuple(sentences), result.missing)
    sentences = _headline(request, result, language)
    sentences += [_statement("formula", line, result, language) for line in result.lines]
    sentences += [_statement("warning", line, result, language) for line in result.warnings]
    return Computed(request, result, tuple(sentences), ())


def complete(request: Request, next_question: str, language: Language, today: date | None = None) -> Request | None:
    """`request` with what the next turn gives: a missing input, or a changed one ("and for a mid-size firm?").

    None when the next turn is about something else: it is then to be read as a question of its own.
    """
    fresh = recognise(next_question, language, today)
    if fresh is not None and (fresh.rule != request.rule or not fresh.missing):
        return None
    rule = find_rule(request.rule)
    given = _given(rule, request, next_question, today or date.today())
    if not given:
        return None
    merged = {**request.inputs, **given}
    return with_missing(replace(request, inputs=merged, question=f"{request.question} {next_question}"))


def _given(rule: Rule, request: Request, text: str, today: date) -> dict[str, InputValue]:
    """The inputs that a short reply gives; empty when it says more than a value."""
    for name in request.missing:  # a bare answer to the question that was asked
        if rule.inputs[name].kind == "choice":
            continue
        try:
            return {name: parse(rule.inputs[name], text)}
        except QuestionError:
            continue
    figures = figures_of(text, today)
    inputs = read_inputs(rule, text, figures, request.missing) if figures is not None else None
    if not inputs or figures is None:
        return {}
    rest = list(text)
    for figure in figures:
        rest[figure.start : figure.end] = " " * (figure.end - figure.start)
    left = "".join(rest)
    for entry in rule.inputs.values():
        if entry.name in inputs:
            patterns = [entry.words] if entry.words else [choice.words for choice in entry.choices.values()]
            for pattern in patterns:
                left = pattern.sub(" ", left)
    return inputs if len(_FILLER.sub("", left)) <= 2 else {}


def _headline(request: Request, result: Result, language: Language) -> list[Statement]:
    """The figure that was asked for, in a sentence of its own."""
    named = [term for term in result.terms if term.name == request.target]
    if not named and len(result.terms) != 1:
        return []
    term = (named or result.terms)[0]
    label, figure = term.label.of(language), term.text(language)
    text = f"{topic(label)} {figure}입니다." if language == "ko" else f"{upper('the ' + label)} is {figure}."
    clauses = tuple(result.clauses[name] for name in term.clauses)
    return [Statement("headline", text, clauses)]


def _statement(part: Part, line: Line, result: Result, language: Language) -> Statement:
    return Statement(part, line.text.of(language), tuple(result.clauses[name] for name in line.clauses))
