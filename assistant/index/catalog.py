"""The catalogue: documents, blocks, chunks and the lexical index, in one SQLite file.

Every change of a document is one transaction: its old rows go, its new rows come, and the vectors that became
stale are noted in `stale_vectors` in the same transaction. So a killed process leaves either the old document or
the new one, and the list of what the vector store still has to do.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import IndexCorrupt
from assistant.index.tokens import Terms, terms
from assistant.schema import Block, Chunk, Document

SCHEMA_VERSION = "1"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS access_classes (
    access_class TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (access_class, label)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY, document_id TEXT UNIQUE NOT NULL, root TEXT NOT NULL, path TEXT UNIQUE NOT NULL,
    access_class TEXT NOT NULL, content_hash TEXT NOT NULL, text TEXT NOT NULL, record TEXT NOT NULL,
    ingested_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (
    document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE, start INTEGER NOT NULL,
    end INTEGER NOT NULL, kind TEXT NOT NULL, page INTEGER, heading_path TEXT NOT NULL, table_header TEXT NOT NULL,
    PRIMARY KEY (document, start)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY, chunk_id TEXT UNIQUE NOT NULL,
    document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, page INTEGER, heading_path TEXT NOT NULL,
    table_header TEXT NOT NULL, access_class TEXT NOT NULL, embedded INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS chunks_document ON chunks(document);
CREATE INDEX IF NOT EXISTS chunks_waiting ON chunks(embedded) WHERE embedded = 0;
CREATE TABLE IF NOT EXISTS stale_vectors (chunk_id TEXT PRIMARY KEY, access_class TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failures (
    path TEXT PRIMARY KEY, root TEXT NOT NULL, reason TEXT NOT NULL, hint TEXT NOT NULL, failed_at REAL NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS lexical USING fts5(
    title, headings, words, bigrams, identifiers, tokenize="unicode61 remove_diacritics 0 tokenchars '-./'");
"""

#: BM25 weight of title, headings, words, bigrams, identifiers. Identifiers name one thing; bigrams are a net.
_FIELD_WEIGHTS = (1.5, 1.5, 1.0, 0.4, 3.0)


