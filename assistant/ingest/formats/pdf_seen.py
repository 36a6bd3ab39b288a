"""What of a PDF page's text a person can see: the rest is switched off before the text is read.

Text is looked at more closely if it is drawn invisibly, faintly, in the colour of the paper or of a shape, on a layer,
below something that is drawn later, or outside what clips it. The page is then drawn with and without it: what makes
no difference is not seen. One such text stays: the words that a scanning machine puts below or above the picture of a
page, which show where there is ink in the picture.
"""

from __future__ import annotations

import ctypes
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from assistant.ingest.formats.pdf_calls import call, parts
from assistant.ingest.formats.pdf_chars import Box, Place
from assistant.ingest.formats.pdf_compare import unseen
from assistant.ingest.formats.pdf_objects import NOT_DRAWN, Objects, Shown, bounds, is_clipped_away, switch

if TYPE_CHECKING:
    import pypdfium2

#: Text may be as faint as paper from here on (of 255, in every colour), and as a shape of nearly its colour.
_PALE, _ALIKE, _FAINT = 200, 40, 128
#: Shapes smaller than this (points) cover no text.
_SMALLEST = 3.0
#: Part of a word's box that a shape must cover.
_COVERED = 0.7
#: Text modes that draw nothing, and what other objects have instead of one.
_NO_TEXT = (*NOT_DRAWN, -1)
#: More comparisons of words with shapes than this are not made: a drawing.
_MOST_PAIRS = 200_000

_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)


def has_layers(content: bytes) -> bool:
    """Whether a PDF file has layers (optional content), also where its catalogue is compressed."""
    if b"/OCProperties" in content or b"/Encrypt" in content:
        return True
    for match in _STREAM.finditer(content):
        try:
            if b"/OCProperties" in zlib.decompressobj().decompress(content[match.end() :], 1_000_000):
                return True
        except zlib.error:
            continue
    return False


def hide_unseen(page: pypdfium2.PdfPage, place: Place, layered: bool) -> list[tuple[float, float]]:
    """Switch off the page's text objects that nobody sees. To be called before the page's text is read.

    `layered`: whether the file has layers (see `has_layers`). Returns where texts stand that PDFium leaves out, in the
    page's user space: single characters of a font that does not tell their size.
    """
    objects = Objects(page)
    suspects, flat = _suspects(objects, layered)
    if objects.texts and (objects.pictures or objects.shapes):
        suspects += _below(objects, set(suspects))
    hidden_ones = unseen(page, place, suspects, objects) if suspects else []
    switch(hidden_ones, on=False)
    hidden = set(hidden_ones)
    return [spot for shown, spot in flat if shown not in hidden]


@cache
def _filled_in() -> tuple[tuple[Any, list[Any]], tuple[Any, list[Any]]]:
    """A colour and a box that PDFium fills in, whose lock is held, and their parts."""
    rgba, sides = (ctypes.c_uint * 4)(), (ctypes.c_float * 4)()
    return (rgba, parts(rgba)), (sides, parts(sides))


def is_simple(page: pypdfium2.PdfPage) -> bool:
    """Tell whether the page is nothing but dark text that is drawn: most pages are, and this is quickly seen."""
    import pypdfium2.raw as raw

    drawn, object_of = page.raw, call("FPDFPage_GetObject")
    mode_of, colour_of = call("FPDFTextObj_GetTextRenderMode"), call("FPDFPageObj_GetFillColor")
    bounds_of = call("FPDFPageObj_GetBounds")
    clip_of, clips_of = call("FPDFPageObj_GetClipPath"), call("FPDFClipPath_CountPaths")
    (rgba, (r, g, b, a)), (sides, (x0, y0, x1, y1)) = _filled_in()
    kinds = 0
    for at in range(raw.FPDFPage_CountObjects(page)):
        handle = object_of(drawn, at)
        if mode_of(handle) in _NO_TEXT:
            return False
        if colour_of(handle, r, g, b, a) and (rgba[0] >= _PALE or rgba[3] < _FAINT):
            return False
        clipped = clips_of(clip_of(handle)) > 0
        if kinds < 3 or clipped:
            bounds_of(handle, x0, y0, x1, y1)
            if clipped and is_clipped_away(handle, list(sides)):
                return False
            kinds |= (1 if sides[2] - sides[0] < 0.011 else 2) if sides[3] - sides[1] < 0.011 else 0
    return kinds < 3


