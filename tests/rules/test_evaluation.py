"""How the routing of questions to rules is measured; with the real reader where there is one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.evaluation.rules import Case, RememberingReader, calibrate, figures, load_cases, run, tuned
from assistant.rules.given import Thresholds
from tests.rules.scripted import Script, ScriptedReader

TODAY = date(2026, 11, 22)
QUESTIONS = Path(__file__).parent / "questions.jsonl"
SCRIPTS = {
    "right": Script("bank-loan", {"loan": "right"}),
    "5억을 빌리면?": Script("bank-loan", {"loan": "5억"}, target="saved"),
    "6억을 빌리면?": Script("bank-loan", {"loan": "6억"}),
    "어느 은행인가요?": Script("bank-loan"),
    "2,000억 우대 대출은 언제?": Script("bank-loan", {"loan": "2,000억"}),
}
CASES = [
    Case("5억을 빌리면?", "ko", "bank-loan", {"loan": 500_000_000}, "saved"),
    Case("6억을 빌리면?", "ko", "bank-loan", {"loan": 7}, "saved"),  # another amount than the key's
    Case("7억을 빌리면?", "ko", "bank-loan", {"loan": 700_000_000}, "saved"),  # not recognised
    Case("어느 은행인가요?", "ko", "", {}, ""),
    Case("2,000억 우대 대출은 언제?", "ko", "", {}, ""),
    Case("Which bank?", "en", "", {}, ""),
]


def test_each_kind_of_mistake_is_counted_apart() -> None:
    counted = figures(run(CASES, ScriptedReader(SCRIPTS), Thresholds(), TODAY))
    assert counted["all"] == {
        "computable": 3, "rule": 2, "inputs": 1, "target": 1, "wrong": 1,
        "documents": 3, "computed": 1, "asked_back": 1,
    }  # fmt: skip
    assert counted["en"]["documents"] == 1 and counted["ko"]["documents"] == 2


def test_nothing_is_read_twice() -> None:
    scripted = ScriptedReader(SCRIPTS)
    reader = RememberingReader(scripted)
    first = run(CASES, reader, Thresholds(), TODAY)
    asked = len(scripted.asked)
    assert run(CASES, reader, Thresholds(), TODAY) == first and len(scripted.asked) == asked
    assert reader.fingerprint == "scripted"


def test_a_turn_is_measured_after_the_one_before_it() -> None:
    scripts = {
        "이자를 얼마 아껴요?": Script("bank-loan"),
        "9억이요": Script(inputs={"loan": "9억"}, continues="bank-loan"),
        "은행은요?": Script(),
    }
    cases = [
        Case("9억이요", "ko", "bank-loan", {"loan": 900_000_000}, "saved", "이자를 얼마 아껴요?"),
        Case("은행은요?", "ko", "", {}, "", "이자를 얼마 아껴요?"),
    ]
    outcomes = run(cases, ScriptedReader(scripts), Thresholds(), TODAY)
    assert all(outcome.rule_right and outcome.inputs_right for outcome in outcomes)


def test_calibration_prefers_a_question_back_to_a_wrong_amount() -> None:
    scripts = {**SCRIPTS, "6억을 빌리면?": Script("bank-loan", {"loan": "6억"}, unsure=("loan",))}
    thresholds = calibrate(CASES[:2], ScriptedReader(scripts), TODAY)
    assert thresholds.taken > 0.4
    assert figures(run(CASES[:2], ScriptedReader(scripts), thresholds, TODAY))["all"]["wrong"] == 0


def test_the_questions_have_keys_that_the_rules_can_hold() -> None:
    cases = load_cases(QUESTIONS)
    assert len(cases) == 206 and sum(bool(case.rule) for case in cases) == 109


@pytest.mark.model
def test_questions_find_their_rules_with_the_real_reader() -> None:
    """Floors a little under what was measured."""
    from assistant.reading.reader import TrainedReader

    counted = figures(run(load_cases(QUESTIONS), TrainedReader(), tuned(), TODAY))["all"]
    assert counted["rule"] >= 0.75 * counted["computable"] and counted["inputs"] >= 0.55 * counted["computable"]
    assert counted["wrong"] <= 0.05 * counted["computable"] and counted["computed"] <= 0.05 * counted["documents"]
