"""A turn of a conversation: how far it came, as it is stored, and as a reader may see it again.

What was shown is stored with the answer, so it stays as it was when a document changes or goes. What depends on
evidence that the reader's labels no longer admit is left out when the turn is read again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import PurePath
from typing import Any, Literal

from assistant.schema import Answer, Quote, Sentence

Rating = Literal["", "up", "down"]
#: How far a question came. What is running where nobody answers it was interrupted.
State = Literal["running", "finished", "stopped", "interrupted", "failed"]

#: Longest note beside a rating, in characters.
NOTE_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a question has come.

    `standalone`: what a follow-up was understood as, else empty. `shown`: all evidence that was offered. `sentences`:
    what was said; once there is an `answer`, they stand there. `error` names why it failed.
    """

    state: State
    standalone: str = ""
    shown: Sequence[Quote] = ()
    sentences: Sequence[Sentence] = ()
    answer: Answer | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A turn as it was shown. `number` counts from 1 in its conversation; `asked_at` is ISO 8601 in UTC.

    `sentences`: all that was said. `hidden`: something of it is left out because the reader's labels no longer admit
    it. `reason`: what was wrong, by a name that the page gives it. The others are those of `Progress`.
    """

    number: int
    question: str
    standalone: str
    answer: Answer | None
    shown: tuple[Quote, ...]
    asked_at: str
    rating: Rating = ""
    note: str = ""
    hidden: bool = False
    state: State = "finished"
    sentences: tuple[Sentence, ...] = ()
    error: str = ""
    reason: str = ""


def to_record(question: str, progress: Progress) -> str:
    """Write a turn down, as JSON."""
    answer = progress.answer
    record = {
        "question": question,
        "state": progress.state,
        "standalone": progress.standalone,
        "shown": [asdict(quote) for quote in progress.shown],
        "sentences": [] if answer else [asdict(sentence) for sentence in progress.sentences],
        "answer": asdict(answer) if answer else None,
        "error": progress.error,
    }
    return json.dumps(record, ensure_ascii=False)


def from_record(number: int, asked_at: str, record: str, rating: Rating, note: str, reason: str) -> Kept:
    """Read a turn that was written down, by this version or an earlier one."""
    value = json.loads(record)
    answer = _answer(value["answer"]) if value["answer"] else None
    return Kept(
        number=number,
        question=value["question"],
        standalone=value["standalone"],
        answer=answer,
        shown=_quotes(value["shown"]),
        asked_at=asked_at,
        rating=rating,
        note=note,
        state=value.get("state", "finished"),  # 0.1.0 stored finished turns alone
        sentences=answer.sentences if answer else _sentences(value["sentences"]),
        error=value.get("error", ""),
        reason=reason,
    )


def visible(kept: Kept, labels: frozenset[str]) -> Kept:
    """The turn without the evidence that `labels` do not admit, and without every sentence that rests on it."""
    answer = kept.answer
    quotes = (*kept.shown, *(answer.citations + answer.related if answer else ()))
    lost = {quote.id for quote in quotes if labels.isdisjoint(quote.labels)}
    if not lost:
        return kept
    sentences = tuple(sentence for sentence in kept.sentences if lost.isdisjoint(sentence.citations))
    shown = tuple(quote for quote in kept.shown if quote.id not in lost)
    left = replace(kept, hidden=True, shown=shown, sentences=sentences)
    if answer is None:
        return left
    words = answer.answer if sentences == kept.sentences else "\n".join(sentence.text for sentence in sentences)
    return replace(
        left,
        answer=replace(
            answer,
            answer=words,
            sentences=sentences,
            citations=tuple(quote for quote in answer.citations if quote.id not in lost),
            related=tuple(quote for quote in answer.related if quote.id not in lost),
            conflicts=tuple(pair for pair in answer.conflicts if lost.isdisjoint(pair)),
            comparisons=(),
        ),
    )


def _quotes(values: Sequence[dict[str, Any]]) -> tuple[Quote, ...]:
    return tuple(_quote(value) for value in values)


def _quote(value: dict[str, Any]) -> Quote:
    known = {name.name: value[name.name] for name in fields(Quote) if name.name in value}
    if PurePath(known["path"]).is_absolute():  # 0.1.0 told where a file lies on the server
        known["path"] = known["document_id"]
    span = known.get("span")
    return Quote(
        **{
            **known,
            "heading_path": tuple(known["heading_path"]),
            "labels": tuple(known["labels"]),
            "span": (span[0], span[1]) if span else None,
        }
    )


def _sentences(values: Sequence[dict[str, Any]]) -> tuple[Sentence, ...]:
    return tuple(Sentence(one["text"], tuple(one["citations"])) for one in values)


def _answer(value: dict[str, Any]) -> Answer:
    return Answer(
        question=value["question"],
        language=value["language"],
        status=value["status"],
        answer=value["answer"],
        sentences=_sentences(value["sentences"]),
        citations=_quotes(value["citations"]),
        related=_quotes(value["related"]),
        conflicts=tuple((newer, older) for newer, older in value["conflicts"]),
        timings_ms=value["timings_ms"],
        models=value["models"],
        probability=value.get("probability", 0.0),  # 0.1.0 stored neither
        inputs=value.get("inputs", {}),
        rule=value.get("rule", {}),
        comparisons=tuple(value.get("comparisons", ())),
        whom=value.get("whom", ""),
    )
