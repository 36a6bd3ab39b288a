"""An open index: catalogue and vectors together, one writer, and the check of what built it.

A reader sees what the writer has committed, at every question: documents at once, vectors within half a minute while
a run is under way and at once after it. Until a passage has its vector, only the lexical search finds it.
"""

from __future__ import annotations

import hashlib
import logging
import shlex
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from assistant.errors import (
    IndexCorrupt,
    IndexMismatch,
    IndexMissing,
    IndexNotWritten,
    IndexStateError,
)
from assistant.index.catalog import Catalog
from assistant.index.database import SCHEMA_VERSION, Database
from assistant.index.ledger import Ledger
from assistant.index.migrations import STEPS
from assistant.index.places import (
    PLACE,
    VECTORS,
    name_on_server,
    vectors_for_reading,
    vectors_for_writing,
)
from assistant.index.progress import RunProgress, from_record
from assistant.index.read_only import CATALOG, copied_for_reading, is_writable
from assistant.index.server import ChromaServer
from assistant.index.vectors import Vectors
from assistant.index.visible import Visible
from assistant.index.writer import Waits, writer_lock
from assistant.text.tokens import tokenizer_version

if TYPE_CHECKING:
    import numpy as np

BUILT_WITH = ("schema", "embedder", "chunker", "tokenizer")
#: While a run is under way, a reader loads the vectors again after so many seconds.
_RELOAD_S = 30.0

_log = logging.getLogger(__name__)


def fingerprint(embedder: str, chunker: str) -> dict[str, str]:
    """Tell what an index is made with; two indexes are comparable only when all of it is the same."""
    return dict(zip(BUILT_WITH, (SCHEMA_VERSION, embedder, chunker, tokenizer_version()), strict=True))


def access_class_of(labels: Iterable[str]) -> str:
    """Name a label set: documents with the same labels share one vector collection."""
    return hashlib.sha256("\n".join(sorted(set(labels))).encode()).hexdigest()[:16]


