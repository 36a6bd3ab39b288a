"""The index that the settings name, opened as they say: made with which embedder, and where its vectors are."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from assistant.index import Index, fingerprint, open_index
from assistant.index.homes import url_of
from assistant.index.server import server_of
from assistant.index.store import write_index
from assistant.index.writer import Waits
from assistant.ingest.chunking import CHUNKER
from assistant.settings import Settings
from assistant.weights.embedder import embedder_fingerprint


def open_set_index(settings: Settings, folder: Path | None = None) -> Index:
    """Open the index of `settings`, or the one whose files are in `folder`, for reading.

    Raises what `open_index` raises.
    """
    url = url_of(settings) if folder is None else ""
    return open_index(folder or settings.index, _expected(settings), server=server_of(settings), url=url)


def write_set_index(
    settings: Settings, *, rebuild: bool = False, who: str = "", waits: Waits | None = None
) -> AbstractContextManager[Index]:
    """Open the index of `settings` for writing. Raises what `write_index` raises."""
    return write_index(
        settings.index,
        _expected(settings),
        rebuild=rebuild,
        server=server_of(settings),
        url=url_of(settings),
        who=who,
        waits=waits,
    )


def _expected(settings: Settings) -> dict[str, str]:
    return fingerprint(embedder_fingerprint(settings.embedder), CHUNKER)
