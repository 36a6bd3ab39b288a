"""What a run has done and still has to do, in the catalogue's database: failures, duplicates, vectors, progress.

Knows nothing of what the documents say.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from assistant.index.database import Database
from assistant.index.rows import marks, told

#: As many rows as there are.
_ALL = 2**62
#: Vectors named in one statement.
_TOGETHER = 500


def _parts(vector_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (vector_ids[first : first + _TOGETHER] for first in range(0, len(vector_ids), _TOGETHER))


class Ledger:
    """Keeps account of runs in an open `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._db = database.db

    def roots(self) -> list[str]:
        """List the folders that the documents were found in."""
        rows = self._db.execute("SELECT DISTINCT root FROM documents WHERE root != '' ORDER BY root")
        return [row[0] for row in rows]

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
        values = (path, root, stage, reason, hint, content_hash, int(stopped), time.time())
        with self._database.transaction():
            self.forget_failure(path)
            self._database.insert("failures", [values])

    def forget_failure(self, path: str) -> None:
        """Drop the note about a file."""
        with self._database.transaction():
            self._db.execute("DELETE FROM failures WHERE path = ?", (path,))

    def failures(self) -> list[dict[str, str]]:
        """List the files that could not go in, or only in part: file, path, root, stage, reason, hint.

        `file` is where it lies on this machine, `path` what people are told: its path below `root`, the folder given.
        Stages are scan, read, chunk, store, embed and part.
        """
        names = ("file", "root", "stage", "reason", "hint")
        rows = self._db.execute("SELECT path, root, stage, reason, hint FROM failures ORDER BY path")
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return [{**each, "path": told(each["file"], each["root"])} for each in found]

    def stopped_files(self) -> dict[str, str]:
        """Read `{path: content_hash}` of every file whose reader had to be stopped."""
        return dict(self._db.execute("SELECT path, content_hash FROM failures WHERE stopped = 1"))

    def put_duplicate(self, path: str, root: str, content_hash: str, document_id: str) -> None:
        """Note that a file has the bytes and the labels of a document, so that it is not indexed again."""
        with self._database.transaction():
            self.forget_failure(path)
            self.forget_duplicate(path)
            self._database.insert("duplicates", [(path, root, content_hash, document_id)])

    def forget_duplicate(self, path: str) -> None:
        """Drop the note about a duplicate."""
        with self._database.transaction():
            self._db.execute("DELETE FROM duplicates WHERE path = ?", (path,))

    def duplicates(self) -> dict[str, tuple[str, str]]:
        """Read `{path: (document_id, content_hash)}` of every duplicate."""
        rows = self._db.execute("SELECT path, document_id, content_hash FROM duplicates ORDER BY path")
        return {row[0]: (row[1], row[2]) for row in rows}

    # --- what the vector store still has to do --------------------------------------------------------------

    def waiting(self, limit: int | None = None) -> list[tuple[str, str]]:
        """List `(vector_id, access_class)` to be made, of long chunks first (equal lengths make full batches)."""
        return list(
            self._db.execute(
                "SELECT vector_id, min(access_class) FROM chunks c WHERE NOT EXISTS "
                "(SELECT 1 FROM stored_vectors s WHERE s.vector_id = c.vector_id) "
                'GROUP BY vector_id ORDER BY max("end" - start) DESC, min(id) LIMIT ?',
                (_ALL if limit is None else limit,),
            )
        )

    def mark_embedded(self, vector_ids: Sequence[str]) -> None:
        """Note that the vector store has acknowledged these vectors."""
        with self._database.transaction():
            for part in _parts(vector_ids):
                self._db.execute(
                    "INSERT INTO stored_vectors (vector_id, access_class) SELECT vector_id, min(access_class) "
                    f"FROM chunks WHERE vector_id IN ({marks(part)}) GROUP BY vector_id "
                    "ON CONFLICT (vector_id) DO UPDATE SET access_class = excluded.access_class",
                    part,
                )
            self._count_change()

    def mark_waiting(self, vector_ids: Sequence[str]) -> None:
        """Note that these vectors are lost or gone: those that chunks still name are made anew."""
        if not vector_ids:
            return
        with self._database.transaction():
            for part in _parts(vector_ids):
                self._db.execute(f"DELETE FROM stored_vectors WHERE vector_id IN ({marks(part)})", part)
            self._count_change()

    def stale(self) -> list[tuple[str, str]]:
        """List `(vector_id, access_class)` of stored vectors that no chunk names any more."""
        return list(
            self._db.execute(
                "SELECT vector_id, access_class FROM stored_vectors s WHERE NOT EXISTS "
                "(SELECT 1 FROM chunks c WHERE c.vector_id = s.vector_id) ORDER BY 1"
            )
        )

    def stored(self) -> dict[str, str]:
        """Read `{vector_id: access_class}` of every acknowledged vector."""
        return dict(self._db.execute("SELECT vector_id, access_class FROM stored_vectors"))

    def has_stored(self, access_classes: Sequence[str]) -> bool:
        """Tell whether any vector of these access classes has been acknowledged."""
        query = f"SELECT 1 FROM stored_vectors WHERE access_class IN ({marks(access_classes)}) LIMIT 1"
        return self._db.execute(query, tuple(access_classes)).fetchone() is not None

    def _count_change(self) -> None:
        self._db.execute(
            "INSERT INTO meta (key, value) VALUES ('generation', '1') "
            "ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT)"
        )

    def generation(self) -> str:
        """Give a value that changes with the vector store, so that a reader knows that it has to look again."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
        return row[0] if row else "0"

    # --- how far a run is -----------------------------------------------------------------------------------

    def set_progress(self, record: str) -> None:
        """Keep the numbers of the run under way (JSON); empty when it has ended."""
        with self._database.transaction():
            self._db.execute("DELETE FROM progress")
            if record:
                self._database.insert("progress", [(1, record)])

    def progress(self) -> str:
        """Read the numbers of the run under way (JSON), or an empty string."""
        row = self._db.execute("SELECT record FROM progress").fetchone()
        return row[0] if row else ""
