"""HWP 5: struck-out and white words are not stored, figures keep their place, lists their numbers."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from assistant.ingest.formats import read
from assistant.schema import Draft
from tests.ingest.formats.compound import compound

_PLAIN, _STRUCK, _RAISED, _LOWERED, _WHITE, _TINY = range(6)


def record(tag: int, level: int, data: bytes) -> bytes:
    return (
        struct.pack("<I", tag | level << 10 | min(len(data), 0xFFF) << 20)
        + (struct.pack("<I", len(data)) if len(data) >= 0xFFF else b"")
        + data
    )


def look(properties: int = 0, color: int = 0, size: int = 1000) -> bytes:
    return struct.pack("<14s7s7s7s7siIbbIIIIHI", b"", b"\x64" * 7, b"", b"\x64" * 7, b"", size, properties, 0, 0, color,
                       0, 0xFFFFFFFF, 0, 1, 0)  # fmt: skip


_LOOKS = (look(), look(1 << 18), look(1 << 15), look(1 << 16), look(color=0xFFFFFF), look(size=100))


def fill(color: int | None) -> bytes:
    brush = struct.pack("<I", 0) if color is None else struct.pack("<III", 1, color, 0xFFFFFFFF)
    return struct.pack("<H", 0) + b"\0" * 30 + brush + b"\0" * 8


def shape(kind: int = 0, level: int = 0, listed: int = 0, ticked: bool = False) -> bytes:
    head = struct.pack("<I6i", kind << 23 | level << 25, 0, 0, 0, 0, 0, 160)
    return head + struct.pack("<HHH4hII", 0, listed, 1, 0, 0, 0, 0, 0x80 if ticked else 0, 0) + b"\0" * 8


#: 0 plain; 1 to 3 levels of a list; 4 bullet; 5 ticked box; 6 outline
_SHAPES = (shape(), *(shape(2, at, 1) for at in range(3)), shape(3, 0, 1), shape(3, 0, 2, True), shape(1, 0))


def numbering(*levels: tuple[int, str]) -> bytes:
    found = b""
    for code, pattern in levels + ((0, "^1."),) * (7 - len(levels)):
        text = pattern.encode("utf-16-le")
        found += struct.pack("<IHHI", code << 5, 0, 50, 0xFFFFFFFF) + struct.pack("<H", len(pattern)) + text
    return found + struct.pack("<H7I", 0, *([1] * 7))


def bullet(char: str, ticked: str = "\0") -> bytes:
    return (
        struct.pack("<IHHI", 0, 0, 50, 0xFFFFFFFF) + char.encode("utf-16-le") + b"\0" * 9 + ticked.encode("utf-16-le")
    )


def document(path: Path, body: bytes) -> Draft:
    info = record(16, 0, struct.pack("<H", 1) + b"\0" * 24)
    info += b"".join(record(20, 0, each) for each in (fill(None), fill(0x64381F)))
    info += b"".join(record(21, 0, each) for each in _LOOKS)
    info += record(23, 0, numbering((0, "제^1조"), (8, "^2."), (1, "^3")))
    info += record(24, 0, bullet("▶")) + record(24, 0, bullet("☐", "☑"))
    info += b"".join(record(25, 0, each) for each in _SHAPES)
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05010001, 0)
    path.write_bytes(compound({"FileHeader": header.ljust(256, b"\0"), "DocInfo": info, "BodyText/Section0": body}))
    return read(path)


def paragraph(*runs: tuple[str, int], shape: int = 0, level: int = 0, controls: bytes = b"", marks: str = "") -> bytes:
    """A paragraph; `marks` are the characters of its controls, in front of the text."""
    text, looks, at = marks, [], 0
    for run, which in runs:
        looks.append(struct.pack("<II", at, which))
        at += len(run) + (len(marks) if not at else 0)
        text += run
    text += "\r"
    head = struct.pack("<IIHBBHHHI", len(text) | 1 << 31, 0, shape, 0, 0, len(looks), 0, 0, 0)
    return (
        record(66, level, head)
        + record(67, level + 1, text.encode("utf-16-le"))
        + record(68, level + 1, b"".join(looks))
        + controls
    )


def mark(name: bytes, code: int = 11) -> str:
    """The eight characters of a control in the text."""
    return (struct.pack("<H", code) + name + b"\0" * 8 + struct.pack("<H", code)).decode("utf-16-le")


def cell(row: int, column: int, filled: int, *runs: tuple[str, int]) -> bytes:
    place = struct.pack("<IIHHHHII8sH", 1, 0, column, row, 1, 1, 1000, 1000, b"", filled)
    return record(72, 2, place + b"\0" * 13) + paragraph(*runs, level=2)


def table(rows: int, columns: int, *cells: bytes) -> bytes:
    control = record(71, 1, b" lbt" + b"\0" * 42)
    grid = (
        struct.pack("<IHHH8s", 0, rows, columns, 0, b"") + struct.pack("<H", columns) * rows + struct.pack("<HH", 1, 0)
    )
    return paragraph(("", 0), marks=mark(b" lbt"), controls=control + record(77, 2, grid) + b"".join(cells))


@pytest.mark.parametrize("look", [_STRUCK, _WHITE, _TINY])
def test_words_that_nobody_sees(tmp_path: Path, look: int) -> None:
    body = paragraph(("한도는 ", _PLAIN), ("5천만원 ", look), ("4천만원이다.", _PLAIN))
    assert document(tmp_path / "a.hwp", body).text == "한도는 4천만원이다."


def test_raised_figures_and_white_words_in_cells(tmp_path: Path) -> None:
    body = table(
        2, 2,
        cell(0, 0, 2, ("품목", _WHITE)), cell(0, 1, 2, ("단가", _WHITE)),
        cell(1, 0, 1, ("H", _PLAIN), ("2", _LOWERED), ("O", _PLAIN), ("몰래", _WHITE)),
        cell(1, 1, 1, ("30 ", _STRUCK), ("50", _PLAIN), ("1)", _RAISED), ("백만원", _PLAIN)),
    )  # fmt: skip
    assert document(tmp_path / "a.hwp", body).text == "품목 | 단가\nH₂O | 50¹⁾백만원"


def test_numbers_bullets_and_ticks(tmp_path: Path) -> None:
    items = ((1, "목적"), (2, "정의"), (2, "범위"), (3, "세목"), (1, "지원"), (2, "대상"), (4, "점"), (5, "동의"))
    section = paragraph(
        ("", 0), marks=mark(b"dces", 2), controls=record(71, 1, b"dces" + b"\0" * 14 + struct.pack("<H", 1))
    )
    body = section + b"".join(paragraph((text, _PLAIN), shape=shape) for shape, text in items)
    body += paragraph(("개요", _PLAIN), shape=6)
    texts = [line.strip() for line in document(tmp_path / "a.hwp", body).text.split("\n") if line.strip()]
    assert texts == [
        "제1조 목적",
        "가. 정의",
        "나. 범위",
        "① 세목",
        "제2조 지원",
        "가. 대상",
        "▶ 점",
        "☑ 동의",
        "제1조 개요",
    ]


def test_a_note_and_a_header(tmp_path: Path) -> None:
    inside = record(72, 2, struct.pack("<II", 1, 0)) + paragraph(("부가세 제외", _PLAIN), level=2)
    head = record(72, 2, struct.pack("<II", 1, 0)) + paragraph(("문서번호 HQ-4 (개정 2)", _PLAIN), level=2)
    body = paragraph(("", 0), marks=mark(b"daeh", 16), controls=record(71, 1, b"daeh" + b"\0" * 8) + head)
    body += paragraph(("상한액", _PLAIN), marks=mark(b"  nf", 17), controls=record(71, 1, b"  nf" + b"\0" * 8) + inside)
    assert document(tmp_path / "a.hwp", body).text.split("\n\n") == [
        "문서번호 HQ-4 (개정 2)",
        "¹⁾상한액",
        "¹⁾ 부가세 제외",
    ]


def test_captions_keep_their_numbers(tmp_path: Path) -> None:
    def counted(kind: int, number: int) -> bytes:
        return record(71, 1, b"onta" + struct.pack("<IH", kind, number) + b"\0" * 6)

    text = ("표 ", _PLAIN), (mark(b"onta", 18), _PLAIN), (" 단가 10", _PLAIN), ("2)", _RAISED)
    body = paragraph(*text, controls=counted(4, 12))
    assert document(tmp_path / "a.hwp", body).text == "표 12 단가 10²⁾"
    assert document(tmp_path / "b.hwp", paragraph(*text, controls=counted(0, 12))).text == "표 단가 10²⁾"


def test_damaged_lists_cost_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.hwp"
    document(path, paragraph(("목적", _PLAIN), shape=1))
    content = bytearray(path.read_bytes())
    at = content.index("제^1조".encode("utf-16-le"))
    content[at - 2 : at] = b"\xff\x7f"  # the pattern claims to be longer than its record
    path.write_bytes(bytes(content))
    assert "목적" in read(path).text
