"""Collections in a folder of this machine: Chroma's persistent client, and what its files need.

Chroma allows one writing process (the caller holds the index's writer lock) and its readers in other processes see
neither new vectors nor whether a file is half written. So every use takes a short lock between processes, and `reopen`
lets a reader see what was written since. What is removed is overwritten first, because Chroma keeps deleted vectors and
ids in its files; `purge` then writes those files anew.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import shutil
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError, IndexCorrupt, IndexNotWritten

DATABASE = "chroma.sqlite3"
#: Longest wait for another process to finish with the store, in seconds.
_WAIT_S = 20.0
#: glibc's mallopt: fill memory that is given out.
_M_PERTURB = -6
#: Changes after which Chroma writes a collection's files; its own default, and the least it takes.
_SYNC_NORMAL = {"sync_threshold": 1000, "batch_size": 100}
_SYNC_AT_ONCE = {"sync_threshold": 2, "batch_size": 2}

#: Chroma counts who uses a store, and forgets it between two steps of opening one.
_OPENING = threading.RLock()


class EmbeddedStore:
    """The collections in `folder`, opened at first use. Only one index is there, so names need no prefix."""

    prefix = ""
    #: Chroma 1.5 refuses more than 5,461.
    batch = 4000

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opened: Any = None

    @property
    def client(self) -> Any:
        """Chroma's client."""
        with _OPENING:
            if self._opened is None:
                import chromadb
                from chromadb.config import Settings as ChromaSettings

                logging.getLogger("chromadb.telemetry").setLevel(logging.CRITICAL)
                self._opened = chromadb.PersistentClient(
                    path=str(self.folder), settings=ChromaSettings(anonymized_telemetry=False)
                )
            return self._opened

    def close(self) -> None:
        """Release the files; they are opened again when they are needed."""
        with _OPENING:
            opened, self._opened = self._opened, None
            if opened is not None:
                opened.close()

    reopen = close

    def is_made(self) -> bool:
        """Whether there is a store: opening would make one."""
        return (self.folder / DATABASE).is_file()

    def collections(self) -> Sequence[Any]:
        """List the collections."""
        return list(self.client.list_collections())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the store: no other process touches it meanwhile.

        Raises IndexCorrupt or, for a full disk, IndexNotWritten.
        """
        from filelock import FileLock, Timeout

        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.folder}.lock").acquire(timeout=_WAIT_S, poll_interval=0.01):
                yield
        except Timeout as exc:
            raise IndexCorrupt(
                f"The vector store {self.folder} is held by another process.", "Wait until it has finished."
            ) from exc
        except AssistantError:
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

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep what this process had in memory out of Chroma's files."""
        with _blank_memory():
            yield

    def delete(self, collection: Any, ids: Sequence[str]) -> None:
        """Overwrite vectors that are there, then remove them."""
        import numpy as np

        dimensions = len(collection.get(limit=1, include=["embeddings"])["embeddings"][0])
        collection.upsert(ids=list(ids), embeddings=np.full((len(ids), dimensions), 1.0, dtype=np.float32))
        collection.delete(ids=list(ids))

    def purge(self) -> None:
        """Erase what removed vectors left in Chroma's files: its queue, its graphs and the free pages of its database.

        Every collection is written anew once (a few changes under a low threshold make Chroma do it), which also
        empties the queue; then the database is rebuilt without its free pages.
        """
        import numpy as np

        if not self.is_made():
            return
        with _blank_memory():
            dimensions: dict[str, int] = {}
            for collection in self.client.list_collections():
                some = collection.get(limit=1, include=["embeddings"])["embeddings"]
                dimensions[collection.name] = len(some[0]) if len(some) else _dimension(self.folder, collection.name)
                collection.modify(configuration={"hnsw": _SYNC_AT_ONCE})
            self.reopen()  # the threshold counts from the next opening
            for collection in self.client.list_collections():
                if dimensions[collection.name]:
                    filling = [f"purge-{number}" for number in range(4)]
                    collection.upsert(ids=filling, embeddings=np.ones((4, dimensions[collection.name]), np.float32))
                    collection.delete(ids=filling)
                collection.modify(configuration={"hnsw": _SYNC_NORMAL})
            self.close()
            with contextlib.closing(sqlite3.connect(self.folder / DATABASE, timeout=_WAIT_S)) as database:
                database.execute("VACUUM")

    def erase(self) -> None:
        """Remove the whole store: for one that cannot be used any more."""
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
    with contextlib.closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as database:
        row = database.execute("SELECT dimension FROM collections WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row and row[0] else 0


def _refused_by_disk(exc: Exception) -> bool:
    """Whether an error says that the disk is full or read-only; Chroma passes it on as text."""
    said = str(exc).lower()
    return any(sign in said for sign in ("disk is full", "no space left", "readonly", "read-only", "disk i/o error"))
