"""Dense and lexical search, fused by adding their scores, inside the asker's labels.

A passage's relevance is its cosine plus its BM25 score per known word of the question (that one of the passages found
has, codes aside; at least 1: a Korean question about English text has none, so its one code weighs as much as a whole
English sentence), at a fixed rate. So each question sets its own balance: BM25 is high where rare words, codes and
phrases of the question meet, low where only common words do, and nothing where the question is in another language than
the passage. Scaling each list to 0…1 first (Bruch et al. 2023), or taking ranks alone (RRF), gives that away
(docs/log.md). Small additions prefer the question's language and documents that are in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assistant.access import PUBLIC
from assistant.schema import Document, Hit
from assistant.text.language import detect
from assistant.text.tokens import terms

if TYPE_CHECKING:
    import numpy as np

    from assistant.index import Index, Visible

#: Candidates of each search; fusion needs more than it returns.
_CANDIDATES = 60
#: What one point of BM25, per word of the question that the documents know, is worth in cosine.
_LEXICAL_RATE = 0.055
_SAME_LANGUAGE = 0.25
_SUPERSEDED = -0.15
#: A passage that names all codes of the question, itself or in its document's title (a machine), is about the very
#: thing; for one of two codes it gets half. The title alone would hide an alarm that stands in a list of alarms.
_ABOUT = 0.3
#: Sample manuals repeat what the safety documents say; they come first only when a machine is named by a code.
_SAMPLE = -0.2


class QueryEmbedder(Protocol):
    """What retrieval needs of an embedder."""

    def encode_query(self, question: str) -> np.ndarray:
        """Embed one question, shape (dimensions,)."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A passage that a search brought, without its text: only those that are shown are read."""

    chunk_id: str
    document: Document
    score: float
    cosine: float | None


def _relevance(dense: Mapping[str, float], lexical: Mapping[str, float], rate: float) -> dict[str, float]:
    """Fused scores of all candidates, 1 for the best and 0 for the worst.

    One that the dense search did not bring is no nearer than the last that it brought; BM25 of the others is nothing.
    """
    floor = min(dense.values(), default=0.0)
    fused = {i: dense.get(i, floor) + rate * lexical.get(i, 0.0) for i in (*dense, *lexical)}
    low, high = min(fused.values(), default=0.0), max(fused.values(), default=0.0)
    return {i: (score - low) / (high - low) if high > low else 1.0 for i, score in fused.items()}


class HybridRetriever:
    """Searches one index with one embedder."""

    def __init__(self, index: Index, embedder: QueryEmbedder) -> None:
        self.index = index
        self._embedder = embedder

    def search(self, query: str, labels: Iterable[str], top_k: int) -> list[Hit]:
        """Find the `top_k` best passages that a holder of `labels` may see, best first; empty when there are none."""
        visible = self.index.seen_by(labels)
        candidates = _sorted(self._scored(query, visible))[:top_k]
        chunks = visible.chunks([each.chunk_id for each in candidates])  # without those that are gone in the meantime
        return [Hit(*chunks[each.chunk_id], each.score, each.cosine) for each in candidates if each.chunk_id in chunks]

    def _scored(self, query: str, visible: Visible) -> list[_Candidate]:
        """All candidates of one wording, in no order."""
        question = terms(query)
        lexical = dict(visible.search_words(question, _CANDIDATES))
        dense = dict(visible.search_vectors(self._embedder.encode_query(query), _CANDIDATES))
        owners = visible.owners(list({**dense, **lexical}))
        codes = frozenset(question.identifiers)
        held = visible.terms_of(list(owners if codes else lexical))
        known = frozenset(question.words) & frozenset().union(*(held.get(i, ()) for i in lexical))
        rate = _LEXICAL_RATE / max(1, len(known))
        relevance = _relevance(dense, lexical, rate)
        language = detect(query)
        return [
            _Candidate(
                chunk_id,
                document,
                relevance[chunk_id]
                + _preference(document, language, bool(question.identifiers))
                + (_ABOUT * len(codes & held.get(chunk_id, frozenset())) / len(codes) if codes else 0.0),
                dense.get(chunk_id),
            )
            for chunk_id, document in owners.items()
        ]


def is_sample_manual(document: Document) -> bool:
    """Tell whether a document is a sample manual; a confidential sample is somebody's own proposal."""
    return document.sample and PUBLIC in document.labels


def _sorted(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    return sorted(candidates, key=lambda each: (-each.score, each.chunk_id))


def _preference(document: Document, language: str | None, named: bool) -> float:
    # a confidential document has no translation: its language is no reason to set it back
    same = _SAME_LANGUAGE if document.language == language or PUBLIC not in document.labels else 0.0
    superseded = _SUPERSEDED if document.superseded_by else 0.0
    sample = _SAMPLE if is_sample_manual(document) and not named else 0.0
    return same + superseded + sample
