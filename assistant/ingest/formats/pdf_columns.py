"""Columns of text on a PDF page that a program wrote line by line across them: put one after the other.

Prose is parted, tables without rules are not: most lines have to fill their column on both sides of the gap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.ingest.formats.pdf_chars import Char, Line

#: A gap so wide (in parts of the size) may part columns.
_GAP = 1.0
#: A gap as wide as this (in parts of the size) parts a line, and lines with such gaps from which on to ask for columns.
WIDE, _WITH_GAPS = 2.2, 4
#: Lines that both columns must have, and the part of them that must fill so much of their column.
_LINES, _FILLING, _FULL = 4, 0.6, 0.6
#: A column of prose is so wide (in parts of the size), and has more spaces than this in a line.
_WIDTH, _SPACES = 12, 2.5
#: Part of a column's lines that may have wide gaps of their own: cells of a table do.
_GAPPED = 0.5
#: Times that columns written line by line go back to the left one at least.
_SWITCHES = 3
#: Where in the text's width the gap may be.
_FIRST, _LAST = 0.2, 0.8


@dataclass(slots=True)
class _Segment:
    """A piece of a line, and where it begins and ends across the page."""

    chars: list[Char]
    x0: float
    x1: float


def in_columns(runs: Sequence[list[Char]], tabled: Callable[[list[Char]], bool]) -> list[list[Char]]:
    """The runs in reading order, those parted that reach over two columns. `tabled`: whether a run lies in a table."""
    whole = list(runs)
    if len(whole) < _LINES:
        return whole
    return _parted([[_Segment(run, -math.inf, math.inf)] if tabled(run) else _segments(run) for run in whole]) or whole


def has_columns(runs: Sequence[list[Char]]) -> bool:
    """Whether `in_columns` would put the runs in another order, were there no tables. Words may stand for letters."""
    return len(runs) >= _LINES and _parted([_segments(run) for run in runs]) is not None


def has_wide_gap(words: Sequence[Char], size: float) -> bool:
    """Whether words of a line stand far apart, also where spaces were written between them."""
    length = 0
    for before, word in pairwise(words[::2]):
        length += len(before.text)
        if length > 4 and word.x0 - before.x1 > WIDE * size:
            return True
    return False


def may_be_columns(lines: Sequence[Line]) -> bool:
    """Whether there are lines enough with a wide gap, or that go back to the left, to ask whether they are columns."""
    back = sum(b.x1 < a.x0 and b.bottom > a.top for a, b in pairwise(lines))
    return back + sum(line.has_columns for line in lines) >= _WITH_GAPS


def _segments(run: list[Char]) -> list[_Segment]:
    """A run in pieces between wide gaps."""
    visible = [char for char in run if not char.text.isspace()]
    if not visible or visible[-1].x0 < visible[0].x0:
        return [_segment(run)]
    pieces: list[list[Char]] = [[run[0]]]
    last = run[0]
    for before, char in pairwise(run):
        last = before if not before.text.isspace() else last
        if char.x0 - last.x1 > _GAP * char.size and not char.text.isspace() and not last.text.isspace():
            pieces.append([])
        pieces[-1].append(char)
    return [_segment(piece) for piece in pieces if any(not char.text.isspace() for char in piece)]


def _segment(chars: list[Char]) -> _Segment:
    seen = [char for char in chars if not char.text.isspace()] or chars
    return _Segment(chars, min(char.x0 for char in seen), max(char.x1 for char in seen))


def _parted(lines: list[list[_Segment]]) -> list[list[Char]] | None:
    """The lines' characters with one column after the other; None where there are no columns, or they are in order."""
    gutter = _gutter([segment for line in lines for segment in line])
    if gutter is None:
        return None
    order: list[list[_Segment]] = []
    found = False
    band: list[list[_Segment]] = []
    for line in [*lines, None]:
        if line is not None and all(segment.x1 <= gutter or segment.x0 >= gutter for segment in line):
            band.append(line)
            continue
        left = [one for each in band if (one := [segment for segment in each if segment.x1 <= gutter])]
        right = [one for each in band if (one := [segment for segment in each if segment.x0 >= gutter])]
        if _switches(band, gutter) and _is_prose(left) and _is_prose(right):
            found = True
            order += [*left, *right]
        else:
            order += band
        band = []
        if line is not None:  # reaches over the gap: a title, a table
            order.append(line)
    return [[char for segment in line for char in segment.chars] for line in order] if found else None


def _switches(band: Sequence[Sequence[_Segment]], gutter: float) -> bool:
    """Whether the lines go from the right column back to the left one again and again."""
    sides = [segment.x0 >= gutter for line in band for segment in line]
    return sum(before and not after for before, after in pairwise(sides)) >= _SWITCHES


def _gutter(segments: Sequence[_Segment]) -> float | None:
    """The place across the page that parts most lines and is crossed by few."""
    segments = [segment for segment in segments if segment.x1 < math.inf]
    if not segments:
        return None
    x0, x1 = min(segment.x0 for segment in segments), max(segment.x1 for segment in segments)
    best, place = 0.0, None
    for step in range(int((_LAST - _FIRST) * (x1 - x0) / 2) + 1):
        at = x0 + _FIRST * (x1 - x0) + 2 * step
        one = sum(segment.x1 <= at for segment in segments)
        other = sum(segment.x0 >= at for segment in segments)
        worth = min(one, other) - 0.5 * (len(segments) - one - other)
        if min(one, other) >= _LINES and worth > best:
            best, place = worth, at
    return place


def _is_prose(column: Sequence[Sequence[_Segment]]) -> bool:
    if len(column) < _LINES or sum(len(line) > 1 for line in column) > _GAPPED * len(column):
        return False
    sides = [(line[0].x0, max(segment.x1 for segment in line)) for line in column]
    width = max(x1 for _, x1 in sides) - min(x0 for x0, _ in sides)
    size = column[0][0].chars[0].size
    spaces = sum(char.text == " " for line in column for segment in line for char in segment.chars)
    is_running = width > _WIDTH * size and spaces > _SPACES * len(column)
    return is_running and sum(x1 - x0 > _FULL * width for x0, x1 in sides) >= _FILLING * len(sides)
