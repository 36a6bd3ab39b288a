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
    IndexNotWritten,
    IndexStateError,
)
from assistant.index.catalog import Catalog
from assistant.index.database import SCHEMA_VERSION, Database
from assistant.index.homes import FolderHome, SchemaHome, home_of
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
from assistant.index.read_only import copied_for_reading, is_writable
from assistant.index.server import ChromaServer
from assistant.index.vectors import Vectors
from assistant.index.visible import Visible
from assistant.index.writer import Holder, Waits
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
        home: FolderHome | SchemaHome,
        catalog: Catalog,
        vectors: Vectors,
        *,
        writing: bool = False,
        copy: TemporaryDirectory[str] | None = None,
    ) -> None:
        self._copy = copy
        self.home = home
        self.folder = home.folder
        self.catalog = catalog
        self.vectors = vectors
        self.writing = writing
        self.closed = False
        self._lock = threading.RLock()
        self._generation = catalog.ledger.generation()
        self._loaded_at = time.monotonic()
        self._made, self._meta = home.made(catalog), catalog.database.meta()

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
        """The catalogue's database."""
        return self.catalog.database

    def holder(self) -> Holder | None:
        """Tell who writes the index; None when nobody does."""
        return self.home.holder()

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
                made_anew = self.home.made(self.catalog) != self._made
                if self.writing or (self.progress() is None and not made_anew):
                    raise
                _log.warning("Answering from words alone: %s", exc.message)
                self.vectors.reopen()
                return []

    def _follow(self) -> None:
        """Change over to an index that was made anew in this place, as soon as it is complete if the old one stays."""
        if self.writing or (now := self.home.made(self.catalog)) in (self._made, None):
            return
        try:
            new = self.home.catalog()
        except IndexStateError:  # it is being made
            return
        theirs = new.database.meta()
        incomplete = new.ledger.generation() == "0" or from_record(new.ledger.progress()) is not None
        other = any(self._meta.get(part, "") != theirs.get(part, "") for part in (*BUILT_WITH, PLACE))
        if other or (incomplete and not self.home.is_live):
            new.close()
            if not self.home.is_live:
                return
            raise IndexMismatch(
                f"The index {self.folder} was made anew with other settings.", "Start this program again."
            )
        self.catalog.close()
        self.catalog, self._made, self._meta = new, now, theirs
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


def open_index(
    folder: Path, expected: Mapping[str, str], *, server: ChromaServer | None = None, url: str = ""
) -> Index:
    """Open an index for reading: its vectors on `server`, its catalogue in the database at `url`, if these are given.

    One of an earlier version is brought up to date first.

    Raises IndexMissing, IndexMismatch, IndexLocked, IndexCorrupt or CatalogAway.

    Reading needs small files beside those of the index, so one that may not be written is read from a copy, made anew
    at each start; what is written to the original later is not seen.
    """
    home = home_of(folder, url)
    copy = None if url or not home.exists() or is_writable(folder) else copied_for_reading(folder)
    if copy:
        home = home_of(Path(copy.name))
    try:
        catalog = home.catalog()
        try:
            if catalog.database.meta().get("schema") in STEPS or _other_words(catalog, expected):
                with home.writing(), closing(home.catalog(create=True)) as writable:
                    _bring_up_to_date(writable, expected)
            _check(catalog, expected, folder)
            return Index(home, catalog, vectors_for_reading(catalog, folder, home.folder, server), copy=copy)
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
    url: str = "",
    who: str = "",
    waits: Waits | None = None,
) -> Iterator[Index]:
    """Open an index for writing, made when there is none; holds the writer lock until the end.

    Its vectors are brought to `server` if that is given; its catalogue is in the database at `url` if that is.
    `rebuild` empties it first; `who` and `waits` are those of `writer_lock`. Raises IndexLocked when another process
    writes, IndexMismatch when something else built it and `rebuild` is not set, PathError when the folder cannot be
    made, VectorsAway, CatalogAway.
    """
    import shutil

    home = home_of(folder, url)
    with home.writing(who=who, waits=waits):
        kept = name_on_server(home) if rebuild and server else ""
        if rebuild:
            shutil.rmtree(folder / VECTORS, ignore_errors=True)
            home.erase()
        elif url and not home.exists() and FolderHome(folder).exists():
            raise IndexMismatch(
                f"The catalogue of the index {folder} is in its folder, but index_url is set.",
                "Carry it there with `assistant index copy`, or make it anew with `assistant ingest --rebuild`.",
            )
        catalog = home.catalog(create=True)
        try:
            if "schema" not in catalog.database.meta():
                catalog.database.set_meta({**expected, PLACE: kept} if kept else expected)
            _bring_up_to_date(catalog, expected)
            _check(catalog, expected, folder)
            vectors = vectors_for_writing(catalog, folder, server)
            if kept:
                vectors.erase()
        except Exception:
            catalog.close()
            raise
        with Index(home, catalog, vectors, writing=True) as index:
            yield index
            if not index.closed:
                with suppress(IndexNotWritten):  # a full disk: the index is whole, only slower
                    catalog.database.tidy()
