"""An open index: catalogue and vectors together, one writer, and the check of what built it.

A reader sees what the writer has committed, at every question: documents at once, vectors within half a minute while
a run is under way and at once after it. Until a passage has its vector, only the lexical search finds it.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import (
    IndexCorrupt,
    IndexLocked,
    IndexMismatch,
    IndexMissing,
    IndexNotWritten,
    IndexStateError,
    PathError,
)
from assistant.index.catalog import SCHEMA_VERSION, Catalog
from assistant.index.progress import RunProgress, from_record
from assistant.index.tokens import Terms, tokenizer_version
from assistant.index.vectors import Vectors
from assistant.schema import Block, Chunk, Document

if TYPE_CHECKING:
    import numpy as np

_CATALOG = "catalog.sqlite3"
_VECTORS = "vectors"
_LOCK = "writer.lock"
_BUILT_WITH = ("schema", "embedder", "chunker", "tokenizer")
#: While a run is under way, a reader loads the vectors again after so many seconds.
_RELOAD_S = 30.0

_log = logging.getLogger(__name__)


def fingerprint(embedder: str, chunker: str) -> dict[str, str]:
    """What an index is made with; two indexes are comparable only when all of it is the same."""
    return dict(zip(_BUILT_WITH, (SCHEMA_VERSION, embedder, chunker, tokenizer_version()), strict=True))


def access_class_of(labels: Iterable[str]) -> str:
    """Name of a label set: documents with the same labels share one vector collection."""
    return hashlib.sha256("\n".join(sorted(set(labels))).encode()).hexdigest()[:16]


class Index:
    """Reads for anyone, writes for one process. All reads take the asker's labels: there is no read without them."""

    def __init__(self, folder: Path, catalog: Catalog, vectors: Vectors, *, writing: bool = False) -> None:
        self.folder = folder
        self.catalog = catalog
        self.vectors = vectors
        self.writing = writing
        self.closed = False
        self._lock = threading.RLock()
        self._generation = catalog.generation()
        self._loaded_at = time.monotonic()
        self._file = _file_id(folder)

    def close(self) -> None:
        """Release the files."""
        self.closed = True
        self.catalog.close()
        self.vectors.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # --- reads ----------------------------------------------------------------------------------------------

    def documents(self, labels: Iterable[str]) -> list[Document]:
        """The documents that a holder of `labels` may see, by id."""
        with self._lock:
            return self.catalog.documents(self.catalog.visible_classes(labels))

    def document_text(self, document_id: str, labels: Iterable[str]) -> tuple[Document, str] | None:
        """A document with its stored text; None when there is none that a holder of `labels` may see."""
        with self._lock:
            return self.catalog.document_text(document_id, self.catalog.visible_classes(labels))

    def blocks(self, document_id: str, start: int, end: int, labels: Iterable[str]) -> list[Block]:
        """Blocks that overlap `start:end` of a document's stored text."""
        with self._lock:
            return self.catalog.blocks(document_id, start, end, self.catalog.visible_classes(labels))

    def search_words(self, question: Terms, labels: Iterable[str], top_k: int) -> list[tuple[str, float]]:
        """Lexical search: `(chunk_id, BM25)`."""
        with self._lock:
            self._follow()
            return self.catalog.search(question, self.catalog.visible_classes(labels), top_k)

    def search_vectors(self, embedding: np.ndarray, labels: Iterable[str], top_k: int) -> list[tuple[str, float]]:
        """Dense search: `(chunk_id, cosine)`. Passages without a vector are not found.

        While a run is under way, vectors that cannot be searched at the moment are no error: the result is empty then.
        """
        with self._lock:
            self._follow()
            classes = self.catalog.visible_classes(labels)
            try:
                self._load_news()
                nearest = self.vectors.search(embedding, classes, top_k)
            except IndexCorrupt as exc:
                made_anew = _file_id(self.folder) != self._file
                if self.writing or (self.progress() is None and not made_anew):
                    raise
                _log.warning("Answering from words alone: %s", exc.message)
                self.vectors.reopen()
                return []
            chunks = self.catalog.chunks_of_vectors([vector_id for vector_id, _ in nearest], classes)
        return [(chunk_id, cosine) for vector_id, cosine in nearest for chunk_id in chunks.get(vector_id, ())][:top_k]

    def _follow(self) -> None:
        """Change over to an index that was made anew in this folder, as soon as it is complete."""
        if self.writing or (now := _file_id(self.folder)) in (self._file, None):
            return
        try:
            new = Catalog(self.folder / _CATALOG, create=False)
        except IndexStateError:  # it is being made
            return
        ours, theirs = ({k: v for k, v in each.meta().items() if k in _BUILT_WITH} for each in (self.catalog, new))
        incomplete = new.generation() == "0" or from_record(new.progress()) is not None
        if ours != theirs or incomplete:
            new.close()
            return
        self.catalog.close()
        self.catalog, self._file = new, now
        self.vectors.reopen()
        self._generation, self._loaded_at = new.generation(), time.monotonic()

    def _load_news(self) -> None:
        """Look at the vectors anew when another process has changed them."""
        generation = self.catalog.generation()
        if self.writing or generation == self._generation:
            return
        if time.monotonic() - self._loaded_at > _RELOAD_S or self.progress() is None:
            self.vectors.reopen()
            self._generation, self._loaded_at = generation, time.monotonic()

    def progress(self) -> RunProgress | None:
        """How far the run is that is writing this index; None when none is under way."""
        with self._lock:
            return from_record(self.catalog.progress())

    def chunks(self, chunk_ids: Sequence[str], labels: Iterable[str]) -> dict[str, tuple[Chunk, Document]]:
        """Chunks with their documents. Ids that are gone, or not visible, are missing from the result."""
        with self._lock:
            return self.catalog.chunks(chunk_ids, self.catalog.visible_classes(labels))

    def owners(self, chunk_ids: Sequence[str], labels: Iterable[str]) -> dict[str, Document]:
        """The chunks' documents, without any text. Ids that are gone, or not visible, are missing."""
        with self._lock:
            return self.catalog.owners(chunk_ids, self.catalog.visible_classes(labels))

    def terms_of(self, chunk_ids: Sequence[str], labels: Iterable[str]) -> dict[str, frozenset[str]]:
        """Words and identifiers (as `terms` gives them) of the chunks, their titles and headings."""
        with self._lock:
            return self.catalog.terms_of(chunk_ids, self.catalog.visible_classes(labels))

    def document_frequency(self, words: Iterable[str], labels: Iterable[str]) -> tuple[dict[str, int], int]:
        """In how many visible chunks each term occurs; and the number of visible chunks."""
        with self._lock:
            return self.catalog.document_frequency(words, self.catalog.visible_classes(labels))

    def counts(self, labels: Iterable[str]) -> dict[str, int]:
        """Visible `documents`, `chunks`, and chunks still `waiting` for their vector."""
        with self._lock:
            return self.catalog.counts(self.catalog.visible_classes(labels))

    # --- differences between catalogue and vectors ----------------------------------------------------------

    def differences(self) -> dict[str, list[str]]:
        """`missing`: acknowledged vectors that are absent; `orphaned`: vectors that were never acknowledged."""
        with self._lock:
            stored, vectors = self.catalog.stored(), self.vectors.ids()
        missing = [i for i, access in stored.items() if vectors.get(i) != access]
        orphaned = [i for i, access in vectors.items() if stored.get(i) != access]
        return {"missing": sorted(missing), "orphaned": sorted(orphaned)}


