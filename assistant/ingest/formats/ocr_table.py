"""Ruled tables of a page image, recognised cell by cell. Where their cells are `page_rules` finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.ingest.formats.ocr_words import Word, Written, confidence, letters, lines_of
from assistant.ingest.formats.pdf_chars import Box
from assistant.ingest.formats.pdf_table import Table

if TYPE_CHECKING:
    from PIL.Image import Image

#: Left, top, right, bottom in pixels.
_Place = tuple[int, int, int, int]

#: Pixels that are left out at the sides of a cell, where its rules are.
_RULE = 4
#: Ink differs so much from the paper; a cell is read without its empty margins, but for so many pixels.
_INK, _MARGIN = 50, 10
#: A drawing is taken for a table as well, but what is recognised in it is not so sure (0 to 100), or in one column.
_SURE = 60
#: From this mean confidence (0 to 100) on a cell is not read again by itself.
_KNOWN = 88


@dataclass(slots=True)
class Ruled:
    """A table (in points) with the lines of each cell, and where it is in pixels."""

    table: Table
    cells: dict[Box, list[Written]]
    place: _Place

    @property
    def lines(self) -> list[Written]:
        """The lines of all cells."""
        return [line for lines in self.cells.values() for line in lines]

    @property
    def top(self) -> int:
        """Its upper edge, in pixels."""
        return self.place[1]


def taken_out(table: Table, image: Image, scale: float, lines: Sequence[Written]) -> tuple[Ruled | None, list[Written]]:
    """A table of an upright grey image with its words taken out of the page's lines, and what is left of those.

    A cell in which the page's lines are not sure is recognised by itself. None, and all lines, if it is no table after
    all. `scale`: points for one pixel.
    """
    inside, left = [], []
    place = _pixels(table.box, scale)
    for line in lines:
        words = [[word for word in line.words if _lies_in(word, place) is within] for within in (True, False)]
        inside += [replace(line, words=words[0])] if words[0] else []
        left += [replace(line, words=words[1])] if words[1] else []
    cells = {}
    for box in dict.fromkeys(table.cells):
        there = _pixels(box, scale)
        parts = [replace(line, words=[*_inside(line.words, there)]) for line in inside]
        cells[box] = _surest([part for part in parts if part.words], image, there)
    found = Ruled(table, cells, place)
    columns = {box[0] for box, written in cells.items() if written}
    is_table = len(columns) > 1 and confidence(found.lines) >= _SURE
    return (found, left) if is_table else (None, list(lines))


def _surest(known: list[Written], image: Image, place: _Place) -> list[Written]:
    """The lines in a cell that are known from the page, or those of the cell alone where these are surer."""
    if known and confidence(known) >= _KNOWN:
        return known
    alone = _cell(image, place)
    return alone if letters(alone) > letters(known) else known


def _inside(words: Sequence[Word], place: _Place) -> Iterator[Word]:
    """The words in a cell, without the bars that its rules were taken for."""
    for word in words:
        if _lies_in(word, place) and (text := word.text.strip("|")):
            yield replace(word, text=text)


def _lies_in(word: Word, place: _Place) -> bool:
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return place[0] <= x < place[2] and place[1] <= y < place[3]


def _cell(image: Image, place: _Place) -> list[Written]:
    """The lines in a cell; white ones on a dark ground are read as dark on white."""
    from PIL import Image as images
    from PIL import ImageOps

    left, top, right, bottom = place
    inside = (left + _RULE, top + _RULE, right - _RULE, bottom - _RULE)
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        return []
    part = image.crop(inside)
    shades = part.histogram()
    paper = _middle(shades)
    darkest = next(shade for shade, count in enumerate(shades) if count)
    lightest = max(shade for shade, count in enumerate(shades) if count)
    is_inverted = lightest - paper > paper - darkest
    if is_inverted:
        part, paper = ImageOps.invert(part), 255 - paper
    box = part.point(lambda shade: 255 * (shade < paper - _INK)).getbbox()
    if box is None:
        return []
    width, height = box[2] - box[0] + 2 * _MARGIN, box[3] - box[1] + 2 * _MARGIN
    read = images.new("L", (width, height), paper)
    read.paste(part.crop(box), (_MARGIN, _MARGIN))
    lines = lines_of(read, (0, 0, width, height), 0, is_cell=True)
    for line in lines:
        line.move(inside[0] + box[0] - _MARGIN, inside[1] + box[1] - _MARGIN)
        line.words = [*_inside(line.words, place)]
    return [line for line in lines if line.words]


def _middle(shades: Sequence[int]) -> int:
    """The median of a histogram."""
    left = sum(shades) / 2
    for shade, count in enumerate(shades):
        left -= count
        if left <= 0:
            return shade
    return 255


def _pixels(box: Box, scale: float) -> _Place:
    left, top, right, bottom = (round(side / scale) for side in box)
    return left, top, right, bottom
