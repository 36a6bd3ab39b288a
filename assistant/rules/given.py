"""What the asker's own words give for a rule: the reader says where, code says how much.

An amount, share, count or day is only what `figures.py` finds in the text and what lies in a span that the reader marks
for the input's question; no two inputs take the same one. A choice or a yes or no is what the text supports. Where the
reader is unsure, or the figure is a range or a limit, nothing is taken: the input is asked back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from assistant.reading import Reader
from assistant.rules.assigning import Candidate, Place, assign, meaning_of
from assistant.rules.cards import sentences
from assistant.rules.definition import Input, Rule
from assistant.rules.figures import GivenFigure, Period, figures_of, periods_of
from assistant.rules.inputs import InputValue, squeezed
from assistant.rules.values import Text
from assistant.schema import Excerpt, Language, Reading

#: The date whose version is asked about: read like an input, for every rule.
AS_OF = "as_of"
AS_OF_QUESTION = Text("어느 해 또는 언제를 기준으로 묻습니까?", "Which year or date does the question go by?")
#: A choice must be this many times as likely as the next one, unless the words name it.
_TIMES = 1.5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which the reader is believed: calibrated, see `assistant/tuning.toml`.

    `rule`: a card fits a question that states a figure or a day of those that the rule needs; one that states all may
    fit it less (`hint`), one that states none must fit it better (`bare`). `taken`: the text states an input (below
    half of it the text does not, between them it is asked back); `chosen`: a sentence about the asker follows from the
    text.
    """

    rule: float = 0.5
    taken: float = 0.5
    chosen: float = 0.5

    @property
    def hint(self) -> float:
        """Give the probability from which a card fits a question that states all that the rule needs."""
        return self.rule / 3

    @property
    def bare(self) -> float:
        """Give the probability from which a card fits a question without a figure: the documents answer it as well."""
        return (3 + self.rule) / 4

    @property
    def doubt(self) -> float:
        """Give the probability from which, up to `taken`, an input may be stated or not."""
        return self.taken / 2


@dataclass(frozen=True, slots=True)
class Given:
    """The inputs that a text gives, the last day of the period it goes by (None: today), and what is unsure in it."""

    values: Mapping[str, InputValue] = field(default_factory=dict)
    as_of: date | None = None
    unsure: tuple[str, ...] = ()


def read_given(
    rule: Rule,
    text: str,
    language: Language,
    reader: Reader,
    thresholds: Thresholds,
    today: date,
    expected: Sequence[str] = (),
) -> Given:
    """Read what `text` gives for the inputs of `rule`.

    `expected`: inputs that a reply is likely to be about, because they were asked for or given before. They are served
    first, and a figure that can be nothing else is theirs.
    """
    figures, periods = figures_of(text), periods_of(text, today)
    values: dict[str, InputValue] = {}
    unsure: list[str] = []
    candidates = []
    for entry in (each for each in rule.inputs.values() if each.read):
        if entry.kind in ("choice", "flag"):
            choice = _choice(entry, text, language, reader, thresholds)
            if choice:
                values[entry.name] = choice == "true" if entry.kind == "flag" else choice
            elif choice is None:
                unsure.append(entry.name)
        else:
            places = _fitting(entry, figures, periods, rule.decided_by)
            candidates.append(_read_places(entry.name, entry.question, text, language, reader, places))
    candidates.append(_read_places(AS_OF, AS_OF_QUESTION, text, language, reader, periods))
    first = [candidate for candidate in candidates if candidate.name in expected]
    assigned, _ = assign(first, thresholds.taken, thresholds.doubt)
    rest = [candidate.without(assigned.values()) for candidate in candidates if candidate.name not in assigned]
    others, doubtful = assign(rest, thresholds.taken, thresholds.doubt)
    assigned |= others
    likely = [candidate.name for candidate in candidates if candidate.probability >= thresholds.doubt]
    for name in dict.fromkeys([*expected, *likely]):
        if place := _only_place(name, rule, candidates, assigned, thresholds):
            assigned[name] = place
            doubtful = [each for each in doubtful if each != name]
    as_of = assigned.pop(AS_OF, None)
    values |= {name: _value(place) for name, place in assigned.items()}
    if AS_OF in doubtful and not any(_other_version(rule, period, today) for period in periods):
        doubtful.remove(AS_OF)
    return Given(values, _last_day(as_of, today) if isinstance(as_of, Period) else None, (*unsure, *doubtful))


