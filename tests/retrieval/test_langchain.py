"""The retriever by LangChain's own standard tests, and its labels."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

from assistant.index import Index
from assistant.retrieval import HybridRetriever
from assistant.retrieval.langchain import AllianceRetriever
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.usefixtures("pair")


@pytest.mark.anyio
class TestStandard(RetrieversIntegrationTests):
    hybrid: HybridRetriever

    @pytest.fixture(autouse=True)
    def _open(self, index: Index, embedder: FakeEmbedder) -> None:
        self.hybrid = HybridRetriever(index, embedder)

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return AllianceRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"hybrid": self.hybrid, "labels": frozenset({"public", "staff"})}

    @property
    def retriever_query_example(self) -> str:
        return "얼라이언스 출범 당시 회원사 매출과 지원 한도, 자동차 분과의 앵커기업"

    @property
    def num_results_arg_name(self) -> str:
        return "top_k"


def test_a_query_cannot_widen_the_labels(index: Index, embedder: FakeEmbedder) -> None:
    retriever = AllianceRetriever(hybrid=HybridRetriever(index, embedder))
    with pytest.raises(TypeError):
        retriever.invoke("가온정밀 예산", labels=frozenset({"staff"}))
    found = retriever.with_config(configurable={"labels": ["staff"]}).invoke("가온정밀 예산", top_k=50)
    assert found and all(document.metadata["document_id"] != "proposal.ko.md" for document in found)
