"""Examines an installation: what runs where, what is kept, the index and its files; `repair` mends the index."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.errors import IndexStateError
from assistant.operations.findings import Finding
from assistant.operations.keeping import examine_keeping
from assistant.operations.placement import examine_placement
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.ingest.repair import Differences


def examine(settings: Settings) -> list[Finding]:
    """Examine everything; a broken part is a finding, never an exception."""
    found = [Finding("Python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.machine()}")]
    return [*found, *examine_placement(settings), *examine_keeping(settings), *_index(settings)]


def _index(settings: Settings) -> list[Finding]:
    from assistant.ingest.opened import open_set_index
    from assistant.ingest.repair import compare

    subject = f"Index {settings.index}"
    try:
        with open_set_index(settings) as index:
            size, progress = index.catalog.size(), index.progress()
            failures = [each for each in index.ledger.failures() if each["stage"] != "part"]
            differences = compare(index)
    except IndexStateError as exc:
        return [Finding(subject, False, str(exc))]
    if differences.damage:
        return [
            Finding(subject, False, f"its file is damaged ({differences.damage}). Run `assistant ingest --rebuild`.")
        ]
    found = [Finding(subject, True, f"{size['documents']:,} documents, {size['chunks']:,} passages.")]
    if progress:
        names = {"read": "documents are read", "embed": "passages have their vector"}
        run = f"a run is under way: {progress.done:,} of {progress.total:,} {names[progress.stage]}."
        return [*found, Finding("Ingestion", True, f"{run} Ask again when it has ended.")]
    found += _compared(differences)
    if failures:
        found.append(
            Finding("Failed files", False, f"{len(failures)} could not go in: `assistant documents list --failed`.")
        )
    return found


def _compared(differences: Differences) -> list[Finding]:
    """Findings about words, vectors, files and traces."""
    mend = "Run `assistant doctor --repair`."
    words = f"{differences.unsearchable} passages are not in it, {differences.leftover} rows belong to no passage."
    vectors = differences.vectors_error or (
        f"{differences.waiting} passages wait for their vector, {len(differences.lost)} lost it, "
        f"{len(differences.orphaned) + differences.stale} vectors belong to no passage."
    )
    vectors = differences.vectors_away or f"{vectors} {mend}"
    files = f"{len(differences.changed)} changed since they were read, {len(differences.gone)} are gone."
    found = [
        Finding("Lexical index", False, f"{words} {mend}")
        if differences.in_words
        else Finding("Lexical index", True, "every passage can be found by its words."),
        Finding("Vectors", False, vectors)
        if differences.in_vectors
        else Finding("Vectors", True, "every passage has its vector."),
        Finding("Files", False, f"{files} {mend} {_few([*differences.changed, *differences.gone])}")
        if differences.changed or differences.gone
        else Finding("Files", True, "every document is as its file."),
    ]
    if differences.missing_roots:
        missing = differences.missing_roots
        step = "If it is only away, leave it; if it was withdrawn or moved: `assistant documents withdraw FOLDER`."
        lost = f"{len(missing)} documents' folder is not there."
        found.append(Finding("Folders", False, f"{lost} {step} {_few(missing)}"))
    if differences.unerased:
        found.append(Finding("Removed documents", False, f"traces are still on disk. {mend}"))
    return found


def _few(paths: Sequence[str]) -> str:
    return f"First: {', '.join(paths[:3])}."


def mend(settings: Settings) -> None:
    """Mend the index: words and vectors from the catalogue, documents from their files. Raises IndexStateError."""
    from assistant.ingest.opened import write_set_index
    from assistant.ingest.precomputed import PrecomputedEmbedder, load_vectors, vectors_file
    from assistant.ingest.progress import terminal
    from assistant.ingest.repair import repair
    from assistant.ingest.sandbox import Limits, Sandbox
    from assistant.weights.embedder import SentenceEmbedder

    embedder = SentenceEmbedder(settings.embedder, settings.cache, settings.threads)
    stored = load_vectors(vectors_file(settings.corpus, settings.embedder), embedder.fingerprint)
    limits = Limits(settings.reading_seconds, settings.reading_memory_mb)
    with (
        Sandbox(limits, settings.reading_workers) as sandbox,
        write_set_index(settings) as index,
    ):
        repair(index, PrecomputedEmbedder(embedder, stored), sandbox, [settings.corpus], terminal())
