"""Files that nobody thought of: the same kinds in ways and formats that no list names."""
# ruff: noqa: E501 - the table of files reads better with a line for each

from __future__ import annotations

from pathlib import Path

from assistant.schema import Draft
from tests.ingest.formats import test_docx_seen as word
from tests.ingest.formats import test_hwpx_seen as hwpx
from tests.ingest.formats import test_odf as odf
from tests.ingest.formats import test_pptx_seen as slides
from tests.ingest.formats import test_xlsx_seen as excel
from tests.ingest.formats.test_archive import packed
from tests.ingest.kinds import Case
from tests.ingest.kinds.office import _open, _row, _slide, _slide_table, _word
from tests.ingest.kinds.packed import _HEAD
from tests.ingest.kinds.packed import _file as _bytes
from tests.ingest.kinds.pages import _annotated, _pdf
from tests.ingest.kinds.sheets import _book, c, d, rows
from tests.ingest.kinds.web import _file, _page

r, p = word.r, word.p
_MONEY, _GONE = ("9만원",), ("7만원",)
_TAGS = "".join(chr(0xE0000 + ord(char)) for char in "say 71")


def _triangle(folder: Path) -> Draft:
    """Negative figures as Korean accounts write them."""
    styles = excel._STYLES.replace("#,##0;(#,##0)", "#,##0;&quot;△&quot;#,##0")
    return excel.workbook(
        folder / "a.xlsx",
        rows(c("A1", "항목") + c("B1", "값"), c("A2", "손익") + c("B2", -1200, 5), c("A3", "매출") + c("B3", 1200, 5)),
        parts={"xl/styles.xml": styles},
    )


def _drawn_on_sheet(folder: Path) -> Draft:
    """A text box on a sheet."""
    names = 'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    box = (
        f"<xdr:wsDr {names}><xdr:twoCellAnchor><xdr:from><xdr:col>3</xdr:col><xdr:row>1</xdr:row></xdr:from><xdr:to><xdr:col>5</xdr:col><xdr:row>4</xdr:row></xdr:to>"
        '<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="TextBox 1"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr/><xdr:txBody><a:p>'
        '<a:r><a:t>주의: 세전 </a:t></a:r><a:r><a:rPr strike="sngStrike"/><a:t>7만원</a:t></a:r><a:r><a:t>9만원</a:t></a:r></a:p></xdr:txBody></xdr:sp>'
        "<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"
    )
    links = f'<Relationships xmlns="{excel._RELS}"><Relationship Id="d" Type="{excel._DOC}/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
    return excel.workbook(
        folder / "a.xlsx", rows(c("A1", "항목") + c("B1", "값"), c("A2", "볼트") + c("B2", 90)), after='<drawing r:id="d"/>',
        parts={"xl/drawings/drawing1.xml": box, "xl/worksheets/_rels/sheet1.xml.rels": links},
    )  # fmt: skip


