"""How a draft becomes documents of the index: it and its closed parts, cut into passages, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.index.store import Index, access_class_of
from assistant.ingest.chunking import chunk
from assistant.ingest.embedding import passage_text, passage_title, vector_id
from assistant.ingest.labels import Apart, meet
from assistant.ingest.tasks import Task
from assistant.schema import Document, Draft, Passage
from assistant.text.language import detect


@dataclass(frozen=True, slots=True)
class Cut:
    """A document with its passages. `file`: where it lies; for a closed part a path below that of its container."""

    document: Document
    draft: Draft
    file: str
    passages: tuple[Passage, ...]


def cut_into_passages(
    task: Task, document_id: str, labels: tuple[str, ...], around: Sequence[str], draft: Draft
) -> list[Cut]:
    """Make the document of a draft, then those of its parts that are for fewer readers than the rest.

    `around`: labels that bind the whole, beside those that its reader knew; a part that nobody could see is left out.
    """
    found = [_cut(task, document_of(task, document_id, labels, draft), draft, task.path)]
    for closed in draft.metadata.get("closed", ()):
        try:
            bound = meet(around, closed.metadata["labels"])
        except Apart:
            continue
        inside = closed.metadata["name"]
        document = document_of(task, f"{document_id}/{inside}", bound, closed)
        document = replace(document, path=f"{document.path}/{inside}")
        found.append(_cut(task, document, closed, f"{task.path}/{inside}"))
    return found


def _cut(task: Task, document: Document, draft: Draft, file: str) -> Cut:
    return Cut(document, draft, file, chunk(document.document_id, task.content_hash, draft))


def write(
    index: Index, task: Task, cut: Sequence[Cut], labels_stated: bool, instead_of: Sequence[str]
) -> tuple[str, ...]:
    """Store a document and its parts with what is missing of it, which is returned (see `missing_parts`)."""
    whole, root = cut[0], str(task.found.root)
    missing = missing_parts(whole.draft)
    with index.database.transaction():
        for each in cut:
            is_whole, access_class = each is whole, access_class_of(each.document.labels)
            index.catalog.put(
                each.document,
                root,
                access_class,
                each.draft.text,
                each.draft.blocks,
                each.passages,
                file=each.file,
                vector_ids=[vector_id_of(access_class, passage, each.document) for passage in each.passages],
                file_hash=task.file_hash if is_whole else "",
                labels_stated=labels_stated or not is_whole,
                instead_of=instead_of if is_whole else (),
                part_of="" if is_whole else whole.document.document_id,
            )
        if missing:
            index.ledger.record_failure(task.path, root, *missing, stage="part")
    return missing


def document_of(task: Task, document_id: str, labels: tuple[str, ...], draft: Draft) -> Document:
    """Make the catalogue's entry of a draft."""
    metadata: Mapping[str, Any] = draft.metadata
    return Document(
        document_id=document_id,
        path=task.found.told_path,
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


def vector_id_of(access_class: str, passage: Passage, document: Document) -> str:
    """Name the vector of a passage among those that the same readers may see."""
    return vector_id(access_class, passage_title(passage, document), passage_text(passage))


def missing_parts(draft: Draft) -> tuple[str, ...]:
    """Tell which parts of a file its reader could not read, and what to do; nothing if it was read completely."""
    notes = draft.metadata.get("notes", ())
    reasons = "; ".join(f"{note['where']}: {note['reason']}" for note in notes)
    return (f"{reasons}.", " ".join(dict.fromkeys(note["hint"] for note in notes))) if notes else ()
