"""Recognised text: scans, images, and what is said where it is missing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from assistant.errors import ReadError
from assistant.ingest.formats import ocr, ocr_words, page_rules, page_turn, read
from assistant.ingest.formats.notes import pages
from assistant.ingest.formats.ocr_table import taken_out
from assistant.ingest.formats.ocr_words import Word, Written
from assistant.ingest.formats.pdf_chars import Paragraph

needs_ocr = pytest.mark.skipif(bool(ocr.problem()), reason=f"no text recognition here: {ocr.problem()}")
HANGUL = Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")
SENTENCE = "The accumulator keeps its pressure."


def scan(*lines: str, turned: int = 0) -> Image.Image:
    """A page of text as a picture, at 100 dpi."""
    image = Image.new("L", (827, 700), "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((80, 80 + 60 * number), line, fill="black", font=ImageFont.load_default(26))
    return image.rotate(turned, expand=True)


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def mixed_pdf(factor: int = 1) -> bytes:
    """A page of text, a scanned one of 100 dpi times `factor`, and a blank one."""
    picture = scan(SENTENCE, "Open the drain valve.")
    picture = picture.resize((factor * picture.width, factor * picture.height))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.drawString(72, 700, "A page with a text layer.")
    canvas.showPage()
    canvas.drawImage(ImageReader(picture), 0, 300, width=595, height=504)
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def of(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "scan.bin"
    path.write_bytes(content)
    return path


@needs_ocr
def test_scanned_pages_between_others(tmp_path: Path) -> None:
    draft = read(of(tmp_path, mixed_pdf()))
    assert draft.text.startswith("A page with a text layer.") and SENTENCE in draft.text
    assert draft.metadata["notes"] == ()
    block = next(block for block in draft.blocks if "accumulator" in draft.text[block.start : block.end])
    page, left, top, right, bottom = block.boxes[0]
    assert block.page == page == 2
    assert 30 < left < right < 595 and 60 < top < bottom < 160, "in points from the top left corner of the page"


def test_without_recognition_the_other_pages_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "problem", lambda: "it is not installed")
    draft = read(of(tmp_path, mixed_pdf()))
    assert draft.text == "A page with a text layer."
    (note,) = draft.metadata["notes"]
    assert note["where"] == "page 2" and "not installed" in note["reason"] and "apt install" in note["hint"]
    with pytest.raises(ReadError, match="not installed") as caught:
        read(of(tmp_path, saved(scan(SENTENCE))))
    assert "apt install" in caught.value.hint


@needs_ocr
@pytest.mark.skipif(not HANGUL.is_file(), reason=f"the font {HANGUL.name} is not on this machine")
def test_korean_words_and_columns(tmp_path: Path) -> None:
    """Tesseract gives single syllables as words, and reads across columns."""
    image = Image.new("L", (1654, 1100), "white")
    draw = ImageDraw.Draw(image)
    lines = {
        100: [f"{n}번째 국회입법조사처 보험약관 자료" for n in range(1, 11)],
        880: ["오른쪽 기둥의 감염병예방법 개정"] * 10,
    }
    for left, texts in lines.items():
        for number, text in enumerate(texts):
            draw.text((left, 80 + 90 * number), text, fill="black", font=ImageFont.truetype(str(HANGUL), 36))
    text = read(of(tmp_path, saved(image))).text
    assert text.count("국회입법조사처 보험약관") >= 8 and text.count("감염병예방법 개정") >= 8
    assert text.rindex("국회입법조사처") < text.index("오른쪽"), "the left column first"


@needs_ocr
def test_pages_of_an_image_also_upside_down(tmp_path: Path) -> None:
    content = saved(
        scan(SENTENCE, "Close the valve."), "TIFF", save_all=True,
        append_images=[scan(SENTENCE, "Open the drain valve before work.", turned=180)],
    )  # fmt: skip
    draft = read(of(tmp_path, content))
    assert draft.text.count("accumulator") == 2 and {block.page for block in draft.blocks} == {1, 2}
    last = next(block for block in draft.blocks if block.page == 2)
    assert last.boxes[0][2] > 400, "where it stands on the page as it was scanned: at its foot"


def test_how_far_a_page_leans() -> None:
    """In degrees, to a tenth; what is level, turned on its side or no text is left as it is."""
    page = scan(*[f"{number}. {SENTENCE} Open the drain valve." for number in range(9)])
    for lean in (-2.0, 0.8, 1.5):
        leaning = page.rotate(lean, resample=Image.Resampling.BICUBIC, fillcolor=255)
        assert abs(page_turn.skew(leaning) + lean) < 0.25
    side = page.rotate(90, expand=True)
    assert [page_turn.skew(each) for each in (page, side, Image.new("L", (600, 800), "white"))] == [0, 0, 0]


def test_boxes_of_a_page_put_straight_are_those_of_the_page_as_given() -> None:
    for turned, lean in ((0, 1.5), (90, -2.0), (180, 0.8), (270, 1.5)):
        page = Image.new("L", (400, 300), "white")
        ImageDraw.Draw(page).rectangle((60, 40, 80, 50), fill="black")
        seen = page_turn.straightened(page, lean).rotate(turned, expand=True)
        box = ImageOps.invert(seen).point(lambda shade: 255 if shade > 128 else 0).getbbox()
        assert box is not None
        found = page_turn.as_given(box, turned, lean, page.size)
        assert all(abs(a - b) < 4 for a, b in zip(found, (60, 40, 81, 51), strict=True)), (turned, found)


def test_a_coarse_scan_is_drawn_larger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters of a scan at 100 dpi are too small; one at 200 dpi is drawn as it is."""
    drawn: list[tuple[int, float]] = []

    def recognise(image: Image.Image, number: int, scale: float) -> list[Paragraph]:
        drawn.append((round(image.width / 595 * 72), round(72 / scale)))
        return []

    monkeypatch.setattr(ocr, "problem", lambda: "")
    monkeypatch.setattr(ocr, "recognise", recognise)
    for factor in (1, 2):
        read(of(tmp_path, mixed_pdf(factor)))
    assert drawn == [(300, 300), (200, 200)]


