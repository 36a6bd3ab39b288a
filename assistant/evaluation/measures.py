"""Figures of a retrieval run, with intervals. The formulas are ir-measures' (trec_eval underneath), not ours.

A ranking lists what was found, best first, without repeats; its order alone counts. Every figure is a mean over
questions, so its interval comes from drawing questions again (percentile bootstrap, Efron & Tibshirani 1993, ch. 13),
and the difference of two runs from drawing the same questions in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np

#: Our names and those of ir-measures. hit@k: at least one relevant among the first k.
MEASURES = {
    "hit@1": "Success@1",
    "hit@5": "Success@5",
    "hit@10": "Success@10",
    "recall@5": "R@5",
    "recall@10": "R@10",
    "mrr@10": "RR@10",
    "ndcg@10": "nDCG@10",
}
MAIN = "ndcg@10"

_DRAWS = 1000
_SEED = 20241122

Rankings = Mapping[str, Sequence[str]]
Qrels = Mapping[str, Mapping[str, int]]
#: `{measure: {question: value}}`
PerQuestion = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over questions and the 95 % interval of it."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def per_question(rankings: Rankings, qrels: Qrels) -> PerQuestion:
    """All measures of every question of `qrels`; one that was not asked, or found nothing, counts as 0."""
    try:
        import ir_measures
    except ImportError as exc:
        raise SettingsError(
            "Measuring retrieval needs the package ir-measures.", "Run `pip install -r requirements-dev.lock`."
        ) from exc
    run = {
        question: {found: -float(rank) for rank, found in enumerate(ranking)} for question, ranking in rankings.items()
    }
    names = {ir_measures.parse_measure(theirs): ours for ours, theirs in MEASURES.items()}
    values: PerQuestion = {ours: dict.fromkeys(qrels, 0.0) for ours in MEASURES}
    for metric in ir_measures.iter_calc(list(names), {q: dict(grades) for q, grades in qrels.items()}, run):
        values[names[metric.measure]][metric.query_id] = metric.value
    return values


def figure(values: Mapping[str, float]) -> Figure:
    """Mean and interval of one measure."""
    import numpy as np

    array = np.array([values[question] for question in sorted(values)])
    return _figure(array, _draws(len(array)))


def figures(values: PerQuestion) -> dict[str, Figure]:
    """Mean and interval of every measure."""
    return {name: figure(values[name]) for name in values}


def difference(ours: Mapping[str, float], theirs: Mapping[str, float]) -> Figure:
    """Mean of `ours - theirs` over the questions that both have, with its interval (paired)."""
    import numpy as np

    shared = sorted(ours.keys() & theirs.keys())
    if not shared:
        raise SettingsError("The two runs have no question in common.", "Compare runs of the same set.")
    array = np.array([ours[question] - theirs[question] for question in shared])
    return _figure(array, _draws(len(array)))


def over_sets(differences: Sequence[Mapping[str, float]]) -> Figure:
    """The mean over sets of each set's mean, every set counting the same; questions are drawn within their set."""
    import numpy as np

    arrays = [np.array([values[question] for question in sorted(values)]) for values in differences]
    drawn = np.mean([array[_draws(len(array))].mean(axis=1) for array in arrays], axis=0)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(float(np.mean([array.mean() for array in arrays])), float(low), float(high))


def ratio(upper: Sequence[float], lower: Sequence[float]) -> Figure:
    """Sum of `upper` over sum of `lower`, two values of each thing measured, with its interval (paired)."""
    import numpy as np

    above, below, draws = np.array(upper), np.array(lower), _draws(len(upper))
    low, high = np.percentile(above[draws].sum(axis=1) / below[draws].sum(axis=1), [2.5, 97.5])
    return Figure(float(above.sum() / below.sum()), float(low), float(high))


def _draws(questions: int) -> np.ndarray:
    import numpy as np

    return np.random.default_rng(_SEED).integers(0, questions, size=(_DRAWS, questions))


def _figure(array: np.ndarray, draws: np.ndarray) -> Figure:
    import numpy as np

    low, high = np.percentile(array[draws].mean(axis=1), [2.5, 97.5])
    return Figure(float(array.mean()), float(low), float(high))
