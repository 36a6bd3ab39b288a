"""The ingestion run: brings an index in step with files.

scan → hash → read (in worker processes) → chunk → one transaction per document with text and lexical index → for all
documents: stale vectors out, missing vectors in. Every step can be repeated, so a run that was killed is finished by
the next one, and lexical search works before the vectors are there.

What is compared is content: an unchanged file is not read again, a moved one keeps its vectors, the second of two
files with the same bytes and labels is listed and not indexed. Labels never widen: bytes that are known under labels
keep them where a copy states none.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.errors import AssistantError, IndexStateError, MetadataError, ReadError, ReaderStopped
from assistant.index.store import Index, access_class_of
from assistant.ingest import frontmatter
from assistant.ingest.chunking import chunk
from assistant.ingest.embedding import (
    PassageEmbedder,
    Progress,
    embed_waiting,
    passage_text,
    passage_title,
    vector_id,
)
from assistant.ingest.progress import Meter, Show, terminal_progress
from assistant.ingest.report import Report
from assistant.ingest.sandbox import Sandbox
from assistant.ingest.scan import Found, scan, shown
from assistant.language import detect
from assistant.schema import Chunk, Document, Draft

__all__ = ["Progress", "Report", "embed_waiting", "ingest", "passage_text", "passage_title", "terminal_progress"]

Stage = Literal["scan", "read", "chunk", "store", "embed"]


@dataclass(frozen=True, slots=True)
class _Task:
    """A file that has to be read. `before`: the document of the same content whose file is gone."""

    found: Found
    path: str
    content_hash: str
    file_hash: str
    before: str = ""


def ingest(
    paths: Sequence[Path],
    index: Index,
    embedder: PassageEmbedder,
    *,
    roots: Sequence[Path] = (),
    progress: Show | None = None,
    sandbox: Sandbox | None = None,
    retry: bool = True,
) -> Report:
    """Bring `index` (open for writing) in step with the files below `paths`.

    A file that cannot go in is reported and stays listed; the others go in. Documents whose file has disappeared
    from a given folder are removed. `progress` is shown how far the run is. `sandbox` reads the files (one for this
    run when None). `retry`: try files again whose reader had to be stopped; else not before they change.
    """
    meter = Meter(index, progress)
    try:
        with nullcontext(sandbox) if sandbox else Sandbox() as reading:
            run = _Run(index, paths, roots, retry)
            run.read(reading, meter)
        run.remove_vanished()
        run.report.superseded = index.catalog.link_versions()
        run.report.embedded = embed_waiting(index, embedder, meter, run.not_embedded)
        run.report.passages = index.catalog.size()["chunks"]
    finally:
        meter.end()
    return run.report


class _Run:
    """What is known before and during one run."""

    def __init__(self, index: Index, paths: Sequence[Path], roots: Sequence[Path], retry: bool) -> None:
        self.report = Report()
        self._catalog = index.catalog
        self._states = index.catalog.states()
        self._duplicates = index.catalog.duplicates()
        self._stopped = {} if retry else index.catalog.stopped_files()
        self._listed = list(scan(paths, roots=roots))
        self._seen = {found.shown_path for found in self._listed}
        self._folders = [path.resolve() for path in paths if path.is_dir()]
        self._closed = [found.path for found in self._listed if found.failure and found.path.is_dir()]
        self._gone = {path for path in self._states if path not in self._seen and self._vanished(path)}
        self._taken = {state[0]: path for path, state in self._states.items() if path not in self._gone}
        #: Documents that this run removes or reads again: nothing can be a duplicate of them as they are.
        self._leaving = {self._states[path][0] for path in self._gone}
        self._moved: set[str] = set()

    def _vanished(self, path: str) -> bool:
        """Whether a file that is not listed is gone; what is below a folder that cannot be opened is not."""
        if any(Path(path).is_relative_to(folder) for folder in self._closed):
            return False
        return any(Path(path).is_relative_to(folder) for folder in self._folders)

    # --- what has to be read ----------------------------------------------------------------------------------

    def _tasks(self) -> list[_Task]:
        """Files that are new or changed, in the order of the scan."""
        tasks = []
        for found in self._listed:
            try:
                if found.failure:
                    raise found.failure
                file_hash, content_hash = hashes(found.path)
            except (ReadError, OSError) as exc:
                self._fail(found, "scan", exc, "")
                continue
            tasks.append(_Task(found, found.shown_path, content_hash, file_hash))
        changed = []
        for task in tasks:
            document_id, _, content_hash = self._states.get(task.path, ("", "", ""))
            if content_hash == task.content_hash:
                self.report.unchanged.append(document_id)
            else:
                changed.append(task)
                self._leaving |= {document_id} - {""}
        return self._with_moves(_copies_after_their_labels([task for task in changed if not self._settled(task)]))

    def _settled(self, task: _Task) -> bool:
        """Whether a file is still the duplicate that it was, or one whose reader had to be stopped."""
        document_id, content_hash = self._duplicates.get(task.path, ("", ""))
        same = {each for each, _, _ in self._catalog.same_file(task.file_hash)} - self._leaving
        if content_hash == task.content_hash and document_id in same:
            self.report.duplicates.append({"path": task.path, "document_id": document_id})
            return True
        if self._stopped.get(task.path) == task.content_hash:
            known = next(each for each in self._catalog.failures() if each["path"] == task.path)
            self.report.failed.append({name: known[name] for name in ("path", "stage", "reason", "hint")})
            return True
        return False

    def _with_moves(self, tasks: Sequence[_Task]) -> list[_Task]:
        """Pair new files with documents of the same content whose file is gone."""
        homeless: dict[str, list[str]] = {}
        for path in sorted(self._states):
            if path in self._gone or (path not in self._seen and not Path(path).exists()):
                homeless.setdefault(self._states[path][2], []).append(path)
        paired = []
        for task in tasks:
            candidates = homeless.get(task.content_hash, []) if task.path not in self._states else []
            before = self._states[candidates.pop(0)][0] if candidates else ""
            paired.append(_Task(task.found, task.path, task.content_hash, task.file_hash, before))
        self._leaving |= {task.before for task in paired if task.before}
        return paired

    # --- reading ----------------------------------------------------------------------------------------------

    def read(self, sandbox: Sandbox, meter: Meter) -> None:
        """Read what is new or changed and commit it, document by document."""
        tasks = self._tasks()
        total = len(self._listed)
        done = total - len(tasks)
        outcomes: Iterator[Draft | ReadError] = sandbox.read_all(task.found.path for task in tasks)
        meter("read", done, total)
        for task, outcome in zip(tasks, outcomes, strict=True):
            if isinstance(outcome, ReadError):
                self._withhold(task, outcome)
                self._fail(task.found, "read", outcome, task.content_hash)
            else:
                self._commit(task, outcome)
            done += 1
            meter("read", done, total)

    def _commit(self, task: _Task, draft: Draft) -> None:
        known = self._states.get(task.path)
        document_id = known[0] if known else _free_id(task.found.document_id, task.path, self._taken)
        labels, stated = self._labels(task, draft.metadata)
        access_class = access_class_of(labels)
        same = self._catalog.same_file(task.file_hash)
        original = next((i for i, a, _ in same if a == access_class and i not in {*self._leaving, document_id}), "")
        root = str(task.found.root)
        if original:
            if known:
                self._catalog.remove(document_id)
                self.report.removed.append(document_id)
            self._catalog.put_duplicate(task.path, root, task.content_hash, original)
            self.report.duplicates.append({"path": task.path, "document_id": original})
            return
        # copies that stated no labels were indexed under the default ones before these labels were known
        wider = [i for i, a, other_stated in same if stated and not other_stated and a != access_class]
        stage: Stage = "chunk"
        try:
            chunks = chunk(document_id, task.content_hash, draft)
            stage = "store"
            document = _document(task, document_id, labels, draft)
            with self._catalog.transaction():
                self._catalog.put(
                    document,
                    root,
                    access_class,
                    draft.text,
                    draft.blocks,
                    chunks,
                    vector_ids=[_vector_id(access_class, each, document) for each in chunks],
                    file_hash=task.file_hash,
                    labels_stated=stated,
                    instead_of=[*wider, *([task.before] if task.before else [])],
                )
                missing = _missing_parts(draft)
                if missing:
                    self._catalog.record_failure(task.path, root, *missing, stage="part")
        except IndexStateError:
            raise
        except Exception as exc:  # noqa: BLE001 - whatever one document does to the chunker, the others go in
            self._fail(task.found, stage, exc, task.content_hash)
            return
        self._leaving.discard(document_id)
        self._taken[document_id] = task.path
        if missing:
            part = {"path": task.path, "stage": "part", "reason": missing[0], "hint": missing[1]}
            self.report.incomplete.append(part)
        for other in wider:
            self._now_duplicate(other, document_id)
        if task.before:
            self._moved.add(task.before)
            self.report.moved.append({"document_id": document_id, "before": task.before})
        else:
            (self.report.updated if known else self.report.added).append(document_id)

    def _now_duplicate(self, other: str, document_id: str) -> None:
        """The document `other` stated no labels and went for `document_id`, which has its bytes and states them."""
        path = self._taken.pop(other, "")
        if path:
            _, root, content_hash = self._states.get(path, ("", "", ""))
            self._catalog.put_duplicate(path, root, content_hash, document_id)
            self.report.duplicates.append({"path": path, "document_id": document_id})
        for listed in (self.report.unchanged, self.report.added):
            if other in listed:
                listed.remove(other)
        self.report.removed.append(other)

    def _labels(self, task: _Task, metadata: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
        """The labels of a draft and whether they were stated; a copy that states none takes those of its bytes."""
        labels = tuple(metadata.get("labels") or frontmatter.DEFAULT_LABELS)
        stated = bool(metadata.get("labels_stated"))
        if not stated:
            own = self._states.get(task.path, ("", "", ""))[0]
            for other, _, _ in sorted(self._catalog.same_file(task.file_hash), key=lambda each: not each[2]):
                if other != own and (found := self._catalog.labels(other)) != frontmatter.DEFAULT_LABELS:
                    return found, False
        return labels, stated

    # --- what does not go in, and what goes out ---------------------------------------------------------------

    def _fail(self, found: Found, stage: Stage, exc: Exception, content_hash: str) -> None:
        reason, hint = reason_of(exc)
        path = found.shown_path
        self._catalog.record_failure(
            path,
            str(found.root),
            reason,
            hint,
            stage=stage,
            content_hash=content_hash,
            stopped=isinstance(exc, ReaderStopped),
        )
        self.report.failed.append({"path": path, "stage": stage, "reason": reason, "hint": hint})

    def not_embedded(self, path: str, exc: Exception) -> None:
        """A passage of the document at `path` got no vector: it is found by its words only."""
        if any(each["path"] == path for each in self.report.failed):
            return
        reason, hint = f"A passage could not be embedded ({type(exc).__name__}: {exc}).", "Only its words are searched."
        self._catalog.record_failure(path, "", reason, hint, stage="embed")
        self.report.failed.append({"path": path, "stage": "embed", "reason": reason, "hint": hint})

    def _withhold(self, task: _Task, exc: ReadError) -> None:
        """A document whose file can no longer be read keeps its last good text, unless its labels may be others now."""
        known = self._states.get(task.path)
        if known is None:
            return
        try:
            beside = frontmatter.validated(frontmatter.sidecar(task.found.path), task.found.path.name)
            relabelled = beside["labels_stated"] and set(beside["labels"]) != set(self._catalog.labels(known[0]))
        except MetadataError:
            relabelled = True
        if relabelled or isinstance(exc, MetadataError):
            self._catalog.remove(known[0])
            self.report.removed.append(known[0])

    def remove_vanished(self) -> None:
        """Take out documents, duplicates and failures whose file has disappeared from the given folders."""
        for path in sorted(self._gone):
            document_id = self._states[path][0]
            if document_id not in self._moved and document_id not in self._taken:
                self._catalog.remove(document_id)
                self.report.removed.append(document_id)
        for path in self._duplicates:
            if path not in self._seen and self._vanished(path):
                self._catalog.forget_duplicate(path)
        for failure in self._catalog.failures():
            if failure["path"] not in self._seen and self._vanished(failure["path"]):
                self._catalog.forget_failure(failure["path"])
        going = {each["path"] for each in self.report.failed}
        for failure in self._catalog.failures():  # it went in again, or only its embedding had failed
            if failure["path"] in self._seen and failure["path"] not in going and failure["stage"] != "part":
                self._catalog.forget_failure(failure["path"])


def hashes(path: Path) -> tuple[str, str]:
    """SHA-256 of a file, and of it with its sidecar: new metadata is a change too. Raises OSError and ReadError."""
    own = _digest(path)
    try:
        beside = _digest(path.with_name(path.name + frontmatter.SIDECAR_SUFFIX))
    except OSError:  # there is none, or its name would be too long; one that may not be read is found by the reader
        beside = b""
    return own.hex(), hashlib.sha256(own + beside).hexdigest()


def _digest(path: Path) -> bytes:
    # without O_NONBLOCK, a pipe that took the file's place since the scan would be waited for
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ReadError(f"{shown(Path(path.name))} is not a regular file.", "Remove it from the folder.")
        return hashlib.file_digest(file, "sha256").digest()


def _copies_after_their_labels(tasks: Sequence[_Task]) -> list[_Task]:
    """Bring files of the same bytes together, those with a sidecar first: a copy is never public for a moment."""
    first: dict[str, int] = {}
    for number, task in enumerate(tasks):
        first.setdefault(task.file_hash, number)
    alone = {
        task.path: task.content_hash == hashlib.sha256(bytes.fromhex(task.file_hash)).hexdigest() for task in tasks
    }
    return sorted(tasks, key=lambda task: (first[task.file_hash], alone[task.path]))


def _document(task: _Task, document_id: str, labels: tuple[str, ...], draft: Draft) -> Document:
    metadata: Mapping[str, Any] = draft.metadata
    return Document(
        document_id=document_id,
        path=task.path,
        title=metadata.get("title") or task.found.path.stem,
        language=metadata.get("language") or detect(draft.text[:4000]) or "en",
        labels=labels,
        content_hash=task.content_hash,
        media_type=metadata.get("media_type", ""),
        collection=metadata.get("collection") or "",
        version=metadata.get("version") or "",
        date=metadata.get("date") or "",
        effective_date=metadata.get("effective_date") or "",
        supersedes=metadata.get("supersedes") or "",
        superseded_by=metadata.get("superseded_by") or "",
        source=tuple(metadata.get("source") or ()),
        sample=bool(metadata.get("sample")),
    )


def _vector_id(access_class: str, passage: Chunk, document: Document) -> str:
    return vector_id(access_class, passage_title(passage, document), passage_text(passage))


def _missing_parts(draft: Draft) -> tuple[str, ...]:
    """Which parts of a file its reader could not read, and what to do; nothing if it was read completely."""
    notes = draft.metadata.get("notes", ())
    reasons = "; ".join(f"{note['where']}: {note['reason']}" for note in notes)
    return (f"{reasons}.", " ".join(dict.fromkeys(note["hint"] for note in notes))) if notes else ()


def reason_of(exc: Exception) -> tuple[str, str]:
    """What happened and what to do, for a file that did not go in."""
    if isinstance(exc, AssistantError):
        return exc.message, exc.hint
    if isinstance(exc, FileNotFoundError):
        return "The file disappeared while it was being read.", "Run the command again if it is back."
    if isinstance(exc, OSError):
        return f"The file cannot be opened ({exc.strerror or exc}).", "Check its permissions."
    return f"The document could not be taken in ({type(exc).__name__}: {exc}).", "Please report this file."


def _free_id(document_id: str, path: str, taken: Mapping[str, str]) -> str:
    """Two folders may hold a file of the same relative path: the later one gets a mark made of its full path."""
    if taken.get(document_id, path) == path:
        return document_id
    return f"{document_id}~{hashlib.sha256(path.encode()).hexdigest()[:6]}"
