"""Our retriever as a LangChain `BaseRetriever`, for use in any LangChain chain."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from assistant.access import PUBLIC
from assistant.retrieval.hybrid import HybridRetriever
from assistant.retrieval.surroundings import widened


class AllianceRetriever(BaseRetriever):
    """Passages as LangChain documents; `labels` are fixed when it is made, a query cannot widen them.

    `top_k` can be given for one query too: `retriever.invoke("…", top_k=3)`.

    With a `budget` (characters of all passages together, about two to four to a token) each passage, best first, grows
    by the whole paragraphs and table rows around it that stand under the same headings, while they fit. What one
    passage has taken up is not repeated by the next.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    hybrid: HybridRetriever
    labels: frozenset[str] = frozenset({PUBLIC})
    top_k: int = 10
    budget: int = Field(0, ge=0)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, top_k: int | None = None
    ) -> list[Document]:
        found = self.hybrid.search(query, self.labels, top_k or self.top_k)
        visible = self.hybrid.index.seen_by(self.labels)
        return [
            Document(
                page_content=text,
                id=hit.passage.chunk_id,
                metadata={
                    "document_id": hit.document.document_id,
                    "title": hit.document.title,
                    "page": hit.passage.page,
                    "heading_path": list(hit.passage.heading_path),
                    "table_header": hit.passage.table_header,
                    "start": start,
                    "end": start + len(text),
                    "version": hit.document.version,
                    "effective_date": hit.document.effective_date,
                    "score": hit.score,
                },
            )
            for hit, start, text in widened(found, visible, self.budget)
        ]
