"""Words of a PDF page that are struck out: a line runs across them, as long as they are.

Such wording is withdrawn, so it is not stored. Rules of tables and underlines lie between or below the lines of text,
and the lines of a diagram are longer than the words that they cross.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from assistant.ingest.formats.pdf_chars import Box, Char, Line
from assistant.ingest.formats.pdf_lines import laid_flat
from assistant.ingest.formats.pdf_rules import Edge

#: left, right, how far down, how thick
Strike = tuple[float, float, float, float]

#: Where a strike crosses a character, in parts of the height of its box from above.
_HIGHEST, _LOWEST = 0.3, 0.72
#: How far a strike may reach beyond the words, and must reach into them, in parts of their height.
_BEYOND, _SHORTEST = 0.6, 0.5
#: The thickest strike, in parts of their height.
_THICKEST = 0.25
#: Part of a strike that must lie on characters.
_ON_TEXT = 0.5


def strikes(edges: Iterable[Edge], marked: Iterable[Box]) -> list[Strike]:
    """Level lines, joined where they touch, and the middles of the boxes that a reader marked as struck out."""
    edges = list(edges)
    found: list[Strike] = []
    corners = {
        (round((edge["x0"] + across) / 3), round((down + shift) / 3))
        for edge in edges
        if edge["orientation"] == "v"
        for down in (edge["top"], edge["bottom"])
        for across in (-1.5, 1.5)
        for shift in (-1.5, 1.5)
    }
    level = sorted(
        (edge["top"], edge["x0"], edge["x1"], edge["linewidth"]) for edge in edges if edge["orientation"] == "h"
    )
    for down, left, right, thick in level:
        if found and abs(found[-1][2] - down) < 0.6 and left - found[-1][1] < 1.0:
            found[-1] = (found[-1][0], max(found[-1][1], right), found[-1][2], max(found[-1][3], thick))
        else:
            found.append((left, right, down, thick))
    # what ends at the corner of a frame is a side of it
    found = [each for each in found if not any((round(x / 3), round(each[2] / 3)) in corners for x in each[:2])]
    return found + [(left, right, (top + bottom) / 2, 0.0) for left, top, right, bottom in marked]


def may_strike(found: Sequence[Strike], lines: Sequence[Line]) -> bool:
    """Whether any of the lines of text may be crossed."""
    return any(
        _crosses(down, line.top, line.bottom) and left < line.x1 and right > line.x0
        for left, right, down, _ in found
        for line in lines
    )


def _crosses(down: float, top: float, bottom: float) -> bool:
    return _HIGHEST < (down - top) / max(0.1, bottom - top) < _LOWEST


def unstruck(runs: Sequence[list[Char]], found: Sequence[Strike]) -> list[list[Char]]:
    """The runs without the characters that are struck out."""
    gone: set[int] = set()
    flat = [run for run in runs if laid_flat(run) is run] if found else []
    for left, right, down, thick in found:
        crossed = [
            char
            for run in flat
            if any(_crosses(down, char.top, char.bottom) for char in (run[0], run[-1]))
            for char in run
            if _crosses(down, char.top, char.bottom) and left - 0.5 < (char.x0 + char.x1) / 2 < right + 0.5
        ]
        words = [char for char in crossed if not char.text.isspace()]
        height = max((char.size for char in words), default=0.0)
        if thick > _THICKEST * height or not words:  # a thick one lies below the words: a bar that sets them off
            continue
        beyond = max(min(char.x0 for char in words) - left, right - max(char.x1 for char in words))
        covered = sum(char.x1 - char.x0 for char in crossed)
        long_enough = right - left > _SHORTEST * height
        if long_enough and beyond < _BEYOND * height and covered > _ON_TEXT * (right - left):
            gone.update(id(char) for char in crossed)
    if not gone:
        return list(runs)
    parted = [list(part) for run in runs for out, part in groupby(run, lambda char: id(char) in gone) if not out]
    return _joined_over_gaps(parted, runs)


def _joined_over_gaps(parts: list[list[Char]], runs: Sequence[list[Char]]) -> list[list[Char]]:
    """What is left of a run is one run again."""
    of = {id(char): number for number, run in enumerate(runs) for char in run}
    return [[char for part in group for char in part] for _, group in groupby(parts, lambda part: of[id(part[0])])]
