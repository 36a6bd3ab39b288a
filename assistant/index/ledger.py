"""What a run has done and still has to do, in the catalogue's file: failures, duplicates, vectors, progress, erasure.

Knows nothing of documents' texts; `Catalog` adds them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from assistant.errors import IndexNotWritten

#: Segments that the lexical index may have at the end of a run; at 100,000 passages 21 took a fifth longer than one.
_SEGMENTS = 8


class Ledger:
    """The part of the catalogue that keeps account of runs. `_db` is its open file."""

    _db: sqlite3.Connection

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing for what happens inside; may be nested. Raises IndexNotWritten when the disk refuses."""
        if self._db.in_transaction:
            yield
            return
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.OperationalError as exc:  # full, read-only or failing disk; locked for too long
            raise IndexNotWritten(
                f"The catalogue cannot be written ({exc}).",
                "Make room on the disk or mend it, then run `assistant ingest` again: it goes on where it stopped.",
            ) from exc

    def state(self) -> tuple[int, int]:
        """Changes with every write, of this connection or of another."""
        return written(self._db)

    # --- meta ---------------------------------------------------------------------------------------------

    def meta(self) -> dict[str, str]:
        """All key–value pairs (fingerprint parts and `generation`)."""
        return dict(self._db.execute("SELECT key, value FROM meta"))

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Write key–value pairs."""
        with self.transaction():
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    # --- files that are not documents of their own ---------------------------------------------------------

    def record_failure(
        self,
        path: str,
        root: str,
        reason: str,
        hint: str,
        *,
        stage: str = "read",
        content_hash: str = "",
        stopped: bool = False,
    ) -> None:
        """Note a file that could not go in; it stays listed until it does or disappears.

        `stopped`: its reader had to be stopped, so that it is not tried again before it changes.
        """
        values = (path, root, stage, reason, hint, content_hash, stopped, time.time())
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def forget_failure(self, path: str) -> None:
        """Drop the note about a file."""
        with self.transaction():
            self._db.execute("DELETE FROM failures WHERE path = ?", (path,))

    def failures(self) -> list[dict[str, str]]:
        """Files that could not go in: path, root, stage (scan, read, chunk, store, embed), reason, hint."""
        names = ("path", "root", "stage", "reason", "hint")
        rows = self._db.execute(f"SELECT {', '.join(names)} FROM failures ORDER BY path")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def stopped_files(self) -> dict[str, str]:
        """Of every file whose reader had to be stopped: `{path: content_hash}`."""
        return dict(self._db.execute("SELECT path, content_hash FROM failures WHERE stopped"))

    def put_duplicate(self, path: str, root: str, content_hash: str, document_id: str) -> None:
        """Note that a file has the bytes and the labels of a document, so that it is not indexed again."""
        with self.transaction():
            self._db.execute("DELETE FROM failures WHERE path = ?", (path,))
            self._db.execute(
                "INSERT OR REPLACE INTO duplicates VALUES (?, ?, ?, ?)", (path, root, content_hash, document_id)
            )

    def forget_duplicate(self, path: str) -> None:
        """Drop the note about a duplicate."""
        with self.transaction():
            self._db.execute("DELETE FROM duplicates WHERE path = ?", (path,))

    def duplicates(self) -> dict[str, tuple[str, str]]:
        """Of every duplicate: `{path: (document_id, content_hash)}`."""
        rows = self._db.execute("SELECT path, document_id, content_hash FROM duplicates ORDER BY path")
        return {row[0]: (row[1], row[2]) for row in rows}

    def same_file(self, file_hash: str) -> list[tuple[str, str, bool]]:
        """Documents made of the same bytes: `(document_id, access_class, labels_stated)`, by id."""
        rows = self._db.execute(
            "SELECT document_id, access_class, labels_stated FROM documents WHERE file_hash = ? ORDER BY document_id",
            (file_hash,),
        )
        return [(row[0], row[1], bool(row[2])) for row in rows]

    # --- what the vector store still has to do --------------------------------------------------------------

    def waiting(self, limit: int | None = None) -> list[tuple[str, str]]:
        """`(vector_id, access_class)` of vectors to be made, of long chunks first (equal lengths make full batches)."""
        return list(
            self._db.execute(
                "SELECT vector_id, access_class FROM chunks c WHERE NOT EXISTS "
                "(SELECT 1 FROM stored_vectors s WHERE s.vector_id = c.vector_id) "
                "GROUP BY vector_id ORDER BY max(end - start) DESC, min(id) LIMIT ?",
                (-1 if limit is None else limit,),
            )
        )

    def mark_embedded(self, vector_ids: Sequence[str]) -> None:
        """The vector store has acknowledged these vectors."""
        with self.transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO stored_vectors SELECT vector_id, access_class FROM chunks WHERE vector_id = ? "
                "LIMIT 1",
                [(each,) for each in vector_ids],
            )
            self._count_change()

    def mark_waiting(self, vector_ids: Sequence[str]) -> None:
        """These vectors are lost or gone: those that chunks still name are made anew."""
        if not vector_ids:
            return
        with self.transaction():
            self._db.executemany("DELETE FROM stored_vectors WHERE vector_id = ?", [(each,) for each in vector_ids])
            self._count_change()

    def stale(self) -> list[tuple[str, str]]:
        """`(vector_id, access_class)` of stored vectors that no chunk names any more."""
        return list(
            self._db.execute(
                "SELECT vector_id, access_class FROM stored_vectors s WHERE NOT EXISTS "
                "(SELECT 1 FROM chunks c WHERE c.vector_id = s.vector_id) ORDER BY 1"
            )
        )

    def stored(self) -> dict[str, str]:
        """Of every acknowledged vector: `{vector_id: access_class}`."""
        return dict(self._db.execute("SELECT vector_id, access_class FROM stored_vectors"))

    def _count_change(self) -> None:
        self._db.execute(
            "INSERT INTO meta VALUES ('generation', '1') "
            "ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1"
        )

    def generation(self) -> str:
        """Changes whenever the vector store has changed, so that a reader knows that it has to look again."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        return row[0] if row else "0"

    def chunk_states(self) -> dict[str, tuple[str, bool]]:
        """Of every chunk: `{chunk_id: (access_class, whether its vector is stored)}`."""
        rows = self._db.execute(
            "SELECT chunk_id, c.access_class, s.vector_id IS NOT NULL FROM chunks c LEFT JOIN stored_vectors s "
            "ON s.vector_id = c.vector_id"
        )
        return {row[0]: (row[1], bool(row[2])) for row in rows}

    # --- how far a run is -----------------------------------------------------------------------------------

    def set_progress(self, record: str) -> None:
        """Keep the numbers of the run under way (JSON); empty when it has ended."""
        with self.transaction():
            if record:
                self._db.execute("INSERT OR REPLACE INTO progress VALUES (1, ?)", (record,))
            else:
                self._db.execute("DELETE FROM progress")

    def progress(self) -> str:
        """The numbers of the run under way (JSON), or an empty string."""
        row = self._db.execute("SELECT record FROM progress").fetchone()
        return row[0] if row else ""

    # --- leaving nothing behind -----------------------------------------------------------------------------

    def unpurged(self) -> bool:
        """Whether documents were removed since the last `purge`."""
        return self._db.execute("SELECT 1 FROM meta WHERE key = 'unpurged'").fetchone() is not None

    def purge(self) -> bool:
        """Erase what removed documents left in the lexical index and the log; False while readers hold on to it.

        Freed pages are overwritten at once (`secure_delete`); the lexical index keeps deleted terms until its segments
        are merged, and the log keeps old pages until it is cut.
        """
        with self.transaction():
            self._db.execute("INSERT INTO lexical (lexical) VALUES ('optimize')")
        if self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            return False
        with self.transaction():
            self._db.execute("DELETE FROM meta WHERE key = 'unpurged'")
        return True

    def merge_segments(self) -> None:
        """Make the lexical index one segment where runs have left many: a search reads them all."""
        if self._count("SELECT count(DISTINCT segid) FROM lexical_idx") > _SEGMENTS:
            with self.transaction():
                self._db.execute("INSERT INTO lexical (lexical) VALUES ('optimize')")

    def damage(self) -> str:
        """What SQLite finds wrong with the file; empty when it is sound."""
        try:
            self._db.execute("INSERT INTO lexical (lexical) VALUES ('integrity-check')")
            found = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as exc:
            return "" if "locked" in str(exc) else str(exc)
        finally:
            self._db.rollback()
        return "" if found == "ok" else str(found)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query, for comparing whole catalogues."""
        return self._db.execute(query).fetchall()

    def _count(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


def written(db: sqlite3.Connection) -> tuple[int, int]:
    """Changes with every write to the file of `db`: by others, and by `db` itself."""
    return db.execute("PRAGMA data_version").fetchone()[0], db.total_changes


def marks(values: Sequence[str]) -> str:
    """Question marks for an SQL list."""
    return ", ".join("?" * len(values))
