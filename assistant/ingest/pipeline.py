"""The ingestion run: brings an index in step with files.

scan → hash → read (in worker processes) → chunk → one transaction per document with text and lexical index → for all
documents: stale vectors out, missing vectors in. Every step can be repeated, so a run that was killed is finished by
the next one, and lexical search works before the vectors are there.

What is compared is content: an unchanged file is not read again, a moved one keeps its vectors, the second of two
files with the same bytes and labels is listed and not indexed. Labels never widen: bytes that are known under labels
keep them where a copy states none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Literal

from assistant.errors import IndexStateError, MetadataError, ReadError, ReaderStopped
from assistant.index.migrations import READ_AGAIN
from assistant.index.rows import told
from assistant.index.store import Index, access_class_of
from assistant.ingest import mounts
from assistant.ingest.embedding import (
    PassageEmbedder,
    Progress,
    embed_waiting,
    passage_text,
    passage_title,
)
from assistant.ingest.executor import Executor
from assistant.ingest.hashing import hashes, with_labels
from assistant.ingest.labels import Given
from assistant.ingest.progress import Meter, Show, terminal_progress
from assistant.ingest.report import Report
from assistant.ingest.sandbox import Sandbox
from assistant.ingest.scan import Found, scan
from assistant.ingest.storing import cut_into_passages, write
from assistant.ingest.task_labels import labels_of_document, may_be_relabelled
from assistant.ingest.tasks import Task, copies_after_their_labels, free_id, reason_of
from assistant.schema import Draft

__all__ = ["Progress", "Report", "embed_waiting", "ingest", "passage_text", "passage_title", "terminal_progress"]

Stage = Literal["scan", "read", "chunk", "store", "embed"]


def ingest(
    paths: Sequence[Path],
    index: Index,
    embedder: PassageEmbedder,
    *,
    roots: Sequence[Path] = (),
    progress: Show | None = None,
    executor: Executor | None = None,
    retry: bool = True,
    labels: Sequence[str] = (),
) -> Report:
    """Bring `index` (open for writing) in step with the files below `paths`.

    A file that cannot go in is reported and stays listed; the others go in. Documents whose file has disappeared
    from a given folder are removed. `progress` is shown how far the run is. `executor` reads the files (a sandbox for
    this run when None). `retry`: try files again whose reader had to be stopped; else not before they change. `labels`
    are kept for `paths` and bind all that is below them, in this run and later ones; "public" takes them back.
    """
    if labels:
        Given(index.folder).give(paths, labels)
    meter = Meter(index, progress)
    try:
        with nullcontext(executor) if executor else Sandbox() as reading:
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
        self._index = index
        self._given = Given(index.folder)
        self._catalog, self._ledger = index.catalog, index.ledger
        self._states = index.catalog.states()
        self._duplicates = index.ledger.duplicates()
        self._stopped = {} if retry else index.ledger.stopped_files()
        self._listed = list(scan(paths, roots=roots))
        self._seen = {found.shown_path for found in self._listed}
        self._folders = [path.resolve() for path in paths if path.is_dir()]
        self._closed = [found.path for found in self._listed if found.failure and found.path.is_dir()]
        self._away = mounts.absent(index, (found.path for found in self._listed))
        self._gone = {path for path in self._states if path not in self._seen and self._vanished(path)}
        self._taken = {state[0]: path for path, state in self._states.items() if path not in self._gone}
        #: Documents that this run removes or reads again: nothing can be a duplicate of them as they are.
        self._leaving = {self._states[path][0] for path in self._gone}
        self._moved: set[str] = set()
        self._failed: set[str] = set()
        self._unembedded: set[str] = set()

    def _vanished(self, path: str) -> bool:
        """Whether a file that is not listed is gone: not where a folder cannot be opened or a drive is away."""
        if any(Path(path).is_relative_to(folder) for folder in (*self._closed, *self._away)):
            return False
        return any(Path(path).is_relative_to(folder) for folder in self._folders)

    # --- what has to be read ----------------------------------------------------------------------------------

    def _tasks(self) -> list[Task]:
        """Files that are new or changed, in the order of the scan."""
        tasks = []
        for found in self._listed:
            try:
                if found.failure:
                    raise found.failure
                file_hash, content_hash = hashes(found.path)
                content_hash = with_labels(content_hash, self._given.of(found.path))
            except (ReadError, OSError) as exc:
                self._fail(found, "scan", exc, "")
                continue
            tasks.append(Task(found, found.shown_path, content_hash, file_hash))
        changed = []
        for task in tasks:
            document_id, _, content_hash = self._states.get(task.path, ("", "", ""))
            if content_hash == task.content_hash:
                self.report.unchanged.append(document_id)
            else:
                changed.append(task)
                self._leaving |= {document_id} - {""}
        return self._with_moves(copies_after_their_labels([task for task in changed if not self._settled(task)]))

    def _settled(self, task: Task) -> bool:
        """Whether a file is still the duplicate that it was, or one whose reader had to be stopped."""
        document_id, content_hash = self._duplicates.get(task.path, ("", ""))
        same = {each for each, _, _ in self._catalog.same_file(task.file_hash)} - self._leaving
        if content_hash == task.content_hash and document_id in same:
            self.report.duplicates.append({"path": task.found.told_path, "document_id": document_id})
            return True
        if self._stopped.get(task.path) == task.content_hash:
            known = next(each for each in self._ledger.failures() if each["file"] == task.path)
            self.report.failed.append({name: known[name] for name in ("path", "stage", "reason", "hint")})
            self._failed.add(task.path)
            return True
        return False

    def _with_moves(self, tasks: Sequence[Task]) -> list[Task]:
        """Pair new files with documents of the same content whose file is gone."""
        homeless: dict[str, list[str]] = {}
        for path in sorted(self._states):
            if path in self._gone or (path not in self._seen and not Path(path).exists()):
                homeless.setdefault(self._states[path][2].removeprefix(READ_AGAIN), []).append(path)
        paired = []
        for task in tasks:
            candidates = homeless.get(task.content_hash, []) if task.path not in self._states else []
            before = self._states[candidates.pop(0)][0] if candidates else ""
            paired.append(Task(task.found, task.path, task.content_hash, task.file_hash, before))
        self._leaving |= {task.before for task in paired if task.before}
        return paired

    # --- reading ----------------------------------------------------------------------------------------------

    def read(self, executor: Executor, meter: Meter) -> None:
        """Read what is new or changed and commit it, document by document."""
        tasks = self._tasks()
        total = len(self._listed)
        done = total - len(tasks)
        outcomes: Iterator[Draft | ReadError] = executor.read_all(task.found.path for task in tasks)
        meter("read", done, total)
        for task, outcome in zip(tasks, outcomes, strict=True):
            if isinstance(outcome, ReadError):
                self._withhold(task, outcome)
                self._fail(task.found, "read", outcome, task.content_hash)
            else:
                self._commit(task, outcome)
            done += 1
            meter("read", done, total)

    def _commit(self, task: Task, draft: Draft) -> None:
        known = self._states.get(task.path)
        if task.before == task.found.document_id:  # its whole folder was moved
            self._taken[task.before] = task.path
        document_id = known[0] if known else free_id(task.found.document_id, task.path, self._taken)
        try:
            own = known[0] if known else ""
            labels, stated = labels_of_document(task, draft.metadata, self._given, self._catalog, own)
        except MetadataError as exc:
            self._withhold(task, exc)
            self._fail(task.found, "read", exc, task.content_hash)
            return
        access_class = access_class_of(labels)
        same = self._catalog.same_file(task.file_hash)
        original = next((i for i, a, _ in same if a == access_class and i not in {*self._leaving, document_id}), "")
        if original:
            self._put_duplicate(task, original, document_id if known else "")
            return
        # copies that stated no labels were indexed under the default ones before these labels were known
        wider = [i for i, a, other_stated in same if stated and not other_stated and a != access_class]
        if not self._put(task, draft, document_id, labels, stated, [*wider, *([task.before] if task.before else [])]):
            return
        self._leaving.discard(document_id)
        self._taken[document_id] = task.path
        for other in wider:
            self._now_duplicate(other, document_id)
        if task.before:
            self._moved.add(task.before)
            self.report.moved.append({"document_id": document_id, "before": task.before})
        else:
            (self.report.updated if known else self.report.added).append(document_id)

    def _put(
        self,
        task: Task,
        draft: Draft,
        document_id: str,
        labels: tuple[str, ...],
        stated: bool,
        instead_of: Sequence[str],
    ) -> bool:
        """Cut a document into passages and store it with what is missing of it; False when that failed and is noted."""
        stage: Stage = "chunk"
        try:
            around = self._given.of(task.found.path) if stated else labels
            cut = cut_into_passages(task, document_id, labels, around, draft)
            stage = "store"
            missing = write(self._index, task, cut, stated, instead_of)
        except IndexStateError:
            raise
        except Exception as exc:  # noqa: BLE001 - whatever one document does to the chunker, the others go in
            self._fail(task.found, stage, exc, task.content_hash)
            return False
        if missing:
            part = {"path": task.found.told_path, "stage": "part", "reason": missing[0], "hint": missing[1]}
            self.report.incomplete.append(part)
        return True

    def _put_duplicate(self, task: Task, original: str, before: str) -> None:
        """Note that a file is a duplicate of `original`; the document `before` that it was goes."""
        if before:
            self._catalog.remove(before)
            self.report.removed.append(before)
        self._ledger.put_duplicate(task.path, str(task.found.root), task.content_hash, original)
        self.report.duplicates.append({"path": task.found.told_path, "document_id": original})

    def _now_duplicate(self, other: str, document_id: str) -> None:
        """The document `other` stated no labels and went for `document_id`, which has its bytes and states them."""
        path = self._taken.pop(other, "")
        if path:
            _, root, content_hash = self._states.get(path, ("", "", ""))
            self._ledger.put_duplicate(path, root, content_hash, document_id)
            self.report.duplicates.append({"path": told(path, root), "document_id": document_id})
        for listed in (self.report.unchanged, self.report.added):
            if other in listed:
                listed.remove(other)
        self.report.removed.append(other)

    # --- what does not go in, and what goes out ---------------------------------------------------------------

    def _fail(self, found: Found, stage: Stage, exc: Exception, content_hash: str) -> None:
        reason, hint = reason_of(exc)
        path = found.shown_path
        self._failed.add(path)
        self._ledger.record_failure(
            path,
            str(found.root),
            reason,
            hint,
            stage=stage,
            content_hash=content_hash,
            stopped=isinstance(exc, ReaderStopped),
        )
        self.report.failed.append({"path": found.told_path, "stage": stage, "reason": reason, "hint": hint})

    def not_embedded(self, document_id: str, exc: Exception) -> None:
        """A passage of a document got no vector: it is found by its words only."""
        path, root = self._catalog.file_of(document_id)
        if path in self._unembedded:
            return
        self._unembedded.add(path)
        reason, hint = f"A passage could not be embedded ({type(exc).__name__}: {exc}).", "Only its words are searched."
        self._ledger.record_failure(path, root, reason, hint, stage="embed")
        self.report.failed.append({"path": told(path, root), "stage": "embed", "reason": reason, "hint": hint})

    def _withhold(self, task: Task, exc: ReadError) -> None:
        """A document whose file can no longer be read keeps its last good text, unless its labels may be others now."""
        known = self._states.get(task.path)
        if known is None:
            return
        relabelled = may_be_relabelled(task, self._given, self._catalog, known[0])
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
                self._ledger.forget_duplicate(path)
        for failure in self._ledger.failures():
            if failure["file"] not in self._seen and self._vanished(failure["file"]):
                self._ledger.forget_failure(failure["file"])
        for failure in self._ledger.failures():  # it went in again, or only its embedding had failed
            if failure["file"] in self._seen and failure["file"] not in self._failed and failure["stage"] != "part":
                self._ledger.forget_failure(failure["file"])
        for path in sorted(self._states.keys() - self._seen - self._gone):
            if any(Path(path).is_relative_to(folder) for folder in self._away):
                self.report.away.append(self._states[path][0])
        mounts.remember(self._index, (found.path for found in self._listed))
