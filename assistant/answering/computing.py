"""Questions that a rule answers by arithmetic: routed, computed and shown with the passages of their clauses.

The reader finds the rule and its inputs in the asker's words; the language model takes no part. A rule is used only
when the asker may see the document of every clause it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from assistant.index import Visible
from assistant.quoting import quote_at
from assistant.reading import Reader
from assistant.rules.chat import Computed, answer
from assistant.rules.citations import passages
from assistant.rules.engine import find_rule
from assistant.rules.given import Thresholds
from assistant.rules.inputs import parse, written
from assistant.rules.route import Request, Said, request_of, with_missing
from assistant.schema import Language, Question, Quote, Sentence, Turn
from assistant.tuning import Tuning

#: Turns before the question that may belong to its case.
_TURNS = 3


@dataclass(frozen=True, slots=True)
class Computation:
    """A computed answer to `question`; or, with `asks`, the question back for what is missing.

    `inputs`: what was taken from the asker's words, as text, by the name of the input; `rule` and
    `comparisons`: as in `Answer`.
    """

    question: str
    sentences: tuple[Sentence, ...]
    evidence: tuple[Quote, ...]
    asks: bool
    inputs: dict[str, str] = field(default_factory=dict)
    rule: dict[str, Any] = field(default_factory=dict)
    comparisons: tuple[dict[str, Any], ...] = ()


def compute(
    asked: Question, history: Sequence[Turn], visible: Visible, reader: Reader, tuning: Tuning
) -> Computation | None:
    """Find the computation that is asked for, or that a reply completes; None when there is none."""
    language = asked.language
    thresholds = Thresholds(tuning.rule, tuning.taken, tuning.chosen)
    turns = [*_case(history), Said(asked.text, language)]
    request = request_of(turns, reader, thresholds, asked.today)
    if request is None or (asked.before and len(turns) == 1 and request.asks):
        return None  # a short turn that follows an answer of the documents goes on with that, not with a new case
    return _computed(request, language, visible, asked.today)


def compute_again(rule: Mapping[str, Any], language: Language, visible: Visible, today: date) -> Computation | None:
    """Compute what `Answer.rule` says, with other inputs perhaps; None as for `compute`.

    Raises QuestionError for an unknown rule or input and for a value that an input does not take.
    """
    entries = find_rule(rule["name"]).inputs
    given = {name: parse(entries[name], text) for name, text in rule["inputs"].items() if name in entries}
    request = Request(rule["name"], given, rule["target"], date.fromisoformat(rule["as_of"]), "")
    return _computed(with_missing(request), language, visible, today)


def _computed(request: Request, language: Language, visible: Visible, today: date) -> Computation | None:
    found = answer(request, language, today)
    if found.result.outcome == "unknown":  # the documents say so in their own words
        return None
    if found.missing and not _all_visible(request, language, visible):  # asking back tells of the rule too
        return None
    cited = _passages(found, language, visible)
    if cited is None:
        return None
    sentences = tuple(
        Sentence(said.text, tuple(dict.fromkeys(p.id for clause in said.clauses for p in cited[clause.id])))
        for said in found.sentences
    )
    evidence = tuple({piece.id: piece for pieces in cited.values() for piece in pieces}.values())
    rule = {
        "name": request.rule,
        "inputs": {name: written(value) for name, value in request.inputs.items()},
        "target": request.target,
        "as_of": request.as_of.isoformat(),
    }
    return Computation(request.text, sentences, evidence, bool(found.missing), dict(found.inputs), rule)


def _case(history: Sequence[Turn]) -> list[Said]:
    """The turns right before the question that were computed or asked back, as they were typed."""
    turns: list[Said] = []
    for turn in reversed(history[-_TURNS:]):
        if turn.status not in ("computed", "asked_back"):
            break
        turns.insert(0, Said(turn.question, turn.language))
    return turns


def _all_visible(request: Request, language: Language, visible: Visible) -> bool:
    documents = {clause.document_id(language) for clause in find_rule(request.rule).clauses.values()}
    return all(visible.document_text(document_id) for document_id in documents)


def _passages(found: Computed, language: Language, visible: Visible) -> dict[str, list[Quote]] | None:
    """The passages of each clause by clause id; None when one is not visible or its heading is gone."""
    cited: dict[str, list[Quote]] = {}
    places: dict[tuple[str, int], Quote] = {}
    for clause in found.clauses:
        stored = visible.document_text(clause.document_id(language))
        if stored is None:
            return None
        document, text = stored
        blocks = passages(clause, found.result, language, text, visible.blocks(document.document_id, 0, len(text)))
        if not blocks:
            return None
        for block in blocks:
            place = (document.document_id, block.start)
            if place not in places:
                taken = [piece.id for piece in places.values()]
                places[place] = quote_at(document, text, block, block.start, block.end, taken)
            cited.setdefault(clause.id, []).append(places[place])
    return cited