def _only_place(
    name: str, rule: Rule, candidates: Sequence[Candidate], assigned: Mapping[str, Place], thresholds: Thresholds
) -> Place | None:
    """The only figure of an input's kind, where nothing of this kind was taken and no other input claims it."""
    entry = rule.inputs.get(name)
    if entry is None or entry.kind in ("choice", "flag"):
        return None
    rivals = [each for each in candidates if each.name in rule.inputs and rule.inputs[each.name].kind == entry.kind]
    if any(each.name in assigned or (each.name != name and each.probability >= thresholds.doubt) for each in rivals):
        return None
    fitting = [place for each in rivals if each.name == name for place in each.fitting]
    said = {meaning_of(place) for place in fitting}
    return fitting[0] if len(said) == 1 and meaning_of(fitting[0])[1] is not None else None


def _last_day(period: Period, today: date) -> date:
    """The last day of a period, but not after today within the present one."""
    return today if period.first <= today <= period.last else period.last


def _other_version(rule: Rule, period: Period, today: date) -> bool:
    return rule.version_at(_last_day(period, today)) != rule.version_at(today)


def _fitting(entry: Input, figures: Sequence[GivenFigure], periods: Sequence[Period], decided_by: str) -> list[Place]:
    """The figures or days of the entry's kind; a date that only chooses the version may be a year or a month."""
    if entry.kind != "date":
        return [figure for figure in figures if figure.kind == entry.kind]
    return [period for period in periods if period.first == period.last or entry.name == decided_by]


def _read_places(
    name: str, question: Text, text: str, language: Language, reader: Reader, places: Sequence[Place]
) -> Candidate:
    """Asks the reader where `text` answers `question`; not at all where there is nothing that could be taken."""
    if not places:
        return Candidate(name, 0.0, {}, ())
    reading = reader.read(question.of(language), [Excerpt(text)])[0]
    marked = {place: _marked(place, reading) for place in places}
    return Candidate(name, reading.answers, {place: marks for place, marks in marked.items() if marks}, tuple(places))


def _marked(place: Place, reading: Reading) -> float:
    """The probability of the surest span that the place lies in; 0 where none touches it."""
    touching = (span for span in reading.spans if span.start < place.end and place.start < span.end)
    return max((span.probability for span in touching), default=0.0)


def _value(place: Place) -> Decimal | date:
    if isinstance(place, Period):
        return place.first
    if place.value is None:
        raise TypeError("a range is no value")
    return place.value


def _choice(entry: Input, text: str, language: Language, reader: Reader, thresholds: Thresholds) -> str | None:
    """The key that `text` supports; "" where it says nothing, None where it says something that is unclear."""
    excerpt = [Excerpt(text)]
    reading = reader.read(entry.question.of(language), excerpt)[0]
    if reading.answers < thresholds.doubt and not entry.required:
        return ""
    supported = {key: reader.supports(said, excerpt)[0] for key, said in sentences(entry, language).items()}
    order = sorted(supported, key=lambda key: -supported[key])
    named = _named(entry, text, reading) if reading.answers >= thresholds.doubt else ""
    if supported[order[0]] < thresholds.chosen:
        return named or ("" if reading.answers < thresholds.taken or not entry.required else None)
    clear = supported[order[0]] >= _TIMES * supported[order[1]]
    if named in (order[0], "") and (clear or named):
        return order[0]
    return named if named == order[1] and not clear else None


def _named(entry: Input, text: str, reading: Reading) -> str:
    """The only choice whose label stands in a span of the text; "" for none or several."""
    spoken = [squeezed(text[span.start : span.end]) for span in reading.spans]
    named = [
        choice.name
        for choice in entry.choices.values()
        if any(squeezed(label) in words for words in spoken for label in (choice.label.ko, choice.label.en))
    ]
    return named[0] if len(named) == 1 else ""
