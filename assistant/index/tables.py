"""The tables of a catalogue, the same in a SQLite file and in a schema of PostgreSQL.

Only the lexical index is a different one in each: FTS5 in a file, a GIN index on a server, both over the same columns.
Changes of stored catalogues go into `migrations.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

metadata = MetaData()

#: Compared byte by byte, so that ids and paths have the same order everywhere.
_Text = Text().with_variant(Text(collation="C"), "postgresql")
#: The writer numbers rows; SQLite makes a plain integer the row's own number.
_Number = BigInteger().with_variant(Integer(), "sqlite")

_FTS5 = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS lexical USING fts5(title, headings, words, bigrams, identifiers, "
    "tokenize=\"unicode61 remove_diacritics 0 tokenchars '-./'\")"
)


def _text(name: str, **options: Any) -> Column[Any]:
    return Column(name, _Text, nullable=False, **options)


def _count(name: str) -> Column[Any]:
    return Column(name, BigInteger().with_variant(Integer(), "sqlite"), nullable=False)


def _document(**options: Any) -> Column[Any]:
    return Column("document", _Number, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False, **options)


def _key(name: str) -> Column[Any]:
    return Column(name, _Text, primary_key=True)


Table("meta", metadata, _key("key"), _text("value"))
Table("access_classes", metadata, _key("access_class"), _key("label"), sqlite_with_rowid=False)
Table(
    "documents",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=False),
    _text("document_id", unique=True),
    _text("root"),
    _text("path", unique=True),
    _text("access_class"),
    _text("content_hash"),
    _text("file_hash"),
    _count("labels_stated"),
    _text("replaced_by"),
    _text("text"),
    _text("record"),
    Column("ingested_at", Double, nullable=False),
    _text("part_of", server_default=""),
    Index("documents_file", "file_hash"),
    Index("documents_parts", "part_of"),
)
Table(
    "duplicates",
    metadata,
    _key("path"),
    _text("root"),
    _text("content_hash"),
    _text("document_id"),
    sqlite_with_rowid=False,
)
Table(
    "blocks",
    metadata,
    _document(primary_key=True),
    Column("start", _Number, primary_key=True, autoincrement=False),
    _count("end"),
    _text("kind"),
    Column("page", _Number),
    _text("heading_path"),
    _text("table_header"),
    _text("boxes"),
    _text("turns"),
    sqlite_with_rowid=False,
)
Table(
    "chunks",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=False),
    _text("chunk_id", unique=True),
    _document(),
    _count("ordinal"),
    _count("start"),
    _count("end"),
    Column("page", _Number),
    _text("heading_path"),
    _text("table_header"),
    _text("access_class"),
    _text("vector_id"),
    Index("chunks_document", "document"),
    Index("chunks_vector", "vector_id"),
)
Table("stored_vectors", metadata, _key("vector_id"), _text("access_class"), sqlite_with_rowid=False)
Table(
    "failures",
    metadata,
    _key("path"),
    _text("root"),
    _text("stage"),
    _text("reason"),
    _text("hint"),
    _text("content_hash"),
    _count("stopped"),
    Column("failed_at", Double, nullable=False),
)
Table(
    "progress",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    _text("record"),
)
_lexical = Table(
    "lexical",
    metadata,
    Column("rowid", _Number, ForeignKey("chunks.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    *(_text(name) for name in ("title", "headings", "words", "bigrams", "identifiers")),
    _text("access_class"),  # the chunk's: looking it up there costs more than the search
    Column("tokens", Integer, nullable=False),  # of all columns
    Column("packed", LargeBinary, nullable=False),  # see gin.py
    Column("terms", TSVECTOR, nullable=False),
    Index("lexical_terms", "terms", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
)

#: Every table with its columns, in the order in which rows may be written.
TABLES: dict[str, tuple[str, ...]] = {
    table.name: tuple(column.name for column in table.columns) for table in metadata.sorted_tables
}


def made_by(dialect: Dialect) -> Iterator[str]:
    """Write the statements that make what is missing of the tables."""
    for table in metadata.sorted_tables:
        if table is _lexical and dialect.name == "sqlite":
            yield _FTS5
            continue
        yield str(CreateTable(table, if_not_exists=True).compile(dialect=dialect))


def indexed_by(dialect: Dialect) -> Iterator[str]:
    """Write the statements that make what is missing of the indexes; after an upgrade, which may add their columns."""
    for table in metadata.sorted_tables:
        if table is not _lexical or dialect.name == "postgresql":
            for index in sorted(table.indexes, key=lambda each: str(each.name)):
                yield str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect))
