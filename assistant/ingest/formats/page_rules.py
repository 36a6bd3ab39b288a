"""Ruled tables of a page image, found by their rules, so that each cell is recognised by itself.

Read as one block, the cells of a line run into each other and their rules are taken for letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.ingest.formats.pdf_chars import Box
from assistant.ingest.formats.pdf_levels import closed
from assistant.ingest.formats.pdf_rules import Edge, edge
from assistant.ingest.formats.pdf_table import Table, tables

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

#: In parts of the page's width: what is dark without a break for so long is no letter, and what is thicker is a band
#: of colour, whose two sides are rules.
_LONG, _THICK = 0.035, 0.006
#: So many times as thick as a rule may be: a line of letters in a band, and a band of a header.
_DEEP, _HIGHEST = 4, 12
#: Ink is so much darker than the paper.
_DARKER = 40
#: In pixels: between the rows that one rule begins in, and between its pieces.
_ROUGH, _TORN = 3, 8
#: With more pieces of rules a page is a picture, with more cells a pattern.
_MOST_PIECES, _MOST_CELLS = 8_000, 2_000
#: In points: cells smaller than that hold no text.
_LEAST_WIDE, _LEAST_HIGH = 8.0, 6.0
#: In points: what is narrower is no table.
_NARROWEST = 90.0

#: Where it is, where it begins and where it ends, in pixels.
_Piece = tuple[int, int, int]


def ruled(image: Image, scale: float) -> list[Table]:
    """The ruled tables of a grey page image, from above, in points. `scale`: points for one pixel."""
    import numpy as np

    pixels = np.array(image, dtype=np.int16)
    dark = pixels < np.median(pixels) - _DARKER
    length, thick = round(_LONG * image.width), max(3, round(_THICK * image.width))
    level, upright = _pieces(dark, length, thick), _pieces(dark.T, length, thick)
    if len(level) + len(upright) > _MOST_PIECES:
        return []
    upright = [*upright, *_through_bands(pixels, level, upright, thick)]
    edges = [_edge(scale, "h", *piece) for piece in level] + [_edge(scale, "v", *piece) for piece in upright]
    return sorted((table for table in tables(closed(edges)) if _holds_text(table)), key=lambda table: table.box[1])


def _pieces(dark: np.ndarray, length: int, thick: int) -> list[_Piece]:
    """Rules along the rows of pixels; of a band of colour its first and last row."""
    import numpy as np

    runs = _without_short_runs(dark, length)
    framed = np.pad(runs, ((1, 1), (0, 0)))
    starts, ends = framed[1:-1] & ~framed[:-2], framed[1:-1] & ~framed[2:]
    above = np.pad(runs, ((_DEEP * thick, 0), (0, 0)))  # white letters on a band may stand just above its end
    deep = np.any([above[(_DEEP - step) * thick :][: len(runs)] for step in range(1, _DEEP + 1)], axis=0) & ends
    found = [each for each in _spans(starts, length) if _is_light(dark, each, -2)]
    return _joined(found) + _joined([each for each in _spans(deep, length) if _is_light(dark, each, 2)])


def _joined(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Pieces that touch as one: a rule that leans a little, or has a rough edge, begins in several rows."""
    found: list[_Piece] = []
    waiting = sorted(pieces)
    while waiting:
        row = waiting[0][0]
        band = [each for each in waiting if each[0] - row <= _ROUGH]
        waiting = waiting[len(band) :]
        joined: list[_Piece] = []
        for at, first, last in sorted(band, key=lambda each: each[1]):
            if joined and first <= joined[-1][2] + _TORN:
                joined[-1] = (at, joined[-1][1], max(last, joined[-1][2]))
            else:
                joined.append((at, first, last))
        found += joined
    return found


def _is_light(dark: np.ndarray, piece: _Piece, step: int) -> bool:
    """Whether there is paper beside a piece: between the letters on a band there is none."""
    at, first, last = piece
    return not 0 <= at + step < len(dark) or float(dark[at + step, first : last + 1].mean()) < 0.5


def _through_bands(
    pixels: np.ndarray, level: Sequence[_Piece], upright: Sequence[_Piece], thick: int
) -> Iterator[_Piece]:
    """Upright rules go on through a band of colour that they end at, unless a word stands there in the band."""
    for at, first, last in upright:
        for end, step in ((first, -1), (last, 1)):
            sides = sorted({row for row, x0, x1 in level if x0 - thick <= at <= x1 + thick}, reverse=step < 0)
            near = [row for row in sides if abs(row - end) <= thick]
            far = [row for row in sides if thick < step * (row - end) <= _HIGHEST * thick]
            if not near or not far:
                continue
            top, bottom = sorted((near[0], far[0]))
            stripe = pixels[top + 3 : bottom - 3, max(0, at - 1) : at + 2]
            if len(stripe) and int((stripe.max(axis=0) - stripe.min(axis=0)).min()) < _DARKER:
                yield at, top, bottom


def _without_short_runs(dark: np.ndarray, length: int) -> np.ndarray:
    """Only what is dark for `length` pixels along its row without a break."""
    import numpy as np

    if dark.shape[1] < length:
        return np.zeros_like(dark)
    before = np.pad(dark.cumsum(axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    whole = before[:, length:] - before[:, :-length] == length  # a run of `length` begins here
    covered = np.pad(whole.cumsum(axis=1, dtype=np.int32), ((0, 0), (length, length - 1)), mode="edge")
    covered[:, :length] = 0
    found: np.ndarray = covered[:, length:] != covered[:, :-length]
    return found


def _spans(mask: np.ndarray, length: int) -> Iterator[_Piece]:
    """Runs of a mask along its rows: row, first and last column. Shorter gaps are closed later (see `_joined`)."""
    import numpy as np

    change = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, first = np.nonzero(change == 1)
    last = np.nonzero(change == -1)[1] - 1
    long = last - first >= length / 10
    yield from zip(rows[long].tolist(), first[long].tolist(), last[long].tolist(), strict=True)


def _edge(scale: float, orientation: str, at: int, first: int, last: int) -> Edge:
    if orientation == "h":
        return edge("h", first * scale, at * scale, (last + 1) * scale, at * scale)
    return edge("v", at * scale, first * scale, at * scale, (last + 1) * scale)


def _holds_text(table: Table) -> bool:
    """Whether it has two rows, and all its cells have room for text."""
    is_wide = table.box[2] - table.box[0] >= _NARROWEST
    has_rows = len(table.rows) >= 2 and len(table.cells) <= _MOST_CELLS
    return is_wide and has_rows and all(_has_room(cell) for cell in table.cells)


def _has_room(cell: Box) -> bool:
    return cell[2] - cell[0] >= _LEAST_WIDE and cell[3] - cell[1] >= _LEAST_HIGH
