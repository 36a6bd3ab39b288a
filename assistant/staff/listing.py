"""The list of documents as its reader may see it: what is in the index, what could not be read, what was withdrawn.

A file that could not be read has no labels of its own, so whose it is follows from the folders around it and from the
file beside it; where those say nothing, it is for staff.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from assistant.errors import MetadataError, PathError
from assistant.index import Index
from assistant.ingest.frontmatter import sidecar
from assistant.ingest.labels import Given, of_folders, stated, together
from assistant.schema import Document
from assistant.staff.journal import Entry, withdrawn
from assistant.staff.reach import Reach
from assistant.staff.shelf import Shelf

Status = Literal["failed", "part", "current", "coming", "superseded", "withdrawn"]
#: The order of the list.
_ORDER: tuple[Status, ...] = ("failed", "part", "coming", "current", "superseded", "withdrawn")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. `key` names it in requests: a document's id, or that of a file that is no document.

    `may`: what its reader may do with it. `path` lies on this machine and is told to nobody.
    """

    key: str
    status: Status
    title: str
    file: str
    labels: tuple[str, ...]
    path: Path
    document: Document | None = None
    entry: Entry | None = None
    reason: str = ""
    hint: str = ""
    may: tuple[str, ...] = ()

    @property
    def document_id(self) -> str:
        """The document's id, also of a withdrawn one; the key of a file that could not be read."""
        return self.key

    def to_json(self) -> dict[str, Any]:
        """What the page shows."""
        told = {name: getattr(self, name) for name in ("key", "status", "title", "file", "reason", "hint")}
        known = ("language", "collection", "version", "date", "effective_date", "supersedes", "superseded_by")
        facts = {name: getattr(self.document, name) if self.document else "" for name in known}
        withdrawal = {"at": self.entry.at, "why": self.entry.reason} if self.entry else {}
        return {**told, **facts, **withdrawal, "labels": list(self.labels), "may": list(self.may)}


class Listing:
    """Reads the list from the server's index."""

    def __init__(self, index: Index, shelf: Shelf) -> None:
        self._index = index
        self._shelf = shelf

    def rows(self, reach: Reach, history: Sequence[Entry], today: date | None = None) -> list[Row]:
        """All that `reach` admits: failures first. `history`: what was done to documents that it admits."""
        parts, failures = self._failures()
        found = list(self._documents(reach, parts, today or date.today()))
        known = {row.key for row in found}
        found += self._failed(reach, failures)
        for entry in withdrawn(history):
            if entry.document_id not in known and self._still_there(entry):
                may = ("restore", *self._may_delete(Path(entry.file))) if self._mine(reach, Path(entry.file)) else ()
                path = Path(entry.file)
                row = Row(entry.document_id, "withdrawn", entry.title, entry.document_id, entry.labels, path)
                found.append(replace(row, entry=entry, may=may))
        return sorted(found, key=lambda row: (_ORDER.index(row.status), row.title, row.key))

    def row(self, reach: Reach, history: Sequence[Entry], key: str) -> Row | None:
        """One line; None when there is none of this key within `reach`."""
        return next((row for row in self.rows(reach, history) if row.key == key), None)

    def _documents(self, reach: Reach, parts: dict[str, tuple[str, str]], today: date) -> Iterator[Row]:
        seen = self._index.seen_by(reach.labels)
        for document in seen.documents():
            placed = seen.document_file(document.document_id)
            path = placed[0] if placed else Path(document.path)
            part = parts.get(str(path))
            status: Status = "current"
            if document.superseded_by:
                status = "superseded"
            elif document.effective_date > today.isoformat():
                status = "coming"
            may = self._may(reach, path)
            reason, hint = part or ("", "")
            if part and status == "current":
                status = "part"
            row = Row(document.document_id, status, document.title, document.path, document.labels, path, document)
            yield replace(row, reason=reason, hint=hint, may=may)

    def _may(self, reach: Reach, path: Path) -> tuple[str, ...]:
        if not self._mine(reach, path):
            return ()
        staff = ("relabel",) if reach.staff else ()
        return ("replace", *staff, "withdraw", *self._may_delete(path))

    def _mine(self, reach: Reach, path: Path) -> bool:
        """Staff act on every document that they see; members on what was uploaded for their company."""
        if reach.staff:
            return True
        homes = [self._shelf.folder.resolve() / "company" / each.removeprefix("company:") for each in reach.companies]
        return any(path.is_relative_to(home) for home in homes)

    def _may_delete(self, path: Path) -> tuple[str, ...]:
        return ("delete",) if self._shelf.holds(path) else ()

    def _still_there(self, entry: Entry) -> bool:
        with suppress(PathError, OSError):
            return self._shelf.ignored(Path(entry.file))
        return False

    # --- what could not be read -----------------------------------------------------------------------------------

    def _failures(self) -> tuple[dict[str, tuple[str, str]], list[dict[str, str]]]:
        """Documents that lack parts, by their path; and the files that are no document."""
        with self._index.held() as catalog:
            states, noted = catalog.states(), catalog.ledger.failures()
        parts = {each["file"]: (each["reason"], each["hint"]) for each in noted if each["file"] in states}
        return parts, [each for each in noted if each["file"] not in states]

    def _failed(self, reach: Reach, failures: Sequence[dict[str, str]]) -> Iterator[Row]:
        given = Given(self._index.folder) if failures else None
        for failure in failures:
            path = Path(failure["file"])
            labels = _labels_around(path, given)
            if labels is None or reach.labels.isdisjoint(labels or (("staff",) if reach.staff else ())):
                continue
            key = hashlib.sha256(failure["file"].encode()).hexdigest()[:24]
            may = self._may_delete(path) if self._mine(reach, path) else ()
            row = Row(key, "failed", Path(failure["path"]).name, failure["path"], labels, path)
            yield replace(row, reason=failure["reason"], hint=failure["hint"], may=may)


def _labels_around(path: Path, given: Given | None) -> tuple[str, ...] | None:
    """The labels that bind a file, whatever it holds; none when none do, None when they cannot be understood."""
    try:
        sets = [of_folders(path), given.of(path) if given else (), stated(sidecar(path), path.name)]
        return together(sets, "the folders", path.name)
    except MetadataError:
        return None
