"""Recognised text: scans, images, and what is said where it is missing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from assistant.errors import ReadError
from assistant.ingest.readers import ocr, read
from assistant.ingest.readers.notes import pages

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


def mixed_pdf() -> bytes:
    """A page of text, a scanned one, and a blank one."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    canvas.drawString(72, 700, "A page with a text layer.")
    canvas.showPage()
    canvas.drawImage(ImageReader(scan(SENTENCE, "Open the drain valve.")), 0, 300, width=595, height=504)
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
    ocr._folder.cache_clear()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setattr(ocr, "_PLACES", ())
    assert ocr._folder() is None and "kor.traineddata" in ocr.problem()
    ocr._folder.cache_clear()
    (tmp_path / "tessdata").mkdir()
    for language in ("kor", "eng"):
        (tmp_path / "tessdata" / f"{language}.traineddata").write_bytes(b"")
    assert ocr._folder() == tmp_path / "tessdata"
    ocr._folder.cache_clear()


def test_page_numbers_as_people_write_them() -> None:
    assert pages([3]) == "page 3"
    assert pages([5, 3, 4, 9]) == "pages 3-5, 9"
