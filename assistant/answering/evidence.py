"""Evidence: the sentences and table rows of the found passages that speak about the question.

Each piece is an exact slice of the stored text with the words needed to understand it (title, headings, table header).
Ids are opaque three-character signs, so that a weak model cannot take them for ranks.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from assistant.answering.focus import asks_several, kept, step_or_warning
from assistant.index import Index
from assistant.index.tokens import terms
from assistant.language import sentences
from assistant.quantities import YEAR, quantities
from assistant.retrieval.hybrid import asks_past, is_about
from assistant.schema import Block, Document, Evidence, Hit

if TYPE_CHECKING:
    import numpy as np

#: Added to the score of a piece whose document was not in force at the time asked about; of one that is superseded,
#: when no time is asked about; and of one whose document is about a machine or text that the question names by its code.
_NOT_IN_FORCE = -0.8
_SUPERSEDED = -0.4
_ABOUT = 0.6
_NOW = re.compile(
    r"지금|현재|요즘|올해|최신|\b(now|current|currently|present|presently|today|this year|latest)\b", re.I
)
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
#: questions the answer was in the best piece for 62 of 74, in those within the margin for 67 (also with a wider one).
_TELLING = 2
_CLOSE = 0.2
_ALPHABET = "bcdfghjkmnpqrstvwxz"
_DIGITS = "23456789"

#: Turns of a chat inside a document were written for a language model, not for a reader.
_CHAT_MARKUP = re.compile(r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>")
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

    `told`: how many of the first pieces the answer rests on. `coverage` (0…1): share of the question's content words,
    weighted by rarity, that the evidence holds. `similarity`: cosine of question and nearest piece.
    """

    evidence: tuple[Evidence, ...]
    told: int
    coverage: float
    similarity: float

    @property
    def telling(self) -> tuple[Evidence, ...]:
        """The pieces that the answer rests on: the best one, and the next one when it is nearly as good."""
        return self.evidence[: self.told]


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
        if _CHAT_MARKUP.search(text):
            continue
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
        title, title_words = hit.document.title.casefold(), words_of(hit.document.title)
        for piece in _pieces(hit, rank, index, labels):
            own = sum(weight[word] for word in wanted & piece.words)
            from_title = sum(weight[word] for word in wanted & (title_words - piece.words))
            piece.score = (own + 0.4 * from_title) / total + 0.9 * (hit.score / best if best > 0 else 0.0)
            if asks_amount and quantities(piece.text):
                piece.score += 0.15
            piece.score += _in_time(hit.document, question)
            # a code names one row among many, unless it is the machine that the whole document is about
            piece.score += sum(code in piece.text.casefold() and code not in title for code in codes)
            piece.score += _ABOUT if is_about(hit.document, codes) else 0.0
            candidates.append(piece)
    shortlist = _distinct(candidates)[:_SHORTLIST]
    if not shortlist:
        return Selection((), 0, 0.0, 0.0)
    held = frozenset().union(*(piece.words | words_of(piece.hit.document.title) for piece in shortlist))
    asked = embedder.encode_query(question)
    for piece, similarity in zip(shortlist, _similarities(shortlist, asked, embedder), strict=True):
        piece.similarity = similarity
        piece.score += _SIMILARITY_WEIGHT * similarity
    chosen = _within_budget(shortlist, budget, count_tokens)
    close = [piece for piece in chosen if chosen[0].score - piece.score <= _CLOSE][:_TELLING]
    if not asks_several(question):
        lines = [line for piece in close for line in _focused(piece, weight, asked, embedder)]
        chosen, close = [*lines, *chosen[len(close) :]], lines
    return Selection(
        _as_evidence(chosen, index, labels),
        len(close),
        sum(weight[word] for word in wanted & held) / total if wanted else 0.0,
        max(piece.similarity for piece in shortlist),
    )


def _in_time(document: Document, question: str) -> float:
    """Below 0 for a document that was not in force at the time asked about."""
    years = [int(year) for year in YEAR.findall(question)]
    later = document.supersedes and years and document.effective_date[:4] > str(max(years))
    if later or (document.superseded_by and asks_now(question)):
        return _NOT_IN_FORCE
    return _SUPERSEDED if document.superseded_by and not asks_past(question) else 0.0


def asks_now(question: str) -> bool:
    """Whether a question asks for the present state."""
    return bool(_NOW.search(question))


def _similarities(pieces: Sequence[_Candidate], asked: np.ndarray, embedder: PieceEmbedder) -> list[float]:
    """Cosine of the question and each piece under its heading."""
    titles = [piece.block.heading_path[-1] if piece.block.heading_path else "" for piece in pieces]
    texts = [f"{piece.block.table_header}\n{piece.text}".strip() for piece in pieces]
    return [float(cosine) for cosine in embedder.encode_passages(titles, texts) @ asked]


def _focused(
    piece: _Candidate, weight: Mapping[str, float], asked: np.ndarray, embedder: PieceEmbedder
) -> list[_Candidate]:
    """The lines of a list or table that answer, each a piece; the piece itself when it is needed whole."""
    if piece.block.kind not in ("list_item", "table_row") or step_or_warning(piece.text):
        return [piece]
    lines = [
        replace(piece, start=piece.start + line.start(), end=piece.start + line.end(), text=line.group())
        for line in re.finditer(r"[^\n]*\S[^\n]*", piece.text)
    ]
    if len(lines) < 2:
        return [piece]
    total = sum(weight.values()) or 1.0
    shares = [
        sum(weight[word] for word in weight.keys() & words_of(f"{line.block.table_header} {line.text}")) / total
        for line in lines
    ]
    chosen = kept(shares, _similarities(lines, asked, embedder))
    return [piece] if len(chosen) == len(lines) else [lines[number] for number in chosen]


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
    texts: dict[str, str] = {}
    for piece in chosen:
        document = piece.hit.document
        if document.document_id not in texts:
            stored = index.document_text(document.document_id, labels)
            texts[document.document_id] = stored[1] if stored else ""
        taken = [earlier.id for earlier in found]
        found.append(evidence_at(document, texts[document.document_id], piece.block, piece.start, piece.end, taken))
    return tuple(found)


def evidence_at(
    document: Document, text: str, block: Block, start: int, end: int, taken: Iterable[str] = ()
) -> Evidence:
    """The slice `start:end` of a document's stored `text`, inside `block`, as evidence. `taken`: ids in use."""
    return Evidence(
        id=evidence_id(document.document_id, start, end, taken),
        document_id=document.document_id,
        title=document.title,
        path=document.path,
        version=document.version,
        effective_date=document.effective_date,
        page=block.page,
        heading_path=block.heading_path,
        quote=text[start:end],
        start=start,
        end=end,
        before=text[max(0, start - _SURROUNDING) : start],
        after=text[end : end + _SURROUNDING],
        table_header=block.table_header,
        superseded_by=document.superseded_by,
        sample=document.sample,
        labels=document.labels,
    )
