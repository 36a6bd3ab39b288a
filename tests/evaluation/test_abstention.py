"""Figures of a set with unanswerable questions."""

from __future__ import annotations

import pytest

from assistant.evaluation.abstention import Decided, figures


def decided(answerable: bool, score: float) -> Decided:
    return Decided("q", "?", answerable, score, "", 1.0, 0.8)


def test_both_error_rates_are_given() -> None:
    found = figures([decided(True, 2.0), decided(True, 0.1), decided(False, 1.0), decided(False, -30.0)], 0.5)
    assert found["refused_unanswerable"] == 0.5 and found["falsely_refused"] == 0.5
    assert found["answerable"] == found["unanswerable"] == 2


def test_the_area_under_the_curve_counts_ties_half() -> None:
    assert figures([decided(True, 1.0), decided(False, 1.0)], 0.5)["auroc"] == 0.5
    assert figures([decided(True, 2.0), decided(False, 1.0)], 0.5)["auroc"] == 1.0
    assert figures([decided(True, 1.0), decided(False, 2.0)], 0.5)["auroc"] == 0.0


def test_risk_grows_with_the_share_of_questions_answered() -> None:
    found = figures([*(decided(True, 5.0 - n) for n in range(4)), decided(False, -9.0)], 0.5)
    assert found["risk_at_coverage"] == {"20%": 0.0, "40%": 0.0, "60%": 0.0, "80%": 0.0, "100%": pytest.approx(0.2)}


def test_a_set_of_one_kind_has_no_area() -> None:
    assert figures([decided(True, 1.0)], 0.5)["auroc"] is None
