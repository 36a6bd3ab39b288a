"""The stored text: offsets born exact, normalised once."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from assistant.ingest.formats.draft import DraftBuilder, clean, is_warning


@given(st.text(), st.booleans())
def test_clean_is_stable_and_storable(text: str, keep_lines: bool) -> None:
    cleaned = clean(text, keep_lines)
    assert clean(cleaned, keep_lines) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode("utf-8")
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in cleaned if char != "\n")


def test_clean_removes_what_cannot_be_seen() -> None:
    decomposed = unicodedata.normalize("NFD", "한글")
    assert clean(f"\ufeff{decomposed}\u200b\xa0 줄\r\n 바꿈\x07\xad끝") == "한글 줄 바꿈끝"


def test_private_places_of_symbol_fonts_are_what_they_show() -> None:
    assert (
        clean("\uf0fe 동의 \uf0a8 거부 \uf0e8 접수, \uf0b3 5, \uf081 아래 \uf53a글, \uf06c")
        == "☑ 동의 □ 거부 ➔ 접수, ≥ 5, ① 아래 한글, \uf06c"
    )


def test_composition() -> None:
    builder = DraftBuilder()
    builder.heading(1, "제목")
    builder.heading(3, "아래")
    builder.paragraph("본문", 2)
    builder.list_item("첫째", marker="3.")
    builder.list_item("안쪽", marker="-", depth=1)
    builder.heading(2, "옆")
    builder.table(["가", ""], [["1", ""], ["", ""], ["", "2"]])
    builder.paragraph("  ")
    draft = builder.build({"title": "x"})
    assert draft.text == "제목\n\n아래\n\n본문\n\n3. 첫째\n  - 안쪽\n\n옆\n\n가 | \n1 | \n | 2"
    shown = [(block.kind, draft.text[block.start : block.end], block.heading_path[-1]) for block in draft.blocks]
    assert shown == [
        ("heading", "제목", "제목"),
        ("heading", "아래", "아래"),
        ("paragraph", "본문", "아래"),
        ("list_item", "3. 첫째", "아래"),
        ("list_item", "- 안쪽", "아래"),
        ("heading", "옆", "옆"),
        ("table_row", "가 | ", "옆"),
        ("table_row", "1 | ", "옆"),
        ("table_row", " | 2", "옆"),
    ]
    assert draft.blocks[1].heading_path == ("제목", "아래") and draft.blocks[5].heading_path == ("제목", "옆")
    assert [block.table_header for block in draft.blocks[-3:]] == ["", "가 | ", "가 | "]
    assert draft.blocks[2].page == 2


def test_warnings() -> None:
    for text in ("경고: 손을 넣지 마십시오.", "⚠ WARNING! Stop.", "[주의] 뜨겁습니다", "Caution: hot", "[!DANGER] x"):
        assert is_warning(text)
    for text in ("경고문은 앞에 나옵니다.", "주의할 점", "Warnings are shown", "위험 성평가"):
        assert not is_warning(text)


def test_numbers_in_boxes_of_hancom_are_numbers_and_its_other_signs_are_blanks() -> None:
    assert clean("\U000f02b15천만원, \U000f02b9 끝") == "1 5천만원, 9 끝"
    assert clean("\U000f02ba\U000f02c3 열째 \U000f02ba\U000f02c5둘째") == "10 열째 12 둘째"
    assert clean("서명 \U000f012b\U000f0820\U000f0820 인") == "서명 인"
