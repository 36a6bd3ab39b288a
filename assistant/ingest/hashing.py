"""What a file is told apart by: its bytes, and its bytes with everything that says how they are to be treated."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import ReadError
from assistant.ingest.labels import folder_files
from assistant.ingest.names import sidecar_of


def hashes(path: Path) -> tuple[str, str]:
    """Give the SHA-256 of a file, and of it with its sidecar and the label files of the folders around it.

    New metadata or labels are a change too. Raises OSError and ReadError.
    """
    own = _digest(path)
    # what may not be read is found by the reader
    beside = b"".join(_digest_if_any(file) for file in (sidecar_of(path), *folder_files(path)) if file is not None)
    return own.hex(), hashlib.sha256(own + beside).hexdigest()


def with_labels(content_hash: str, given: Sequence[str]) -> str:
    """Give a content hash that changes with the labels given to a file; unchanged where none are."""
    return hashlib.sha256("\n".join((content_hash, *sorted(given))).encode()).hexdigest() if given else content_hash


def _digest_if_any(path: Path) -> bytes:
    try:
        return _digest(path)
    except (OSError, ReadError):
        return b"?"


def _digest(path: Path) -> bytes:
    # without O_NONBLOCK, a pipe that took the file's place since the scan would be waited for
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ReadError(f"{path.name!a} is not a regular file.", "Remove it from the folder.")
        return hashlib.file_digest(file, "sha256").digest()
