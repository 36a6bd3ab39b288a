"""How alike two pieces are: by their words, each weighted by its rarity in both documents, then by their figures.

The words say which piece it is, so that a changed figure does not part a pair; rarity, so that "Food | … or less" and
"Wood | … or less" are two rows and not one that changed. Cosine of tf-idf weights (Salton and Buckley 1988).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.comparison.pieces import Piece

#: How much the words count; the rest is for the figures, where there are any.
_WORDS = 0.85
#: How much a row's name counts; the rest is for its other cells.
_NAME = 0.7
#: A word that more pieces than this hold brings no two together (it still counts).
_COMMON = 200


class Likeness:
    """Compares pieces of two documents; 1 is alike."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        everything = list(pieces)
        held = Counter(word for piece in everything for word in piece.words)
        self._weights = {word: math.log(1 + len(everything) / times) ** 2 for word, times in held.items()}

    def of_words(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Cosine of two sets of words, 0 to 1; two that are empty are alike."""
        if not one or not other:
            return float(not one and not other)
        shared = self._weight(one & other)
        return shared / math.sqrt(self._weight(one) * self._weight(other)) if shared else 0.0

    def __call__(self, one: Piece, other: Piece) -> float:
        """Likeness of two pieces, 0 to 1."""
        figures = _same_figures(one, other) if one.figures or other.figures else None
        if one.name and other.name:
            rest = self.of_words(one.words - one.named, other.words - other.named)
            cells = rest if figures is None else (rest + figures) / 2
            return _NAME * self.of_words(one.named, other.named) + (1 - _NAME) * cells
        words = self.of_words(one.words, other.words)
        return words if figures is None else _WORDS * words + (1 - _WORDS) * figures

    def _weight(self, words: Iterable[str]) -> float:
        return sum(self._weights[word] for word in words)


def _same_figures(one: Piece, other: Piece) -> float:
    """The share of figures that stand in the same order; the first counts twice, since it often names the row."""
    keys = [[each.key for each in piece.figures] for piece in (one, other)]
    same = [a == b for a, b in zip(*keys, strict=False)]
    return (sum(same) + sum(same[:1])) / (max(map(len, keys)) + 1)


def candidates(old: Sequence[Piece], new: Sequence[Piece]) -> set[tuple[int, int]]:
    """The pairs (by place) that can be alike: of one family, with a word in common or both without words."""
    holding: dict[tuple[str, str], list[int]] = {}
    for number, piece in enumerate(new):
        for word in piece.words or ("",):
            holding.setdefault((piece.family, word), []).append(number)
    few = min(len(old), len(new)) <= _COMMON
    found: set[tuple[int, int]] = set()
    for number, piece in enumerate(old):
        for word in piece.words or ("",):
            others = holding.get((piece.family, word), ())
            if few or len(others) <= _COMMON:
                found |= {(number, other) for other in others}
    return found
