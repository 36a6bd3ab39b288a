"""Which figure belongs to which input: the assignment that the reader's marks make most likely, and where it is close.

An input takes one figure and a figure goes to one input. Where another assignment is almost as likely nothing is taken:
the inputs in question are asked back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from assistant.rules.figures import GivenFigure, Period

Place = GivenFigure | Period
#: What a figure says, in whatever words; None is no case (a range, a limit).
Meaning = tuple[str, Decimal | None] | tuple[date, date]
#: An assignment must be likelier than any other by so much.
_MARGIN = 0.04
#: Figures that are weighed against one another.
_MOST = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """An input that may be stated: how sure the reader is of that, and of each place where it may be.

    `fitting`: all figures of its kind in the text, marked or not.
    """

    name: str
    probability: float
    places: Mapping[Place, float]
    fitting: tuple[Place, ...]

    def without(self, used: Collection[Place]) -> Candidate:
        """Leave out places that are taken."""
        return replace(self, places={place: marked for place, marked in self.places.items() if place not in used})


def meaning_of(place: Place) -> Meaning:
    """What a place says, whatever its words."""
    return (place.first, place.last) if isinstance(place, Period) else (place.kind, place.value)


def assign(candidates: Sequence[Candidate], taken: float, doubt: float) -> tuple[dict[str, Place], list[str]]:
    """Give each figure to an input; returns the figures by input, and the inputs that are unsure.

    Candidates below `doubt` are not stated; those below `taken`, those whose figure is no case, and those for whose
    figure another assignment is almost as likely are unsure.
    """
    scores = {
        each.name: {place: each.probability * marked for place, marked in each.places.items()}
        for each in candidates
        if each.probability >= doubt
    }
    best, total = _best(scores)
    found: dict[str, Place] = {}
    unsure: list[str] = []
    for candidate in candidates:
        place = best.get(candidate.name)
        if place is None:
            continue
        meaning = meaning_of(place)
        other, rest = _best(scores, without=(candidate.name, meaning))
        if total - rest < _MARGIN:
            unsure += [candidate.name, *(name for name, theirs in other.items() if meaning_of(theirs) == meaning)]
        elif candidate.probability < taken or meaning[1] is None:
            unsure.append(candidate.name)
        else:
            found[candidate.name] = place
    return {name: place for name, place in found.items() if name not in unsure}, list(dict.fromkeys(unsure))


def _best(
    scores: Mapping[str, Mapping[Place, float]], without: tuple[str, Meaning] | None = None
) -> tuple[dict[str, Place], float]:
    """The assignment of the highest sum of scores, and that sum; `without` what an input must not say."""
    highest: dict[Place, float] = {}
    for theirs in scores.values():
        for place, score in theirs.items():
            highest[place] = max(highest.get(place, 0.0), score)
    places = sorted(highest, key=lambda place: -highest[place])[:_MOST]

    def search(at: int, used: frozenset[str]) -> tuple[dict[str, Place], float]:
        if at == len(places):
            return {}, 0.0
        place = places[at]
        best, total = search(at + 1, used)
        for name, theirs in scores.items():
            if name in used or place not in theirs or (name, meaning_of(place)) == without:
                continue
            rest, score = search(at + 1, used | {name})
            if score + theirs[place] > total:
                best, total = {**rest, name: place}, score + theirs[place]
        return best, total

    return search(0, frozenset())
