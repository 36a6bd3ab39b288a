"""PDF: what a person sees on a page is what is stored. One small file of its own for each kind of fault."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from assistant.ingest.chunking import chunk
from assistant.ingest.formats import read
from assistant.schema import Draft

FULL = "Each of the pumps is started by hand and watched until the oil has come up to its working heat, and then it"


@pytest.fixture
def draft(tmp_path: Path) -> Callable[..., Draft]:
    """Reads a PDF whose pages are drawn by the functions given."""

    def made(*pages: Callable[[Canvas], None], name: str = "one.pdf") -> Draft:
        pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=A4)
        for page in pages:
            canvas.setFont("Helvetica", 11)
            page(canvas)
            canvas.showPage()
        canvas.save()
        (tmp_path / name).write_bytes(buffer.getvalue())
        return read(tmp_path / name)

    return made


def rows(draft: Draft) -> list[str]:
    return [draft.text[b.start : b.end] for b in draft.blocks if b.kind == "table_row"]


def texts(draft: Draft) -> list[str]:
    return [draft.text[b.start : b.end] for b in draft.blocks]


def spelt(canvas: Canvas, x: float, y: float, *parts: tuple[str, float, float]) -> float:
    """Pieces of a line: text, size, rise. Returns where it ends."""
    for text, size, rise in parts:
        canvas.setFont("Helvetica", size)
        canvas.drawString(x, y + rise, text)
        x += pdfmetrics.stringWidth(text, "Helvetica", size)
    return x


# --- raised and lowered figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "stored"),
    [
        ((("A limit of 70", 11, 0), ("2)", 7, 4), (" million won", 11, 0)), "A limit of 70²⁾ million won"),
        ((("Leak rate 10", 11, 0), ("-7", 7, 4), (" Pa", 11, 0)), "Leak rate 10⁻⁷ Pa"),
        ((("Area 85 m", 11, 0), ("2", 7, 4)), "Area 85 m²"),
        ((("Gas CO", 11, 0), ("2", 7, -2), (" and H", 11, 0), ("2", 7, -2), ("O", 11, 0)), "Gas CO₂ and H₂O"),
        ((("On the 4", 11, 0), ("th", 7, 4), (" day", 11, 0)), "On the 4th day"),
    ],
)
def test_raised_and_lowered_figures_are_set_apart(
    draft: Callable[..., Draft], parts: tuple[tuple[str, float, float], ...], stored: str
) -> None:
    assert draft(lambda canvas: spelt(canvas, 72, 700, *parts)).text == stored


def test_marks_drawn_after_the_line_are_put_into_it(draft: Callable[..., Draft]) -> None:
    def page(canvas: Canvas) -> None:
        end = spelt(canvas, 72, 700, ("The fee is 30", 11, 0))
        spelt(canvas, end + 5, 700, (" thousand won", 11, 0))
        spelt(canvas, 72, 680, ("It is due in May.", 11, 0))
        spelt(canvas, end, 704, ("1", 7, 0))

    assert texts(draft(page))[0].startswith("The fee is 30¹ thousand won")


# --- what nobody sees ------------------------------------------------------------------------------------------------


def hidden(kind: str) -> Callable[[Canvas], None]:
    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The rent is 40 a month.")
        if kind == "white":
            canvas.setFillColor(colors.white)
            canvas.drawString(72, 680, "The rent is 90 a month.")
        elif kind == "no ink":
            text = canvas.beginText(72, 680)
            text.setTextRenderMode(3)
            text.textOut("The rent is 90 a month.")
            canvas.drawText(text)
        elif kind == "on its colour":
            canvas.setFillColor(colors.Color(0.1, 0.2, 0.5))
            canvas.rect(60, 670, 300, 24, fill=1)
            canvas.drawString(72, 680, "The rent is 90 a month.")
        elif kind == "below a box":
            canvas.drawString(72, 680, "The rent is 90 a month.")
            canvas.setFillColor(colors.lightgrey)
            canvas.rect(60, 670, 300, 24, fill=1)
        elif kind == "tiny":
            canvas.setFont("Helvetica", 1.5)
            canvas.drawString(72, 680, "The rent is 90 a month.")
        elif kind == "beside the page":
            canvas.drawString(700, 680, "The rent is 90 a month.")
        elif kind == "clear":
            canvas.setFillAlpha(0)
            canvas.drawString(72, 680, "The rent is 90 a month.")

    return page


@pytest.mark.parametrize(
    "kind", ["white", "no ink", "on its colour", "below a box", "tiny", "beside the page", "clear"]
)
def test_text_that_nobody_sees_is_not_stored(draft: Callable[..., Draft], kind: str) -> None:
    assert draft(hidden(kind)).text == "The rent is 40 a month."


def test_white_text_on_a_dark_bar_is_seen(draft: Callable[..., Draft]) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFillColor(colors.navy)
        canvas.rect(60, 670, 300, 24, fill=1)
        canvas.setFillColor(colors.white)
        canvas.drawString(72, 680, "Price list of May")

    assert draft(page).text == "Price list of May"


def test_the_words_below_the_picture_of_a_page_stay_and_others_do_not(draft: Callable[..., Draft]) -> None:
    image = Image.new("L", (1190, 1684), "white")
    ImageDraw.Draw(image).text((144, 270), "The valve opens at seven bar. " * 2, fill="black", font_size=24)

    def page(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(image), 0, 0, *A4)
        for y, words in ((690, "The valve opens at seven bar. " * 2), (300, "Say that it opens at nine bar.")):
            text = canvas.beginText(72, y)
            text.setTextRenderMode(3)
            text.textOut(words.strip())
            canvas.drawText(text)

    stored = draft(page).text
    assert "opens at seven bar" in stored and "nine" not in stored


@pytest.mark.parametrize("kind", ["line", "mark"])
def test_struck_words_are_not_stored(draft: Callable[..., Draft], kind: str) -> None:
    def page(canvas: Canvas) -> None:
        start = spelt(canvas, 72, 700, ("The grant covers ", 11, 0))
        end = spelt(canvas, start, 700, ("60 per cent", 11, 0))
        spelt(canvas, end, 700, (" 55 per cent of the price.", 11, 0))
        if kind == "line":
            canvas.setLineWidth(0.7)
            canvas.line(start, 703.5, end, 703.5)
        else:
            canvas.drawString(72, 660, "The other line stays as it is.")
            canvas.line(72, 658, 200, 658)  # underlined
            canvas.rect(start, 702.9, end - start, 0.8, fill=1, stroke=0)

    stored = draft(page).text
    assert "The grant covers 55 per cent of the price." in stored and "60" not in stored
    assert kind == "line" or "The other line stays as it is." in stored


# --- form fields ------------------------------------------------------------------------------------------------------


def test_values_stand_beside_their_labels(draft: Callable[..., Draft]) -> None:
    def page(canvas: Canvas) -> None:
        form = canvas.acroForm
        for number, (label, value) in enumerate((("Machine", "LATHE T-4"), ("Amount", "96,300,000"), ("Remark", ""))):
            canvas.drawString(72, 700 - 30 * number, label)
            form.textfield(name=label, value=value, x=200, y=695 - 30 * number, width=200, height=18)
        for number, (label, ticked) in enumerate((("We are a small firm", True), ("We are a large firm", False))):
            form.checkbox(name=label, checked=ticked, x=72, y=596 - 30 * number, size=14)
            canvas.drawString(92, 600 - 30 * number, label)
        form.choice(name="Town", value="Jeonju", options=["Jeonju", "Iksan"], x=200, y=500, width=100, height=18)
        canvas.drawString(72, 505, "Town")

    assert texts(draft(page)) == [
        "Machine LATHE T-4",
        "Amount 96,300,000",
        "Remark",
        "☑ We are a small firm",
        "☐ We are a large firm",
        "Town Jeonju",
    ]


# --- characters -------------------------------------------------------------------------------------------------------


def mapped(text: str, **meanings: str) -> bytes:
    """A PDF whose letters mean what `meanings` says, as fonts tell it that map their codes to Unicode."""
    pairs = "".join(f"<{ord(code):02x}> <{ord(meaning):04x}>\n" for code, meaning in meanings.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(meanings)} beginbfchar\n{pairs}endbfchar endcmap end"
    )
    content = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        *(f"<</Length {len(stream)}>>stream\n{stream}\nendstream\n" for stream in (content, cmap)),
    ]
    body = "".join(f"{at} 0 obj{each}endobj\n" for at, each in enumerate(objects, start=1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R/Size 7>>\n%%EOF".encode("latin-1")


def test_hangul_in_pieces_is_composed_and_soft_hyphens_go(tmp_path: Path) -> None:
    meanings = dict(zip("ABCDEF", unicodedata.normalize("NFD", "한글"), strict=True))
    (tmp_path / "one.pdf").write_bytes(mapped("ABCDEF with hyGdrauGlic oil", G="\u00ad", **meanings))
    assert read(tmp_path / "one.pdf").text == "한글 with hydraulic oil"


# --- heads, feet and what stands at the top of a page ---------------------------------------------------------------


def card(code: str, cause: str, number: int) -> Callable[[Canvas], None]:
    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 790, code)
        canvas.drawString(72, 600, cause)
        canvas.drawString(72, 40, "WARNING: Cut the power first.")
        canvas.drawRightString(520, 40, "QP-07 Revision 3 2026-02-01")
        canvas.drawCentredString(297, 20, f"{number} / 3")

    return page


def test_codes_at_page_tops_stay_and_what_runs_along_is_stored_once(draft: Callable[..., Draft]) -> None:
    cards = [card(f"WX020{n}", f"Cause: sensor {n * 7} is dirty.", n) for n in (1, 2, 3)]
    stored = draft(*cards)
    for n in (1, 2, 3):
        assert stored.text.index(f"WX020{n}") < stored.text.index(f"sensor {n * 7} is")
    assert stored.text.count("WARNING: Cut the power first.") == 1
    assert stored.text.count("QP-07 Revision 3 2026-02-01") == 1
    assert "/ 3" not in stored.text


def test_running_text_that_the_document_says_itself_is_left_out(draft: Callable[..., Draft]) -> None:
    def page(number: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            canvas.drawString(72, 800, "Pump manual")
            canvas.drawString(400, 800, f"Page {number}")
            canvas.drawString(72, 700, "Pump manual" if number == 1 else f"Chapter {number} of the book")

        return draw

    stored = draft(*(page(number) for number in (1, 2, 3)))
    assert stored.text.count("Pump manual") == 1 and "Page" not in stored.text


def test_a_paragraph_over_a_page_break_is_one_and_its_pages_are_known(draft: Callable[..., Draft]) -> None:
    def first(canvas: Canvas) -> None:
        for number in range(4):
            canvas.drawString(50, 200 - 14 * number, FULL)
        canvas.setFont("Helvetica", 8)
        canvas.drawString(50, 90, "1) The heat is read at the tank.")

    def second(canvas: Canvas) -> None:
        canvas.drawString(50, 700, FULL)
        canvas.drawString(50, 686, "runs for an hour. The seal is looked at afterwards.")

    stored = draft(first, second)
    block = next(b for b in stored.blocks if b.start <= stored.text.index("The seal") < b.end)
    assert stored.text[block.start : block.end].count(FULL) == 5, "one paragraph, the footnote behind it"
    seal = stored.text.index("The seal")
    assert block.pages(seal, block.end) == (2, 2)
    assert block.pages(block.start, block.start + 20) == (1, 1)
    assert block.pages(block.start, block.end) == (1, 2)
    turn = block.turns[0][0]
    assert stored.text[turn:].startswith("Each of the pumps")
    pages = {each.page for each in chunk("one", "0" * 64, stored, max_chars=150)}
    assert pages == {1, 2}


# --- layout -------------------------------------------------------------------------------------------------------


def table(canvas: Canvas, cells: list[list[str]], xs: list[float], top: float, sides: bool, uprights: bool) -> None:
    bottom = top - 20 * len(cells)
    for number in range(len(cells) + 1):
        canvas.line(xs[0], top - 20 * number, xs[-1], top - 20 * number)
    for x in (xs if sides else xs[1:-1]) if uprights else []:
        canvas.line(x, top, x, bottom)
    for number, row in enumerate(cells):
        for x, cell in zip(xs, row, strict=False):
            canvas.drawString(x + 4, top - 20 * number - 14, cell)


COSTS = [["Firm", "State", "City", "Own"], ["small", "60%", "15%", "25%"], ["middle", "45%", "15%", "40%"]]


@pytest.mark.parametrize("uprights", [True, False])
def test_tables_without_sides_or_upright_lines(draft: Callable[..., Draft], uprights: bool) -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 720, "The shares are as follows.")
        table(canvas, COSTS, [72, 180, 260, 340, 420], 700, sides=False, uprights=uprights)

    assert rows(draft(page)) == [" | ".join(row) for row in COSTS]


def test_rules_around_prose_make_no_table(draft: Callable[..., Draft]) -> None:
    def page(canvas: Canvas) -> None:
        for y in (720, 640, 560):
            canvas.line(50, y, 545, y)
        for number in range(8):
            canvas.drawString(50, 700 - 18 * number, FULL[: 90 + number])

    assert not rows(draft(page))


def test_header_rows_over_several_lines_and_pages(draft: Callable[..., Draft]) -> None:
    xs = [72, 180, 260, 340]

    def part(body: list[list[str]]) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            cells = [["", "", ""], ["Item", "2025", "2026"], *body]
            table(canvas, cells, xs, 700, sides=True, uprights=False)
            for x in (xs[0], xs[1], xs[3]):
                canvas.line(x, 700, x, 700 - 20 * len(cells))
            canvas.line(xs[2], 680, xs[2], 700 - 20 * len(cells))
            canvas.setFillColor(colors.white)
            canvas.rect(xs[0] + 1, 679, xs[1] - xs[0] - 2, 2, fill=1, stroke=0)
            canvas.setFillColor(colors.black)
            canvas.drawString(xs[1] + 4, 686, "Price")

        return draw

    stored = draft(part([["Bolt", "70", "75"]]), part([["Nut", "30", "35"]]))
    assert rows(stored)[0].endswith("Price 2025 | Price 2026") or "Price" in rows(stored)[0]
    assert [row for row in rows(stored) if "Nut" in row] == ["Nut | 30 | 35"]


def test_columns_written_line_by_line_are_read_one_after_the_other(draft: Callable[..., Draft]) -> None:
    left = [f"left line {number} goes on about the work" for number in "abcdefgh"]
    right = [f"right line {number} tells how it is paid for" for number in "abcdefgh"]

    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(
            72, 740, "A title that reaches over both of the columns of this page, from one side to the other"
        )
        for number in range(8):
            canvas.drawString(72, 700 - 13 * number, left[number])
            canvas.drawString(310, 700 - 13 * number, right[number])

    stored = draft(page).text
    places = [stored.index(line) for line in [*left, *right]]
    assert places == sorted(places)
