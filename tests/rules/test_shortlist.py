"""The rule that computes a question is among the few cards that the reader reads."""

from __future__ import annotations

from pathlib import Path

from assistant.evaluation.rules import load_cases
from assistant.rules.definition import load_rules
from assistant.rules.shortlist import CARDS, nearest

QUESTIONS = Path(__file__).parent / "questions.jsonl"


def test_the_rule_is_among_the_nearest() -> None:
    cases = [case for case in load_cases(QUESTIONS) if case.rule]
    found = [case.rule in {rule.name for rule in nearest(case.question, case.language)} for case in cases]
    assert sum(found) >= 0.98 * len(cases)


def test_as_many_rules_as_wanted_whatever_is_asked() -> None:
    for question in ("", "?", "오늘 날씨", "torque of the chuck bolts"):
        assert len(nearest(question, "ko")) == len({rule.name for rule in nearest(question, "en")}) == CARDS
    assert {rule.name for rule in nearest("총사업비", "ko", 99)} == set(load_rules())
