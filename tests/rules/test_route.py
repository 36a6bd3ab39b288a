"""Which rule computes a question, and the turns that complete or change a case."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assistant.rules.given import Thresholds
from assistant.rules.route import Request, Said, request_of, route
from tests.rules.scripted import Script, ScriptedReader

TODAY = date(2026, 11, 22)
FIRST = "총사업비 12억이면 현금은 얼마인가요?"
WHOLE = "총사업비 10억이면 중소기업은 현금을 얼마 내야 하나요?"
SCRIPTS = {
    FIRST: Script("share", {"total": "12억"}, target="cash"),
    WHOLE: Script("share", {"total": "10억", "size": "중소기업"}, {"size": "sme"}, target="cash"),
    "중견이요": Script(inputs={"size": "중견"}, choices={"size": "midsize"}, continues="share"),
    "15억이면요?": Script(inputs={"total": "15억"}, continues="share"),
    "중견기업 확인서는 어디서 받나요?": Script(),
    "네 알겠습니다": Script(continues="share"),
    "직접비 3억이면 간접비는요?": Script("indirect-cost", {"direct": "3억"}, continues="indirect-cost"),
    "대기업이 20억 과제를 하면?": Script("share", {"total": "20억", "size": "대기업"}, {"size": "large"}),
}


def asked(*texts: str, scripts: dict[str, Script] | None = None) -> Request | None:
    reader = ScriptedReader(scripts or SCRIPTS)
    return request_of([Said(text, "ko") for text in texts], reader, Thresholds(), TODAY)


def test_the_card_that_fits_names_the_rule() -> None:
    request = asked(WHOLE)
    assert request is not None and not request.asks
    assert (request.rule, request.target, request.as_of) == ("share", "cash", TODAY)
    assert request.inputs == {"size": "sme", "total": Decimal(10**9)}


def test_a_question_that_no_card_fits_is_left_to_the_documents() -> None:
    assert asked("정부지원 비율은 왜 규모마다 다른가요?") is None


def test_the_less_a_question_states_the_better_its_card_must_fit() -> None:
    reader = ScriptedReader({**SCRIPTS, "현금을 계산해 주세요": Script("share")})  # all cards fit with .95

    def taken(question: str, rule: float) -> bool:
        return route(question, "ko", reader, Thresholds(rule=rule), TODAY) is not None

    assert [taken(WHOLE, p) for p in (0.7, 0.94, 0.99)] == [True, True, True]
    assert [taken(FIRST, p) for p in (0.7, 0.94, 0.99)] == [True, True, False]
    assert [taken("현금을 계산해 주세요", p) for p in (0.7, 0.94, 0.99)] == [True, False, False]


def test_what_is_missing_is_named() -> None:
    request = asked(FIRST)
    assert request is not None and request.missing == ("size",)


@pytest.mark.parametrize(
    ("first", "reply", "inputs"),
    [
        (FIRST, "중견이요", {"size": "midsize", "total": Decimal(12 * 10**8)}),
        (FIRST, "SME", {"size": "sme", "total": Decimal(12 * 10**8)}),  # a bare value needs no reader
        (WHOLE, "15억이면요?", {"size": "sme", "total": Decimal(15 * 10**8)}),
        (WHOLE, "중견이요", {"size": "midsize", "total": Decimal(10**9)}),
        (WHOLE, "대기업이 20억 과제를 하면?", {"size": "large", "total": Decimal(2 * 10**9)}),
    ],
)
def test_the_next_turn_completes_or_changes_the_case(first: str, reply: str, inputs: dict[str, object]) -> None:
    request = asked(first, reply)
    assert request is not None and request.rule == "share" and not request.asks and request.inputs == inputs


def test_several_turns_change_one_case() -> None:
    request = asked(FIRST, "중견이요", "15억이면요?")
    assert request is not None and request.inputs == {"size": "midsize", "total": Decimal(15 * 10**8)}
    assert request.text == f"{FIRST} 중견이요 15억이면요?" and request.target == "cash"


@pytest.mark.parametrize("reply", ["중견기업 확인서는 어디서 받나요?", "네 알겠습니다"])
def test_a_turn_that_gives_nothing_or_is_about_something_else_is_not_merged(reply: str) -> None:
    assert asked(FIRST, reply) is None and asked(WHOLE, reply) is None


def test_a_question_of_another_rule_is_its_own() -> None:
    request = asked(WHOLE, "직접비 3억이면 간접비는요?")
    assert request is not None and request.rule == "indirect-cost" and request.inputs == {"direct": Decimal(3 * 10**8)}


def test_what_was_unsure_is_asked_once() -> None:
    scripts = {
        FIRST: Script("share", {"total": "12억", "grant": "12억"}, unsure=("total", "grant")),
        "12억은 총액이에요": Script(inputs={"total": "12억"}, continues="share"),
    }
    first = asked(FIRST, scripts=scripts)
    assert first is not None and first.missing == ("total", "size") and first.asks == ("total", "size", "grant")
    second = asked(FIRST, "12억은 총액이에요", scripts=scripts)
    assert second is not None and second.asks == ("size",)


def test_a_hint_at_another_way_is_asked_about_first() -> None:
    texts = {"3천만 원 이상 썼는데 얼마를 반납하나요?": {"indirect_spent": "3천만 원"}, "얼마를 반납하나요?": {}}
    asks = []
    for text, inputs in texts.items():
        request = asked(text, scripts={text: Script("settlement", inputs, unsure=tuple(inputs))})
        assert request is not None and request.missing == ("direct_budget", "direct_spent")
        asks.append(request.asks)
    assert asks == [("indirect_spent",), ("direct_budget", "direct_spent")]
