"""The frozen values of a rule and of its result. Amounts are whole won as Decimal, shares are percent, never floats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from assistant.rules.wording import direct_object, percent_text, term_text, together, topic, upper
from assistant.schema import Language

Unit = Literal["KRW", "%", "%p", "x", "day", "month", "year", "count", "date", "text"]
Bound = Literal["exact", "max", "min"]
#: computed: amounts or a verdict; incomplete: inputs are missing; unknown: the documents do not hold the rule.
Outcome = Literal["computed", "incomplete", "unknown"]
LANGUAGES: tuple[Language, Language] = ("ko", "en")

_PARTICLES = {"topic": topic, "object": direct_object, "with": together}


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    ko: str
    en: str

    def of(self, language: Language) -> str:
        """Give the words in `language`."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a rule stands: the article, the source that was read, and the document and heading that restate it.

    `effective`: date of the text that was read. `document`: id without language (`rules/technology-fee`).
    """

    id: str
    cite: Text
    source: Text
    effective: date
    document: str
    heading: Text

    def document_id(self, language: Language) -> str:
        """Give the catalogue id of the document in `language`."""
        return f"{self.document}.{language}.md"

    def to_json(self) -> dict[str, Any]:
        """Give the public JSON form."""
        return {
            "id": self.id,
            "cite": {"ko": self.cite.ko, "en": self.cite.en},
            "source": {"ko": self.source.ko, "en": self.source.en},
            "effective_date": self.effective.isoformat(),
            "document": {"ko": self.document_id("ko"), "en": self.document_id("en")},
            "heading": {"ko": self.heading.ko, "en": self.heading.en},
        }


@dataclass(frozen=True, slots=True)
class Term:
    """A labelled figure: an input, a value of the rule or a computed amount."""

    name: str
    label: Text
    amount: Decimal | date
    unit: Unit
    bound: Bound = "exact"
    clauses: tuple[str, ...] = ()

    @property
    def number(self) -> Decimal:
        """Give the amount of a term that is no date."""
        if isinstance(self.amount, date):
            raise TypeError(f"{self.name} is a date")
        return self.amount

    def text(self, language: Language, *, bound: bool = True) -> str:
        """Put the figure in words, with 최대 / 이상 or "at most" / "at least" where it is a limit."""
        return term_text(self.amount, self.unit, self.bound if bound else "exact", language)

    def to_json(self) -> dict[str, Any]:
        """Give the public JSON form: won as integers, percent as text, dates in ISO 8601."""
        value: int | str
        if isinstance(self.amount, date):
            value = self.amount.isoformat()
        elif self.amount == self.amount.to_integral_value() and self.unit != "%":
            value = int(self.amount)
        else:
            value = percent_text(self.amount)
        return {
            "name": self.name,
            "label": {"ko": self.label.ko, "en": self.label.en},
            "value": value,
            "unit": self.unit,
            "bound": self.bound,
            "text": {"ko": self.text("ko"), "en": self.text("en")},
        }


#: What may stand in a sentence: a figure, words in both languages, or a number as it is.
Part = Term | Text | int


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of a sentence in one language, for `str.format`.

    `{x}` with its bound, `{x:bare}` without, `{x:upper}` with a capital, `{x:topic}`, `{x:object}`, `{x:with}` with
    the Korean particle.
    """

    part: Part
    language: Language

    def __format__(self, spec: str) -> str:
        """The words of the part; the particles are Korean only."""
        if isinstance(self.part, Term):
            words = self.part.text(self.language, bound=spec != "bare")
        else:
            words = self.part.of(self.language) if isinstance(self.part, Text) else str(self.part)
        if spec == "upper":
            return upper(words)
        return _PARTICLES[spec](words) if self.language == "ko" and spec in _PARTICLES else words


@dataclass(frozen=True, slots=True)
class Line:
    """One readable step: a formula or a statement, with the clauses it rests on."""

    name: str
    text: Text
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """An input that is not given: what it is called, how to ask for it, which values are accepted."""

    name: str
    label: Text
    question: Text
    accepted: Text


@dataclass(frozen=True, slots=True)
class Result:
    """What a rule gives for a case.

    `terms` are computed, `figures` are the rule's own values that were used, `clauses` holds every clause that a line
    or a warning rests on, by id.
    """

    rule: str
    title: Text
    outcome: Outcome
    as_of: date
    since: date | None
    until: date | None
    inputs: Mapping[str, Any]
    terms: tuple[Term, ...] = ()
    figures: tuple[Term, ...] = ()
    lines: tuple[Line, ...] = ()
    warnings: tuple[Line, ...] = ()
    missing: tuple[Missing, ...] = ()
    clauses: Mapping[str, Clause] = field(default_factory=dict)

    def amount(self, name: str) -> Decimal:
        """Find a computed amount by name. Raises KeyError."""
        return self.term(name).number

    def term(self, name: str) -> Term:
        """Find a computed term by name. Raises KeyError."""
        for term in self.terms:
            if term.name == name:
                return term
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """Give the public JSON form, as `assistant check --json` prints it."""

        def line(entry: Line) -> dict[str, Any]:
            words = {"ko": entry.text.ko, "en": entry.text.en}
            return {"name": entry.name, "text": words, "clauses": list(entry.clauses)}

        return {
            "rule": self.rule,
            "title": {"ko": self.title.ko, "en": self.title.en},
            "outcome": self.outcome,
            "as_of": self.as_of.isoformat(),
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "inputs": {name: _plain(value) for name, value in self.inputs.items()},
            "amounts": [term.to_json() for term in self.terms],
            "lines": [line(entry) for entry in self.lines],
            "warnings": [line(entry) for entry in self.warnings],
            "missing": [
                {
                    "name": entry.name,
                    "label": {"ko": entry.label.ko, "en": entry.label.en},
                    "question": {"ko": entry.question.ko, "en": entry.question.en},
                    "accepted": {"ko": entry.accepted.ko, "en": entry.accepted.en},
                }
                for entry in self.missing
            ],
            "clauses": [clause.to_json() for clause in self.clauses.values()],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else percent_text(value)
    return value.isoformat() if isinstance(value, date) else value
