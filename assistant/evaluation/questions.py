"""Question sets with keys: `tests/questions/*.jsonl`, one object a line.

`must`: regular expressions that all match a right answer; `never`: none may match; `gold`: documents that hold the
answer; `answerable`: false when the documents do not say. A refusal is right exactly when `answerable` is false.
`apart`: whether the question is about a document family that nothing was trained on. `asker`: the label that the asker
holds beside `public` ("company:…", "staff"), where the question is about a confidential document.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from assistant.access import PUBLIC
from assistant.errors import PathError
from assistant.evaluation.checker import unsupported_figures
from assistant.schema import Answer, Finished, Passage, Quote, Turn, as_turn

if TYPE_CHECKING:
    from assistant.answering import Assistant


@dataclass(frozen=True, slots=True)
class Question:
    """One question and its key."""

    id: str
    question: str
    lang: str = ""
    answerable: bool = True
    must: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    gold: tuple[dict[str, Any], ...] = ()
    kind: str = ""
    audience: str = ""
    as_of: str = ""
    previous: str = ""
    asker: str = ""
    apart: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question went. `verdict`: right, wrong, refused (falsely), invented (should have refused).

    `pieces`: cited pieces, of which `pieces_at_gold` stand at a page or heading of the key. `unsupported`: figures that
    no cited piece holds, found by the checker that shares no code with the verifier (not asked of computed answers,
    whose results stand in no document).
    """

    id: str
    kind: str
    verdict: str
    status: str
    question: str
    answer: str
    cited: tuple[str, ...]
    gold_cited: bool
    gold_found: bool
    exact: bool
    pieces: int = 0
    pieces_at_gold: int = 0
    unsupported: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)


def load_questions(path: Path) -> list[Question]:
    """Read a question set. Raises PathError that names the line at fault."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as exc:
        raise PathError(f"The question set {path} cannot be read ({exc.strerror}).", "Check the path.") from exc
    questions = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            for name in ("must", "never", "gold"):
                entry[name] = tuple(entry.get(name, ()))
            for pattern in (*entry["must"], *entry["never"]):
                re.compile(pattern)
            questions.append(Question(**entry))
        except (ValueError, TypeError, re.error) as exc:
            raise PathError(f"{path.name}, line {number}: {exc}.", "Correct the line.") from exc
    return questions


def verdict(question: Question, answer: Answer) -> str:
    """`right`, `wrong`, `refused` (a false refusal) or `invented` (an answer where the documents do not say)."""
    if not question.answerable:
        return "right" if answer.status == "refused" else "invented"
    if answer.status == "refused":
        return "refused"
    return "right" if right_text(question, answer.answer) else "wrong"


def right_text(question: Question, text: str) -> bool:
    """Whether a text holds all that a right answer must hold, and nothing that it must not."""
    good = all(re.search(pattern, text, re.I) for pattern in question.must)
    return good and not any(re.search(pattern, text, re.I) for pattern in question.never)


def ask_all(
    assistant: Assistant,
    questions: Sequence[Question],
    labels: frozenset[str],
    progress: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Ask every question and judge the answer; citations are compared with the stored text.

    A question that names its asker is asked with that asker's labels, all others with `labels`; one that names the
    question before it is asked after that one, as its follow-up.
    """
    outcomes = []
    for question in questions:
        held = frozenset({PUBLIC, question.asker}) if question.asker else labels
        history = (
            [as_turn(question.previous, _answer(assistant, question.previous, held, ()))] if question.previous else []
        )
        answer = _answer(assistant, question.question, held, history)
        gold = {entry["document"] for entry in question.gold}
        exact = True
        for piece in (*answer.citations, *answer.related):
            stored = assistant.index.seen_by(held).document_text(piece.document_id)
            exact = exact and stored is not None and stored[1][piece.start : piece.end] == piece.quote
        found = {hit.document.document_id for hit in assistant.search(question.question, labels=held)}
        cited = tuple(dict.fromkeys(piece.document_id for piece in answer.citations))
        outcomes.append(
            Outcome(
                question.id,
                question.kind,
                verdict(question, answer),
                answer.status,
                question.question,
                answer.answer,
                cited,
                bool(gold & set(cited)),
                bool(gold & found),
                exact,
                len(answer.citations),
                sum(any(fits(piece, entry) for entry in question.gold) for piece in answer.citations),
                _unsupported(answer, question.question),
                dict(answer.timings_ms),
            )
        )
        if progress:
            progress(outcomes[-1])
    return outcomes


def fits(piece: Quote | Passage, entry: Mapping[str, Any]) -> bool:
    """Whether a passage, or a piece of one, stands in the document and at the page or heading of a `gold` entry."""
    if piece.document_id != entry["document"]:
        return False
    if entry.get("page"):
        return bool(piece.page == entry["page"])
    heading = entry.get("heading")
    # small sections share a chunk: their headings then stand in its text
    return not heading or heading in piece.heading_path or (isinstance(piece, Passage) and heading in piece.text)


def shown_with(answer: Answer) -> tuple[str, ...]:
    """The texts of an answer's sources as a reader sees them."""
    return tuple(
        part
        for piece in answer.citations
        for part in (piece.quote, piece.table_header, piece.title, piece.effective_date, *piece.heading_path)
    )


def _unsupported(answer: Answer, question: str) -> tuple[str, ...]:
    if answer.status in ("computed", "asked_back"):
        return ()
    text = "\n".join(sentence.text for sentence in answer.sentences)
    return tuple(unsupported_figures(text, [*shown_with(answer), question]))


def _answer(assistant: Assistant, question: str, labels: frozenset[str], history: Sequence[Turn]) -> Answer:
    return next(e.answer for e in assistant.ask(question, labels=labels, history=history) if isinstance(e, Finished))


def summary(outcomes: Sequence[Outcome], questions: Sequence[Question]) -> dict[str, Any]:
    """Counts and rates; both error rates are always given."""
    answerable = {question.id for question in questions if question.answerable}
    asked = [outcome for outcome in outcomes if outcome.id in answerable]
    rest = [outcome for outcome in outcomes if outcome.id not in answerable]
    verdicts = Counter(outcome.verdict for outcome in asked)
    shown = [outcome for outcome in asked if outcome.status != "refused"]
    return {
        "questions": len(outcomes),
        "right": sum(outcome.verdict == "right" for outcome in outcomes),
        "answerable": {"asked": len(asked), **verdicts},
        "unanswerable": {"asked": len(rest), **Counter(outcome.verdict for outcome in rest)},
        "evidence_only": sum(outcome.status == "evidence_only" for outcome in asked),
        "gold_retrieved": sum(outcome.gold_found for outcome in asked),
        "gold_cited": sum(outcome.gold_cited for outcome in shown),
        "citation_precision": _share(sum(o.pieces_at_gold for o in shown), sum(o.pieces for o in shown)),
        "citation_recall": _share(sum(o.pieces_at_gold > 0 for o in shown), len(shown)),
        "unsupported_figures": sum(len(outcome.unsupported) for outcome in outcomes),
        "citations_exact": all(outcome.exact for outcome in outcomes),
        "median_ms": {
            stage: median(outcome.timings_ms[stage] for outcome in outcomes) for stage in outcomes[0].timings_ms
        }
        if outcomes
        else {},
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def to_jsonl(outcomes: Sequence[Outcome]) -> str:
    """One JSON object a line, for a per-question file."""
    return "".join(json.dumps(asdict(outcome), ensure_ascii=False) + "\n" for outcome in outcomes)
