"""Columns of a page image, so that they are recognised one after the other.

Tesseract reads across two columns where it takes a page for one, and loses whole parts of it where it looks for them
itself. Prose is parted, tables are not: a gap is one between columns only if most lines on both sides reach it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

#: left, top, right, bottom in pixels
Region = tuple[int, int, int, int]

#: The page is looked at with about so many pixels from left to right.
_WIDTH = 425
#: In parts of the page's width: the narrowest gap, the narrowest column, and how near to the gap a line must end.
_GAP, _COLUMN, _NEAR = 0.016, 0.2, 0.06
#: In parts of the page's height: the shortest columns.
_HEIGHT = 0.2
#: Part of the lines that must reach the gap, and of the rows of pixels that must hold ink, on both sides.
_REACHING, _INKED = 0.5, 0.3
#: Ink is so much darker than the paper.
_DARKER = 40


def regions(image: Image) -> list[Region]:
    """Parts of a grey page image in reading order, columns apart; the whole image if there are none."""
    import numpy as np

    factor = max(1, round(image.width / _WIDTH))
    pixels = np.array(image.reduce(factor), dtype=np.int16)
    dark = pixels < np.median(pixels) - _DARKER
    height, width = dark.shape
    found = _parted(dark, (0, 0, width, height), dark.shape)
    if len(found) < 2:
        return [(0, 0, image.width, image.height)]
    return [
        (factor * x0, factor * y0, min(factor * x1, image.width), min(factor * y1, image.height))
        for x0, y0, x1, y1 in found
    ]


def _parted(dark: np.ndarray, region: Region, page: tuple[int, ...]) -> list[Region]:
    """The region, or what is above the columns, the columns, and what is below them."""
    x0, y0, x1, y1 = region
    part = dark[y0:y1, x0:x1]
    gap = _gap(part, page) if x1 - x0 > 2 * _COLUMN * page[1] and y1 - y0 > _HEIGHT * page[0] else None
    if gap is None:
        return [region] if part.any() else []
    middle, top, bottom = x0 + gap[0], y0 + gap[1], y0 + gap[2]
    around = ((x0, y0, x1, top), (x0, top, middle, bottom), (middle, top, x1, bottom), (x0, bottom, x1, y1))
    return [each for one in around for each in _parted(dark, one, page)]


def _gap(part: np.ndarray, page: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Middle, top and bottom of the longest gap between two columns; None if there is none."""
    import numpy as np

    height, width = part.shape
    gap = max(3, round(_GAP * page[1]))
    edge = round(_COLUMN * page[1])
    before = np.concatenate([np.zeros((height, 1), dtype=np.int32), part.cumsum(axis=1, dtype=np.int32)], axis=1)
    inked = before[:, gap:] != before[:, :-gap]
    best = (0, 0, 0)
    for left in range(edge, width - edge - gap):
        stops = np.concatenate([[-1], np.flatnonzero(inked[:, left]), [height]])
        longest = int(np.diff(stops).argmax())
        top, bottom = int(stops[longest]) + 1, int(stops[longest + 1])
        if bottom - top > best[2] - best[1] and _are_columns(part[top:bottom], left, left + gap, page):
            best = (left + gap // 2, top, bottom)
    return best if best[2] - best[1] > _HEIGHT * page[0] else None


def _are_columns(band: np.ndarray, left: int, right: int, page: tuple[int, ...]) -> bool:
    """Whether most lines on both sides of the gap from `left` to `right` reach it."""
    import numpy as np

    near = round(_NEAR * page[1])
    inked: np.ndarray = np.asarray(band.any(axis=0))
    if not inked[:left].any() or not inked[right:].any():
        return False
    left -= int(inked[:left][::-1].argmax())  # the gap may be wider than what was asked for
    right += int(inked[right:].argmax())
    for side, edge in ((band[:, :left], band[:, max(0, left - near) : left]),
                       (band[:, right:], band[:, right : right + near])):  # fmt: skip
        rows = int(side.any(axis=1).sum())
        if rows < _INKED * len(band) or edge.any(axis=1).sum() < _REACHING * rows:
            return False
    return True
