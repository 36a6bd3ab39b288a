"""Draws a PDF page with and without some of its text: what makes no difference is not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.ingest.formats.pdf_calls import call
from assistant.ingest.formats.pdf_chars import Box, Place
from assistant.ingest.formats.pdf_objects import NOT_DRAWN, Objects, Shown, bounds, switch

if TYPE_CHECKING:
    import numpy as np
    import pypdfium2

#: A difference (of 255) that nobody sees, and pixels that must differ.
_DIFFERENCE, _PIXELS = 20, 2
#: Pixels for one point, and the longest side of a page in pixels.
_SCALE, _LONGEST = 1.5, 3000
#: Part of a word's pixels that must be ink in the picture of a scanned page.
_INK = 0.02
#: Height (points) of text whose font does not tell it.
_LOWEST = 6.0


def unseen(page: pypdfium2.PdfPage, place: Place, suspects: Sequence[Shown], objects: Objects) -> list[Shown]:
    """Give those of the suspects whose absence makes no difference, but for the words of a scanned page."""
    import numpy as np

    longest = max(*page.get_size(), 1.0)
    scale = min(_SCALE, _LONGEST / longest)
    places = [bounds(text) for text in suspects]
    boxes = [_pixels(place(b[0], max(b[3], b[1] + _LOWEST), b[2], b[1]), scale) for b in places]
    drawn = [text for text in suspects if call("FPDFTextObj_GetTextRenderMode")(text.handle) not in NOT_DRAWN]
    pictures = [bounds(picture) for picture in objects.pictures]
    pictures = [place(b[0], b[3], b[2], b[1]) for b in pictures]
    seen: np.ndarray | None = None
    if drawn:
        whole = _drawn(page, scale)
        switch(drawn, on=False)
        seen = np.abs(whole - _drawn(page, scale)).max(axis=2) > _DIFFERENCE
        switch(drawn, on=True)
    drawn_ones = set(drawn)
    hidden = []
    for text, (x0, top, x1, bottom) in zip(suspects, boxes, strict=True):
        if seen is not None and text in drawn_ones and seen[top:bottom, x0:x1].sum() >= _PIXELS:
            continue
        hidden.append((text, (x0, top, x1, bottom)))
    if not hidden or not pictures:
        return [text for text, _ in hidden]
    switch(objects.texts, on=False)
    picture = _drawn(page, scale).min(axis=2)
    switch(objects.texts, on=True)
    return [text for text, box in hidden if not _is_scanned(picture, box, pictures, scale)]


def _is_scanned(picture: np.ndarray, box: tuple[int, int, int, int], pictures: Sequence[Box], scale: float) -> bool:
    """Whether a text lies in a picture in which there is ink at its place."""
    x0, top, x1, bottom = box
    across, down = (x0 + x1) / 2 / scale, (top + bottom) / 2 / scale
    if not any(p[0] <= across <= p[2] and p[1] <= down <= p[3] for p in pictures):
        return False
    part = picture[top:bottom, x0:x1]
    if not part.size:
        return False
    around = picture[max(0, top - 4) : bottom + 4, max(0, x0 - 4) : x1 + 4]
    return bool((part < around.max() - 2 * _DIFFERENCE).mean() > _INK)


def _pixels(box: Box, scale: float) -> tuple[int, int, int, int]:
    x0, top, x1, bottom = (side * scale for side in box)
    return max(0, int(x0) - 1), max(0, int(top) - 1), max(0, int(x1) + 2), max(0, int(bottom) + 2)


def _drawn(page: pypdfium2.PdfPage, scale: float) -> np.ndarray:
    """The page as red, green and blue, each from 0 to 255."""
    import numpy as np

    image = page.render(scale=scale, may_draw_forms=False, draw_annots=False).to_numpy()
    return image[:, :, :3].astype(np.int16)
