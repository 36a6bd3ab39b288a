"""The catalogue: documents, blocks, chunks and the lexical index, in one SQLite file.

Every change of a document is one transaction: its old rows go and its new rows come. A chunk names its vector by
`vector_id`, and `stored_vectors` lists what the vector store has acknowledged: what chunks name and the list lacks is
still to be made, what the list holds and no chunk names has to go. So a killed process leaves either the old document
or the new one, and both lists of what the vector store still has to do.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.errors import IndexCorrupt, IndexNotWritten
from assistant.index.ledger import Ledger, marks
from assistant.index.lexical import Lexical
from assistant.index.tokens import Terms, terms
from assistant.schema import Block, Chunk, Document

SCHEMA_VERSION = "3"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS access_classes (
    access_class TEXT NOT NULL, label TEXT NOT NULL, PRIMARY KEY (access_class, label)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY, document_id TEXT UNIQUE NOT NULL, root TEXT NOT NULL, path TEXT UNIQUE NOT NULL,
    access_class TEXT NOT NULL, content_hash TEXT NOT NULL, file_hash TEXT NOT NULL, labels_stated INTEGER NOT NULL,
    replaced_by TEXT NOT NULL, text TEXT NOT NULL, record TEXT NOT NULL, ingested_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS documents_file ON documents(file_hash);
CREATE TABLE IF NOT EXISTS duplicates (
    path TEXT PRIMARY KEY, root TEXT NOT NULL, content_hash TEXT NOT NULL, document_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blocks (
    document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE, start INTEGER NOT NULL,
    end INTEGER NOT NULL, kind TEXT NOT NULL, page INTEGER, heading_path TEXT NOT NULL, table_header TEXT NOT NULL,
    boxes TEXT NOT NULL, PRIMARY KEY (document, start)) WITHOUT ROWID;
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


#: Documents whose records are kept between questions, without their texts.
_KEPT_DOCUMENTS = 20_000


def _joined(found: Terms) -> str:
    return " ".join((*found.words, *found.bigrams, *found.identifiers))


class Catalog(Ledger):
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
            self._lexical = Lexical(self._db)
            self._documents: dict[int, Document] = {}
            self._read_at: tuple[int, int] | None = None
        except sqlite3.DatabaseError as exc:
            if exc.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise IndexNotWritten(
                    f"The catalogue {path.name} cannot be opened ({exc}).", "Make room on the disk, then try again."
                ) from exc
            raise IndexCorrupt(
                f"The catalogue {path.name} cannot be read ({exc}).",
                "Run `assistant ingest --rebuild` to make the index again from the documents.",
            ) from exc

    # --- documents ------------------------------------------------------------------------------------------

    def put(
        self,
        document: Document,
        root: str,
        access_class: str,
        text: str,
        blocks: Sequence[Block],
        chunks: Sequence[Chunk],
        *,
        vector_ids: Sequence[str] = (),
        file_hash: str = "",
        labels_stated: bool = True,
        instead_of: Iterable[str] = (),
    ) -> None:
        """Insert or replace a document with its blocks, chunks and lexical rows, in one transaction.

        `vector_ids` name the chunks' vectors (the chunk ids when empty): equal ids share one vector. `file_hash` is
        of the file alone; `labels_stated` whether labels were given or only the default. The documents `instead_of`
        (of a file that was moved, or now a duplicate) go in the same transaction.
        """
        record = {name: getattr(document, name) for name in Document.__slots__}
        with self.transaction():
            for document_id in (document.document_id, *instead_of):
                self._drop(document_id)
            self._db.executemany(
                "INSERT OR IGNORE INTO access_classes VALUES (?, ?)",
                [(access_class, label) for label in document.labels],
            )
            row = self._db.execute(
                "INSERT INTO documents (document_id, root, path, access_class, content_hash, file_hash, labels_stated, "
                "replaced_by, text, record, ingested_at) VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?)",
                (
                    document.document_id,
                    root,
                    document.path,
                    access_class,
                    document.content_hash,
                    file_hash,
                    labels_stated,
                    text,
                    json.dumps(record, ensure_ascii=False),
                    time.time(),
                ),
            ).lastrowid
            self._db.executemany(
                "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        row,
                        b.start,
                        b.end,
                        b.kind,
                        b.page,
                        json.dumps(b.heading_path, ensure_ascii=False),
                        b.table_header,
                        json.dumps(b.boxes, separators=(",", ":")),
                    )
                    for b in blocks
                ],
            )
            title = _joined(terms(document.title))
            for chunk, vector_id in zip(chunks, vector_ids or [chunk.chunk_id for chunk in chunks], strict=True):
                number = self._db.execute(
                    "INSERT INTO chunks (chunk_id, document, ordinal, start, end, page, heading_path, table_header, "
                    "access_class, vector_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                        vector_id,
                    ),
                ).lastrowid
                self._index_words(number, title, chunk)
            self._db.execute("DELETE FROM failures WHERE path = ?", (document.path,))
            self._db.execute("DELETE FROM duplicates WHERE path = ?", (document.path,))

    def _index_words(self, number: int | None, title: str, chunk: Chunk) -> None:
        body = terms(f"{chunk.table_header}\n{chunk.text}" if chunk.table_header else chunk.text)
        self._db.execute(
            "INSERT INTO lexical (rowid, title, headings, words, bigrams, identifiers) VALUES (?, ?, ?, ?, ?, ?)",
            (
                number,
                title,
                _joined(terms(" ".join(chunk.heading_path))),
                " ".join(body.words),
                " ".join(body.bigrams),
                " ".join(body.identifiers),
            ),
        )

    def lexical_differences(self) -> tuple[int, int]:
        """How many chunks the lexical index lacks, and how many of its rows belong to no chunk."""
        return (
            self._count("SELECT count(*) FROM chunks WHERE id NOT IN (SELECT id FROM lexical_content)"),
            self._count("SELECT count(*) FROM lexical_content WHERE id NOT IN (SELECT id FROM chunks)"),
        )

    def rebuild_lexical(self) -> None:
        """Make the lexical index again from the chunks, in one transaction."""
        with self.transaction():
            self._db.execute("DELETE FROM lexical WHERE rowid NOT IN (SELECT id FROM chunks)")
            rows = self._db.execute(
                "SELECT id, chunk_id, access_class FROM chunks WHERE id NOT IN (SELECT id FROM lexical_content)"
            ).fetchall()
            for number, chunk_id, access_class in rows:
                chunk, document = self.chunks([chunk_id], [access_class])[chunk_id]
                self._index_words(number, _joined(terms(document.title)), chunk)

    def remove(self, document_id: str) -> None:
        """Remove a document; the vectors that no other chunk names become stale."""
        with self.transaction():
            self._drop(document_id)

    def _drop(self, document_id: str) -> None:
        found = self._db.execute("SELECT id FROM documents WHERE document_id = ?", (document_id,)).fetchone()
        if found is None:
            return
        self._db.execute("DELETE FROM lexical WHERE rowid IN (SELECT id FROM chunks WHERE document = ?)", found)
        self._db.execute("DELETE FROM documents WHERE id = ?", found)
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('unpurged', '1')")

    def states(self) -> dict[str, tuple[str, str, str]]:
        """Of every document: `{path: (document_id, root, content_hash)}`."""
        rows = self._db.execute("SELECT path, document_id, root, content_hash FROM documents")
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def labels(self, document_id: str) -> tuple[str, ...]:
        """Labels of a document; none when it is not there."""
        row = self._db.execute("SELECT record FROM documents WHERE document_id = ?", (document_id,)).fetchone()
        return _document(row[0]).labels if row else ()

    def link_versions(self) -> list[dict[str, str]]:
        """Mark documents that a newer one names in `supersedes`; returns the new marks.

        A name is a document id, or the version of a document with the same title and language. The newest
        wins. A mark never tells of a document that some of the older one's readers may not see.
        """
        rows = self._db.execute("SELECT id, record, replaced_by FROM documents ORDER BY document_id").fetchall()
        documents = {row[0]: _document(row[1]) for row in rows}
        names = {document.document_id: row for row, document in documents.items()}
        versions = {(d.title, d.language, d.version): row for row, d in documents.items() if d.version}
        newer: dict[int, Document] = {}
        for row, document in sorted(documents.items(), key=lambda pair: (pair[1].effective_date, pair[1].document_id)):
            if not document.supersedes:
                continue
            older = names.get(document.supersedes) or versions.get(
                (document.title, document.language, document.supersedes)
            )
            if older is not None and older != row and set(documents[older].labels) <= set(document.labels):
                newer[older] = document
        marked = []
        with self.transaction():
            for row, record, before in rows:
                values = json.loads(record)
                after = newer[row].document_id if row in newer else ""
                if after == before or values["superseded_by"] not in ("", before):  # what it says itself stands
                    continue
                self._db.execute(
                    "UPDATE documents SET record = ?, replaced_by = ? WHERE id = ?",
                    (json.dumps({**values, "superseded_by": after}, ensure_ascii=False), after, row),
                )
                if after:
                    marked.append({"document_id": values["document_id"], "superseded_by": after})
        return marked

    def documents(self, classes: Sequence[str]) -> list[Document]:
        """Documents of these access classes, by id."""
        rows = self._db.execute(
            f"SELECT record FROM documents WHERE access_class IN ({marks(classes)}) ORDER BY document_id", classes
        )
        return [_document(row[0]) for row in rows]

    def document_text(self, document_id: str, classes: Sequence[str]) -> tuple[Document, str] | None:
        """A document and its stored text, or None when it is not there (or not for these access classes)."""
        row = self._db.execute(
            f"SELECT record, text FROM documents WHERE document_id = ? AND access_class IN ({marks(classes)})",
            (document_id, *classes),
        ).fetchone()
        return (_document(row[0]), row[1]) if row else None

    def blocks(self, document_id: str, start: int, end: int, classes: Sequence[str]) -> list[Block]:
        """Blocks of a document that overlap `start:end`, in order."""
        rows = self._db.execute(
            "SELECT b.kind, b.start, b.end, b.heading_path, b.page, b.table_header, b.boxes FROM blocks b "
            "JOIN documents d ON d.id = b.document WHERE d.document_id = ? AND b.start < ? AND b.end > ? "
            f"AND d.access_class IN ({marks(classes)}) ORDER BY b.start",
            (document_id, end, start, *classes),
        )
        return [
            Block(kind, s, e, tuple(json.loads(path)), page, header, tuple(tuple(box) for box in json.loads(boxes)))
            for kind, s, e, path, page, header, boxes in rows
        ]

    # --- chunks and lexical search --------------------------------------------------------------------------

    def visible_classes(self, labels: Iterable[str]) -> list[str]:
        """Access classes (label sets of documents) that a holder of any of `labels` may see."""
        wanted = list(labels)
        rows = self._db.execute(
            f"SELECT DISTINCT access_class FROM access_classes WHERE label IN ({marks(wanted)}) ORDER BY 1", wanted
        )
        return [row[0] for row in rows]

    def search(self, question: Terms, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """BM25 over words, bigrams and identifiers: `(chunk_id, score)`, best first; higher is better."""
        return self._lexical.search(question, classes, top_k)

    def document_frequency(self, words: Iterable[str], classes: Sequence[str]) -> tuple[dict[str, int], int]:
        """In how many visible chunks each term occurs, and how many visible chunks there are."""
        return self._lexical.frequency(words, classes)

    def terms_of(self, chunk_ids: Sequence[str], classes: Sequence[str]) -> dict[str, frozenset[str]]:
        """Words and identifiers of the chunks with these ids that these access classes hold."""
        return self._lexical.held(chunk_ids, classes)

    def owners(self, chunk_ids: Sequence[str], classes: Sequence[str]) -> dict[str, Document]:
        """The documents of the chunks with these ids that these access classes hold, without their texts."""
        rows = self._db.execute(
            f"SELECT chunk_id, document FROM chunks WHERE chunk_id IN ({marks(chunk_ids)}) "
            f"AND access_class IN ({marks(classes)})",
            (*chunk_ids, *classes),
        ).fetchall()
        if (now := self.state()) != self._read_at or len(self._documents) > _KEPT_DOCUMENTS:
            self._documents, self._read_at = {}, now
        unread = list({row for _, row in rows} - self._documents.keys())
        for row, record in self._db.execute(f"SELECT id, record FROM documents WHERE id IN ({marks(unread)})", unread):
            self._documents[row] = _document(record)
        return {chunk_id: self._documents[row] for chunk_id, row in rows}

    def chunks(self, chunk_ids: Sequence[str], classes: Sequence[str]) -> dict[str, tuple[Chunk, Document]]:
        """The chunks with these ids that these access classes hold."""
        rows = self._db.execute(
            "SELECT document, chunk_id, ordinal, start, end, page, heading_path, table_header FROM chunks "
            f"WHERE chunk_id IN ({marks(chunk_ids)}) AND access_class IN ({marks(classes)})",
            (*chunk_ids, *classes),
        ).fetchall()
        owners = list({row[0] for row in rows})
        # each text is read once: SQLite's substr() would walk through a thick manual for every passage of it
        stored = {
            number: (_document(record), text)
            for number, record, text in self._db.execute(
                f"SELECT id, record, text FROM documents WHERE id IN ({marks(owners)})", owners
            )
        }
        found = {}
        for owner, chunk_id, ordinal, start, end, page, path, header in rows:
            document, text = stored[owner]
            headings = tuple(json.loads(path))
            chunk = Chunk(chunk_id, document.document_id, ordinal, start, end, text[start:end], headings, page, header)
            found[chunk_id] = (chunk, document)
        return found

    def passages(self, vector_ids: Sequence[str]) -> dict[str, tuple[Chunk, Document]]:
        """For each vector one chunk that names it, whatever its labels: for making the vector, not for showing."""
        rows = self._db.execute(
            f"SELECT vector_id, min(chunk_id), access_class FROM chunks WHERE vector_id IN ({marks(vector_ids)}) "
            "GROUP BY vector_id",
            vector_ids,
        ).fetchall()
        found = self.chunks([row[1] for row in rows], list({row[2] for row in rows}))
        return {vector_id: found[chunk_id] for vector_id, chunk_id, _ in rows}

    def chunks_of_vectors(self, vector_ids: Sequence[str], classes: Sequence[str]) -> dict[str, list[str]]:
        """Of each vector the chunks of these access classes that name it, by id."""
        found: dict[str, list[str]] = {}
        for vector_id, chunk_id in self._db.execute(
            f"SELECT vector_id, chunk_id FROM chunks WHERE vector_id IN ({marks(vector_ids)}) "
            f"AND access_class IN ({marks(classes)}) ORDER BY id",
            (*vector_ids, *classes),
        ):
            found.setdefault(vector_id, []).append(chunk_id)
        return found

    def size(self) -> dict[str, int]:
        """Numbers of all documents and chunks, whoever may see them."""
        return {
            name: self._db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("documents", "chunks")
        }

    def counts(self, classes: Sequence[str]) -> dict[str, int]:
        """Numbers of visible documents, chunks and chunks that wait for their vector."""
        visible = marks(classes)
        documents = self._db.execute(f"SELECT count(*) FROM documents WHERE access_class IN ({visible})", classes)
        chunks = self._db.execute(
            "SELECT count(*), coalesce(sum(s.vector_id IS NULL), 0) FROM chunks c LEFT JOIN stored_vectors s "
            f"ON s.vector_id = c.vector_id WHERE c.access_class IN ({visible})",
            classes,
        ).fetchone()
        return {"documents": documents.fetchone()[0], "chunks": chunks[0], "waiting": chunks[1]}


def _document(record: str) -> Document:
    values = json.loads(record)
    values["labels"] = tuple(values["labels"])
    values["source"] = tuple(values["source"])
    return Document(**values)
