"""The objects that a PDF page draws: where they stand, what clips them, and switching them off and on."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.ingest.formats.pdf_calls import call, parts
from assistant.ingest.formats.pdf_chars import Box

if TYPE_CHECKING:
    import pypdfium2

#: Text modes that draw nothing: invisible, and clip only.
NOT_DRAWN = (3, 7)
#: Forms inside forms are followed so deep.
_DEPTH = 4
#: Of the paths that clip an object, and of the points of each, so many are looked at.
_MOST_CLIPS, _MOST_POINTS = 6, 40
#: Less than this share of an object's height or width is left inside its clip: nobody reads it.
_LEFT = 0.3


@dataclass(slots=True, eq=False)
class Shown:
    """An object that is drawn: its handle, its place in the order of drawing, the matrices of the forms around it."""

    handle: Any
    order: int
    outer: tuple[Any, ...]


class Objects:
    """The objects of a page, those inside forms too."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        import pypdfium2.raw as raw

        self.texts: list[Shown] = []
        self.shapes: list[Shown] = []
        self.pictures: list[Shown] = []
        self._kinds = {raw.FPDF_PAGEOBJ_TEXT: self.texts, raw.FPDF_PAGEOBJ_PATH: self.shapes,
                       raw.FPDF_PAGEOBJ_IMAGE: self.pictures, raw.FPDF_PAGEOBJ_SHADING: self.shapes}  # fmt: skip
        self._form, self._count = raw.FPDF_PAGEOBJ_FORM, 0
        object_of, drawn = call("FPDFPage_GetObject"), page.raw
        self._add([object_of(drawn, at) for at in range(raw.FPDFPage_CountObjects(page))], (), 0)

    def _add(self, handles: Sequence[Any], outer: tuple[Any, ...], depth: int) -> None:
        import pypdfium2.raw as raw

        kind_of = call("FPDFPageObj_GetType")
        for handle in handles:
            kind = kind_of(handle)
            self._count += 1
            if (kept := self._kinds.get(kind)) is not None:
                kept.append(Shown(handle, self._count, outer))
            elif kind == self._form and depth < _DEPTH:
                matrix = raw.FS_MATRIX()
                raw.FPDFPageObj_GetMatrix(handle, matrix)
                inside = [raw.FPDFFormObj_GetObject(handle, at) for at in range(raw.FPDFFormObj_CountObjects(handle))]
                self._add(inside, (matrix, *outer), depth + 1)


def bounds(shown: Shown) -> Box:
    """Give left, bottom, right, top in the page's user space."""
    sides = (ctypes.c_float * 4)()
    call("FPDFPageObj_GetBounds")(shown.handle, *parts(sides))
    left, bottom, right, top = sides
    for m in shown.outer:
        corners = [(m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f) for x in (left, right) for y in (bottom, top)]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        bottom, top = min(y for _, y in corners), max(y for _, y in corners)
    return left, bottom, right, top


def switch(texts: Sequence[Shown], on: bool) -> None:
    """Draw texts from now on, or leave them out of the page."""
    set_active = call("FPDFPageObj_SetIsActive")
    for shown in texts:
        set_active(shown.handle, int(on))


def is_clipped_away(handle: Any, sides: Sequence[float]) -> bool:
    """Tell whether most of an object (`sides`: left, bottom, right, top) lies outside a path that clips it."""

    clip = call("FPDFPageObj_GetClipPath")(handle)
    points, x, y = call("FPDFClipPath_CountPathSegments"), ctypes.c_float(), ctypes.c_float()
    at_x, at_y = ctypes.byref(x), ctypes.byref(y)
    left, bottom, right, top = sides
    for path in range(min(call("FPDFClipPath_CountPaths")(clip), _MOST_CLIPS)):
        xs, ys = [], []
        for at in range(min(points(clip, path), _MOST_POINTS)):
            segment = call("FPDFClipPath_GetPathSegment")(clip, path, at)
            if segment and call("FPDFPathSegment_GetPoint")(segment, at_x, at_y):
                xs.append(x.value)
                ys.append(y.value)
        if not xs:
            continue
        across = min(right, max(xs)) - max(left, min(xs))
        down = min(top, max(ys)) - max(bottom, min(ys))
        if across < _LEFT * (right - left) or down < _LEFT * (top - bottom):
            return True
    return False
