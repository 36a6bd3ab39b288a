"""Answers that a rule computes, with the passages of its clauses, for those who may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from assistant.answering.computing import Computation, compute
from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.schema import Question, Turn
from assistant.tuning import tuning
from tests.conftest import FAKE_FINGERPRINT, PROJECT, FakeEmbedder
from tests.rules.scripted import Script, ScriptedReader

TODAY = date(2026, 11, 22)
FIRST = "8억 원짜리 과제면 정부지원은 얼마까지예요?"
REPLY = "저희는 중견기업입니다"
OTHER = "정산은 누가 하나요?"
SCRIPTS = {
    FIRST: Script("share", {"total": "8억 원"}, target="grant"),
    REPLY: Script(inputs={"size": "중견기업"}, choices={"size": "midsize"}, continues="share"),
}


@pytest.fixture(scope="module")
def rules_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with write_index(tmp_path_factory.mktemp("rules") / "index", FAKE_FINGERPRINT) as index:
        ingest([PROJECT / "corpus" / "rules"], index, FakeEmbedder(), roots=[PROJECT / "corpus"])
        yield index


def asked(
    index: Index, question: str, history: Sequence[Turn] = (), labels: frozenset[str] = frozenset({"public"})
) -> Computation | None:
    typed = Question(question, question, "ko", TODAY)
    return compute(typed, history, index.seen_by(labels), ScriptedReader(SCRIPTS), tuning())


def turn(question: str, computation: Computation) -> Turn:
    text = "\n".join(sentence.text for sentence in computation.sentences)
    return Turn(question, computation.question, "ko", "asked_back" if computation.asks else "computed", text)


def test_a_missing_input_is_asked_back_and_the_reply_completes_the_case(rules_index: Index) -> None:
    back = asked(rules_index, FIRST)
    assert back is not None and back.asks and not back.evidence and back.inputs == {"total": "8억 원"}
    found = asked(rules_index, REPLY, [turn(FIRST, back)])
    assert found is not None and not found.asks and found.question == f"{FIRST} {REPLY}"
    assert found.inputs == {"size": "중견기업", "total": "8억 원"}
    assert found.sentences[0].text == "중견기업, 연구개발비 8억 원으로 계산했습니다."
    assert "5억 6,000만 원" in found.sentences[1].text


def test_its_sentences_cite_the_exact_passages_of_their_clauses(rules_index: Index) -> None:
    back = asked(rules_index, FIRST)
    assert back is not None
    found = asked(rules_index, REPLY, [turn(FIRST, back)])
    assert found is not None
    assert {piece.document_id for piece in found.evidence} == {"rules/government-share-and-cash.ko.md"}
    visible = rules_index.seen_by(["public"])
    _, text = visible.document_text("rules/government-share-and-cash.ko.md") or (None, "")
    assert all(text[piece.start : piece.end] == piece.quote for piece in found.evidence)
    ids = {piece.id for piece in found.evidence}
    assert all(set(sentence.citations) <= ids for sentence in found.sentences)
    assert any("70%" in piece.quote for piece in found.evidence)


def test_who_may_not_see_a_clause_gets_no_computation_and_no_question_back(rules_index: Index) -> None:
    back = asked(rules_index, FIRST)
    assert back is not None
    assert asked(rules_index, FIRST, labels=frozenset()) is None
    assert asked(rules_index, REPLY, [turn(FIRST, back)], labels=frozenset()) is None


def test_a_turn_that_the_documents_answered_ends_the_case(rules_index: Index) -> None:
    back = asked(rules_index, FIRST)
    assert back is not None
    between = Turn(OTHER, OTHER, "ko", "answered", "전담기관이 합니다.")
    assert asked(rules_index, REPLY, [turn(FIRST, back), between]) is None
    assert asked(rules_index, OTHER, [turn(FIRST, back)]) is None
