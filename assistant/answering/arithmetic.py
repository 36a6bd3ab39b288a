"""Sums, differences and ratios of figures that the evidence states, computed by code and shown with those figures.

No passage says by how much one interval is longer than another; two cells of a table do. Nothing is computed unless the
evidence holds exactly the figures that the question names: two of one unit whose row, column or words stand in the
question, or the only two of a unit. The model takes no part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.answering.pieces import words_of
from assistant.answering.wording import display
from assistant.programmes.wording import plain, won_text
from assistant.quantities import Quantity, quantities
from assistant.quantities.values import CALENDAR
from assistant.schema import Evidence, Language

#: What the question wants done, by its words; the first that fits.
_OPERATIONS = (
    ("ratio", re.compile(r"몇 ?배|\bhow many times\b", re.I)),
    (
        "mean",
        re.compile(
            r"나누면|평균 ?얼마|(한 ?곳|하나|건)(에|당) ?(평균|얼마)|\baverage (per|for each)\b|\bdivided by\b", re.I
        ),
    ),
    (
        "sum",
        re.compile(
            r"합치|합쳐|합하|더하|합계|다 합|모두 합|통틀어(?! ?(제일|가장))|"
            r"\b(altogether|combined|put together|add(ed)? up|sum of)\b",
            re.I,
        ),
    ),
    (
        "difference",
        re.compile(
            r"차이[^?]*(얼마|몇)|(얼마|몇)[^?]*차이|얼마나 ?더|얼마를 ?더|몇 ?\S* ?더 |더요|"
            r"\bhow (much|many)( \w+){0,2} (more|less|fewer|higher|lower|longer|shorter|larger|bigger|hotter|faster)\b|"
            r"\bby how (much|many)\b|\bhow (much|many|large|big)[^?]*\bdifference\b|\bhow much[^?]* exceed",
            re.I,
        ),
    ),
)
_EACH = re.compile(r"각각|씩|\beach\b|마다", re.I)
#: A row or column that stands in the question word for word counts so many of its words.
_LITERAL = 3
_SIGNS = {"difference": "−", "sum": "+", "ratio": "÷", "mean": "÷", "product": "×"}
_SAID: dict[Language, str] = {
    "ko": "계산하면 {formula}입니다. (위 문서에 적힌 값으로 계산)",
    "en": "Calculated: {formula}. (from the figures of the documents above)",
}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The sentence with the formula, and the pieces of evidence that hold its figures."""

    text: str
    pieces: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    piece: Evidence
    line: str
    quantity: Quantity
    labels: tuple[str, ...]


def operation(question: str) -> str:
    """What is to be computed: `sum`, `difference`, `ratio` or `mean`; empty when nothing is."""
    return next((name for name, words in _OPERATIONS if words.search(question)), "")


def reckon(question: str, language: Language, pieces: Sequence[Evidence]) -> Reckoned | None:
    """What `question` wants computed from the figures of `pieces`; None when they are not exactly there."""
    wanted = operation(question)
    if not wanted or not pieces:
        return None
    asked = {(quantity.value, quantity.unit) for quantity in quantities(question)}
    found = [figure for piece in pieces for figure in _figures(piece)]
    found = [figure for figure in found if (figure.quantity.value, figure.quantity.unit) not in asked]
    if wanted == "mean" or (wanted == "sum" and any(_EACH.search(figure.line) for figure in found[:1])):
        return _by_count(wanted, found, language)
    chosen = []
    plainly = wanted == "sum"  # any two figures can be added; only those that are named may be
    for unit in dict.fromkeys(figure.quantity.unit for figure in found):
        if unit and (pair := _pair([figure for figure in found if figure.quantity.unit == unit], question, plainly)):
            chosen.append(pair)
    if len(chosen) > 1:  # money is what is asked for, not the counts beside it
        chosen = [pair for pair in chosen if pair[0].quantity.unit == "KRW"]
    return _told(wanted, chosen[0], language) if len(chosen) == 1 else None


def _figures(piece: Evidence) -> list[_Figure]:
    found = []
    for line in display(piece).splitlines():
        here = [q for q in quantities(line) if q.unit not in CALENDAR and q.high is None]
        for number, quantity in enumerate(here):
            if piece.table_header:
                labels = _labels_in_row(line, quantity)
            else:
                before = line[here[number - 1].end if number else 0 : quantity.start]
                after = line[quantity.end : here[number + 1].start if number + 1 < len(here) else len(line)]
                # the words before a figure name it in Korean, in English those behind it, up to the next pause
                korean = bool(re.search("[가-힣]", before + after))
                labels = (before,) if korean else (quantity.text + re.split("[,.;]", after)[0],)
            found.append(_Figure(piece, line, quantity, labels))
    return found


