"""Bringing a catalogue that an earlier version wrote up to date, where it lies.

Only what was stored differently is changed. What this version would read differently out of a file is marked, so that
the next ingestion reads the file again; while a file is away, its document stays as it was. Vectors are kept. The
version that a catalogue has stands in its `meta`, since it is part of what two indexes are compared by. Catalogues on
PostgreSQL begin with 5: a step from there on is SQL that both kinds of databases read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from assistant.index.rows import told

if TYPE_CHECKING:
    from assistant.index.database import Database, Statements

#: Before a document's hash: its file is to be read again though it may not have changed.
READ_AGAIN = "again:"


def _from_3(db: Statements) -> None:
    """0.1.0: blocks knew one page each, and documents were told by their folder on the server."""
    db.execute("ALTER TABLE blocks ADD COLUMN turns TEXT NOT NULL DEFAULT '[]'")
    for row, path, root, record in db.execute("SELECT id, path, root, record FROM documents").fetchall():
        changed = json.dumps({**json.loads(record), "path": told(path, root)}, ensure_ascii=False)
        db.execute("UPDATE documents SET record = ? WHERE id = ?", (changed, row))
    db.execute("UPDATE documents SET content_hash = ? || content_hash WHERE root != ''", (READ_AGAIN,))


def _from_4(db: Statements) -> None:
    """Parts of archives for fewer readers than the rest are documents of their own: `part_of` names the archive's."""
    db.execute("ALTER TABLE documents ADD COLUMN part_of TEXT NOT NULL DEFAULT ''")
    db.execute(
        "UPDATE documents SET content_hash = ? || content_hash WHERE content_hash NOT LIKE ?"
        " AND json_extract(record, '$.media_type') IN ('application/zip', 'message/rfc822')",
        (READ_AGAIN, f"{READ_AGAIN}%"),
    )


#: By the schema that a catalogue has: what leads to the next one, and which that is.
STEPS: Mapping[str, tuple[Callable[[Statements], None], str]] = {"3": (_from_3, "4"), "4": (_from_4, "5")}


def upgrade(database: Database) -> None:
    """Take all steps that lead on, in one transaction. The caller holds the index's writer lock."""
    if _schema(database) not in STEPS:
        return
    with database.transaction():
        while (schema := _schema(database)) in STEPS:
            step, reached = STEPS[schema]
            step(database.db)
            database.set_meta({"schema": reached})


def _schema(database: Database) -> str:
    return database.meta().get("schema", "")
