"""Markdown: structure kept, markup gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.readers import read
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
