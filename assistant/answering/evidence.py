"""Evidence: the sentences and table rows of the found passages that speak about the question.

Each piece is an exact slice of the stored text with the words needed to understand it (title, headings, table header).
Ids are opaque three-character signs, so that a weak model cannot take them for ranks.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from assistant.index import Index
from assistant.index.tokens import terms
from assistant.language import sentences
from assistant.quantities import quantities
from assistant.schema import Block, Evidence, Hit

if TYPE_CHECKING:
    import numpy as np

#: Characters of stored text shown on either side of a quote.
_SURROUNDING = 300
#: A paragraph up to this length (characters) is one piece of evidence, a longer one is cut into sentences; list items
#: and table rows that stand together are one piece up to the other length.
_WHOLE_BLOCK = 200
_RUN = 420
#: Pieces that are compared with the question by the embedder, and most that are offered to the model.
_SHORTLIST = 12
_MOST = 5
#: Weight of the cosine beside the word score (0…2); cosines of neighbouring pieces differ by a few hundredths.
_SIMILARITY_WEIGHT = 8.0
#: An answer rests on at most so many pieces, whose scores are at most so far below the best one's. On the tuning
#: questions the answer was in the best piece for 30 of 40, in the best two for 36.
_TELLING = 2
_CLOSE = 0.3
_ALPHABET = "bcdfghjkmnpqrstvwxz"
_DIGITS = "23456789"

_STEP_OR_WARNING = re.compile(r"^\s*(\d+[.)]\s|경고|주의|위험|warning|danger|caution)", re.I)
_BULLET = re.compile(r"^[-*•·]\s+")
#: Notes of sources, and captions of tables and figures.
_SAYS_NOTHING = re.compile(
    r"^[(（]\s*(출처|자료|source|sources)\s*:|^(표|그림|table|figure)\s*\d[\d.-]*[.:]?\s[^\n]*$", re.I
)
_AMOUNT = re.compile(
    r"얼마|몇|언제|며칠|비율|비중|금액|한도|기한|기간|날짜|퍼센트|규모|수치|percent|deadline|maximum|minimum|when\b|"
    r"how (much|many|long|often|high|far|old)|what (percentage|share|rate|limit|amount|date|year)",
    re.I,
)


class PieceEmbedder(Protocol):
    """What the choice of evidence needs of an embedder."""

    def encode_query(self, question: str) -> np.ndarray:
        """One question, shape (dimensions,)."""

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Passages with their titles, shape (len(texts), dimensions)."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen evidence, best first, and what the decision to answer needs to know about it.

    `coverage` (0…1): share of the question's content words, weighted by rarity, that the evidence holds.
    `missing`: content words of the question that the evidence does not hold, rarest first.
    `similarity`: cosine of question and nearest piece. `scores`: one for each piece of evidence, comparable within
    this question only.
    """

    evidence: tuple[Evidence, ...]
    coverage: float
    missing: tuple[str, ...]
    similarity: float
    scores: tuple[float, ...]


@dataclass(slots=True)
class _Candidate:
    hit: Hit
    rank: int
    block: Block
    start: int
    end: int
    text: str
    words: frozenset[str]
    score: float = 0.0
    similarity: float = 0.0


def evidence_id(document_id: str, start: int, end: int, taken: Iterable[str] = ()) -> str:
    """An opaque id such as `k3v`; no two begin alike, so that the model's choice shows in its first token.

    The same piece gets the same id, unless another piece has the letter already.
    """
    letters = [letter for letter in _ALPHABET if letter not in {name[0] for name in taken}]
    digest = int.from_bytes(hashlib.sha256(f"{document_id}:{start}:{end}".encode()).digest()[:8])
    rest, first = divmod(digest, len(_ALPHABET))
    rest, second = divmod(rest, len(_DIGITS))
    letter = _ALPHABET[first] if _ALPHABET[first] in letters else letters[rest % len(letters)]
    return letter + _DIGITS[second] + _ALPHABET[rest % len(_ALPHABET)]


def words_of(text: str) -> frozenset[str]:
    """Content words of a text: morphemes or stems, and identifiers."""
    found = terms(text)
    return frozenset(found.words) | frozenset(found.identifiers)


