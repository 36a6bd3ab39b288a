"""PDF: paragraphs rejoined, furniture out, tables as rows, a page on every block."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

from assistant.errors import ReadError
from assistant.ingest.formats import read
from assistant.schema import Draft

GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
PROSE = (
    "The accumulator keeps its pressure after the pump has been switched off, so that the drain valve has to be "
    "opened before any line is loosened. The pressure gauge then shows zero and the lock can be applied to the "
    "valve by the person who does the work."
)


def saved(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "manual.bin"
    path.write_bytes(content)
    return path


def manual() -> bytes:
    styles = getSampleStyleSheet()
    rows = [["Alarm", "Cause", "Remedy"]] + [[f"TA{n:04}", f"Cause {n}", f"Remedy {n}"] for n in range(60)]
    story = [
        Paragraph("Lathe manual", styles["Title"]),
        Paragraph("1. Safety", styles["Heading1"]),
        Paragraph(PROSE, styles["Normal"]),
        Paragraph("1.1 Steps", styles["Heading2"]),
        Paragraph("<b>WARNING:</b> Stored energy can kill.", styles["Normal"]),
        Paragraph("1. Switch the machine off.", styles["Normal"]),
        Paragraph("2. Apply the lock.", styles["Normal"]),
        PageBreak(),
        Paragraph("2. Alarms", styles["Heading1"]),
        Table(rows, colWidths=[80, 150, 150], repeatRows=1, style=GRID),
        Paragraph("The list ends here.", styles["Normal"]),
    ]

    def furniture(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.drawString(72, A4[1] - 36, "EXM lathe, revision A")
        canvas.drawCentredString(A4[0] / 2, 30, f"- {document.page} -")

    buffer = io.BytesIO()
    SimpleDocTemplate(buffer, pagesize=A4).build(story, onFirstPage=furniture, onLaterPages=furniture)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    return read(saved(tmp_path_factory.mktemp("pdf"), manual()))


def test_headings_prose_and_lists(draft: Draft) -> None:
    shown = [(b.kind, draft.text[b.start : b.end], b.page) for b in draft.blocks if b.kind != "table_row"]
    assert shown == [
        ("paragraph", "EXM lathe, revision A", 1),
        ("heading", "Lathe manual", 1),
        ("heading", "1. Safety", 1),
        ("paragraph", PROSE, 1),
        ("heading", "1.1 Steps", 1),
        ("quote", "WARNING: Stored energy can kill.", 1),
        ("list_item", "1. Switch the machine off.", 1),
        ("list_item", "2. Apply the lock.", 1),
        ("heading", "2. Alarms", 2),
        ("paragraph", "The list ends here.", 3),
    ]
    assert draft.blocks[6].heading_path[-1] == "1.1 Steps"
    assert draft.metadata["title"] == "Lathe manual" and draft.metadata["media_type"] == "application/pdf"


def test_running_heads_are_stored_once_and_page_numbers_not(draft: Draft) -> None:
    assert draft.text.count("revision A") == 1 and "- 2 -" not in draft.text


def test_a_table_over_pages_has_one_header_and_every_row_once(draft: Draft) -> None:
    rows = [block for block in draft.blocks if block.kind == "table_row"]
    texts = [draft.text[row.start : row.end] for row in rows]
    assert texts == ["Alarm | Cause | Remedy", *(f"TA{n:04} | Cause {n} | Remedy {n}" for n in range(60))]
    assert {row.table_header for row in rows[1:]} == {"Alarm | Cause | Remedy"}
    assert {row.page for row in rows} == {2, 3}
    assert draft.text.count("TA0007") == 1


def drawn(*pages: list[tuple[float, float, str]], font: str = "Helvetica", **options: object) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, **options)  # type: ignore[arg-type]
    for page in pages:
        canvas.setFont(font, 11)
        for x, y, text in page:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def lines(*texts: str) -> list[tuple[float, float, str]]:
    return [(72, 700 - 14 * number, text) for number, text in enumerate(texts)]


def test_hyphens_at_line_ends(tmp_path: Path) -> None:
    content = drawn(
        lines(
            "The configuration of the axis is read when the controller starts. The configu-",
            "ration is kept in a file and a real-time task reads it. When the task is a real-",
            "time task its period is fixed, and the configuration of the period cannot be moved.",
        )
    )
    text = read(saved(tmp_path, content)).text
    assert "The configuration is kept" in text and "is a real-time task its" in text


def test_a_gap_made_by_spacing_letters_is_a_space(tmp_path: Path) -> None:
    """As troff kerns: the last letter of a word and the first of the next are one text object, widely spaced."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    text = canvas.beginText(72, 700)
    text.setFont("Times-Roman", 10)
    text.textOut("It is not e")
    text.textOut("ve")
    text.setCharSpace(3.7)
    text.textOut("nf")
    text.setCharSpace(0)
    text.setTextOrigin(72 + 3.7 + pdfmetrics.stringWidth("It is not evenf", "Times-Roman", 10), 700)
    text.textOut("or a moment.")
    canvas.drawText(text)
    canvas.save()
    assert read(saved(tmp_path, buffer.getvalue())).text == "It is not even for a moment."


