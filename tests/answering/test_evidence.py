from __future__ import annotations

from pathlib import Path

from assistant.answering.evidence import evidence_id, select
from assistant.answering.wording import as_prompt, labelled_row
from assistant.index import Index
from assistant.ingest import ingest
from assistant.retrieval import HybridRetriever
from tests.fakes import FakeEmbedder


def count(text: str) -> int:
    return len(text) // 2


def test_every_piece_is_an_exact_slice_with_its_place(index: Index, embedder: FakeEmbedder) -> None:
    for question in ("철강 분과의 앵커기업", "How is stored pressure released?", "회원사의 매출 비중"):
        hits = HybridRetriever(index, embedder).search(question, ["public"], 10)
        found = select(question, hits, index, ["public"], embedder=embedder, budget=500, count_tokens=count)
        assert found.evidence
        assert len({piece.id for piece in found.evidence}) == len(found.evidence)
        for piece in found.evidence:
            _, text = index.document_text(piece.document_id, ["public"]) or (None, "")
            assert text[piece.start : piece.end] == piece.quote


def test_a_table_row_keeps_its_header(index: Index, embedder: FakeEmbedder) -> None:
    question = "철강 분과의 앵커기업은 어디입니까?"
    hits = HybridRetriever(index, embedder).search(question, ["public"], 10)
    found = select(question, hits, index, ["public"], embedder=embedder, budget=500, count_tokens=count)
    row = next(piece for piece in found.evidence if "포스코홀딩스" in piece.quote)
    assert row.table_header == "분과 | 앵커기업"
    assert "분과: 철강; 앵커기업: 포스코홀딩스" in as_prompt(found.evidence)


def test_the_budget_holds(index: Index, embedder: FakeEmbedder) -> None:
    question = "2024년 7월 출범 얼라이언스 기업 지원 분과"
    hits = HybridRetriever(index, embedder).search(question, ["public", "staff"], 10)
    for budget in (40, 80, 200):
        found = select(question, hits, index, ["public", "staff"], embedder=embedder, budget=budget, count_tokens=count)
        assert sum(count(f"[k3v] {piece.quote}\n") for piece in found.evidence) <= budget


def test_coverage_tells_that_a_word_is_missing(index: Index, embedder: FakeEmbedder) -> None:
    question = "장난감 분과의 앵커기업"
    hits = HybridRetriever(index, embedder).search(question, ["public"], 10)
    found = select(question, hits, index, ["public"], embedder=embedder, budget=500, count_tokens=count)
    assert 0 < found.coverage < 1


def test_a_named_machine_comes_before_others_and_its_current_revision_before_the_old_one(
    index: Index, corpus: Path, embedder: FakeEmbedder
) -> None:
    for name, machine, more in (
        ("a1-old.md", "EXM-A1", "superseded_by: a1-new.md"),
        ("a1-new.md", "EXM-A1", "supersedes: a1-old.md"),
        ("b2.md", "EXM-B2", ""),
    ):
        text = (
            f"---\ntitle: {machine} 설명서\nlanguage: ko\n{more}\n---\n\n# 압력\n\n척 압력은 {len(name)}.0 MPa입니다.\n"
        )
        (corpus / name).write_text(text, encoding="utf-8")
    ingest([corpus], index, embedder)
    for question, first in (("EXM-B2 척 압력은?", "b2.md"), ("A1 척 압력은?", "a1-new.md")):
        hits = HybridRetriever(index, embedder).search(question, ["public"], 10)
        found = select(question, hits, index, ["public"], embedder=embedder, budget=500, count_tokens=count)
        assert [piece.document_id for piece in found.telling] == [first]


def test_a_turn_with_two_questions_is_told_two_pieces(index: Index, embedder: FakeEmbedder) -> None:
    question = "자동차 분과의 앵커기업이 어디이고 선도프로젝트 하나에는 최대 얼마가 지원됩니까?"
    hits = HybridRetriever(index, embedder).search(question, ["public"], 10)
    found = select(question, hits, index, ["public"], embedder=embedder, budget=500, count_tokens=count)
    told = " ".join(piece.quote for piece in found.telling)
    assert "현대자동차" in told and "100억" in told


