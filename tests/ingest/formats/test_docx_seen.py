"""Word: what a person does not see is not stored, what they see is, and figures keep their place."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from assistant.ingest.formats import read
from assistant.schema import Draft

_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{_DOC}" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_KINDS = {"hdr": "header", "ftr": "footer"}


def r(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def document(
    path: Path, body: str, styles: str = "", numbering: str = "", notes: str = "", parts: dict[str, str] | None = None
) -> Draft:
    """A Word file; `parts` are further parts by name, each referred to by its stem."""
    main = {
        "word/styles.xml": f"<w:styles {_NAMES}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {_NAMES}>{numbering}</w:numbering>",
        "word/footnotes.xml": f"<w:footnotes {_NAMES}>{notes}</w:footnotes>",
        **(parts or {}),
    }
    kinds = {"styles": "styles", "numbering": "numbering", "footnotes": "footnotes"}
    links = "".join(
        f'<Relationship Id="{Path(name).stem}" Target="{Path(name).name}" '
        f'Type="{_DOC}/{kinds.get(Path(name).stem) or Path(name).stem.rstrip("0123456789")}"/>'
        for name in main
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
            'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_RELS}"><Relationship Id="r" Type="{_DOC}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr("word/document.xml", f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>")
        archive.writestr("word/_rels/document.xml.rels", f'<Relationships xmlns="{_RELS}">{links}</Relationships>')
        for name, text in main.items():
            archive.writestr(name, text)
    return read(path)


_STYLES = (
    '<w:style w:type="character" w:styleId="Old"><w:rPr><w:strike/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Older"><w:basedOn w:val="Old"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="table" w:styleId="Dark"><w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:fill="1F3864"/></w:tcPr>'
    "</w:tblStylePr></w:style>"
)
_WHITE = '<w:color w:val="FFFFFF"/>'


@pytest.mark.parametrize(
    "hidden",
    [
        r("7만원", "<w:strike/>"),
        r("7만원", "<w:dstrike/>"),
        r("7만원", '<w:rStyle w:val="Older"/>'),
        r("7만원", "<w:vanish/>"),
        r("7만원", _WHITE),
        r("7만원", '<w:color w:val="auto" w:themeColor="background1"/>'),
        r("7만원", '<w:sz w:val="3"/>'),
        '<w:del w:id="1"><w:r><w:delText>7만원</w:delText></w:r></w:del>',
        f'<w:moveFrom w:id="2">{r("7만원")}</w:moveFrom>',
    ],
)
def test_what_nobody_sees_is_not_stored(tmp_path: Path, hidden: str) -> None:
    draft = document(tmp_path / "a.docx", p(r("출장비는 "), hidden, r("9만원이다.")), _STYLES)
    assert draft.text == "출장비는 9만원이다."


@pytest.mark.parametrize(
    "shown",
    [
        r("9만원", '<w:strike w:val="0"/>'),
        r("9만원", '<w:rStyle w:val="Old"/><w:strike w:val="false"/>'),
        r("9만원", '<w:sz w:val="16"/>'),
        f'<w:ins w:id="1">{r("9만원")}</w:ins>',
        f'<w:moveTo w:id="1">{r("9만원")}</w:moveTo>',
        f'<w:customXml w:element="x">{r("9만원")}</w:customXml>',
        r("9만원", f'{_WHITE}<w:highlight w:val="blue"/>'),
        r("9만원", f'{_WHITE}<w:shd w:val="clear" w:fill="1F3864"/>'),
    ],
)
def test_what_is_shown_is_stored(tmp_path: Path, shown: str) -> None:
    assert document(tmp_path / "a.docx", p(r("출장비는 "), shown, r("이다.")), _STYLES).text == "출장비는 9만원이다."


def test_white_words_on_a_dark_table_are_seen(tmp_path: Path) -> None:
    dark = '<w:tcPr><w:shd w:val="clear" w:fill="1F3864"/></w:tcPr>'
    cells = "".join(f"<w:tc>{dark}{p(r(text, _WHITE))}</w:tc>" for text in ("품목", "단가"))
    styled = "".join(f"<w:tc>{p(r(text, _WHITE))}</w:tc>" for text in ("구분", "금액"))
    row = "<w:tr>" + "".join(f"<w:tc>{p(r(text))}</w:tc>" for text in ("볼트", "90원")) + "</w:tr>"
    body = (
        f"<w:tbl><w:tr>{cells}</w:tr>{row}</w:tbl>"
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Dark"/></w:tblPr><w:tr>{styled}</w:tr>{row}</w:tbl>'
    )
    draft = document(tmp_path / "a.docx", body, _STYLES)
    assert [b.table_header for b in draft.blocks if b.table_header] == ["품목 | 단가", "구분 | 금액"]


def test_deleted_rows_and_hidden_paragraphs(tmp_path: Path) -> None:
    def row(*texts: str, properties: str = "") -> str:
        cells = "".join(f"<w:tc>{p(r(text))}</w:tc>" for text in texts)
        return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"

    body = f"<w:tbl>{row('등급', '비율')}{row('가', '70%', properties='<w:del/>')}{row('나', '50%')}</w:tbl>" + p(
        r("관리자만 본다."), properties='<w:pStyle w:val="Secret"/>'
    )
    assert document(tmp_path / "a.docx", body, _STYLES).text == "등급 | 비율\n나 | 50%"


def test_raised_and_lowered_figures(tmp_path: Path) -> None:
    up, down = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
    body = p(
        r("한도 70"), r("2)", up), r("백만원, 압력 3×10"), r("5", up), r(" Pa, CO"), r("2", down), r(" 40"), 
        r("주3)", up),
        r("대, 높이 12 m"), r("3", '<w:position w:val="8"/><w:sz w:val="12"/>'),
    )  # fmt: skip
    assert document(tmp_path / "a.docx", body).text == "한도 70²⁾백만원, 압력 3×10⁵ Pa, CO₂ 40 주3)대, 높이 12 m³"


def test_a_note_stands_behind_its_paragraph_or_table(tmp_path: Path) -> None:
    def reference(name: int) -> str:
        return f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="{name}"/></w:r>'

    notes = "".join(
        f'<w:footnote w:id="{n}">{p(r(text))}</w:footnote>' for n, text in ((2, "부가세 제외"), (3, "세전"))
    )
    cells = f"<w:tr><w:tc>{p(r('한도'))}</w:tc><w:tc>{p(r('50'), reference(3), r('백만원'))}</w:tc></w:tr>"
    body = p(r("단가는 30"), reference(2), r("원이다.")) + p(r("다음 문단.")) + f"<w:tbl>{cells}</w:tbl>" + p(r("끝."))
    draft = document(tmp_path / "a.docx", body, notes=notes)
    assert draft.text.split("\n\n") == [
        "단가는 30¹⁾원이다.",
        "¹⁾ 부가세 제외",
        "다음 문단.",
        "한도 | 50²⁾백만원",
        "²⁾ 세전",
        "끝.",
    ]


def test_form_fields_ticks_and_signs(tmp_path: Path) -> None:
    control = (
        f'<w:sdt><w:sdtPr><w:alias w:val="firm"/></w:sdtPr><w:sdtContent>{r("하람정공")}</w:sdtContent></w:sdt>',
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('여기를 누르십시오')}</w:sdtContent></w:sdt>",
        '<w:sdt><w:sdtPr><w14:checkbox/></w:sdtPr><w:sdtContent><w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
        "</w:sdtContent></w:sdt>",
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="소기업"/>'
        '<w:listEntry w:val="중기업"/></w:ddList></w:ffData></w:fldChar></w:r>',
    )
    body = (
        p(r("업체: "), control[0]) + p(r("대표: "), control[1]) + p(control[2], r(" 동의함"))
        + p(r("규모: "), control[3])
        + p(r("온도 20"), "<w:r><w:noBreakHyphen/></w:r>", r("30 "),
            '<w:r><w:sym w:font="Symbol" w:char="F0B0"/></w:r>',
            r("C"))
    )  # fmt: skip
    assert document(tmp_path / "a.docx", body).text.split("\n\n") == [
        "업체: 하람정공",
        "대표:",
        "☑ 동의함",
        "규모: 중기업",
        "온도 20-30 °C",
    ]


def test_headers_and_footers_stand_once_without_page_numbers(tmp_path: Path) -> None:
    page = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r("7")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    parts = {
        "word/header1.xml": f"<w:hdr {_NAMES}>{p(r('문서번호 QP-07 개정 3 (2026-02-01)'))}</w:hdr>",
        "word/header2.xml": f"<w:hdr {_NAMES}>{p(r('표지에만'))}</w:hdr>",
        "word/footer1.xml": f"<w:ftr {_NAMES}>{p(r('- '), page, r(' -'))}</w:ftr>",
    }
    references = (
        '<w:headerReference w:type="default" r:id="header1"/><w:headerReference w:type="first" r:id="header2"/>'
        '<w:footerReference w:type="default" r:id="footer1"/>'
    )
    sections = p(r("첫 장."), properties=f"<w:sectPr>{references}</w:sectPr>") + p(r("둘째 장."))
    draft = document(tmp_path / "a.docx", f"{sections}<w:sectPr>{references}</w:sectPr>", parts=parts)
    assert draft.text == "문서번호 QP-07 개정 3 (2026-02-01)\n\n첫 장.\n\n둘째 장."
    assert draft.metadata["title"] == "첫 장." or draft.metadata["title"] == "a"


def level(at: int, form: str, pattern: str) -> str:
    return f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{pattern}"/></w:lvl>'


def test_numbers_of_lists(tmp_path: Path) -> None:
    levels = level(0, "decimal", "제%1조") + level(1, "ganada", "%2.") + level(2, "decimalEnclosedCircle", "%3")
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
        "</w:lvlOverride></w:num>"
    )

    def item(text: str, at: int, name: int = 1, look: str = "") -> str:
        numbers = f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{name}"/></w:numPr>'
        return p(r(text, look), properties=numbers)

    body = (
        item("목적", 0) + item("정의", 1) + item("폐지", 1, look="<w:strike/>") + item("범위", 1) + item("세목", 2)
        + item("지원", 0, 2) + item("요건", 1, 2) + item("새 목록", 0, 3)
    )  # fmt: skip
    texts = document(tmp_path / "a.docx", body, numbering=numbering).text.replace("\n\n", "\n").split("\n")
    assert texts == ["제1조 목적", "가. 정의", "다. 범위", "① 세목", "제2조 지원", "가. 요건", "제1조 새 목록"]


def test_powers_in_formulas(tmp_path: Path) -> None:
    def m(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    power = f"<m:oMath><m:sSup><m:e>{m('10')}</m:e><m:sup>{m('6')}</m:sup></m:sSup></m:oMath>"
    cells = "".join(f"<w:tc>{p(each)}</w:tc>" for each in (r("압력"), power + r(" Pa")))
    body = p(r("압력은 "), power, r(" Pa이다.")) + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    assert document(tmp_path / "a.docx", body).text == "압력은 10⁶ Pa이다.\n\n압력 | 10⁶ Pa"


def test_a_value_as_wide_as_the_table_is_no_header(tmp_path: Path) -> None:
    def cell(text: str, wide: int = 1) -> str:
        return f'<w:tc><w:tcPr><w:gridSpan w:val="{wide}"/></w:tcPr>{p(r(text))}</w:tc>'

    rows = (cell("보도일") + cell("9월 4일 조간", 3), cell("배포일") + cell("9월 3일") + cell("부서") + cell("정책과"))
    draft = document(tmp_path / "a.docx", "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>")
    assert draft.text.split("\n\n") == ["보도일 | 9월 4일 조간 |  | ", "배포일 | 9월 3일 | 부서 | 정책과"]


def test_comments_and_bookmarks_are_not_stored(tmp_path: Path) -> None:
    parts = {
        "word/comments.xml": f'<w:comments {_NAMES}><w:comment w:id="0">{p(r("깎자고 할 것"))}</w:comment></w:comments>'
    }
    body = p(
        '<w:bookmarkStart w:id="4" w:name="비밀메모"/><w:commentRangeStart w:id="0"/>', r("견적 90만원"),
        '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>',
        '<w:hyperlink w:anchor="_Toc1">' + r(" 참조") + "</w:hyperlink>",
    )  # fmt: skip
    assert document(tmp_path / "a.docx", body, parts=parts).text == "견적 90만원 참조"


def test_boxes_of_one_drawing_are_paragraphs_of_their_own(tmp_path: Path) -> None:
    def box(*words: str) -> str:
        inside = "".join(p(r(each)) for each in words)
        return f"<v:shape><v:textbox><w:txbxContent>{inside}</w:txbxContent></v:textbox></v:shape>"

    drawing = f"<w:r><w:pict>{box('접수 마감', '5월 4일')}{box('보건소가 조사한다.')}</w:pict></w:r>"
    draft = document(tmp_path / "a.docx", p(r("절차"), drawing) + p(r("끝")))
    assert draft.text.split("\n\n") == ["절차", "접수 마감", "5월 4일", "보건소가 조사한다.", "끝"]
