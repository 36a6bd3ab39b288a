"""OpenDocument: numbers of lists, merged cells, hidden sheets, and what must be refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.readers import read
from assistant.schema import Draft

NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"),
                        ("draw", "drawing"), ("presentation", "presentation"))
)  # fmt: skip


def document(kind: str, body: str, styles: str = "", prologue: str = "", manifest: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?>{prologue}<office:document-content {NAMESPACES}><office:automatic-styles>{styles}'
            f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>",
        )
    return buffer.getvalue()


def of(tmp_path: Path, content: bytes) -> Draft:
    path = tmp_path / "문서.bin"
    path.write_bytes(content)
    return read(path)


def test_text(tmp_path: Path) -> None:
    styles = (
        '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" '
        'style:num-suffix="."/><text:list-level-style-bullet text:level="2"/></text:list-style>'
    )
    body = (
        '<text:h text:outline-level="1">정비 절차</text:h>'
        "<text:p>경고: 전원을<text:s text:c='2'/>끄십시오.<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>각주입니다.</text:p></text:note-body></text:note></text:p>"
        '<text:list text:style-name="L"><text:list-item><text:p>밸브를 닫습니다.</text:p><text:list>'
        "<text:list-item><text:p>압력을 읽습니다.</text:p></text:list-item></text:list></text:list-item>"
        "<text:list-item><text:p>잠급니다.</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>알람</text:p></table:table-cell><table:table-cell>"
        "<text:p>조치</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>SV0401"
        "</text:p></table:table-cell><table:table-cell><text:p>전원</text:p></table:table-cell></table:table-row>"
        "</table:table>"
    )
    draft = of(tmp_path, document("text", body, styles))
    assert draft.text == (
        "정비 절차\n\n경고: 전원을 끄십시오.\n\n[1] 각주입니다.\n\n1. 밸브를 닫습니다.\n  - 압력을 읽습니다.\n"
        "2. 잠급니다.\n\n알람 | 조치\nSV0401 | 전원"
    )
    assert [block.kind for block in draft.blocks][:3] == ["heading", "quote", "paragraph"]
    assert draft.blocks[-1].table_header == "알람 | 조치"


def test_sheets(tmp_path: Path) -> None:
    def row(*cells: str, repeated: int = 1) -> str:
        inside = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f'<table:table-row table:number-rows-repeated="{repeated}">{inside}</table:table-row>'

    styles = '<style:style style:name="H"><style:table-properties table:display="false"/></style:style>'
    body = (
        f'<table:table table:name="실적">{row("설비", "출력")}{row("펌프", "86.8")}'
        f"{row('', repeated=1_000_000)}</table:table>"
        f'<table:table table:name="숨김" table:style-name="H">{row("a", "b")}{row("c", "d")}</table:table>'
    )
    draft = of(tmp_path, document("spreadsheet", body, styles))
    assert draft.text == "실적\n\n설비 | 출력\n펌프 | 86.8"
    many = row(*["x"] * 200, repeated=200) * 8
    with pytest.raises(ReadError, match="300,000 cells"):
        of(tmp_path, document("spreadsheet", f'<table:table table:name="큼">{many}</table:table>'))


def test_slides(tmp_path: Path) -> None:
    body = (
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>개요</text:p></draw:text-box>'
        "</draw:frame><draw:frame><draw:text-box><text:p>첫째 문장입니다.</text:p></draw:text-box>"
        "</draw:frame></draw:page>"
    )
    draft = of(tmp_path, document("presentation", body))
    assert [(block.page, block.heading_path) for block in draft.blocks] == [(1, ("개요",)), (1, ("개요",))]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (document("text", "<text:p>x</text:p>", manifest="<encryption-data/>"), "password"),
        (document("text", "<text:p>&a;</text:p>", prologue='<!DOCTYPE x [<!ENTITY a "b">]>'), "entities"),
        (document("text", "<text:p>x")[:-40], "damaged"),
        (document("text", "<text:p> </text:p>"), "no text"),
    ],
)
def test_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        of(tmp_path, content)
