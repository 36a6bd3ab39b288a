"""Tables of a PDF page that are not ruled on all sides: open at the left and right, or drawn with level lines only.

Open sides are closed where the level lines end. Where there are level lines only, the columns are the stripes that no
line of text enters.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from assistant.ingest.formats.pdf_chars import Char
from assistant.ingest.formats.pdf_rules import Edge, edge
from assistant.ingest.formats.pdf_table import Table

#: A rule, level or upright: how far down (or across) it is, where it begins and ends.
Rule = tuple[float, float, float]

_NEAR = 3.0
#: Narrower groups of level lines (points) rule no table; a stripe between columns is so wide, and so part of the type.
_NARROWEST, _STRIPE, _STRIPE_OF_SIZE = 90.0, 4.0, 0.7
#: Lines of text that may enter a stripe, and that must stand in two columns or more.
_CROSSING, _IN_COLUMNS = 0.1, 0.5
#: Lines that reach over so much of their column, in so many lines, are prose in columns and no table.
_FULL, _PROSE_LINES = 0.75, 8
#: Lines of one cell follow each other at this distance at most, in parts of their size.
_LEADING = 1.45


def level_rules(edges: Sequence[Edge]) -> list[Rule]:
    """Level lines, those that touch joined."""
    return _joined(sorted((each["top"], each["x0"], each["x1"]) for each in edges if each["orientation"] == "h"))


def _joined(rules: Sequence[Rule]) -> list[Rule]:
    found: list[Rule] = []
    for at, first, last in rules:
        for number in range(len(found) - 1, -1, -1):
            other = found[number]
            if at - other[0] > 1.5:
                number = -1
                break
            if first <= other[2] + _NEAR and last >= other[1] - _NEAR:
                found[number] = (other[0], min(first, other[1]), max(last, other[2]))
                break
        else:
            number = -1
        if number < 0:
            found.append((at, first, last))
    return found


def _groups(edges: Sequence[Edge]) -> list[list[Rule]]:
    """Level lines that begin and end at the same places, from above; each group has two or more."""
    groups: list[list[Rule]] = []
    for rule in level_rules(edges):
        if rule[2] - rule[1] < _NARROWEST:
            continue
        for group in groups:
            if abs(group[0][1] - rule[1]) < _NEAR and abs(group[0][2] - rule[2]) < _NEAR:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return [group for group in groups if len(group) > 1]


def closed(edges: Sequence[Edge]) -> list[Edge]:
    """The edges, with sides for tables that have upright lines between their columns only."""
    uprights = _joined(
        sorted((each["x0"], each["top"], each["bottom"]) for each in edges if each["orientation"] == "v")
    )
    if not uprights:
        return list(edges)
    added: list[Edge] = []
    for group in _groups(edges):
        left, right = group[0][1], group[0][2]
        inside = [each for each in uprights if left + _NEAR < each[0] < right - _NEAR]
        part = [group[0]]
        for above, below in pairwise([*group, None]):
            assert above is not None
            if below is not None and any(v[1] - _NEAR <= above[0] and below[0] <= v[2] + _NEAR for v in inside):
                part.append(below)
                continue
            if len(part) > 1:
                top, bottom = part[0][0], part[-1][0]
                for side in (left, right):
                    there = [v for v in uprights if abs(v[0] - side) < _NEAR and v[1] < bottom and v[2] > top]
                    if sum(min(v[2], bottom) - max(v[1], top) for v in there) < 0.5 * (bottom - top):
                        added.append(edge("v", side, top, side, bottom))
            part = [below] if below is not None else []
    return [*edges, *added]


def may_be_tables(edges: Sequence[Edge]) -> list[list[Rule]]:
    """Groups of three or more level lines (also sides of bands of colour) without upright lines between them."""
    uprights = [each for each in edges if each["orientation"] == "v" and each["bottom"] - each["top"] > _NEAR]

    def is_bare(group: Sequence[Rule]) -> bool:
        top, left, right = group[0]
        bottom = group[-1][0]
        return not any(
            left + _NEAR < v["x0"] < right - _NEAR and v["top"] < bottom and v["bottom"] > top for v in uprights
        )

    return [group for group in _groups(edges) if len(group) > 2 and is_bare(group)]


def level_table(group: Sequence[Rule], runs: Sequence[Sequence[Char]]) -> Table | None:
    """The table between level lines; None if the text there does not stand in columns."""
    left, right = group[0][1] - _NEAR, group[0][2] + _NEAR
    top, bottom = group[0][0], group[-1][0]
    chars = [
        char
        for run in runs
        for char in run
        if not char.text.isspace()
        and left <= (char.x0 + char.x1) / 2 <= right
        and top < (char.top + char.bottom) / 2 < bottom
    ]
    lines = _text_lines(chars)
    if len(lines) < 2:
        return None
    stripes = _stripes(lines, left, right)
    edges = [left, *((a + b) / 2 for a, b in stripes), right]
    filled = [_filled(line, edges) for line in lines]
    if (
        len(edges) < 3
        or sum(len(columns) > 1 for columns in filled) < _IN_COLUMNS * len(lines)
        or _is_prose(lines, [left, *(side for stripe in stripes for side in stripe), right])
    ):
        return None
    heights: list[tuple[float, float]] = []
    for (above, _, _), (below, _, _) in pairwise(group):
        band = [(line, columns) for line, columns in zip(lines, filled, strict=True) if above < _middle(line) < below]
        heights += _rows(band, above, below, first=above == top, many=len(group) > 4)
    if len(heights) < 2:
        return None
    rows = [tuple((x0, y0, x1, y1) for x0, x1 in pairwise(edges)) for y0, y1 in heights]
    return Table((left, top, right, bottom), list(rows), [cell for row in rows for cell in row])


def _text_lines(chars: Sequence[Char]) -> list[list[Char]]:
    lines: list[list[Char]] = []
    for char in sorted(chars, key=lambda char: char.top + char.bottom):
        if lines and abs(char.top + char.bottom - lines[-1][-1].top - lines[-1][-1].bottom) < 0.8 * char.size:
            lines[-1].append(char)
        else:
            lines.append([char])
    return lines


def _stripes(lines: Sequence[Sequence[Char]], left: float, right: float) -> list[tuple[float, float]]:
    """Upright stripes between the columns, each from left to right."""
    width = int(right - left) + 1
    entered = [0] * (width + 1)
    for line in lines:
        covered: set[int] = set()
        for char in line:
            covered.update(range(max(0, int(char.x0 - left)), min(width, int(char.x1 - left) + 1)))
        for at in covered:
            entered[at] += 1
    allowed = int(_CROSSING * len(lines))
    size = sorted(char.size for line in lines for char in line)[sum(map(len, lines)) // 2]
    found: list[tuple[float, float]] = []
    start: int | None = None
    for at in range(width + 1):
        if entered[at] <= allowed and at < width:
            start = at if start is None else start
        elif start is not None:
            wide = at - start >= max(_STRIPE, _STRIPE_OF_SIZE * size)
            if wide and any(entered[:start]) and at < width:
                found.append((left + start, left + at))
            start = None
    return found


def _filled(line: Sequence[Char], edges: Sequence[float]) -> set[int]:
    """The columns in which a line of text has something."""
    middles = [(char.x0 + char.x1) / 2 for char in line]
    return {at for at, (a, b) in enumerate(pairwise(edges)) if any(a <= middle < b for middle in middles)}


def _is_prose(lines: Sequence[Sequence[Char]], sides: Sequence[float]) -> bool:
    """Whether most lines fill their columns."""
    if len(lines) < _PROSE_LINES:
        return False
    full = total = 0
    for left, right in zip(sides[::2], sides[1::2], strict=True):
        for line in lines:
            own = [char for char in line if left - 1 <= (char.x0 + char.x1) / 2 <= right + 1]
            if own:
                total += 1
                full += max(char.x1 for char in own) - min(char.x0 for char in own) > _FULL * (right - left)
    return full > 0.7 * total


def _middle(line: Sequence[Char]) -> float:
    return (line[0].top + line[0].bottom) / 2


def _rows(
    band: Sequence[tuple[list[Char], set[int]]], above: float, below: float, first: bool, many: bool
) -> list[tuple[float, float]]:
    """Top and bottom of the rows between two level lines: one row, or one for each line that begins a row."""
    if not band:
        return []
    steps = [(_middle(b) - _middle(a)) / a[0].size for (a, _), (b, _) in pairwise(band)]
    close = bool(steps) and sum(steps) / len(steps) < _LEADING
    begins = sum(0 in columns and len(columns) > 1 for _, columns in band)
    if len(band) == 1 or first or begins < 2 or (many and close and len(band) <= 3):
        return [(above, below)]
    tops = [above]
    for (a, _), (b, columns) in pairwise(band):
        if 0 in columns:
            tops.append((max(char.bottom for char in a) + min(char.top for char in b)) / 2)
    return list(pairwise([*tops, below]))
