"""Word, PowerPoint, OpenDocument text and slides, rich text."""

# ruff: noqa: E501 - the table of files reads better with a line for each

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.ingest.formats import read
from assistant.schema import Draft
from tests.ingest.formats import test_docx_seen as word
from tests.ingest.formats import test_odf as odf
from tests.ingest.formats import test_pptx_seen as slides
from tests.ingest.kinds import Case

_WPS = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
_UP = '<w:vertAlign w:val="superscript"/>'
_WHITE = '<w:color w:val="FFFFFF"/>'


def _word(body: str, **more: object) -> Callable[[Path], Draft]:
    return lambda folder: word.document(folder / "a.docx", body, **more)  # type: ignore[arg-type]


def _box(content: str, fill: str = "", old: bool = False) -> str:
    """A paragraph with a text box, in the new form or in VML."""
    if old:
        filled = f'fillcolor="{fill}"' if fill else ""
        inside = f"<w:pict><v:shape {filled}><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict>"
        return f"<w:p {_WPS}><w:r>{inside}</w:r></w:p>"
    filled = f'<a:solidFill><a:srgbClr val="{fill}"/></a:solidFill>' if fill else "<a:noFill/>"
    inside = (
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><a:graphic><a:graphicData><wps:wsp>'
        f"<wps:spPr>{filled}</wps:spPr><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx></wps:wsp>"
        f"</a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice></mc:AlternateContent>"
    )
    return f"<w:p {_WPS}><w:r>{inside}</w:r></w:p>"


def _row(*cells: str, properties: str = "") -> str:
    inside = "".join(f"<w:tc>{word.p(each)}</w:tc>" for each in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inside}</w:tr>"


def _reference(name: int, kind: str = "footnote") -> str:
    return f'<w:r><w:rPr>{_UP}</w:rPr><w:{kind}Reference w:id="{name}"/></w:r>'


def _slide(*shapes: str, **more: str) -> Callable[[Path], Draft]:
    return lambda folder: slides.presentation(folder / "a.pptx", slides.tree("sld", *shapes), **more)


def _slide_table(*rows: tuple[str, ...], grid: str = "") -> str:
    cells = "".join(
        "<a:tr h='1'>"
        + "".join(f"<a:tc><a:txBody><a:p>{cell}</a:p></a:txBody><a:tcPr/></a:tc>" for cell in row)
        + "</a:tr>"
        for row in rows
    )
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="t"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>'
        '<p:xfrm><a:off x="1" y="1"/><a:ext cx="9" cy="9"/></p:xfrm><a:graphic><a:graphicData '
        f'uri="http://schemas.openxmlformats.org/drawingml/2006/table"><a:tbl>{grid}{cells}</a:tbl></a:graphicData>'
        "</a:graphic></p:graphicFrame>"
    )


def _open(kind: str, body: str, styles: str = "", **more: str) -> Callable[[Path], Draft]:
    return lambda folder: odf.of(folder, odf.document(kind, body, styles, **more))


_LOOKS = odf._LOOKS
_FRAME = "<draw:frame><draw:text-box>{}</draw:text-box></draw:frame>"


def _rich(body: str) -> Callable[[Path], Draft]:
    def make(folder: Path) -> Draft:
        content = (
            r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\colortbl;\red255\green255\blue255;}\pard "
            + body
            + r"\par}"
        )
        (folder / "a.rtf").write_bytes(content.encode("ascii"))
        return read(folder / "a.rtf")

    return make


