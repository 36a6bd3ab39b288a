"""Where words stand on the picture of a page: the lines of their block, narrowed down to the words by the text layer.

A block knows the boxes of its lines and no letters. Inside these boxes the letters of the text layer are those of the
block's text, in the same order; spaces, bullets and the bars between cells are left aside. Where there is no text
layer (a scan), or it holds other letters, all lines of the block are marked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from assistant.floor.rendering import Letter
from assistant.schema import Block, Box

#: left, top, right, bottom in points.
Area = tuple[float, float, float, float]


def areas(
    blocks: Iterable[Block], text: str, page: int, start: int, end: int, letters: Sequence[Letter] = ()
) -> list[Area]:
    """Find the areas of `page` on which `start:end` of the stored `text` stands, one for each line."""
    found: list[Area] = []
    for block in blocks:
        if block.start < end and start < block.end:
            lines = [box for box in block.boxes if box[0] == page]
            first, last = max(block.start, start), min(block.end, end)
            whole = (first, last) == (block.start, block.end)
            found += (
                [box[1:] for box in lines] if whole else _of_words(block, lines, text, page, (first, last), letters)
            )
    return found


def _of_words(
    block: Block, lines: Sequence[Box], text: str, page: int, place: tuple[int, int], letters: Sequence[Letter]
) -> list[Area]:
    """The areas of a part of a block."""
    beginning, ending = _on_page(block, page)
    inside = [(number, letter) for number, box in enumerate(lines) for letter in _inside(box, letters)]
    drawn = "".join(_folded(letter[0]) for _, letter in inside)
    wanted = _folded(text[max(place[0], beginning) : min(place[1], ending)])
    if not wanted or len(drawn) != len(inside):
        return [box[1:] for box in lines] if wanted else []
    at = _nearest(drawn, wanted, len(_folded(text[beginning : max(place[0], beginning)])))
    if at < 0:
        return [box[1:] for box in lines]
    marked = inside[at : at + len(wanted)]
    return [
        (
            min(letter[1] for number, letter in marked if number == line),
            box[2],
            max(letter[3] for number, letter in marked if number == line),
            box[4],
        )
        for line, box in enumerate(lines)
        if any(number == line for number, _ in marked)
    ]


def _on_page(block: Block, page: int) -> tuple[int, int]:
    """The slice of the stored text of a block that stands on `page`."""
    parts = [(block.start, block.page), *block.turns]
    ends = [*(offset for offset, _ in block.turns), block.end]
    return next(
        ((start, end) for (start, number), end in zip(parts, ends, strict=True) if number == page),
        (block.start, block.end),
    )


def _inside(box: Box, letters: Sequence[Letter]) -> list[Letter]:
    """The letters whose middle is in a line's box, from left to right."""
    _, left, top, right, bottom = box
    held = [
        each
        for each in letters
        if left - 0.5 <= (each[1] + each[3]) / 2 <= right + 0.5 and top <= (each[2] + each[4]) / 2 <= bottom
    ]
    return sorted(held, key=lambda each: each[1])


def _nearest(drawn: str, wanted: str, expected: int) -> int:
    """Where `wanted` stands in `drawn`, nearest to `expected`; -1 for nowhere."""
    places, at = [], drawn.find(wanted)
    while at >= 0:
        places.append(at)
        at = drawn.find(wanted, at + 1)
    return min(places, key=lambda place: abs(place - expected), default=-1)


def _folded(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFC", text) if letter.isalnum())
