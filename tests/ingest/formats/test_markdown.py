"""Markdown: structure kept, markup gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.formats import read
from assistant.schema import Draft

SAMPLE = """---
title: 안내
language: ko
labels: [staff]
version: 1.10
---

# 큰 **제목**

본문에 [링크](https://example.org)와 `코드`, **굵게(설명)**은 남고
줄은 이어집니다. ![그림](x.png) <b>태그</b>

> **경고:** 전원을 끄십시오.

3. 첫 문단

   둘째 문단

   - 안쪽 *항목*
4. 다음

| 구분 | 금액 |
|---|---:|
| `A|1` | **3억 원** |
| 나 | a \\| b |

```
x = 1
  y
```

<table><tr><th>가</th><th>나</th></tr><tr><td>1</td><td>2</td></tr></table>
"""


def shown(draft: Draft) -> list[tuple[str, str]]:
    return [(block.kind, draft.text[block.start : block.end]) for block in draft.blocks]


def draft_of(tmp_path: Path, text: str, name: str = "a.md") -> Draft:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_sample(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, SAMPLE)
    assert shown(draft) == [
        ("heading", "큰 제목"),
        ("paragraph", "본문에 링크와 코드, 굵게(설명)은 남고 줄은 이어집니다. 그림 태그"),
        ("quote", "경고: 전원을 끄십시오."),
        ("list_item", "3. 첫 문단 둘째 문단"),
        ("list_item", "- 안쪽 항목"),
        ("list_item", "4. 다음"),
        ("table_row", "구분 | 금액"),
        ("table_row", "`A | 1`"),
        ("table_row", "나 | a | b"),
        ("code", "x = 1\n  y"),
        ("table_row", "가 | 나"),
        ("table_row", "1 | 2"),
    ]
    assert draft.blocks[8].table_header == "구분 | 금액"
    assert draft.metadata["title"] == "안내" and draft.metadata["labels"] == ("staff",)
    assert draft.metadata["version"] == "1.10" and draft.metadata["media_type"] == "text/markdown"


def test_title_falls_back_to_the_first_heading_then_the_name(tmp_path: Path) -> None:
    assert draft_of(tmp_path, "# 제목\n\n글").metadata["title"] == "제목"
    assert draft_of(tmp_path, "**글**입니다").metadata["title"] == "a"


def test_the_name_does_not_decide(tmp_path: Path) -> None:
    assert draft_of(tmp_path, "# 제목\n\n글", "a.pdf").metadata["media_type"] == "text/markdown"
    assert draft_of(tmp_path, "그냥 글입니다.", "a.md").metadata["media_type"] == "text/plain"


def test_only_front_matter_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no text"):
        draft_of(tmp_path, "---\ntitle: x\n---\n\n<!-- nothing -->\n")


def test_deep_nesting_is_an_error_or_a_document(tmp_path: Path) -> None:
    try:
        draft_of(tmp_path, "# x\n\n" + "> " * 4000 + "tief")
    except ReadError as exc:
        assert "deep" in exc.message


@pytest.mark.parametrize(
    ("line", "stored"),
    [
        ("한도는 ~~150만원~~ 120만원이다.", "한도는 120만원이다."),
        ("비율은 ~~30%~~20%이다.", "비율은 20%이다."),
        ("비율은 ~~(구) 30%~~은 20%이다.", "비율은 은 20%이다."),
        ("~~**모두** 지급한다.~~ 반만 지급한다.", "반만 지급한다."),
        ("비율은 <del>30%</del><s>25%</s> 20%이다.", "비율은 20%이다."),
        ("비율은 <span style='text-decoration:line-through'>30%</span> **20%**이다.", "비율은 20%이다."),
        ("비율은 <span class=old>30%</span> 20%이다.", "비율은 20%이다."),
        ("비율은 <span style='display: none'>30%</span><!-- 35% --> 20%이다.", "비율은 20%이다."),
        ("고맙습니다~~ 그리고 10~20%는 3~5일 걸려요~~", "고맙습니다~~ 그리고 10~20%는 3~5일 걸려요~~"),
        ("압력은 10^5^ Pa, 넓이는 3 m^2^, 한도는 50^1)^억원", "압력은 10⁵ Pa, 넓이는 3 m², 한도는 50¹⁾억원"),
        ("10^6 Pa와 x^2+y^2=z^2, CO~2~, 10~20~30", "10^6 Pa와 x^2+y^2=z^2, CO₂, 10~20~30"),
        ("25<sup>2)</sup>억원과 H<sub>2</sub>O, a < b <c>", "25²⁾억원과 H₂O, a < b"),
    ],
)
def test_struck_hidden_and_raised(tmp_path: Path, line: str, stored: str) -> None:
    draft = draft_of(tmp_path, f"# 제목\n\n<style>.old{{text-decoration:line-through}}</style>\n\n- {line}\n\n{line}\n")
    assert [text for _, text in shown(draft)] == ["제목", f"- {stored}", stored]


def test_struck_out_alone_is_a_mark_of_markdown(tmp_path: Path) -> None:
    assert draft_of(tmp_path, "한도는 ~~7만원~~ 9만원이다.").text == "한도는 9만원이다."


def test_hidden_html_around_markdown(tmp_path: Path) -> None:
    draft = draft_of(
        tmp_path,
        "# 요금\n\n요금은 9만원이다.\n\n<div style='display:none'>\n\n요금은 7만원이다.\n\n- 8만원\n\n  <b>5만원</b>"
        "\n\n"
        "</div>\n\n<del>\n\n6만원\n\n</del>\n\n<div class=box>\n\n기간은 2년이다.\n\n</div>\n\n"
        "<!--\n\n4만원\n\n-->\n\n<details>\n<summary>왜 그런가요?</summary>\n\n"
        "규정입니다.\n\n</details>\n\n끝입니다.\n",
    )
    texts = [text for _, text in shown(draft)]
    assert texts == ["요금", "요금은 9만원이다.", "기간은 2년이다.", "왜 그런가요?", "규정입니다.", "끝입니다."]
    paths = {draft.text[b.start : b.end]: b.heading_path for b in draft.blocks}
    assert paths["규정입니다."] == ("요금", "왜 그런가요?") and paths["끝입니다."] == ("요금",)


def test_footnotes_follow_the_block_that_names_them(tmp_path: Path) -> None:
    draft = draft_of(
        tmp_path, "한도는 50[^세]억원이다.\n\n둘째 문단[^1].\n\n[^1]: 제외\n[^세]: 부가세를\n    뺀 금액이다.\n"
    )
    assert [text for _, text in shown(draft)] == [
        "한도는 50¹⁾억원이다.",
        "¹⁾ 부가세를 뺀 금액이다.",
        "둘째 문단²⁾.",
        "²⁾ 제외",
    ]
