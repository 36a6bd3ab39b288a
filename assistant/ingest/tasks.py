"""Files that a run has to read, and what a draft becomes in the catalogue: its document, its id, what it lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.errors import AssistantError
from assistant.ingest.scan import Found


@dataclass(frozen=True, slots=True)
class Task:
    """A file that has to be read. `before`: the document of the same content whose file is gone."""

    found: Found
    path: str
    content_hash: str
    file_hash: str
    before: str = ""


def copies_after_their_labels(tasks: Sequence[Task]) -> list[Task]:
    """Bring files of the same bytes together, those with a sidecar first: a copy is never public for a moment."""
    first: dict[str, int] = {}
    for number, task in enumerate(tasks):
        first.setdefault(task.file_hash, number)
    alone = {
        task.path: task.content_hash == hashlib.sha256(bytes.fromhex(task.file_hash)).hexdigest() for task in tasks
    }
    return sorted(tasks, key=lambda task: (first[task.file_hash], alone[task.path]))


def reason_of(exc: Exception) -> tuple[str, str]:
    """Tell what happened and what to do, for a file that did not go in."""
    if isinstance(exc, AssistantError):
        return exc.message, exc.hint
    if isinstance(exc, FileNotFoundError):
        return "The file disappeared while it was being read.", "Run the command again if it is back."
    if isinstance(exc, OSError):
        return f"The file cannot be opened ({exc.strerror or exc}).", "Check its permissions."
    return f"The document could not be taken in ({type(exc).__name__}: {exc}).", "Please report this file."


def free_id(document_id: str, path: str, taken: Mapping[str, str]) -> str:
    """Give an id that is free: two folders may hold a file of the same relative path, so the later one gets a mark."""
    if taken.get(document_id, path) == path:
        return document_id
    return f"{document_id}~{hashlib.sha256(path.encode()).hexdigest()[:6]}"
