"""The catalogue's file: one SQLite database, opened, written all or nothing, mended, and cleared of what is gone.

Knows the tables, not what their rows mean: `Catalog` and `Ledger` share it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.errors import IndexCorrupt, IndexNotWritten
from assistant.index import migrations

#: Segments that the lexical index may have at the end of a run: a search reads all of them (docs/log.md).
_SEGMENTS = 8

SCHEMA_VERSION = "5"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS access_classes (
    access_class TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (access_class, label)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY, document_id TEXT UNIQUE NOT NULL, root TEXT NOT NULL, path TEXT UNIQUE NOT NULL,
    access_class TEXT NOT NULL, content_hash TEXT NOT NULL, file_hash TEXT NOT NULL, labels_stated INTEGER NOT NULL,
    replaced_by TEXT NOT NULL, text TEXT NOT NULL, record TEXT NOT NULL, ingested_at REAL NOT NULL,
    part_of TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS documents_file ON documents(file_hash);
CREATE TABLE IF NOT EXISTS duplicates (
    path TEXT PRIMARY KEY, root TEXT NOT NULL, content_hash TEXT NOT NULL, document_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blocks (
    document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE, start INTEGER NOT NULL,
    end INTEGER NOT NULL, kind TEXT NOT NULL, page INTEGER, heading_path TEXT NOT NULL, table_header TEXT NOT NULL,
    boxes TEXT NOT NULL, turns TEXT NOT NULL, PRIMARY KEY (document, start)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY, chunk_id TEXT UNIQUE NOT NULL,
    document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, page INTEGER, heading_path TEXT NOT NULL,
    table_header TEXT NOT NULL, access_class TEXT NOT NULL, vector_id TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_document ON chunks(document);
CREATE INDEX IF NOT EXISTS chunks_vector ON chunks(vector_id);
CREATE TABLE IF NOT EXISTS stored_vectors (vector_id TEXT PRIMARY KEY, access_class TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failures (
    path TEXT PRIMARY KEY, root TEXT NOT NULL, stage TEXT NOT NULL, reason TEXT NOT NULL, hint TEXT NOT NULL,
    content_hash TEXT NOT NULL, stopped INTEGER NOT NULL, failed_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS progress (one INTEGER PRIMARY KEY CHECK (one = 1), record TEXT NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical USING fts5(
    title, headings, words, bigrams, identifiers, tokenize="unicode61 remove_diacritics 0 tokenchars '-./'");
"""


class Database:
    """One open file; `db` is its connection. Not safe for use from several threads at once."""

    def __init__(self, path: Path, *, create: bool) -> None:
        try:
            self.db = sqlite3.connect(
                path if create else f"file:{path}?mode=rw", uri=not create, timeout=30, check_same_thread=False
            )
            self.db.execute("PRAGMA foreign_keys = ON")
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA secure_delete = ON")
            if create:
                self.db.executescript(_SCHEMA)
                migrations.upgrade(self.db)
                self.db.execute("CREATE INDEX IF NOT EXISTS documents_parts ON documents(part_of)")
            self.db.execute("SELECT 1 FROM meta, chunks, lexical LIMIT 1")
        except sqlite3.DatabaseError as exc:
            raise _unusable(path, exc) from exc

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all or nothing of what happens inside; may be nested. Raises IndexNotWritten when the disk refuses."""
        if self.db.in_transaction:
            yield
            return
        try:
            with self.db:
                self.db.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.OperationalError as exc:  # full, read-only or failing disk; locked for too long
            raise IndexNotWritten(
                f"The catalogue cannot be written ({exc}).",
                "Make room on the disk or mend it, then run `assistant ingest` again: it goes on where it stopped.",
            ) from exc

    def state(self) -> tuple[int, int]:
        """Give a value that changes with every write, of this connection or of another."""
        return written(self.db)

    # --- meta ---------------------------------------------------------------------------------------------

    def meta(self) -> dict[str, str]:
        """Read all key–value pairs (fingerprint parts and `generation`)."""
        return dict(self.db.execute("SELECT key, value FROM meta"))

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Write key–value pairs."""
        with self.transaction():
            self.db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    # --- upkeep ---------------------------------------------------------------------------------------------

    def unpurged(self) -> bool:
        """Tell whether documents were removed since the last `purge`."""
        return self.db.execute("SELECT 1 FROM meta WHERE key = 'unpurged'").fetchone() is not None

    def purge(self) -> bool:
        """Erase what removed documents left in the lexical index and the log; False while readers hold on to it.

        Freed pages are overwritten at once (`secure_delete`); the lexical index keeps deleted terms until its segments
        are merged, and the log keeps old pages until it is cut.
        """
        with self.transaction():
            self.db.execute("INSERT INTO lexical (lexical) VALUES ('optimize')")
        if self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            return False
        with self.transaction():
            self.db.execute("DELETE FROM meta WHERE key = 'unpurged'")
        return True

    def merge_segments(self) -> None:
        """Make the lexical index one segment where runs have left many: a search reads them all."""
        if self.count("SELECT count(DISTINCT segid) FROM lexical_idx") > _SEGMENTS:
            with self.transaction():
                self.db.execute("INSERT INTO lexical (lexical) VALUES ('optimize')")

    def damage(self) -> str:
        """Tell what SQLite finds wrong with the file; empty when it is sound."""
        try:
            self.db.execute("INSERT INTO lexical (lexical) VALUES ('integrity-check')")
            found = self.db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as exc:
            return "" if "locked" in str(exc) else str(exc)
        finally:
            self.db.rollback()
        return "" if found == "ok" else str(found)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read all rows of a query, for comparing whole catalogues."""
        return self.db.execute(query).fetchall()

    def count(self, query: str) -> int:
        """Read the one number that a query gives."""
        return int(self.db.execute(query).fetchone()[0])


def _unusable(path: Path, exc: sqlite3.DatabaseError) -> IndexCorrupt | IndexNotWritten:
    """The error that says what to do about a file that cannot be opened."""
    if exc.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return IndexNotWritten(
            f"The catalogue {path.name} cannot be opened ({exc}).", "Make room on the disk, then try again."
        )
    if exc.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return IndexNotWritten(
            f"The catalogue {path.name} cannot be opened ({exc}).", "Check the permissions of the index folder."
        )
    return IndexCorrupt(
        f"The catalogue {path.name} cannot be read ({exc}).",
        "Run `assistant ingest --rebuild` to make the index again from the documents.",
    )


def written(db: sqlite3.Connection) -> tuple[int, int]:
    """Give a value that changes with every write to the file of `db`: by others, and by `db` itself."""
    return db.execute("PRAGMA data_version").fetchone()[0], db.total_changes


def marks(values: Sequence[str]) -> str:
    """Write the question marks of an SQL list."""
    return ", ".join("?" * len(values))
