from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.index import Index
from assistant.ingest import ingest
from assistant.retrieval import HybridRetriever
from assistant.retrieval.langchain import AllianceRetriever
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.usefixtures("pair")


def test_hits_are_sorted_and_carry_their_document(index: Index, embedder: FakeEmbedder) -> None:
    hits = HybridRetriever(index, embedder).search("선도프로젝트 지원 한도", ["public"], 3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].document.document_id == "launch.ko.md" and "100억" in hits[0].passage.text
    assert embedder.queries == ["선도프로젝트 지원 한도"]


def test_labels_are_inside_the_search(index: Index, embedder: FakeEmbedder) -> None:
    retriever = HybridRetriever(index, embedder)
    for labels in (["public"], ["company:other"], []):
        assert all(
            hit.document.document_id != "proposal.ko.md" for hit in retriever.search("가온정밀 예산", labels, 50)
        )
    assert retriever.search("가온정밀 예산", ["staff"], 1)[0].document.document_id == "proposal.ko.md"


@pytest.fixture
def put(index: Index, corpus: Path, embedder: FakeEmbedder) -> Callable[..., HybridRetriever]:
    """Adds documents, `name=text`, and gives the retriever."""

    def add(**texts: str) -> HybridRetriever:
        for name, text in texts.items():
            (corpus / f"{name}.md").write_text(text, encoding="utf-8")
        ingest([corpus], index, embedder)
        return HybridRetriever(index, embedder)

    return add


def first(retriever: HybridRetriever, question: str) -> str:
    return retriever.search(question, ["public"], 1)[0].document.document_id


def test_a_code_decides_in_any_language(put: Callable[..., HybridRetriever]) -> None:
    retriever = put(
        alarms="# Alarms\n\nSV0401 servo drive not ready: check the cable of the drive.",
        cases="# Cases\n\nC103A2 Package lost from the safety board.",
    )
    assert first(retriever, "SV0401 알람이 울리면 무엇을 점검합니까?") == "alarms.md"
    assert first(retriever, "C103 알람은 무슨 뜻입니까?") == "cases.md"  # a code finds its cases


def test_an_alarm_is_found_where_it_stands_and_at_the_machine_that_is_named(
    put: Callable[..., HybridRetriever],
) -> None:
    alarm = "E-11 hydraulic pressure is low. Close the valve and call maintenance."
    retriever = put(
        directory=f"# Directory E-10\n\nE-10 pump is hot. Wait for it.\n\n{alarm}\n",
        next_page="# Directory E-11\n\nClose the door and press reset. Start again.\n",
    )
    assert first(retriever, "E-11 hydraulic pressure valve?") == "directory.md"
    retriever = put(
        ax_one=f"---\ntitle: AX-100 manual\n---\n\n{alarm}\n", bx_two=f"---\ntitle: BX-200 manual\n---\n\n{alarm}\n"
    )
    assert first(retriever, "BX-200에서 E-11 알람이 납니다") == "bx_two.md"
    assert first(retriever, "AX-100에서 E-11 알람이 납니다") == "ax_one.md"


def test_words_that_stand_together_weigh_more(put: Callable[..., HybridRetriever]) -> None:
    retriever = put(
        apart="Notice\n\nThe child was there. The firms had a benefit. Some tax was due.",
        together="Notice\n\nThe firms were there. Some tax was due. The child benefit was had.",
    )
    assert first(retriever, "child benefit") == "together.md"


def test_the_document_in_force_comes_before_the_superseded_one(
    index: Index, corpus: Path, embedder: FakeEmbedder
) -> None:
    old = "---\ntitle: 한도\nlanguage: ko\nsuperseded_by: new.md\n---\n\n소기업 매출 한도는 업종마다 다릅니다.\n"
    new = "---\ntitle: 한도\nlanguage: ko\nsupersedes: before.md\n---\n\n소기업 매출 한도는 업종마다 다릅니다.\n"
    (corpus / "before.md").write_text(old, encoding="utf-8")
    (corpus / "new.md").write_text(new, encoding="utf-8")
    ingest([corpus], index, embedder)
    retriever = HybridRetriever(index, embedder)
    now = [hit.document.document_id for hit in retriever.search("소기업 매출 한도는 얼마입니까?", ["public"], 2)]
    assert now == ["new.md", "before.md"]
    scores = {h.document.document_id: h.score for h in retriever.search("예전 소기업 매출 한도", ["public"], 2)}
    assert abs(scores["new.md"] - scores["before.md"]) < 0.15


def test_as_a_langchain_retriever(index: Index, embedder: FakeEmbedder) -> None:
    retriever = AllianceRetriever(hybrid=HybridRetriever(index, embedder), top_k=2)
    found = retriever.invoke("자동차 분과의 앵커기업")
    assert len(found) == 2
    place = found[0].metadata
    _, text = index.seen_by(["public"]).document_text(place["document_id"]) or (None, "")
    assert text[place["start"] : place["end"]] == found[0].page_content


def test_a_vector_without_a_chunk_is_never_a_hit(index: Index, embedder: FakeEmbedder) -> None:
    access = index.catalog.visible_classes(["public"])[0]
    index.vectors.add(access, ["ghost@0#0"], embedder.encode_passages([""], ["선도프로젝트 지원 한도"]))
    hits = HybridRetriever(index, embedder).search("선도프로젝트 지원 한도", ["public"], 50)
    assert hits and all(hit.passage.chunk_id != "ghost@0#0" for hit in hits)
