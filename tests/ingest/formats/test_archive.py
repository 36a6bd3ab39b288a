"""ZIP archives and messages: every part is read like a file of its own, and what cannot be is named."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.formats import containers, read
from assistant.schema import Draft

NOTICE = "# 공고\n\n지원 금액은 최대 3억원입니다.\n\n| 알람 | 조치 |\n|---|---|\n| SV0401 | 전원을 끕니다 |\n"


def packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def of(tmp_path: Path, content: bytes, name: str = "자료.bin") -> Draft:
    path = tmp_path / name
    path.write_bytes(content)
    return read(path)


def exact(draft: Draft) -> None:
    """The invariant of every draft."""
    position = 0
    for block in draft.blocks:
        assert position <= block.start < block.end <= len(draft.text)
        assert draft.text[block.start : block.end].strip()
        position = block.end


def test_members_are_parts(tmp_path: Path) -> None:
    draft = of(
        tmp_path, packed({"a/공고.md": NOTICE.encode(), "a/x.exe": b"MZ\x90\0", "b.txt": "둘째입니다.".encode()})
    )
    exact(draft)
    assert draft.metadata["media_type"] == "application/zip"
    row = next(block for block in draft.blocks if block.table_header)
    assert draft.text[row.start : row.end] == "SV0401 | 전원을 끕니다"
    assert row.table_header == "알람 | 조치" and row.heading_path == ("a/공고.md", "공고")
    assert draft.blocks[-1].heading_path == ("b.txt",)
    (note,) = draft.metadata["notes"]
    assert note["where"] == "a/x.exe" and "program" in note["reason"] and note["hint"]


def test_nesting_and_names(tmp_path: Path) -> None:
    inner = packed({"깊이.txt": "세 겹입니다.".encode()})
    for _ in range(2):
        inner = packed({"안.zip": inner, "글.txt": "글입니다.".encode()})
    draft = of(tmp_path, packed({"밖.zip": inner}))
    exact(draft)
    assert "글입니다." in draft.text and "세 겹" not in draft.text
    assert [note["where"].rpartition(" › ")[2] for note in draft.metadata["notes"]] == ["안.zip"]
    assert "nested" in draft.metadata["notes"][0]["reason"]
    korean = bytearray(packed({"AAAA.txt": "글입니다.".encode()}))
    draft = of(tmp_path, bytes(korean.replace(b"AAAA", "공고".encode("cp949"))))
    assert draft.blocks[0].heading_path == ("공고.txt",)


def test_bombs_passwords_and_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def reason(content: bytes) -> str:
        with pytest.raises(ReadError) as caught:
            of(tmp_path, content)
        assert caught.value.hint
        return caught.value.message

    assert "times its size" in reason(packed({"zeros": b"\0" * (60 * 2**20)}))
    assert "limit is 1,000" in reason(packed({f"{number}.txt": b"x" for number in range(1001)}))
    assert "nothing that can be read" in reason(packed({"a.exe": b"MZ\x90\0"}))
    locked = bytearray(packed({"a.txt": "글입니다.".encode()}))
    locked[6] |= 1
    at = locked.index(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert "password" in reason(bytes(locked))
    whole = packed({"a.txt": "글입니다. ".encode() * 500})
    assert "damaged" in reason(whole[: len(whole) // 2])
    monkeypatch.setattr(containers, "TOTAL_LIMIT", 10)
    monkeypatch.setattr("assistant.ingest.formats.archive.TOTAL_LIMIT", 10)
    assert "unpacks to more" in reason(whole)  # a size stated wrongly does not help


def message() -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "김철수 <cs.kim@example.kr>"
    mail["To"] = "lee@example.com"
    mail["Subject"] = "분기 회의록 송부"
    mail["Date"] = "Mon, 06 Jul 2026 09:12:00 +0900"
    mail.set_content("회의록을 첨부합니다.\n")
    mail.add_alternative("<p>회의록을 <b>첨부</b>합니다.</p>", subtype="html")
    mail.add_attachment(NOTICE.encode(), maintype="text", subtype="markdown", filename="공고.md")
    mail.add_attachment(b"MZ\x90\0", maintype="application", subtype="octet-stream", filename="x.exe")
    return mail


def test_a_message_with_attachments(tmp_path: Path) -> None:
    draft = of(tmp_path, message().as_bytes())
    exact(draft)
    assert draft.metadata["title"] == "분기 회의록 송부" and draft.metadata["date"] == "2026-07-06"
    assert draft.metadata["media_type"] == "message/rfc822"
    assert draft.text.startswith("분기 회의록 송부\n\nFrom: 김철수 <cs.kim@example.kr>")
    assert draft.text.count("회의록을 첨부합니다.") == 1, "the alternative is the same text"
    assert draft.blocks[-1].heading_path == ("공고.md", "공고") and draft.blocks[-1].table_header == "알람 | 조치"
    assert [note["where"] for note in draft.metadata["notes"]] == ["x.exe"]


def test_korean_bytes_without_a_charset(tmp_path: Path) -> None:
    raw = "From: a@b.kr\nMessage-ID: <1@b>\nSubject: 점검 결과\n\n펌프를 점검했습니다.\n".encode("cp949")
    draft = of(tmp_path, raw)
    assert draft.metadata["title"] == "점검 결과" and draft.text.endswith("펌프를 점검했습니다.")


def test_text_that_only_looks_like_mail(tmp_path: Path) -> None:
    assert of(tmp_path, b"Name: A\nDate: today\n\nA text.\n").metadata["media_type"] == "text/plain"
