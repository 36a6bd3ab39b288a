"""The figures of a piece of evidence, each with the words that say what it is a figure of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answering.wording import display
from assistant.quantities import Quantity, quantities
from assistant.quantities.values import CALENDAR
from assistant.schema import Evidence

#: Won in a column whose head says in what: 현금(천 원).
_COLUMN_WON = re.compile(r"\((원|천 ?원|백만 ?원|억 ?원)\)$")
_WON = {"원": 1, "천원": 1_000, "백만원": 1_000_000, "억원": 100_000_000}


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity in a displayed `line` of `piece`; `labels`: the words beside it, or its column and its row."""

    piece: Evidence
    line: str
    quantity: Quantity
    labels: tuple[str, ...]
    #: Whether it is one end of a change: "10개에서 25개".
    change: bool = False


def figures_of(piece: Evidence) -> list[Figure]:
    """All figures of a piece but dates and ranges, in the order in which they are displayed."""
    found = []
    for line in display(piece).splitlines():
        here = [q for q in quantities(line) if q.unit not in CALENDAR and (q.high is None or q.bound == "change")]
        here = [q for n, q in enumerate(here) if not _compound(line, here[max(0, n - 1) : n + 2], q)]
        for number, quantity in enumerate(here):
            if piece.table_header:
                labels = _labels_in_row(line, quantity)
                quantity = _in_won(quantity, labels)
            else:
                before = line[here[number - 1].end if number else 0 : quantity.start]
                after = line[quantity.end : here[number + 1].start if number + 1 < len(here) else len(line)]
                labels = (_label(before, quantity.text, after),)
            found += [Figure(piece, line, each, labels, quantity.high is not None) for each in _ends(quantity)]
    return found


def _compound(line: str, around: Sequence[Quantity], quantity: Quantity) -> bool:
    """Whether a duration is a part of one: "2시간 30분" is neither two hours nor thirty minutes."""
    return any(
        other is not quantity
        and other.unit == quantity.unit == "s"
        and not line[min(quantity.end, other.end) : max(quantity.start, other.start)].strip()
        for other in around
    )


def _label(before: str, text: str, after: str) -> str:
    """The words that name a figure.

    In Korean those before it, but "21%가 대기업"; in English those behind it, up to a pause, but "large firms 21%".
    """
    if re.search("[가-힣]", before + after):
        return after if re.match("(이|가) ", after) else before
    behind = "" if re.match(r"\s*(?:and|while|but)\b", after) else re.split("[,.;]", after)[0]
    return text + behind if behind.strip() or re.search("[A-Za-z]{3}", text) else before


def _ends(quantity: Quantity) -> list[Quantity]:
    """The figure itself; of "10개에서 25개" both."""
    if quantity.high is None:
        return [quantity]
    numbers = list(re.finditer(r"\d[\d,.]*\d|\d", quantity.text))
    if len(numbers) != 2:
        return []
    unit = quantity.text[numbers[1].end() :]
    first, last = (f"{number.group()}{unit}" for number in numbers)
    return [replace(quantity, text=first, high=None), replace(quantity, text=last, value=quantity.high, high=None)]


def _in_won(quantity: Quantity, labels: Sequence[str]) -> Quantity:
    """A bare number in a column of won as won."""
    said = next((match for label in labels if (match := _COLUMN_WON.search(label))), None)
    if quantity.unit or not said:
        return quantity
    scale = said.group(1)
    return replace(
        quantity, text=f"{quantity.text}{scale}", value=quantity.value * _WON[scale.replace(" ", "")], unit="KRW"
    )


def _labels_in_row(line: str, quantity: Quantity) -> tuple[str, ...]:
    """The column of a figure, and the words of the other cells of its row."""
    labels, start = [], 0
    for cell in line.split("; "):
        name, _, value = cell.partition(": ")
        if start <= quantity.start < start + len(cell):
            labels.append(name)
        elif re.search(r"[^\W\d_]{2}", words := _without_figures(value)):
            labels.append(words)
        start += len(cell) + 2
    return tuple(labels)


def _without_figures(text: str) -> str:
    for quantity in reversed(quantities(text)):
        if quantity.unit:
            text = text[: quantity.start] + text[quantity.end :]
    return text
