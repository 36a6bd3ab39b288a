"""Question sets in BEIR form, and the index that is searched for one.

A set is a folder with `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and `qrels.tsv`
(`query-id`, `corpus-id`, `score`, with a header line). Its index is made by the very functions that read and cut a
user's documents: each passage is a document, long passages become several chunks, and a passage is as good as its best
chunk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.access import PUBLIC
from assistant.errors import PathError
from assistant.evaluation.vectors import Embedder
from assistant.index import Index, fingerprint
from assistant.index.store import access_class_of, write_index
from assistant.ingest.chunking import CHUNKER, chunk
from assistant.ingest.formats import markdown, text
from assistant.ingest.formats.source import Source
from assistant.ingest.pipeline import Progress, embed_waiting
from assistant.schema import Document, Draft
from assistant.text.language import detect

LABELS = frozenset({PUBLIC})


@dataclass(frozen=True, slots=True)
class Passage:
    """One entry of a corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Questions by id, the passages they are asked of, and the grades: `{question: {passage: grade}}`, grade > 0.

    Questions without a relevant passage (unanswerable ones) are left out.
    """

    name: str
    passages: tuple[Passage, ...]
    questions: dict[str, str]
    qrels: dict[str, dict[str, int]]


def is_retrieval_set(path: Path) -> bool:
    """Whether a path is a folder in BEIR form."""
    return path.is_dir() and (path / "corpus.jsonl").is_file()


def load_retrieval_set(folder: Path, limit: int | None = None) -> RetrievalSet:
    """Read a set, with its first `limit` questions. Raises PathError that names the file and line at fault."""
    passages = load_passages(folder)
    grades = qrels(folder / "qrels.tsv", {passage.id for passage in passages})
    questions = {
        str(entry["_id"]): entry["text"]
        for entry in entries(folder / "queries.jsonl", ("_id", "text"))
        if str(entry["_id"]) in grades
    }
    chosen = list(questions)[:limit]
    if not chosen:
        raise PathError(f"No question of {folder} has a relevant passage.", "Check queries.jsonl and qrels.tsv.")
    return RetrievalSet(
        folder.name, passages, {name: questions[name] for name in chosen}, {name: grades[name] for name in chosen}
    )


def load_passages(folder: Path) -> tuple[Passage, ...]:
    """The corpus of a set. Raises PathError that names the file and line at fault."""
    return tuple(
        Passage(str(entry["_id"]), entry.get("title") or "", entry["text"])
        for entry in entries(folder / "corpus.jsonl", ("_id", "text"))
    )


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        content = file.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise PathError(f"{file} cannot be read ({exc.strerror}).", "A set needs corpus, queries and qrels.") from exc
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            yield number, line


def entries(file: Path, needed: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines, each with the keys `needed`. Raises PathError that names the line."""
    for number, line in _lines(file):
        try:
            entry = json.loads(line)
            for name in needed:
                entry[name]
        except (ValueError, KeyError, TypeError) as exc:
            raise PathError(f"{file.name}, line {number}: {exc!r}.", "Correct the line.") from exc
        yield entry


def qrels(file: Path, known: set[str]) -> dict[str, dict[str, int]]:
    """Grades above 0 as `{question: {passage: grade}}`. Raises PathError, also for a passage that is not `known`."""
    found: dict[str, dict[str, int]] = {}
    for number, line in list(_lines(file))[1:]:
        try:
            question, passage, grade = line.rstrip("\r").split("\t")
            if passage not in known:
                raise ValueError(f"there is no passage '{passage}'")
            if int(grade) > 0:
                found.setdefault(question, {})[passage] = int(grade)
        except ValueError as exc:
            raise PathError(f"{file.name}, line {number}: {exc}.", "Correct the line.") from exc
    return found


def draft_of(passage: Passage) -> Draft:
    """A passage as a reader makes it of a file: Markdown where it has its marks, else plain text."""
    source = Source(Path(passage.id), passage.text.encode())
    return (markdown if markdown.recognises(source) else text).read(source)


@contextmanager
def set_index(
    chosen: RetrievalSet, cache: Path, embedder: Embedder, progress: Progress | None = None
) -> Iterator[Index]:
    """The index of a set, made below `<cache>/evaluation` at its first use and kept for the next."""
    expected = fingerprint(embedder.fingerprint, CHUNKER)
    digest = hashlib.sha256(json.dumps([expected, [_fields(p) for p in chosen.passages]]).encode()).hexdigest()
    with write_index(cache / "evaluation" / f"{chosen.name}-{digest[:12]}", expected) as index:
        ready = {document_id for document_id, _, _ in index.catalog.states().values()}
        for passage in chosen.passages:
            if passage.id not in ready and passage.text.strip():
                _put(index, passage)
        embed_waiting(index, embedder, progress)
        yield index


def _fields(passage: Passage) -> tuple[str, str, str]:
    return passage.id, passage.title, passage.text


def _put(index: Index, passage: Passage) -> None:
    draft = draft_of(passage)
    content_hash = hashlib.sha256(passage.text.encode()).hexdigest()
    document = Document(
        document_id=passage.id,
        path=passage.id,
        title=passage.title or str(draft.metadata.get("title", "")),
        language=detect(draft.text[:4000]) or "en",
        labels=(PUBLIC,),
        content_hash=content_hash,
        media_type="text/plain",
    )
    chunks = chunk(passage.id, content_hash, draft)
    index.catalog.put(document, "", access_class_of(document.labels), draft.text, draft.blocks, chunks)
