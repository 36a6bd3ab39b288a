"""Bringing the vectors in step with the catalogue, so that it can be stopped at any moment and goes on.

A vector's id is made of what is embedded and of the access class: the same passage of the same readers has one vector,
however often its document is moved, copied or changed elsewhere. A vector is stored, then acknowledged; a stop in
between costs one batch.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from assistant.errors import AssistantError
from assistant.index import Index
from assistant.schema import Document, Passage

if TYPE_CHECKING:
    import numpy as np

#: Passages that are computed together, where the embedder says nothing else.
_EMBED_BATCH = 16
#: Vectors are stored after so many, or so many seconds: a killed run loses no more than that.
_STORE_BATCH = 512
_STORE_S = 5.0

Progress = Callable[[Literal["read", "embed"], int, int], None]
#: Called with the document's path and the error when a passage cannot be embedded.
OnFailure = Callable[[str, Exception], None]


class PassageEmbedder(Protocol):
    """What ingestion needs of an embedder. One that takes many passages at once tells how many: `batch`."""

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Vectors of shape (len(texts), dimensions)."""


def batch_of(embedder: PassageEmbedder) -> int:
    """Tell how many passages an embedder takes at once."""
    return int(getattr(embedder, "batch", _EMBED_BATCH))


def passage_title(chunk: Passage, document: Document) -> str:
    """Title under which a passage is embedded: the document's title and the headings above the passage."""
    return " > ".join(dict.fromkeys((document.title, *chunk.heading_path)))


def passage_text(chunk: Passage) -> str:
    """Text that is embedded: a table's rows with their header."""
    return f"{chunk.table_header}\n{chunk.text}" if chunk.table_header else chunk.text


def vector_id(access_class: str, title: str, text: str) -> str:
    """Id of the vector of a passage for one access class: 32 hexadecimal digits that say nothing of the text."""
    return hashlib.sha256(f"{access_class}\x00{title}\x00{text}".encode()).hexdigest()[:32]


def embed_waiting(
    index: Index, embedder: PassageEmbedder, progress: Progress | None = None, failed: OnFailure | None = None
) -> int:
    """Bring the vectors in step with the catalogue: stale and orphaned ones out, missing and lost ones in.

    Returns how many passages had to be embedded. What removed documents left on disk is erased before that, since
    embedding may take long.
    """
    differences = index.differences()
    index.ledger.mark_waiting(differences["missing"])
    reused = _relabelled(index)
    if differences["orphaned"]:
        present = index.vectors.ids()
        _remove(index, [(i, present[i]) for i in differences["orphaned"] if i in present and i not in reused])
    _remove(index, index.ledger.stale())
    erase_removed(index)
    return _embed(index, embedder, progress, failed)


def drop_stale(index: Index) -> None:
    """Remove the vectors that no passage needs any more, and erase what they and their documents left."""
    _remove(index, index.ledger.stale())
    erase_removed(index)


def erase_removed(index: Index) -> bool:
    """Erase what removed documents and vectors left in the index's files; True when nothing is left to erase.

    False while a reader holds on to old pages: the next run tries again.
    """
    if not index.database.unpurged():
        return True
    index.vectors.purge()
    return index.database.purge()


def _relabelled(index: Index) -> set[str]:
    """Store the vectors that documents with new labels can take from their old access class; returns their ids."""
    stale = dict(index.ledger.stale())
    old_classes = sorted(set(stale.values()))
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    waiting = index.ledger.waiting() if stale else []
    for first in range(0, len(waiting), _STORE_BATCH):
        part = waiting[first : first + _STORE_BATCH]
        passages = index.catalog.passages([each for each, _ in part])
        for new_id, access_class in part:
            chunk, document = passages[new_id]
            title, text = passage_title(chunk, document), passage_text(chunk)
            for old_class in old_classes:
                old_id = vector_id(old_class, title, text)
                if old_id in stale:
                    found.setdefault((old_class, access_class), []).append((old_id, new_id))
                    break
    for (old_class, access_class), pairs in found.items():
        _copy(index, old_class, access_class, pairs)
    return {new_id for pairs in found.values() for _, new_id in pairs}


def _copy(index: Index, old_class: str, access_class: str, pairs: Sequence[tuple[str, str]]) -> None:
    import numpy as np

    kept = index.vectors.get(old_class, [old_id for old_id, _ in pairs])
    ready = [(old_id, new_id) for old_id, new_id in pairs if old_id in kept]
    if ready:
        new_ids = [new_id for _, new_id in ready]
        index.vectors.add(access_class, new_ids, np.stack([kept[old_id] for old_id, _ in ready]))
        index.ledger.mark_embedded(new_ids)


def _remove(index: Index, pairs: Sequence[tuple[str, str]]) -> None:
    """Remove vectors, given as `(vector_id, access_class)`."""
    if not pairs:
        return
    index.database.set_meta({"unpurged": "1"})
    for access_class, gone in by_class(pairs).items():
        index.vectors.remove(access_class, gone)
        index.ledger.mark_waiting(gone)


def _embed(index: Index, embedder: PassageEmbedder, progress: Progress | None, failed: OnFailure | None) -> int:
    waiting = index.ledger.waiting()
    done = 0
    size = batch_of(embedder) if waiting else 0
    for access_class, vector_ids in by_class(waiting).items():
        with _Store(index, access_class) as store:
            for first in range(0, len(vector_ids), size):
                batch = vector_ids[first : first + size]
                if progress:
                    progress("embed", done, len(waiting))
                passages = index.catalog.passages(batch)
                for each, vector in _vectors(batch, passages, embedder, failed):
                    store.add(each, vector)
                done += len(batch)
    if progress and waiting:
        progress("embed", done, len(waiting))
    return done


def _vectors(
    batch: Sequence[str],
    passages: dict[str, tuple[Passage, Document]],
    embedder: PassageEmbedder,
    failed: OnFailure | None,
) -> Iterable[tuple[str, Any]]:
    """Ids with their vectors; when a batch fails, its passages are tried one by one and the bad ones reported."""
    titles = [passage_title(*passages[each]) for each in batch]
    texts = [passage_text(passages[each][0]) for each in batch]
    try:
        return zip(batch, embedder.encode_passages(titles, texts), strict=True)
    except AssistantError:
        raise  # the embedder itself: nothing will go in
    except Exception as exc:
        if failed is None:
            raise
        if len(batch) == 1:
            failed(passages[batch[0]][1].document_id, exc)
            return ()
        return [pair for each in batch for pair in _vectors([each], passages, embedder, failed)]


class _Store:
    """Collects the vectors of one access class; what it holds is stored at the end, also of a run that is stopped."""

    def __init__(self, index: Index, access_class: str) -> None:
        self._index = index
        self._access_class = access_class
        self._held: dict[str, Any] = {}
        self._since = time.monotonic()

    def __enter__(self) -> _Store:
        return self

    def __exit__(self, *exc: object) -> None:
        self._flush()

    def add(self, vector_id: str, vector: Any) -> None:
        self._held[vector_id] = vector
        if len(self._held) >= _STORE_BATCH or time.monotonic() - self._since > _STORE_S:
            self._flush()

    def _flush(self) -> None:
        import numpy as np

        if self._held:
            self._index.vectors.add(self._access_class, list(self._held), np.stack(list(self._held.values())))
            self._index.ledger.mark_embedded(list(self._held))
        self._held, self._since = {}, time.monotonic()


def by_class(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Ids by access class, from `(id, access_class)`."""
    found: dict[str, list[str]] = {}
    for each, access_class in pairs:
        found.setdefault(access_class, []).append(each)
    return found
