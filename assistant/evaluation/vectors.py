"""Vectors that were computed once: a question set is measured many times, its passages are embedded once.

One SQLite file per embedder below `<cache>/evaluation/`, a row per text: the key is the SHA-256 of what is embedded
(role, title and text), the value float32. Rows are committed as they come, so a run that was stopped goes on.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assistant.errors import IndexCorrupt

if TYPE_CHECKING:
    import numpy as np

    from assistant.settings import Settings

#: Passages computed between two commits.
_BATCH = 16


class Embedder(Protocol):
    """What the measurements need of an embedder."""

    fingerprint: str

    def encode_query(self, question: str) -> np.ndarray:
        """One question, shape (dimensions,)."""

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Passages with their titles, shape (len(texts), dimensions)."""


def cache_file(cache: Path, fingerprint: str) -> Path:
    """Where the vectors of an embedder are kept."""
    return cache / "evaluation" / f"{re.sub(r'[^A-Za-z0-9.-]+', '_', fingerprint)}.sqlite3"


@contextmanager
def cached(name: str, settings: Settings, *, exact: bool = False) -> Iterator[CachedEmbedder]:
    """The embedder `name` with its stored vectors; its weights are loaded only when one is missing.

    `exact`: in fp32 also where the machine could compute in 8 bits; the vectors have a file of their own.
    """
    from assistant.weights.embedder import SentenceEmbedder

    embedder = SentenceEmbedder(name, settings.cache, settings.threads, exact=exact)
    if exact:
        embedder.fingerprint += "/fp32"
    opened = CachedEmbedder(embedder, cache_file(settings.cache, embedder.fingerprint))
    try:
        yield opened
    finally:
        opened.close()


class CachedEmbedder:
    """Looks among the stored vectors first and stores what it had to compute. Not for several threads."""

    def __init__(self, embedder: Embedder, file: Path) -> None:
        self.fingerprint = embedder.fingerprint
        self._embedder = embedder
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, timeout=60)
            self._db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        except (OSError, sqlite3.Error) as exc:
            raise IndexCorrupt(f"The stored vectors {file} cannot be used ({exc}).", "Delete the file.") from exc

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def encode_query(self, question: str) -> np.ndarray:
        """One question, shape (dimensions,)."""
        key = _key("query", "", question)
        found = self._stored([key])
        if key not in found:
            found[key] = self._embedder.encode_query(question)
            self._store(found)
        return found[key]

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Passages with their titles, shape (len(texts), dimensions)."""
        import numpy as np

        keys = [_key("passage", title, text) for title, text in zip(titles, texts, strict=True)]
        found = self._stored(keys)
        wanted = {key: number for number, key in enumerate(keys) if key not in found}
        missing = sorted(wanted.values(), key=lambda number: -len(texts[number]))  # equal lengths make full batches
        for first in range(0, len(missing), _BATCH):
            part = missing[first : first + _BATCH]
            new = self._embedder.encode_passages([titles[n] for n in part], [texts[n] for n in part])
            fresh = {keys[number]: vector for number, vector in zip(part, new, strict=True)}
            self._store(fresh)
            found |= fresh
        return np.stack([found[key] for key in keys])

    def _stored(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        import numpy as np

        found = {}
        for key in dict.fromkeys(keys):
            row = self._db.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
            if row:
                found[key] = np.frombuffer(row[0], dtype=np.float32)
        return found

    def _store(self, vectors: dict[bytes, np.ndarray]) -> None:
        with self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(key, vector.astype("float32").tobytes()) for key, vector in vectors.items()],
            )


def _key(role: str, title: str, text: str) -> bytes:
    return hashlib.sha256(f"{role}\x00{title}\x00{text}".encode()).digest()
