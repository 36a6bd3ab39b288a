"""Ruled lines of a PDF page, read from PDFium's path objects, and the tables that they form.

The tables are found by pdfplumber's functions; only its own parsing of the page, which takes 60 to 80 ms, is not used.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

from assistant.ingest.formats.pdf_calls import call
from assistant.ingest.formats.pdf_chars import Place

if TYPE_CHECKING:
    import pypdfium2

_Matrix = tuple[float, float, float, float, float, float]

_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
#: Forms inside forms are followed so deep.
_DEPTH = 4
#: Shorter edges (points) rule nothing.
_SHORTEST = 1.0
#: A drawing with more crossings to try than this is no table.
_MOST_PAIRS, _MOST_CELLS = 1_000_000, 4_000
_TOLERANCE = 3


#: A level or upright rule as pdfplumber describes edges. "linewidth" of a level one: how high the whole shape is that
#: it belongs to, so that a thin line can be told from the side of a box.
Edge = dict[str, Any]


def ruled_tables(edges: Sequence[Edge]) -> list[Any]:
    """pdfplumber's tables: `.bbox`, `.cells` and `.rows`, in points from the top left corner."""
    upright = sum(edge["orientation"] == "v" for edge in edges)
    if upright < 2 or len(edges) - upright < 2:
        return []
    from pdfplumber import table
    from pdfplumber.utils import filter_edges

    merged = filter_edges(table.merge_edges(list(edges), *[_TOLERANCE] * 4), min_length=_TOLERANCE)
    upright = sum(edge["orientation"] == "v" for edge in merged)
    if upright * (len(merged) - upright) > _MOST_PAIRS:
        return []
    crossings = table.edges_to_intersections(merged, _TOLERANCE, _TOLERANCE)
    if len(crossings) > _MOST_CELLS:
        return []
    cells = table.intersections_to_cells(crossings)
    page: Any = None  # the tables' own page is for what they draw, which is not asked for
    return [table.Table(page, group) for group in table.cells_to_tables(cells)]


def rules(page: pypdfium2.PdfPage, place: Place) -> list[Edge]:
    """Level and upright strokes and sides of shapes of a page."""
    return list(_edges(page, place))


def _edges(page: pypdfium2.PdfPage, place: Place) -> Iterator[Edge]:
    """Level and upright strokes and sides of shapes, as pdfplumber describes edges."""
    for path, matrix, thick in _paths(page):
        parts, is_curved = _strokes(path, matrix)
        sided = [[place(ax, ay, bx, by) for (ax, ay), (bx, by) in pairwise(points)] for points in parts]
        for sides in [list(chain.from_iterable(sided))] if is_curved else sided:
            height = max((side[3] for side in sides), default=0.0) - min((side[1] for side in sides), default=0.0)
            for x0, top, x1, bottom in sides:
                if bottom - top < 0.5 and x1 - x0 >= _SHORTEST:
                    yield edge("h", x0, (top + bottom) / 2, x1, (top + bottom) / 2, height + thick)
                elif x1 - x0 < 0.5 and bottom - top >= _SHORTEST:
                    yield edge("v", (x0 + x1) / 2, top, (x0 + x1) / 2, bottom)


def edge(orientation: str, x0: float, top: float, x1: float, bottom: float, thick: float = 0.0) -> Edge:
    """Describe a rule as pdfplumber does."""
    return {
        "object_type": "line", "orientation": orientation, "x0": x0, "top": top, "x1": x1, "bottom": bottom,
        "width": x1 - x0, "height": bottom - top, "doctop": top, "y0": -bottom, "y1": -top,
        "linewidth": thick,
    }  # fmt: skip


def _paths(page: pypdfium2.PdfPage) -> Iterator[tuple[Any, _Matrix, float]]:
    """Visible paths with their matrices to the page's user space and how thick they are drawn, also inside forms."""
    import pypdfium2.raw as raw

    object_of, kind_of = call("FPDFPage_GetObject"), call("FPDFPageObj_GetType")
    wanted = (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM)
    objects = [object_of(page.raw, at) for at in range(raw.FPDFPage_CountObjects(page))]
    waiting = [(each, _IDENTITY, 0) for each in objects if kind_of(each) in wanted]
    if not waiting:
        return
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    given = raw.FS_MATRIX()
    for shape, outer, depth in waiting:
        raw.FPDFPageObj_GetMatrix(shape, given)
        matrix = _within(outer, (given.a, given.b, given.c, given.d, given.e, given.f))
        if kind_of(shape) == raw.FPDF_PAGEOBJ_FORM:
            if depth < _DEPTH:
                count = raw.FPDFFormObj_CountObjects(shape)
                inside = [raw.FPDFFormObj_GetObject(shape, at) for at in range(count)]
                waiting += [(each, matrix, depth + 1) for each in inside if kind_of(each) in wanted]
            continue
        if raw.FPDFPath_GetDrawMode(shape, fill, stroke) and (fill.value or stroke.value):
            thick = ctypes.c_float()
            if stroke.value:
                raw.FPDFPageObj_GetStrokeWidth(shape, thick)
            yield shape, matrix, thick.value * math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))


def _strokes(path: Any, matrix: _Matrix) -> tuple[list[list[tuple[float, float]]], bool]:
    """Straight parts of a path, each as its points in the page's user space; and whether it has curves too."""
    import pypdfium2.raw as raw

    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = matrix
    parts: list[list[tuple[float, float]]] = []
    points: list[tuple[float, float]] = []
    is_curved = False
    for at in range(min(raw.FPDFPath_CountSegments(path), 5000)):
        segment = raw.FPDFPath_GetPathSegment(path, at)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_LINETO:
            points.append(point)
        else:  # a new part, or a curve
            parts.append(points)
            points = [point]
            is_curved = is_curved or kind == raw.FPDF_SEGMENT_BEZIERTO
        if raw.FPDFPathSegment_GetClose(segment) and points:
            points.append(points[0])
    parts.append(points)
    return [part for part in parts if len(part) > 1], is_curved


def _within(outer: _Matrix, inner: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc, a * ob + b * od, c * oa + d * oc, c * ob + d * od, e * oa + f * oc + oe, e * ob + f * od + of,
    )  # fmt: skip
