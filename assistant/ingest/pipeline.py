"""The ingestion run: brings an index in step with files.

Order per document: read → chunk → one transaction with text and lexical index. Then, for all documents: stale vectors
out, missing vectors in, in batches that are marked as they are stored. Each step can be repeated, so a run that was
killed is finished by the next one, and lexical search works before the vectors are there.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.errors import ReadError
from assistant.index.store import Index, access_class_of
from assistant.ingest.chunking import chunk
from assistant.ingest.frontmatter import SIDECAR_SUFFIX
from assistant.ingest.readers import read
from assistant.ingest.scan import Found, scan
from assistant.language import detect
from assistant.schema import Document, Draft

if TYPE_CHECKING:
    import numpy as np

#: Chunks embedded between two commits: small enough that a killed run loses seconds of work.
_EMBED_BATCH = 16

Progress = Callable[[str, int, int], None]


class PassageEmbedder(Protocol):
    """What ingestion needs of an embedder."""

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Vectors of shape (len(texts), dimensions)."""


@dataclass(slots=True)
class Report:
    """What a run did, by document id; `failed` holds `{path, reason, hint}`."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The public JSON form, as `assistant ingest --json` prints it."""
        return asdict(self)


def _content_hash(path: Path) -> str:
    """SHA-256 of the file and of its sidecar: new metadata is a change too."""
    digest = hashlib.sha256()
    sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
    for part in (path, sidecar):
        if part.is_file():
            with part.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _document(found: Found, document_id: str, content_hash: str, draft: Draft) -> Document:
    metadata: Mapping[str, Any] = draft.metadata
    return Document(
        document_id=document_id,
        path=str(found.path),
        title=metadata.get("title") or found.path.stem,
        language=metadata.get("language") or detect(draft.text[:4000]) or "en",
        labels=tuple(metadata.get("labels") or ("public",)),
        content_hash=content_hash,
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


def ingest(
    paths: Sequence[Path],
    index: Index,
    embedder: PassageEmbedder,
    *,
    roots: Sequence[Path] = (),
    progress: Progress | None = None,
) -> Report:
    """Bring `index` (open for writing) in step with the files below `paths`.

    A file that cannot be read is reported and stays listed; the others go in. Documents whose file has disappeared
    from a given folder are removed. `progress(stage, done, total)` is called with stage "read" or "embed".
    """
    report = Report()
    states = index.catalog.states()
    taken = {document_id: path for path, (document_id, _, _) in states.items()}
    listed = list(scan(paths, roots=roots))
    seen: set[str] = set()
    for number, found in enumerate(listed):
        if progress:
            progress("read", number, len(listed))
        path = str(found.path)
        seen.add(path)
        try:
            if found.failure:
                raise found.failure
            content_hash = _content_hash(found.path)
            known = states.get(path)
            if known and known[2] == content_hash:
                report.unchanged.append(known[0])
                continue
            document_id = known[0] if known else _free_id(found.document_id, path, taken)
            draft = read(found.path)
            chunks = chunk(document_id, content_hash, draft)
            document = _document(found, document_id, content_hash, draft)
        except Exception as exc:  # noqa: BLE001 - whatever one file does to a reader, the others go in
            reason, hint = _reason(exc)
            index.catalog.record_failure(path, str(found.root), reason, hint)
            report.failed.append({"path": path, "reason": reason, "hint": hint})
            continue
        index.catalog.put(document, str(found.root), access_class_of(document.labels), draft.text, draft.blocks, chunks)
        taken[document_id] = path
        (report.updated if known else report.added).append(document_id)
    if progress:
        progress("read", len(listed), len(listed))
    _remove_vanished(paths, seen, states, index, report)
    embed_waiting(index, embedder, progress)
    return report


def _reason(exc: Exception) -> tuple[str, str]:
    if isinstance(exc, ReadError):
        return exc.message, exc.hint
    if isinstance(exc, OSError):
        return f"The file cannot be opened ({exc.strerror or exc}).", "Check its permissions."
    return f"The reader failed ({type(exc).__name__}: {exc}).", "Please report this file."


def _free_id(document_id: str, path: str, taken: Mapping[str, str]) -> str:
    """Two folders may hold a file of the same relative path: the later one gets a mark made of its full path."""
    if taken.get(document_id, path) == path:
        return document_id
    return f"{document_id}~{hashlib.sha256(path.encode()).hexdigest()[:6]}"


def _remove_vanished(
    paths: Sequence[Path], seen: set[str], states: Mapping[str, tuple[str, str, str]], index: Index, report: Report
) -> None:
    folders = [path.resolve() for path in paths if path.is_dir()]

    def below(path: str) -> bool:
        return any(Path(path).is_relative_to(folder) for folder in folders)

    for path, (document_id, _, _) in states.items():
        if path not in seen and below(path):
            index.catalog.remove(document_id)
            report.removed.append(document_id)
    for failure in index.catalog.failures():
        if failure["path"] not in seen and below(failure["path"]):
            index.catalog.forget_failure(failure["path"])


def embed_waiting(index: Index, embedder: PassageEmbedder, progress: Progress | None = None) -> None:
    """Bring the vectors in step with the catalogue: stale and orphaned ones out, missing and lost ones in."""
    differences = index.differences()
    index.catalog.mark_waiting(differences["missing"])
    if differences["orphaned"]:
        stored = index.vectors.ids()
        for access_class, orphaned in _by_class((i, stored[i]) for i in differences["orphaned"]).items():
            index.vectors.remove(access_class, orphaned)
    for access_class, gone in _by_class(index.catalog.stale()).items():
        index.vectors.remove(access_class, gone)
        index.catalog.forget_stale(gone)
    waiting = index.catalog.waiting()
    done = 0
    for access_class, chunk_ids in _by_class(waiting).items():
        for first in range(0, len(chunk_ids), _EMBED_BATCH):
            batch = chunk_ids[first : first + _EMBED_BATCH]
            found = index.catalog.chunks(batch, [access_class])
            titles = [passage_title(*found[chunk_id]) for chunk_id in batch]
            texts = [passage_text(found[chunk_id][0]) for chunk_id in batch]
            index.vectors.add(access_class, batch, embedder.encode_passages(titles, texts))
            index.catalog.mark_embedded(batch)
            done += len(batch)
            if progress:
                progress("embed", done, len(waiting))


def _by_class(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Chunk ids by access class, from `(chunk_id, access_class)`."""
    found: dict[str, list[str]] = {}
    for chunk_id, access_class in pairs:
        found.setdefault(access_class, []).append(chunk_id)
    return found


def passage_title(chunk: Any, document: Document) -> str:
    """Title under which a passage is embedded: the document's title and the headings above the passage."""
    return " > ".join(dict.fromkeys((document.title, *chunk.heading_path)))


def passage_text(chunk: Any) -> str:
    """Text that is embedded: a table's rows with their header."""
    return f"{chunk.table_header}\n{chunk.text}" if chunk.table_header else chunk.text


def terminal_progress() -> Progress:
    """Progress bars on stderr: one for reading, one for embedding, with rate and remaining time."""
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            names = {"read": "Reading documents", "embed": "Embedding passages"}
            bars[stage] = tqdm(total=total, desc=names[stage], unit="", file=sys.stderr, mininterval=1.0)
        bars[stage].update(done - bars[stage].n)
        if done >= total:
            bars[stage].close()

    return show
