"""Our retriever as a LangChain `BaseRetriever`, for use in any LangChain chain."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.access import PUBLIC
from assistant.retrieval.hybrid import HybridRetriever


class AllianceRetriever(BaseRetriever):
    """Passages as LangChain documents; `labels` are fixed when it is made, a query cannot widen them."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    hybrid: HybridRetriever
    labels: frozenset[str] = frozenset({PUBLIC})
    top_k: int = 10

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [
            Document(
                page_content=hit.chunk.text,
                id=hit.chunk.chunk_id,
                metadata={
                    "document_id": hit.document.document_id,
                    "title": hit.document.title,
                    "page": hit.chunk.page,
                    "heading_path": list(hit.chunk.heading_path),
                    "start": hit.chunk.start,
                    "end": hit.chunk.end,
                    "version": hit.document.version,
                    "effective_date": hit.document.effective_date,
                    "score": hit.score,
                },
            )
            for hit in self.hybrid.search(query, self.labels, self.top_k)
        ]
