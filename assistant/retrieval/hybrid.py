"""Dense and lexical search fused by a weight that looks at the question.

Both searches run inside the asker's labels. Scores are brought to 0…1 each and added (convex combination, Bruch et
al. 2023, "An Analysis of Fusion Functions for Hybrid Retrieval"), because ranks alone (RRF) were measured worse than
the better half on two of our sets. Small additions prefer the question's language and documents that are in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from assistant.index.tokens import Terms, terms
from assistant.language import detect
from assistant.schema import Document, Hit

if TYPE_CHECKING:
    import numpy as np

    from assistant.index import Index

#: Candidates of each search; fusion needs more than it returns.
_CANDIDATES = 40
#: Weight of the lexical score for sentences, and for questions that hold a code, a tag or an article number.
_LEXICAL_WEIGHT = 0.45
_LEXICAL_WEIGHT_IDENTIFIER = 0.75
_SAME_LANGUAGE = 0.25
_SUPERSEDED = -0.15
#: Sample manuals repeat what the safety documents say; they come first only when a machine is named by a code.
_SAMPLE = -0.2

_PAST = re.compile(
    r"(19|20)\d\d|당시|이전|예전|과거|옛|종전|처음|출범|before|former|earlier|previous|originally|launch|old\b", re.I
)


class QueryEmbedder(Protocol):
    """What retrieval needs of an embedder."""

    def encode_query(self, question: str) -> np.ndarray:
        """One question, shape (dimensions,)."""


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    """Min–max to 0…1; a missing candidate counts as 0."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {key: (value - low) / (high - low) if high > low else 1.0 for key, value in scores.items()}


def lexical_weight(question: Terms) -> float:
    """Share of the lexical score in the fusion, 0…1."""
    return _LEXICAL_WEIGHT_IDENTIFIER if question.identifiers else _LEXICAL_WEIGHT


class HybridRetriever:
    """Searches one index with one embedder."""

    def __init__(self, index: Index, embedder: QueryEmbedder) -> None:
        self._index = index
        self._embedder = embedder

    def search(self, query: str, labels: Iterable[str], top_k: int) -> list[Hit]:
        """The `top_k` best passages that a holder of `labels` may see, best first; empty when there are none."""
        labels = tuple(labels)
        question = terms(query)
        lexical = dict(self._index.search_words(question, labels, _CANDIDATES))
        dense = dict(self._index.search_vectors(self._embedder.encode_query(query), labels, _CANDIDATES))
        found = self._index.chunks(list({**dense, **lexical}), labels)
        weight = lexical_weight(question)
        scaled_lexical, scaled_dense = _scaled(lexical), _scaled(dense)
        language, past = detect(query), bool(_PAST.search(query))
        hits = [
            Hit(
                chunk,
                document,
                weight * scaled_lexical.get(chunk_id, 0.0)
                + (1 - weight) * scaled_dense.get(chunk_id, 0.0)
                + _preference(document, language, past, bool(question.identifiers)),
                dense.get(chunk_id),
            )
            for chunk_id, (chunk, document) in found.items()
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.chunk_id))[:top_k]


def _preference(document: Document, language: str | None, past: bool, named: bool) -> float:
    same = _SAME_LANGUAGE if document.language == language else 0.0
    superseded = _SUPERSEDED if document.superseded_by and not past else 0.0
    return same + superseded + (_SAMPLE if document.sample and not named else 0.0)
