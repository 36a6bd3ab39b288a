"""The question sets are what they promise: size, halves, kinds, and a dev half that shares no document with test."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from assistant.access import PUBLIC
from assistant.evaluation.questions import Question
from assistant.text.language import detect
from tests.corpus.documents import documents
from tests.questions.sets import BIG, DEV_BY_DECISION, KEYED, family, questions, split

ANSWERED = {
    "fact", "amount", "list", "yesno", "date", "version", "definition", "procedure", "alarm", "part", "arithmetic",
    "followup", "two_facts", "everyday",
}  # fmt: skip
TEMPTING = {"unanswerable", "false_premise", "similar_other"}
#: Won in either language.
MONEY = re.compile("억|만|million|billion|trillion")
ALL = [question for name in KEYED for question in questions(name)]
LABELS = {each.document_id: set(each.metadata["labels"]) for each in documents()}
LANGUAGES = {each.document_id: each.metadata["language"] for each in documents()}


def big() -> list[Question]:
    return [question for name in BIG for question in questions(name)]


def test_the_big_set_is_large_and_balanced() -> None:
    asked = big()
    kinds = Counter(question.kind for question in asked)
    # The later parts ask mostly in Korean, as the members do; the first four hold the balance.
    languages = Counter(question.lang for name in BIG if name < "part5" for question in questions(name))
    silent = [question for question in asked if not question.answerable]
    assert len(asked) >= 260
    assert abs(languages["ko"] - languages["en"]) <= 2 and set(languages) == {"ko", "en"}
    assert len(silent) >= 60
    assert sum(question.kind in TEMPTING for question in silent) >= len(silent) / 2
    assert kinds["alarm"] + kinds["part"] >= 40
    sums = [question for question in asked if question.kind == "arithmetic"]
    assert sum(bool(MONEY.search(" ".join(question.must))) for question in sums) >= 30
    assert kinds["version"] + kinds["date"] >= 30
    assert sum(bool(question.previous) for question in asked) >= 20
    assert {question.audience for question in asked} == {"sme", "operator", "staff"}


def test_each_company_is_asked_about() -> None:
    firms = {label for labels in LABELS.values() for label in labels if label.startswith("company:")}
    assert len(firms) >= 8
    assert {question.asker for question in big()} >= firms | {"staff"}


@pytest.mark.parametrize("name", BIG)
def test_dev_and_test_share_no_document(name: str) -> None:
    assert questions(name)
    for question in questions(name):
        if question.gold:
            assert name.endswith(f"_{split(question.gold[0]['document'])}"), question.id


def test_the_exceptions_are_needed() -> None:
    known = {family(document_id) for document_id in LABELS}
    assert known >= DEV_BY_DECISION
    assert family("manuals/cnc-lathe-rev-b.en.pdf") == "cnc-lathe"
    assert family("proposals/dolseom-curved-block-2026-budget.xlsx") == "dolseom-curved-block-2026"
    assert split("manuals/cnc-lathe-rev-a.ko.pdf") == "dev" and split("manuals/agv-fleet.ko.pdf") == "test"


def test_no_question_stands_twice() -> None:
    assert not [name for name, times in Counter(question.id for question in ALL).items() if times > 1]
    texts = Counter((question.question, question.previous, question.asker) for question in ALL)
    assert not [text for text, times in texts.items() if times > 1]


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.id)
def test_a_question_is_complete(question: Question) -> None:
    assert question.lang == detect(question.question)
    if question.answerable:
        assert question.kind in ANSWERED and question.must and question.gold
        assert bool(question.previous) == (question.kind == "followup")
    else:
        assert question.kind in TEMPTING | {"elsewhere"} and not question.must and not question.gold
    held = {PUBLIC, question.asker}
    for entry in question.gold:
        document_id = entry["document"]
        assert document_id in LABELS, document_id
        assert LABELS[document_id] & held, f"{document_id} is not visible to the asker"
        # the author of the blind sets names the translation beside the document: either may answer
        assert (
            question.apart is not None
            or LANGUAGES[document_id] == question.lang
            or document_id.startswith("proposals/")
        )
