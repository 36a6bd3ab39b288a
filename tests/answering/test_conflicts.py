"""Revisions of one document that contradict each other, and what only looks so."""

from __future__ import annotations

from dataclasses import replace

from assistant.answering.conflicts import differ, is_newer, other_version, told_beside
from assistant.schema import Document, Found, Hit, Passage, Quote, Reading, Span

MAY = Quote(
    "k3v", "may.md", "5월 발표", "may.md", "", "2024-05-08", None, ("목표",),
    "제조 현장의 AI 자율제조 도입률 목표는 9%에서 30%로 높이는 것입니다.", 0, 40,
)  # fmt: skip
JULY = replace(
    MAY,
    id="m4x",
    document_id="july.md",
    title="7월 발표",
    effective_date="2024-07-22",
    quote="제조 현장의 AI 자율제조 도입률 목표는 5%에서 40%로 높이는 것입니다.",
)


def found(document_id: str, answers: float = 0.9, *, superseded_by: str = "", text: str = "목표는 9%입니다.") -> Found:
    document = Document(document_id, document_id, document_id, "ko", ("public",), "", "", superseded_by=superseded_by)
    passage = Passage(f"{document_id}@0", document_id, 0, 0, len(text), text)
    return Found(Hit(passage, document, 1.0), Reading(answers, 0.0, (Span(4, 6, 0.9),)), 1.0)


def test_only_another_version_of_the_document_contradicts_it() -> None:
    first, press, older = found("rev-b"), found("press"), found("rev-a", superseded_by="rev-b")
    assert other_version([first], [first, press, older], 0.6) is older
    assert other_version([older], [older, press, first], 0.6) is first
    assert other_version([first], [first, press], 0.6) is None  # another machine is no other version
    assert other_version([first], [found("rev-a", 0.2, superseded_by="rev-b")], 0.6) is None


def test_the_newer_document_is_told_apart_and_both_dates_are_shown() -> None:
    assert is_newer(JULY, MAY) and not is_newer(MAY, JULY)
    assert is_newer(replace(MAY, effective_date="2025-01-01"), replace(JULY, superseded_by="", effective_date=""))
    assert is_newer(MAY, replace(JULY, superseded_by="may.md"))
    assert "더 최근 문서 「7월 발표」(2024-07-22)" in told_beside(JULY, MAY, "ko").text
    assert "earlier document" in told_beside(MAY, JULY, "en").text


def test_marked_figures_of_one_unit_without_a_common_value_differ() -> None:
    assert differ(MAY, JULY)
    assert not differ(MAY, replace(JULY, quote=MAY.quote))
    assert not differ(MAY, replace(JULY, quote="2024년 대기업의 로봇은 12대입니다."))
    start = MAY.quote.index("9%")
    marked = replace(MAY, quote=f"{MAY.quote} 협약은 3%입니다.", span=(start, start + 2))
    assert not differ(marked, replace(JULY, quote="목표는 9%입니다.", span=(4, 6)))
