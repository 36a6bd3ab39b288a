"""Plain text and its encodings."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.readers import read

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
