"""Which lines of a list answer."""

from __future__ import annotations

import pytest

from assistant.answering.focus import asks_several, kept, parts, step_or_warning


def test_the_line_that_stands_out_is_kept() -> None:
    assert kept([0.1, 0.6, 0.2, 0.1], [0.5, 0.7, 0.5, 0.4]) == [1]


def test_a_second_line_nearly_as_good_stays_with_it() -> None:
    assert kept([0.1, 0.6, 0.6, 0.1], [0.5, 0.7, 0.66, 0.4]) == [1, 2]


def test_lines_that_are_alike_are_a_list_and_stay_whole() -> None:
    assert kept([0.5, 0.5, 0.5], [0.60, 0.62, 0.61]) == [0, 1, 2]


@pytest.mark.parametrize(
    "question",
    [
        "M.AX에는 어떤 분과들이 있나요?",
        "신청할 때 필요한 서류 목록을 알려 주세요",
        "기준은 몇 명이고 얼마까지 지원하나요?",
        "Which companies are anchors of the robot division?",
        "How many projects does the call take, and with how much money?",
        "자율형공장과 선도형의 차이는?",
    ],
)
def test_questions_for_several_things(question: str) -> None:
    assert asks_several(question)


@pytest.mark.parametrize(
    "question",
    ["최종보고서는 며칠 안에 내야 하나요", "What is the premium discount of AI Plus+?", "부보율은 얼마인가요?"],
)
def test_questions_for_one_thing(question: str) -> None:
    assert not asks_several(question)


def test_steps_and_warnings_are_told_from_text() -> None:
    assert step_or_warning("1. 전원을 끄십시오.\n2. 문을 여십시오.") and step_or_warning("경고: 고온")
    assert step_or_warning("Close the valve.\nWARNING: pressure") and not step_or_warning("한도는 1. 5억이 아닙니다")


def test_a_turn_with_two_questions_has_two_parts() -> None:
    assert parts("쿨런트 다 갈려면 몇 리터 필요하고 ph는 얼마로 맞춰야 돼요") == [
        "쿨런트 다 갈려면 몇 리터 필요하고",
        "ph는 얼마로 맞춰야 돼요",
    ]
    assert parts("How many projects does the call take, and with how much money?") == [
        "How many projects does the call take",
        "and with how much money?",
    ]
    one = "2024년에 뽑힌 과제는 지방비까지 합쳐서 얼마입니까?"
    assert parts(one) == [one]