def _suspects(objects: Objects, layered: bool) -> tuple[list[Shown], list[tuple[Shown, tuple[float, float]]]]:
    """Text whose drawing, colour or layer may hide it; and text without a width, if a font does not tell sizes."""
    mode_of, colour_of = call("FPDFTextObj_GetTextRenderMode"), call("FPDFPageObj_GetFillColor")
    bounds_of, marks_of = call("FPDFPageObj_GetBounds"), call("FPDFPageObj_CountMarks")
    clip_of, clips_of = call("FPDFPageObj_GetClipPath"), call("FPDFClipPath_CountPaths")
    rgba, sides = (ctypes.c_uint * 4)(), (ctypes.c_float * 4)()
    (r, g, b, a), (x0, y0, x1, y1) = parts(rgba), parts(sides)
    found: list[Shown] = []
    flat: list[tuple[Shown, tuple[float, float]]] = []
    is_sizeless = False
    fills: list[tuple[int, ...]] | None = None
    for shown in objects.texts:
        handle = shown.handle
        bounds_of(handle, x0, y0, x1, y1)
        if sides[3] - sides[1] < 0.011:
            if sides[2] - sides[0] < 0.011:
                flat.append((shown, (sides[0], sides[1])))
            else:
                is_sizeless = True
        if mode_of(handle) in NOT_DRAWN or (clips_of(clip_of(handle)) > 0 and is_clipped_away(handle, list(sides))):
            found.append(shown)
            continue
        if not colour_of(handle, r, g, b, a):
            continue
        red, green, blue, alpha = rgba
        if (red >= _PALE and green >= _PALE and blue >= _PALE) or alpha < _FAINT:
            found.append(shown)
            continue
        if objects.shapes:
            if fills is None:
                fills = list(_fills(objects))
            if any(max(abs(red - f[0]), abs(green - f[1]), abs(blue - f[2])) < _ALIKE for f in fills):
                found.append(shown)
                continue
        if layered and marks_of(handle) and _on_layer(handle):
            found.append(shown)
    return found, flat if is_sizeless else []


def _on_layer(shown: Any) -> bool:
    import pypdfium2.raw as raw

    name, length = (ctypes.c_ushort * 16)(), ctypes.c_ulong()
    for at in range(raw.FPDFPageObj_CountMarks(shown)):
        mark = raw.FPDFPageObj_GetMark(shown, at)
        if raw.FPDFPageObjMark_GetName(mark, name, 32, length) and bytes(name)[:6] == "OC\0".encode("utf-16-le"):
            return True
    return False


def _fills(objects: Objects) -> Iterator[tuple[int, ...]]:
    """Colours of the filled shapes of the page that are large enough to lie below a word."""

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    rgba = (ctypes.c_uint * 4)()
    places = parts(rgba)
    known: set[tuple[int, ...]] = set()
    for shown in objects.shapes:
        call("FPDFPath_GetDrawMode")(shown.handle, ctypes.byref(fill), ctypes.byref(stroke))
        if fill.value and call("FPDFPageObj_GetFillColor")(shown.handle, *places) and tuple(rgba) not in known:
            left, bottom, right, top = bounds(shown)
            if min(right - left, top - bottom) > _SMALLEST:
                known.add(tuple(rgba))
                yield tuple(rgba)


def _below(objects: Objects, known: set[Shown]) -> list[Shown]:
    """Text over which a picture or a filled shape is drawn later."""

    first = objects.texts[0].order
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    above = [picture for picture in objects.pictures if picture.order > first]
    for shape in objects.shapes:
        if shape.order > first:
            call("FPDFPath_GetDrawMode")(shape.handle, ctypes.byref(fill), ctypes.byref(stroke))
            if fill.value:
                above.append(shape)
    covers = [(shown.order, box) for shown in above if _smaller_side(box := bounds(shown)) > _SMALLEST]
    if not covers or len(covers) * len(objects.texts) > _MOST_PAIRS:
        return []
    last = max(order for order, _ in covers)
    return [
        text
        for text in objects.texts
        if text.order < last and text not in known and _is_covered(text.order, bounds(text), covers)
    ]


def _smaller_side(box: Box) -> float:
    return min(box[2] - box[0], box[3] - box[1])


def _is_covered(order: int, box: Box, covers: Sequence[tuple[int, Box]]) -> bool:
    left, bottom, right, top = box
    width, height = max(0.01, right - left), max(0.01, top - bottom)
    for later, (x0, y0, x1, y1) in covers:
        across, down = min(left + width, x1) - max(left, x0), min(bottom + height, y1) - max(bottom, y0)
        if later > order and across > 0 and down > 0 and across * down > _COVERED * width * height:
            return True
    return False
