"""HWP, HWPX, DOCX, PPTX and XLSX: structure of small files made here, and what becomes of every sample."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.formats import office_container, read
from assistant.schema import Draft

SAMPLES = Path(__file__).resolve().parents[3] / ".." / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not on this machine")

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def archive(path: Path, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return path


def package(path: Path, main: str, kind: str, parts: dict[str, str]) -> Path:
    overrides = f'<Override PartName="/{main}" ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'
    types = f'<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    relation = f'<Relationship Id="r1" Type="{_DOC}/officeDocument" Target="{main}"/>'
    return archive(
        path,
        {
            "[Content_Types].xml": types,
            "_rels/.rels": f'<Relationships xmlns="{_RELS}">{relation}</Relationships>',
            **parts,
        },
    )


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def table(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


_STYLES = f"""<w:styles {_WORD}>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="ListNumber"><w:name w:val="List Number"/>
<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Step"><w:name w:val="Step"/><w:basedOn w:val="ListNumber"/></w:style>
</w:styles>"""
_NUMBERING = f"""<w:numbering {_WORD}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>
<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
_WORD_RELS = (
    f'<Relationships xmlns="{_RELS}"><Relationship Id="s" Type="{_DOC}/styles" Target="styles.xml"/>'
    f'<Relationship Id="n" Type="{_DOC}/numbering" Target="numbering.xml"/></Relationships>'
)


def docx(path: Path, body: str, prolog: str = "") -> Path:
    parts = {
        "word/document.xml": f"{prolog}<w:document {_WORD}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": _STYLES,
        "word/numbering.xml": _NUMBERING,
        "word/_rels/document.xml.rels": _WORD_RELS,
        "docProps/core.xml": '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>홍길동</dc:creator>'
        "</cp:coreProperties>",
    }
    return package(path, "word/document.xml", "wordprocessingml.document.main", parts)


def xlsx(path: Path, sheets: dict[str, str]) -> Path:
    states = {name: "hidden" if name.endswith("!") else "visible" for name in sheets}
    names = "".join(
        f'<sheet name="{name.rstrip(chr(33))}" sheetId="{at}" state="{states[name]}" r:id="r{at}"/>'
        for at, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="r{at}" Type="{_DOC}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    parts = {
        "xl/workbook.xml": f'<workbook {_SHEET} xmlns:r="{_DOC}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELS}">{links}</Relationships>',
    }
    for at, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{at}.xml"] = f"<worksheet {_SHEET}><sheetData>{rows}</sheetData></worksheet>"
    return package(path, "xl/workbook.xml", "spreadsheetml.sheet.main", parts)


