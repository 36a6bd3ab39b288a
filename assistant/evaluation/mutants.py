"""Lies made of right answers: one figure, unit, name, comparative, negation or modality changed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.evaluation.lies_in_figures import (
    Change,
    another_date,
    another_digit,
    another_scale,
    another_unit,
    figure_of_another,
)
from assistant.evaluation.lies_in_words import (
    added_negation,
    another_modality,
    another_name,
    removed_negation,
    turned_comparative,
)
from assistant.evaluation.rephrase import Right


@dataclass(frozen=True, slots=True)
class Mutant:
    """A false answer: `text` instead of `right.text`. `change` is shown to a reader ("56 → 23")."""

    kind: str
    text: str
    change: str
    right: Right


def mutants(right: Right, rng: random.Random) -> Iterator[Mutant]:
    """At most one lie of each kind."""
    for kind, change in KINDS.items():
        options = [entry for entry in change(right) if entry[0] != right.text]
        if options:
            text, changed = rng.choice(options)
            yield Mutant(kind, text, changed, right)


KINDS: Mapping[str, Callable[[Right], Iterator[Change]]] = {
    "digit": another_digit, "scale": another_scale, "figure of another": figure_of_another, "unit": another_unit,
    "date": another_date, "name": another_name,
    "comparative": turned_comparative, "negation added": added_negation, "negation removed": removed_negation,
    "modality": another_modality,
}  # fmt: skip


def all_mutants(answers: Sequence[Right], seed: int) -> list[Mutant]:
    """One lie of each kind from each answer that allows it."""
    rng = random.Random(seed)
    return [mutant for right in answers for mutant in mutants(right, rng)]
