"""Computed answers for the chat: what was taken, what was asked for, how it is worked out, what to be careful about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assistant.rules.chat import answer
from assistant.rules.inputs import InputValue
from assistant.rules.route import Request
from assistant.schema import Language

TODAY = date(2026, 11, 22)
BILLION = Decimal(10**9)


def request(rule: str, target: str = "", as_of: date = TODAY, **inputs: InputValue) -> Request:
    return Request(rule, inputs, target, as_of, "?")


def first_line(asked: Request, language: Language = "ko") -> str:
    return answer(asked, language, TODAY).sentences[0].text


def test_an_answer_shows_what_it_took_then_what_was_asked_then_its_formulas_and_warnings() -> None:
    computed = answer(request("share", "cash", size="sme", total=BILLION), "ko", TODAY)
    assert [sentence.part for sentence in computed.sentences][:6] == ["taken", "headline", *["formula"] * 4]
    assert computed.sentences[0].text == "중소기업, 연구개발비 10억 원으로 계산했습니다."
    assert computed.sentences[1].text == "기관부담금 중 현금은 2,500만 원 이상입니다."
    assert computed.sentences[2].text == "정부지원금: 연구개발비 10억 원 × 정부지원 한도 75% = 최대 7억 5,000만 원"
    assert not computed.sentences[0].clauses and all(sentence.clauses for sentence in computed.sentences[1:6])
    assert any("공고" in sentence.text for sentence in computed.sentences if sentence.part == "warning")
    assert computed.inputs == {"size": "중소기업", "total": "10억 원"}
    places = {(clause.document_id("ko"), clause.heading.ko) for clause in computed.clauses}
    assert ("rules/government-share-and-cash.ko.md", "기업 규모별 한도") in places


def test_the_same_in_english() -> None:
    computed = answer(request("share", "cash", size="sme", total=BILLION), "en", TODAY)
    assert computed.sentences[0].text == "Computed for: SME, R&D cost KRW 1 billion."
    assert computed.sentences[1].text == "The cash within the own contribution is at least KRW 25 million."
    assert not any("가" <= letter <= "힣" for sentence in computed.sentences for letter in sentence.text)


def test_what_is_missing_is_asked_back_beside_what_was_taken() -> None:
    computed = answer(request("share", total=BILLION), "ko", TODAY)
    assert [entry.name for entry in computed.missing] == ["size"]
    assert [sentence.part for sentence in computed.sentences] == ["taken", "question", "question"]
    assert computed.sentences[0].text == "알려 주신 내용: 연구개발비 10억 원."
    assert not any(clause for sentence in computed.sentences for clause in sentence.clauses)
    assert answer(request("share"), "ko", TODAY).sentences[0].part == "question"


@pytest.mark.parametrize(("name", "words"), [("grant", "정부지원금은 얼마입니까?"), ("as_of", "기준으로 묻습니까?")])
def test_what_is_unsure_is_asked_back_and_nothing_is_computed(name: str, words: str) -> None:
    asked = Request("share", {"size": "sme", "total": BILLION}, "cash", TODAY, "?", unsure=(name,))
    computed = answer(asked, "ko", TODAY)
    assert [entry.name for entry in computed.missing] == [name] and words in computed.sentences[-1].text
    assert not {"headline", "formula"} & {sentence.part for sentence in computed.sentences}


@pytest.mark.parametrize(
    ("asked", "ko", "en"),
    [
        (request("deadline", event="objection", date=date(2026, 11, 20)),
         "평가 결과에 대한 이의신청, 기준일 2026년 11월 20일(금)로 계산했습니다.",
         "Computed for: objection to an evaluation result, starting day 20 November 2026 (Fri)."),
        (request("project-limit", running=Decimal(4), leading=Decimal(2)),
         "지금 수행하는 과제 4개, 그중 연구책임자인 과제 2개로 계산했습니다.",
         "Computed for: projects running now 4, of these as principal investigator 2."),
        (request("programme-support", as_of=date(2025, 12, 31), programme="ai-track", total=BILLION),
         "자율형공장 AI 트랙, 총사업비 10억 원, 기준일 2025년 12월 31일(수)로 계산했습니다.",
         "Computed for: autonomous factory, AI track, total cost KRW 1 billion, date of the rules 31 December 2025 "
         "(Wed)."),
        (request("company-size", owner_assets=Decimal(6 * 10**11), owner_stake=Decimal(35), owner_largest=True),
         "최다출자 법인의 자산총액 6,000억 원, 그 법인의 지분 35%로 계산했습니다 (그 법인이 최다출자자입니다).",
         "Computed for: total assets of the largest shareholder KRW 600 billion, stake of that corporation 35% (That "
         "corporation is the largest shareholder)."),
    ],
)  # fmt: skip
def test_what_was_taken_is_shown_in_words(asked: Request, ko: str, en: str) -> None:
    assert (first_line(asked), first_line(asked, "en")) == (ko, en)


def test_without_a_wanted_output_the_formulas_speak() -> None:
    computed = answer(request("share", size="sme", total=BILLION), "ko", TODAY)
    assert [sentence.part for sentence in computed.sentences][:5] == ["taken", *["formula"] * 4]


def test_what_is_not_known_is_said_with_a_place_to_ask() -> None:
    computed = answer(request("entrusted-cost", amount=BILLION), "ko", TODAY)
    assert computed.result.outcome == "unknown"
    assert "확인된 자료가 없어" in computed.sentences[1].text and "확인할 곳" in computed.sentences[-1].text


def test_an_agreement_of_2024_is_not_computed_at_todays_rate() -> None:
    asked = request("technology-fee", "fee", size="sme", fees=BILLION, agreement=date(2024, 1, 1))
    computed = answer(asked, "ko", TODAY)
    assert computed.result.outcome == "unknown" and "이전 규정" in computed.sentences[1].text
    assert not computed.result.terms
