"""What cannot be read says why and what to do; it never becomes an empty document."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest import formats
from assistant.ingest.formats import read


def refused(path: Path) -> str:
    with pytest.raises(ReadError) as caught:
        read(path)
    assert path.name in caught.value.message and caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        (b"\0\0\0\0", "is empty"),
        (b"\xef\xbb\xbf", "no text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "OLE"),
        (b"\x89PNG\r\n\x1a\n....", "image"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"HWP Document File V3.00", "HWP 3"),
        (b"<?xml version='1.0'?><data>x</data>", "XML"),
        (b"%PDF-1.4\ngarbage", "damaged"),
        (b"---\ntitle: [x\n---\n# a", "YAML"),
        (b"---\nlabels: [TOP]\n---\n# a", "labels"),
    ],
)
def test_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "문서.txt"
    path.write_bytes(content)
    assert reason in refused(path)


def test_container(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "x")
    assert "ZIP" in refused(path)


def test_missing_folder_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot be opened" in refused(tmp_path / "missing.md")
    assert "folder" in refused(tmp_path)
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(formats.SIZE_LIMIT + 1)
    assert "200 MB" in refused(large)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x", encoding="utf-8")
    path.chmod(0)
    assert "cannot be opened" in refused(path)


def test_sidecar_applies_to_every_format(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("글입니다.", encoding="utf-8")
    beside = tmp_path / "a.txt.meta.yaml"
    beside.write_text("title: 제목\nlabels: [staff]\n", encoding="utf-8")
    assert read(path).metadata["labels"] == ("staff",)
    beside.write_text("labels: [STAFF]\n", encoding="utf-8")
    assert "labels" in refused(path)
