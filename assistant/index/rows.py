"""How documents, blocks and chunks are written as rows of the catalogue, and read from them.

Knows the columns' order, not where rows come from.
"""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from assistant.schema import Block, Document, Passage


def marks(values: Sequence[Any]) -> str:
    """Write the question marks of an SQL list; a list of nothing, which PostgreSQL would not read, holds NULL alone."""
    return ", ".join("?" * len(values)) or "NULL"


def document_row(
    number: int,
    document: Document,
    root: str,
    place: str,
    access_class: str,
    file_hash: str,
    labels_stated: bool,
    text: str,
    part_of: str,
) -> tuple[Any, ...]:
    """Write the row of a document that nothing has replaced."""
    record = json.dumps({name: getattr(document, name) for name in Document.__slots__}, ensure_ascii=False)
    own = (number, document.document_id, root, place, access_class, document.content_hash, file_hash)
    return (*own, int(labels_stated), "", text, record, time.time(), part_of)


def document_of(record: str) -> Document:
    """Read a document from its record."""
    values = json.loads(record)
    values["labels"] = tuple(values["labels"])
    values["source"] = tuple(values["source"])
    return Document(**values)


def block_row(document: int, block: Block) -> tuple[Any, ...]:
    """Write the row of a block, in the order of the table's columns."""
    return (
        document,
        block.start,
        block.end,
        block.kind,
        block.page,
        json.dumps(block.heading_path, ensure_ascii=False),
        block.table_header,
        json.dumps(block.boxes, separators=(",", ":")),
        json.dumps(block.turns, separators=(",", ":")),
    )


def block_of(row: tuple[Any, ...]) -> Block:
    """Read a block from `kind, start, end, heading_path, page, table_header, boxes, turns`."""
    kind, start, end, path, page, header, boxes, turns = row
    return Block(kind, start, end, tuple(json.loads(path)), page, header, _pairs(boxes), _pairs(turns))


def chunk_row(number: int, document: int, chunk: Passage, access_class: str, vector_id: str) -> tuple[Any, ...]:
    """Write the row of a chunk."""
    return (
        number,
        chunk.chunk_id,
        document,
        chunk.ordinal,
        chunk.start,
        chunk.end,
        chunk.page,
        json.dumps(chunk.heading_path, ensure_ascii=False),
        chunk.table_header,
        access_class,
        vector_id,
    )


def chunk_of(row: tuple[Any, ...], document: Document, text: str) -> Passage:
    """Read a chunk of `document`, whose stored text is `text`, from the columns `chunk_id` to `table_header`."""
    chunk_id, ordinal, start, end, page, path, header = row
    headings = tuple(json.loads(path))
    return Passage(chunk_id, document.document_id, ordinal, start, end, text[start:end], headings, page, header)


def told(path: str, root: str) -> str:
    """Write a file's path as people are told it: below the folder that was given, never with the server's folders."""
    file = PurePath(path)
    inside = bool(root) and file != PurePath(root) and file.is_relative_to(root)
    return unicodedata.normalize("NFC", file.relative_to(root).as_posix() if inside else file.name)


def _pairs(stored: str) -> tuple[Any, ...]:
    """The tuples that were stored as JSON."""
    return tuple(tuple(each) for each in json.loads(stored))