def rarity(words: Iterable[str], index: Index, labels: Iterable[str]) -> dict[str, float]:
    """Inverse document frequency of each word among the visible passages, > 0."""
    counts, total = index.document_frequency(words, labels)
    return {word: math.log(1 + (total - count + 0.5) / (count + 0.5)) for word, count in counts.items()}


def _pieces(hit: Hit, rank: int, index: Index, labels: Iterable[str]) -> Iterator[_Candidate]:
    """Short paragraphs, runs of list items and table rows that belong together, else sentences and single rows."""
    chunk, document = hit.chunk, hit.document
    blocks = [
        block
        for block in index.blocks(document.document_id, chunk.start, chunk.end, labels)
        # headings and header rows say nothing by themselves; pieces carry their headings, rows their header
        if block.kind != "heading" and not (block.kind == "table_row" and not block.table_header)
    ]
    for run in _runs(blocks):
        start, end = max(run[0].start, chunk.start), min(run[-1].end, chunk.end)
        text = chunk.text[start - chunk.start : end - chunk.start]
        whole = run[0].kind in ("table_row", "list_item", "quote") or len(text) <= _WHOLE_BLOCK
        for first, last in [(0, len(text))] if whole else sentences(text):
            piece = text[first:last]
            if len(piece.strip()) > 3 and not _SAYS_NOTHING.match(piece):
                context = " ".join((piece, run[0].table_header, *run[0].heading_path))
                yield _Candidate(hit, rank, run[0], start + first, start + last, piece, words_of(context))


def _runs(blocks: Sequence[Block]) -> list[list[Block]]:
    """Consecutive list items or table rows of one place together, as far as they are short; other blocks alone.

    A numbered procedure stays whole, since a step without the others can be dangerous.
    """
    runs: list[list[Block]] = []
    for kind, group in groupby(blocks, key=lambda b: (b.kind, b.heading_path, b.table_header)):
        run = list(group)
        together = kind[0] in ("list_item", "table_row") and run[-1].end - run[0].start <= _RUN
        runs += [run] if together else [[block] for block in run]
    return runs


def select(
    question: str,
    hits: Sequence[Hit],
    index: Index,
    labels: Iterable[str],
    *,
    embedder: PieceEmbedder,
    budget: int,
    count_tokens: Callable[[str], int],
) -> Selection:
    """Choose evidence for `question` from `hits` within `budget` model tokens.

    Words and the passage's score make a shortlist; the embedder's similarity of each piece decides in it (measured on
    the tuning questions: the right piece comes first for 24 of 34, by words alone for 20, by the model's own choice
    for 16).
    """
    labels = tuple(labels)
    wanted = words_of(question)
    weight = rarity(wanted, index, labels)
    total = sum(weight.values()) or 1.0
    asks_amount = bool(_AMOUNT.search(question))
    codes = terms(question).identifiers
    candidates: list[_Candidate] = []
    best = max((hit.score for hit in hits), default=0.0)
    for rank, hit in enumerate(hits):
        title_words = words_of(hit.document.title)
        for piece in _pieces(hit, rank, index, labels):
            own = sum(weight[word] for word in wanted & piece.words)
            from_title = sum(weight[word] for word in wanted & (title_words - piece.words))
            piece.score = (own + 0.4 * from_title) / total + 0.9 * (hit.score / best if best > 0 else 0.0)
            if asks_amount and quantities(piece.text):
                piece.score += 0.15
            piece.score += sum(code in piece.text.casefold() for code in codes)  # a code names one row among many
            candidates.append(piece)
    shortlist = _distinct(candidates)[:_SHORTLIST]
    if not shortlist:
        return Selection((), 0.0, tuple(sorted(wanted)), 0.0, ())
    held = frozenset().union(*(piece.words | words_of(piece.hit.document.title) for piece in shortlist))
    near = embedder.encode_passages(
        [piece.block.heading_path[-1] if piece.block.heading_path else "" for piece in shortlist],
        [f"{piece.block.table_header}\n{piece.text}".strip() for piece in shortlist],
    ) @ embedder.encode_query(question)
    for piece, similarity in zip(shortlist, near, strict=True):
        piece.similarity = float(similarity)
        piece.score += _SIMILARITY_WEIGHT * piece.similarity
    chosen = _within_budget(shortlist, budget, count_tokens)
    return Selection(
        _as_evidence(chosen, index, labels),
        sum(weight[word] for word in wanted & held) / total if wanted else 0.0,
        tuple(sorted(wanted - held, key=lambda word: (-weight[word], word))),
        max(piece.similarity for piece in shortlist),
        tuple(piece.score for piece in chosen),
    )