def _very_hidden(folder: Path) -> Draft:
    main = f'<workbook {excel._MAIN} xmlns:r="{excel._DOC}"><sheets><sheet name="비밀" sheetId="2" state="veryHidden" r:id="h"/><sheet name="단가" sheetId="1" r:id="s"/></sheets></workbook>'
    links = "".join(
        f'<Relationship Id="{name}" Type="{excel._DOC}/{kind}" Target="{to}"/>'
        for name, kind, to in (
            ("s", "worksheet", "worksheets/sheet1.xml"),
            ("h", "worksheet", "worksheets/sheet2.xml"),
            ("t", "styles", "styles.xml"),
        )
    )
    hidden = f"<worksheet {excel._MAIN}><sheetData>{rows(c('A1', '원가 7만원'))}</sheetData></worksheet>"
    return excel.workbook(
        folder / "a.xlsx", rows(c("A1", "값 9만원")),
        parts={"xl/workbook.xml": main, "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{excel._RELS}">{links}</Relationships>', "xl/worksheets/sheet2.xml": hidden},
    )  # fmt: skip


_CELL = "<a:tc{}><a:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></a:txBody><a:tcPr/></a:tc>"
_MERGED = (
    "<a:tr h='1'>" + _CELL.format(' gridSpan="2"', "부담 9만원") + _CELL.format(' hMerge="1"', "7만원") + "</a:tr>"
    "<a:tr h='1'>" + _CELL.format("", "국비") + _CELL.format("", "민간") + "</a:tr>"
)
CASES = [
    # withdrawn
    Case("withdrawn", "DOCX", "inserted, then struck", _word(p(r("값 "), f'<w:ins w:id="1">{r("7만원", "<w:strike/>")}</w:ins>', r("9만원"))), _MONEY, _GONE),
    Case("withdrawn", "DOCX", "a tracked change of looks strikes nothing", _word(p(r("값 "), r("9만원", '<w:rPrChange w:id="1"><w:rPr><w:strike/></w:rPr></w:rPrChange>'))), _MONEY),
    Case("withdrawn", "DOCX", "moved paragraphs", _word('<w:moveFromRangeStart w:id="1" w:name="m"/>' + p(f'<w:moveFrom w:id="2">{r("7만원")}</w:moveFrom>')
         + '<w:moveFromRangeEnd w:id="1"/>' + p(f'<w:moveTo w:id="3">{r("9만원")}</w:moveTo>')), _MONEY, _GONE),
    Case("withdrawn", "DOCX", "struck by the paragraph's style", _word(p(r("7만원"), properties='<w:pStyle w:val="X"/>') + p(r("9만원")),
         styles='<w:style w:type="paragraph" w:styleId="X"><w:rPr><w:dstrike/></w:rPr></w:style>'), _MONEY, _GONE),
    Case("withdrawn", "XLSX", "struck in a text box on the sheet", _drawn_on_sheet, ("볼트 | 90",), _GONE),
    Case("withdrawn", "ODT", "deletion inside a paragraph", _open("text", '<text:tracked-changes><text:changed-region text:id="a"><text:deletion><text:p>7만원</text:p></text:deletion>'
         '</text:changed-region></text:tracked-changes><text:p>값 <text:change text:change-id="a"/>9만원</text:p>'), _MONEY, _GONE),
    Case("withdrawn", "Markdown", "tildes are no strike in code and when escaped", _file("a.md", "# 값\n\n값은 \\~\\~9만원\\~\\~이다.\n\n```\nx ~~8~~ y\n```\n"), ("9만원", "8")),
    Case("withdrawn", "Markdown", "ranges are no strike", _file("a.md", "# 값\n\n기간은 3~5일이고 값은 6~9만원이다.\n"), ("3~5일", "6~9만원")),
    Case("withdrawn", "HTML", "row of a table", _page("<table><tr><th>품목</th><th>값</th></tr><tr style='text-decoration:line-through'><td>볼트</td><td>7만원</td></tr><tr><td>너트</td><td>9만원</td></tr></table>"),
         ("품목 | 값", "너트 | 9만원"), _GONE),
    Case("withdrawn", "HTML", "old element", _page("<p>값은 <strike>7만원</strike> 9만원</p>"), _MONEY, _GONE),
    Case("withdrawn", "PPTX", "struck in the notes", _slide(slides.shape(slides.r("값 9만원")), notes=slides.tree("notes", slides.shape(slides.r("7만원", 'strike="sngStrike"'), slides.r("설명"), kind="body"))), _MONEY, _GONE),
    # raised
    Case("raised", "HTML", "mark in brackets", _page("<p>한도는 50<sup>[1]</sup>백만원이다.</p>"), ("50", "[1]", "백만원"), ("50¹[",)),
    Case("raised", "HTML", "ordinal and trade mark", _page("<p>4<sup>th</sup> day, Molykote<sup>TM</sup>, m<sup>-1</sup></p>"), ("4th day", "m⁻¹")),
    Case("raised", "Markdown", "pandoc powers", _file("a.md", "# 값\n\n압력은 10^6^ Pa, H~2~O이다.\n"), ("Pa",), ("106", "~~")),
    Case("raised", "PPTX", "formula of runs", _slide(slides.shape(slides.r("m"), slides.r("2", 'baseline="30000"'), slides.r(" CO"), slides.r("2", 'baseline="-25000"'))), ("m²", "CO₂")),
    Case("raised", "HWPX", "ruby", lambda folder: hwpx.document(folder / "a.hwpx", hwpx.p('<hp:run charPrIDRef="0"><hp:dutmal posType="TOP"><hp:mainText>한도</hp:mainText><hp:subText>1</hp:subText></hp:dutmal><hp:t>는 50백만원</hp:t></hp:run>')), ("50백만원",), ("150백만원",)),
    # values
    Case("values", "XLSX", "triangle for a negative", _triangle, ("손익 | △1,200", "매출 | 1,200")),
    Case("values", "XLSX", "text box on the sheet", _drawn_on_sheet, ("주의: 세전", "9만원"), noted="text box"),
    Case("values", "XLSX", "error and truth", _book(rows(c("A1", "항목") + c("B1", "값"), c("A2", "합") + '<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', c("A3", "예") + '<c r="B3" t="b"><v>1</v></c>')), ("합 | #DIV/0!", "예 | TRUE")),
    Case("values", "ODS", "truth and currency", _book(rows(c("A1", "x") + c("B1", "y"))), ("x | y",)),
    Case("values", "Markdown", "ticks", _file("a.md", "# 목록\n\n- [x] 동의함\n- [ ] 반대함\n"), ("[x] 동의함", "[ ] 반대함")),
    Case("values", "DOCX", "choice of a control", _word(p(r("규모: "), '<w:sdt><w:sdtPr><w:dropDownList><w:listItem w:displayText="소기업" w:value="1"/><w:listItem w:displayText="중기업" w:value="2"/></w:dropDownList></w:sdtPr>'
         f'<w:sdtContent>{r("중기업")}</w:sdtContent></w:sdt>')), ("규모: 중기업",), ("소기업",)),
    Case("values", "DOCX", "number of the document from its properties", _word(p('<w:fldSimple w:instr=" DOCPROPERTY Nr ">' + r("QP-07") + "</w:fldSimple>", r(" 본문"))), ("QP-07 본문",)),
    Case("values", "PPTX", "merged cells hide what is behind", _slide(slides.shape(slides.r("제목"), kind="title"),
         _slide_table().replace("</a:tbl>", _MERGED + "</a:tbl>")), ("부담 9만원", "국비"), _GONE),
    Case("values", "PDF", "words typed on the page", _pdf(_annotated("FreeText", apart=True)), ("remark 55",), noted="annotation"),
    # layout
    Case("layout", "HTML", "foot of a table stands last", _page("<table><thead><tr><th>구분</th><th>값</th></tr></thead><tfoot><tr><td>합계</td><td>9</td></tr></tfoot><tbody><tr><td>갑</td><td>4</td></tr><tr><td>을</td><td>5</td></tr></tbody></table>"),
         ("구분 | 값", "을 | 5", "합계 | 9")),
    Case("layout", "HTML", "letters and starts of lists", _page('<ol type="a" start="3"><li>셋째</li><li>넷째</li></ol>'), ("셋째", "넷째")),
    Case("layout", "CSV", "bars", _file("a.csv", "품목|값\n볼트|90\n너트|80\n"), ("품목 | 값", "볼트 | 90")),
    Case("layout", "DOCX", "cell over two rows", _word("<w:tbl>" + _row(r("구분"), r("값")) + f'<w:tr><w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{p(r("갑"))}</w:tc><w:tc>{p(r("1"))}</w:tc></w:tr>'
         f"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>{p()}</w:tc><w:tc>{p(r('2'))}</w:tc></w:tr></w:tbl>"), ("갑 | 1", "갑 | 2")),
    # running
    Case("running", "ODT", "table in a header", _open("text", "<text:p>본문</text:p>", pages='<style:master-page style:name="Standard"><style:header><table:table><table:table-row>'
         + d("문서번호") + d("HS-3") + "</table:table-row></table:table></style:header></style:master-page>"), ("문서번호", "HS-3", "본문")),
    Case("running", "HWPX", "table in a header", lambda folder: hwpx.document(folder / "a.hwpx", hwpx.p('<hp:run charPrIDRef="0"><hp:ctrl><hp:header><hp:subList>' + hwpx.p(
        f'<hp:run charPrIDRef="0"><hp:tbl rowCnt="1" colCnt="2" borderFillIDRef="1"><hp:tr>{hwpx.cell((0, 0), hwpx.r("문서번호"))}{hwpx.cell((0, 1), hwpx.r("HS-3"))}</hp:tr></hp:tbl></hp:run>')
        + "</hp:subList></hp:header></hp:ctrl></hp:run>"), hwpx.p(hwpx.r("본문"))), ("문서번호", "HS-3", "본문")),
    # unseen
    Case("unseen", "TXT", "tag characters", _file("a.txt", f"값은 9만원이다.{_TAGS}\n"), _MONEY, (_TAGS,)),
    Case("unseen", "HTML", "tag characters and variation selectors", _page(f"<p>값은 9만원{_TAGS}\ufe01\U000e0121이다.</p>"), ("9만원이다",), ("\ufe01", "\U000e0121")),
    Case("unseen", "Markdown", "comment as a link", _file("a.md", "# 값\n\n[//]: # (7만원)\n\n값은 9만원이다.\n"), _MONEY, _GONE),
    Case("unseen", "XLSX", "very hidden sheet", _very_hidden, _MONEY, _GONE),
    Case("unseen", "DOCX", "hidden only on the web is seen", _word(p(r("값 "), r("9만원", "<w:webHidden/>"))), _MONEY),
    Case("unseen", "DOCX", "hidden by a table's row", _word("<w:tbl>" + _row(r("구분"), r("값")) + _row(r("갑"), r("7만원"), properties="<w:hidden/>") + _row(r("을"), r("9만원")) + "</w:tbl>"), _MONEY, _GONE),
    Case("unseen", "HTML", "password and hidden fields", _page('<p>값은 9만원 <input type="password" value="7만원"><input type="hidden" value="7만원"></p>'), _MONEY, _GONE),
    Case("unseen", "HTML", "words behind a picture of the same place", _page('<p>9만원</p><p style="position:absolute;z-index:-1;left:-5000px">7만원</p>'), _MONEY, _GONE),
    Case("unseen", "HTML", "all that is not the target", _page('<p>9만원</p><div class="p">7만원</div>', "<style>.p{max-height:0;overflow:hidden}</style>"), _MONEY, _GONE),
    Case("unseen", "ODT", "hidden by a style that is common", _open("text", '<text:p text:style-name="V">7만원</text:p><text:p>9만원</text:p>', common=odf.style("V", 'text:display="none"', "paragraph")), _MONEY, _GONE),
    # trimmings
    Case("trimmings", "HTML", "warning by its role in the foot", _page("<h1>정비</h1><p>글</p><footer><p role='alert'>배관 압력을 본다.</p></footer>"), ("배관 압력을 본다",)),
    Case("trimmings", "HTML", "definition list and abbreviation", _page('<dl><dt>DG-4</dt><dd>압력계 <abbr title="밀리미터">mm</abbr></dd></dl>'), ("DG-4", "압력계 mm")),
    Case("trimmings", "HTML", "map and picture button", _page('<p>앞</p><input type="image" alt="비상 정지 위치" src="x"><p>뒤</p>'), ("앞", "뒤")),
    Case("trimmings", "EML", "calendar", _bytes("a.eml", _HEAD + b"Subject: x\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nsee\r\n--m\r\nContent-Type: text/calendar; name=a.ics\r\n\r\n"
         b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Audit 93\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--m--\r\n"), ("Audit 93",), noted="a.ics"),
    Case("trimmings", "EML", "Outlook's own attachment", _bytes("a.eml", _HEAD + b"Subject: x\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nsee 93\r\n--m\r\n"
         b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgAA\r\n--m--\r\n"), noted="winmail.dat"),
    Case("trimmings", "EML", "flowed and quoted-printable", _bytes("a.eml", _HEAD + b"Subject: x\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
         b"=EA=B0=92=EC=9D=80 9=\r\n=EB=A7=8C=EC=9B=90=EC=9D=B4=EB=8B=A4.\r\n"), ("값은 9만원이다.",)),
    # encodings
    Case("encodings", "TXT", "bidirectional override", _file("a.txt", "값은 \u202e9만원\u202c이다.\n"), ("값은", "이다."), ("\u202e",)),
    Case("encodings", "XML", "declared encoding", _bytes("a.xhtml", '<?xml version="1.0" encoding="euc-kr"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>값은 9만원</p></body></html>'.encode("euc-kr")), _MONEY),
    Case("encodings", "ZIP", "name from a Mac", _bytes("a.zip", packed({"\u1103\u1161\u11ab\u1100\u1161.txt": "값은 9만원이다.".encode()})), ("단가.txt", "9만원")),
    Case("labels", "ZIP", "closed part below folders", _bytes("a.zip", packed({"공개/안내.txt": "공개 안내입니다.".encode(), "제안/.labels.yaml": b"labels: [company:haneul]\n", "제안/깊은/단가.txt": "단가 431만원".encode()})),
         ("공개 안내입니다.",), ("431만원", "단가"), ("public",)),
]  # fmt: skip