def test_a_translation_is_not_told_beside_the_passage_itself(
    index: Index, corpus: Path, embedder: FakeEmbedder
) -> None:
    for name, text in {"torque.ko.md": "볼트 TQ-15 토크 92 N·m", "torque.en.md": "bolt TQ-15 torque 92 N·m"}.items():
        (corpus / name).write_text(f"---\nlanguage: {name.split('.')[1]}\n---\n\n{text}\n", encoding="utf-8")
    ingest([corpus], index, embedder)
    for question, only in (
        ("TQ-15 볼트 토크는 얼마입니까?", "torque.ko.md"),
        ("What torque for bolt TQ-15?", "torque.en.md"),
    ):
        hits = HybridRetriever(index, embedder).search(question, ["public"], 10)
        found = select(question, hits, index, ["public"], embedder=embedder, budget=500, count_tokens=count)
        assert {piece.document_id for piece in found.telling} == {only}


def test_a_sentence_that_announces_a_list_brings_the_list(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    announced = "보안의 기본 요구사항은 세 가지입니다."
    listed = f"---\nlanguage: ko\n---\n\n# 요구사항\n\n{announced}\n\n1. 인증\n2. 무결성\n3. 가용성\n"
    (corpus / "list.md").write_text(listed, encoding="utf-8")
    ingest([corpus], index, embedder)
    question = "보안의 기본 요구사항 세 가지를 모두 알려 주세요"
    hits = HybridRetriever(index, embedder).search(question, ["public"], 10)
    found = select(question, hits, index, ["public"], embedder=embedder, budget=500, count_tokens=count)
    assert "가용성" in " ".join(piece.quote for piece in found.telling)


def test_ids_are_opaque_stable_and_distinct() -> None:
    first = evidence_id("a.md", 0, 10)
    assert first == evidence_id("a.md", 0, 10) and len(first) == 3
    assert evidence_id("a.md", 0, 10, [first]) != first


def test_a_row_that_does_not_fit_its_header_keeps_both() -> None:
    assert labelled_row("a | b", "1 | 2") == "a: 1; b: 2"
    assert labelled_row("a | b", "1 | 2 | 3") == "a | b: 1 | 2 | 3"


def test_a_procedure_is_told_whole_and_its_warnings_first(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    steps = [f"{number}. {what} 부분의 덮개를 연 다음 볼트 두 개를 풀고 표지를 답니다." for number, what in enumerate(
        ("왼쪽", "오른쪽", "위쪽", "아래쪽", "앞쪽", "뒤쪽", "안쪽", "바깥쪽", "가운데", "모서리", "바닥", "천장"), 1
    )]  # fmt: skip
    text = "---\nlanguage: ko\n---\n\n# 분해\n\n경고: 매달린 하중 아래에 서지 마십시오.\n\n" + "\n".join(steps) + "\n"
    assert len("\n".join(steps)) > 420
    (corpus / "steps.md").write_text(text, encoding="utf-8")
    ingest([corpus], index, embedder)
    for question in ("천장 부분의 덮개는 어떻게 엽니까?", "매달린 하중 아래에 서도 됩니까?"):
        hits = HybridRetriever(index, embedder).search(question, ["public"], 10)
        found = select(question, hits, index, ["public"], embedder=embedder, budget=900, count_tokens=count)
        told = "\n".join(piece.quote for piece in found.telling)
        assert all(step in told for step in steps)
        assert told.startswith("경고")
        small = select(question, hits, index, ["public"], embedder=embedder, budget=250, count_tokens=count)
        assert all(step in "\n".join(piece.quote for piece in small.telling) for step in steps)


def test_every_row_of_a_long_table_is_compared(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    rows = [f"| 가상업종{number}번 제조업 | {number}00억 원 이하 |" for number in range(1, 26)]
    rows.insert(20, "| 의료용 물질 | 777억 원 이하 |")
    text = "---\nlanguage: ko\n---\n\n# 매출액 기준\n\n| 업종 | 매출액 기준 |\n|---|---|\n" + "\n".join(rows) + "\n"
    (corpus / "limits.md").write_text(text, encoding="utf-8")
    ingest([corpus], index, embedder)

    class Nearer(FakeEmbedder):
        """Knows that medicine is made of medical substances."""

        def encode_passages(self, titles, texts):  # type: ignore[no-untyped-def]
            return super().encode_passages(titles, [t.replace("의료용 물질", "약품 약품 약품") for t in texts])

    question = "약품 매출액 기준은 얼마입니까?"
    hits = HybridRetriever(index, embedder).search(question, ["public"], 10)
    found = select(question, hits, index, ["public"], embedder=Nearer(), budget=500, count_tokens=count)
    assert "777억" in found.telling[0].quote
