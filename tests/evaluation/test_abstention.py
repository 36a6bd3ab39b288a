"""Figures of a set with unanswerable questions."""

from __future__ import annotations

import pytest

from assistant.evaluation.abstention import Decided, figures
from assistant.tuning import tuning


def decided(answerable: bool, score: float) -> Decided:
    return Decided(f"q{score}{answerable}", "?", "ko", answerable, score, score)


def test_both_error_rates_are_given() -> None:
    low = tuning().answer["ko"] / 2
    found = figures([decided(True, 0.99), decided(True, low), decided(False, 0.98), decided(False, 0.0)])
    assert found["refused_unanswerable"] == 0.5 and found["falsely_refused"] == 0.5
    assert found["answerable"] == found["unanswerable"] == 2


def test_the_area_under_the_curve_counts_ties_half() -> None:
    assert figures([decided(True, 1.0), decided(False, 1.0)])["auroc"] == 0.5
    assert figures([decided(True, 2.0), decided(False, 1.0)])["auroc"] == 1.0
    assert figures([decided(True, 1.0), decided(False, 2.0)])["auroc"] == 0.0


def test_risk_grows_with_the_share_of_questions_answered() -> None:
    found = figures([*(decided(True, 5.0 - n) for n in range(4)), decided(False, -9.0)])
    assert found["risk_at_coverage"] == {"20%": 0.0, "40%": 0.0, "60%": 0.0, "80%": 0.0, "100%": pytest.approx(0.2)}


def test_a_set_of_one_kind_has_no_area() -> None:
    assert figures([decided(True, 1.0)])["auroc"] is None