@needs_ocr
def test_columns_of_a_page_that_leans(tmp_path: Path) -> None:
    """Between them there is no upright gap before the page is put straight."""
    page = Image.new("L", (1240, 1000), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(30)
    left, right = "Left: the valve opens slowly.", "Right: the pump runs in winter."
    across = 80 + round(draw.textlength(left, font)) + 36
    for number in range(18):
        draw.text((80, 60 + 48 * number), left, fill="black", font=font)
        draw.text((across, 60 + 48 * number), right, fill="black", font=font)
    leaning = page.rotate(-2.0, resample=Image.Resampling.BICUBIC, fillcolor=255)
    draft = read(of(tmp_path, saved(leaning)))
    assert draft.text.count(left) >= 16 and draft.text.count(right) >= 16
    assert draft.text.rindex("Left") < draft.text.index("Right"), "the left column first"
    _, x0, top, x1, bottom = draft.blocks[0].boxes[0]
    assert leaning.crop((round(x0), round(top), round(x1), round(bottom))).getextrema()[0] < 60


def grid_of(rows: list[list[str]], band: int = 0) -> Image.Image:
    """A page with a line of text above a ruled table; `band`: the shade of the header's ground, with white letters."""
    page = Image.new("L", (1240, 900), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(30)
    draw.text((120, 80), "Inspection of the pumps in hall two", fill="black", font=font)
    for down, row in enumerate(rows):
        top = 200 + 80 * down
        if band and not down:
            draw.rectangle((120, top, 120 + 300 * len(row), top + 80), fill=band)
        for across, text in enumerate(row):
            left = 120 + 300 * across
            draw.text((left + 30, top + 22), text, fill="white" if band and not down else "black", font=font)
            if not band or down:
                draw.rectangle((left, top, left + 300, top + 80), outline="black", width=3)
    draw.text((120, 240 + 80 * len(rows)), "Report every leak at once.", fill="black", font=font)
    return page


PUMPS = [
    ["Pump", "Pressure", "Interval"],
    ["Feed water", "86.8 bar", "8,000 hours"],
    ["Cooling", "12.5 bar", "4 weeks"],
]


@needs_ocr
@pytest.mark.parametrize("band", [0, 90])
def test_a_ruled_table_of_a_scan_is_stored_row_by_row(tmp_path: Path, band: int) -> None:
    draft = read(of(tmp_path, saved(grid_of(PUMPS, band))))
    kinds = [(block.kind, draft.text[block.start : block.end]) for block in draft.blocks]
    rows = [text for kind, text in kinds if kind == "table_row"]
    assert rows == [" | ".join(row) for row in PUMPS]
    assert draft.blocks[2].table_header == rows[0]
    assert kinds[0][0] == kinds[-1][0] == "paragraph", "in its place on the page"
    _, left, top, right, bottom = draft.blocks[2].boxes[0]
    assert 120 < left < right < 420 and 280 < top < bottom < 360


def test_where_the_cells_of_a_table_are() -> None:
    """Found by their rules, whether or not letters touch them; a frame, a rule and a picture are no tables."""
    (table,) = page_rules.ruled(grid_of(PUMPS), 0.36)
    assert len(table.rows) == 3 and len(table.cells) == 9
    (banded,) = page_rules.ruled(grid_of(PUMPS, 90), 0.36)
    assert len(banded.rows) == 3 and len(banded.cells) == 9, "the rules go on through the band of the header"
    page = Image.new("L", (1240, 900), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((100, 100, 1100, 400), outline="black", width=3)
    draw.line((100, 600, 1100, 600), fill="black", width=3)
    draw.rectangle((300, 700, 500, 850), fill="black")
    assert page_rules.ruled(page, 0.36) == []


def test_words_of_the_page_are_put_into_the_cells_without_bars() -> None:
    """What is sure is not read again; a rule that was taken for a bar is no text, and lines beside the table stay."""
    page = grid_of(PUMPS)
    (table,) = page_rules.ruled(page, 0.36)

    def line(top: int, *texts: str) -> Written:
        words = [Word(text, 96, 150 + 300 * at, top, 250 + 300 * at, top + 30) for at, text in enumerate(texts)]
        return Written(words, (0, 1))

    above = line(90, "Inspection")
    lines = [above, *(line(225 + 80 * at, f"{row[0]}|", *row[1:]) for at, row in enumerate(PUMPS))]
    lines[2].words.append(Word("|", 90, 400, 305, 408, 335))
    found, left = taken_out(table, page, 0.36, lines)
    assert found is not None and [each.text for each in left] == ["Inspection"]
    assert sorted(each.text for each in found.lines) == sorted(text for row in PUMPS for text in row)


@needs_ocr
def test_a_heading_in_a_box_is_no_table(tmp_path: Path) -> None:
    draft = read(of(tmp_path, saved(grid_of([["3", "Repairs"], ["", ""]]))))
    assert not any(block.kind == "table_row" for block in draft.blocks) and "3 Repairs" in draft.text


@needs_ocr
def test_a_picture_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="No text could be recognised"):
        read(of(tmp_path, saved(Image.new("RGB", (400, 300), "navy"), "JPEG")))


def test_damaged_and_huge_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "problem", lambda: "")
    content = saved(scan(SENTENCE))
    with pytest.raises(ReadError, match="damaged"):
        read(of(tmp_path, content[:300]))
    with pytest.raises(ReadError, match="pixels"):
        read(of(tmp_path, saved(Image.new("1", (20_000, 20_000)))))


def test_the_data_is_found_where_the_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ocr_words.folder.cache_clear()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setattr(ocr_words, "_PLACES", ())
    assert ocr_words.folder() is None and "kor.traineddata" in ocr.problem()
    ocr_words.folder.cache_clear()
    (tmp_path / "tessdata").mkdir()
    for language in ("kor", "eng"):
        (tmp_path / "tessdata" / f"{language}.traineddata").write_bytes(b"")
    assert ocr_words.folder() == tmp_path / "tessdata"
    ocr_words.folder.cache_clear()


def test_page_numbers_as_people_write_them() -> None:
    assert pages([3]) == "page 3"
    assert pages([5, 3, 4, 9]) == "pages 3-5, 9"
