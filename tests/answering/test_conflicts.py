"""Documents that contradict each other, and those that only look so."""

from __future__ import annotations

from dataclasses import replace

from assistant.answering.conflicts import conflicting, is_newer, told_beside
from assistant.answering.evidence import Selection
from assistant.schema import Evidence

QUESTION = "AI 자율제조 도입률 목표는 얼마입니까?"
MAY = Evidence(
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


def selection(*pieces: Evidence) -> Selection:
    return Selection(pieces, 1, 1.0, 0.8)


def test_two_documents_with_other_figures_for_one_matter_are_found() -> None:
    assert conflicting(QUESTION, selection(MAY, JULY)) is JULY


def test_the_newer_document_is_told_apart_and_both_dates_are_shown() -> None:
    assert is_newer(JULY, MAY) and not is_newer(MAY, JULY)
    assert is_newer(replace(MAY, effective_date="2025-01-01"), replace(JULY, superseded_by="", effective_date=""))
    assert is_newer(MAY, replace(JULY, superseded_by="may.md"))
    assert "더 최근 문서 「7월 발표」(2024-07-22)" in told_beside(JULY, MAY, "ko")
    assert "earlier document" in told_beside(MAY, JULY, "en")


def test_the_same_figures_are_no_conflict() -> None:
    assert conflicting(QUESTION, selection(MAY, replace(JULY, quote=MAY.quote))) is None


def test_another_matter_is_no_conflict() -> None:
    other = replace(JULY, quote="2024년 대기업의 로봇 보급률은 12%입니다.", heading_path=("로봇",))
    assert conflicting(QUESTION, selection(MAY, other)) is None


def test_figures_of_another_year_are_no_conflict_unless_one_document_replaces_the_other() -> None:
    one = replace(MAY, quote="2025년 AI 자율제조 도입률 목표는 9%입니다.")
    other = replace(JULY, quote="2026년 AI 자율제조 도입률 목표는 20%입니다.")
    assert conflicting(QUESTION, selection(one, other)) is None
    assert conflicting(QUESTION, selection(replace(one, superseded_by="july.md"), other)) is other


def test_two_places_of_one_document_are_no_conflict() -> None:
    assert conflicting(QUESTION, selection(MAY, replace(JULY, document_id="may.md"))) is None
