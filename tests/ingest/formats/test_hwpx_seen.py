"""HWPX: struck-out and white words are not stored, figures keep their place, lists their numbers."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from assistant.ingest.formats import read
from assistant.schema import Draft

_NAMES = " ".join(
    f'xmlns:{short}="http://www.hancom.co.kr/hwpml/2011/{name}"'
    for short, name in (("hh", "head"), ("hp", "paragraph"), ("hs", "section"), ("hc", "core"))
)
#: 0 plain, 1 struck, 2 raised, 3 lowered, 4 white, 5 tiny, 6 struck with a line that Hancom does not draw
_LOOKS = (
    '<hh:strikeout shape="NONE"/>',
    '<hh:strikeout shape="SOLID"/>',
    "<hh:supscript/>",
    "<hh:subscript/>",
    "",
    "",
    '<hh:strikeout shape="3D"/>',
)
_COLORS = {4: "#FFFFFF"}
_HEIGHTS = {5: "100"}
_LEVELS = "".join(
    f'<hh:paraHead level="{at}" start="1" numFormat="{form}">{pattern}</hh:paraHead>'
    for at, form, pattern in ((1, "DIGIT", "제^1조"), (2, "HANGUL_SYLLABLE", "^2."), (3, "CIRCLED_DIGIT", "^3"))
)
#: 0 plain; 1 to 3 levels of a list; 4 bullet; 5 ticked box; 6 outline
_SHAPES = (
    "",
    *(f'<hh:heading type="NUMBER" idRef="1" level="{at}"/>' for at in (0, 1, 2)),
    '<hh:heading type="BULLET" idRef="1" level="0"/>',
    '<hh:heading type="BULLET" idRef="2" level="0"/>',
    '<hh:heading type="OUTLINE" idRef="0" level="0"/>',
)
_HEADER = (
    f"<hh:head {_NAMES}><hh:refList><hh:borderFills><hh:borderFill id='1'/><hh:borderFill id='2'><hc:fillBrush>"
    f"<hc:winBrush "
    "faceColor='#1F3864'/></hc:fillBrush></hh:borderFill></hh:borderFills><hh:charProperties>"
    + "".join(
        f'<hh:charPr id="{at}" height="{_HEIGHTS.get(at, "1000")}" textColor="{_COLORS.get(at, "#000000")}" '
        f'shadeColor="none" '
        f'borderFillIDRef="1">{look}</hh:charPr>'
        for at, look in enumerate(_LOOKS)
    )
    + "</hh:charProperties><hh:paraProperties>"
    + "".join(f'<hh:paraPr id="{at}" checked="{int(at == 5)}">{shape}</hh:paraPr>' for at, shape in enumerate(_SHAPES))
    + f"</hh:paraProperties><hh:numberings><hh:numbering id='1'>{_LEVELS}</hh:numbering></hh:numberings><hh:bullets>"
    '<hh:bullet id="1" char="▶"/><hh:bullet id="2" char="☐" checkedChar="☑"/></hh:bullets></hh:refList></hh:head>'
)


def r(text: str, look: int = 0) -> str:
    return f'<hp:run charPrIDRef="{look}"><hp:t>{text}</hp:t></hp:run>'


def p(*runs: str, shape: int = 0) -> str:
    return f'<hp:p paraPrIDRef="{shape}">{"".join(runs)}</hp:p>'


def cell(at: tuple[int, int], *runs: str, fill: int = 1) -> str:
    return (
        f'<hp:tc borderFillIDRef="{fill}"><hp:subList>{p(*runs)}</hp:subList><hp:cellAddr rowAddr="{at[0]}" '
        f'colAddr="{at[1]}"/>'
        '<hp:cellSpan colSpan="1" rowSpan="1"/></hp:tc>'
    )


def note(text: str, kind: str = "footNote") -> str:
    return (
        f'<hp:run charPrIDRef="0"><hp:ctrl><hp:{kind}><hp:subList>{p(r(text))}</hp:subList></hp:{kind}>'
        f"</hp:ctrl></hp:run>"
    )


def document(path: Path, *paragraphs: str, header: str = _HEADER) -> Draft:
    first = '<hp:p paraPrIDRef="0"><hp:run charPrIDRef="0"><hp:secPr outlineShapeIDRef="1"/></hp:run></hp:p>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/hwp+zip")
        archive.writestr(
            "Contents/content.hpf",
            '<opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:manifest><opf:item id="h" '
            'href="Contents/header.xml" '
            'media-type="application/xml"/><opf:item id="s" href="Contents/section0.xml" media-type="application/xml"/>'
            '</opf:manifest><opf:spine><opf:itemref idref="s"/></opf:spine></opf:package>',
        )
        archive.writestr("Contents/header.xml", header)
        archive.writestr("Contents/section0.xml", f"<hs:sec {_NAMES}>{first}{''.join(paragraphs)}</hs:sec>")
    return read(path)


@pytest.mark.parametrize("look", [1, 4, 5])
def test_words_that_nobody_sees(tmp_path: Path, look: int) -> None:
    assert (
        document(tmp_path / "a.hwpx", p(r("한도는 "), r("5천만원 ", look), r("4천만원이다."))).text
        == "한도는 4천만원이다."
    )


def test_tracked_deletions_go_and_insertions_stay(tmp_path: Path) -> None:
    changes = "".join(f'<hh:trackChange type="{kind}" id="{at}"/>' for at, kind in ((1, "Delete"), (2, "Insert")))
    changes = f"<hh:trackChanges>{changes}</hh:trackChanges>"
    end = '<hp:run charPrIDRef="0"><hp:t>사라질 끝<hp:deleteEnd Id="3" TcId="1"/>남을 끝.</hp:t></hp:run>'
    text = (
        '<hp:run charPrIDRef="0"><hp:t>비율은 <hp:deleteBegin Id="1" TcId="1"/>30%<hp:deleteEnd Id="1" TcId="1"/>'
        '<hp:insertBegin Id="2" TcId="2"/>20%<hp:insertEnd Id="2" TcId="2"/>이다.'
        '<hp:deleteBegin Id="3" TcId="1"/>사라질 말</hp:t></hp:run>'
    )
    header = _HEADER.replace("<hh:bullets>", f"{changes}<hh:bullets>")
    draft = document(tmp_path / "a.hwpx", p(text), p(r("지운 문단")), p(end), header=header)
    assert draft.text == "비율은 20%이다.\n\n남을 끝."
    assert not draft.metadata["notes"]
    broken = document(tmp_path / "b.hwpx", p(text), header=header)
    assert [note["where"] for note in broken.metadata["notes"]] == ["tracked changes"]


def test_a_line_that_is_not_drawn_strikes_nothing(tmp_path: Path) -> None:
    assert document(tmp_path / "a.hwpx", p(r("한도는 "), r("4천만원", 6), r("이다."))).text == "한도는 4천만원이다."


def test_raised_figures_also_in_cells_with_struck_and_white_words(tmp_path: Path) -> None:
    rows = (
        f"<hp:tr>{cell((0, 0), r('품목', 4), fill=2)}{cell((0, 1), r('단가', 4), fill=2)}</hp:tr>"
        f"<hp:tr>{cell((1, 0), r('H'), r('2', 3), r('O'), r(' 몰래', 4))}"
        f"{cell((1, 1), r('30', 1), r('50'), r('1)', 2), r('백만원'))}</hp:tr>"
    )
    table = f'<hp:run charPrIDRef="0"><hp:tbl rowCnt="2" colCnt="2" borderFillIDRef="1">{rows}</hp:tbl></hp:run>'
    assert document(tmp_path / "a.hwpx", p(table)).text == "품목 | 단가\nH₂O | 50¹⁾백만원"


def test_notes_stand_behind_their_paragraph_and_are_numbered_by_kind(tmp_path: Path) -> None:
    draft = document(
        tmp_path / "a.hwpx",
        p(r("상한 30"), note("부가세 제외"), r("억")),
        p(r("미주"), note("뒤의 말", "endNote")),
        p(r("둘째"), note("세전")),
    )
    assert draft.text.split("\n\n") == ["상한 30¹⁾억", "¹⁾ 부가세 제외", "미주¹⁾", "¹⁾ 뒤의 말", "둘째²⁾", "²⁾ 세전"]


def test_headers_stand_once(tmp_path: Path) -> None:
    def along(kind: str, text: str) -> str:
        return (
            f'<hp:run charPrIDRef="0"><hp:ctrl><hp:{kind}><hp:subList>{p(r(text))}</hp:subList></hp:{kind}>'
            f"</hp:ctrl></hp:run>"
        )

    draft = document(
        tmp_path / "a.hwpx",
        p(along("header", "문서번호 HQ-21 (개정 4)"), along("footer", "- -"), r("본문.")),
        p(along("header", "문서번호 HQ-21 (개정 4)"), r("다음.")),
    )
    assert draft.text.split("\n\n") == ["문서번호 HQ-21 (개정 4)", "본문.", "다음."]


def test_captions_keep_their_numbers(tmp_path: Path) -> None:
    counted = '<hp:run charPrIDRef="0"><hp:ctrl><hp:autoNum num="{}" numType="{}"/></hp:ctrl></hp:run>'
    caption = p(r("표 "), counted.format(3, "TABLE"), r(" 단가"))
    page = p(r("쪽"), counted.format(7, "PAGE"))
    assert document(tmp_path / "a.hwpx", caption, page).text == "표 3 단가\n\n쪽"


def test_what_runs_along_stands_once_line_by_line(tmp_path: Path) -> None:
    def along(*texts: str) -> str:
        lines = "".join(p(r(text)) for text in texts)
        header = f"<hp:header><hp:subList>{lines}</hp:subList></hp:header>"
        return f'<hp:run charPrIDRef="0"><hp:ctrl>{header}</hp:ctrl></hp:run>'

    draft = document(tmp_path / "a.hwpx", p(along("지침 A"), r("본문.")), p(along("지침 A", "제2판"), r("다음.")))
    assert draft.text.split("\n\n") == ["지침 A", "제2판", "본문.", "다음."]


def test_numbers_bullets_and_ticks(tmp_path: Path) -> None:
    items = (
        (1, "목적"),
        (2, "정의"),
        (2, "범위"),
        (3, "세목"),
        (1, "지원"),
        (2, "대상"),
        (4, "점"),
        (5, "동의"),
        (6, "개요"),
    )
    draft = document(tmp_path / "a.hwpx", *(p(r(text), shape=shape) for shape, text in items))
    texts = [line.strip() for line in draft.text.split("\n") if line.strip()]
    assert texts == [
        "제1조 목적",
        "가. 정의",
        "나. 범위",
        "① 세목",
        "제2조 지원",
        "가. 대상",
        "▶ 점",
        "☑ 동의",
        "제1조 개요",
    ]


def test_bookmarks_and_made_up_descriptions(tmp_path: Path) -> None:
    def picture(text: str) -> str:
        return f'<hp:run charPrIDRef="0"><hp:pic><hp:shapeComment>{text}</hp:shapeComment></hp:pic></hp:run>'

    mark = '<hp:run charPrIDRef="0"><hp:ctrl><hp:bookmark name="몰래 쓴 말"/></hp:ctrl></hp:run>'
    draft = document(
        tmp_path / "a.hwpx",
        p(mark, r("본문.")),
        p(picture("그림입니다. 원본 그림의 이름: a.png")),
        p(picture("왼쪽 밸브가 열린 배관 그림")),
    )
    assert draft.text.split("\n\n") == ["본문.", "[왼쪽 밸브가 열린 배관 그림]"]
