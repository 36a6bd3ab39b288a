"""Vectors in Chroma: one collection per access class, so that a filter costs nothing and cannot be forgotten.

Only ids and vectors are stored; texts stay in the catalogue. The collections lie in a folder of this machine
(`embedded.py`) or on a server (`server.py`). Small collections are compared vector by vector: what is found then
depends on the vectors alone, not on the order in which a graph was built, so that a restored or rebuilt index finds the
same. Nothing here knows what a chunk says, nor where the collections are.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.index.embedded import EmbeddedStore

if TYPE_CHECKING:
    import numpy as np


#: A collection of at most so many vectors is compared exactly.
EXACT = 5_000
#: Vectors of such collections that are held in memory (3 kB each); those used least lately are read again.
_HELD = 40_000


class Store(Protocol):
    """Where collections are kept. `prefix` begins the names of ours; `batch` is the most rows of one request."""

    @property
    def prefix(self) -> str: ...  # noqa: D102

    @property
    def batch(self) -> int: ...  # noqa: D102

    @property
    def client(self) -> Any:
        """Chroma's client, opened at first use."""

    def close(self) -> None:
        """Release what is held; it is opened again when it is needed."""

    def reopen(self) -> None:
        """See what other processes have written since."""

    def is_made(self) -> bool:
        """Whether there is a store."""

    def collections(self) -> Sequence[Any]:
        """List the collections of this index."""

    def held(self) -> AbstractContextManager[None]:
        """Hold the store for one use; errors of libraries become ours."""

    def writing(self) -> AbstractContextManager[None]:
        """Hold what a change needs."""

    def delete(self, collection: Any, ids: Sequence[str]) -> None:
        """Remove vectors that are there."""

    def purge(self) -> None:
        """Erase what removed vectors left."""

    def erase(self) -> None:
        """Remove all collections of ours."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Vectors in the order of their ids: shape (len(ids), dimensions), None when there are none."""

    ids: list[str]
    matrix: np.ndarray | None

    def nearest(self, embedding: np.ndarray, top_k: int) -> list[tuple[str, float]]:
        """The best by cosine; of equal ones those whose id comes first."""
        import numpy as np

        if self.matrix is None:
            return []
        cosines = self.matrix @ embedding.astype(np.float32)
        best = np.argsort(-cosines, kind="stable")[:top_k]
        return [(self.ids[at], float(cosines[at])) for at in best]


_OF_THIS_PROCESS: weakref.WeakSet[Vectors] = weakref.WeakSet()