class Index:
    """Reads for anyone, writes for one process. Read it through `seen_by`: no read is without the asker's labels."""

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        vectors: Vectors,
        *,
        writing: bool = False,
        copy: TemporaryDirectory[str] | None = None,
    ) -> None:
        self._copy = copy
        self.folder = folder
        self.catalog = catalog
        self.vectors = vectors
        self.writing = writing
        self.closed = False
        self._lock = threading.RLock()
        self._generation = catalog.ledger.generation()
        self._loaded_at = time.monotonic()
        self._file = _file_id(folder)

    def close(self) -> None:
        """Release the files."""
        self.closed = True
        self.catalog.close()
        self.vectors.close()
        if self._copy is not None:
            self._copy.cleanup()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def is_copy(self) -> bool:
        """Whether this is a copy of an index that may not be written."""
        return self._copy is not None

    @property
    def ledger(self) -> Ledger:
        """The account of runs in the catalogue."""
        return self.catalog.ledger

    @property
    def database(self) -> Database:
        """The catalogue's file."""
        return self.catalog.database

    # --- reads ----------------------------------------------------------------------------------------------

    def seen_by(self, labels: Iterable[str]) -> Visible:
        """Give the reads of a holder of `labels`; there are no others."""
        return Visible(self, frozenset(labels))

    @contextmanager
    def held(self, *, follow: bool = False) -> Iterator[Catalog]:
        """Hold the catalogue for one read; `follow`: change over first to an index made anew in this folder."""
        with self._lock:
            if follow:
                self._follow()
            yield self.catalog

    def nearest(self, embedding: np.ndarray, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """Find the nearest vectors of these access classes: `(vector_id, cosine)`, best first.

        Empty while they cannot be searched because a run is under way. Raises IndexCorrupt, VectorsAway.
        """
        with self._lock:
            try:
                self._load_news()
                found = self.vectors.search(embedding, classes, top_k)
                if not found and self.ledger.has_stored(classes):
                    raise IndexCorrupt(
                        f"The vectors of the index {self.folder} are gone.", "Run `assistant doctor --repair`."
                    )
                return found
            except IndexCorrupt as exc:
                made_anew = _file_id(self.folder) != self._file
                if self.writing or (self.progress() is None and not made_anew):
                    raise
                _log.warning("Answering from words alone: %s", exc.message)
                self.vectors.reopen()
                return []

    def _follow(self) -> None:
        """Change over to an index that was made anew in this folder, as soon as it is complete."""
        if self.writing or (now := _file_id(self.folder)) in (self._file, None):
            return
        try:
            new = Catalog(self.folder / CATALOG, create=False)
        except IndexStateError:  # it is being made
            return
        ours, theirs = self.database.meta(), new.database.meta()
        incomplete = new.ledger.generation() == "0" or from_record(new.ledger.progress()) is not None
        if any(ours.get(part) != theirs.get(part) for part in (*BUILT_WITH, PLACE)) or incomplete:
            new.close()
            return
        self.catalog.close()
        self.catalog, self._file = new, now
        self.vectors.reopen()
        self._generation, self._loaded_at = new.ledger.generation(), time.monotonic()

    def _load_news(self) -> None:
        """Look at the vectors anew when another process has changed them."""
        generation = self.ledger.generation()
        if self.writing or generation == self._generation:
            return
        if time.monotonic() - self._loaded_at > _RELOAD_S or self.progress() is None:
            self.vectors.reopen()
            self._generation, self._loaded_at = generation, time.monotonic()

    def progress(self) -> RunProgress | None:
        """Tell how far the run is that is writing this index; None when none is under way."""
        with self._lock:
            return from_record(self.ledger.progress())

    # --- differences between catalogue and vectors ----------------------------------------------------------

    def differences(self) -> dict[str, list[str]]:
        """List vectors that are acknowledged but absent (`missing`), and those never acknowledged (`orphaned`)."""
        with self._lock:
            stored, vectors = self.ledger.stored(), self.vectors.ids()
        missing = [i for i, access in stored.items() if vectors.get(i) != access]
        orphaned = [i for i, access in vectors.items() if stored.get(i) != access]
        return {"missing": sorted(missing), "orphaned": sorted(orphaned)}


def _file_id(folder: Path) -> int | None:
    """Which file the catalogue of `folder` is; None when there is none."""
    try:
        return (folder / CATALOG).stat().st_ino
    except OSError:
        return None


def _check(catalog: Catalog, expected: Mapping[str, str], folder: Path) -> None:
    meta = catalog.database.meta()
    for key, wanted in expected.items():
        if meta.get(key) != wanted:
            command = shlex.join(["assistant", "ingest", "--rebuild", *catalog.ledger.roots()])
            raise IndexMismatch(
                f"The index {folder} was built with {key} '{meta.get(key, 'unknown')}', but '{wanted}' is set now.",
                f"Run `{command}` to build it again from the folders that it was made of, or choose another with "
                "--index. Conversations and users stay as they are.",
            )


def _other_words(catalog: Catalog, expected: Mapping[str, str]) -> bool:
    """Whether another tokenizer found the words, and all else was made as today: then only they are found anew."""
    meta = catalog.database.meta()
    differing = {part for part in expected if part != "schema" and meta.get(part) != expected[part]}
    return differing == {"tokenizer"} and meta.get("schema") in (expected["schema"], *STEPS)


def _bring_up_to_date(catalog: Catalog, expected: Mapping[str, str]) -> None:
    """Find the words again if a tokenizer of before found them; opening for writing has changed the schema."""
    if _other_words(catalog, expected):
        _log.warning("Finding the words of all passages again, with the tokenizer of this version.")
        catalog.find_words_anew(expected["tokenizer"])


def open_index(folder: Path, expected: Mapping[str, str], *, server: ChromaServer | None = None) -> Index:
    """Open an index for reading, with its vectors on `server` if that is given.

    One of an earlier version is brought up to date first.

    Raises IndexMissing, IndexMismatch, IndexLocked or IndexCorrupt.

    Reading needs small files beside those of the index, so one that may not be written is read from a copy, made anew
    at each start; what is written to the original later is not seen.
    """
    if not (folder / CATALOG).is_file():
        raise IndexMissing(f"There is no index in {folder}.", "Run `assistant ingest` first, or name one with --index.")
    copy = None if is_writable(folder) else copied_for_reading(folder)
    place = Path(copy.name) if copy else folder
    try:
        catalog = Catalog(place / CATALOG, create=False)
        try:
            if catalog.database.meta().get("schema") in STEPS or _other_words(catalog, expected):
                with writer_lock(place), closing(Catalog(place / CATALOG, create=True)) as writable:
                    _bring_up_to_date(writable, expected)
            _check(catalog, expected, folder)
            return Index(place, catalog, vectors_for_reading(catalog, folder, place, server), copy=copy)
        except Exception:
            catalog.close()
            raise
    except Exception:
        if copy:
            copy.cleanup()
        raise


@contextmanager
def write_index(
    folder: Path,
    expected: Mapping[str, str],
    *,
    rebuild: bool = False,
    server: ChromaServer | None = None,
    who: str = "",
    waits: Waits | None = None,
) -> Iterator[Index]:
    """Open an index for writing, made when there is none; holds the writer lock until the end.

    Its vectors are brought to `server` if that is given. `rebuild` empties it first; `who` and `waits` are those of
    `writer_lock`. Raises IndexLocked when another process writes, IndexMismatch when something else built it and
    `rebuild` is not set, PathError when the folder cannot be made, VectorsAway.
    """
    import shutil

    with writer_lock(folder, who=who, waits=waits):
        kept = name_on_server(folder / CATALOG) if rebuild and server else ""
        if rebuild:
            shutil.rmtree(folder / VECTORS, ignore_errors=True)
            for name in (CATALOG, f"{CATALOG}-wal", f"{CATALOG}-shm"):
                (folder / name).unlink(missing_ok=True)
        catalog = Catalog(folder / CATALOG, create=True)
        try:
            if not catalog.database.meta():
                catalog.database.set_meta({**expected, PLACE: kept} if kept else expected)
            _bring_up_to_date(catalog, expected)
            _check(catalog, expected, folder)
            vectors = vectors_for_writing(catalog, folder, server)
            if kept:
                vectors.erase()
        except Exception:
            catalog.close()
            raise
        with Index(folder, catalog, vectors, writing=True) as index:
            yield index
            if not index.closed:
                with suppress(IndexNotWritten):  # a full disk: the index is whole, only slower
                    catalog.database.merge_segments()
