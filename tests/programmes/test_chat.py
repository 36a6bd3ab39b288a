"""Computed answers for the chat, and the turns that complete or change them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assistant.programmes.chat import answer, complete
from assistant.programmes.recognition import Request, recognise
from assistant.schema import Language

TODAY = date(2026, 11, 22)


def asked(question: str, language: Language = "ko") -> Request:
    request = recognise(question, language, TODAY)
    assert request is not None
    return request


def test_an_answer_leads_with_what_was_asked_then_shows_its_formulas_and_warnings() -> None:
    computed = answer(asked("총사업비 10억이면 중소기업은 현금을 얼마 내야 하나요?"), "ko")
    assert [sentence.part for sentence in computed.sentences][:5] == ["headline", *["formula"] * 4]
    assert computed.sentences[0].text == "기관부담금 중 현금은 2,500만 원 이상입니다."
    assert computed.sentences[1].text == "정부지원금: 연구개발비 10억 원 × 정부지원 한도 75% = 최대 7억 5,000만 원"
    assert all(sentence.clauses for sentence in computed.sentences[:5])
    assert any("공고" in sentence.text for sentence in computed.sentences if sentence.part == "warning")
    places = {(clause.document_id("ko"), clause.heading.ko) for clause in computed.clauses}
    assert ("rules/government-share-and-cash.ko.md", "기업 규모별 한도") in places


def test_the_same_in_english() -> None:
    question = "We are an SME and our R&D cost is KRW 1 billion. How much cash do we have to put in?"
    computed = answer(asked(question, "en"), "en")
    assert computed.sentences[0].text == "The cash within the own contribution is at least KRW 25 million."
    assert not any("가" <= letter <= "힣" for sentence in computed.sentences for letter in sentence.text)


def test_what_is_missing_is_asked_back() -> None:
    computed = answer(asked("총사업비 12억이면 기관부담 현금은 얼마인가요?"), "ko")
    assert [entry.name for entry in computed.missing] == ["size"]
    assert {sentence.part for sentence in computed.sentences} == {"question"}
    assert not any(letter.isdigit() for sentence in computed.sentences for letter in sentence.text)


def test_what_is_not_known_is_said_with_a_place_to_ask() -> None:
    computed = answer(asked("위탁연구개발비로 5억을 쓰면 한도를 넘나요?"), "ko")
    assert computed.result.outcome == "unknown"
    assert "확인된 자료가 없어" in computed.sentences[0].text and "확인할 곳" in computed.sentences[-1].text


@pytest.mark.parametrize(
    ("first", "reply", "inputs"),
    [
        ("총사업비 12억이면 기관부담 현금은 얼마인가요?", "중소기업이에요", {"size": "sme"}),
        ("총사업비 12억이면 기관부담 현금은 얼마인가요?", "저희는 중견기업입니다.", {"size": "midsize"}),
        ("총사업비 12억이면 기관부담 현금은 얼마인가요?", "SME", {"size": "sme"}),
        ("우리 중소기업 기관부담금을 계산해 주세요", "12억이요", {"total": 1_200_000_000}),
        ("우리 중소기업 기관부담금을 계산해 주세요", "총사업비는 12억입니다", {"total": 1_200_000_000}),
        ("우리 회사 기관부담금을 계산해 주세요", "중소기업이고 12억입니다", {"size": "sme", "total": 1_200_000_000}),
        ("총사업비 10억이면 중소기업은 현금을 얼마 내야 하나요?", "중견기업이면?", {"size": "midsize"}),
        ("10억이면 중소기업 현금 부담은 얼마인가요?", "아니, 총사업비는 15억이에요", {"total": 1_500_000_000}),
        ("총사업비 10억이면 중소기업은 현금을 얼마 내야 하나요?", "15억이면요?", {"total": 1_500_000_000}),
        ("자산 6,000억 법인이 우리 지분 35%를 가졌는데 중소기업인가요?", "네", {"owner_largest": True}),
    ],
)  # fmt: skip
def test_the_next_turn_completes_or_changes_the_case(first: str, reply: str, inputs: dict[str, object]) -> None:
    request = asked(first)
    merged = complete(request, reply, "ko", TODAY)
    assert merged is not None and not merged.missing
    for name, value in inputs.items():
        assert merged.inputs[name] == (Decimal(value) if type(value) is int else value)
    assert {**merged.inputs, **request.inputs}.keys() == merged.inputs.keys()


@pytest.mark.parametrize(
    ("reply", "size"), [("we're a mid-size firm", "midsize"), ("and for a large company?", "large"), ("SME", "sme")]
)
def test_replies_in_english(reply: str, size: str) -> None:
    request = asked("If the project costs KRW 2 billion, how much cash do we put in?", "en")
    merged = complete(request, reply, "en", TODAY)
    assert merged is not None and merged.inputs["size"] == size and merged.inputs["total"] == 2 * 10**9


@pytest.mark.parametrize(
    "reply",
    [
        "중견기업 확인서는 어디서 받나요?",
        "이의신청은 며칠 안에 해야 하나요?",
        "고마워요",
        "M.AX 얼라이언스는 언제 출범했나요?",
        "2026년 11월 20일에 평가 결과 통보를 받았는데 이의신청은 언제까지 해야 하나요?",
        "중소기업 기준 매출이 얼마예요?",
        "AI 팩토리 2026년 공모의 총 지원액 527억 5천만 원은 몇 개 과제에 나뉘나요?",
    ],
)
def test_another_topic_is_not_merged(reply: str) -> None:
    for first in (
        "총사업비 12억이면 기관부담 현금은 얼마인가요?",
        "총사업비 10억이면 중소기업은 현금을 얼마 내야 하나요?",
    ):
        assert complete(asked(first), reply, "ko", TODAY) is None
