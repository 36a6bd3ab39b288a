"""Probabilities and their log odds."""

from __future__ import annotations

import math

#: A probability nearer to 0 or 1 is taken for this near.
_EDGE = 1e-6


def logit(probability: float) -> float:
    """Give the log odds of a probability; of 0 and 1 those of the nearest probability inside."""
    bounded = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(bounded / (1 - bounded))


def sigmoid(value: float) -> float:
    """Give the probability with these log odds."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
