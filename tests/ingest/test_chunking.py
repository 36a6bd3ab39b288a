"""Chunks: exact slices that cover the document and follow its structure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.ingest.chunking import chunk
from assistant.ingest.formats.draft import DraftBuilder
from assistant.schema import Draft, Passage

HASH = "0123456789abcdef"
TEXT = st.text(st.sampled_from("가나다라마 바사. abc DE 12,.%·\n|"), max_size=400)
SHORT = st.text(st.sampled_from("가나다 abc1"), max_size=30)
OPERATION = st.one_of(
    st.tuples(st.just("heading"), st.integers(1, 4), SHORT),
    st.tuples(st.just("paragraph"), TEXT),
    st.tuples(st.just("quote"), TEXT),
    st.tuples(st.just("code"), TEXT),
    st.tuples(st.just("list_item"), TEXT, st.integers(0, 2)),
    st.tuples(st.just("table"), st.lists(SHORT, max_size=3), st.lists(st.lists(SHORT, max_size=3), max_size=6)),
)


def built(operations: list[tuple]) -> Draft:  # type: ignore[type-arg]
    builder = DraftBuilder()
    for page, (name, *arguments) in enumerate(operations, start=1):
        if name == "list_item":
            builder.list_item(arguments[0], page, marker="-", depth=arguments[1])
        else:
            getattr(builder, name)(*arguments, page)
    return builder.build()


@settings(max_examples=300, deadline=None)
@given(st.lists(OPERATION, max_size=25), st.integers(40, 300))
def test_chunks_are_exact_ordered_and_cover_every_block(operations: list[tuple], limit: int) -> None:  # type: ignore[type-arg]
    draft = built(operations)
    chunks = chunk("a/b.md", HASH, draft, limit)
    position = 0
    for block in draft.blocks:  # the draft's own invariant
        assert position <= block.start < block.end <= len(draft.text)
        assert draft.text[block.start : block.end].strip()
        position = block.end
    position = 0
    covered = [0] * len(draft.text)
    for number, each in enumerate(chunks):
        assert each.text == draft.text[each.start : each.end] and each.text.strip()
        assert each.ordinal == number and each.chunk_id == f"a/b.md@01234567#{number}"
        assert each.start >= position
        position = each.end
        for at in range(each.start, each.end):
            covered[at] += 1
    for block in draft.blocks:
        for at in range(block.start, block.end):
            assert covered[at] == 1 or draft.text[at].isspace()
        if block.end - block.start <= limit:
            holders = [c for c in chunks if c.start <= block.start and block.end <= c.end]
            assert len(holders) == 1, "a block that fits is in exactly one chunk"
            if block.table_header and holders[0].table_header != block.table_header:
                assert block.table_header in holders[0].text, "a row keeps its header"
    assert chunks == chunk("a/b.md", HASH, draft, limit)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.just("paragraph"), TEXT), max_size=20), st.integers(40, 300))
def test_prose_never_exceeds_the_limit(operations: list[tuple], limit: int) -> None:  # type: ignore[type-arg]
    for each in chunk("a", HASH, built([o for o in operations if not o[1].startswith("#")]), limit):
        assert len(each.text) <= limit


def only(draft: Draft, limit: int = 900) -> tuple[Passage, ...]:
    return chunk("a", HASH, draft, limit)


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    builder = DraftBuilder()
    first, second = "정부는 2024. 7. 22. 출범을 발표했습니다.", "지원 금액은 최대 3.5억 원입니다."
    builder.paragraph(f"{first} {second}")
    assert [each.text for each in only(builder.build(), 40)] == [first, second]


def test_sections_keep_to_themselves_unless_they_are_tiny() -> None:
    builder = DraftBuilder()
    builder.heading(1, "규정")
    builder.heading(2, "제1조")
    builder.paragraph("짧은 조문입니다.")
    builder.heading(2, "제2조")
    builder.paragraph("이것도 짧습니다.")
    builder.heading(2, "제3조")
    builder.paragraph("긴 조문입니다. " * 40)
    tiny, long = only(builder.build())
    assert tiny.heading_path == ("규정",) and tiny.text.startswith("규정") and "이것도 짧습니다." in tiny.text
    assert long.heading_path == ("규정", "제3조") and long.text.startswith("제3조")


def test_no_chunk_is_just_a_heading() -> None:
    builder = DraftBuilder()
    builder.heading(1, "제목")
    builder.paragraph("문장입니다. " * 60)
    builder.heading(1, "빈 절")
    builder.heading(2, "아래도 빈 절")
    chunks = only(builder.build(), 300)
    assert chunks[-1].text.endswith("아래도 빈 절") and "문장입니다." in chunks[-1].text


def test_rows_keep_their_header_and_stay_whole() -> None:
    builder = DraftBuilder()
    rows = [[f"TA{number:04}", "원인 설명입니다. 두 번째 문장입니다.", "조치입니다."] for number in range(40)]
    builder.table(["알람", "원인", "조치"], rows, 3)
    chunks = only(builder.build(), 300)
    assert len(chunks) > 3
    assert chunks[0].table_header == "" and chunks[0].text.startswith("알람 | 원인 | 조치\nTA0000")
    for each in chunks[1:]:
        assert each.table_header == "알람 | 원인 | 조치"
        assert all(line.count(" | ") == 2 for line in each.text.split("\n"))
        assert len(each.table_header) + len(each.text) <= 300


def test_a_table_that_continues_carries_its_header() -> None:
    builder = DraftBuilder()
    builder.table(["알람", "조치"], [["A1", "x"]], 1)
    builder.paragraph("긴 문단입니다. " * 60, 1)
    builder.table(["알람", "조치"], [["A2", "y"]], 2, continues=True)
    last = only(builder.build(), 300)[-1]
    assert last.text.endswith("A2 | y") and last.table_header == "알람 | 조치"


@pytest.mark.parametrize("limit", range(60, 200, 10))
def test_steps_stay_whole_and_a_warning_stays_with_the_step_after_it(limit: int) -> None:
    builder = DraftBuilder()
    builder.heading(1, "잠금 절차")
    step = "밸브를 닫습니다. 압력계를 읽습니다. 남은 압력이 0 MPa인지 확인합니다."
    for number in range(1, 9):
        if number % 3 == 0:
            builder.paragraph("경고: 남은 압력이 사람을 다치게 합니다. 손을 넣지 마십시오.")
        builder.list_item(step, marker=f"{number}.")
    chunks = only(builder.build(), limit)
    assert len(chunks) > 2
    for each in chunks:
        assert not each.text.endswith("손을 넣지 마십시오.")
        for line in each.text.split("\n"):
            assert not line[:1].isdigit() or line.endswith("확인합니다.")


def test_a_step_or_row_longer_than_the_limit_stays_whole() -> None:
    builder = DraftBuilder()
    builder.list_item("밸브를 닫고 확인합니다. " * 6, marker="1.")
    builder.table(["알람", "조치"], [["TA0101", "밸브를 닫고 확인합니다. " * 6]])
    chunks = only(builder.build(), 60)
    assert [each.text[:6] for each in chunks] == ["1. 밸브를", "알람 | 조"]
    assert all(each.text.count("확인합니다.") == 6 for each in chunks)


def test_sub_steps_stay_with_their_step() -> None:
    builder = DraftBuilder()
    for number in range(1, 5):
        builder.list_item("단계입니다. " * 5, marker=f"{number}.")
        builder.list_item("세부 단계입니다.", marker="-", depth=1)
    for each in only(builder.build(), 100):
        assert each.text[0].isdigit() and each.text.endswith("- 세부 단계입니다.")


def test_page_is_that_of_the_first_block() -> None:
    builder = DraftBuilder()
    builder.heading(1, "가", 4)
    builder.paragraph("나", 5)
    assert only(builder.build())[0].page == 4
