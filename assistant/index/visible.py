"""What one asker may see of an open index.

Whoever takes a `Visible` cannot forget the asker's labels. Nothing is kept in it: each call asks the catalogue anew
which documents the labels admit, so that a document with other labels is gone at the next call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.schema import Block, Document, Passage
from assistant.text.tokens import Terms

if TYPE_CHECKING:
    import numpy as np

    from assistant.index.catalog import Catalog
    from assistant.index.store import Index


@dataclass(frozen=True, slots=True)
class Visible:
    """The reads of an index for a holder of `labels`; `Index.seen_by` makes it."""

    _index: Index = field(repr=False)
    labels: frozenset[str]

    @contextmanager
    def _reading(self, *, follow: bool = False) -> Iterator[tuple[Catalog, list[str]]]:
        """The catalogue with the access classes that the labels admit at this moment."""
        with self._index.held(follow=follow) as catalog:
            yield catalog, catalog.visible_classes(self.labels)

    def documents(self) -> list[Document]:
        """List the documents, by id."""
        with self._reading() as (catalog, classes):
            return catalog.documents(classes)

    def document_text(self, document_id: str) -> tuple[Document, str] | None:
        """Read a document with its stored text; None when there is none, or none for these labels."""
        with self._reading() as (catalog, classes):
            return catalog.document_text(document_id, classes)

    def document_file(self, document_id: str) -> tuple[Path, str] | None:
        """Tell where a document's file lies on this machine and the SHA-256 it had; None as for `document_text`."""
        with self._reading() as (catalog, classes):
            return catalog.document_file(document_id, classes)

    def blocks(self, document_id: str, start: int, end: int) -> list[Block]:
        """Read the blocks that overlap `start:end` of a document's stored text."""
        with self._reading() as (catalog, classes):
            return catalog.blocks(document_id, start, end, classes)

    def search_words(self, question: Terms, top_k: int) -> list[tuple[str, float]]:
        """Search the words: `(chunk_id, BM25)`, best first."""
        with self._reading(follow=True) as (catalog, classes):
            return catalog.search(question, classes, top_k)

    def search_vectors(self, embedding: np.ndarray, top_k: int) -> list[tuple[str, float]]:
        """Search the vectors: `(chunk_id, cosine)`, best first. Passages without a vector are not found.

        While a run is under way, vectors that cannot be searched at the moment are no error: the result is empty then.
        """
        with self._reading(follow=True) as (catalog, classes):
            nearest = self._index.nearest(embedding, classes, top_k)
            chunks = catalog.chunks_of_vectors([vector_id for vector_id, _ in nearest], classes)
        return [(chunk_id, cosine) for vector_id, cosine in nearest for chunk_id in chunks.get(vector_id, ())][:top_k]

    def chunks(self, chunk_ids: Sequence[str]) -> dict[str, tuple[Passage, Document]]:
        """Read chunks with their documents. Ids that are gone, or not visible, are missing from the result."""
        with self._reading() as (catalog, classes):
            return catalog.chunks(chunk_ids, classes)

    def owners(self, chunk_ids: Sequence[str]) -> dict[str, Document]:
        """Read the chunks' documents, without any text. Ids that are gone, or not visible, are missing."""
        with self._reading() as (catalog, classes):
            return catalog.owners(chunk_ids, classes)

    def terms_of(self, chunk_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Read words and identifiers (as `terms` gives them) of the chunks, their titles and headings."""
        with self._reading() as (catalog, classes):
            return catalog.terms_of(chunk_ids, classes)

    def document_frequency(self, words: Iterable[str]) -> tuple[dict[str, int], int]:
        """Count in how many visible chunks each term occurs; and the visible chunks."""
        with self._reading() as (catalog, classes):
            return catalog.document_frequency(words, classes)

    def counts(self) -> dict[str, int]:
        """Count visible `documents`, `chunks`, and chunks still `waiting` for their vector."""
        with self._reading() as (catalog, classes):
            return catalog.counts(classes)

    def summary(self) -> dict[str, Any]:
        """Count as `counts` does, and `collections` (documents of each); tell `newest_effective_date` (ISO or '')."""
        documents = self.documents()
        return {
            **self.counts(),
            "newest_effective_date": max((document.effective_date for document in documents), default=""),
            "collections": dict(Counter(document.collection for document in documents)),
        }
