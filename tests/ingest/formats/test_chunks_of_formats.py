"""What chunks promise holds for documents of every family: exact slices, rows with their header, codes left whole."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from email.policy import SMTP
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.ingest.chunking import chunk
from assistant.ingest.formats import read
from tests.ingest.formats.test_odf import document

HEADER = "알람 | 원인 | 조치"
ROWS = [(f"SV04{n:02}", f"서보 {n}축의 위치 편차가 한계를 넘음", f"R-1{n:02} 저항과 배선을 확인") for n in range(60)]
WARNING, STEPS = "경고: 전원을 끄고 잠근 뒤 작업하십시오.", ("1. 덮개를 엽니다.", "2. 제12조제3항에 따라 기록합니다.")


def markdown() -> bytes:
    table = "\n".join(f"| {' | '.join(row)} |" for row in ROWS)
    steps = "\n".join(STEPS)
    return f"# 정비\n\n{WARNING}\n\n{steps}\n\n## 알람\n\n| {HEADER} |\n|---|---|---|\n{table}\n".encode()


def cells(row: tuple[str, ...]) -> str:
    inside = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
    return f"<table:table-row>{inside}</table:table-row>"


def opendocument(kind: str) -> bytes:
    rows = "".join(cells(row) for row in (tuple(HEADER.split(" | ")), *ROWS))
    table = f'<table:table table:name="알람">{rows}</table:table>'
    paragraphs = "".join(f"<text:p>{text}</text:p>" for text in (WARNING, *STEPS))
    return document(kind, table if kind == "spreadsheet" else f"{paragraphs}{table}")


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("설명서/정비.md", markdown())
        archive.writestr("읽어 보세요.txt", "받은 자료입니다.")
    return buffer.getvalue()


def mail() -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"], message["From"] = "정비 자료", "a@example.com"
    message.set_content("자료를 보냅니다.")
    message.add_attachment(zipped(), maintype="application", subtype="zip", filename="자료.zip")
    return bytes(message)


@pytest.mark.parametrize("content", [markdown(), opendocument("text"), opendocument("spreadsheet"), zipped(), mail()],
                         ids=["markdown", "odt", "ods", "zip", "eml with zip"])  # fmt: skip
def test_chunks_of_every_family(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "문서.bin"
    path.write_bytes(content)
    draft = read(path)
    chunks = chunk("문서.bin", "0" * 64, draft)
    assert all(each.text == draft.text[each.start : each.end] for each in chunks)
    assert all(first.end <= second.start for first, second in pairwise(chunks))
    for row in ROWS:
        (holder,) = (each for each in chunks if row[0] in each.text)
        assert " | ".join(row) in holder.text, "a code keeps its cause and remedy"
        assert holder.table_header == HEADER or HEADER in holder.text
    for step in STEPS if WARNING in draft.text else ():
        assert any(WARNING in each.text and step in each.text for each in chunks), "steps keep their warning"
