"""Our reader as a LangChain document compressor: of the documents that a retriever brings, those that answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from pydantic import ConfigDict, Field, SkipValidation

from assistant.reading import Reader
from assistant.schema import Excerpt
from assistant.text.language import detect
from assistant.tuning import tuning


class AllianceReader(BaseDocumentCompressor):
    """Keeps the documents that answer the query, in the order they came: ranking stays with search.

    Each kept document is a copy with three more entries of metadata: `answers` (probability, calibrated, that it
    answers), `unknown` (that it says of the very thing asked that it is not known) and `spans` (where: `start`, `end`,
    half open, in `page_content`, and `probability`, in order). `title`, `heading_path` and `table_header` of the
    metadata are read with the text, as `AllianceRetriever` gives them; documents of other retrievers need none.

    `threshold`: the probability from which a document is kept; None takes the one that the product was calibrated to,
    by the query's language. An empty result says that none of the documents answers. For a chain:

        ContextualCompressionRetriever(base_retriever=AllianceRetriever(…), base_compressor=AllianceReader(reader=…))
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True, extra="forbid")

    reader: SkipValidation[Reader]
    threshold: float | None = Field(None, ge=0, le=1)

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> list[Document]:
        """Read each document for `query` and keep those that answer. Raises ReaderError."""
        if not documents:
            return []
        least = tuning().answer[detect(query) or "ko"] if self.threshold is None else self.threshold
        readings = self.reader.read(query, [_excerpt(document) for document in documents])
        return [
            Document(
                page_content=document.page_content,
                id=document.id,
                metadata={
                    **document.metadata,
                    "answers": reading.answers,
                    "unknown": reading.unknown,
                    "spans": [asdict(span) for span in reading.spans],
                },
            )
            for document, reading in zip(documents, readings, strict=True)
            if reading.answers >= least
        ]


def _excerpt(document: Document) -> Excerpt:
    """A document as the reader reads it."""
    metadata: Mapping[str, Any] = document.metadata
    headings = metadata.get("heading_path") or ()
    heading = str(headings[-1]) if headings and isinstance(headings, list | tuple) else ""
    title, header = (str(metadata.get(name) or "") for name in ("title", "table_header"))
    return Excerpt(document.page_content, title, heading, header)
