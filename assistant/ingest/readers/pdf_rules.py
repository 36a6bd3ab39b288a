"""Ruled lines of a PDF page, read from PDFium's path objects, and the tables that they form.

The tables are found by pdfplumber's functions; only its own parsing of the page, which takes 60 to 80 ms, is not used.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from assistant.ingest.readers.pdf_calls import address, call
from assistant.ingest.readers.pdf_chars import Place

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


def ruled_tables(page: pypdfium2.PdfPage, place: Place) -> list[Any]:
    """pdfplumber's tables of the page: `.bbox`, `.cells` and `.rows`, in points from the top left corner."""
    edges = list(_edges(page, place))
    upright = sum(edge["orientation"] == "v" for edge in edges)
    if upright < 2 or len(edges) - upright < 2:
        return []
    from pdfplumber import table
    from pdfplumber.utils import filter_edges

    merged = filter_edges(table.merge_edges(edges, *[_TOLERANCE] * 4), min_length=_TOLERANCE)
    upright = sum(edge["orientation"] == "v" for edge in merged)
    if upright * (len(merged) - upright) > _MOST_PAIRS:
        return []
    crossings = table.edges_to_intersections(merged, _TOLERANCE, _TOLERANCE)
    if len(crossings) > _MOST_CELLS:
        return []
    cells = table.intersections_to_cells(crossings)
    return [table.Table(page, group) for group in table.cells_to_tables(cells)]


def _edges(page: pypdfium2.PdfPage, place: Place) -> Iterator[dict[str, Any]]:
    """Level and upright strokes and sides of shapes, as pdfplumber describes edges."""
    for path, matrix in _paths(page):
        for (ax, ay), (bx, by) in _strokes(path, matrix):
            x0, top, x1, bottom = place(ax, ay, bx, by)
            if bottom - top < 0.5 and x1 - x0 >= _SHORTEST:
                yield _edge("h", x0, (top + bottom) / 2, x1, (top + bottom) / 2)
            elif x1 - x0 < 0.5 and bottom - top >= _SHORTEST:
                yield _edge("v", (x0 + x1) / 2, top, (x0 + x1) / 2, bottom)


def _edge(orientation: str, x0: float, top: float, x1: float, bottom: float) -> dict[str, Any]:
    return {
        "object_type": "line", "orientation": orientation, "x0": x0, "top": top, "x1": x1, "bottom": bottom,
        "width": x1 - x0, "height": bottom - top, "doctop": top, "y0": -bottom, "y1": -top,
    }  # fmt: skip


def _paths(page: pypdfium2.PdfPage) -> Iterator[tuple[Any, _Matrix]]:
    """Visible paths with their matrices to the page's user space, also those inside forms."""
    import pypdfium2.raw as raw

    handle, object_of, kind_of = address(page.raw), call("FPDFPage_GetObject"), call("FPDFPageObj_GetType")
    wanted = (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM)
    objects = [object_of(handle, at) for at in range(raw.FPDFPage_CountObjects(page))]
    waiting = [(each, _IDENTITY, 0) for each in objects if kind_of(each) in wanted]
    if not waiting:
        return
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    given = raw.FS_MATRIX()
    for place, outer, depth in waiting:
        shape = ctypes.cast(place, raw.FPDF_PAGEOBJECT)
        raw.FPDFPageObj_GetMatrix(shape, given)
        matrix = _within(outer, (given.a, given.b, given.c, given.d, given.e, given.f))
        if kind_of(place) == raw.FPDF_PAGEOBJ_FORM:
            if depth < _DEPTH:
                count = raw.FPDFFormObj_CountObjects(shape)
                inside = [call("FPDFFormObj_GetObject")(place, at) for at in range(count)]
                waiting += [(each, matrix, depth + 1) for each in inside if kind_of(each) in wanted]
            continue
        if raw.FPDFPath_GetDrawMode(shape, fill, stroke) and (fill.value or stroke.value):
            yield shape, matrix


def _strokes(path: Any, matrix: _Matrix) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Straight parts of a path, from point to point in the page's user space."""
    import pypdfium2.raw as raw

    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = matrix
    points: list[tuple[float, float]] = []
    for at in range(min(raw.FPDFPath_CountSegments(path), 5000)):
        segment = raw.FPDFPath_GetPathSegment(path, at)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_LINETO:
            points.append(point)
        else:  # a new part, or a curve
            yield from pairwise(points)
            points = [point]
        if raw.FPDFPathSegment_GetClose(segment) and points:
            points.append(points[0])
    yield from pairwise(points)


def _within(outer: _Matrix, inner: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc, a * ob + b * od, c * oa + d * oc, c * ob + d * od, e * oa + f * oc + oe, e * ob + f * od + of,
    )  # fmt: skip
