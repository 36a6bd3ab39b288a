"""Retrieval figures of `tests/questions`: the places that hold the answer stand as relevant passages.

A gold entry names a document and, where it can, a heading or a page. A hit counts as the first entry that it fits; a
hit that fits none counts as itself, and is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.access import PUBLIC
from assistant.errors import PathError
from assistant.evaluation.questions import Question, fits, load_questions
from assistant.schema import Hit


def gold_set(file: Path, limit: int | None = None) -> tuple[list[Question], dict[str, dict[str, int]]]:
    """The answerable questions of a file that name their documents, and the grades: `{question: {place: 1}}`."""
    questions = [question for question in load_questions(file) if question.answerable and question.gold][:limit]
    if not questions:
        raise PathError(f"No question of {file} names the documents that answer it.", "Add `gold` to the entries.")
    return questions, {question.id: dict.fromkeys(map(_place, question.gold), 1) for question in questions}


def gold_search(
    questions: Sequence[Question], labels: frozenset[str], search: Callable[[str, frozenset[str]], Sequence[Hit]]
) -> Callable[[str, str], list[str]]:
    """`search` in the form that a run asks for: of each hit the place that it fits, else its own id.

    A question that names its asker is searched with that asker's labels, all others with `labels`.
    """
    known = {question.id: question for question in questions}

    def find(question_id: str, text: str) -> list[str]:
        asker = known[question_id].asker
        hits = search(text, frozenset({PUBLIC, asker}) if asker else labels)
        return [_name(hit, known[question_id].gold) for hit in hits]

    return find


def _place(entry: Mapping[str, Any]) -> str:
    where = entry.get("heading") or (f"p. {entry['page']}" if entry.get("page") else "")
    return f"{entry['document']} › {where}" if where else str(entry["document"])


def _name(hit: Hit, gold: Sequence[Mapping[str, Any]]) -> str:
    return next((_place(entry) for entry in gold if fits(hit.passage, entry)), hit.passage.chunk_id)