def test_bold_that_is_drawn_twice_counts_once(tmp_path: Path) -> None:
    line = "Rolling bells will tell all"
    content = drawn([(72, 700, line), (72.3, 700, line), (72, 680, "and all the rest of it.")])
    assert read(saved(tmp_path, content)).text.count("Rolling bells will tell all") == 1


def test_a_warning_is_never_part_of_the_step_before_it(tmp_path: Path) -> None:
    content = drawn(
        lines("4. Hang the lock on the valve and carry the key with you all the time", "Warning: oil can spray out.")
    )
    draft = read(saved(tmp_path, content))
    assert [block.kind for block in draft.blocks] == ["list_item", "quote"]


def test_list_items_whose_bullet_is_smaller_and_whose_lines_are_narrow_stay_whole(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    items = (
        ("Keep the valve of the feed line shut for as", "long as there is pressure left in any of the", "lines."),
        ("Open the drain when the gauge shows zero and", "write the time down in the book, which is kept", "for it."),
    )
    for number, part in enumerate(part for item in items for part in item):
        if number % 3 == 0:
            canvas.setFont("Symbol", 9.3)
            canvas.drawString(72, 700 - 14 * number, "•")
        canvas.setFont("Helvetica", 11)
        canvas.drawString(90, 700 - 14 * number, part)
    for number in range(4):
        canvas.drawString(
            72, 500 - 14 * number, "These lines are far wider than any of those of the list above them are now."
        )
    canvas.save()
    draft = read(saved(tmp_path, buffer.getvalue()))
    assert [draft.text[block.start : block.end] for block in draft.blocks][:2] == [
        f"• {' '.join(item)}" for item in items
    ]


def test_a_sign_whose_font_tells_no_meaning_opens_a_list_item(tmp_path: Path) -> None:
    words = b"(They answer for those who cannot pay and) Tj 0 -14 Td (do not know whom to ask.) Tj"
    content = b"BT /S 11 Tf 72 700 Td (\204) Tj /F 11 Tf 18 0 Td " + words + b" ET"
    box = b"600 0 0 0 500 500 d1 0 0 500 500 re f"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F 4 0 R/S 6 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 600 600]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 132/LastChar 132"
        b"/Widths[600]/Encoding<</Differences[132/q]>>/CharProcs<</q 7 0 R>>/Resources<<>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(box), box),
    ]
    found, places = b"%PDF-1.6\n", b""
    for number, each in enumerate(objects, 1):
        places += b"%010d 00000 n \n" % len(found)
        found += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    end = b"xref\n0 8\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size 8>>\nstartxref\n%d\n%%%%EOF"
    draft = read(saved(tmp_path, found + end % (places, len(found))))
    assert [block.kind for block in draft.blocks] == ["list_item"]
    assert draft.text == "• They answer for those who cannot pay and do not know whom to ask."


def test_a_paragraph_goes_on_in_the_next_column_over_the_footnotes_of_the_first(tmp_path: Path) -> None:
    left = [
        "The limit is set by the maker and is not to be",
        "raised by anybody who has no key to the valve and",
        "who has not been told of it by the person who is",
    ]
    right = ["standing at the machine when the valve is opened", "for the first time. Nobody else opens it."]
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for x, texts in ((60, left), (320, right)):
        canvas.setFont("Helvetica", 10)
        for number, text in enumerate(texts):
            canvas.drawString(x, 700 - 13 * number, text)
        if x == 60:
            canvas.setFont("Helvetica", 7)
            canvas.drawString(x, 600, "1) As stated in the manual.")
    canvas.save()
    text = read(saved(tmp_path, buffer.getvalue())).text
    assert "by the person who is standing at" in text and text.endswith("1) As stated in the manual.")


