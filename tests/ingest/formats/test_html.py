"""HTML: main content, encodings, spans."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.formats import read
from assistant.schema import Draft

PAGE = """<!DOCTYPE html><html lang="ko-KR"><head><meta charset="{0}"><title>공고 안내</title>
<style>p{{}}</style></head>
<body><header>사이트 이름</header><nav><a href="/">홈</a></nav>
<main><h1>지원 공고</h1><p>코<b>로</b>나 이후<br>지원합니다.</p>
<ol start="3"><li><p>신청합니다.</p><p>서류를 냅니다.</p><ul><li>안쪽</li></ul></li><li value="7">끝</li></ol>
<table><caption>금액</caption><tr><th>구분</th><th colspan="2">지원</th></tr>
<tr><th></th><th>국비</th><th>지방비</th></tr>
<tr><td rowspan="2">중소</td><td>1억</td><td>2억</td></tr><tr><td colspan="2">없음</td></tr></table>
<div class="warning">뜨겁습니다.</div><script>alert(1)</script><div hidden>숨김</div>
<table><tr><td><p>틀</p></td></tr></table><pre>a
  b</pre></main><footer>주소</footer></body></html>"""


def shown(draft: Draft) -> list[tuple[str, str]]:
    return [(block.kind, draft.text[block.start : block.end]) for block in draft.blocks]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("utf-8", "utf-8"), ("euc-kr", "cp949"), ("ks_c_5601-1987", "cp949"), ("utf-8", "cp949"), ("x", "utf-16")],
)
def test_page(tmp_path: Path, declared: str, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(PAGE.format(declared).replace("지원 공고", "지원 공고 뷁").encode(encoding))
    draft = read(path)
    assert shown(draft) == [
        ("heading", "지원 공고 뷁"),
        ("paragraph", "코로나 이후 지원합니다."),
        ("list_item", "3. 신청합니다. 서류를 냅니다."),
        ("list_item", "- 안쪽"),
        ("list_item", "7. 끝"),
        ("paragraph", "금액"),
        ("table_row", "구분 | 지원 국비 | 지원 지방비"),
        ("table_row", "중소 | 1억 | 2억"),
        ("table_row", "중소 | 없음 | 없음"),
        ("quote", "뜨겁습니다."),
        ("paragraph", "틀"),
        ("code", "a\n  b"),
    ]
    assert draft.metadata["title"] == "공고 안내" and draft.metadata["language"] == "ko"


def test_no_main_content(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<html><body><script>x()</script><nav>메뉴</nav></body></html>", encoding="utf-8")
    with pytest.raises(ReadError, match="no text"):
        read(path)


def test_wild_spans_and_nesting_do_not_exhaust_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    table = '<table><tr><td colspan="999999" rowspan="999999">a</td></tr><tr><td rowspan="-1">b</td></tr></table>'
    path.write_text(f"<html><body>{table}{'<div>' * 3000}tief{'</div>' * 3000}</body></html>", encoding="utf-8")
    try:
        draft = read(path)
    except ReadError as exc:
        assert "deep" in exc.message
    else:
        assert "tief" in draft.text and len(draft.text) < 100_000
