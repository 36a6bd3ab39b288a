"""Recall and reading: the passages that search brings, each as the reader reads it, best first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.answering.quotable import read_pieces
from assistant.index import Visible
from assistant.reading import Reader
from assistant.schema import Excerpt, Found, Hit
from assistant.tuning import Tuning

#: So many passages are read piece by piece.
_CLOSELY = 6


class Retriever(Protocol):
    """What answering needs of retrieval."""

    def search(self, query: str, labels: Iterable[str], top_k: int) -> list[Hit]:
        """Find the best visible passages, best first."""


def excerpt_of(hit: Hit) -> Excerpt:
    """A passage as the reader reads it, with its title, nearest heading and header row."""
    passage = hit.passage
    heading = passage.heading_path[-1] if passage.heading_path else ""
    return Excerpt(passage.text, hit.document.title, heading, passage.table_header)


def read(text: str, hits: Sequence[Hit], visible: Visible, reader: Reader, tuning: Tuning) -> list[Found]:
    """Read `hits` for the question `text`, and the best of them once more, piece by piece; only these are given.

    Ordered by search score plus `tuning.weight` times the probability to answer, best first.
    """
    readings = reader.read(text, [excerpt_of(hit) for hit in hits])
    found = [Found(hit, reading, hit.score) for hit, reading in zip(hits, readings, strict=True)]
    best = ranked(found, tuning.weight)[:_CLOSELY]
    return ranked(read_pieces(text, best, visible, reader, tuning.pieces), tuning.weight)


def ranked(found: Iterable[Found], weight: float) -> list[Found]:
    """Order by search score plus `weight` times the probability to answer, best first."""
    scored = [replace(each, score=each.hit.score + weight * each.reading.answers) for each in found]
    return sorted(scored, key=lambda each: (-each.score, each.hit.passage.chunk_id))