def test_korean_lines_that_break_inside_words(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
    content = drawn(
        [
            (72, 700, "얼라이언스 회원사는 공고가 나온 날부터 삼십 일 안에 사업계획서를 제출해야 하며 정해진 기"),
            (72, 684, "한을 넘긴 신청서는 접수하지 않는다. 신청서는 주관기관이 대표로 제출하고 참여기관은 동의"),
            (72, 668, "서를 함께 낸다. 제출한 서류는 돌려주지 않으며 사실과 다른 내용이 있으면 선정을 취소할 수"),
            (72, 652, "있다."),
        ],
        font="HYSMyeongJo-Medium",
    )
    text = read(saved(tmp_path, content)).text
    assert "정해진 기한을" in text and "참여기관은 동의서를" in text and "취소할 수 있다." in text


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_turned_pages(tmp_path: Path, rotation: int) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(manual())
    for page in document:
        width, height = page.get_size()
        page.set_cropbox(10, 10, width - 10, height - 10)
        page.set_rotation(rotation)
    buffer = io.BytesIO()
    document.save(buffer)
    draft = read(saved(tmp_path, buffer.getvalue()))
    # shown turned, because it was drawn upright: nothing gets lost and lines still read from their beginning
    assert "The accumulator keeps its pressure after the pump" in draft.text
    for number in range(60):
        assert draft.text.count(f"TA{number:04}") == 1 and draft.text.count(f"Remedy {number}\n") <= 1
    assert any(line.split() == ["TA0007", "Cause", "7", "Remedy", "7"] for line in draft.text.split("\n"))


def test_landscape_pages_that_are_stored_turned(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.setPageRotation(90)
    canvas.rotate(90)  # drawn so that the turned page shows it upright
    table = Table([["Alarm", "Remedy"], ["TA0101", "Refill the way oil"]], colWidths=[100, 200], style=GRID)
    table.wrapOn(canvas, 400, 400)
    table.drawOn(canvas, 72, -200)
    canvas.drawString(72, -100, "The list of alarms for this machine.")
    canvas.save()
    draft = read(saved(tmp_path, buffer.getvalue()))
    assert sorted(draft.text[b.start : b.end] for b in draft.blocks) == [
        "Alarm | Remedy",
        "TA0101 | Refill the way oil",
        "The list of alarms for this machine.",
    ]


def test_encrypted(tmp_path: Path) -> None:
    content = drawn(lines("secret"), encrypt=StandardEncryption("password"))
    with pytest.raises(ReadError, match="encrypted"):
        read(saved(tmp_path, content))


def test_blank_pages(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="2 blank pages"):
        read(saved(tmp_path, drawn([], [])))


def test_cut_off_files(tmp_path: Path) -> None:
    content = manual()
    for share in (0.2, 0.5, 0.9):
        with pytest.raises(ReadError):
            read(saved(tmp_path, content[: int(share * len(content))]))


def test_threads_do_not_meet_in_pdfium(tmp_path: Path) -> None:
    path = saved(tmp_path, manual())
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(read(path).text)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 4 and len(set(texts)) == 1


def test_boxes_are_the_places_of_the_lines(draft: Draft) -> None:
    assert all(block.boxes for block in draft.blocks)
    by_text = {draft.text[block.start : block.end]: block for block in draft.blocks}
    prose = by_text[PROSE]
    assert len(prose.boxes) == 3, "one for each line"
    assert [box[0] for box in prose.boxes] == [1, 1, 1]
    tops = [box[2] for box in prose.boxes]
    assert tops == sorted(tops) and all(72 <= box[1] < box[3] <= A4[0] - 72 + 1 for box in prose.boxes)
    row, after = by_text["TA0000 | Cause 0 | Remedy 0"], by_text["TA0001 | Cause 1 | Remedy 1"]
    assert len(row.boxes) == 3, "one for each cell"
    assert {box[2] for box in row.boxes}.isdisjoint({box[2] for box in after.boxes})
    assert row.boxes[0][1] < row.boxes[1][1] < row.boxes[2][1]


def test_absurd_page_counts_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.ingest.formats.pdf.PAGE_LIMIT", 2)
    with pytest.raises(ReadError, match="3 pages; the limit is 2"):
        read(saved(tmp_path, manual()))


def test_columns_and_doubled_words_in_plain_pages(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for number in range(6):
        canvas.drawString(72, 700 - 14 * number, f"Parameter {number}")
        canvas.drawString(300, 700 - 14 * number, f"value {number}")
    for shift in (0, 0.3):  # bold as some printers draw it
        canvas.drawString(72 + shift, 500, "Stored energy")
    canvas.save()
    lines = read(saved(tmp_path, buffer.getvalue())).text.split("\n\n")
    assert lines == [*(f"Parameter {number} value {number}" for number in range(6)), "Stored energy"]


def test_rows_without_rules_in_a_frame_stay_apart(tmp_path: Path) -> None:
    """Rules around them make one cell of them all; the last row has rules of its own."""
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.grid([72, 300], [700, 560])
    canvas.grid([72, 220, 300], [560, 536])
    rows = [("Hours", "2.5"), ("Rate", "150"), ("Parts", "2,100"), ("Tax", "278"), ("Paint", "60"), ("Total", "5,738")]
    for down, (name, value) in enumerate(rows):
        canvas.drawString(80, 680 - 26 * down, name)
        canvas.drawString(230, 680 - 26 * down, value)
    canvas.save()
    draft = read(tmp_path / "a.pdf")
    assert {draft.text[block.start : block.end] for block in draft.blocks} >= {
        f"{name} {value}" for name, value in rows
    }
