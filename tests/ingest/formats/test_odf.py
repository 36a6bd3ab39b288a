"""OpenDocument: numbers of lists, merged cells, hidden sheets, and what must be refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.formats import read
from assistant.schema import Draft

NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"),
                        ("draw", "drawing"), ("presentation", "presentation"), ("fo", "xsl-fo-compatible"),
                        ("svg", "svg-compatible"), ("form", "form"))
)  # fmt: skip


def document(
    kind: str, body: str, styles: str = "", prologue: str = "", manifest: str = "", pages: str = "", common: str = ""
) -> bytes:
    """A file; `styles` are automatic ones, `common` those of styles.xml, `pages` its master pages."""
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
        if pages or common:
            archive.writestr(
                "styles.xml",
                f"<office:document-styles {NAMESPACES}><office:styles>{common}</office:styles><office:master-styles>"
                f"{pages}</office:master-styles></office:document-styles>",
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
        "정비 절차\n\n경고: 전원을 끄십시오.¹⁾\n\n¹⁾ 각주입니다.\n\n1. 밸브를 닫습니다.\n  - 압력을 읽습니다.\n"
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


def style(name: str, properties: str, family: str = "text", kind: str = "text", parent: str = "") -> str:
    above = f' style:parent-style-name="{parent}"' if parent else ""
    return (
        f'<style:style style:name="{name}" style:family="{family}"{above}><style:{kind}-properties {properties}/>'
        "</style:style>"
    )


_LOOKS = (
    style("struck", 'style:text-line-through-style="solid"')
    + style("child", 'fo:font-weight="bold"', parent="struck")
    + style("hidden", 'text:display="none"')
    + style("white", 'fo:color="#ffffff"')
    + style("tiny", 'fo:font-size="1.5pt"')
    + style("blue", 'fo:color="#ffffff" fo:background-color="#1f3864"')
    + style("up", 'style:text-position="super 58%"')
    + style("lifted", 'style:text-position="33% 58%"')
    + style("down", 'style:text-position="sub 58%"')
    + style("dark", 'fo:background-color="#1f3864"', "table-cell", "table-cell")
)


def span(look: str, text: str) -> str:
    return f'<text:span text:style-name="{look}">{text}</text:span>'


@pytest.mark.parametrize("look", ["struck", "child", "hidden", "white", "tiny"])
def test_what_nobody_sees_is_not_stored(tmp_path: Path, look: str) -> None:
    body = f"<text:p>월세는 {span(look, '71만원')}<text:s/>65만원 {span('blue', '선불')}이다.</text:p>"
    assert of(tmp_path, document("text", body, _LOOKS)).text == "월세는 65만원 선불이다."


def test_deletions_hidden_parts_and_placeholders(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>옛 문장.</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:p>앞<text:change text:change-id='a'/> 뒤<text:change-start text:change-id='b'/> 새말"
        "<text:change-end text:change-id='b'/></text:p>"
        "<text:section text:display='none'><text:p>비밀 구역</text:p></text:section>"
        "<text:p><text:hidden-paragraph text:is-hidden='true'/>비밀 문단</text:p>"
        "<text:p>대표: <text:placeholder>이름 입력</text:placeholder></text:p>"
    )
    assert of(tmp_path, document("text", body)).text == "앞 뒤 새말\n\n대표:"


def test_raised_figures_and_notes(tmp_path: Path) -> None:
    note = (
        "<text:note><text:note-citation>2</text:note-citation><text:note-body><text:p>세전</text:p></text:note-body>"
        "</text:note>"
    )
    cells = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in ("상한", f"40{note}억"))
    body = (
        f"<text:p>10{span('up', '4')} Pa, 8 m{span('lifted', '2')}, H{span('down', '2')}O, "
        f"30{span('up', '1)')}원</text:p>"
        f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
    )
    text = of(tmp_path, document("text", body, _LOOKS)).text
    assert text.split("\n\n") == ["10⁴ Pa, 8 m², H₂O, 30¹⁾원", "상한 | 40²⁾억", "²⁾ 세전"]


def test_headers_once_and_no_page_numbers(tmp_path: Path) -> None:
    pages = (
        '<style:master-page style:name="Standard" style:next-style-name="Rest"><style:header><text:p>지침 HS-3 (제4판)'
        "</text:p></style:header><style:footer><text:p>- <text:page-number>1</text:page-number> -</text:p>"
        '</style:footer></style:master-page><style:master-page style:name="Rest"><style:header><text:p>'
        '지침 HS-3 (제4판)</text:p></style:header></style:master-page><style:master-page style:name="Unused">'
        "<style:header><text:p>남의 것"
        "</text:p></style:header></style:master-page>"
    )
    draft = of(tmp_path, document("text", "<text:p>본문.</text:p>", pages=pages))
    assert draft.text == "지침 HS-3 (제4판)\n\n본문."


def test_numbers_of_headings_and_levels(tmp_path: Path) -> None:
    common = (
        '<text:outline-style><text:outline-level-style text:level="1" style:num-format="1" style:num-prefix="제" '
        'style:num-suffix="장"/><text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
        "</text:outline-style>"
    )
    body = "".join(
        f'<text:h text:outline-level="{level}">{text}</text:h><text:p>글.</text:p>'
        for level, text in ((1, "총칙"), (2, "목적"), (2, "정의"), (1, "지원"), (2, "대상"))
    )
    draft = of(tmp_path, document("text", body, common=common))
    headings = [draft.text[b.start : b.end] for b in draft.blocks if b.kind == "heading"]
    assert headings == ["제1장 총칙", "1.1 목적", "1.2 정의", "제2장 지원", "2.1 대상"]


def test_fields_of_a_form_and_alternative_text(tmp_path: Path) -> None:
    body = (
        '<office:forms><form:form><form:text form:id="a" form:current-value="가온금속"/><form:checkbox form:id="b" '
        'form:label="중소기업" form:current-state="checked"/></form:form></office:forms>'
        '<text:p>업체명 <draw:control draw:control="a"/></text:p><text:p><draw:control draw:control="b"/></text:p>'
        "<text:p>그림:<draw:frame><draw:image/><svg:desc>밸브 세 개가 열린 배관도</svg:desc></draw:frame></text:p>"
    )
    text = of(tmp_path, document("text", body)).text
    assert text.split("\n\n") == ["업체명", "가온금속", "☑ 중소기업", "그림:", "[밸브 세 개가 열린 배관도]"]


def test_hidden_rows_and_columns_struck_cells_and_missing_results(tmp_path: Path) -> None:
    def cell(text: str, extra: str = "") -> str:
        return f"<table:table-cell {extra}><text:p>{text}</text:p></table:table-cell>"

    looks = _LOOKS + style("out", 'style:text-line-through-style="solid"', "table-cell")
    wide = 'table:number-rows-spanned="3"'
    covered = "<table:covered-table-cell/>"
    body = (
        '<table:table table:name="단가"><table:table-column/><table:table-column table:visibility="collapse"/>'
        "<table:table-column/>"
        f"<table:table-row>{cell('품목')}{cell('원가')}{cell('가격')}</table:table-row>"
        f"<table:table-row>{cell('볼트', wide)}{cell('11')}{cell('21')}</table:table-row>"
        f'<table:table-row table:visibility="collapse">{covered}{cell("12")}{cell("22")}</table:table-row>'
        f"<table:table-row>{covered}{cell('13')}{cell('23', 'table:style-name=' + chr(34) + 'out' + chr(34))}"
        f"</table:table-row>"
        f'<table:table-row>{cell("너트")}{cell("14")}<table:table-cell table:formula="of:=[.A1]*2"/></table:table-row>'
        "</table:table>"
    )
    draft = of(tmp_path, document("spreadsheet", body, looks))
    assert draft.text.split("\n\n")[1].split("\n") == ["품목 | 가격", "볼트 | 21", "너트 | "]
    assert [note["where"] for note in draft.metadata["notes"]] == ["1 formula"]


def test_hidden_slides_and_what_stands_on_every_slide(tmp_path: Path) -> None:
    styles = style("off", 'presentation:visibility="hidden"', "drawing-page", "drawing-page")

    def box(text: str) -> str:
        return f"<draw:frame><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"

    pages = f'<style:master-page style:name="M">{box("문서번호 PR-9")}</style:master-page>'
    body = (
        "<presentation:footer-decl presentation:name='f'>대외비</presentation:footer-decl>"
        f'<draw:page draw:master-page-name="M">{box("공개할 말.")}</draw:page>'
        f'<draw:page draw:master-page-name="M" draw:style-name="off">{box("숨긴 말.")}</draw:page>'
    )
    draft = of(tmp_path, document("presentation", body, styles, pages=pages))
    assert "숨긴" not in draft.text
    assert draft.text.count("문서번호 PR-9") == 1 and draft.text.count("대외비") == 1


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
