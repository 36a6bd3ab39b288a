"""Old formats: read through LibreOffice where it is installed, else by libraries or refused with what to install."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.formats import read, soffice
from assistant.schema import Draft
from tests.ingest.formats.compound import compound

needs_libreoffice = pytest.mark.skipif(not soffice.program(), reason="LibreOffice is not installed")


def of(path: Path, content: bytes) -> Draft:
    path.write_bytes(content)
    return read(path)


def workbook(**sheets: tuple[int, list[list[str | float]]]) -> bytes:
    """A workbook of Excel 97: sheets by name, each with its visibility (0: shown) and its rows."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def beginning(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 0x306))

    def cell(row: int, column: int, value: str | float) -> bytes:
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            return record(0x204, struct.pack("<HHHHB", row, column, 15, len(value), 1) + text)
        return record(0x203, struct.pack("<HHHd", row, column, 15, value))

    bodies = [
        beginning(0x10)
        + record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, 9, 0))
        + b"".join(cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row))
        + record(0x0A)
        for _, rows in sheets.values()
    ]
    names = [(state, name.encode("utf-16-le"), len(name)) for name, (state, _) in sheets.items()]
    fixed = len(beginning(5)) + sum(4 + 8 + len(name) for _, name, _ in names) + 4
    found, at = beginning(5), fixed
    for (state, name, length), body in zip(names, bodies, strict=True):
        found += record(0x85, struct.pack("<IBBBB", at, state, 0, length, 1) + name)
        at += len(body)
    return compound({"Workbook": (found + record(0x0A) + b"".join(bodies)).ljust(4096, b"\0")})


_RTF = (
    rb"{\rtf1\ansi\ansicpg949\deff0{\fonttbl{\f0 Batang;}}\pard Price {\strike 70} 90 won, {\v secret 71 "
    rb"}10{\super 6} Pa\par "
    rb"\'c7\'d1\'b1\'db\par}"
)


def test_without_libreoffice_workbooks_are_read_by_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soffice, "program", lambda: "")
    content = workbook(단가=(0, [["품목", "가격"], ["볼트", 90.0], ["너트", 1.5]]), 비밀=(1, [["원가", 11.0]]))
    draft = of(tmp_path / "a.xls", content)
    assert draft.text == "단가\n\n품목 | 가격\n볼트 | 90\n너트 | 1.5"
    assert draft.metadata["media_type"] == "application/vnd.ms-excel"
    assert "LibreOffice" in draft.metadata["notes"][0]["hint"]


def test_without_libreoffice_rich_text_is_read_by_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soffice, "program", lambda: "")
    draft = of(tmp_path / "a.rtf", _RTF)
    assert "90 won" in draft.text and "한글" in draft.text
    assert "struck" in draft.metadata["notes"][0]["where"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (compound({"WordDocument": b"x" * 5000}), "libreoffice-writer"),
        (compound({"PowerPoint Document": b"x" * 5000}), "libreoffice-impress"),
        (b"HWP Document File V3.00 \x1a\x01\x02", "libreoffice-writer"),
    ],
)
def test_without_libreoffice_the_others_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str
) -> None:
    monkeypatch.setattr(soffice, "program", lambda: "")
    with pytest.raises(ReadError, match="LibreOffice") as caught:
        of(tmp_path / "a.bin", content)
    assert name in caught.value.hint


