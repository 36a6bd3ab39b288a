"""What a firm's own sentence gives for its profile: the reader says what is stated and where, code says how much.

Amounts, shares and choices are read as the rules read theirs (`assistant.rules.given`); counts with their units here.
Places and industries are proper names: the names are listed, and where several are named the reader says which one.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from assistant.finder.definition import load_programmes
from assistant.finder.fields import Field, fields
from assistant.finder.names import Named, names_in
from assistant.reading import Reader
from assistant.rules.definition import Rule
from assistant.rules.figures import periods_of
from assistant.rules.given import Thresholds, read_given
from assistant.rules.inputs import InputValue
from assistant.rules.values import Text
from assistant.schema import Excerpt, Language, Reading
from assistant.text.quantities import Quantity, quantities

#: The day without a year that lies nearest to so long ago is the last one before today.
_HALF_A_YEAR = timedelta(days=182)
#: A name must be this many times as likely as the next one.
_TIMES = 1.5


@dataclass(frozen=True, slots=True)
class Read:
    """The fields that a text gives, and those that it may give but not clearly."""

    profile: Mapping[str, InputValue]
    unsure: tuple[str, ...]


def read_profile(text: str, language: Language, reader: Reader, thresholds: Thresholds, today: date) -> Read:
    """Read `text` into a profile. Nothing is guessed: what is not stated clearly is named as unsure."""
    reader = _Once(reader)
    given = read_given(_card(), text, language, reader, thresholds, today)
    profile = dict(given.values)
    unsure = [name for name in given.unsure if name in fields()]
    ahead = {name: day for name, day in given.values.items() if isinstance(day, date) and day > today}
    profile |= {name: _last_such_day(day, text, today) for name, day in ahead.items()}
    for name, field in fields().items():
        if field.named:
            found = _name(name, field, text, language, reader)
            if len(found) == 1:
                profile[name] = found[0]
            elif found:
                unsure.append(name)
        elif field.units or (field.none and name not in profile):
            value = _count(field, text, language, reader, thresholds)
            if value is not None:
                profile[name] = value
    unsure += _spoken_of(profile, text, language, reader, thresholds)
    ordered = {name: profile[name] for name in fields() if name in profile}
    return Read(ordered, tuple(dict.fromkeys(name for name in unsure if name not in ordered)))


class _Once:
    """A reader that reads one text for each question and sentence once."""

    def __init__(self, reader: Reader) -> None:
        self.fingerprint = reader.fingerprint
        self._reader = reader
        self._known: dict[tuple[str, str], Any] = {}

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """Read the text for `question`."""
        return self._kept(("read", question), lambda: self._reader.read(question, excerpts))

    def supports(self, sentence: str, excerpts: Sequence[Excerpt]) -> list[float]:
        """Tell whether the text supports `sentence`."""
        return self._kept(("supports", sentence), lambda: self._reader.supports(sentence, excerpts))

    def _kept(self, key: tuple[str, str], answer: Callable[[], Any]) -> Any:
        if key not in self._known:
            self._known[key] = answer()
        return self._known[key]


def _card() -> Rule:
    """The profile as a rule has its inputs: those that are read as a rule reads its own."""
    nothing = Text("", "")
    entries = {name: field.entry for name, field in fields().items() if not field.named and not field.units}
    return Rule(
        name="profile", title=nothing, computes=nothing, examples={}, targets=(), ask=nothing, decided_by="",
        inputs=entries, versions=(), clauses={}, labels={}, sentences={}, notices=(), kinds={},
    )  # fmt: skip


def _last_such_day(day: date, text: str, today: date) -> date:
    """What a firm did lies behind it: a day without a year that was taken for one ahead is the last such day."""
    earlier = [period.first for period in periods_of(text, today - _HALF_A_YEAR)]
    return next((each for each in earlier if (each.month, each.day) == (day.month, day.day)), day)


def _spoken_of(
    taken: Container[str], text: str, language: Language, reader: Reader, thresholds: Thresholds
) -> list[str]:
    """Fields that a verdict could assume, but the text speaks of them and they were not taken: nothing is assumed."""
    assumable = {name for each in load_programmes().values() for entry in each.conditions for name in entry.assumed}
    asked = {name: fields()[name].entry.question.of(language) for name in fields() if name in assumable}
    return [
        name
        for name, question in asked.items()
        if name not in taken and reader.read(question, [Excerpt(text)])[0].answers >= thresholds.chosen
    ]


def _name(name: str, field: Field, text: str, language: Language, reader: Reader) -> list[str]:
    """The values whose names stand in the text; of several the one that the reader marks, or all of them."""
    named = names_in(name, text)
    keys = list(dict.fromkeys(each.key for each in named))
    if len(keys) < 2:
        return keys
    reading = reader.read(field.entry.question.of(language), [Excerpt(text)])[0]
    marked = {key: max(_marked(each, reading) for each in named if each.key == key) for key in keys}
    first, second, *_ = sorted(keys, key=lambda key: -marked[key])
    return [first] if marked[first] > _TIMES * marked[second] else keys


def _count(field: Field, text: str, language: Language, reader: Reader, thresholds: Thresholds) -> Decimal | None:
    """The count that the text states for a field; 0 where it says that there is none."""
    counted = [quantity for quantity in quantities(text) if quantity.unit in field.units and quantity.high is None]
    if not counted and field.none is None:
        return None
    reading = reader.read(field.entry.question.of(language), [Excerpt(text)])[0]
    marked = {quantity: _marked(quantity, reading) for quantity in counted}
    best = max(counted, key=lambda quantity: marked[quantity], default=None)
    if best is not None and marked[best] and reading.answers >= thresholds.taken:
        return best.value
    if field.none is None or counted or reading.answers < thresholds.doubt:
        return None
    supported = reader.supports(field.none.of(language), [Excerpt(text)])[0]
    return Decimal(0) if supported >= thresholds.chosen else None


def _marked(place: Named | Quantity, reading: Reading) -> float:
    """The probability of the surest span that a place lies in; 0 where none touches it."""
    touching = (span for span in reading.spans if span.start < place.end and place.start < span.end)
    return max((span.probability for span in touching), default=0.0)
