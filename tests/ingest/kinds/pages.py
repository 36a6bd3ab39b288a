"""PDF pages."""

# ruff: noqa: E501 - the table of files reads better with a line for each

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFString
from reportlab.pdfgen.canvas import Canvas

from assistant.ingest.formats import read
from assistant.schema import Draft
from tests.ingest.kinds import Case

_Page = Callable[[Canvas], None]


def _pdf(*draw: _Page) -> Callable[[Path], Draft]:
    def make(folder: Path) -> Draft:
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=A4)
        for page in draw:
            canvas.setFont("Helvetica", 11)
            page(canvas)
            canvas.showPage()
        canvas.save()
        (folder / "a.pdf").write_bytes(buffer.getvalue())
        return read(folder / "a.pdf")

    return make


def _spelt(canvas: Canvas, x: float, y: float, *parts: tuple[str, float, float]) -> None:
    for text, size, rise in parts:
        canvas.setFont("Helvetica", size)
        canvas.drawString(x, y + rise, text)
        x += pdfmetrics.stringWidth(text, "Helvetica", size)


def _struck(thickness: float = 0.7, as_box: bool = False) -> _Page:
    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The daily fee is 71 won 93 won from May.")
        x = 72 + pdfmetrics.stringWidth("The daily fee is ", "Helvetica", 11)
        width = pdfmetrics.stringWidth("71 won", "Helvetica", 11)
        canvas.setLineWidth(thickness)
        if as_box:
            canvas.rect(x, 703.4, width, 0.7, stroke=0, fill=1)
        else:
            canvas.line(x, 703.7, x + width, 703.7)

    return page


def _banded(canvas: Canvas) -> None:
    """A table without lines: every other row lies on a band of colour, and some cells are empty."""
    rows = [["Part", "Place", "Planned", "Found"], ["M6", "A-12", "450", ""], ["", "B-07", "", "289"],
            ["M8", "", "780", "778"], ["", "C-15", "90", ""], ["M9", "D-02", "", "61"]]  # fmt: skip
    for number, row in enumerate(rows):
        if number % 2 == 0:
            canvas.setFillColor(colors.HexColor("#e8f0f8"))
            canvas.rect(72, 694 - 20 * number, 380, 20, stroke=0, fill=1)
        canvas.setFillColor(colors.black)
        for column, text in enumerate(row):
            canvas.drawString(76 + 90 * column, 700 - 20 * number, text)


def _gapped(canvas: Canvas) -> None:
    """A table whose halves stand apart: rows, and no two columns of prose."""
    rows = [("1", "Line-1", "12/20-12/25", "Coil feeder", "7:00 PM", "daily", "$250", "$3,000"),
            ("2", "Line-2", "12/20-12/31", "Slitting head", "4:30 PM", "daily", "$150", "$3,600")]  # fmt: skip
    canvas.setFont("Helvetica", 8)
    for number in range(8):
        for x, text in zip((40, 75, 125, 190, 320, 375, 430, 480), rows[number % 2], strict=True):
            canvas.drawString(x, 700 - 18 * number, text)


def _annotated(subtype: str, apart: bool = False) -> _Page:
    """A strike-out that is a mark of a reviewer, and a note that hangs beside the text."""

    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The daily fee is 71 won 93 won from May.")
        x = 72 + pdfmetrics.stringWidth("The daily fee is ", "Helvetica", 11)
        right = x + pdfmetrics.stringWidth("71 won", "Helvetica", 11)
        mark = PDFDictionary({"Type": PDFName("Annot"), "Subtype": PDFName(subtype)})
        mark.dict["Rect"] = PDFArray([x, 697, right, 710])
        if subtype == "StrikeOut":
            mark.dict["QuadPoints"] = PDFArray([x, 710, right, 710, x, 697, right, 697])
        if apart:
            mark.dict["Rect"] = PDFArray([72, 600, 300, 640])
        mark.dict["Contents"] = PDFString("remark 55")
        canvas._addAnnotation(mark)

    return page


