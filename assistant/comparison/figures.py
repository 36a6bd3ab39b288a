"""The figures and codes of a piece of text, and which of them differ between two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache

from assistant.comparison.values import Figure, ValueChange
from assistant.text.quantities import identifiers, quantities
from assistant.text.quantities.values import CALENDAR, DURATIONS


def figures(text: str, start: int = 0) -> list[Figure]:
    """Find the figures, dates and codes of `text`, in order; `start` is its place in the stored text."""
    return [replace(each, start=start + each.start, end=start + each.end) for each in _figures(text)]


@lru_cache(maxsize=8192)  # most of two versions is the same
def _figures(text: str) -> tuple[Figure, ...]:
    found = [
        Figure(
            each.start,
            each.end,
            each.text,
            f"{each.value.normalize():f}{'' if each.high is None else f'..{each.high.normalize():f}'} {each.unit}",
            each.unit,
            each.bound,
        )
        for each in quantities(text)
    ]
    taken = [(each.start, each.end) for each in found]
    for name in identifiers(text):
        words = name.text.lstrip()
        begin = name.end - len(words)
        if not any(a < name.end and begin < b for a, b in taken):
            found.append(Figure(begin, name.end, words, name.key))
    return tuple(sorted(found, key=lambda each: each.start))


def differing(old: Sequence[Figure], new: Sequence[Figure]) -> tuple[ValueChange, ...]:
    """Pair what differs, in order: what stands between the same neighbours belongs together."""
    mine, theirs = ([(each.key, each.bound) for each in side] for side in (old, new))
    found: list[ValueChange] = []
    for what, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if what != "equal":
            found += _paired(list(old[a:b]), list(new[c:d]))
    return tuple(found)


def _paired(old: list[Figure], new: list[Figure]) -> list[ValueChange]:
    """In order, like with like: a date that went and a share that came are two changes."""
    found = []
    for fits in (_same_unit, _same_sort):
        for before in list(old):
            after = next((each for each in new if fits(before, each)), None)
            if after is not None:
                old.remove(before)
                new.remove(after)
                found.append(ValueChange(before, after))
    found += [ValueChange(before, None) for before in old]
    found.sort(key=lambda each: each.old.start if each.old else 0)
    return found + [ValueChange(None, after) for after in new]


def _same_unit(one: Figure, other: Figure) -> bool:
    return (one.is_code, one.unit) == (other.is_code, other.unit)


def _same_sort(one: Figure, other: Figure) -> bool:
    """Two durations, two dates, or figures of which one lacks a unit."""
    units = {one.unit, other.unit}
    if one.is_code or other.is_code or units <= CALENDAR or units <= DURATIONS:
        return one.is_code == other.is_code
    return "" in units and not units & CALENDAR
