from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import PathError
from assistant.evaluation.golds import gold_search, gold_set
from assistant.schema import Document, Hit, Passage

ENTRIES = [
    {"id": "a", "question": "?", "gold": [{"document": "d.md", "heading": "Limits"}, {"document": "m.pdf", "page": 3}]},
    {"id": "b", "question": "?", "answerable": False},
    {"id": "c", "question": "?", "gold": [{"document": "s.md"}], "asker": "staff"},
]


def hit(document: str, ordinal: int, path: tuple[str, ...] = (), page: int | None = None, text: str = "") -> Hit:
    chunk = Passage(f"{document}#{ordinal}", document, ordinal, 0, 1, text, path, page)
    return Hit(chunk, Document(document, document, "", "en", ("public",), "", ""), 1.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in ENTRIES), encoding="utf-8")
    return path


def test_places_that_hold_the_answer_are_the_relevant_passages(file: Path) -> None:
    questions, qrels = gold_set(file)
    assert qrels == {"a": {"d.md › Limits": 1, "m.pdf › p. 3": 1}, "c": {"s.md": 1}}
    hits = [
        hit("d.md", 0, ("Title", "Other")),
        hit("d.md", 1, ("Title", "Limits")),
        hit("d.md", 2, ("Title",), text="Limits\n\n10 days"),
        hit("m.pdf", 0, page=2),
        hit("m.pdf", 1, page=3),
    ]
    find = gold_search(questions, frozenset({"public"}), lambda text, labels: hits)
    assert find("a", "?") == ["d.md#0", "d.md › Limits", "d.md › Limits", "m.pdf#0", "m.pdf › p. 3"]


def test_a_question_is_searched_with_its_asker_s_labels(file: Path) -> None:
    asked = []
    find = gold_search(gold_set(file)[0], frozenset({"public"}), lambda text, labels: asked.append(labels) or [])
    find("a", "?")
    find("c", "?")
    assert asked == [{"public"}, {"public", "staff"}]


def test_a_file_without_gold_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"id": "x", "question": "?"}\n', encoding="utf-8")
    with pytest.raises(PathError, match="names the documents"):
        gold_set(tmp_path / "questions.jsonl")
