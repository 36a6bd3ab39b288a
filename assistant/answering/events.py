"""The events of an answer as JSON, and a conversation's history from JSON, for doors that programs come through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.errors import QuestionError
from assistant.schema import Event, EvidenceFound, Finished, SentenceReady, Turn, Understood, Weighing
from assistant.text.language import clean_question, detect

#: Earlier turns that are read; older ones have no bearing on a follow-up.
_MOST_TURNS = 30


def event_json(event: Event) -> dict[str, Any]:
    """An event as a dictionary; `event` names it. The last one, `finished`, holds the answer's JSON beside its name."""
    match event:
        case Understood(question, language, standalone):
            return {"event": "understood", "question": question, "language": language, "standalone": standalone}
        case Weighing():
            return {"event": "weighing"}
        case EvidenceFound(evidence):
            return {"event": "evidence", "evidence": [quote.to_json() for quote in evidence]}
        case SentenceReady(sentence):
            return {"event": "sentence", "text": sentence.text, "citations": list(sentence.citations)}
        case Finished(answer):
            return {"event": "finished", **answer.to_json()}


def turns_from(history: Sequence[str | Mapping[str, Any]], max_chars: int) -> tuple[Turn, ...]:
    """The turns of a conversation that a program tells, oldest first.

    Each is an earlier question, or the JSON of an earlier answer (of which the question counts, as it was understood).
    What a program says that we answered brings no evidence along. Raises QuestionError.
    """
    turns = []
    for entry in history[-_MOST_TURNS:]:
        question = entry.get("question") if isinstance(entry, Mapping) else entry
        if not isinstance(question, str):
            raise QuestionError(
                "The history holds something that is neither a question nor an answer.",
                "Give earlier questions, or the JSON of earlier answers, oldest first.",
            )
        question = clean_question(question, 2 * max_chars)  # a follow-up, as understood, holds two questions
        turns.append(Turn(question, question, detect(question) or "ko", "answered", ""))
    return tuple(turns)
