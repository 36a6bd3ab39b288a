"""Plain text and its encodings."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.formats import read
from assistant.text.quantities import quantities
from assistant.text.tokens import terms

TEXT = "에너지 절감 목표는 10%입니다.\r\n\r\n1. 신청합니다.\r\n2. 기다립니다.\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(TEXT.encode(encoding))
    draft = read(path)
    assert draft.text == "에너지 절감 목표는 10%입니다.\n\n1. 신청합니다.\n2. 기다립니다."
    assert [block.kind for block in draft.blocks] == ["paragraph", "list_item", "list_item"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("漢字 ЖЯ".encode("utf-16-le") * 9, "NUL"),
        (b"text\0text", "NUL"),
        ("Größe, Maßstab und Überprüfung".encode("latin-1"), "neither UTF-8 nor"),
        (b"\xef\xbb\xbf\xff\xfe\xfd", "damaged"),
        (b"\x93\x41\x94\x42 \x81\x8d\x81\x90", ""),
    ],
)
def test_other_encodings_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(ReadError) as caught:
        read(path)
    assert reason in caught.value.message and caught.value.hint


def test_hard_wrapped_lines_are_joined_and_short_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        "The machine is stopped before any cover is opened, because parts\n"
        "keep turning for up to thirty seconds after that.\n"
        "Name: A\nModel: B\n",
        encoding="utf-8",
    )
    assert read(path).text.split("\n\n") == [
        "The machine is stopped before any cover is opened, because parts keep turning for up to thirty seconds "
        "after that.",
        "Name: A",
        "Model: B",
    ]


@pytest.mark.parametrize(
    ("written", "stored", "asked"),
    [
        (unicodedata.normalize("NFD", "지원 한도는 3억원이다."), "지원 한도는 3억원이다.", "지원 한도"),
        ("지\u200b원 한\u00ad도는\ufeff 3억\u2060원이다.", "지원 한도는 3억원이다.", "지원 한도"),
        ("코드 ＳＶ０４０１, 한도 １，５００만원", "코드 ＳＶ０４０１, 한도 １，５００만원", "SV0401"),
        ("The infor\u00ad\nmation is here.", "The information is here.", "information"),
        ("가\u3164나\u2800다", "가 나 다", "나"),
        ("요금은 7\u03366\u0336원\u0336 9원이다.", "요금은 9원이다.", "요금"),
    ],
)
def test_letters_that_look_alike_or_show_nothing(tmp_path: Path, written: str, stored: str, asked: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(written, encoding="utf-8")
    text = read(path).text
    assert text == stored
    wanted, held = terms(asked), terms(text)
    assert set(wanted.words) <= set(held.words) and set(wanted.identifiers) <= set(held.identifiers)


def test_full_width_figures_are_read_as_figures() -> None:
    assert [figure.value for figure in quantities("한도는 １，５００만원이다.")] == [
        figure.value for figure in quantities("한도는 1,500만원이다.")
    ]