def _white(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Rent is 65 won.")
    canvas.setFillColor(colors.white)
    canvas.drawString(72, 680, "Rent is 71 won.")


def _nearly_white(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Rent is 65 won.")
    canvas.setFillColorRGB(0.992, 0.992, 0.992)
    canvas.drawString(72, 680, "Rent is 71 won.")


def _covered(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Rent is 65 won.")
    canvas.drawString(72, 680, "Rent is 71 won.")
    canvas.setFillColor(colors.white)
    canvas.rect(60, 672, 200, 22, stroke=0, fill=1)


def _blackened(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Rent is 65 won.")
    canvas.drawString(72, 680, "Rent is 71 won.")
    canvas.rect(60, 672, 200, 22, stroke=0, fill=1)


def _outside(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Rent is 65 won.")
    canvas.drawString(72, 900, "Rent is 71 won.")
    canvas.drawString(-300, 680, "Rent is 72 won.")


def _tiny(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Rent is 65 won.")
    canvas.setFont("Helvetica", 0.8)
    canvas.drawString(72, 680, "Rent is 71 won.")


def _invisible(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Rent is 65 won.")
    text = canvas.beginText(72, 680)
    text.setTextRenderMode(3)
    text.textLine("Rent is 71 won.")
    canvas.drawText(text)


def _transparent(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Rent is 65 won.")
    canvas.setFillAlpha(0.0)
    canvas.drawString(72, 680, "Rent is 71 won.")


def _clipped(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Rent is 65 won.")
    path = canvas.beginPath()
    path.rect(10, 10, 20, 20)
    canvas.clipPath(path, stroke=0, fill=0)
    canvas.drawString(72, 680, "Rent is 71 won.")


def _layer(folder: Path) -> Draft:
    """An optional content group that is switched off, written by hand: no library here makes one."""
    content = (
        b"BT /F 11 Tf 72 700 Td (Rent is 65 won.) Tj ET /OC /L BDC BT /F 11 Tf 72 680 Td (Rent is 71 won.) Tj ET EMC"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]/Order[6 0 R]>>>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F 4 0 R>>"
        b"/Properties<</L 6 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/OCG/Name(Draft)>>",
    ]
    found, places = b"%PDF-1.6\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(found))
        found += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    found += table + b"trailer<</Root 1 0 R/Size 7>>\nstartxref\n%d\n%%%%EOF" % (len(found))
    (folder / "a.pdf").write_bytes(found)
    return read(folder / "a.pdf")


def _form(canvas: Canvas) -> None:
    canvas.drawString(72, 700, "Machine")
    canvas.acroForm.textfield(name="m", value="LATHE QX-4", x=180, y=694, width=150, height=20)
    canvas.drawString(72, 660, "Agreed")
    canvas.acroForm.checkbox(name="c", checked=True, x=180, y=656)
    canvas.drawString(72, 620, "Region")
    canvas.acroForm.choice(name="r", value="Busan", options=["Seoul", "Busan"], x=180, y=614, width=100, height=20)


def _columns(canvas: Canvas) -> None:
    left = [f"left line {at} of the first column runs on" for at in range(1, 13)]
    right = [f"right line {at} of the second column too" for at in range(1, 13)]
    for at, (one, two) in enumerate(zip(left, right, strict=True)):
        canvas.drawString(60, 700 - 15 * at, one)
        canvas.drawString(320, 700 - 15 * at, two)


def _table(sides: bool, uprights: bool) -> _Page:
    def page(canvas: Canvas) -> None:
        cells = [["Class", "State", "Own"], ["Small", "45%", "40%"], ["Large", "25%", "60%"]]
        xs, top = [72, 180, 260, 340], 700
        for at in range(len(cells) + 1):
            canvas.line(xs[0], top - 22 * at, xs[-1], top - 22 * at)
        for at, x in enumerate(xs):
            if (uprights and 0 < at < len(xs) - 1) or (sides and at in (0, len(xs) - 1)):
                canvas.line(x, top, x, top - 22 * len(cells))
        for row, line in enumerate(cells):
            for column, text in enumerate(line):
                canvas.drawString(xs[column] + 6, top - 22 * row - 15, text)

    return page


def _card(code: str, cause: str, number: int) -> _Page:
    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 800, code)
        canvas.drawString(72, 700, cause)
        canvas.drawString(72, 40, "WARNING: wait five minutes before opening.")
        canvas.drawString(290, 20, f"- {number} -")

    return page


def _document(number: int) -> _Page:
    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 810, "Doc. QP-17 Rev. 3 (2026-02-01)")
        canvas.drawString(72, 700, f"Step {number} is done by hand and takes the time that it takes on that day.")
        canvas.drawString(72, 30, f"Page {number} of 3")

    return page


def _over_pages() -> list[_Page]:
    def first(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "An opening sentence stands on the first page and nothing else.")

    def second(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The limit of page two is 44 won.")

    return [first, second]


def _case(
    kind: str, name: str, make: Callable[[Path], Draft], *shown: str, unseen: tuple[str, ...] = (), **more: object
) -> Case:
    return Case(kind, "PDF", name, make, shown, unseen, **more)  # type: ignore[arg-type]


_SECOND = ("71 won",)
CASES = [
    _case("withdrawn", "line", _pdf(_struck()), "93 won", unseen=_SECOND),
    _case("withdrawn", "thick line", _pdf(_struck(1.4)), "93 won", unseen=_SECOND),
    _case("withdrawn", "box", _pdf(_struck(as_box=True)), "93 won", unseen=_SECOND),
    _case("withdrawn", "mark of a reviewer", _pdf(_annotated("StrikeOut")), "93 won", unseen=(*_SECOND, "remark 55")),
    _case("raised", "footnote", _pdf(lambda c: _spelt(c, 72, 700, ("Limit 50", 11, 0), ("1)", 7, 4), (" million", 11, 0))),
          "50¹⁾ million"),
    _case("raised", "power", _pdf(lambda c: _spelt(c, 72, 700, ("About 10", 11, 0), ("6", 7, 4), (" Pa", 11, 0))), "10⁶ Pa"),
    _case("raised", "index", _pdf(lambda c: _spelt(c, 72, 700, ("Gas CO", 11, 0), ("2", 7, -2), (" here", 11, 0))), "CO₂"),
    _case("raised", "chained", _pdf(lambda c: _spelt(c, 72, 700, ("Limit 50", 11, 0), ("1),2)", 7, 4), (" million", 11, 0))),
          "50¹⁾", "million", unseen=("501",)),
    _case("values", "text, tick, choice", _pdf(_form), "Machine", "LATHE QX-4", "Agreed", "Region", "Busan"),
    _case("values", "note of a reader", _pdf(_annotated("Text")), "71 won 93 won"),
    _case("layout", "two columns", _pdf(_columns), "left line 12", "right line 1"),
    _case("layout", "open sides", _pdf(_table(False, True)), "Class | State | Own", "Small | 45% | 40%"),
    _case("layout", "level lines only", _pdf(_table(False, False)), "Class | State | Own", "Large | 25% | 60%"),
    _case("layout", "bands of colour", _pdf(_banded), "Part | Place | Planned | Found", "| B-07 | | 289", "M8 | | 780 | 778"),
    _case("layout", "table with a gap in its middle", _pdf(_gapped), "Coil feeder 7:00 PM daily $250 $3,000", "Slitting head 4:30 PM daily $150"),
    _case("layout", "full grid", _pdf(_table(True, True)), "Class | State | Own", "Large | 25% | 60%"),
    _case("running", "codes at page tops", _pdf(*(_card(f"TQ010{n}", f"The cause of it is number {n}.", n) for n in (1, 2, 3))),
          "WARNING: wait five minutes", unseen=("- 2 -",)),
    _case("running", "each code before its cause", _pdf(*(_card(f"TQ010{n}", f"The cause of it is number {n}.", n) for n in (1, 2))),
          "TQ0101", "number 1", "TQ0102", "number 2"),
    _case("running", "number and revision", _pdf(*(_document(n) for n in (1, 2, 3))), "QP-17 Rev. 3 (2026-02-01)",
          unseen=("Page 2 of 3",)),
    *(_case("unseen", name, _pdf(draw), "65 won", unseen=("71 won", "72 won")) for name, draw in (
        ("white", _white), ("nearly white", _nearly_white), ("covered", _covered), ("blackened", _blackened),
        ("outside", _outside), ("tiny", _tiny), ("invisible", _invisible), ("transparent", _transparent),
        ("clipped", _clipped))),
    _case("unseen", "layer that is off", _layer, "65 won", unseen=_SECOND),
    _case("page", "second page", _pdf(*_over_pages()), "44 won", page=2),
]  # fmt: skip