def row(number: int, *values: str | int) -> str:
    cells = []
    for column, value in zip("ABCDE", values, strict=False):
        if isinstance(value, int):
            cells.append(f'<c r="{column}{number}"><v>{value}</v></c>')
        elif value.startswith("="):
            formula, _, cached = value[1:].partition("→")
            cells.append(f'<c r="{column}{number}"><f>{formula}</f><v>{cached}</v></c>')
        elif value:
            cells.append(f'<c r="{column}{number}" t="inlineStr"><is><t>{value}</t></is></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def blocks(draft: Draft) -> list[tuple[str, str]]:
    return [(b.kind, draft.text[b.start : b.end]) for b in draft.blocks]


def refused(path: Path) -> str:
    with pytest.raises(ReadError) as caught:
        read(path)
    assert path.name in caught.value.message and caught.value.hint
    return caught.value.message


def test_docx_headings_and_steps(tmp_path: Path) -> None:
    body = (
        paragraph("안전 지침", "Heading1")
        + paragraph("절차", "Heading2")
        + paragraph("전원을 끈다.", "ListNumber")
        + paragraph("잠근다.", "Step")
        + paragraph("경고: 손을 넣지 않는다.")
    )
    draft = read(docx(tmp_path / "이름은.hwp", body))
    assert blocks(draft) == [
        ("heading", "안전 지침"),
        ("heading", "절차"),
        ("list_item", "1. 전원을 끈다."),
        ("list_item", "2. 잠근다."),
        ("quote", "경고: 손을 넣지 않는다."),
    ]
    assert draft.blocks[3].heading_path == ("안전 지침", "절차")
    assert draft.metadata["title"] == "안전 지침"
    assert draft.metadata["media_type"].endswith("wordprocessingml.document")


def test_docx_merged_cells(tmp_path: Path) -> None:
    body = table(
        cell("구분", '<w:vMerge w:val="restart"/>') + cell("2025년", '<w:gridSpan w:val="2"/>'),
        cell("", "<w:vMerge/>") + cell("상반기") + cell("하반기"),
        cell("기술", '<w:vMerge w:val="restart"/>') + cell("10") + cell("20"),
        cell("", "<w:vMerge/>") + cell("30") + cell("40"),
    )
    draft = read(docx(tmp_path / "a.docx", body))
    assert [text for _, text in blocks(draft)] == [
        "구분 | 2025년 상반기 | 2025년 하반기",
        "기술 | 10 | 20",
        "기술 | 30 | 40",
    ]
    assert {b.table_header for b in draft.blocks[1:]} == {"구분 | 2025년 상반기 | 2025년 하반기"}


def test_boxes_become_headings_and_paragraphs(tmp_path: Path) -> None:
    large = "".join(paragraph(f"{n}번째 문장은 길다. " * 10) for n in range(8))
    body = (
        table(cell("Ⅱ") + cell("추진 체계"))
        + table(cell("한 칸짜리 상자"))
        + table(cell("이름") + cell("값"), cell("설명") + f"<w:tc>{large}</w:tc>", cell("가") + cell("나"))
    )
    kinds = blocks(read(docx(tmp_path / "a.docx", body)))
    assert kinds[:2] == [("heading", "Ⅱ 추진 체계"), ("paragraph", "한 칸짜리 상자")]
    assert Counter(kind for kind, _ in kinds) == {"heading": 1, "paragraph": 10, "table_row": 2}


def test_name_and_value_pairs_have_no_header(tmp_path: Path) -> None:
    body = table(cell("사업비") + cell("1,200백만원"), cell("기간") + cell("2026.1.~2026.12."))
    draft = read(docx(tmp_path / "a.docx", body))
    assert [b.table_header for b in draft.blocks] == ["", ""]


def test_xlsx_sheets_formulas_and_gaps(tmp_path: Path) -> None:
    first = (
        row(1, "목록")
        + row(2, "설비 대장")
        + row(3, "설비", "출력", "합계")
        + row(4, "P-100", 371, "=SUM(B4:B6)→791")
        + row(6, "P-101", 420, 7)
        + row(7, "(=비고)", "", "")
    )
    draft = read(xlsx(tmp_path / "a.xlsx", {"목록": first, "숨김!": row(1, "비밀"), "둘째": row(1, "가", "나")}))
    assert blocks(draft) == [
        ("heading", "목록"),
        ("heading", "설비 대장"),
        ("table_row", "설비 | 출력 | 합계"),
        ("table_row", "P-100 | 371 | 791"),
        ("table_row", "P-101 | 420 | 7"),
        ("table_row", "(=비고) |  | "),
        ("heading", "둘째"),
        ("table_row", "가 | 나"),
    ]
    assert draft.blocks[4].table_header == "설비 | 출력 | 합계"
    assert draft.metadata["title"] == "a"


def test_empty_documents_are_refused(tmp_path: Path) -> None:
    assert "no text" in refused(docx(tmp_path / "a.docx", paragraph("")))
    assert "no text" in refused(docx(tmp_path / "b.docx", table(cell("") + cell(""))))


def test_broken_xml_is_refused(tmp_path: Path) -> None:
    assert "damaged" in refused(docx(tmp_path / "a.docx", "<w:p>"))
    path = docx(tmp_path / "b.docx", paragraph("글"))
    path.write_bytes(path.read_bytes()[:-40])
    assert "damaged ZIP" in refused(path)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("비밀번호", encoding="utf-8")
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    prolog = f'<!DOCTYPE x [<!ENTITY a0 "하"><!ENTITY s SYSTEM "{secret.as_uri()}">{laughs}]>'
    path = docx(tmp_path / "a.docx", paragraph("앞 &s; &a8; 뒤", "ListNumber"), prolog)
    try:
        text = read(path).text
    except ReadError:
        return
    assert "비밀번호" not in text and len(text) < 1000


def test_zip_bombs_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = docx(tmp_path / "a.docx", paragraph("글") + "<!--" + " " * 45 * 2**20 + "-->")
    assert "45 MB" in refused(path)
    many = docx(tmp_path / "b.docx", paragraph("글"))
    monkeypatch.setattr(office_container, "UNPACKED_LIMIT", 1000)
    assert "would unpack" in refused(many)


def test_other_containers_are_named(tmp_path: Path) -> None:
    ambiguous = {"[Content_Types].xml": "<Types/>", "word/document.xml": "x", "xl/workbook.xml": "x"}
    assert "ZIP" in refused(archive(tmp_path / "b.docx", ambiguous))


def test_encrypted_zip_is_named(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", paragraph("글"))
    content = bytearray(path.read_bytes())
    for at in (match.start() for match in re.finditer(rb"PK\x01\x02", bytes(content))):
        content[at + 8] |= 1  # the flag of an encrypted entry
    path.write_bytes(bytes(content))
    assert refused(path) == "a.docx is encrypted."


@needs_samples
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("hwp/HWP3-password-123456.hwp", "HWP 3"),
        ("hwpx/HWP5-password-123456.hwpx", "encrypted"),
        ("hwp/distribution.hwp", "distribution"),
    ],
)
def test_samples_that_cannot_be_read(name: str, reason: str) -> None:
    assert reason in refused(SAMPLES / name)


