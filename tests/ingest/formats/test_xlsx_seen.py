"""Excel: what a person sees of the cells, and what must be listed because the file does not hold it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from assistant.ingest.formats import read
from assistant.schema import Draft

_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_FONTS = (
    "<font/>",
    "<font><strike/></font>",
    '<font><color rgb="FFFFFFFF"/></font>',
    '<font><sz val="1"/></font>',
)
_FORMATS = {170: "#,##0;(#,##0)", 171: "0.0%", 172: "\\1\\.0#"}


def xf(font: int = 0, fill: int = 0, form: int = 0) -> str:
    return f'<xf fontId="{font}" fillId="{fill}" numFmtId="{form}"/>'


#: 0 plain, 1 struck, 2 white, 3 white on blue, 4 tiny, 5 to 9 formats
_CELLS = (
    xf(),
    xf(1),
    xf(2),
    xf(2, 2),
    xf(3),
    xf(form=170),
    xf(form=171),
    xf(form=14),
    xf(form=31),
    xf(form=41),
    xf(form=172),
)
_STYLES = (
    f"<styleSheet {_MAIN}><numFmts>"
    + "".join(
        f'<numFmt numFmtId="{code}" formatCode="{form.replace(chr(34), "&quot;")}"/>' for code, form in _FORMATS.items()
    )
    + f"</numFmts><fonts>{''.join(_FONTS)}</fonts><fills><fill><patternFill patternType='none'/></fill><fill>"
    f"<patternFill "
    "patternType='gray125'/></fill><fill><patternFill patternType='solid'><fgColor rgb='FF1F3864'/>"
    "</patternFill></fill>"
    f"</fills><cellXfs>{''.join(_CELLS)}</cellXfs></styleSheet>"
)


def c(place: str, value: str | float, style: int = 0) -> str:
    if isinstance(value, str):
        return (
            f'<c r="{place}" s="{style}" t="inlineStr">'
            f"<is>{value if value.startswith('<') else f'<t>{value}</t>'}</is></c>"
        )
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def rows(*lines: str, hidden: tuple[int, ...] = ()) -> str:
    return "".join(
        f'<row r="{at}"{" hidden=" + chr(34) + "1" + chr(34) if at in hidden else ""}>{line}</row>'
        for at, line in enumerate(lines, 1)
    )


def workbook(
    path: Path, data: str, before: str = "", after: str = "", parts: dict[str, str] | None = None, names: str = ""
) -> Draft:
    links = f'<Relationship Id="s" Type="{_DOC}/worksheet" Target="worksheets/sheet1.xml"/>'
    links += f'<Relationship Id="t" Type="{_DOC}/styles" Target="styles.xml"/>'
    links += f'<Relationship Id="u" Type="{_DOC}/sharedStrings" Target="sharedStrings.xml"/>'
    main = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
        'Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="r" Type="{_DOC}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_DOC}"><sheets><sheet name="단가" sheetId="1" r:id="s"/>'
        f"</sheets>"
        f"{names}</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELS}">{links}</Relationships>',
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": f'<worksheet {_MAIN} xmlns:r="{_DOC}">{before}<sheetData>{data}</sheetData>{after}'
        "</worksheet>",
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in main.items():
            archive.writestr(name, text)
    return read(path)


def lines(draft: Draft) -> list[str]:
    return [draft.text[b.start : b.end] for b in draft.blocks if b.kind == "table_row"]


def test_hidden_rows_and_columns_leave_no_gap(tmp_path: Path) -> None:
    data = rows(
        c("A1", "품목") + c("B1", "원가") + c("C1", "가격") + c("D1", "비고"),
        c("A2", "볼트") + c("B2", 11) + c("C2", 21),
        c("A3", "비밀") + c("B3", 12) + c("C3", 22),
        c("B4", 13) + c("C4", 23) + c("D4", "특가"),
        hidden=(3,),
    )
    merged = '<mergeCells><mergeCell ref="A2:A4"/><mergeCell ref="B1:B3"/></mergeCells>'
    columns = '<cols><col min="2" max="2" hidden="1"/></cols>'
    draft = workbook(tmp_path / "a.xlsx", data, columns, merged)
    assert lines(draft) == ["품목 | 가격 | 비고", "볼트 | 21 | ", "볼트 | 23 | 특가"]
    assert {b.table_header for b in draft.blocks if b.kind == "table_row"} == {"", "품목 | 가격 | 비고"}


def test_struck_white_and_tiny_cells(tmp_path: Path) -> None:
    data = rows(
        c("A1", "품목", 3) + c("B1", "가격", 3),
        c("A2", "볼트") + c("B2", 90, 1),
        c("A3", "너트") + c("B3", 80, 2),
        c("A4", "와셔") + c("B4", 70, 4),
        c("A5", "핀") + c("B5", 60),
    )
    assert lines(workbook(tmp_path / "a.xlsx", data)) == ["품목 | 가격", "볼트 | ", "너트 | ", "와셔 | ", "핀 | 60"]
    table = '<tableParts count="1"><tablePart r:id="x"/></tableParts>'
    assert lines(workbook(tmp_path / "b.xlsx", data, after=table))[2] == "너트 | 80"


def test_rich_text(tmp_path: Path) -> None:
    def run(text: str, look: str) -> str:
        return f"<r><rPr>{look}</rPr><t>{text}</t></r>"

    strings = (
        f"<sst {_MAIN}><si>{run('7만원', '<strike/>')}{run(' 9만원', '')}</si>"
        f"<si>{run('50', '')}{run('1)', '<vertAlign val=' + repr('superscript') + '/>')}{run('백만원', '')}</si>"
        '<si><t>한자</t><rPh sb="0" eb="1"><t>요미</t></rPh></si></sst>'
    )
    shared = "".join(f'<c r="{place}" t="s"><v>{at}</v></c>' for at, place in enumerate(("A1", "B1", "C1")))
    below = c("A2", "<r><rPr><vertAlign val='subscript'/></rPr><t>2</t></r>") + c("B2", 3) + c("C2", 4)
    draft = workbook(tmp_path / "a.xlsx", rows(shared, below), parts={"xl/sharedStrings.xml": strings})
    assert lines(draft) == ["9만원 | 50¹⁾백만원 | 한자", "₂ | 3 | 4"]


def test_formats_of_numbers(tmp_path: Path) -> None:
    data = rows(
        "".join(c(f"{column}1", f"열{column}") for column in "ABCDEF"),
        c("A2", -1200, 5)
        + c("B2", 0.125, 6)
        + c("C2", 46054, 7)
        + c("D2", 46054, 8)
        + c("E2", 1234567, 9)
        + c("F2", 2, 10),
    )
    assert (
        lines(workbook(tmp_path / "a.xlsx", data))[1] == "(1,200) | 12.5% | 2026-02-01 | 2026-02-01 | 1,234,567 | 1.02"
    )


def test_formulas_without_a_result_are_listed(tmp_path: Path) -> None:
    data = rows(
        c("A1", "합계") + c("B1", "평균") + c("C1", "빈글"),
        '<c r="A2"><f>SUM(D1:D9)</f></c><c r="B2"><f>D1</f><v>7</v></c><c r="C2" t="str"><f>""</f><v></v></c>',
    )
    draft = workbook(tmp_path / "a.xlsx", data)
    assert [note["where"] for note in draft.metadata["notes"]] == ["1 formula"]
    assert lines(draft)[1] == " | 7 | "


def test_defined_names_comments_and_running_heads(tmp_path: Path) -> None:
    comments = (
        f'<comments {_MAIN}><authors><author>가</author></authors><commentList><comment ref="A1" authorId="0">'
        f"<text><t>몰래"
        "</t></text></comment></commentList></comments>"
    )
    links = (
        f'<Relationships xmlns="{_RELS}"><Relationship Id="c" Type="{_DOC}/comments" '
        f'Target="../comments1.xml"/></Relationships>'
    )
    heads = (
        '<headerFooter><oddHeader>&amp;L&amp;"맑은 고딕"&amp;9&amp;K000000양식 F-12 개정 2&amp;R&amp;D</oddHeader>'
        "<oddFooter>&amp;C쪽 &amp;P / &amp;N</oddFooter></headerFooter>"
    )
    draft = workbook(
        tmp_path / "a.xlsx",
        rows(c("A1", "품목") + c("B1", "가격"), c("A2", "볼트") + c("B2", 3)),
        after=heads,
        parts={"xl/comments1.xml": comments, "xl/worksheets/_rels/sheet1.xml.rels": links},
        names="<definedNames><definedName name='비밀'>71</definedName></definedNames>",
    )
    assert draft.text == "양식 F-12 개정 2\n\n단가\n\n품목 | 가격\n볼트 | 3"
