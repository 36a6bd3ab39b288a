"""Which figures of an answer no source holds.

A figure is supported when one source holds the same canonical value in the same class of unit under a compatible
bound. Whether it is the right figure (56 % small, not mid-size) is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from assistant.text.quantities.dates import parts
from assistant.text.quantities.identifiers import Identifier, identifiers
from assistant.text.quantities.reading import quantities
from assistant.text.quantities.units import COUNTS
from assistant.text.quantities.values import CALENDAR, Quantity, fold

#: Values of two families of units (kgf·m against N·m) agree when they differ by at most this share, or by this one when
#: rounding to the digits that are written explains it (7 kgf/cm² is "0.69 MPa"): people round.
TOLERANCE = Decimal("0.005")
ROUNDED = Decimal("0.02")

# A head of a column names the unit once: "(단위: 백만원)", "토크(N·m)", "| % |".
_HEAD = re.compile(
    r"(?:[(\[]|단위 ?:? ?|[Uu]nits?:? |[|\t] ?|^ ?)(?:단위 ?:? ?|[Uu]nits?:? "
    r")?([^()\[\]|\t\n\d]{1,16}?) ?(?=[)\]|\t,]|$)",
    re.M,
)
_FALL = re.compile(
    r"(?:감소|줄|단축|절감|하락|낮|reduc|decreas|cut|lower|fall|fell|drop|declin|short|less|down)", re.IGNORECASE
)
_PERIOD_ORDER = {"max": -1, "less": -1, "min": 1, "more": 1}


def unsupported(answer: str, sources: Sequence[str]) -> list[Quantity]:
    """List the figures of `answer` that no string of `sources` holds, in order of place.

    A source is one string with all that a reader sees as one (a table row together with its header row, so that
    a unit in the header is found). Dropping "about" and naming a date less precisely are fine; dropping or adding
    "at most", "at least", "over", "under" is not.
    """
    folded = fold(answer)
    known = [_with_column_units(source) for source in sources]
    return [figure for figure in quantities(answer) if not any(_supports(source, figure, folded) for source in known)]


def unsupported_identifiers(answer: str, sources: Sequence[str]) -> list[Identifier]:
    """List the clauses, standards, codes … of `answer` that no source names; a clause may be named less precisely."""
    known = {identifier.key for source in sources for identifier in identifiers(source)}
    return [
        identifier
        for identifier in identifiers(answer)
        if not any(key == identifier.key or key.startswith(identifier.key + ":") for key in known)
    ]


@lru_cache(maxsize=512)  # a stream asks about the same evidence once for each of its sentences
def _with_column_units(source: str) -> tuple[Quantity, ...]:
    found = quantities(source)
    heads = {match[1].strip() for match in _HEAD.finditer(fold(source))}
    bare = [q for q in found if q.unit in ("", "calendar-year") and q.high is None]
    for head in heads if bare else ():
        for quantity in bare:
            for form in (f"{quantity.text}{head}", re.sub(r"^(KRW|USD|EUR) ?(.*)", rf"\1 {quantity.text} \2", head)):
                read = quantities(form)
                if len(read) == 1 and read[0].text == form.strip() and read[0].unit not in ("", "calendar-year"):
                    found.append(read[0])
    folded = fold(source)
    falls = [q for q in found if q.unit in ("%", "%p") and _falls(folded, q)]
    return (*found, *(replace(q, value=-q.value) for q in falls if q.high is None))  # "30 % 감소" is "-30 %"


def _falls(folded: str, quantity: Quantity) -> bool:
    return _FALL.search(folded, max(0, quantity.start - 32), quantity.end + 16) is not None


def _supports(source: Sequence[Quantity], figure: Quantity, answer: str) -> bool:
    if any(_matches(figure, known, answer) for known in source):
        return True
    if figure.high is None:
        return False
    if any(known.high == figure.value and known.value == figure.high for known in source if known.unit == figure.unit):
        return False  # from 40 % to 5 %
    # A range may stand in the source as two figures: "5 % … 40 %", "3억 이상 5억 이하", "from 2024 until 2028".
    low, high = _end(figure, figure.value, "min"), _end(figure, figure.high, "max")
    return any(_matches(low, known, answer) for known in source) and any(
        _matches(high, known, answer) for known in source
    )


def _end(figure: Quantity, value: Decimal, bound: str) -> Quantity:
    loose = figure.bound == "change" or figure.unit in CALENDAR
    return Quantity(
        figure.start, figure.end, figure.text, value, figure.unit,
        "exact" if loose or bound not in ("min", "max") else "min" if bound == "min" else "max", system=figure.system,
    )  # fmt: skip


def _matches(figure: Quantity, known: Quantity, answer: str) -> bool:
    if figure.unit in CALENDAR or known.unit in CALENDAR:
        return _dates_match(figure, known)
    if not _same_class(figure, known):
        return False
    if figure.high is not None:
        return (
            known.high is not None
            and _equal(figure, figure.value, known, known.value)
            and _equal(figure, figure.high, known, known.high)
            and (figure.bound == known.bound or {figure.bound, known.bound} <= {"exact", "change", "about"})
        )
    if known.high is not None:
        if known.bound == "change":
            return figure.bound in ("exact", "about") and (
                _equal(figure, figure.value, known, known.value) or _equal(figure, figure.value, known, known.high)
            )
        return (figure.bound == "max" and _equal(figure, figure.value, known, known.high)) or (
            figure.bound == "min" and _equal(figure, figure.value, known, known.value)
        )
    if figure.bound != known.bound and not (figure.bound == "exact" and known.bound == "about"):
        return False
    if _equal(figure, figure.value, known, known.value):
        return True
    # "-12.5 %" is "a cut of 12.5 %"
    return known.value < 0 and figure.unit in ("%", "%p") and -known.value == figure.value and _falls(answer, figure)


def _equal(figure: Quantity, value: Decimal, known: Quantity, other: Decimal) -> bool:
    value, other = _in_months(figure.unit, value), _in_months(known.unit, other)
    if figure.system == known.system:
        return value == other
    apart = abs(value - other)
    if apart <= TOLERANCE * max(abs(value), abs(other), Decimal(1) if figure.unit == "°C" else Decimal(0)):
        return True
    return apart <= ROUNDED * abs(other) and apart <= min(_half_step(figure), _half_step(known))


def _half_step(quantity: Quantity) -> Decimal:
    """Half of the last written digit, in the canonical unit: 0.005 MPa for "0.69 MPa"."""
    written = re.search(r"\d[\d,]*(?:\.\d+)?", fold(quantity.text))
    number = Decimal(written[0].replace(",", "")) if written else Decimal(0)
    exponent = number.as_tuple().exponent
    if not number or not isinstance(exponent, int):
        return Decimal(0)
    return abs(quantity.value / number) * Decimal(10) ** exponent / 2


def _in_months(unit: str, value: Decimal) -> Decimal:
    return value * {"year": 12, "week": 7}.get(unit, 1)


_FAMILIES = (
    {"year", "month"}, {"week", "day"}, {"°", "°C"}, {"company", "spot"}, {"factory", "spot"}, {"region", "spot"},
    {"number", "KRW"},
)  # fmt: skip
#: 건 and "cases" count anything but these.
_NOT_CASES = frozenset(
    "company person division spot factory region country machine stage ordinal axis".split()  # noqa: SIM905
)


def _same_class(figure: Quantity, known: Quantity) -> bool:
    a, b = figure.unit, known.unit
    if a == b:
        return True
    if {a, b} == {"x", "occurrence"}:  # "three times" is 3배 and 3회
        return any(word in text for word in ("times", "wice") for text in (figure.text, known.text))
    if {a, b} in _FAMILIES:
        return True
    if a == "number" or b == "number":
        return (COUNTS | {"number", "KRW"}) >= {a, b}
    if not {a, b} <= COUNTS:
        return False
    if {a, b} & {"", "count"}:
        return True
    return "case" in (a, b) and not {a, b} & _NOT_CASES


def _dates_match(figure: Quantity, known: Quantity) -> bool:
    if figure.unit in ("quarter", "clock") or known.unit in ("quarter", "clock"):
        return figure.unit == known.unit and figure.value == known.value and _not_opposite(figure, known)
    if (figure.unit not in CALENDAR and figure.high is not None) or (
        known.unit not in CALENDAR and known.high is not None
    ):
        return False
    if figure.unit not in CALENDAR:
        # "22일" of a source's 22 July; a bare 2,024 is no year
        day = parts(known.unit, known.value)[2]
        same_day = figure.unit == "day" and figure.bound == "exact" and day is not None and figure.value == day
        return same_day or (known.unit == "calendar-year" and figure.unit in COUNTS and figure.value == known.value)
    if known.unit not in CALENDAR:
        return figure.unit == "calendar-year" and known.unit in COUNTS and figure.value == known.value
    if not _not_opposite(figure, known):
        return False
    if figure.high is not None:
        return known.high == figure.high and known.value == figure.value
    values = [known.value] if known.high is None else [known.value, known.high]
    return any(
        all(
            a is None or a == b for a, b in zip(parts(figure.unit, figure.value), parts(known.unit, value), strict=True)
        )
        for value in values
    )


def _not_opposite(figure: Quantity, known: Quantity) -> bool:
    """A date may lose "until" or gain it, but before must not become after."""
    return _PERIOD_ORDER.get(figure.bound, 0) * _PERIOD_ORDER.get(known.bound, 0) >= 0
