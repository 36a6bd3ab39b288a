"""The catalogue: documents, blocks, chunks and the lexical index, in one database.

Every change of a document is one transaction: its old rows go and its new rows come. A chunk names its vector by
`vector_id`, and `stored_vectors` lists what the vector store has acknowledged: what chunks name and the list lacks is
still to be made, what the list holds and no chunk names has to go. So a killed process leaves either the old document
or the new one, and both lists of what the vector store still has to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from assistant.index.database import Database, FileDatabase
from assistant.index.ledger import Ledger
from assistant.index.rows import block_of, block_row, chunk_of, chunk_row, document_of, document_row, marks
from assistant.index.versions import newer_versions
from assistant.schema import Block, Document, Passage
from assistant.text.tokens import Terms

#: Documents whose records are kept between questions, without their texts.
_KEPT_DOCUMENTS = 20_000
_WITHOUT_WORDS = "NOT EXISTS (SELECT 1 FROM lexical WHERE lexical.rowid = chunks.id)"
_WITHOUT_CHUNK = "NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.id = lexical.rowid)"


class Catalog:
    """One open catalogue. Not safe for use from several threads at once: `Index` holds a lock around it.

    `database` is where it is kept, `ledger` keeps account of runs in it.
    """

    def __init__(self, where: Path | Database, *, create: bool = False) -> None:
        """Open the SQLite file (Path), which `create` makes when there is none, or take an open database."""
        self.database = FileDatabase(where, create=create) if isinstance(where, Path) else where
        self.ledger = Ledger(self.database)
        self._db = self.database.db
        self._lexical = self.database.lexical()
        self._documents: dict[int, Document] = {}
        self._read_at: Any = None

    def close(self) -> None:
        """Release the database; safe to call twice."""
        self.database.close()

    # --- documents ------------------------------------------------------------------------------------------

    def put(
        self,
        document: Document,
        root: str,
        access_class: str,
        text: str,
        blocks: Sequence[Block],
        chunks: Sequence[Passage],
        *,
        file: str = "",
        vector_ids: Sequence[str] = (),
        file_hash: str = "",
        labels_stated: bool = True,
        instead_of: Iterable[str] = (),
        part_of: str = "",
    ) -> None:
        """Insert or replace a document with its blocks, chunks and lexical rows, in one transaction.

        `file` is where it lies on this machine (`document.path` when empty). `vector_ids` name the chunks' vectors (the
        chunk ids when empty): equal ids share one vector. `file_hash` is of the file alone; `labels_stated` whether
        labels were given or only the default. The documents `instead_of` (of a file that was moved, or now a duplicate)
        go in the same transaction. `part_of`: the document of the archive that this one lies in, with which it goes.
        """
        place = file or document.path
        with self.database.transaction():
            for document_id in (document.document_id, *instead_of):
                self._drop(document_id)
            self._db.executemany(
                "INSERT INTO access_classes (access_class, label) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(access_class, label) for label in document.labels],
            )
            own = self.database.next_id("documents")
            self.database.insert(
                "documents",
                [document_row(own, document, root, place, access_class, file_hash, labels_stated, text, part_of)],
            )
            self.database.insert("blocks", [block_row(own, each) for each in blocks])
            ids = vector_ids or [chunk.chunk_id for chunk in chunks]
            numbered = list(enumerate(chunks, self.database.next_id("chunks")))
            self.database.insert(
                "chunks",
                [
                    chunk_row(number, own, chunk, access_class, vector_id)
                    for (number, chunk), vector_id in zip(numbered, ids, strict=True)
                ],
            )
            self._lexical.add(document.title, numbered)
            self.ledger.forget_failure(place)
            self.ledger.forget_duplicate(place)

    def lexical_differences(self) -> tuple[int, int]:
        """Count the chunks that the lexical index lacks, and its rows that belong to no chunk."""
        return (
            self.database.count(f"SELECT count(*) FROM chunks WHERE {_WITHOUT_WORDS}"),
            self.database.count(f"SELECT count(*) FROM lexical WHERE {_WITHOUT_CHUNK}"),
        )

    def rebuild_lexical(self) -> None:
        """Make the lexical index again from the chunks, in one transaction."""
        with self.database.transaction():
            self._db.execute(f"DELETE FROM lexical WHERE {_WITHOUT_CHUNK}")
            rows = self._db.execute(f"SELECT id, chunk_id, access_class FROM chunks WHERE {_WITHOUT_WORDS}").fetchall()
            for number, chunk_id, access_class in rows:
                chunk, document = self.chunks([chunk_id], [access_class])[chunk_id]
                self._lexical.add(document.title, [(number, chunk)])

    def find_words_anew(self, tokenizer: str) -> None:
        """Make the whole lexical index again with the tokenizer of today, in one transaction. Vectors stay."""
        with self.database.transaction():
            self._db.execute("DELETE FROM lexical")
            self.rebuild_lexical()
            self.database.set_meta({"tokenizer": tokenizer})

    def remove(self, document_id: str) -> None:
        """Remove a document and its parts; the vectors that no other chunk names become stale."""
        with self.database.transaction():
            self._drop(document_id)

    def _drop(self, document_id: str) -> None:
        found = self._db.execute(
            "SELECT id FROM documents WHERE document_id = ? OR part_of = ?", (document_id, document_id)
        ).fetchall()
        if not found:
            return
        self._db.executemany("DELETE FROM lexical WHERE rowid IN (SELECT id FROM chunks WHERE document = ?)", found)
        self._db.executemany("DELETE FROM documents WHERE id = ?", found)
        self.database.set_meta({"unpurged": "1"})

    def states(self) -> dict[str, tuple[str, str, str]]:
        """Read `{path: (document_id, root, content_hash)}` of every document that is a file, not a part of one."""
        rows = self._db.execute("SELECT path, document_id, root, content_hash FROM documents WHERE part_of = ''")
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def file_of(self, document_id: str) -> tuple[str, str]:
        """Read the path of the file that a document, or the archive that it is a part of, was made of, and its root."""
        row = self._db.execute(
            "SELECT f.path, f.root FROM documents d JOIN documents f "
            "ON f.document_id = CASE d.part_of WHEN '' THEN d.document_id ELSE d.part_of END WHERE d.document_id = ?",
            (document_id,),
        ).fetchone()
        return row[0], row[1]

    def same_file(self, file_hash: str) -> list[tuple[str, str, bool]]:
        """List the documents made of the same bytes: `(document_id, access_class, labels_stated)`, by id."""
        rows = self._db.execute(
            "SELECT document_id, access_class, labels_stated FROM documents WHERE file_hash = ? ORDER BY document_id",
            (file_hash,),
        )
        return [(row[0], row[1], bool(row[2])) for row in rows]

    def labels(self, document_id: str) -> tuple[str, ...]:
        """Read the labels of a document; none when it is not there."""
        row = self._db.execute("SELECT record FROM documents WHERE document_id = ?", (document_id,)).fetchone()
        return document_of(row[0]).labels if row else ()

    def link_versions(self) -> list[dict[str, str]]:
        """Mark documents that a newer one takes the place of; returns the new marks.

        Which that is, `versions` says. What a document says itself stands.
        """
        rows = self._db.execute("SELECT id, record, replaced_by FROM documents ORDER BY document_id").fetchall()
        documents = {row[0]: document_of(row[1]) for row in rows}
        newer = newer_versions(self._db, documents)
        marked = []
        with self.database.transaction():
            for row, record, before in rows:
                values = json.loads(record)
                after = newer[row].document_id if row in newer else ""
                if after == before or values["superseded_by"] not in ("", before):
                    continue
                self._db.execute(
                    "UPDATE documents SET record = ?, replaced_by = ? WHERE id = ?",
                    (json.dumps({**values, "superseded_by": after}, ensure_ascii=False), after, row),
                )
                if after:
                    marked.append({"document_id": values["document_id"], "superseded_by": after})
        return marked

    def documents(self, classes: Sequence[str]) -> list[Document]:
        """List the documents of these access classes, by id."""
        rows = self._db.execute(
            f"SELECT record FROM documents WHERE access_class IN ({marks(classes)}) ORDER BY document_id", classes
        )
        return [document_of(row[0]) for row in rows]

    def document_text(self, document_id: str, classes: Sequence[str]) -> tuple[Document, str] | None:
        """Read a document and its stored text; None when it is not there, or not for these access classes."""
        row = self._db.execute(
            f"SELECT record, text FROM documents WHERE document_id = ? AND access_class IN ({marks(classes)})",
            (document_id, *classes),
        ).fetchone()
        return (document_of(row[0]), row[1]) if row else None

    def document_file(self, document_id: str, classes: Sequence[str]) -> tuple[Path, str] | None:
        """Tell where a document's file lies and the SHA-256 it had, or None when it is not for these access classes."""
        row = self._db.execute(
            f"SELECT path, file_hash FROM documents WHERE document_id = ? AND access_class IN ({marks(classes)})",
            (document_id, *classes),
        ).fetchone()
        return (Path(row[0]), row[1]) if row else None

    def blocks(self, document_id: str, start: int, end: int, classes: Sequence[str]) -> list[Block]:
        """Read the blocks of a document that overlap `start:end`, in order."""
        rows = self._db.execute(
            'SELECT b.kind, b.start, b."end", b.heading_path, b.page, b.table_header, b.boxes, b.turns FROM blocks b '
            'JOIN documents d ON d.id = b.document WHERE d.document_id = ? AND b.start < ? AND b."end" > ? '
            f"AND d.access_class IN ({marks(classes)}) ORDER BY b.start",
            (document_id, end, start, *classes),
        )
        return [block_of(row) for row in rows]

    # --- chunks and lexical search --------------------------------------------------------------------------

    def visible_classes(self, labels: Iterable[str]) -> list[str]:
        """List the access classes (label sets of documents) that a holder of any of `labels` may see."""
        wanted = list(labels)
        rows = self._db.execute(
            f"SELECT DISTINCT access_class FROM access_classes WHERE label IN ({marks(wanted)}) ORDER BY 1", wanted
        )
        return [row[0] for row in rows]

    def search(self, question: Terms, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """Search by BM25 over words, bigrams and identifiers: `(chunk_id, score)`, best first; higher is better."""
        return self._lexical.search(question, classes, top_k)

    def document_frequency(self, words: Iterable[str], classes: Sequence[str]) -> tuple[dict[str, int], int]:
        """Count in how many visible chunks each term occurs, and the visible chunks."""
        return self._lexical.frequency(words, classes)

    def terms_of(self, chunk_ids: Sequence[str], classes: Sequence[str]) -> dict[str, frozenset[str]]:
        """Read words and identifiers of the chunks with these ids that these access classes hold."""
        return self._lexical.held(chunk_ids, classes)

    def owners(self, chunk_ids: Sequence[str], classes: Sequence[str]) -> dict[str, Document]:
        """Read the documents of the chunks with these ids that these access classes hold, without their texts."""
        rows = self._db.execute(
            f"SELECT chunk_id, document FROM chunks WHERE chunk_id IN ({marks(chunk_ids)}) "
            f"AND access_class IN ({marks(classes)})",
            (*chunk_ids, *classes),
        ).fetchall()
        if (now := self.database.state()) != self._read_at or len(self._documents) > _KEPT_DOCUMENTS:
            self._documents, self._read_at = {}, now
        unread = list({row for _, row in rows} - self._documents.keys())
        for row, record in self._db.execute(f"SELECT id, record FROM documents WHERE id IN ({marks(unread)})", unread):
            self._documents[row] = document_of(record)
        return {chunk_id: self._documents[row] for chunk_id, row in rows}

    def chunks(self, chunk_ids: Sequence[str], classes: Sequence[str]) -> dict[str, tuple[Passage, Document]]:
        """Read the chunks with these ids that these access classes hold."""
        rows = self._db.execute(
            'SELECT document, chunk_id, ordinal, start, "end", page, heading_path, table_header FROM chunks '
            f"WHERE chunk_id IN ({marks(chunk_ids)}) AND access_class IN ({marks(classes)})",
            (*chunk_ids, *classes),
        ).fetchall()
        owners = list({row[0] for row in rows})
        # each text is read once: SQLite's substr() would walk through a thick manual for every passage of it
        stored = {
            number: (document_of(record), text)
            for number, record, text in self._db.execute(
                f"SELECT id, record, text FROM documents WHERE id IN ({marks(owners)})", owners
            )
        }
        found = {}
        for owner, *columns in rows:
            document, text = stored[owner]
            chunk = chunk_of(tuple(columns), document, text)
            found[chunk.chunk_id] = (chunk, document)
        return found

    def passages(self, vector_ids: Sequence[str]) -> dict[str, tuple[Passage, Document]]:
        """Read for each vector one chunk that names it, whatever its labels: for making the vector, not for showing."""
        rows = self._db.execute(
            f"SELECT vector_id, min(chunk_id), min(access_class) FROM chunks WHERE vector_id IN ({marks(vector_ids)}) "
            "GROUP BY vector_id",
            vector_ids,
        ).fetchall()
        found = self.chunks([row[1] for row in rows], list({row[2] for row in rows}))
        return {vector_id: found[chunk_id] for vector_id, chunk_id, _ in rows}

    def chunks_of_vectors(self, vector_ids: Sequence[str], classes: Sequence[str]) -> dict[str, list[str]]:
        """List of each vector the chunks of these access classes that name it, by id."""
        found: dict[str, list[str]] = {}
        for vector_id, chunk_id in self._db.execute(
            f"SELECT vector_id, chunk_id FROM chunks WHERE vector_id IN ({marks(vector_ids)}) "
            f"AND access_class IN ({marks(classes)}) ORDER BY id",
            (*vector_ids, *classes),
        ):
            found.setdefault(vector_id, []).append(chunk_id)
        return found

    def chunk_states(self) -> dict[str, tuple[str, bool]]:
        """Read `{chunk_id: (access_class, whether its vector is stored)}` of every chunk."""
        rows = self._db.execute(
            "SELECT chunk_id, c.access_class, s.vector_id IS NOT NULL FROM chunks c LEFT JOIN stored_vectors s "
            "ON s.vector_id = c.vector_id"
        )
        return {row[0]: (row[1], bool(row[2])) for row in rows}

    def size(self) -> dict[str, int]:
        """Count all documents and chunks, whoever may see them."""
        return {
            name: self._db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("documents", "chunks")
        }

    def counts(self, classes: Sequence[str]) -> dict[str, int]:
        """Count visible documents, chunks and chunks that wait for their vector."""
        visible = marks(classes)
        documents = self._db.execute(f"SELECT count(*) FROM documents WHERE access_class IN ({visible})", classes)
        chunks = self._db.execute(
            "SELECT count(*), count(*) - count(s.vector_id) FROM chunks c LEFT JOIN stored_vectors s "
            f"ON s.vector_id = c.vector_id WHERE c.access_class IN ({visible})",
            classes,
        ).fetchone()
        return {"documents": documents.fetchone()[0], "chunks": chunks[0], "waiting": chunks[1]}
