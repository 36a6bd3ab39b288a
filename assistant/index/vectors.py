"""Vectors in Chroma: one collection per access class, so that a filter costs nothing and cannot be forgotten.

Only ids and vectors are stored; texts stay in the catalogue. Chroma allows one writing process (the caller holds the
index's writer lock) and its readers in other processes see neither new vectors nor whether a file is half written.
So every use takes a short lock between processes, and `reopen` lets a reader see what was written since. What is
removed is overwritten first, because Chroma keeps deleted vectors and ids in its files; `purge` then writes those
files anew. Nothing here knows what a chunk says.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import IndexCorrupt, IndexNotWritten

if TYPE_CHECKING:
    import numpy as np

#: Rows per call; Chroma 1.5 refuses more than 5,461.
_BATCH = 4000
_DATABASE = "chroma.sqlite3"
#: Longest wait for another process to finish with the store, in seconds.
_WAIT_S = 20.0
#: glibc's mallopt: fill memory that is given out.
_M_PERTURB = -6
#: Changes after which Chroma writes a collection's files; its own default, and the least it takes.
_SYNC_NORMAL = {"sync_threshold": 1000, "batch_size": 100}
_SYNC_AT_ONCE = {"sync_threshold": 2, "batch_size": 2}


class Vectors:
    """The vector store of one index folder, opened at first use. Vectors are unit length, distance is cosine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opened: Any = None
        self._known: dict[str, Any] = {}

    def close(self) -> None:
        """Release the files; they are opened again when they are needed."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
            self._known = {}

    reopen = close

    @property
    def _client(self) -> Any:
        if self._opened is None:
            import chromadb
            from chromadb.config import Settings as ChromaSettings

            logging.getLogger("chromadb.telemetry").setLevel(logging.CRITICAL)
            self._opened = chromadb.PersistentClient(
                path=str(self.folder), settings=ChromaSettings(anonymized_telemetry=False)
            )
        return self._opened

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process touches the store meanwhile. Raises IndexCorrupt or, for a full disk, IndexNotWritten."""
        from filelock import FileLock, Timeout

        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.folder}.lock").acquire(timeout=_WAIT_S, poll_interval=0.01):
                yield
        except Timeout as exc:
            raise IndexCorrupt(
                f"The vector store {self.folder} is held by another process.", "Wait until it has finished."
            ) from exc
        except (IndexCorrupt, IndexNotWritten):
            raise
        except Exception as exc:  # chromadb raises its own, sqlite's, pyo3's and plain errors
            if _refused_by_disk(exc):
                raise IndexNotWritten(
                    f"The vector store cannot be written ({exc}).",
                    "Make room on the disk or mend it, then run `assistant ingest` again: it goes on where it stopped.",
                ) from exc
            raise IndexCorrupt(
                f"The vector store {self.folder} cannot be used ({exc}).",
                "Run `assistant doctor --repair`, which makes the vectors again.",
            ) from exc

    def _collection(self, access_class: str) -> Any:
        return self._client.get_or_create_collection(
            f"class-{access_class}", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def _existing(self, access_class: str) -> Any | None:
        if not (self.folder / _DATABASE).is_file():  # opening would make one
            return None
        names = {collection.name for collection in self._client.list_collections()}
        return self._collection(access_class) if f"class-{access_class}" in names else None

    def add(self, access_class: str, ids: Sequence[str], embeddings: np.ndarray) -> None:
        """Insert or replace vectors, shape (len(ids), dimensions)."""
        with self._alone(), _blank_memory():
            collection = self._collection(access_class)
            for first in range(0, len(ids), _BATCH):
                part = slice(first, first + _BATCH)
                collection.upsert(ids=list(ids[part]), embeddings=embeddings[part])

    def get(self, access_class: str, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The stored vectors of these ids; what is not there is missing from the result."""
        import numpy as np

        found: dict[str, np.ndarray] = {}
        with self._alone():
            collection = self._existing(access_class)
            for first in range(0, len(ids) if collection else 0, _BATCH):
                rows = collection.get(ids=list(ids[first : first + _BATCH]), include=["embeddings"])  # type: ignore[union-attr]
                found |= dict(zip(rows["ids"], np.asarray(rows["embeddings"], dtype=np.float32), strict=True))
        return found

    def remove(self, access_class: str, ids: Sequence[str]) -> None:
        """Overwrite and remove vectors; ids that are not there are passed over."""
        import numpy as np

        with self._alone(), _blank_memory():
            collection = self._existing(access_class)
            for first in range(0, len(ids) if collection else 0, _BATCH):
                assert collection is not None
                part = collection.get(ids=list(ids[first : first + _BATCH]), include=[])["ids"]
                if part:
                    dimensions = len(collection.get(limit=1, include=["embeddings"])["embeddings"][0])
                    collection.upsert(ids=part, embeddings=np.full((len(part), dimensions), 1.0, dtype=np.float32))
                    collection.delete(ids=part)

    def search(self, embedding: np.ndarray, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """`(id, cosine similarity)` over the collections of these access classes, best first."""
        from chromadb.errors import NotFoundError

        with self._alone():
            if not (self.folder / _DATABASE).is_file():  # opening would make one
                return []
            try:
                found = self._nearest(embedding, classes, top_k)
            except NotFoundError:  # another process has made a collection anew
                self._known = {}
                found = self._nearest(embedding, classes, top_k)
        return sorted(found, key=lambda pair: -pair[1])[:top_k]

    def _nearest(self, embedding: np.ndarray, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """The nearest of each collection. Collections stay known: looking them up costs more than the search."""
        names = [f"class-{access_class}" for access_class in classes]
        if not self._known.keys() >= set(names):
            self._known = {collection.name: collection for collection in self._client.list_collections()}
        found: list[tuple[str, float]] = []
        for name in names:
            if collection := self._known.get(name):
                rows = collection.query(query_embeddings=embedding[None], n_results=top_k, include=["distances"])
                found += zip(rows["ids"][0], (1.0 - distance for distance in rows["distances"][0]), strict=True)
        return found

    def ids(self) -> dict[str, str]:
        """Of every vector: `{id: access_class}`."""
        found: dict[str, str] = {}
        if not (self.folder / _DATABASE).is_file():
            return found
        with self._alone():
            for collection in self._client.list_collections():
                for chunk_id in collection.get(include=[])["ids"]:
                    found[chunk_id] = collection.name.removeprefix("class-")
        return found

    def purge(self) -> None:
        """Erase what removed vectors left in Chroma's files: its queue, its graphs and the free pages of its database.

        Every collection is written anew once (a few changes under a low threshold make Chroma do it), which also
        empties the queue; then the database is rebuilt without its free pages.
        """
        import numpy as np

        if not (self.folder / _DATABASE).is_file():
            return
        with self._alone(), _blank_memory():
            dimensions: dict[str, int] = {}
            for collection in self._client.list_collections():
                some = collection.get(limit=1, include=["embeddings"])["embeddings"]
                dimensions[collection.name] = len(some[0]) if len(some) else _dimension(self.folder, collection.name)
                collection.modify(configuration={"hnsw": _SYNC_AT_ONCE})
            self.reopen()  # the threshold counts from the next opening
            for collection in self._client.list_collections():
                if dimensions[collection.name]:
                    filling = [f"purge-{number}" for number in range(4)]
                    collection.upsert(ids=filling, embeddings=np.ones((4, dimensions[collection.name]), np.float32))
                    collection.delete(ids=filling)
                collection.modify(configuration={"hnsw": _SYNC_NORMAL})
            self.close()
            with contextlib.closing(sqlite3.connect(self.folder / _DATABASE, timeout=_WAIT_S)) as database:
                database.execute("VACUUM")

    def erase(self) -> None:
        """Remove the whole store: for one that cannot be used any more."""
        with self._alone():
            self.close()
            shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def _blank_memory() -> Iterator[None]:
    """New memory is filled with zeros meanwhile.

    Chroma writes whole buffers to its graph files, the unused part included, and so whatever this process had in that
    memory before: ids, and words of documents. glibc only; other systems give blank pages for buffers of this size.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        yield
        return
    mallopt(_M_PERTURB, 0xFF)  # glibc fills with the complement: zeros
    try:
        yield
    finally:
        mallopt(_M_PERTURB, 0)


def _dimension(folder: Path, name: str) -> int:
    """Dimensions of a collection that holds no vector at the moment; 0 when it never held one."""
    with contextlib.closing(sqlite3.connect(f"file:{folder / _DATABASE}?mode=ro", uri=True)) as database:
        row = database.execute("SELECT dimension FROM collections WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row and row[0] else 0


def _refused_by_disk(exc: Exception) -> bool:
    """Whether an error says that the disk is full or read-only; Chroma passes it on as text."""
    said = str(exc).lower()
    return any(sign in said for sign in ("disk is full", "no space left", "readonly", "read-only", "disk i/o error"))
