"""Pictures of a manual's pages, inside the asker's labels; the last ones are kept in memory.

The file must still be the one that was read: a page of another state would show other words beside the boxes.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.errors import ReadError
from assistant.floor.pack import Readable
from assistant.floor.rendering import RENDERER, Letter
from assistant.ingest.sandbox import Limits, Sandbox

#: What one page may cost, and how many are kept (about 100 kB each).
_LIMITS = Limits(seconds=20.0, memory_mb=400, output_mb=16)
_KEPT = 128


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as WebP; its size in points, which boxes count in; the letters of its text layer (none of a scan)."""

    content: bytes
    width: float
    height: float
    letters: tuple[Letter, ...] = ()


class Pages:
    """Renders pages; one at a time, in one warm worker."""

    def __init__(self, index: Readable) -> None:
        self._index = index
        self._kept: OrderedDict[tuple[str, int], Picture] = OrderedDict()
        self._lock = threading.Lock()
        self._sandbox = Sandbox(_LIMITS, workers=1, reader=RENDERER)

    def close(self) -> None:
        """End the worker."""
        self._sandbox.close()

    def picture(self, document_id: str, number: int, labels: Iterable[str]) -> Picture | None:
        """Page `number` (from 1) of a PDF that a holder of `labels` may see.

        None when there is no such page for them, or when the file is gone or is no longer the one that was read.
        """
        found = self._index.seen_by(labels).document_file(document_id)
        if found is None or found[0].suffix.lower() != ".pdf":
            return None
        path, digest = found
        with self._lock:  # one worker: who asks for the same page meanwhile gets the kept one
            if picture := self._kept.get((digest, number)):
                self._kept.move_to_end((digest, number))
                return picture
            try:
                with path.open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                        return None
                draft = self._sandbox.read(path / str(number))
            except (OSError, ReadError):
                return None
            size = draft.metadata
            picture = Picture(
                base64.b64decode(draft.text), float(size["width"]), float(size["height"]), size["letters"]
            )
            self._kept[(digest, number)] = picture
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return picture
