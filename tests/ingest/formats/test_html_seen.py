"""HTML: what a reader sees is stored, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.ingest.formats import read
from assistant.schema import Draft


def page(tmp_path: Path, body: str, head: str = "") -> Draft:
    path = tmp_path / "a.html"
    path.write_text(f"<!doctype html><html lang=ko><head>{head}</head><body>{body}</body></html>", encoding="utf-8")
    return read(path)


def shown(draft: Draft) -> list[tuple[str, str]]:
    return [(block.kind, draft.text[block.start : block.end]) for block in draft.blocks]


def style(sheet: str) -> str:
    return f"<style>{sheet}</style>"


@pytest.mark.parametrize(
    "old",
    [
        "<del>7만원</del>",
        "<s>7만원</s>",
        "<strike>7만원</strike>",
        '<span style="text-decoration:line-through">7만원</span>',
        '<span style="text-decoration: underline line-through red">7만원</span>',
        '<span style="TEXT-DECORATION-LINE : LINE-THROUGH !important">7만원</span>',
        "<span class=old>7만원</span>",
        "<i><b class='x old'>7<u>만원</u></b></i>",
        "<span id=gone>7만원</span>",
        "<em data-state=void>7만원</em>",
    ],
)
def test_withdrawn_wording_is_not_stored(tmp_path: Path, old: str) -> None:
    head = style(
        "@media screen { .old { text-decoration: line-through } } #gone, em[data-state=void] "
        "{ text-decoration-line: line-through }"
    )
    draft = page(tmp_path, f"<p>일비는 {old} <ins>9만원</ins>이다.</p><ul><li>{old}8만원</li></ul>", head)
    assert shown(draft) == [("paragraph", "일비는 9만원이다."), ("list_item", "- 8만원")]


def test_a_whole_row_or_list_may_be_withdrawn(tmp_path: Path) -> None:
    body = (
        "<table><tr><th>등급</th><th>요금</th></tr><tr class=v><td>가</td><td>31만원</td></tr>"
        "<tr><td>나</td><td>44만원</td></tr></table><ol class=v><li>낡은 조항</li></ol>"
    )
    draft = page(tmp_path, body, style(".v{text-decoration:line-through}"))
    assert shown(draft) == [("table_row", "등급 | 요금"), ("table_row", "나 | 44만원")]


@pytest.mark.parametrize(
    ("markup", "written"),
    [
        ("35<sup>2)</sup>백만원", "35²⁾백만원"),
        ("10<sup>5</sup> Pa", "10⁵ Pa"),
        ("10<sup>-3</sup> m<sup>3</sup>/s", "10⁻³ m³/s"),
        ("10<sup>2.5</sup>", "10^2.5"),
        ("CO<sub>2</sub>와 H<sub>2</sub>SO<sub>4</sub>", "CO₂와 H₂SO₄"),
        ('80<span style="vertical-align:super;font-size:60%">3)</span>만원', "80³⁾만원"),
        ("80<span class=fn>3)</span>만원", "80³⁾만원"),
        ('x<small style="position:relative;top:-.4em">2</small>', "x²"),
        ('O<span style="vertical-align: sub">2</span>', "O₂"),
        ('25<sup><a href="#f1">1</a></sup>억원', "25¹억원"),
        ("25<sup>[4]</sup>억원", "25[4]억원"),
        ("제2<sup>nd</sup>", "제2nd"),
        ("<math><msup><mn>10</mn><mn>4</mn></msup><mo>×</mo><mfrac><mn>1</mn><mn>3</mn></mfrac></math>", "10⁴×1/3"),
    ],
)
def test_raised_and_lowered_figures_stay_apart(tmp_path: Path, markup: str, written: str) -> None:
    draft = page(tmp_path, f"<p>{markup}</p>", style(".fn { vertical-align: super; font-size: 9px }"))
    assert draft.text == written


HIDDEN = [
    'style="display:none"',
    'style="Display : NONE !important"',
    'style="visibility:hidden"',
    'style="visibility: collapse"',
    'style="opacity:0"',
    'style="opacity:0.01"',
    'style="filter: opacity(0%)"',
    'style="font-size:0"',
    'style="font-size:1px"',
    'style="font: 0.1em/1 serif"',
    'style="font-size:2pt"',
    'style="position:absolute;left:-5000px"',
    'style="position:fixed;top:-100em"',
    'style="position:absolute;inset:-9999px auto auto auto"',
    'style="text-indent:-9999px"',
    'style="text-indent:100%;white-space:nowrap;overflow:hidden"',
    'style="margin-left:-2000px"',
    'style="transform:translateX(-9999px)"',
    'style="transform: scale(0)"',
    'style="position:absolute;clip:rect(0 0 0 0)"',
    'style="position:absolute;clip:rect(1px,1px,1px,1px)"',
    'style="clip-path:inset(50%)"',
    'style="clip-path:circle(0)"',
    'style="width:1px;height:1px;overflow:hidden"',
    'style="max-height:0;overflow:hidden"',
    'style="color:#fff"',
    'style="color:white;background:#ffffff"',
    'style="color:rgb(250,250,250)"',
    'style="color:transparent"',
    'style="color:rgba(0,0,0,0)"',
    "hidden",
    'class="off"',
    'class="pale"',
    'id="out"',
    'data-x="1"',
    'class="deep"',
]


@pytest.mark.parametrize("how", HIDDEN)
@pytest.mark.parametrize("inner", ["요금은 7만원이다.", "<span>요금은 <b>7만원</b>이다.</span>"])
def test_what_nobody_sees_is_not_stored(tmp_path: Path, how: str, inner: str) -> None:
    sheet = style(
        ".off{display:none} .pale{color:#FEFEFE} #out{position:absolute;right:-4000px} div>[data-x='1']{opacity:0}"
        "@layer a{@supports (display:grid){.box{& .deep{visibility:hidden}}}}"
    )
    draft = page(tmp_path, f"<div class=box><p>요금은 9만원이다.</p><div {how}>{inner}</div></div>", sheet)
    assert shown(draft) == [("paragraph", "요금은 9만원이다.")]


@pytest.mark.parametrize(
    ("markup", "head"),
    [
        ("<p style='color:#fff;background:#123'>글</p>", ""),
        ("<div style='background:#222'><p style='color:white'>글</p></div>", ""),
        ("<table><tr><td bgcolor=black><font color=white>글</font></td></tr></table>", ""),
        ("<p class=hero>글</p>", style(".hero{background:url(x.png);color:#fff}")),
        (
            "<p class=hero>글</p>",
            style(".hero{background:linear-gradient(red,blue);background-clip:text;color:transparent}"),
        ),
        ("<p style='color:#fff'>글</p>", "<link rel=stylesheet href=dark.css>"),
        ("<p class=a>글</p>", style(".a{display:none} p.a{display:block}")),
        ("<p class=a>글</p>", style(".a{display:none!important} .a{display:block!important}")),
        ("<p class=a>글</p>", style("@media print{.a{display:none}}")),
        ("<p class=a>글</p>", style("@media (max-width:600px){.a{display:none}}")),
        ("<p class=a>글</p>", style(".a{display:none} @media (min-width:600px){.a{display:block}}")),
        ("<p class=a>글</p>", style(".a::before{display:none} .a:hover{display:none}")),
        ("<div style='visibility:hidden'><p style='visibility:visible'>글</p></div>", ""),
        ("<div style='font-size:0'><p style='font-size:12px'>글</p></div>", ""),
        ("<div style='position:absolute;left:50%;transform:translate(-50%,-50%)'>글</div>", ""),
        ("<p style='margin:0 0 -9999px'>글</p>", ""),
        ("<p aria-hidden=true>글</p>", ""),
        ("<p hidden=until-found>글</p>", ""),
        ("<p style='color:nonsense;;font-size:calc(1px + 1em);{'>글</p>", style("p{{color:white")),
    ],
)
def test_what_is_seen_stays(tmp_path: Path, markup: str, head: str) -> None:
    assert page(tmp_path, markup, head).text == "글"


def test_a_cell_that_is_struck_out_keeps_its_column(tmp_path: Path) -> None:
    rows = "<tr><td>가</td><td {0}>7만원</td><td>2년</td></tr>"
    head = "<tr><th>등급</th><th>요금</th><th>기간</th></tr>"
    for how in ("style='text-decoration:line-through'", "style='opacity:0'", "style='visibility:hidden'"):
        assert page(tmp_path, f"<table>{head}{rows.format(how)}</table>").text.split("\n")[1] == "가 |  | 2년"
    gone = "<table><tr><th>등급</th><th class=x>요금</th><th>기간</th></tr>" + rows.format("class=x") + "</table>"
    assert page(tmp_path, gone, style(".x{display:none}")).text.split("\n") == ["등급 | 기간", "가 | 2년"]


def test_comments_templates_and_text_for_machines_go(tmp_path: Path) -> None:
    draft = page(
        tmp_path,
        "<p>글<!-- 7만원 --></p><template><p>8만원</p></template><noscript><p>6만원</p></noscript>"
        "<p><span aria-hidden=true>★ ►</span><i class=icon aria-hidden=true>warning</i>끝</p>"
        "<input type=hidden value=5만원>",
    )
    assert shown(draft) == [("paragraph", "글"), ("paragraph", "끝")]


def test_what_a_visible_button_opens_is_content(tmp_path: Path) -> None:
    draft = page(
        tmp_path,
        "<h1>질문</h1><button aria-controls=a aria-expanded=false>기한은 언제인가요?</button>"
        "<div id=a hidden><p>9월입니다.</p></div>"
        "<h2><button data-bs-target='#b'>대상은?</button></h2><div id=b class=collapse><p>중소기업입니다.</p></div>"
        "<div hidden><button aria-controls=c>가짜</button></div><div id=c hidden>숨긴 명령</div>"
        "<button aria-controls=d></button>"
        "<div id=d hidden>둘째 명령</div><button>인쇄</button>",
        style(".collapse{display:none}"),
    )
    assert shown(draft) == [
        ("heading", "질문"),
        ("heading", "기한은 언제인가요?"),
        ("paragraph", "9월입니다."),
        ("heading", "대상은?"),
        ("paragraph", "중소기업입니다."),
    ]


def test_an_accordion_of_a_script(tmp_path: Path) -> None:
    panels = "".join(
        f"<button class=accordion>{asked}?</button><div class=panel><p>{told}.</p></div>"
        for asked, told in (("비용은 얼마", "무료"), ("어디서 하나", "대전"))
    )
    closed = style(".panel{max-height:0;overflow:hidden}")
    assert "무료" not in page(tmp_path, f"<p>글</p>{panels}", closed).text, "nothing could open it"
    draft = page(tmp_path, f"<p>글</p>{panels}<script>open()</script>", closed)
    assert [text for _, text in shown(draft)] == ["글", "비용은 얼마?", "무료.", "어디서 하나?", "대전."]


def test_boxes_with_content_stay_in_place_and_link_boxes_go(tmp_path: Path) -> None:
    draft = page(
        tmp_path,
        "<header><a href=/>회사</a></header><main><article><h1>교체</h1><p>전원을 끈다.</p>"
        "<aside><p>경고: 3분을 기다린다.</p></aside>"
        "<details><summary>왜 기다리나요?</summary><p>전하가 남습니다.</p></details>"
        "<p>덮개를 연다.</p><dialog><p>주의: 날이 뜨겁다.</p></dialog>"
        "<figure><img src=x alt='나사 네 개의 위치'><figcaption>그림 1. 나사</figcaption></figure>"
        "<aside><h2>더 읽기</h2><ul><li><a href=/a>설비 목록과 가격</a></li>"
        "<li><a href=/b>다른 안내</a></li></ul></aside>"
        "<footer class=footnotes><ol><li id=fn1>부가세 별도. <a href=#r1>↩</a></li></ol></footer></article></main>"
        "<aside role=note><p>참고: 토크는 12 N·m.</p></aside><footer><a href=/>홈</a> 저작권</footer>",
    )
    assert [text for _, text in shown(draft)] == [
        "교체",
        "전원을 끈다.",
        "경고: 3분을 기다린다.",
        "왜 기다리나요?",
        "전하가 남습니다.",
        "덮개를 연다.",
        "주의: 날이 뜨겁다.",
        "나사 네 개의 위치",
        "그림 1. 나사",
        "1. 부가세 별도. ↩",
        "참고: 토크는 12 N·m.",
    ]
    paths = {draft.text[b.start : b.end]: b.heading_path for b in draft.blocks}
    assert paths["전하가 남습니다."] == ("교체", "왜 기다리나요?") and paths["덮개를 연다."] == ("교체",)


def test_what_stands_around_an_article_is_not_lost(tmp_path: Path) -> None:
    draft = page(tmp_path, "<p>접수는 3월까지입니다.</p><article><p>자세한 글입니다.</p></article><p>문의: 2층</p>")
    assert [text for _, text in shown(draft)] == ["접수는 3월까지입니다.", "자세한 글입니다.", "문의: 2층"]


def test_an_article_is_freed_of_what_leads_elsewhere(tmp_path: Path) -> None:
    draft = page(
        tmp_path,
        "<div><div><a href=/1>홈</a> › <a href=/2>소식</a></div><p>접수는 3월까지입니다.</p>"
        "<article><p>자세한 글입니다.</p></article>"
        "<div><h3>다른 소식</h3><a href=/3>설비 지원 공고가 났습니다</a></div></div><p>문의: 2층</p>",
    )
    assert [text for _, text in shown(draft)] == ["접수는 3월까지입니다.", "자세한 글입니다.", "문의: 2층"]


@pytest.mark.parametrize(
    ("markup", "stored"),
    [
        ("<p>요금은 <span class='text-red line-through'>7만원</span> 9만원</p>", "요금은 9만원"),
        ("<p>요금은 9만원</p><p class='d-none'>7만원</p><p class=hidden>8만원</p>", "요금은 9만원"),
        ("<p class='d-none d-md-block'>요금은 9만원</p>", "요금은 9만원"),
        ("<p class='hidden md:block'>요금은 9만원</p>", "요금은 9만원"),
        ("<p>요금은<span class=sr-only>숨은</span> 9만원</p>", "요금은 9만원"),
    ],
)
def test_classes_of_frameworks_whose_sheets_lie_elsewhere(tmp_path: Path, markup: str, stored: str) -> None:
    assert page(tmp_path, markup, "<link rel=stylesheet href=bootstrap.min.css>").text == stored


def test_how_a_word_is_read_stands_in_brackets(tmp_path: Path) -> None:
    draft = page(tmp_path, "<p><ruby>電氣<rt>전기</rt></ruby>와 <ruby>水<rp>(</rp><rt>수</rt><rp>)</rp></ruby></p>")
    assert draft.text == "電氣(전기)와 水(수)"


def test_values_of_a_form_stand_beside_their_labels(tmp_path: Path) -> None:
    draft = page(
        tmp_path,
        "<form><p><label>기업명 <input value='가람정공'></label></p><p>금액<input type=number value=31500000>원</p>"
        "<table><tr><th>설비</th><td><input type=text value='BT-4'></td></tr></table>"
        "<p><input type=checkbox checked>동의 <input type=radio>거부</p>"
        "<p>지역 <select><option>서울<option selected>전주</select></p><textarea>두 대를\n산다.</textarea>"
        "<p>비밀 <input type=password value=abc></p><button type=submit>보내기</button></form>",
    )
    assert [text for _, text in shown(draft)] == [
        "기업명 가람정공",
        "금액 31500000 원",
        "설비 | BT-4",
        "☑ 동의 ☐ 거부",
        "지역 전주",
        "두 대를 산다.",
        "비밀",
    ]


TABLE = (
    "<table><tr><td colspan=3>(단위: 천원)</td></tr>"
    "<tr><{0} rowspan=2>구분</{0}><{0} colspan=2>지원</{0}></tr><tr><{0}>국비</{0}><{0}>지방비</{0}></tr>"
    "<tr><td>중소</td><td>100</td><td>20</td></tr><tr><td colspan=3>※ 부가세 제외</td></tr>"
    "<tr><td rowspan=0>중견</td><td>80</td><td>10</td></tr><tr><td>70</td><td>5</td></tr></table>"
)


@pytest.mark.parametrize("cell", ["th", "td"])
def test_header_rows_over_several_lines(tmp_path: Path, cell: str) -> None:
    draft = page(tmp_path, TABLE.format(cell))
    assert [text for _, text in shown(draft)] == [
        "(단위: 천원)",
        "구분 | 지원 국비 | 지원 지방비",
        "중소 | 100 | 20",
        "※ 부가세 제외",
        "중견 | 80 | 10",
        "중견 | 70 | 5",
    ]
    assert {b.table_header for b in draft.blocks if b.kind == "table_row"} == {"", "구분 | 지원 국비 | 지원 지방비"}


@pytest.mark.parametrize(
    ("table", "header"),
    [
        (
            "<tr><td>등급</td><td>요금</td><td>기간</td></tr><tr><td>가</td><td>3만원</td><td>2년</td></tr>",
            "등급 | 요금 | 기간",
        ),
        ("<tr><td><b>등급</b></td><td><b>색</b></td></tr><tr><td>가</td><td>빨강</td></tr>", "등급 | 색"),
        ("<tr><td>기업명</td><td>가람정공</td></tr><tr><td>설립</td><td>1998년</td></tr>", ""),
    ],
)
def test_a_header_without_header_cells(tmp_path: Path, table: str, header: str) -> None:
    draft = page(tmp_path, f"<table>{table}</table>")
    assert draft.blocks[-1].table_header == header
