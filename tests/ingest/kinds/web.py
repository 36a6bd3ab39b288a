"""Pages, books and marked-up text."""

# ruff: noqa: E501 - the table of files reads better with a line for each

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.ingest.formats import read
from assistant.schema import Draft
from tests.ingest.formats.test_archive import packed
from tests.ingest.kinds import Case


def _file(name: str, content: str | bytes, **beside: str) -> Callable[[Path], Draft]:
    def make(folder: Path) -> Draft:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        for other, text in beside.items():
            (folder / other.replace("__", "/").replace("_", ".")).parent.mkdir(exist_ok=True)
            (folder / other.replace("__", "/").replace("_", ".")).write_text(text, encoding="utf-8")
        return read(folder / name)

    return make


def _page(body: str, head: str = "", **beside: str) -> Callable[[Path], Draft]:
    return _file(
        "a.html",
        f'<!doctype html><html><head><meta charset="utf-8"><title>t</title>{head}</head><body>{body}</body></html>',
        **beside,
    )


def _zipped(members: dict[str, str]) -> Callable[[Path], Draft]:
    return _file("a.zip", packed({name: text.encode() for name, text in members.items()}))


def _book(chapter: str, **more: str) -> Callable[[Path], Draft]:
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/a.opf"/></rootfiles></container>',
        "OEBPS/a.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/>'
        '</manifest><spine><itemref idref="c"/></spine></package>',
        "OEBPS/c.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title><link rel="stylesheet" type="text/css" href="s.css"/></head><body>{chapter}</body></html>',
        **{"OEBPS/s.css": "", **{f"OEBPS/{name.replace('_', '.')}": text for name, text in more.items()}},
    }
    return _file("a.epub", packed({name: text.encode() for name, text in parts.items()}))


