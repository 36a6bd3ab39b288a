"""Whose a document of an ingestion run is: its own labels, those around its file, and those that its bytes have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.errors import MetadataError
from assistant.index.catalog import Catalog
from assistant.ingest import frontmatter
from assistant.ingest.labels import Given, Labels, of_folders, stated, together
from assistant.ingest.tasks import Task


def labels_of_document(
    task: Task, metadata: Mapping[str, Any], given: Given, catalog: Catalog, own: str
) -> tuple[Labels, bool]:
    """Give the labels of a draft and whether they were stated; a copy that states none takes those of its bytes.

    `own`: the id of the document that the file is already, or "". Raises MetadataError if its labels have none in
    common with those given to its folder.
    """
    labels = tuple(metadata.get("labels") or frontmatter.DEFAULT_LABELS)
    is_stated = bool(metadata.get("labels_stated"))
    if around := given.of(task.found.path):
        labels, is_stated = together([around, labels], "the folders", task.found.path.name), True
    if not is_stated:
        for other, _, _ in sorted(catalog.same_file(task.file_hash), key=lambda each: not each[2]):
            if other != own and (found := catalog.labels(other)) != frontmatter.DEFAULT_LABELS:
                return found, False
    return labels, is_stated


def may_be_relabelled(task: Task, given: Given, catalog: Catalog, document_id: str) -> bool:
    """Tell whether what stands around a file that cannot be read names other labels than its document has."""
    path = task.found.path
    try:
        sets = [of_folders(path), given.of(path), stated(frontmatter.sidecar(path), path.name)]
        around = together(sets, "the folders", path.name)
    except MetadataError:
        return True
    return bool(around) and set(around) != set(catalog.labels(document_id))
