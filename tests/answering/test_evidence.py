from __future__ import annotations

from assistant.answering.evidence import evidence_id, select
from assistant.answering.wording import as_prompt, labelled_row
from assistant.index import Index
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


def test_ids_are_opaque_stable_and_distinct() -> None:
    first = evidence_id("a.md", 0, 10)
    assert first == evidence_id("a.md", 0, 10) and len(first) == 3
    assert evidence_id("a.md", 0, 10, [first]) != first


def test_a_row_that_does_not_fit_its_header_keeps_both() -> None:
    assert labelled_row("a | b", "1 | 2") == "a: 1; b: 2"
    assert labelled_row("a | b", "1 | 2 | 3") == "a | b: 1 | 2 | 3"
