"""Vectors in Chroma: one collection per access class, so that a filter costs nothing and cannot be forgotten.

Only ids and vectors are stored; texts stay in the catalogue. Chroma's persistent client allows one writing process:
the caller holds the index's writer lock. Nothing here knows what a chunk says.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import IndexCorrupt

if TYPE_CHECKING:
    import numpy as np

#: Rows per call; Chroma 1.5 refuses more than 5,461.
_BATCH = 4000


class Vectors:
    """The vector store of one index folder. Vectors are unit length, distance is cosine."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        logging.getLogger("chromadb.telemetry").setLevel(logging.CRITICAL)
        try:
            self._client: Any = chromadb.PersistentClient(
                path=str(folder), settings=ChromaSettings(anonymized_telemetry=False)
            )
        except Exception as exc:  # chromadb raises its own, sqlite's and pyo3's errors here
            raise IndexCorrupt(
                f"The vector store {folder} cannot be opened ({exc}).",
                "Run `assistant ingest --rebuild` to make the index again from the documents.",
            ) from exc

    def close(self) -> None:
        """Release the files."""
        self._client.close()

    def _collection(self, access_class: str) -> Any:
        return self._client.get_or_create_collection(
            f"class-{access_class}", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def _existing(self, access_class: str) -> Any | None:
        names = {collection.name for collection in self._client.list_collections()}
        return self._collection(access_class) if f"class-{access_class}" in names else None

    def add(self, access_class: str, chunk_ids: Sequence[str], embeddings: np.ndarray) -> None:
        """Insert or replace vectors, shape (len(chunk_ids), dimensions)."""
        collection = self._collection(access_class)
        for first in range(0, len(chunk_ids), _BATCH):
            part = slice(first, first + _BATCH)
            collection.upsert(ids=list(chunk_ids[part]), embeddings=embeddings[part])

    def remove(self, access_class: str, chunk_ids: Sequence[str]) -> None:
        """Remove vectors; ids that are not there are passed over."""
        collection = self._existing(access_class)
        for first in range(0, len(chunk_ids) if collection else 0, _BATCH):
            collection.delete(ids=list(chunk_ids[first : first + _BATCH]))  # type: ignore[union-attr]

    def search(self, embedding: np.ndarray, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """`(chunk_id, cosine similarity)` over the collections of these access classes, best first."""
        found: list[tuple[str, float]] = []
        for access_class in classes:
            collection = self._existing(access_class)
            if collection is None or not (rows := collection.count()):
                continue
            result = collection.query(
                query_embeddings=[embedding.tolist()], n_results=min(top_k, rows), include=["distances"]
            )
            found += [
                (chunk_id, 1.0 - distance)
                for chunk_id, distance in zip(result["ids"][0], result["distances"][0], strict=True)
            ]
        return sorted(found, key=lambda pair: -pair[1])[:top_k]

    def ids(self) -> dict[str, str]:
        """Of every vector: `{chunk_id: access_class}`."""
        found = {}
        for collection in self._client.list_collections():
            for chunk_id in collection.get(include=[])["ids"]:
                found[chunk_id] = collection.name.removeprefix("class-")
        return found