@needs_samples
def test_every_other_sample_is_read() -> None:
    unreadable = {"HWP3-password-123456.hwp", "HWP5-password-123456.hwpx", "distribution.hwp"}
    paths = [p for suffix in ("hwp", "hwpx", "docx", "pptx", "xlsx") for p in SAMPLES.rglob(f"*.{suffix}")]
    seen = set()
    for path in sorted(paths):
        if path.name in unreadable or path.name in seen:
            continue
        seen.add(path.name)
        draft = read(path)
        assert draft.text.strip() and draft.metadata["title"]
        assert "[comment" not in draft.text and "/media/" not in draft.text and "Author: " not in draft.text
        for before, after in zip(draft.blocks, draft.blocks[1:], strict=False):
            assert before.end < after.start
        slides = path.suffix == ".pptx"
        assert all((block.page is not None) == slides for block in draft.blocks), path.name


def words(draft: Draft) -> Counter[str]:
    return Counter(re.findall(r"\w+", draft.text))


@needs_samples
@pytest.mark.parametrize("name", ["noori", "table-bug", "sample-5017", "table_20_real_world_ministry_stress"])
def test_hwp_and_hwpx_twins_have_the_same_words(name: str) -> None:
    folders = ("hwp_twins", "hwp_twins") if name.startswith("table_20") else ("hwp", "hwpx")
    old = read(SAMPLES / folders[0] / f"{name}.hwp")
    new = read(SAMPLES / folders[1] / f"{name}.hwpx")
    common = (words(old) & words(new)).total()
    assert common >= 0.98 * words(old).total() and common >= 0.97 * words(new).total()
    rows = [[text for kind, text in blocks(draft) if kind == "table_row"] for draft in (old, new)]
    assert rows[0] == rows[1]


@needs_samples
def test_a_wrong_extension_does_not_matter() -> None:
    assert read(SAMPLES / "hwpx/TRAP-really-hwp5-with-hwpx-name.hwpx").metadata["media_type"] == "application/x-hwp"


@needs_samples
def test_slides_have_numbers_and_titles() -> None:
    draft = read(SAMPLES / "office_generated/generated/ko.pptx")
    assert [(b.page, b.heading_path) for b in draft.blocks if b.kind == "heading"] == [
        (1, ("사업 개요",)),
        (2, ("추진 일정",)),
    ]
    untitled = read(SAMPLES / "pptx/powerpoint_sample.pptx")
    assert "Slide 3" in [text for kind, text in blocks(untitled) if kind == "heading"]


@needs_samples
def test_a_real_call_for_proposals() -> None:
    draft = read(SAMPLES / "hwp/molit-greenremodel-subsidy-call.hwp")
    headings = [text for kind, text in blocks(draft) if kind == "heading"]
    assert headings[:3] == ["Ⅰ 공모 사업 개요", "Ⅱ 추진 체계", "Ⅲ 사업 주요 내용 [붙임 2]"]
    rows = [text for kind, text in blocks(draft) if kind == "table_row"]
    assert any(text.startswith("보조사업자 (수행기관) | 공동기관 | ㅇ") for text in rows)


def test_formulas_are_taken_out_of_the_xml() -> None:
    target = io.BytesIO()
    sheet = b'<c><f>A1</f><v>1</v></c><c><f t="shared" si="0"/><v>2</v></c><x:c><x:f a="b">B</x:f><x:v>3</x:v></x:c>'
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("xl/worksheets/sheet1.xml", sheet)
    with zipfile.ZipFile(io.BytesIO(office_container.prepared(target.getvalue(), "xlsx")[0])) as file:
        left = file.read("xl/worksheets/sheet1.xml")
    assert left == b"<c><v>1</v></c><c><v>2</v></c><x:c><x:v>3</x:v></x:c>"
