"""Evidence: the sentences and table rows of the found passages that speak about the question.

Each piece is an exact slice of the stored text with the words needed to understand it (title, headings, table header).
Ids are opaque three-character signs, so that a weak model cannot take them for ranks.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant.index import Index
from assistant.index.tokens import terms
from assistant.language import sentences
from assistant.quantities import quantities
from assistant.schema import Block, Evidence, Hit

#: Characters of stored text shown on either side of a quote.
_SURROUNDING = 300
#: A list item or paragraph up to this length is one piece of evidence; a longer one is cut into sentences.
_WHOLE_BLOCK = 200
#: Most pieces that are offered; ids have as many first letters, and a few to spare.
_MOST = 16
_ALPHABET = "bcdfghjkmnpqrstvwxz"
_DIGITS = "23456789"

_BULLET = re.compile(r"^[-*•·]\s+")
_SOURCE_NOTE = re.compile(r"^[(（]\s*(출처|자료|source|sources)\s*:", re.I)
_AMOUNT = re.compile(
    r"얼마|몇|언제|며칠|비율|비중|금액|한도|기한|기간|날짜|퍼센트|규모|수치|percent|deadline|maximum|minimum|when\b|"
    r"how (much|many|long|often|high|far|old)|what (percentage|share|rate|limit|amount|date|year)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen evidence in reading order, and what the decision to answer needs to know about it.

    `coverage` (0…1): share of the question's content words, weighted by rarity, that the evidence holds.
    `missing`: content words of the question that the evidence does not hold, rarest first.
    `similarity`: cosine of the best passage, 0 when the dense search found none.
    `strongest`: the same evidence, best first.
    """

    evidence: tuple[Evidence, ...]
    coverage: float
    missing: tuple[str, ...]
    similarity: float
    strongest: tuple[Evidence, ...]


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


def _pieces(hit: Hit, rank: int, index: Index, labels: Iterable[str]) -> Iterable[_Candidate]:
    chunk, document = hit.chunk, hit.document
    for block in index.blocks(document.document_id, chunk.start, chunk.end, labels):
        if block.kind == "heading" or (block.kind == "table_row" and not block.table_header):
            continue  # they say nothing by themselves; rows carry their header, pieces their headings
        start, end = max(block.start, chunk.start), min(block.end, chunk.end)
        text = chunk.text[start - chunk.start : end - chunk.start]
        whole = block.kind in ("table_row", "list_item", "quote") or len(text) <= 90
        for first, last in [(0, len(text))] if whole and len(text) <= 600 else sentences(text):
            piece = text[first:last]
            if piece.strip() and not _SOURCE_NOTE.match(piece) and len(piece) > 3:
                context = " ".join((piece, block.table_header, *block.heading_path))
                yield _Candidate(hit, rank, block, start + first, start + last, piece, words_of(context))


def select(
    question: str,
    hits: Sequence[Hit],
    index: Index,
    labels: Iterable[str],
    *,
    budget: int,
    count_tokens: Callable[[str], int],
) -> Selection:
    """Choose evidence for `question` from `hits` within `budget` model tokens."""
    labels = tuple(labels)
    wanted = words_of(question)
    weight = rarity(wanted, index, labels)
    total = sum(weight.values()) or 1.0
    asks_amount = bool(_AMOUNT.search(question))
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
            candidates.append(piece)
    chosen = _within_budget(candidates, budget, count_tokens)
    held = frozenset().union(*(c.words | words_of(c.hit.document.title) for c in chosen)) if chosen else frozenset()
    missing = sorted(wanted - held, key=lambda word: (-weight[word], word))
    coverage = sum(weight[word] for word in wanted & held) / total if wanted else 0.0
    evidence = _as_evidence(chosen, index, labels)
    by_score = sorted(range(len(chosen)), key=lambda number: -chosen[number].score)
    return Selection(
        evidence,
        coverage,
        tuple(missing),
        max((hit.similarity or 0.0 for hit in hits), default=0.0),
        tuple(evidence[number] for number in by_score),
    )


def _within_budget(candidates: list[_Candidate], budget: int, count_tokens: Callable[[str], int]) -> list[_Candidate]:
    chosen: list[_Candidate] = []
    places: set[tuple[str, int]] = set()
    texts: set[str] = set()
    for candidate in sorted(candidates, key=lambda c: (-c.score, c.rank, c.start)):
        place = (candidate.hit.document.document_id, candidate.start)
        if place in places or candidate.text in texts or len(chosen) == _MOST:
            continue
        cost = count_tokens(f"[k3v] {candidate.text}\n") + (8 if candidate.block.table_header else 0)
        if cost > budget:
            if len(chosen) >= 3:
                break
            continue
        budget -= cost
        chosen.append(candidate)
        places.add(place)
        texts.add(candidate.text)
    first_rank: dict[str, int] = {}
    for candidate in chosen:
        key = candidate.hit.document.document_id
        first_rank[key] = min(first_rank.get(key, candidate.rank), candidate.rank)
    return sorted(chosen, key=lambda c: (first_rank[c.hit.document.document_id], c.hit.document.document_id, c.start))


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
        path = " > ".join(dict.fromkeys((piece.title, *piece.heading_path)))
        current = f"# {path}" + (f" ({piece.effective_date})" if piece.effective_date else "")
        if current != heading:
            lines.append(current)
            heading = current
        lines.append(f"[{piece.id}] {display(piece)}")
    return "\n".join(lines)


def display(piece: Evidence) -> str:
    """Evidence as one line: a table row with its column names, a list item without its bullet, the rest as it is."""
    text = _BULLET.sub("", " ".join(piece.quote.split()))
    return labelled_row(piece.table_header, text) if piece.table_header else text


def labelled_row(header: str, row: str) -> str:
    """A table row with its column names: `분과: 자동차; 앵커기업: 현대자동차, 기아`."""
    names, cells = header.split(" | "), row.split(" | ")
    if len(names) != len(cells):
        return f"{header}: {row}"
    return "; ".join(f"{name}: {cell}" for name, cell in zip(names, cells, strict=True))
