"""The texts of the documents pages, in Korean and English. Values are plain text with `{name}` places."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.schema import Language

TEXTS: Mapping[Language, Mapping[str, str]] = {
    "ko": {
        "documents": "문서",
        "hint": "지금 볼 수 있는 문서 {count}건입니다. 답은 이 문서들에서만 찾습니다.",
        "search": "제목이나 본문에서 찾기",
        "collection": "분류",
        "all": "모두",
        "version": "판",
        "state": "상태",
        "since": "이 날짜부터",
        "show": "찾기",
        "reset": "조건 지우기",
        "title": "제목",
        "date": "기준일",
        "found": "{count}건을 찾았습니다.",
        "most": "앞의 {count}건만 보입니다. 조건을 더하면 나머지도 찾을 수 있습니다.",
        "nothing": "조건에 맞는 문서가 없습니다. 낱말을 줄이거나 조건을 지워 보십시오.",
        "empty": "볼 수 있는 문서가 아직 없습니다. 로그인하면 더 보일 수 있습니다.",
        "in_text": "본문에 있음",
        "download": "원본 내려받기",
        "download_of": "원본 내려받기: {title}",
        "as_pages": "쪽 그림으로 보기",
        "as_text": "글로 보기",
        "back": "문서 목록",
        "newer": "이 문서는 새 문서로 대체되었습니다.",
        "older": "앞선 판",
        "source": "출처",
        "sample_note": "설명을 위한 예시 문서이며, 실제 효력이 있는 문서가 아닙니다.",
        "page": "{page}쪽",
        "page_of": "{title}, {page}쪽",
        "no_page_picture": "쪽 그림을 만들 수 없어 글로 보여 드립니다. 파일이 옮겨졌거나 바뀌었을 수 있습니다.",
        "changed": "이 문서는 인용한 뒤에 바뀌었습니다. 지금의 글을 보여 드립니다.",
        "gone": "이 문서는 지금 볼 수 없습니다. 지워졌거나 볼 권한이 없습니다.",
        "cut": "인용한 곳의 앞뒤만 보여 드립니다.",
        "language_name": "언어",
        "in_force": "현행",
        "superseded": "대체됨",
    },
    "en": {
        "documents": "Documents",
        "hint": "Documents that you may see: {count}. Answers come from these alone.",
        "search": "Find in titles and texts",
        "collection": "Collection",
        "all": "All",
        "version": "Version",
        "state": "State",
        "since": "From this date",
        "show": "Find",
        "reset": "Clear",
        "title": "Title",
        "date": "Date",
        "found": "Found: {count}",
        "most": "Only the first {count} are shown. Narrow the search to see the others.",
        "nothing": "No document matches. Use fewer words, or clear a condition.",
        "empty": "There is no document that you may see yet. Signing in may show more.",
        "in_text": "in its text",
        "download": "Download the original",
        "download_of": "Download the original: {title}",
        "as_pages": "Show as pages",
        "as_text": "Show as text",
        "back": "All documents",
        "newer": "This document has been superseded by a newer one.",
        "older": "The version before",
        "source": "Source",
        "sample_note": "A sample document written for illustration; it has no legal effect.",
        "page": "p. {page}",
        "page_of": "{title}, page {page}",
        "no_page_picture": "The page cannot be drawn, so its text is shown. The file may have been moved or changed.",
        "changed": "This document has changed since it was quoted. Its present text is shown.",
        "gone": "This document cannot be shown now. It was removed, or you may not see it.",
        "cut": "Only what stands around the cited place is shown.",
        "language_name": "Language",
        "in_force": "In force",
        "superseded": "Superseded",
    },
}


def text(language: Language, key: str, **values: object) -> str:
    """The text of `key` with its places filled. KeyError for an unknown key or a missing value."""
    return TEXTS[language][key].format(**values)
