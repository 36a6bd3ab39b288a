"""The reader as a document compressor, alone and behind a retriever."""

from __future__ import annotations

import pytest
from langchain_classic.retrievers import ContextualCompressionRetriever
from langchain_core.documents import Document
from pydantic import ValidationError

from assistant.index import Index
from assistant.reading.langchain import AllianceReader
from assistant.retrieval import HybridRetriever
from assistant.retrieval.langchain import AllianceRetriever
from assistant.schema import Excerpt, Reading, Span
from tests.fakes import FakeEmbedder, FakeReader

QUESTION = "선도프로젝트 지원 한도는 얼마입니까?"
RIGHT = Document("선도프로젝트에는 최대 100억 원이 지원됩니다.", metadata={"title": "지원"}, id="right")
NEAR = Document("회원사의 매출은 매출의 40%에 가깝습니다.", metadata={"title": "회원"}, id="near")


@pytest.fixture
def reader() -> FakeReader:
    found = FakeReader()
    found.readings = {"100억": Reading(0.9, 0.1, (Span(9, 20, 0.8),)), "40%": Reading(0.3, 0.7)}
    return found


def test_only_documents_that_answer_stay_with_what_was_read(reader: FakeReader) -> None:
    kept = AllianceReader(reader=reader).compress_documents([NEAR, RIGHT], QUESTION)
    assert [document.id for document in kept] == ["right"] and kept[0].page_content == RIGHT.page_content
    assert kept[0].metadata == {
        "title": "지원",
        "answers": 0.9,
        "unknown": 0.1,
        "spans": [{"start": 9, "end": 20, "probability": 0.8}],
    }
    span = kept[0].metadata["spans"][0]
    assert kept[0].page_content[span["start"] : span["end"]] == "최대 100억 원이 "
    assert RIGHT.metadata == {"title": "지원"}  # the retriever's own document is not touched


def test_the_threshold_decides_and_the_order_stays(reader: FakeReader) -> None:
    assert len(AllianceReader(reader=reader, threshold=0.2).compress_documents([NEAR, RIGHT], QUESTION)) == 2
    kept = AllianceReader(reader=reader, threshold=0.0).compress_documents([NEAR, RIGHT], QUESTION)
    assert [document.id for document in kept] == ["near", "right"]
    assert AllianceReader(reader=reader, threshold=0.95).compress_documents([NEAR, RIGHT], QUESTION) == []


def test_without_documents_nothing_is_read(reader: FakeReader) -> None:
    assert AllianceReader(reader=reader).compress_documents([], QUESTION) == []
    assert reader.asked == []


def test_titles_and_headings_are_read_with_the_text_and_may_be_absent() -> None:
    class Recorder(FakeReader):
        excerpts: list[Excerpt] = []  # noqa: RUF012 - of this test alone

        def _reading(self, question: str, excerpt: Excerpt) -> Reading:
            self.excerpts.append(excerpt)
            return Reading(1.0, 0.0)

    recorder = Recorder()
    told = {"title": "공고", "heading_path": ["지원", "한도"], "table_header": "구분 | 금액"}
    documents = [Document("하나", metadata=told), Document("둘"), Document("셋", metadata={"title": None})]
    assert len(AllianceReader(reader=recorder).compress_documents(documents, QUESTION)) == 3
    assert recorder.excerpts == [Excerpt("하나", "공고", "한도", "구분 | 금액"), Excerpt("둘"), Excerpt("셋")]


def test_a_wrong_threshold_or_field_is_refused(reader: FakeReader) -> None:
    with pytest.raises(ValidationError):
        AllianceReader(reader=reader, threshold=1.5)
    with pytest.raises(ValidationError):
        AllianceReader(reader=reader, labels=["staff"])  # type: ignore[call-arg]


@pytest.mark.anyio
async def test_behind_our_retriever_in_a_langchain_chain(index: Index, embedder: FakeEmbedder) -> None:
    reader = FakeReader()
    chain = ContextualCompressionRetriever(
        base_retriever=AllianceRetriever(hybrid=HybridRetriever(index, embedder)),
        base_compressor=AllianceReader(reader=reader),
    )
    found = chain.invoke("선도프로젝트 지원 100억")
    assert found and found == await chain.ainvoke("선도프로젝트 지원 100억")
    assert all(document.metadata["answers"] >= 0.5 and document.metadata["spans"] for document in found)
    assert found[0].metadata["document_id"] == "launch.ko.md"
    assert not chain.invoke("penguin chess prize")
