"""Vectors of the starter corpus that come with it, so that the first start need not compute them.

`corpus/_vectors/<embedder>.npz` holds `fingerprint`, `keys` (SHA-256 of title and text, uint8 of shape (n, 32)) and
`vectors` (float16 of shape (n, dimensions)). A passage that is not in it, or another embedder, is computed as usual:
the file can only save time. `make vectors` writes it anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.ingest.embedding import batch_of

if TYPE_CHECKING:
    import numpy as np


def key_of(title: str, text: str) -> bytes:
    """What a vector is found by: the very text that is embedded."""
    return hashlib.sha256(f"{title}\x00{text}".encode()).digest()


def vectors_file(corpus: Path, embedder_name: str) -> Path:
    """Where a corpus keeps its vectors for an embedder."""
    return corpus / "_vectors" / f"{embedder_name}.npz"


def load_vectors(file: Path, fingerprint: str) -> dict[bytes, np.ndarray]:
    """The stored vectors (float32) by key; empty when there is no file or another embedder made it."""
    import numpy as np

    if not file.is_file():
        return {}
    with np.load(file, allow_pickle=False) as stored:
        if str(stored["fingerprint"]) != fingerprint:
            return {}
        keys, vectors = stored["keys"], stored["vectors"].astype(np.float32)
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def save_vectors(file: Path, fingerprint: str, vectors: Mapping[bytes, np.ndarray]) -> None:
    """Write the file, sorted by key, so that equal vectors give equal bytes."""
    import numpy as np

    file.parent.mkdir(parents=True, exist_ok=True)
    keys = sorted(vectors)
    np.savez_compressed(
        file,
        fingerprint=np.array(fingerprint),
        keys=np.stack([np.frombuffer(key, dtype=np.uint8) for key in keys]),
        vectors=np.stack([vectors[key] for key in keys]).astype(np.float16),
    )


class PrecomputedEmbedder:
    """An embedder that looks among stored vectors first; `used` collects the vectors that it gave out."""

    def __init__(self, embedder: Any, stored: Mapping[bytes, np.ndarray]) -> None:
        self._embedder = embedder
        self.fingerprint: str = embedder.fingerprint
        self._stored = stored
        self.used: dict[bytes, np.ndarray] = {}

    @property
    def batch(self) -> int:
        """Passages that it takes at once."""
        return batch_of(self._embedder)

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Passages with their titles, shape (len(texts), dimensions)."""
        import numpy as np

        keys = [key_of(title, text) for title, text in zip(titles, texts, strict=True)]
        missing = [number for number, key in enumerate(keys) if key not in self._stored]
        found = {key: self._stored[key] for key in keys if key in self._stored}
        if missing:
            new = self._embedder.encode_passages([titles[n] for n in missing], [texts[n] for n in missing])
            found |= {keys[number]: vector for number, vector in zip(missing, new, strict=True)}
        self.used |= found
        return np.stack([found[key] for key in keys])