def _file_id(folder: Path) -> int | None:
    """Which file the catalogue of `folder` is; None when there is none."""
    try:
        return (folder / _CATALOG).stat().st_ino
    except OSError:
        return None


def _check(catalog: Catalog, expected: Mapping[str, str], folder: Path) -> None:
    meta = catalog.meta()
    for key, wanted in expected.items():
        if meta.get(key) != wanted:
            raise IndexMismatch(
                f"The index {folder} was built with {key} '{meta.get(key, 'unknown')}', but '{wanted}' is set now.",
                "Run `assistant ingest --rebuild` to build it again, or choose another folder with --index.",
            )


def open_index(folder: Path, expected: Mapping[str, str]) -> Index:
    """Open an index for reading. Raises IndexMissing, IndexMismatch or IndexCorrupt."""
    if not (folder / _CATALOG).is_file():
        raise IndexMissing(f"There is no index in {folder}.", "Run `assistant ingest` first, or name one with --index.")
    catalog = Catalog(folder / _CATALOG, create=False)
    try:
        _check(catalog, expected, folder)
        return Index(folder, catalog, Vectors(folder / _VECTORS))
    except Exception:
        catalog.close()
        raise


@contextmanager
def write_index(folder: Path, expected: Mapping[str, str], *, rebuild: bool = False) -> Iterator[Index]:
    """Open an index for writing, made when there is none; holds the writer lock until the end.

    `rebuild` empties it first. Raises IndexLocked when another process writes, IndexMismatch when something else
    built it and `rebuild` is not set, PathError when the folder cannot be made.
    """
    import shutil

    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise PathError(f"The index folder {folder} cannot be made ({exc.strerror}).", "Choose another.") from exc
    lock = FileLock(folder / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as exc:
        raise IndexLocked(
            f"Another process is writing the index {folder}.", "Wait until it has finished, then run this again."
        ) from exc
    try:
        if rebuild:
            shutil.rmtree(folder / _VECTORS, ignore_errors=True)
            for name in (_CATALOG, f"{_CATALOG}-wal", f"{_CATALOG}-shm"):
                (folder / name).unlink(missing_ok=True)
        catalog = Catalog(folder / _CATALOG, create=True)
        try:
            if not catalog.meta():
                catalog.set_meta(expected)
            _check(catalog, expected, folder)
        except Exception:
            catalog.close()
            raise
        with Index(folder, catalog, Vectors(folder / _VECTORS), writing=True) as index:
            yield index
            if not index.closed:
                with suppress(IndexNotWritten):  # a full disk: the index is whole, only slower
                    catalog.merge_segments()
    finally:
        lock.release()