def _labels_in_row(line: str, quantity: Quantity) -> tuple[str, ...]:
    """The column of a figure, and the cells of its row that hold no figure with a unit."""
    labels, start = [], 0
    for cell in line.split("; "):
        name, _, value = cell.partition(": ")
        if start <= quantity.start < start + len(cell):
            labels.append(name)
        elif not any(other.unit for other in quantities(value)):
            labels.append(value)
        start += len(cell) + 2
    return tuple(labels)


def _pair(figures: Sequence[_Figure], question: str, plainly: bool) -> tuple[_Figure, _Figure] | None:
    """The two figures that the question names; else, unless they must be named `plainly`, the only two there are."""
    figures = list({figure.quantity.value: figure for figure in reversed(figures)}.values())[::-1]
    if len(figures) < 2:
        return None
    scores = _named(figures, question)
    ranked = sorted(range(len(figures)), key=lambda number: -scores[number])
    first, second = ranked[:2]
    if scores[second] > 0 and (len(ranked) == 2 or scores[ranked[2]] < scores[second]):
        return figures[first], figures[second]
    return (figures[0], figures[1]) if len(figures) == 2 and not plainly else None


def _named(figures: Sequence[_Figure], question: str) -> list[int]:
    """How plainly the question names each figure, by words that do not name all of them."""
    squeezed = _squeezed(question)
    asked = words_of(question)
    words = [frozenset[str]().union(*map(words_of, figure.labels)) for figure in figures]
    shared = frozenset.intersection(*words)
    labels = [{_squeezed(label) for label in figure.labels} for figure in figures]
    of_all = set.intersection(*labels)
    return [
        len((own - shared) & asked) + _LITERAL * any(len(label) > 1 and label in squeezed for label in mine - of_all)
        for own, mine in zip(words, labels, strict=True)
    ]


def _squeezed(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _by_count(wanted: str, found: Sequence[_Figure], language: Language) -> Reckoned | None:
    """Money and a count in one line: the money for each (mean), or what each gets times the count."""
    for line in dict.fromkeys(figure.line for figure in found):
        here = [figure for figure in found if figure.line == line]
        money = [figure for figure in here if figure.quantity.unit == "KRW"]
        counts = [figure for figure in here if figure.quantity.unit not in ("KRW", "%", "month", "year", "day")]
        if len(money) == 1 and len(counts) == 1 and counts[0].quantity.value > 0:
            return _told("mean" if wanted == "mean" else "product", (money[0], counts[0]), language)
    return None


def _told(wanted: str, pair: tuple[_Figure, _Figure], language: Language) -> Reckoned | None:
    one, other = pair
    if wanted in ("difference", "ratio") and one.quantity.value < other.quantity.value:
        one, other = other, one
    a, b = one.quantity.value, other.quantity.value
    if wanted in ("ratio", "mean") and not b:
        return None
    value = {"difference": a - b, "sum": a + b, "product": a * b}.get(wanted)
    value = a / b if value is None else value
    unit = "x" if wanted == "ratio" else one.quantity.unit
    result = _result(value, unit, one.quantity, other.quantity, language)
    formula = f"{one.quantity.text} {_SIGNS[wanted]} {other.quantity.text} = {result}"
    pieces = tuple({figure.piece.id: figure.piece for figure in (one, other)}.values())
    return Reckoned(_SAID[language].format(formula=formula), pieces)


def _result(value: Decimal, unit: str, one: Quantity, other: Quantity, language: Language) -> str:
    rounded = value.quantize(Decimal("0.01")) if value != value.quantize(Decimal("0.0001")) else value
    if unit == "KRW":
        return won_text(value.to_integral_value(), language)
    if unit == "x":
        return f"{plain(rounded)}배" if language == "ko" else f"{plain(rounded)} times"
    number, written = re.search(r"\d[\d,]*(?:\.\d+)?", one.text), re.search(r"\d[\d,]*(?:\.\d+)?", other.text)
    suffix = one.text[number.end() :] if number else ""
    if unit == "%":
        return f"{plain(rounded)}%포인트" if language == "ko" else f"{plain(rounded)} percentage points"
    if not number or not written or suffix.strip() != other.text[written.end() :].strip():
        return plain(rounded)
    scale = Decimal(number.group().replace(",", "")) / one.value if one.value else Decimal(1)
    return f"{plain((value * scale).quantize(Decimal('0.0001')).normalize() + 0)}{suffix}"
