"""Page images that were scanned askew are put straight; and where on the page as given a box of a turned one stands.

Tesseract takes a line that runs off its row for two halves, and a page whose columns lean has no gap between them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

#: left, top, right, bottom in pixels
Box = tuple[int, int, int, int]

#: A page is looked at with about so many pixels from left to right.
_WIDTH = 800
#: Angles (degrees) tried first, and around the best of them.
_COARSE, _FINE = [0.5 * step for step in range(-6, 7)], [0.1 * step for step in range(-4, 5)]
#: A page that leans less is read as it is, and so is one whose rows do not become so much sharper.
_LEAST, _SHARPER = 0.25, 1.15
#: Ink is so much darker than the paper.
_DARKER = 40


def skew(image: Image) -> float:
    """How far a grey page image has to be turned counter-clockwise (degrees) for its lines to be level; 0: they are."""
    import numpy as np
    from PIL import Image as images

    pixels = np.array(image.reduce(max(1, round(image.width / _WIDTH))), dtype=np.int16)
    ink = images.fromarray(((pixels < np.median(pixels) - _DARKER) * 255).astype(np.uint8))
    known: dict[float, float] = {}

    def sharpness(angle: float) -> float:
        """How much the rows of pixels differ from those below them: most where lines of text are level."""
        if angle not in known:
            turned = ink.rotate(angle, resample=images.Resampling.BILINEAR)
            rows = np.array(turned, dtype=np.float32).sum(axis=1)
            known[angle] = float(np.square(np.diff(rows)).sum())
        return known[angle]

    coarse = max(_COARSE, key=sharpness)
    best = max((round(coarse + step, 1) for step in _FINE), key=sharpness)
    at_edge = abs(coarse) == max(_COARSE)  # lines lie otherwise than was tried: the page is no page of level text
    return 0.0 if abs(best) < _LEAST or at_edge or sharpness(best) < _SHARPER * sharpness(0.0) else best


def straightened(image: Image, angle: float) -> Image:
    """The image turned by a small angle; as large as before."""
    from PIL import Image as images

    return image.rotate(angle, resample=images.Resampling.BICUBIC, fillcolor=255) if angle else image


def as_given(box: Box, angle: int, lean: float, size: tuple[int, int]) -> Box:
    """Where a box is on the page as it was given, `size` wide and high, that was straightened and then turned.

    `lean`: what `skew` gave; `angle`: 0, 90, 180 or 270 degrees counter-clockwise.
    """
    left, top, right, bottom = box
    width, height = size
    if angle == 90:  # turned counter-clockwise: what is now the left edge was the top
        box = width - bottom, left, width - top, right
    elif angle == 270:
        box = top, height - right, bottom, height - left
    elif angle == 180:
        box = width - right, height - bottom, width - left, height - top
    if not lean:
        return box
    sine, cosine = math.sin(math.radians(lean)), math.cos(math.radians(lean))
    places = [(x - width / 2, y - height / 2) for x in (box[0], box[2]) for y in (box[1], box[3])]
    across = [round(width / 2 + cosine * x - sine * y) for x, y in places]
    down = [round(height / 2 + sine * x + cosine * y) for x, y in places]
    return min(across), min(down), max(across), max(down)
