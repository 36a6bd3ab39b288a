from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.evaluation.measures import difference, figure, over_sets, per_question, ratio
from assistant.evaluation.peers import bm25
from assistant.evaluation.sets import load_retrieval_set

SETS = Path(__file__).resolve().parents[2] / ".." / "shared" / "eval"


def test_the_figures_of_a_ranking_computed_by_hand() -> None:
    qrels = {"a": {"x": 1, "y": 1}, "b": {"z": 1}, "c": {"w": 1}}
    values = per_question({"a": ["q", "y", "r", "x"], "b": ["z"]}, qrels)
    ideal = 1 + 1 / math.log2(3)
    assert values["ndcg@10"]["a"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert values["mrr@10"] == {"a": 0.5, "b": 1.0, "c": 0.0}
    assert values["hit@1"] == {"a": 0.0, "b": 1.0, "c": 0.0}
    assert values["recall@5"] == {"a": 1.0, "b": 1.0, "c": 0.0}


def test_an_interval_holds_its_mean_and_is_the_same_every_time() -> None:
    values = {str(number): float(number % 2) for number in range(100)}
    found = figure(values)
    assert found.mean == 0.5 and 0.39 < found.low < 0.45 and 0.55 < found.high < 0.61
    assert figure(values) == found


def test_a_difference_is_paired() -> None:
    theirs = {str(number): number / 100 for number in range(100)}
    ours = {name: value + 0.1 for name, value in theirs.items()}
    gain = difference(ours, theirs)
    # every question gains the same, so drawing other questions changes nothing
    assert (gain.mean, gain.low, gain.high) == pytest.approx((0.1, 0.1, 0.1))
    with pytest.raises(SettingsError, match="no question in common"):
        difference({"a": 1.0}, {"b": 1.0})


def test_every_set_counts_the_same_however_many_questions_it_has() -> None:
    found = over_sets([{"a": 1.0}, {str(number): 0.0 for number in range(50)}])
    assert (found.mean, found.low, found.high) == (0.5, 0.5, 0.5)
    mixed = over_sets([{"a": 1.0}, {str(number): float(number % 2) for number in range(50)}])
    assert mixed.mean == 0.75 and 0.6 < mixed.low < 0.75 < mixed.high < 0.9


def test_a_ratio_is_of_sums_and_paired() -> None:
    lower = [1.0, 2.0, 10.0, 4.0]
    found = ratio([2 * value for value in lower], lower)
    assert (found.mean, found.low, found.high) == (2.0, 2.0, 2.0)
    assert ratio([1.0, 9.0], [1.0, 1.0]).mean == 5.0 and ratio([1.0, 9.0], [1.0, 1.0]).low == 1.0


@pytest.mark.skipif(not (SETS / "en_cranfield_dev").is_dir(), reason="the Cranfield set is not on this machine")
def test_the_figures_of_cranfield_are_those_of_an_independent_run() -> None:
    chosen = load_retrieval_set(SETS / "en_cranfield_dev")
    search = bm25(chosen, lambda text: re.findall(r"[a-z]+|\d+", text), k1=0.9, b=0.4)
    rankings = {name: search(question)[:10] for name, question in chosen.questions.items()}
    values = per_question(rankings, chosen.qrels)
    assert figure(values["mrr@10"]).mean == pytest.approx(0.488, abs=0.002)
    assert figure(values["recall@5"]).mean == pytest.approx(0.271, abs=0.002)
    assert figure(values["recall@10"]).mean == pytest.approx(0.362, abs=0.002)
    # the other run takes 2^grade - 1 as the gain, trec_eval the grade itself
    steep = {name: {p: 2**grade - 1 for p, grade in grades.items()} for name, grades in chosen.qrels.items()}
    assert figure(per_question(rankings, steep)["ndcg@10"]).mean == pytest.approx(0.316, abs=0.002)