class Vectors:
    """The vectors of one index, in a folder or in another store. Vectors are unit length, distance is cosine."""

    def __init__(self, store: Store | Path) -> None:
        self._store: Store = EmbeddedStore(store) if isinstance(store, Path) else store
        self._known: dict[str, Any] = {}
        _OF_THIS_PROCESS.add(self)
        self._small: OrderedDict[str, _Rows | None] = OrderedDict()

    def close(self) -> None:
        """Release what is held; it is opened again when it is needed."""
        self._store.close()
        self._forget()

    def reopen(self) -> None:
        """See what other processes have written since."""
        self._store.reopen()
        self._forget()

    def _have_others_let_go(self) -> None:
        """Close the others of this process that have the same folder open: Chroma shares one store among them.

        A server reads while a thread of it writes. Within `held`, where nobody else uses the store.
        """
        folder = getattr(self._store, "folder", None)
        for other in list(_OF_THIS_PROCESS):
            if other is not self and folder is not None and getattr(other._store, "folder", None) == folder:
                other.close()

    def _forget(self) -> None:
        self._known = {}
        self._small.clear()

    @property
    def _client(self) -> Any:
        return self._store.client

    def held(self) -> AbstractContextManager[None]:
        """Hold the store for one use. Raises IndexCorrupt, IndexNotWritten (a full disk) or VectorsAway (a server)."""
        return self._store.held()

    def _name(self, access_class: str) -> str:
        return f"{self._store.prefix}class-{access_class}"

    def _collection(self, access_class: str) -> Any:
        return self._client.get_or_create_collection(
            self._name(access_class), embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def _existing(self, access_class: str) -> Any | None:
        if not self._store.is_made():
            return None
        names = {collection.name for collection in self._store.collections()}
        return self._collection(access_class) if self._name(access_class) in names else None

    def add(self, access_class: str, ids: Sequence[str], embeddings: np.ndarray) -> None:
        """Insert or replace vectors, shape (len(ids), dimensions)."""
        with self.held(), self._store.writing():
            self._small.clear()
            collection = self._collection(access_class)
            for part in self._parts(ids):
                collection.upsert(ids=list(ids[part]), embeddings=embeddings[part])

    def get(self, access_class: str, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """Read the stored vectors of these ids; what is not there is missing from the result."""
        import numpy as np

        found: dict[str, np.ndarray] = {}
        with self.held():
            collection = self._existing(access_class)
            for part in self._parts(ids) if collection else ():
                rows = collection.get(ids=list(ids[part]), include=["embeddings"])  # type: ignore[union-attr]
                found |= dict(zip(rows["ids"], np.asarray(rows["embeddings"], dtype=np.float32), strict=True))
        return found

    def remove(self, access_class: str, ids: Sequence[str]) -> None:
        """Remove vectors for good; ids that are not there are passed over."""
        with self.held(), self._store.writing():
            self._small.clear()
            collection = self._existing(access_class)
            for part in self._parts(ids) if collection else ():
                assert collection is not None
                if there := collection.get(ids=list(ids[part]), include=[])["ids"]:
                    self._store.delete(collection, there)

    def search(self, embedding: np.ndarray, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """Find `(id, cosine similarity)` over the collections of these access classes, best first."""
        from chromadb.errors import NotFoundError

        with self.held():
            if not self._store.is_made():
                return []
            try:
                found = self._nearest(embedding, classes, top_k)
            except NotFoundError:  # another process has made a collection anew
                self._forget()
                found = self._nearest(embedding, classes, top_k)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:top_k]

    def _nearest(self, embedding: np.ndarray, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """The nearest of each collection. Collections stay known: looking them up costs more than the search."""
        names = [self._name(access_class) for access_class in classes]
        if not self._known.keys() >= set(names):
            self._known = {collection.name: collection for collection in self._store.collections()}
        found: list[tuple[str, float]] = []
        for name in names:
            if collection := self._known.get(name):
                if rows := self._rows(name, collection):
                    found += rows.nearest(embedding, top_k)
                    continue
                near = collection.query(query_embeddings=embedding[None], n_results=top_k, include=["distances"])
                found += zip(near["ids"][0], (1.0 - distance for distance in near["distances"][0]), strict=True)
        return found

    def _rows(self, name: str, collection: Any) -> _Rows | None:
        """All vectors of a collection, None of a large one. Read once until something is written or reopened."""
        import numpy as np

        if name not in self._small:
            self._small[name] = None
            if collection.count() <= EXACT:
                pages = list(self._pages(collection, ["embeddings"]))
                ids = [each for page in pages for each in page["ids"]]
                order = sorted(range(len(ids)), key=ids.__getitem__)
                read = [np.asarray(page["embeddings"], dtype=np.float32) for page in pages]
                self._small[name] = _Rows([ids[at] for at in order], np.concatenate(read)[order] if read else None)
        self._small.move_to_end(name)
        while len(self._small) > 1 and sum(len(rows.ids) for rows in self._small.values() if rows) > _HELD:
            self._small.popitem(last=False)
        return self._small[name]

    def ids(self) -> dict[str, str]:
        """Read `{id: access_class}` of every vector."""
        found: dict[str, str] = {}
        if not self._store.is_made():
            return found
        ours = self._name("")
        with self.held():
            for collection in self._store.collections():
                for rows in self._pages(collection, []):
                    found |= dict.fromkeys(rows["ids"], collection.name.removeprefix(ours))
        return found

    def _pages(self, collection: Any, include: Sequence[str]) -> Iterator[Any]:
        """All rows of a collection, in parts that one request may have."""
        first = 0
        while (rows := collection.get(include=list(include), limit=self._store.batch, offset=first))["ids"]:
            yield rows
            first += len(rows["ids"])

    def _parts(self, ids: Sequence[str]) -> Iterator[slice]:
        return (slice(first, first + self._store.batch) for first in range(0, len(ids), self._store.batch))

    def purge(self) -> None:
        """Erase what removed vectors left on disk; on a server that is the server's own affair."""
        with self.held():
            self._have_others_let_go()
            self._store.purge()
            self._forget()

    def erase(self) -> None:
        """Remove all vectors of this index: for a store that cannot be used any more."""
        with self.held():
            self._have_others_let_go()
            self._forget()
            self._store.erase()
