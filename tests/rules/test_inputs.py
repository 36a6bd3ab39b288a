"""From typed text to typed inputs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assistant.errors import QuestionError
from assistant.rules.definition import load_rules
from assistant.rules.inputs import InputValue, parse

RULES = load_rules()


@pytest.mark.parametrize(
    ("rule", "name", "text", "value"),
    [
        ("share", "total", "10억", Decimal(10**9)),
        ("share", "total", "1.5 billion won", Decimal(15 * 10**8)),
        ("share", "total", "KRW 1.5 billion", Decimal(15 * 10**8)),
        ("share", "total", "2조 5,000억", Decimal(25 * 10**11)),
        ("share", "total", "2조 5,000억 원", Decimal(25 * 10**11)),
        ("share", "total", "1,000,000,000", Decimal(10**9)),
        ("share", "total", "1000000000", Decimal(10**9)),
        ("share", "total", "0.5억", Decimal(5 * 10**7)),
        ("share", "total", "약 10억", Decimal(10**9)),
        ("share", "rate", "66.7%", Decimal("66.7")),
        ("share", "rate", "67", Decimal(67)),
        ("share", "size", "SME", "sme"),
        ("share", "size", "중견기업", "midsize"),
        ("share", "size", "mid-size", "midsize"),
        ("share", "size", "large company", "large"),
        ("share", "type", "에너지 혁신제품형", "energy-product"),
        ("deadline", "date", "2026-11-20", date(2026, 11, 20)),
        ("deadline", "date", "2026년 11월 20일", date(2026, 11, 20)),
        ("deadline", "date", "20 November 2026", date(2026, 11, 20)),
        ("deadline", "event", "평가 결과에 대한 이의신청", "objection"),
        ("project-limit", "running", "4개", Decimal(4)),
        ("project-limit", "role", "연구책임자", "leading"),
        ("company-size", "owner_largest", "예", True),
        ("company-size", "owner_largest", "no", False),
    ],
)
def test_accepted(rule: str, name: str, text: str, value: InputValue) -> None:
    assert parse(RULES[rule].inputs[name], text) == value


@pytest.mark.parametrize(
    ("rule", "name", "text", "hint"),
    [
        ("share", "total", "", "won"),
        ("share", "total", "many", "10억"),
        ("share", "total", "-10억", "10억"),
        ("share", "total", "10억 이상", "won"),
        ("share", "total", "3~5억", "won"),
        ("share", "total", "10억과 20억", "won"),
        ("share", "total", "1.5원", "won"),
        ("share", "total", "100 million dollars", "won"),
        ("share", "total", "5 kg", "won"),
        ("share", "total", "100000조", "won"),
        ("share", "rate", "130%", "percentage"),
        ("share", "size", "tiny", "midsize"),
        ("deadline", "event", "이의신청", "objection-decision"),  # of which there are two
        ("share", "size", "중소·중견기업", "midsize"),
        ("deadline", "date", "2026-02-30", "2026-11-20"),
        ("deadline", "date", "2026년 11월", "date"),
        ("project-limit", "running", "-1", "whole number"),
        ("project-limit", "running", "2.5", "whole number"),
        ("company-size", "owner_largest", "perhaps", "yes or no"),
    ],
)
def test_refused_with_the_accepted_values(rule: str, name: str, text: str, hint: str) -> None:
    with pytest.raises(QuestionError) as caught:
        parse(RULES[rule].inputs[name], text)
    assert name in caught.value.message and hint in caught.value.hint
