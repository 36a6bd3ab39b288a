"""Which questions the rules take, and what they read in them; no question of the documents is taken."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assistant.programmes.chat import answer
from assistant.programmes.inputs import InputValue
from assistant.programmes.recognition import recognise
from tests.conftest import PROJECT

TODAY = date(2026, 11, 22)
CASES = [
    json.loads(line) for line in (Path(__file__).parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
#: Questions with keys that a rule may answer; all others are for the documents.
TAKEN = {
    "p1-ko-018": "programme-support",
    "p1-en-033": "company-size",
    "p2-en-001": "settlement",
    "f40-ko-008": "share",
}


def plain(value: InputValue) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("language", ["ko", "en"])
def test_computations_are_taken_with_their_inputs(language: str) -> None:
    for case in CASES:
        if case["rule"] and case["lang"] == language:
            request = recognise(case["question"], case["lang"], TODAY)
            assert request is not None, case["question"]
            given = {name: plain(value) for name, value in request.inputs.items()}
            found = (request.rule, given, request.target)
            assert found == (case["rule"], case["inputs"], case["target"]), case["question"]


def test_what_a_rule_says_is_left_to_the_documents() -> None:
    taken = [
        case["question"] for case in CASES if not case["rule"] and recognise(case["question"], case["lang"], TODAY)
    ]
    assert taken == []


def test_no_other_question_with_a_key_is_taken_and_the_taken_ones_are_right() -> None:
    seen = {}
    for name in ("first_40", "first_dev", "part1_dev", "part2_dev"):
        for line in (PROJECT / f"tests/questions/{name}.jsonl").read_text(encoding="utf-8").splitlines():
            key = json.loads(line)
            request = recognise(key["question"], key["lang"], TODAY)
            if request is not None:
                seen[key["id"]] = request.rule
                text = "\n".join(sentence.text for sentence in answer(request, key["lang"]).sentences)
                assert all(re.search(pattern, text) for pattern in key["must"]), text
                assert not any(re.search(pattern, text) for pattern in key["never"]), text
    assert seen == TAKEN


def test_the_year_that_is_named_chooses_the_version() -> None:
    for question, day in [
        ("2023년 선도형으로 총 3억 들여 구축했다면 정부 지원은 얼마였을까요?", date(2023, 12, 31)),
        ("작년 AI 트랙으로 총 3억을 들였다면 지원금은 얼마였나요?", date(2025, 12, 31)),
        ("올해 자율형공장에 총 3억을 쓰면 지원금은 얼마인가요?", TODAY),
        ("2025년 6월 기준으로 우리 매출이 900억, 자산이 100억이면 중소기업인가요?", date(2025, 6, 30)),
    ]:
        request = recognise(question, "ko", TODAY)
        assert request is not None and request.as_of == day, question


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("2024년에 협약을 맺은 중소기업이 기술료 1억을 받았으면 정부납부기술료는 얼마인가요?", date(2024, 1, 1)),
        ("협약은 2024년 5월 1일에 맺었고 중소기업인데 기술료 1억을 받으면 정부납부기술료는 얼마죠?", date(2024, 5, 1)),
    ],
)
def test_an_agreement_of_2024_is_not_computed_at_todays_rate(question: str, day: date) -> None:
    request = recognise(question, "ko", TODAY)
    assert request is not None and request.inputs["agreement"] == day
    computed = answer(request, "ko")
    assert computed.result.outcome == "unknown" and "이전 규정" in computed.sentences[0].text
    assert not computed.result.terms


def test_what_is_missing_is_named() -> None:
    request = recognise("총사업비 12억이면 기관부담 현금은 얼마인가요?", "ko", TODAY)
    assert request is not None and request.missing == ("size",)
    request = recognise("우리 회사 기관부담금을 계산해 주세요", "ko", TODAY)
    assert request is not None and request.missing == ("total", "size")


@pytest.mark.parametrize(
    "question",
    [
        "중소기업이 총사업비 10억 이상이면 현금은 얼마인가요?",  # a limit is no case
        "중소기업이 3~5억 과제를 하면 현금은 얼마인가요?",  # nor is a range
        "중소기업이 10억과 20억 과제를 하면 현금은 얼마인가요?",  # which of the two?
        "중소기업과 중견기업이 10억 과제를 하면 현금은 각각 얼마인가요?",
        "우리가 10만 달러 과제를 하면 정부지원금은 얼마인가요?",
        "",
        "?",
    ],
)
def test_unclear_cases_are_not_taken(question: str) -> None:
    assert recognise(question, "ko", TODAY) is None
