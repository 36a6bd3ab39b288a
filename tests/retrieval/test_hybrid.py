from __future__ import annotations

from pathlib import Path

from assistant.index import Index
from assistant.index.tokens import terms
from assistant.ingest import ingest
from assistant.retrieval import HybridRetriever
from assistant.retrieval.hybrid import lexical_weight
from assistant.retrieval.langchain import AllianceRetriever
from tests.fakes import FakeEmbedder


def test_hits_are_sorted_and_carry_their_document(index: Index, embedder: FakeEmbedder) -> None:
    hits = HybridRetriever(index, embedder).search("선도프로젝트 지원 한도", ["public"], 3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].document.document_id == "launch.ko.md" and "100억" in hits[0].chunk.text
    assert embedder.queries == ["선도프로젝트 지원 한도"]


def test_labels_are_inside_the_search(index: Index, embedder: FakeEmbedder) -> None:
    retriever = HybridRetriever(index, embedder)
    for labels in (["public"], ["company:other"], []):
        assert all(
            hit.document.document_id != "proposal.ko.md" for hit in retriever.search("가온정밀 예산", labels, 50)
        )
    assert retriever.search("가온정밀 예산", ["staff"], 1)[0].document.document_id == "proposal.ko.md"


def test_a_code_weighs_the_words(index: Index) -> None:
    assert lexical_weight(terms("SV0401 알람")) > lexical_weight(terms("알람이 울립니다"))


def test_the_document_in_force_comes_before_the_superseded_one(
    index: Index, corpus: Path, embedder: FakeEmbedder
) -> None:
    old = "---\ntitle: 한도\nlanguage: ko\nsuperseded_by: new.md\n---\n\n소기업 매출 한도는 120억 원입니다.\n"
    new = "---\ntitle: 한도\nlanguage: ko\nsupersedes: old.md\n---\n\n소기업 매출 한도는 140억 원입니다.\n"
    (corpus / "old.md").write_text(old, encoding="utf-8")
    (corpus / "new.md").write_text(new, encoding="utf-8")
    ingest([corpus], index, embedder)
    retriever = HybridRetriever(index, embedder)
    now = [hit.document.document_id for hit in retriever.search("소기업 매출 한도는 얼마입니까?", ["public"], 2)]
    assert now == ["new.md", "old.md"]
    scores = {h.document.document_id: h.score for h in retriever.search("예전 소기업 매출 한도", ["public"], 2)}
    assert abs(scores["new.md"] - scores["old.md"]) < 0.15


def test_as_a_langchain_retriever(index: Index, embedder: FakeEmbedder) -> None:
    retriever = AllianceRetriever(hybrid=HybridRetriever(index, embedder), top_k=2)
    found = retriever.invoke("자동차 분과의 앵커기업")
    assert len(found) == 2
    place = found[0].metadata
    _, text = index.document_text(place["document_id"], ["public"]) or (None, "")
    assert text[place["start"] : place["end"]] == found[0].page_content


def test_a_vector_without_a_chunk_is_never_a_hit(index: Index, embedder: FakeEmbedder) -> None:
    access = index.catalog.visible_classes(["public"])[0]
    index.vectors.add(access, ["ghost@0#0"], embedder.encode_passages([""], ["선도프로젝트 지원 한도"]))
    hits = HybridRetriever(index, embedder).search("선도프로젝트 지원 한도", ["public"], 50)
    assert hits and all(hit.chunk.chunk_id != "ghost@0#0" for hit in hits)
