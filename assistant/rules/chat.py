"""The chat's door to the rules: a computed answer in sentences with their clauses, or the question back.

The first sentence shows what was taken from the asker's words, so that a wrong reading is seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from assistant.rules.definition import Input
from assistant.rules.engine import evaluate, find_rule
from assistant.rules.given import AS_OF, AS_OF_QUESTION
from assistant.rules.inputs import InputValue, missing
from assistant.rules.route import Request, with_missing
from assistant.rules.values import Clause, Line, Missing, Result, Text
from assistant.rules.wording import date_text, plain, topic, towards, upper, won_text
from assistant.schema import Language

#: taken: what was read in the asker's words; headline: the figure asked for; formula: how it is worked out; warning:
#: what to be careful about; question: what is still missing.
Part = Literal["taken", "headline", "formula", "warning", "question"]

_ASK: dict[Language, str] = {
    "ko": "계산하려면 다음을 알려 주십시오.",
    "en": "To work this out I need the following.",
}
_YES: dict[tuple[Language, bool], str] = {
    ("ko", True): "예",
    ("ko", False): "아니오",
    ("en", True): "yes",
    ("en", False): "no",
}
_AS_OF_LABEL = Text("기준일", "date of the rules")


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of a computed answer, with the clauses it rests on (none for the asker's own figures)."""

    part: Part
    text: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """What the chat shows: sentences in order, and the result they come from. `missing`: what it asks back for.

    `inputs`: what was taken from the asker's words, as text, by the name of the input.
    """

    request: Request
    result: Result
    inputs: Mapping[str, str]
    sentences: tuple[Statement, ...]
    missing: tuple[Missing, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """List every clause that a sentence rests on, in order of first use."""
        return tuple({clause.id: clause for sentence in self.sentences for clause in sentence.clauses}.values())


def answer(request: Request, language: Language, today: date | None = None) -> Computed:
    """Put the rule's result for `request` into sentences of `language`, or ask back for what is missing or unsure."""
    today = today or date.today()
    result = evaluate(request.rule, request.inputs, request.as_of)
    asked = [_question_back(request, name) for name in with_missing(request).asks]
    taken = _taken(request, language, today)
    sentences = _shown_back(request, taken, language, asked=bool(asked))
    if asked:
        sentences.append(Statement("question", _ASK[language], ()))
        sentences += [Statement("question", entry.question.of(language), ()) for entry in asked]
    else:
        sentences += _headline(request, result, language)
        sentences += [_statement("formula", line, result, language) for line in result.lines]
        sentences += [_statement("warning", line, result, language) for line in result.warnings]
    return Computed(request, result, taken, tuple(sentences), tuple(asked))


def _question_back(request: Request, name: str) -> Missing:
    if name == AS_OF:
        example = Text("날짜나 연도(예: 2025년)", "a date or a year (for example 2025)")
        return Missing(AS_OF, _AS_OF_LABEL, AS_OF_QUESTION, example)
    return missing(find_rule(request.rule).inputs[name])


def _taken(request: Request, language: Language, today: date) -> dict[str, str]:
    entries = find_rule(request.rule).inputs
    given = request.inputs
    texts = {name: _value_text(entry, given[name], language) for name, entry in entries.items() if name in given}
    if request.as_of != today:
        texts[AS_OF] = date_text(request.as_of, language)
    return texts


def _value_text(entry: Input, value: InputValue, language: Language) -> str:
    if isinstance(value, bool):
        return _YES[language, value]
    if isinstance(value, str):
        return entry.choices[value].label.of(language)
    if isinstance(value, date):
        return date_text(value, language)
    return _number_text(entry, value, language)


def _number_text(entry: Input, value: Decimal, language: Language) -> str:
    if entry.kind == "won":
        return won_text(value, language)
    if entry.kind == "percent":
        return f"{plain(value)}%"
    return f"{plain(value)}개" if language == "ko" else plain(value)


def _shown_back(request: Request, taken: Mapping[str, str], language: Language, *, asked: bool) -> list[Statement]:
    """What was taken, in one sentence: choices by their names, figures and days with their labels, then yes or no."""
    if not taken:
        return []
    entries = find_rule(request.rule).inputs
    named = []
    for name, text in taken.items():
        kind = entries[name].kind if name in entries else "date"
        label = entries[name].label if name in entries else _AS_OF_LABEL
        if kind != "flag":
            named.append(text if kind == "choice" else f"{label.of(language)} {text}")
    flags = [
        _flag_text(entries[name], bool(request.inputs[name]), language) for name in taken if _is_flag(entries, name)
    ]
    listed, beside = ", ".join(named or flags), f" ({', '.join(flags)})" if named and flags else ""
    if asked or not named:
        words = f"{'알려 주신 내용' if language == 'ko' else 'Taken from your words'}: {listed}{beside}."
    elif language == "ko":
        words = f"{towards(listed)} 계산했습니다{beside}."
    else:
        words = f"Computed for: {listed}{beside}."
    return [Statement("taken", words, ())]


def _is_flag(entries: Mapping[str, Input], name: str) -> bool:
    return name in entries and entries[name].kind == "flag"


def _flag_text(entry: Input, value: bool, language: Language) -> str:
    """The sentence that a flag stands for, without its full stop."""
    said = entry.yes if value else entry.no
    return said.of(language).rstrip(".") if said else ""


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
