"""Sums, differences and shares of figures that the reader marked: computed by code and shown with their formula.

The reader says what is to be computed and marks the operands; code proves that they are figures of one unit. Nothing is
computed from more or fewer figures than the operation takes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.rules.wording import plain, won_text
from assistant.schema import Found, Language, Quote
from assistant.text.quantities import Quantity, quantities
from assistant.text.quantities.units import COUNTS
from assistant.text.quantities.values import CALENDAR

_SIGNS = {"sum": "+", "difference": "−", "percent_of": "÷"}
#: So much surer than a third marked figure must the two be that a difference or a share takes.
_SURER = 0.1
_NUMBER = re.compile(r"(?P<number>[-−]?\d[\d,]*(?:\.\d+)?)(?P<unit>.*)$", re.S)
_SAID: dict[Language, str] = {
    "ko": "계산하면 {formula}입니다. (위 문서에 적힌 값으로 계산)",
    "en": "Calculated: {formula}. (from the figures of the documents above)",
}


@dataclass(frozen=True, slots=True)
class Calculation:
    """The sentence with the formula, the result as it is written, and the ids of the quotes that hold its figures."""

    text: str
    result: str
    citations: tuple[str, ...]


def calculate(quotes: Sequence[tuple[Quote, Found]], language: Language) -> Calculation | None:
    """What the best passage's reading wants computed from the marked figures; None when they are not exactly there."""
    operation = quotes[0][1].reading.operation if quotes else ""
    if operation not in _SIGNS:
        return None
    figures = _operands(operation, [(*one, quote) for quote, found in quotes for one in _marked(quote, found)])
    units = {quantity.unit for quantity, _ in figures}
    enough = len(figures) == 2 or (operation == "sum" and 2 < len(figures) <= 6)
    alike = len(units) == 1 or (operation == "percent_of" and units <= COUNTS)  # 20 of 400 companies
    if not enough or not alike or any(quantity.high is not None for quantity, _ in figures):
        return None
    operands = [quantity for quantity, _ in figures]
    result = _result(operation, operands, language)
    if result is None:
        return None
    if operation != "sum":  # the greater less the smaller; the part by the whole
        operands.sort(key=lambda quantity: quantity.value, reverse=operation == "difference")
    formula = f" {_SIGNS[operation]} ".join(quantity.text.strip() for quantity in operands) + f" = {result}"
    cited = tuple(dict.fromkeys(quote.id for _, quote in figures))
    return Calculation(_SAID[language].format(formula=formula), result, cited)


def _operands(operation: str, marked: Sequence[tuple[Quantity, float, Quote]]) -> list[tuple[Quantity, Quote]]:
    """The figures that are computed with, each once, in the order of the quotes.

    Of figures in several units those in the surest one's; where two are needed and more are marked, the two that are
    clearly surer than the others.
    """
    once: dict[tuple[object, str], tuple[Quantity, float, Quote]] = {}
    for quantity, sure, quote in marked:
        if (key := _key(quantity)) not in once or once[key][1] < sure:
            once[key] = quantity, sure, quote
    figures = list(once.values())
    if operation != "percent_of" and figures:
        unit = max(figures, key=lambda each: each[1])[0].unit
        figures = [each for each in figures if each[0].unit == unit]
    if operation != "sum" and len(figures) > 2:
        by_sureness = sorted(figures, key=lambda each: -each[1])
        if by_sureness[1][1] - by_sureness[2][1] >= _SURER:
            figures = [each for each in figures if each in by_sureness[:2]]
    return [(quantity, quote) for quantity, _, quote in figures]


def _key(quantity: Quantity) -> tuple[object, str]:
    return quantity.value, quantity.unit


def _marked(quote: Quote, found: Found) -> list[tuple[Quantity, float]]:
    """The figures of a quote that are marked, and how surely; a row's figures may have their unit in the header."""
    base = found.hit.passage.start
    spans = [
        (base + span.start - quote.start, base + span.end - quote.start, span.probability)
        for span in found.reading.spans
    ]
    marked = []
    for quantity in quantities(quote.quote):
        sure = [each for start, end, each in spans if start < quantity.end and quantity.start < end]
        if sure and quantity.unit not in CALENDAR:
            marked.append((quantity, max(sure)))
    return marked


def _result(operation: str, operands: Sequence[Quantity], language: Language) -> str | None:
    """The result in the unit of the operands as they are written; None when they are written in different units."""
    if operands[0].unit == "KRW" and operation != "percent_of":
        return won_text(_combined(operation, [quantity.value for quantity in operands]), language)
    written = [_written(quantity) for quantity in operands]
    if operation == "percent_of":
        values = [quantity.value for quantity in operands]
        whole = max(values)
        return f"{plain((min(values) * 100 / whole).quantize(Decimal('0.1')))}%" if whole else None
    if len({unit for _, unit in written}) != 1:
        return None
    unit = written[0][1]
    if unit.strip() in ("%", "퍼센트") and operation == "difference":
        unit = "%p"
    return f"{plain(_combined(operation, [number for number, _ in written]))}{unit}"


def _combined(operation: str, values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) if operation == "sum" else max(values) - min(values)


def _written(quantity: Quantity) -> tuple[Decimal, str]:
    """The number and the unit as the document writes them; a number in words keeps its canonical value."""
    found = _NUMBER.match(quantity.text.strip())
    if not found or any(char.isdigit() for char in found["unit"]):
        return quantity.value, f" {quantity.unit}" if quantity.unit else ""
    return Decimal(found["number"].replace(",", "")), found["unit"]
