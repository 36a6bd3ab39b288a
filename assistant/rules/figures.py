"""The figures and days in an asker's words, as an input of a rule can take them. Pure grammar of numbers and calendars.

Does not know what a figure is about: which input it belongs to is for `given.py`, which asks the reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from assistant.rules.definition import Kind
from assistant.rules.inputs import day_of, won_of
from assistant.text.quantities import Quantity, quantities

_DAYS = {"오늘": 0, "어제": -1, "그제": -2, "그저께": -2, "today": 0, "yesterday": -1}
_YEARS = {"재작년": -2, "작년": -1, "지난해": -1, "올해": 0, "내년": 1, "last year": -1, "this year": 0, "next year": 1}
_NUMBERS = {
    "none": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "하나": 1, "둘": 2, "셋": 3, "넷": 4,
    "다섯": 5,
}  # fmt: skip
#: Characters around a figure in which its own "at most" stands.
_BESIDE = 12
_COUNTERS = ("count", "project", "case", "")
#: "10억인데", "1억 주고", "6,000억 법인": the amount has been read with a counter that is none.
_NO_COUNTER = re.compile(r"(?P<amount>.*[억조](?: ?[\d,천]+만| ?[\d천백]+)?|.*만(?= ?[인주]$)) ?(?!명|개)[가-힣]+")


def _any_of(words: dict[str, int]) -> re.Pattern[str]:
    korean = "|".join(sorted((word for word in words if not word.isascii()), key=len, reverse=True))
    english = "|".join(word for word in words if word.isascii())
    return re.compile(rf"(?<![가-힣])(?:{korean})(?!은행)|(?<![a-z])(?:{english})(?![a-z])", re.IGNORECASE)


_DAY, _YEAR, _SPELLED = map(_any_of, (_DAYS, _YEARS, _NUMBERS))


@dataclass(frozen=True, slots=True)
class GivenFigure:
    """A figure at `start:end` of a text. `value` is None for what is no case: a range, a limit, a part of a won."""

    kind: Kind
    value: Decimal | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Period:
    """A day, month or year that is named at `start:end` of a text: its first and its last day."""

    first: date
    last: date
    start: int
    end: int


def figures_of(text: str) -> list[GivenFigure]:
    """Find all amounts, shares and counts of `text`, in order."""
    found = [_without_counter(part) for quantity in quantities(text) for part in _parts(quantity)]
    money = any(quantity.unit == "KRW" for quantity in found)
    figures = []
    for quantity in found:
        kind = _kind(quantity, money)
        if kind is None:
            continue
        single = quantity.high is None and _bound_beside(quantity, text) in ("exact", "about")
        value = won_of(quantity) if kind == "won" else quantity.value
        figures.append(GivenFigure(kind, value if single else None, quantity.start, quantity.end))
    taken = [(quantity.start, quantity.end) for quantity in found]
    for match in _SPELLED.finditer(text):
        if not any(start <= match.start() < end for start, end in taken):
            figures.append(GivenFigure("count", Decimal(_NUMBERS[match[0].lower()]), *match.span()))
    return sorted(figures, key=lambda figure: figure.start)


def periods_of(text: str, today: date) -> list[Period]:
    """Find all days, months and years that `text` names, in order; a day without a year is the nearest such day."""
    years = {match.span(): today.year + _YEARS[match[0].lower()] for match in _YEAR.finditer(text)}
    periods = []
    for quantity in quantities(text):
        named = next(
            (span for span in years if span[1] <= quantity.start and text[span[1] : quantity.start].isspace()), None
        )
        if quantity.unit == "month-day" and named:  # "last year" stands right before the day
            day = day_of(replace(quantity, unit="date", value=quantity.value + years.pop(named) * 10000), today)
            periods += [Period(day, day, named[0], quantity.end)] if day else []
        elif span := _first_and_last(quantity, today):
            periods.append(Period(*span, quantity.start, quantity.end))
    periods += [Period(date(year, 1, 1), date(year, 12, 31), *span) for span, year in years.items()]
    for match in _DAY.finditer(text):
        day = today + timedelta(_DAYS[match[0].lower()])
        periods.append(Period(day, day, *match.span()))
    return sorted(periods, key=lambda period: period.start)


def _first_and_last(quantity: Quantity, today: date) -> tuple[date, date] | None:
    if quantity.unit in ("date", "month-day"):
        day = day_of(quantity, today)
        return (day, day) if day else None
    if quantity.high is not None or quantity.value != quantity.value.to_integral_value():
        return None
    digits = int(quantity.value)
    if quantity.unit == "calendar-year" or (quantity.unit == "" and 1990 <= digits <= 2100):
        return date(digits, 1, 1), date(digits, 12, 31)
    if quantity.unit == "year-month":
        year, month = divmod(digits, 100)
        return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return None


def _parts(quantity: Quantity) -> list[Quantity]:
    """Two figures where the second of "from … to …" is the smaller: "4억에서 3억 6천을 썼다" is no range."""
    if quantity.high is None or quantity.high >= quantity.value:
        return [quantity]
    for cut in range(1, len(quantity.text)):
        first, second = quantities(quantity.text[:cut]), quantities(quantity.text[cut:])
        if [q.value for q in (*first, *second)] == [quantity.value, quantity.high] and len(first) == 1:
            return [
                replace(first[0], start=quantity.start + first[0].start, end=quantity.start + first[0].end),
                replace(
                    second[0], start=quantity.start + cut + second[0].start, end=quantity.start + cut + second[0].end
                ),
            ]
    return [quantity]


def _bound_beside(quantity: Quantity, text: str) -> str:
    """The bound that stands right beside a figure: in "the cap on … for a cost of 1 billion" the cap is another's."""
    first = max(0, quantity.start - _BESIDE)
    for near in quantities(text[first : quantity.end + _BESIDE]):
        if (near.value, near.high) == (quantity.value, quantity.high) and first + near.end >= quantity.end:
            return near.bound
    return quantity.bound


def _without_counter(quantity: Quantity) -> Quantity:
    """Won where an amount was read as so many people, weeks or companies."""
    match = _NO_COUNTER.fullmatch(quantity.text)
    if match is None or quantity.unit.isupper():  # KRW, USD
        return quantity
    amount = quantities(match["amount"] + "원")[0]
    return replace(amount, start=quantity.start, end=quantity.start + match.end("amount"), text=match["amount"])


def _kind(quantity: Quantity, money: bool) -> Kind | None:
    if quantity.unit == "KRW" or (quantity.unit in ("number", "") and money and quantity.value >= 10000):
        return "won"
    if quantity.unit == "" and re.search(r"[만억조]", quantity.text):
        return "won"
    if quantity.unit == "%":
        return "percent"
    if quantity.unit in _COUNTERS and quantity.value == quantity.value.to_integral_value() and quantity.value < 100:
        return "count"
    return None