def _quote(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _joined(found: Terms) -> str:
    return " ".join((*found.words, *found.bigrams, *found.identifiers))


class Catalog:
    """One open catalogue. Not safe for use from several threads at once: `Index` holds a lock around it."""

    def __init__(self, path: Path, *, create: bool) -> None:
        try:
            self._db = sqlite3.connect(
                path if create else f"file:{path}?mode=rw", uri=not create, timeout=30, check_same_thread=False
            )
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA secure_delete = ON")
            if create:
                self._db.executescript(_SCHEMA)
            self._db.execute("SELECT 1 FROM meta, chunks, lexical LIMIT 1")
        except sqlite3.DatabaseError as exc:
            raise IndexCorrupt(
                f"The catalogue {path.name} cannot be read ({exc}).",
                "Run `assistant ingest --rebuild` to make the index again from the documents.",
            ) from exc

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing for what happens inside."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE") if not self._db.in_transaction else None
            yield

    # --- meta ---------------------------------------------------------------------------------------------

    def meta(self) -> dict[str, str]:
        """All key–value pairs (fingerprint parts and `generation`)."""
        return dict(self._db.execute("SELECT key, value FROM meta"))

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Write key–value pairs."""
        with self.transaction():
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    # --- documents ------------------------------------------------------------------------------------------

    def put(
        self,
        document: Document,
        root: str,
        access_class: str,
        text: str,
        blocks: Sequence[Block],
        chunks: Sequence[Chunk],
    ) -> None:
        """Insert or replace a document with its blocks, chunks and lexical rows, in one transaction."""
        record = {name: getattr(document, name) for name in Document.__slots__}
        with self.transaction():
            self._drop(document.document_id)
            self._db.executemany(
                "INSERT OR IGNORE INTO access_classes VALUES (?, ?)",
                [(access_class, label) for label in document.labels],
            )
            row = self._db.execute(
                "INSERT INTO documents (document_id, root, path, access_class, content_hash, text, record, "
                "ingested_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    document.document_id,
                    root,
                    document.path,
                    access_class,
                    document.content_hash,
                    text,
                    json.dumps(record, ensure_ascii=False),
                    time.time(),
                ),
            ).lastrowid
            self._db.executemany(
                "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        row,
                        b.start,
                        b.end,
                        b.kind,
                        b.page,
                        json.dumps(b.heading_path, ensure_ascii=False),
                        b.table_header,
                    )
                    for b in blocks
                ],
            )
            title = _joined(terms(document.title))
            for chunk in chunks:
                number = self._db.execute(
                    "INSERT INTO chunks (chunk_id, document, ordinal, start, end, page, heading_path, table_header, "
                    "access_class) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        chunk.chunk_id,
                        row,
                        chunk.ordinal,
                        chunk.start,
                        chunk.end,
                        chunk.page,
                        json.dumps(chunk.heading_path, ensure_ascii=False),
                        chunk.table_header,
                        access_class,
                    ),
                ).lastrowid
                body = terms(f"{chunk.table_header}\n{chunk.text}" if chunk.table_header else chunk.text)
                self._db.execute(
                    "INSERT INTO lexical (rowid, title, headings, words, bigrams, identifiers) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        number,
                        title,
                        _joined(terms(" ".join(chunk.heading_path))),
                        " ".join(body.words),
                        " ".join(body.bigrams),
                        " ".join(body.identifiers),
                    ),
                )
                # A document can come back unchanged after a removal: its vectors are wanted again.
                self._db.execute("DELETE FROM stale_vectors WHERE chunk_id = ?", (chunk.chunk_id,))
            self._db.execute("DELETE FROM failures WHERE path = ?", (document.path,))

    def remove(self, document_id: str) -> None:
        """Remove a document; its vectors are noted as stale."""
        with self.transaction():
            self._drop(document_id)

    def _drop(self, document_id: str) -> None:
        found = self._db.execute("SELECT id FROM documents WHERE document_id = ?", (document_id,)).fetchone()
        if found is None:
            return
        self._db.execute(
            "INSERT OR REPLACE INTO stale_vectors SELECT chunk_id, access_class FROM chunks WHERE document = ?", found
        )
        self._db.execute("DELETE FROM lexical WHERE rowid IN (SELECT id FROM chunks WHERE document = ?)", found)
        self._db.execute("DELETE FROM documents WHERE id = ?", found)

    def record_failure(self, path: str, root: str, reason: str, hint: str) -> None:
        """Note a file that could not be read; it stays listed until it goes in or disappears."""
        with self.transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?)", (path, root, reason, hint, time.time())
            )

    def forget_failure(self, path: str) -> None:
        """Drop the note about a file."""
        with self.transaction():
            self._db.execute("DELETE FROM failures WHERE path = ?", (path,))

    def failures(self) -> list[dict[str, str]]:
        """Files that could not be read: path, root, reason, hint."""
        rows = self._db.execute("SELECT path, root, reason, hint FROM failures ORDER BY path")
        return [dict(zip(("path", "root", "reason", "hint"), row, strict=True)) for row in rows]

    def states(self) -> dict[str, tuple[str, str, str]]:
        """Of every document: `{path: (document_id, root, content_hash)}`."""
        rows = self._db.execute("SELECT path, document_id, root, content_hash FROM documents")
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def documents(self, classes: Sequence[str]) -> list[Document]:
        """Documents of these access classes, by id."""
        rows = self._db.execute(
            f"SELECT record FROM documents WHERE access_class IN ({_marks(classes)}) ORDER BY document_id", classes
        )
        return [_document(row[0]) for row in rows]

    def document_text(self, document_id: str, classes: Sequence[str]) -> tuple[Document, str] | None:
        """A document and its stored text, or None when it is not there (or not for these access classes)."""
        row = self._db.execute(
            f"SELECT record, text FROM documents WHERE document_id = ? AND access_class IN ({_marks(classes)})",
            (document_id, *classes),
        ).fetchone()
        return (_document(row[0]), row[1]) if row else None

    def blocks(self, document_id: str, start: int, end: int, classes: Sequence[str]) -> list[Block]:
        """Blocks of a document that overlap `start:end`, in order."""
        rows = self._db.execute(
            "SELECT b.kind, b.start, b.end, b.heading_path, b.page, b.table_header FROM blocks b "
            "JOIN documents d ON d.id = b.document WHERE d.document_id = ? AND b.start < ? AND b.end > ? "
            f"AND d.access_class IN ({_marks(classes)}) ORDER BY b.start",
            (document_id, end, start, *classes),
        )
        return [Block(kind, s, e, tuple(json.loads(path)), page, header) for kind, s, e, path, page, header in rows]

    # --- chunks and lexical search --------------------------------------------------------------------------

    def visible_classes(self, labels: Iterable[str]) -> list[str]:
        """Access classes (label sets of documents) that a holder of any of `labels` may see."""
        wanted = list(labels)
        rows = self._db.execute(
            f"SELECT DISTINCT access_class FROM access_classes WHERE label IN ({_marks(wanted)}) ORDER BY 1", wanted
        )
        return [row[0] for row in rows]

    def search(self, question: Terms, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """BM25 over words, bigrams and identifiers: `(chunk_id, score)`, best first; higher is better."""
        wanted = dict.fromkeys((*question.words, *question.bigrams, *question.identifiers))
        if not wanted or not classes:
            return []
        weights = ", ".join(str(weight) for weight in _FIELD_WEIGHTS)
        rows = self._db.execute(
            f"SELECT c.chunk_id, -bm25(lexical, {weights}) AS score FROM lexical JOIN chunks c ON c.id = lexical.rowid "
            f"WHERE lexical MATCH ? AND c.access_class IN ({_marks(classes)}) ORDER BY score DESC, c.id LIMIT ?",
            (" OR ".join(_quote(term) for term in wanted), *classes, top_k),
        )
        return [(row[0], row[1]) for row in rows]

    def document_frequency(self, words: Iterable[str], classes: Sequence[str]) -> tuple[dict[str, int], int]:
        """In how many visible chunks each term occurs, and how many visible chunks there are."""
        total = self._db.execute(
            f"SELECT count(*) FROM chunks WHERE access_class IN ({_marks(classes)})", classes
        ).fetchone()[0]
        counts = {}
        for word in dict.fromkeys(words):
            counts[word] = self._db.execute(
                "SELECT count(*) FROM lexical JOIN chunks c ON c.id = lexical.rowid WHERE lexical MATCH ? "
                f"AND c.access_class IN ({_marks(classes)})",
                (_quote(word), *classes),
            ).fetchone()[0]
        return counts, total

    def chunks(self, chunk_ids: Sequence[str], classes: Sequence[str]) -> dict[str, tuple[Chunk, Document]]:
        """The chunks with these ids that these access classes hold."""
        rows = self._db.execute(
            "SELECT c.chunk_id, c.ordinal, c.start, c.end, c.page, c.heading_path, c.table_header, d.record, "
            "substr(d.text, c.start + 1, c.end - c.start) FROM chunks c JOIN documents d ON d.id = c.document "
            f"WHERE c.chunk_id IN ({_marks(chunk_ids)}) AND c.access_class IN ({_marks(classes)})",
            (*chunk_ids, *classes),
        )
        found = {}
        for chunk_id, ordinal, start, end, page, path, header, record, text in rows:
            document = _document(record)
            found[chunk_id] = (
                Chunk(chunk_id, document.document_id, ordinal, start, end, text, tuple(json.loads(path)), page, header),
                document,
            )
        return found

    # --- what the vector store still has to do --------------------------------------------------------------

    def waiting(self, limit: int | None = None) -> list[tuple[str, str]]:
        """`(chunk_id, access_class)` of chunks without a vector, longest first (equal lengths make full batches)."""
        return list(
            self._db.execute(
                "SELECT chunk_id, access_class FROM chunks WHERE embedded = 0 ORDER BY end - start DESC, id LIMIT ?",
                (-1 if limit is None else limit,),
            )
        )

    def mark_embedded(self, chunk_ids: Sequence[str]) -> None:
        """These chunks have their vectors."""
        with self.transaction():
            self._db.executemany("UPDATE chunks SET embedded = 1 WHERE chunk_id = ?", [(i,) for i in chunk_ids])

    def mark_waiting(self, chunk_ids: Sequence[str]) -> None:
        """These chunks have lost their vectors and get new ones."""
        with self.transaction():
            self._db.executemany("UPDATE chunks SET embedded = 0 WHERE chunk_id = ?", [(i,) for i in chunk_ids])

    def stale(self) -> list[tuple[str, str]]:
        """`(chunk_id, access_class)` of vectors that must go."""
        return list(self._db.execute("SELECT chunk_id, access_class FROM stale_vectors ORDER BY 1"))

    def forget_stale(self, chunk_ids: Sequence[str]) -> None:
        """These vectors are gone."""
        with self.transaction():
            self._db.executemany("DELETE FROM stale_vectors WHERE chunk_id = ?", [(i,) for i in chunk_ids])

    def chunk_states(self) -> dict[str, tuple[str, bool]]:
        """Of every chunk: `{chunk_id: (access_class, embedded)}`."""
        rows = self._db.execute("SELECT chunk_id, access_class, embedded FROM chunks")
        return {row[0]: (row[1], bool(row[2])) for row in rows}

    def counts(self, classes: Sequence[str]) -> dict[str, int]:
        """Numbers of visible documents, chunks and chunks that wait for their vector."""
        marks = _marks(classes)
        documents = self._db.execute(f"SELECT count(*) FROM documents WHERE access_class IN ({marks})", classes)
        chunks = self._db.execute(
            f"SELECT count(*), coalesce(sum(embedded = 0), 0) FROM chunks WHERE access_class IN ({marks})", classes
        ).fetchone()
        return {"documents": documents.fetchone()[0], "chunks": chunks[0], "waiting": chunks[1]}


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _document(record: str) -> Document:
    values = json.loads(record)
    values["labels"] = tuple(values["labels"])
    values["source"] = tuple(values["source"])
    return Document(**values)