def telling(selection: Selection) -> tuple[Evidence, ...]:
    """The pieces that the answer rests on: the best one, and the next ones when their score is nearly the same."""
    best = selection.scores[0]
    close = [p for p, score in zip(selection.evidence, selection.scores, strict=True) if best - score <= _CLOSE]
    return tuple(close[:_TELLING])


def verbatim(piece: Evidence) -> bool:
    """Whether a piece is shown as it stands and never paraphrased: steps, warnings, and what has several lines."""
    return bool(_STEP_OR_WARNING.match(piece.quote)) or "\n" in piece.quote.strip() or len(piece.quote) > 300


def _distinct(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Candidates by score, each place and each wording once."""
    found: dict[str, _Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: (-c.score, c.rank, c.start)):
        found.setdefault(candidate.text, candidate)
    return list(found.values())


def _within_budget(shortlist: list[_Candidate], budget: int, count_tokens: Callable[[str], int]) -> list[_Candidate]:
    chosen: list[_Candidate] = []
    for candidate in sorted(shortlist, key=lambda c: (-c.score, c.rank, c.start))[:_MOST]:
        cost = count_tokens(f"[k3v] {candidate.block.table_header} {candidate.text}\n")
        if cost <= budget:
            budget -= cost
            chosen.append(candidate)
    return chosen


def _as_evidence(chosen: Sequence[_Candidate], index: Index, labels: Iterable[str]) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    for candidate in chosen:
        document = candidate.hit.document
        stored = index.document_text(document.document_id, labels)
        text = stored[1] if stored else ""
        found.append(
            Evidence(
                id=evidence_id(document.document_id, candidate.start, candidate.end, (e.id for e in found)),
                document_id=document.document_id,
                title=document.title,
                path=document.path,
                version=document.version,
                effective_date=document.effective_date,
                page=candidate.block.page,
                heading_path=candidate.block.heading_path,
                quote=candidate.text,
                start=candidate.start,
                end=candidate.end,
                before=text[max(0, candidate.start - _SURROUNDING) : candidate.start],
                after=text[candidate.end : candidate.end + _SURROUNDING],
                table_header=candidate.block.table_header,
                superseded_by=document.superseded_by,
                sample=document.sample,
            )
        )
    return tuple(found)


def as_prompt(evidence: Sequence[Evidence]) -> str:
    """Evidence as the language model reads it: a heading line where it changes, then `[id] text`."""
    lines: list[str] = []
    heading = ""
    for piece in evidence:
        path = " > ".join(dict.fromkeys((piece.title, *piece.heading_path[-1:])))
        current = f"# {path}" + (f" ({piece.effective_date})" if piece.effective_date else "")
        if current != heading:
            lines.append(current)
            heading = current
        lines.append(f"[{piece.id}] " + " / ".join(display(piece).splitlines()))
    return "\n".join(lines)


def display(piece: Evidence) -> str:
    """Evidence as text of an answer: table rows with their column names, list items without bullets, else as it is."""
    lines = [_BULLET.sub("", " ".join(line.split())) for line in piece.quote.splitlines() if line.strip()]
    if piece.table_header:
        lines = [labelled_row(piece.table_header, line) for line in lines]
    return "\n".join(lines)


def labelled_row(header: str, row: str) -> str:
    """A table row with its column names: `분과: 자동차; 앵커기업: 현대자동차, 기아`."""
    names, cells = header.split(" | "), row.split(" | ")
    if len(names) != len(cells):
        return f"{header}: {row}"
    return "; ".join(f"{name}: {cell}" for name, cell in zip(names, cells, strict=True))
