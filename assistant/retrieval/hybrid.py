"""Dense and lexical search, fused by adding their scores, inside the asker's labels.

A passage's relevance is its cosine plus its BM25 score per known word of the question (that one of the passages found
has, codes aside; at least 1: a Korean question about English text has none, so its one code weighs as much as a whole
English sentence), at a fixed rate. So each
question sets its own balance: BM25 is high where rare words, codes and phrases of the question meet, low where only
common words do, and nothing where the question is in another language than the passage. Scaling each list to 0…1
first (Bruch et al. 2023) gives that away and was measured worse; ranks alone (RRF) were worse than the better half on
two of our sets. Small additions prefer the question's language and documents that are in force.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from assistant.access import PUBLIC
from assistant.index.tokens import terms
from assistant.language import detect
from assistant.quantities import YEAR
from assistant.retrieval.rerank import READ, Scorer, reranked
from assistant.schema import Document, Hit

if TYPE_CHECKING:
    import numpy as np

    from assistant.index import Index

#: Candidates of each search; fusion needs more than it returns.
_CANDIDATES = 60
#: What one point of BM25, per word of the question that the documents know, is worth in cosine.
_LEXICAL_RATE = 0.055
_SAME_LANGUAGE = 0.25
#: Weight of a follow-up as it was typed, beside its self-contained form.
_OTHER_WORDING = 0.5
_SUPERSEDED = -0.15
#: A passage that names all codes of the question, itself or in its document's title (a machine), is about the very
#: thing; for one of two codes it gets half. The title alone would hide an alarm that stands in a list of alarms.
_ABOUT = 0.3
#: A document that took effect in the year that is asked about.
_YEAR = 0.05
#: In a comparison, each further passage of one document: the other side must have its say.
_REPEATED = -0.1
#: Sample manuals repeat what the safety documents say; they come first only when a machine is named by a code.
_SAMPLE = -0.2

_PAST = re.compile(
    r"(19|20)\d\d|당시|이전|예전|과거|옛|종전|처음|출범|개정 ?[a-z]\b|[a-z] ?(개정)?판|"
    r"before(?= (?:the |it |that |this |its )?(?:change|switch|revis|amend|renam|got|was|rev\b)|[?.!]*$)|"
    r"former|earlier|previous|originally|launch|\bold\b|\brev(ision)?\.? ?[a-z]\b|\bused to\b",
    re.I,
)
_COMPARES = re.compile(r"차이|비교|다른\s?점|다릅니까|다른가|어떻게\s달|\b(?:versus|vs|differ\w*|compar\w*)\b", re.I)


class QueryEmbedder(Protocol):
    """What retrieval needs of an embedder."""

    def encode_query(self, question: str) -> np.ndarray:
        """One question, shape (dimensions,)."""


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
    """Searches one index with one embedder, and puts the first passages in a reranker's order where there is one."""

    def __init__(self, index: Index, embedder: QueryEmbedder, reranker: Scorer | None = None) -> None:
        self.index = index
        self._embedder = embedder
        self._reranker = reranker

    def search(self, query: str, labels: Iterable[str], top_k: int, also: Sequence[str] = ()) -> list[Hit]:
        """The `top_k` best passages that a holder of `labels` may see, best first; empty when there are none.

        `also` are other wordings of the query (a follow-up as it was typed), which add their scores at a lower weight.
        """
        labels = tuple(labels)
        found = {each.chunk_id: each for each in self._scored(query, labels)}
        for wording in also:
            for each in self._scored(wording, labels):
                known = found.get(each.chunk_id)
                score = _OTHER_WORDING * each.score + (known.score if known else 0.0)
                found[each.chunk_id] = replace(known or each, score=score)
        ordered = _sorted(found.values())
        if self._reranker:
            first = reranked(query, self._read(ordered[:READ], labels), self._reranker)
            again = [replace(found[hit.chunk.chunk_id], score=hit.score) for hit in first]
            ordered = again + ordered[READ:]
        return self._read((_sorted(_spread(ordered)) if _COMPARES.search(query) else ordered)[:top_k], labels)

    def _read(self, candidates: Sequence[_Candidate], labels: tuple[str, ...]) -> list[Hit]:
        """The candidates with their passages, in order; without those that are gone in the meantime."""
        chunks = self.index.chunks([each.chunk_id for each in candidates], labels)
        return [Hit(*chunks[each.chunk_id], each.score, each.cosine) for each in candidates if each.chunk_id in chunks]

    def _scored(self, query: str, labels: tuple[str, ...]) -> list[_Candidate]:
        """All candidates of one wording, in no order."""
        question = terms(query)
        lexical = dict(self.index.search_words(question, labels, _CANDIDATES))
        dense = dict(self.index.search_vectors(self._embedder.encode_query(query), labels, _CANDIDATES))
        owners = self.index.owners(list({**dense, **lexical}), labels)
        codes = frozenset(question.identifiers)
        held = self.index.terms_of(list(owners if codes else lexical), labels)
        known = frozenset(question.words) & frozenset().union(*(held.get(i, ()) for i in lexical))
        rate = _LEXICAL_RATE / max(1, len(known))
        relevance = _relevance(dense, lexical, rate)
        language, past = detect(query), asks_past(query)
        years = frozenset(YEAR.findall(query))
        return [
            _Candidate(
                chunk_id,
                document,
                relevance[chunk_id]
                + _preference(document, language, past, bool(question.identifiers))
                + (_YEAR if document.effective_date[:4] in years else 0.0)
                + (_ABOUT * len(codes & held.get(chunk_id, frozenset())) / len(codes) if codes else 0.0),
                dense.get(chunk_id),
            )
            for chunk_id, document in owners.items()
        ]


def asks_past(question: str) -> bool:
    """Whether a question may mean a past state: it names a year or a revision, or asks how something was."""
    return bool(_PAST.search(question))


def is_sample_manual(document: Document) -> bool:
    """Whether a document is a sample manual; a confidential sample is somebody's own proposal."""
    return document.sample and PUBLIC in document.labels


def _sorted(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    return sorted(candidates, key=lambda each: (-each.score, each.chunk_id))


def _spread(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """The candidates with less for each passage of a document that is not its first."""
    seen: Counter[str] = Counter()
    for each in candidates:
        yield replace(each, score=each.score + _REPEATED * seen[each.document.document_id])
        seen[each.document.document_id] += 1


def _preference(document: Document, language: str | None, past: bool, named: bool) -> float:
    # a confidential document has no translation: its language is no reason to set it back
    same = _SAME_LANGUAGE if document.language == language or PUBLIC not in document.labels else 0.0
    superseded = _SUPERSEDED if document.superseded_by and not past else 0.0
    sample = _SAMPLE if is_sample_manual(document) and not named else 0.0
    return same + superseded + sample