_MONEY, _GONE = ("9만원",), ("7만원",)
_LINK = '<link rel="stylesheet" href="{}">'
_STEPS = "<h1>정비</h1><p>밸브를 잠근다.</p>{}<p>왼쪽으로 돌려 뺀다.</p>"
_SAFE = ("잠근다", "배관 압력이 0.02 MPa", "왼쪽으로")
_WARNING = "배관 압력이 0.02 MPa 아래인지 본다."
CASES = [
    *(Case("withdrawn", "HTML", name, _page(f"<p>값은 {old} 9만원이다.</p>", head), _MONEY, _GONE) for name, old, head in (
        ("del", "<del>7만원</del>", ""), ("s", "<s>7만원</s>", ""), ("style", '<span style="text-decoration: line-through">7만원</span>', ""),
        ("class", '<span class="x">7만원</span>', "<style>.x{text-decoration:line-through}</style>"),
        ("nested in ins", "<ins><del>7만원</del></ins>", ""), ("shorthand", '<span style="text-decoration:line-through red 2px">7만원</span>', ""))),
    Case("withdrawn", "HTML", "style sheet in the folder", _page('<p>값은 <span class="x">7만원</span> 9만원이다.</p>', _LINK.format("s.css"), s_css=".x{text-decoration:line-through}"), _MONEY, _GONE),
    Case("withdrawn", "Markdown", "tildes", _file("a.md", "# 값\n\n값은 ~~7만원~~ 9만원이다.\n"), _MONEY, _GONE),
    Case("withdrawn", "Markdown", "element", _file("a.md", "# 값\n\n값은 <del>7만원</del> 9만원이다.\n"), _MONEY, _GONE),
    Case("withdrawn", "Markdown", "in a table", _file("a.md", "| 품목 | 값 |\n|---|---|\n| 볼트 | ~~7만원~~ 9만원 |\n"), ("볼트 | 9만원",), _GONE),
    Case("withdrawn", "Markdown", "in a heading and a list", _file("a.md", "# 값 ~~7만원~~ 9만원\n\n- ~~옛 줄 7만원~~\n- 새 줄\n"), ("9만원", "새 줄"), _GONE),
    Case("withdrawn", "EPUB", "del", _book("<p>값은 <del>7만원</del> 9만원이다.</p>"), _MONEY, _GONE),
    Case("raised", "HTML", "sup", _page("<p>50<sup>1)</sup>백만원, 10<sup>6</sup> Pa, CO<sub>2</sub></p>"), ("50¹⁾백만원", "10⁶ Pa", "CO₂")),
    Case("raised", "HTML", "link of a note", _page('<p>한도 50<sup><a href="#n">1</a></sup>백만원</p><p id="n">1 세전</p>'), ("50¹백만원", "세전")),
    Case("raised", "HTML", "style", _page('<p>10<span style="vertical-align:super;font-size:70%">6</span> Pa</p>'), ("10⁶ Pa",)),
    Case("raised", "HTML", "formula", _page("<p>10 그리고 <math><msup><mn>10</mn><mn>6</mn></msup></math> Pa, <math><msub><mi>H</mi><mn>2</mn></msub></math>O</p>"), ("10⁶ Pa", "H₂O")),
    Case("raised", "Markdown", "element", _file("a.md", "# 값\n\n한도는 50<sup>1)</sup>백만원이다.\n"), ("50¹⁾백만원",)),
    Case("raised", "Markdown", "note", _file("a.md", "한도는 50[^1]백만원이다.\n\n다른 글.\n\n[^1]: 세전 금액\n"), ("한도는 50", "백만원", "세전 금액"), ("501",)),
    Case("raised", "EPUB", "sup", _book("<p>10<sup>6</sup> Pa</p>"), ("10⁶ Pa",)),
    Case("values", "HTML", "fields", _page('<form><label>업체 <input value="하람정공"></label><label>규모 <select><option>소기업<option selected>중기업</select></label>'
         '<label><input type="checkbox" checked> 동의</label><input type="hidden" value="비밀 71"></form>'), ("업체", "하람정공", "규모", "중기업", "동의"), ("비밀 71",)),
    Case("layout", "HTML", "head over two rows", _page("<table><tr><th rowspan=2>구분</th><th colspan=2>부담</th></tr><tr><th>국비</th><th>민간</th></tr>"
         "<tr><td>소기업</td><td>60%</td><td>40%</td></tr></table>"), ("구분", "국비", "민간", "소기업 | 60% | 40%")),
    Case("layout", "Markdown", "table without outer bars", _file("a.md", "품목 | 값\n---|---\n볼트 | 90\n"), ("품목 | 값", "볼트 | 90")),
    *(Case("unseen", "HTML", name, _page(f"<p>값은 9만원이다.</p>{hidden}", head), _MONEY, _GONE) for name, hidden, head in (
        ("display", '<p style="display:none">7만원</p>', ""), ("visibility", '<p style="visibility:hidden">7만원</p>', ""),
        ("opacity", '<p style="opacity:0">7만원</p>', ""), ("size", '<p style="font-size:0">7만원</p>', ""),
        ("white", '<p style="color:#fff">7만원</p>', ""), ("outside", '<p style="position:absolute;left:-9999px">7만원</p>', ""),
        ("attribute", "<p hidden>7만원</p>", ""), ("class", '<p class="q">7만원</p>', "<style>.q{display:none}</style>"),
        ("clip path", '<p style="clip-path:inset(50%)">7만원</p>', ""), ("scale", '<p style="transform:scale(0)">7만원</p>', ""),
        ("no height", '<p style="height:0;overflow:hidden">7만원</p>', ""), ("indent", '<p style="text-indent:-9999px">7만원</p>', ""),
        ("template", "<template><p>7만원</p></template>", ""), ("variable", '<p style="color:var(--c)">7만원</p>', "<style>:root{--c:#fff}</style>"),
        ("drawing without ink", '<svg><text fill="none">7만원</text></svg>', ""))),
    Case("unseen", "HTML", "style sheet in the folder", _page('<p>9만원</p><p class="q">7만원</p>', _LINK.format("s.css"), s_css=".q{display:none}"), _MONEY, _GONE),
    Case("unseen", "HTML", "style sheet below the folder", _page('<p>9만원</p><p class="q">7만원</p>', _LINK.format("css/s.css?v=2"), css__s_css=".q{visibility:hidden}"), _MONEY, _GONE),
    Case("unseen", "HTML", "imported style sheet", _page('<p>9만원</p><p class="q">7만원</p>', _LINK.format("s.css"), s_css='@import url("t.css");', t_css=".q{color:#fff}"), _MONEY, _GONE),
    Case("unseen", "HTML", "imported by the page", _page('<p>9만원</p><p class="q">7만원</p>', '<style>@import "s.css";</style>', s_css=".q{display:none}"), _MONEY, _GONE),
    Case("unseen", "HTML", "style sheet for print only hides nothing", _page('<p class="q">9만원</p>', '<link rel="stylesheet" media="print" href="s.css">', s_css=".q{display:none}"), _MONEY),
    Case("unseen", "ZIP", "style sheet in the archive", _zipped({"a/i.html": f'<meta charset=utf-8>{_LINK.format("../s.css")}<p>9만원</p><p class="q">7만원</p>', "s.css": ".q{display:none}"}), _MONEY, _GONE),
    Case("unseen", "EPUB", "style sheet of the book", _book('<p>9만원</p><p class="q">7만원</p>', s_css=".q{display:none}"), _MONEY, _GONE),
    Case("unseen", "Markdown", "comment", _file("a.md", "# 값\n\n값은 9만원이다.\n\n<!-- 7만원 -->\n"), _MONEY, _GONE),
    Case("unseen", "Markdown", "hidden element", _file("a.md", '# 값\n\n값은 9만원이다. <span style="display:none">7만원</span>\n\n<div hidden>7만원</div>\n'), _MONEY, _GONE),
    *(Case("trimmings", "HTML", name, _page(_STEPS.format(box)), _SAFE) for name, box in (
        ("aside", f"<aside>{_WARNING}</aside>"), ("dialog", f"<dialog open>{_WARNING}</dialog>"), ("details", f"<details><summary>주의</summary><p>{_WARNING}</p></details>"),
        ("figure", f"<figure><img src=x><figcaption>{_WARNING}</figcaption></figure>"), ("alt", f'<p><img src=x alt="{_WARNING}"></p>'),
        ("drawing", f'<svg width="300" height="40"><text x="5" y="20">{_WARNING}</text></svg>'),
        ("drawing in pieces", '<svg><text>배관 압력이 <tspan>0.02 MPa</tspan> 아래인지 본다.</text></svg>'),
        ("fieldset", f"<fieldset><legend>주의</legend>{_WARNING}</fieldset>"), 
        ("footer of an article", f"<article><p>글</p><footer>{_WARNING}</footer></article>"))),
    Case("trimmings", "HTML", "question that is a button", _page("<h1>묻고 답하기</h1><button>임차도 되나요?</button><div>아니요. 2년이 남아야 합니다.</div>"), ("임차도 되나요?", "아니요.")),
    Case("trimmings", "SVG", "file", _file("a.svg", f'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="90"><title>정비</title><text x="5" y="20">{_WARNING}</text>'
         '<text x="5" y="40" display="none">7만원</text></svg>'), ("배관 압력이 0.02 MPa",), _GONE, noted="drawing"),
    Case("encodings", "HTML", "ks_c_5601-1987", _file("a.html", '<html><head><meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987"></head><body><p>똠방각하 9만원</p></body></html>'.encode("cp949")),
         ("똠방각하 9만원",)),
    Case("encodings", "HTML", "soft hyphens and zero width", _page("<p>정비\u200b주기\u00ad는 ３０일이다.</p>"), ("정비주기는",), ("\u200b", "\u00ad")),
    Case("encodings", "TXT", "decomposed Hangul", _file("a.txt", "\u1112\u1161\u11ab\u1100\u1173\u11af 9만원이다.\n"), ("한글 9만원",)),
    Case("old", "EPUB", "chapter", _book("<h1>절</h1><p>값은 9만원이다.</p>"), _MONEY),
]  # fmt: skip
