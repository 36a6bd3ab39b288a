"""Which document takes the place of which: named by the newer one, or of the same name in another folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant.schema import Document

if TYPE_CHECKING:
    from assistant.index.database import Statements

#: Versions of a document have at least this share of their words in common.
_ALIKE = 0.5


def newer_versions(db: Statements, documents: Mapping[int, Document]) -> dict[int, Document]:
    """Find for each older document the newest that takes its place. `documents`: those of the catalogue `db`, by row.

    That is one that names it in `supersedes` (its id, or the version of a document with the same title and language);
    else the newer of two documents of the same path below different folders that say mostly the same: by the dates
    that they state, else the one that was read later. Nobody who sees the older one is told of a newer one that he may
    not see.
    """
    return _of_same_name(db, documents) | _named(documents)


def _named(documents: Mapping[int, Document]) -> dict[int, Document]:
    rows = {document.document_id: row for row, document in documents.items()}
    versions = {(d.title, d.language, d.version): row for row, d in documents.items() if d.version}
    newer: dict[int, Document] = {}
    for row, document in sorted(documents.items(), key=lambda pair: (pair[1].effective_date, pair[1].document_id)):
        if not document.supersedes:
            continue
        older = rows.get(document.supersedes) or versions.get((document.title, document.language, document.supersedes))
        if older is not None and older != row and set(documents[older].labels) <= set(document.labels):
            newer[older] = document
    return newer


def _of_same_name(db: Statements, documents: Mapping[int, Document]) -> dict[int, Document]:
    named: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for row, root in db.execute("SELECT id, root FROM documents WHERE root != '' ORDER BY ingested_at, id"):
        named.setdefault((documents[row].path, documents[row].language), []).append((row, root))
    newer: dict[int, Document] = {}
    for versions in named.values():
        if len({root for _, root in versions}) < 2:
            continue
        dates = [documents[row].effective_date or documents[row].date for row, _ in versions]
        if all(dates):
            versions = [each for _, each in sorted(zip(dates, versions, strict=True), key=lambda pair: pair[0])]
        newest, newest_root = versions[-1]
        for row, root in versions[:-1]:
            readers = set(documents[row].labels) <= set(documents[newest].labels)
            if root != newest_root and readers and _alike(db, row, newest):
                newer[row] = documents[newest]
    return newer


def _alike(db: Statements, *rows: int) -> bool:
    texts = [db.execute("SELECT text FROM documents WHERE id = ?", (row,)).fetchone()[0] for row in rows]
    first, second = (set(text.split()) for text in texts)
    return 2 * len(first & second) >= _ALIKE * (len(first) + len(second))