r, p = word.r, word.p
_MONEY = ("9만원",)
_GONE = ("7만원",)
CASES = [
    # withdrawn
    Case("withdrawn", "DOCX", "struck", _word(p(r("값 "), r("7만원", "<w:strike/>"), r("9만원"))), _MONEY, _GONE),
    Case("withdrawn", "DOCX", "deleted paragraph mark and row",
         _word(f"<w:tbl>{_row(r('등급'), r('값'))}{_row(r('가'), r('7만원'), properties='<w:del/>')}{_row(r('나'), r('9만원'))}</w:tbl>"),
         _MONEY, _GONE),
    Case("withdrawn", "DOCX", "struck in a text box",
         _word(_box(p(r("값 "), r("7만원", "<w:strike/>"), r("9만원"))) + p(r("끝"))), _MONEY, _GONE),
    Case("withdrawn", "DOCX", "struck in a footnote",
         _word(p(r("값 9만원"), _reference(2)), notes=f'<w:footnote w:id="2">{p(r("옛 7만원", "<w:strike/>"), r("세전"))}</w:footnote>'),
         ("9만원", "세전"), _GONE),
    Case("withdrawn", "DOCX", "struck in a header",
         _word(p(r("9만원")) + '<w:sectPr><w:headerReference w:type="default" r:id="header1"/></w:sectPr>',
               parts={"word/header1.xml": f'<w:hdr {word._NAMES}>{p(r("QP-1 "), r("7만원", "<w:strike/>"))}</w:hdr>'}),
         ("QP-1", "9만원"), _GONE),
    Case("withdrawn", "PPTX", "struck", _slide(slides.shape(slides.r("값 "), slides.r("7만원", 'strike="sngStrike"'), slides.r("9만원"))),
         _MONEY, _GONE),
    Case("withdrawn", "PPTX", "struck in a table",
         _slide(slides.shape(slides.r("제목"), kind="title"),
                _slide_table((slides.r("품목"), slides.r("값")), (slides.r("볼트"), slides.r("7만원", 'strike="sngStrike"') + slides.r("9만원")))),
         ("품목 | 값", "볼트 | 9만원"), _GONE),
    Case("withdrawn", "ODT", "struck", _open("text", f"<text:p>값 {odf.span('struck', '7만원')} 9만원</text:p>", _LOOKS), _MONEY, _GONE),
    Case("withdrawn", "ODT", "struck in a frame",
         _open("text", f"<text:p>{_FRAME.format('<text:p>값 ' + odf.span('struck', '7만원') + ' 9만원</text:p>')}</text:p>", _LOOKS), _MONEY, _GONE),
    Case("withdrawn", "ODT", "struck in a note",
         _open("text", "<text:p>값 9만원<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>"
               f"{odf.span('struck', '7만원')}세전</text:p></text:note-body></text:note></text:p>", _LOOKS), ("9만원¹⁾", "세전"), _GONE),
    Case("withdrawn", "ODT", "struck paragraph style",
         _open("text", '<text:p text:style-name="P">7만원</text:p><text:p>9만원</text:p>',
               odf.style("P", 'style:text-line-through-style="solid"', "paragraph")), _MONEY, _GONE),
    Case("withdrawn", "ODT", "line type without style",
         _open("text", f"<text:p>값 {odf.span('old', '7만원')} 9만원</text:p>", odf.style("old", 'style:text-line-through-type="double"')),
         _MONEY, _GONE),
    Case("withdrawn", "ODP", "struck", _open("presentation", f"<draw:page>{_FRAME.format('<text:p>값 ' + odf.span('struck', '7만원') + ' 9만원</text:p>')}</draw:page>", _LOOKS),
         _MONEY, _GONE),
    Case("withdrawn", "RTF", "struck, double line, tracked deletion", _rich(r"Price {\strike 71} {\striked1 72} {\deleted 73} 93 won"), ("93 won",),
         ("71", "72", "73"), noted="struck"),
    # raised
    Case("raised", "DOCX", "note in a table",
         _word(f"<w:tbl>{_row(r('구분'), r('한도'))}{_row(r('소기업'), r('50') + _reference(2) + r('백만원'))}</w:tbl>{p(r('끝'))}",
               notes=f'<w:footnote w:id="2">{p(r("세전"))}</w:footnote>'), ("소기업 | 50¹⁾백만원", "¹⁾ 세전", "끝")),
    Case("raised", "DOCX", "mark typed in a table",
         _word(f"<w:tbl>{_row(r('구분'), r('한도'))}{_row(r('소기업'), r('50') + r('1)', _UP) + r('백만원'))}</w:tbl>"), ("50¹⁾백만원",)),
    Case("raised", "DOCX", "in a text box", _word(_box(p(r("한도 50"), r("1)", _UP), r("백만원")))), ("50¹⁾백만원",)),
    Case("raised", "DOCX", "endnote",
         _word(p(r("한도 50"), _reference(2, "endnote"), r("백만원")),
               parts={"word/endnotes.xml": f'<w:endnotes {word._NAMES}><w:endnote w:id="2">{p(r("세전"))}</w:endnote></w:endnotes>'}),
         ("한도 50", "백만원", "세전"), ("501", "50i백", "501)백")),
    Case("raised", "DOCX", "raised by a style",
         _word(p(r("10"), r("6", '<w:rStyle w:val="Up"/>'), r(" Pa")),
               styles=f'<w:style w:type="character" w:styleId="Up"><w:rPr>{_UP}</w:rPr></w:style>'), ("10⁶ Pa",)),
    Case("raised", "PPTX", "text", _slide(slides.shape(slides.r("한도 50"), slides.r("1)", 'baseline="30000"'), slides.r("백만원"))), ("50¹⁾백만원",)),
    Case("raised", "PPTX", "table", _slide(slides.shape(slides.r("제목"), kind="title"), _slide_table(
        (slides.r("품목"), slides.r("값")), (slides.r("압력"), slides.r("10") + slides.r("6", 'baseline="30000"')))), ("압력 | 10⁶",)),
    Case("raised", "ODT", "table", _open("text", "<table:table><table:table-row><table:table-cell><text:p>압력</text:p></table:table-cell>"
         f"<table:table-cell><text:p>10{odf.span('up', '6')} Pa</text:p></table:table-cell></table:table-row></table:table>", _LOOKS), ("10⁶ Pa",)),
    Case("raised", "ODT", "endnote in a list", _open("text", "<text:list><text:list-item><text:p>한도 50<text:note text:note-class='endnote'>"
         "<text:note-citation>i</text:note-citation><text:note-body><text:p>세전</text:p></text:note-body></text:note>백만원</text:p>"
         "</text:list-item></text:list>"), ("한도 50", "백만원", "세전"), ("50i백",)),
    Case("raised", "ODP", "text", _open("presentation", f"<draw:page>{_FRAME.format('<text:p>한도 50' + odf.span('up', '1)') + '백만원</text:p>')}</draw:page>", _LOOKS), ("50¹⁾백만원",)),
    Case("raised", "RTF", "power, index, footnote",
         _rich(r"About 10{\super 6} Pa and H{\sub 2}O. Limit 50{\super\chftn}{\footnote\pard {\super\chftn} before tax} million"),
         ("10⁶ Pa", "H₂O", "Limit 50", "million", "before tax"), ("501",), noted="raised"),
    # values
    Case("values", "DOCX", "controls", _word(
        p(r("업체: "), f"<w:sdt><w:sdtPr/><w:sdtContent>{r('하람정공')}</w:sdtContent></w:sdt>")
        + f"<w:sdt><w:sdtPr/><w:sdtContent>{p(r('금액 930원'))}</w:sdtContent></w:sdt>"), ("업체: 하람정공", "금액 930원")),
    Case("values", "DOCX", "field of old forms", _word(p(
        r("업체: "), '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:textInput/></w:ffData></w:fldChar></w:r>'
        '<w:r><w:instrText> FORMTEXT </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>', r("하람정공"),
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>')), ("업체: 하람정공",), ("FORMTEXT",)),
    Case("values", "DOCX", "tick of old forms", _word(p(
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>'
        '<w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>', r(" 동의"))), ("[x] 동의",)),
    Case("values", "PPTX", "merged cells", _slide(slides.shape(slides.r("제목"), kind="title"), _slide_table(
        (slides.r("구분"), slides.r("값")), (slides.r("갑"), slides.r("1")), (slides.r("갑"), slides.r("2")))), ("구분 | 값", "갑 | 2")),
    Case("values", "ODT", "field", _open("text", "<text:p>판: <text:user-field-get text:name='v'>4.2</text:user-field-get></text:p>"), ("판: 4.2",)),
    Case("values", "ODT", "drop-down", _open("text", "<text:p>규모: <text:drop-down text:name='s'><text:label text:value='소기업'/>"
         "<text:label text:current-selected='true' text:value='중기업'/>중기업</text:drop-down></text:p>"), ("규모: 중기업",), ("소기업",)),
    # layout
    Case("layout", "DOCX", "header rows", _word(
        f"<w:tbl>{_row(r('구분'), r('국비'), properties='<w:tblHeader/>')}{_row(r('소기업'), r('45%'))}</w:tbl>"), ("구분 | 국비", "소기업 | 45%")),
    Case("layout", "DOCX", "table in a table", _word(
        f"<w:tbl><w:tr><w:tc>{p(r('상자'))}<w:tbl>{_row(r('구분'), r('국비'))}{_row(r('소기업'), r('45%'))}</w:tbl>{p()}</w:tc></w:tr></w:tbl>"),
         ("상자", "구분", "국비", "소기업", "45%")),
    Case("layout", "ODT", "two columns of a section", _open("text", "<text:section><text:p>첫째</text:p><text:p>둘째</text:p></text:section>"), ("첫째", "둘째")),
    # running
    Case("running", "DOCX", "number once", _word(p(r("본문")) + '<w:sectPr><w:headerReference w:type="default" r:id="header1"/></w:sectPr>',
         parts={"word/header1.xml": f'<w:hdr {word._NAMES}>{p(r("문서 QP-07 개정 3"))}</w:hdr>'}), ("QP-07 개정 3", "본문")),
    Case("running", "DOCX", "number in a table of the header", _word(
        p(r("본문")) + '<w:sectPr><w:headerReference w:type="default" r:id="header1"/></w:sectPr>',
        parts={"word/header1.xml": f'<w:hdr {word._NAMES}><w:tbl>{_row(r("문서번호"), r("QP-07"))}</w:tbl></w:hdr>'}), ("문서번호", "QP-07", "본문")),
    Case("running", "ODT", "footer", _open("text", "<text:p>본문</text:p>", pages='<style:master-page style:name="Standard"><style:footer>'
         "<text:p>HS-3 제4판</text:p></style:footer></style:master-page>"), ("HS-3 제4판",)),
    Case("running", "PPTX", "footer", _slide(slides.shape(slides.r("제목"), kind="title"), slides.shape(slides.r("PM-4 개정 2"), kind="ftr")), ("PM-4 개정 2",)),
    # unseen
    Case("unseen", "DOCX", "white in a text box", _word(_box(p(r("값 "), r("7만원", _WHITE), r("9만원")))), _MONEY, _GONE),
    Case("unseen", "DOCX", "white in an old text box", _word(_box(p(r("값 "), r("7만원", _WHITE), r("9만원")), old=True)), _MONEY, _GONE),
    Case("unseen", "DOCX", "white on a dark text box is seen", _word(_box(p(r("9만원", _WHITE)), fill="1F3864") + p(r("끝"))), _MONEY),
    Case("unseen", "DOCX", "white on an old dark text box is seen", _word(_box(p(r("9만원", _WHITE)), fill="#1F3864", old=True) + p(r("끝"))), _MONEY),
    Case("unseen", "DOCX", "hidden in a header", _word(p(r("9만원")) + '<w:sectPr><w:headerReference w:type="default" r:id="header1"/></w:sectPr>',
         parts={"word/header1.xml": f'<w:hdr {word._NAMES}>{p(r("7만원", "<w:vanish/>"), r("QP"))}</w:hdr>'}), _MONEY, _GONE),
    Case("unseen", "DOCX", "white by a style", _word(p(r("7만원"), properties='<w:pStyle w:val="W"/>') + p(r("9만원")),
         styles=f'<w:style w:type="paragraph" w:styleId="W"><w:rPr>{_WHITE}</w:rPr></w:style>'), _MONEY, _GONE),
    Case("unseen", "PPTX", "white on white", _slide(slides.shape(slides.r("값 "), slides.r("7만원", "", '<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>'), slides.r("9만원"))), _MONEY, _GONE),
    Case("unseen", "PPTX", "beside the slide", _slide(slides.shape(slides.r("9만원")), slides.shape(slides.r("7만원"), x=99000)), _MONEY, _GONE),
    Case("unseen", "ODT", "white", _open("text", f"<text:p>값 {odf.span('white', '7만원')} 9만원</text:p>", _LOOKS), _MONEY, _GONE),
    Case("unseen", "ODT", "conditional text and comment", _open("text", "<text:p>값 <text:conditional-text text:current-value='false' "
         "text:string-value-if-true='7만원' text:string-value-if-false='9만원'>9만원</text:conditional-text>"
         "<office:annotation><text:p>7만원</text:p></office:annotation></text:p>"), _MONEY, _GONE),
    Case("unseen", "ODP", "hidden slide", _open("presentation", f'<draw:page>{_FRAME.format("<text:p>9만원</text:p>")}</draw:page>'
         f'<draw:page draw:style-name="off">{_FRAME.format("<text:p>7만원</text:p>")}</draw:page>',
         odf.style("off", 'presentation:visibility="hidden"', "drawing-page", "drawing-page")), _MONEY, _GONE),
    Case("unseen", "RTF", "hidden, white", _rich(r"Rent {\v 71} {\cf1 72} 93 won"), ("93 won",), ("71", "72"), noted="hidden"),
    # trimmings
    Case("trimmings", "DOCX", "description of a picture", _word(
        f'<w:p {_WPS}><w:r><w:drawing><wp:inline><wp:docPr id="1" name="그림 1" descr="밸브 세 개가 열린 배관도"/></wp:inline></w:drawing></w:r></w:p>' + p(r("끝"))),
         ("밸브 세 개가 열린 배관도",)),
    Case("trimmings", "PPTX", "description of a picture", _slide(slides.shape(slides.r("제목"), kind="title"),
         '<p:pic><p:nvPicPr><p:cNvPr id="5" name="Picture 5" descr="밸브 세 개가 열린 배관도"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill/>'
         '<p:spPr><a:xfrm><a:off x="1" y="1"/><a:ext cx="9" cy="9"/></a:xfrm></p:spPr></p:pic>'), ("밸브 세 개가 열린 배관도",)),
    Case("trimmings", "PPTX", "group", _slide(slides.shape(slides.r("제목"), kind="title"),
         f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="7" name="g"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{slides.shape(slides.r("묶음 속 9만원"))}</p:grpSp>'), ("묶음 속 9만원",)),
    # page
    Case("page", "PPTX", "second slide", lambda folder: slides.presentation(folder / "a.pptx", slides.tree("sld", slides.shape(slides.r("첫 장"), kind="title")),
         slides.tree("sld", slides.shape(slides.r("값 9만원")))), _MONEY, page=2),
]  # fmt: skip
