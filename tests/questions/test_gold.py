"""Every key points at a page or heading that exists and says what the key asks for, as the product reads it now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from assistant.answering.wording import labelled_row
from assistant.evaluation.questions import Question
from assistant.schema import Block
from tests.corpus.documents import CORPUS, draft
from tests.questions.sets import KEYED, questions

#: The answer is computed, so it stands nowhere.
COMPUTED = {"arithmetic"}


def place(entry: Mapping[str, Any]) -> str:
    """The text that a gold entry points at, table rows with their column names; empty when it does not exist."""
    read = draft(CORPUS / entry["document"])

    def is_there(block: Block) -> bool:
        return block.page == entry["page"] if "page" in entry else entry["heading"] in block.heading_path

    def shown(block: Block) -> str:
        text = read.text[block.start : block.end]
        return labelled_row(block.table_header, text) if block.table_header else text

    return "\n".join(shown(block) for block in read.blocks if is_there(block))


def faults(question: Question) -> list[str]:
    """What is wrong with the key of an answerable question."""
    places = {str(entry): place(entry) for entry in question.gold}
    found = [f"{question.id}: {entry} does not exist" for entry, text in places.items() if not text]
    if question.kind not in COMPUTED:
        whole = "\n".join(places.values())
        found += [
            f"{question.id}: {pattern} stands in none of {list(places)}"
            for pattern in question.must
            if not re.search(pattern, whole, re.I)
        ]
        for entry, text in places.items():
            if text and not any(re.search(pattern, text, re.I) for pattern in question.must):
                found.append(f"{question.id}: {entry} says nothing of {question.must}")
    return found


def needs_pdf(question: Question) -> bool:
    return any(entry["document"].endswith(".pdf") for entry in question.gold)


@pytest.mark.parametrize("pdf", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", KEYED)
def test_keys_agree_with_the_documents(name: str, pdf: bool) -> None:
    wrong = [fault for question in questions(name) if needs_pdf(question) == pdf for fault in faults(question)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"gold": ({"document": "alliance/launch-2024.en.md", "heading": "No such heading"},)}, "does not exist"),
        ({"gold": ({"document": "alliance/launch-2024.en.md", "page": 99},)}, "does not exist"),
        ({"must": (r"\b163 companies",)}, "stands in none"),
    ],
)
def test_a_stale_key_is_found(changes: dict[str, Any], complaint: str) -> None:
    entry = {"document": "alliance/launch-2024.en.md", "heading": "Size and make-up of the membership"}
    good: dict[str, Any] = {"id": "x", "question": "How many?", "must": (r"\b153\b",), "gold": (entry,)}
    assert faults(Question(**good)) == []
    assert any(complaint in fault for fault in faults(Question(**{**good, **changes})))
