"""Questions that a rule answers by arithmetic: recognised, computed and shown with the passages of their clauses.

The model takes no part. A rule is used only when the asker may see the document of every clause it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.answering.evidence import evidence_at
from assistant.index import Index
from assistant.programmes.chat import Computed, answer, complete
from assistant.programmes.citations import passages
from assistant.programmes.engine import find_rule
from assistant.programmes.recognition import Request, recognise
from assistant.schema import Evidence, Language, Sentence, Turn


@dataclass(frozen=True, slots=True)
class Computation:
    """A computed answer to `question`; or, with `asks`, the question back for what is missing."""

    question: str
    sentences: tuple[Sentence, ...]
    evidence: tuple[Evidence, ...]
    asks: bool


def compute(
    question: str, language: Language, history: Sequence[Turn], index: Index, labels: Iterable[str]
) -> Computation | None:
    """The computation that `question` asks for, also as an answer to what was asked back; None when there is none."""
    request = _request(question, language, history)
    if request is None:
        return None
    found = answer(request, language)
    if found.result.outcome == "unknown":  # the documents say so in their own words
        return None
    labels = frozenset(labels)
    if found.missing and not _all_visible(request, language, index, labels):  # asking back tells of the rule too
        return None
    cited = _passages(found, language, index, labels)
    if cited is None:
        return None
    sentences = tuple(
        Sentence(said.text, tuple(dict.fromkeys(p.id for clause in said.clauses for p in cited[clause.id])), True)
        for said in found.sentences
    )
    evidence = tuple({piece.id: piece for pieces in cited.values() for piece in pieces}.values())
    return Computation(request.question, sentences, evidence, bool(found.missing))


def _request(question: str, language: Language, history: Sequence[Turn]) -> Request | None:
    """What is asked now, or the question before it with what this turn adds."""
    before = recognise(history[-1].standalone, history[-1].language) if history else None
    return (before and complete(before, question, language)) or recognise(question, language)


def _all_visible(request: Request, language: Language, index: Index, labels: frozenset[str]) -> bool:
    documents = {clause.document_id(language) for clause in find_rule(request.rule).clauses.values()}
    return all(index.document_text(document_id, labels) for document_id in documents)


def _passages(
    found: Computed, language: Language, index: Index, labels: frozenset[str]
) -> dict[str, list[Evidence]] | None:
    """The passages of each clause by clause id; None when one is not visible or its heading is gone."""
    cited: dict[str, list[Evidence]] = {}
    places: dict[tuple[str, int], Evidence] = {}
    for clause in found.clauses:
        stored = index.document_text(clause.document_id(language), labels)
        if stored is None:
            return None
        document, text = stored
        blocks = passages(
            clause, found.result, language, text, index.blocks(document.document_id, 0, len(text), labels)
        )
        if not blocks:
            return None
        for block in blocks:
            place = (document.document_id, block.start)
            if place not in places:
                taken = [piece.id for piece in places.values()]
                places[place] = evidence_at(document, text, block, block.start, block.end, taken)
            cited.setdefault(clause.id, []).append(places[place])
    return cited