def test_a_converted_file_is_read_as_what_it_became(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def converted(content: bytes, suffix: str, reader: str, target: str) -> bytes:
        asked.append((suffix, reader, target))
        return b""

    monkeypatch.setattr(soffice, "program", lambda: "/usr/bin/soffice")
    monkeypatch.setattr(soffice, "converted", converted)
    with pytest.raises(ReadError, match="could not open"):
        of(tmp_path / "a.ppt", compound({"PowerPoint Document": b"x" * 5000}))
    assert asked == [("ppt", "MS PowerPoint 97", "pptx")]


@needs_libreoffice
@pytest.mark.slow
def test_rich_text_through_libreoffice(tmp_path: Path) -> None:
    draft = of(tmp_path / "a.rtf", _RTF)
    assert draft.text == "Price 90 won, 10⁶ Pa\n\n한글"
    assert draft.metadata["media_type"] == "application/rtf" and not draft.metadata["notes"]


@needs_libreoffice
@pytest.mark.slow
def test_workbooks_and_damaged_documents_through_libreoffice(tmp_path: Path) -> None:
    content = workbook(단가=(0, [["품목", "가격"], ["볼트", 90.0]]), 비밀=(1, [["원가", 11.0]]))
    assert of(tmp_path / "a.xls", content).text == "단가\n\n품목 | 가격\n볼트 | 90"
    with pytest.raises(ReadError, match="could not open"):
        of(tmp_path / "a.doc", compound({"WordDocument": b"x" * 5000}))


def message(attachments: dict[str, bytes | None]) -> bytes:
    def of_text(folder: str, header: int, values: dict[int, str], more: bytes = b"") -> dict[str, bytes]:
        """Streams of texts, and the list of them."""
        listed = b"".join(struct.pack("<HHIII", 0x1F, code, 6, 2 * len(text) + 2, 0) for code, text in values.items())
        found = {f"{folder}__substg1.0_{code:04X}001F": text.encode("utf-16-le") for code, text in values.items()}
        return found | {f"{folder}__properties_version1.0": b"\0" * header + listed + more}

    streams = of_text("", 32, {0x0037: "납품 단가", 0x1000: "BT-3의 단가는 41만원입니다.", 0x0C1A: "김가온"})
    for at, (name, content) in enumerate(attachments.items()):
        folder = f"__attach_version1.0_#{at:08X}/"
        method = struct.pack("<HHIII", 3, 0x3705, 6, 1 if content is not None else 5, 0)
        if content is not None:
            method += struct.pack("<HHIII", 0x102, 0x3701, 6, len(content), 0)
            streams[f"{folder}__substg1.0_37010102"] = content
        streams |= of_text(folder, 8, {0x3707: name}, method)
    return compound(streams)


def test_outlook_messages_with_attachments(tmp_path: Path) -> None:
    draft = of(tmp_path / "a.msg", message({"메모.txt": "할인율은 6%이다.".encode(), "전달.msg": None}))
    assert draft.metadata["title"] == "납품 단가"
    assert "BT-3의 단가는 41만원입니다." in draft.text and "할인율은 6%이다." in draft.text
    assert [note["where"] for note in draft.metadata["notes"]] == ["전달.msg"]
    with pytest.raises(ReadError, match=r"a\.msg"):
        of(tmp_path / "a.msg", compound({"__properties_version1.0": b"\0"}))


def book(chapters: dict[str, str], spine: list[str], encrypted: str = "") -> dict[str, str]:
    items = "".join(f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in chapters)
    order = "".join(f'<itemref idref="{name}"/>' for name in spine)
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        "<rootfiles><rootfile "
        'full-path="OEBPS/book.opf"/></rootfiles></container>',
        "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>정비 지침서</dc:title></metadata><manifest>{items}</manifest><spine>{order}</spine></package>",
    }
    for name, body in chapters.items():
        parts[f"OEBPS/{name}.xhtml"] = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'
    if encrypted:
        parts["META-INF/encryption.xml"] = f'<e xmlns:x="y"><x:CipherReference URI="{encrypted}"/></e>'
    return parts


def packed(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def test_books_are_read_in_their_order(tmp_path: Path) -> None:
    chapters = {"b": "<h1>둘째 장</h1><p>밸브를 닫는다.</p>", "a": "<h1>첫째 장</h1><p>전원을 끈다.</p>"}
    draft = read(packed(tmp_path / "a.epub", book(chapters, ["a", "b", "missing"])))
    assert draft.text == "첫째 장\n\n전원을 끈다.\n\n둘째 장\n\n밸브를 닫는다."
    assert draft.metadata["title"] == "정비 지침서" and draft.metadata["media_type"] == "application/epub+zip"
    assert draft.blocks[-1].heading_path == ("둘째 장",)


def test_protected_and_damaged_books_are_refused(tmp_path: Path) -> None:
    parts = book({"a": "<p>글.</p>"}, ["a"], encrypted="OEBPS/a.xhtml")
    with pytest.raises(ReadError, match="protected"):
        read(packed(tmp_path / "a.epub", parts))
    fonts = book({"a": "<p>글.</p>"}, ["a"], encrypted="OEBPS/font.otf")
    assert read(packed(tmp_path / "b.epub", fonts)).text == "글."
    with pytest.raises(ReadError, match="damaged EPUB"):
        read(packed(tmp_path / "c.epub", {"mimetype": "application/epub+zip", "content.xml": "x"}))
