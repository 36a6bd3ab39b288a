"""Each change of the index that the page can make, on an index that is open for writing.

Files change first and the index is brought in step with them, by the same functions as at the terminal: a stop in
between is finished by the next `assistant ingest`. What takes something away from readers is in the index at once.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import ChangeRefused
from assistant.index import Index
from assistant.ingest import ingest
from assistant.ingest.embedding import PassageEmbedder
from assistant.ingest.frontmatter import validated
from assistant.ingest.labels import Apart, Given, meet, of_folders
from assistant.ingest.sandbox import Sandbox
from assistant.ingest.scan import shown
from assistant.ingest.withdraw import withdraw as take_out
from assistant.schema import Document
from assistant.staff.journal import Action, Entry, Journal
from assistant.staff.shelf import Shelf


class Changes:
    """Makes changes; what each needs to know of the asker is decided before."""

    def __init__(
        self, shelf: Shelf, journal: Journal, embedder: PassageEmbedder, sandbox: Sandbox, roots: Sequence[Path]
    ) -> None:
        """`roots`: folders whose documents are called by their path below them, such as the corpus."""
        self.shelf = shelf
        self.journal = journal
        self._embedder = embedder
        self._sandbox = sandbox
        self._roots = [*roots, shelf.folder]

    def publish(self, index: Index, file: Path, metadata: Mapping[str, Any], who: str) -> str:
        """Take an uploaded file in as a document with this metadata; returns its id.

        Raises ChangeRefused when it is there already or cannot be read; the file then stays where it was uploaded.
        """
        validated(metadata, file.name)
        staged = file.parent
        place = self.shelf.put(file, metadata)
        try:
            document_id = self._take_in(index, place)
        except ChangeRefused:
            shutil.move(place, file)
            self.shelf.remove(place)
            raise
        shutil.rmtree(staged, ignore_errors=True)
        action: Action = "replace" if metadata.get("supersedes") else "publish"
        self._note(action, who, index, document_id, place, "")
        return document_id

    def relabel(self, index: Index, document: Document, path: Path, readers: Sequence[str], who: str, why: str) -> str:
        """Show a document to holders of the labels `readers`; returns its id, a new one where its file had to move.

        Raises ChangeRefused where the labels of the folders around the file would not let it.
        """
        root = self._root_of(index, path)
        try:
            bound = meet(of_folders(path) if not self.shelf.holds(path) else (), Given(index.folder).of(path), readers)
        except Apart:
            bound = ()
        if set(bound or readers) != set(readers):
            raise ChangeRefused(
                "folder_binds", "The folder of this file is for other readers.", "Its labels are in .labels.yaml there."
            )
        place = self.shelf.relabel(path, readers)
        if place != path:
            take_out(index, [document.document_id])
        document_id = self._take_in(index, place, root)
        self._note("relabel", who, index, document_id, place, why)
        return document_id

    def withdraw(self, index: Index, document: Document, path: Path, who: str, why: str) -> str:
        """Have no answer use a document any more; its file stays and it can be put back."""
        self._note("withdraw", who, index, document.document_id, path, why)
        self.shelf.ignore(path)
        take_out(index, [document.document_id])
        return ""

    def restore(self, index: Index, entry: Entry, who: str) -> str:
        """Put a withdrawn document back."""
        path = Path(entry.file)
        self.shelf.heed(path)
        document_id = self._take_in(index, path, Path(entry.root) if entry.root else None)
        self._note("restore", who, index, document_id, path, "")
        return document_id

    def delete(self, index: Index, document_id: str, path: Path, entry: Entry, why: str) -> str:
        """Remove a document for good, with its file; `entry` says whose it was. Nothing remains but the history."""
        self.shelf.remove(path)
        known = index.catalog.states().get(shown(path))
        if known or any(each["file"] == shown(path) for each in index.ledger.failures()):
            take_out(index, [known[0] if known else str(path)])
        self.journal.note(Entry("delete", entry.who, document_id, "", "", entry.title, entry.labels, why))
        return ""

    def _take_in(self, index: Index, path: Path, root: Path | None = None) -> str:
        """Bring the index in step with one file; returns the document's id. Raises ChangeRefused."""
        roots = [*([root] if root else []), *self._roots]
        report = ingest([path], index, self._embedder, roots=roots, executor=self._sandbox)
        place = shown(path.resolve())
        known = index.catalog.states().get(place)
        if known:
            return known[0]
        if twin := index.ledger.duplicates().get(place):
            index.ledger.forget_duplicate(place)
            raise ChangeRefused("duplicate", f"The same file is there already: {twin[0]}.", "Nothing was added.")
        index.ledger.forget_failure(place)
        failure = report.failed[0] if report.failed else {"reason": "The file did not go in.", "hint": ""}
        raise ChangeRefused("", failure["reason"], failure["hint"])

    def _root_of(self, index: Index, path: Path) -> Path | None:
        known = index.catalog.states().get(shown(path))
        return Path(known[1]) if known and known[1] else None

    def _note(self, action: Action, who: str, index: Index, document_id: str, path: Path, why: str) -> None:
        states = index.catalog.states()
        root = next((state[1] for state in states.values() if state[0] == document_id), "")
        labels = index.catalog.labels(document_id)
        title = _title(index, document_id)
        self.journal.note(Entry(action, who, document_id, str(path), root, title, labels, why))


def _title(index: Index, document_id: str) -> str:
    seen = index.seen_by(index.catalog.labels(document_id)).document_text(document_id)
    return seen[0].title if seen else document_id
