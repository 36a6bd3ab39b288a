"""Terms of the glossary: which document says what each means, in which version, and what earlier versions said.

A glossary is made of documents like any other (collection `glossary`): a term is a heading with words below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from assistant.comparison.compare import Reads, changes_of
from assistant.comparison.values import Change, Comparison
from assistant.schema import Block, Document

COLLECTION = "glossary"


@dataclass(frozen=True, slots=True)
class Revision:
    """What one version changed about a term."""

    old: Document
    new: Document
    change: Change


@dataclass(frozen=True, slots=True)
class Term:
    """A term as `document` explains it. `text`: exact slices of it; empty for a term that is there no more.

    `revisions`: what changed, the newest version first.
    """

    name: str
    section: tuple[str, ...]
    text: str
    document: Document
    revisions: tuple[Revision, ...] = ()


def terms(seen: Reads) -> list[Term]:
    """List the terms of the glossary documents in force that may be seen, in the documents' order."""
    documents = [each for each in seen.documents() if each.collection == COLLECTION and not each.superseded_by]
    return [term for document in documents for term in _terms(document, seen)]


def _terms(document: Document, seen: Reads) -> Iterator[Term]:
    stored = seen.document_text(document.document_id)
    if stored is None:  # gone since it was listed
        return
    text = stored[1]
    blocks = [each for each in seen.blocks(document.document_id, 0, len(text)) if each.kind != "heading"]
    told = {path: _text(list(group), text) for path, group in groupby(blocks, key=lambda each: each.heading_path)}
    changed: dict[tuple[str, ...], list[Revision]] = {}
    for version in _versions(document, seen):
        for change in version.changes:
            changed.setdefault(change.piece.heading_path, []).append(Revision(version.old, version.new, change))
    for path in dict.fromkeys([*told, *changed]):
        if path:
            yield Term(path[-1], path[:-1], told.get(path, ""), document, tuple(changed.get(path, ())))


def _text(blocks: list[Block], text: str) -> str:
    return "\n".join(text[each.start : each.end] for each in blocks)


def _versions(document: Document, seen: Reads) -> Iterator[Comparison]:
    """A document against the version before it, that one against its own, and so on."""
    known = {document.document_id}
    while version := changes_of(document, seen):
        yield version
        document = version.old
        if document.document_id in known:
            return
        known.add(document.document_id)
