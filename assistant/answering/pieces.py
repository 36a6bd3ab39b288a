"""Found passages cut into pieces: the paragraphs, sentences and rows of which some become evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.index import Index
from assistant.index.tokens import terms
from assistant.language import sentences
from assistant.schema import Block, Chunk, Hit

#: A paragraph up to this length (characters) is one piece of evidence, a longer one is cut into sentences; list items
#: and table rows that stand together are one piece up to the other length.
_WHOLE_BLOCK = 200
_RUN = 420
#: Numbered steps are one piece up to this length: a step without the others can be dangerous. The longest procedure of
#: the manuals has 745 characters.
_PROCEDURE = 1600
_NUMBERED = re.compile(r"\s*\d{1,2}[.)]\s")

#: Turns of a chat inside a document were written for a language model, not for a reader.
_CHAT_MARKUP = re.compile(r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>")
#: Notes of sources, and captions of tables and figures.
_SAYS_NOTHING = re.compile(
    r"^[(（]\s*(출처|자료|source|sources)\s*:|^(표|그림|table|figure)\s*\d[\d.-]*[.:]?\s[^\n]*$", re.I
)


@dataclass(slots=True)
class Piece:
    """A slice of a document (`start:end` of its stored text) in its block, with its words and how well it fits."""

    hit: Hit
    rank: int
    block: Block
    start: int
    end: int
    text: str
    words: frozenset[str]
    score: float = 0.0
    similarity: float = 0.0


def words_of(text: str) -> frozenset[str]:
    """Content words of a text: morphemes or stems, and identifiers."""
    found = terms(text)
    return frozenset(found.words) | frozenset(found.identifiers)


def numbered(text: str) -> bool:
    """Whether a text begins with the number of a step."""
    return bool(_NUMBERED.match(text))


def pieces_of(hit: Hit, rank: int, index: Index, labels: Iterable[str]) -> Iterator[Piece]:
    """Short paragraphs, runs of list items and table rows that belong together, else sentences and single rows."""
    chunk, document = hit.chunk, hit.document
    blocks = [
        block
        for block in index.blocks(document.document_id, chunk.start, chunk.end, labels)
        # headings and header rows say nothing by themselves; pieces carry their headings, rows their header
        if block.kind != "heading" and not (block.kind == "table_row" and not block.table_header)
    ]
    for run in _runs(blocks, chunk):
        start, end = max(run[0].start, chunk.start), min(run[-1].end, chunk.end)
        text = chunk.text[start - chunk.start : end - chunk.start]
        if _CHAT_MARKUP.search(text):
            continue
        whole = run[0].kind in ("table_row", "list_item", "quote") or len(text) <= _longest_paragraph(text)
        for first, last in [(0, len(text))] if whole else sentences(text):
            piece = text[first:last]
            if len(piece.strip()) > 3 and not _SAYS_NOTHING.match(piece):
                context = " ".join((piece, run[0].table_header, *run[0].heading_path))
                yield Piece(hit, rank, run[0], start + first, start + last, piece, words_of(context))


def _longest_paragraph(text: str) -> int:
    """English says in twice as many characters what Korean says."""
    return _WHOLE_BLOCK if re.search("[가-힣]{2}", text) else 2 * _WHOLE_BLOCK


def _runs(blocks: Sequence[Block], chunk: Chunk) -> list[list[Block]]:
    """Consecutive list items or table rows of one place together, as far as they are short; other blocks alone.

    A numbered procedure stays whole.
    """
    runs: list[list[Block]] = []
    for kind, group in groupby(blocks, key=lambda b: (b.kind, b.heading_path, b.table_header)):
        run = list(group)
        steps = kind[0] == "list_item" and numbered(chunk.text[max(0, run[0].start - chunk.start) :])
        longest = _PROCEDURE if steps else _RUN
        together = kind[0] in ("list_item", "table_row") and run[-1].end - run[0].start <= longest
        runs += [run] if together else [[block] for block in run]
    return runs


def best_first(pieces: Iterable[Piece]) -> list[Piece]:
    """By score; pieces of one score in the order of the hits and of the text."""
    return sorted(pieces, key=lambda piece: (-piece.score, piece.rank, piece.start))


def distinct(candidates: Iterable[Piece]) -> list[Piece]:
    """Candidates by score, each place and each wording once."""
    found: dict[str, Piece] = {}
    for candidate in best_first(candidates):
        found.setdefault(candidate.text, candidate)
    return list(found.values())
