"""What the programme finder gives: a verdict for each programme, each with the clauses that it rests on.

Plain frozen data; every text is in the asker's language. Knows neither the index nor the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from assistant.schema import Language, Quote

#: eligible: every condition that the documents state is met; depends: one is open; not: one is not met, or the time is
#: over; unknown: a clause is not in the documents that the asker may see, so nothing is said.
Verdict = Literal["eligible", "depends", "not", "unknown"]
#: met, failed: what a condition comes to; open: a field is missing or the documents leave it open; assumed: taken as
#: met because nobody said otherwise; gone: its clause cannot be shown.
State = Literal["met", "failed", "open", "assumed", "gone"]
Kind = Literal["grant", "loan", "insurance", "equity"]
VERDICTS: tuple[Verdict, ...] = ("eligible", "depends", "not", "unknown")


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition of a programme: what it comes to for this firm, why, and the quotes that say so.

    `fields`: what would have to be known to close an open one.
    """

    state: State
    text: str
    citations: tuple[str, ...]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure of a programme: the most that it gives, or what the firm bears.

    `value` is whole won where code worked it out (`formula` says how), None where `text` is the documents' own words.
    """

    role: Literal["most", "bears"]
    label: str
    text: str
    citations: tuple[str, ...]
    name: str = ""
    value: Decimal | None = None
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence with its quotes: what the documents do not say, or what goes with a computed figure."""

    text: str
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day that matters for a programme; `days_left` is negative once it is past."""

    label: str
    day: date
    days_left: int
    citations: tuple[str, ...]

    @property
    def past(self) -> bool:
        """Tell whether the day is over."""
        return self.days_left < 0


@dataclass(frozen=True, slots=True)
class Found:
    """One programme for one firm. `citations` of the first reason are the deciding clause.

    `wanted`: fields that would let more figures be worked out. An `unknown` one tells nothing but its name.
    """

    programme: str
    title: str
    kind: Kind
    owner: str
    verdict: Verdict
    reasons: tuple[Reason, ...]
    amounts: tuple[Amount, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    not_known: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    ask: str = ""
    wanted: tuple[str, ...] = ()

    @property
    def depends_on(self) -> tuple[str, ...]:
        """List the fields that the verdict waits for."""
        if self.verdict != "depends":
            return ()
        return tuple(dict.fromkeys(name for reason in self.reasons if reason.state == "open" for name in reason.fields))


@dataclass(frozen=True, slots=True)
class Taken:
    """A field of the profile as it was understood. `words`: its value for people; `unsure`: read, but not taken."""

    field: str
    label: str
    value: Any
    words: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question whose answer decides more, with what it takes and the programmes that it decides."""

    field: str
    label: str
    question: str
    accepted: str
    programmes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """All programmes for one firm, eligible ones first. `quotes` holds every citation by id.

    `size`: sme, midsize or large as it counted, "" where it cannot be said; `size_because` says how it was found.
    `unsure`: fields that the words may state, but not clearly.
    """

    language: Language
    as_of: date
    text: str
    taken: tuple[Taken, ...]
    unsure: tuple[str, ...]
    size: str
    size_because: tuple[Note, ...]
    programmes: tuple[Found, ...]
    questions: tuple[Ask, ...]
    quotes: Mapping[str, Quote]

    def to_json(self) -> dict[str, Any]:
        """Give the public JSON form, as `assistant programmes match --json` prints it."""
        return {
            "language": self.language,
            "as_of": self.as_of.isoformat(),
            "text": self.text,
            "profile": {entry.field: _plain(entry.value) for entry in self.taken},
            "taken": [{"field": e.field, "label": e.label, "value": e.words} for e in self.taken],
            "unsure": list(self.unsure),
            "size": self.size,
            "size_because": [asdict(note) for note in self.size_because],
            "programmes": [_found_json(found) for found in self.programmes],
            "questions": [asdict(question) for question in self.questions],
            "quotes": {name: quote.to_json() for name, quote in self.quotes.items()},
        }


def _found_json(found: Found) -> dict[str, Any]:
    return {
        "programme": found.programme,
        "title": found.title,
        "kind": found.kind,
        "owner": found.owner,
        "verdict": found.verdict,
        "depends_on": list(found.depends_on),
        "reasons": [asdict(reason) for reason in found.reasons],
        "amounts": [{**asdict(amount), "value": _plain(amount.value)} for amount in found.amounts],
        "deadlines": [{**asdict(entry), "day": entry.day.isoformat(), "past": entry.past} for entry in found.deadlines],
        "not_known": [asdict(note) for note in found.not_known],
        "notes": [asdict(note) for note in found.notes],
        "ask": found.ask,
        "wanted": list(found.wanted),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return value
