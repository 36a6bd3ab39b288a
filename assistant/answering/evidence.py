"""Evidence: the sentences and table rows of the found passages that speak about the question.

Each piece is an exact slice of the stored text with the words needed to understand it (title, headings, table header).
Ids are opaque three-character signs, so that a weak model cannot take them for ranks.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from assistant.answering.arithmetic import operation
from assistant.answering.belonging import other_rows, procedure_of, the_rest
from assistant.answering.focus import asks_several, kept, parts, step_or_warning
from assistant.answering.pieces import Piece, best_first, distinct, pieces_of, words_of
from assistant.index import Index
from assistant.index.tokens import proper_names, terms
from assistant.language import detect
from assistant.quantities import YEAR, quantities
from assistant.retrieval.hybrid import asks_past, is_sample_manual
from assistant.schema import Block, Document, Evidence, Hit, Language

if TYPE_CHECKING:
    import numpy as np

#: Added to the score of a piece whose document was not in force at the time asked about; of one that is superseded,
#: when no time is asked about; and of one whose document is about a machine that the question names by its code.
_NOT_IN_FORCE = -0.8
_SUPERSEDED = -0.4
_ABOUT = 0.6
#: Of a sample manual, when no machine is named by a code: it repeats what the safety documents say.
_SAMPLE = -0.3
_NOW = re.compile(
    r"지금|현재|요즘|올해|최신|\b(now|current|currently|present|presently|today|this year|latest)\b", re.I
)
#: Characters of stored text shown on either side of a quote.
_SURROUNDING = 300
#: Pieces that are compared with the question by the embedder, and most that are offered to the model.
_SHORTLIST = 12
_MOST = 5
#: A procedure with its warnings may cost so many times the budget of evidence; the context still holds it.
_PROCEDURES = 3
#: Weight of the cosine beside the word score (0…2); cosines of neighbouring pieces differ by a few hundredths.
_SIMILARITY_WEIGHT = 8.0
#: An answer rests on at most so many pieces, whose scores are at most so far below the best one's. On the tuning
#: questions the answer was in the best piece for 62 of 74, in those within the margin for 67 (also with a wider one).
_TELLING = 3
_CLOSE = 0.3
#: Weight of the cosine with one question of several, beside the score for the whole turn.
_PART_WEIGHT = 8.0
_ALPHABET = "bcdfghjkmnpqrstvwxz"
_DIGITS = "23456789"

#: How names of Korean firms end.
_FIRM = re.compile(
    r".(은행|시멘트|전자|전기|자동차|중공업|기계|정밀|로보틱스|화학|칼텍스|솔루션즈|조선해양|에너지|제철|제약|건설|식품)$"
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
    weighted by rarity, that the evidence holds. `similarity`: cosine of question and nearest piece. `names`: proper
    names of the question that visible documents know, and firms that they do not.
    """

    evidence: tuple[Evidence, ...]
    told: int
    coverage: float
    similarity: float
    names: tuple[str, ...] = ()

    @property
    def telling(self) -> tuple[Evidence, ...]:
        """The pieces that the answer rests on: the best one, and the next one when it is nearly as good."""
        return self.evidence[: self.told]


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


def rarity(words: Iterable[str], index: Index, labels: Iterable[str]) -> dict[str, float]:
    """Inverse document frequency of each word among the visible passages, > 0."""
    counts, total = index.document_frequency(words, labels)
    return {word: math.log(1 + (total - count + 0.5) / (count + 0.5)) for word, count in counts.items()}


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
    candidates: list[Piece] = []
    best = max((hit.score for hit in hits), default=0.0)
    for rank, hit in enumerate(hits):
        title, title_words = hit.document.title.casefold(), words_of(hit.document.title)
        for piece in pieces_of(hit, rank, index, labels):
            own = sum(weight[word] for word in wanted & piece.words)
            from_title = sum(weight[word] for word in wanted & (title_words - piece.words))
            piece.score = (own + 0.4 * from_title) / total + 0.9 * (hit.score / best if best > 0 else 0.0)
            if asks_amount and quantities(piece.text):
                piece.score += 0.15
            piece.score += _in_time(hit.document, question)
            # a code names one row among many, unless it is the machine that the whole document is about
            piece.score += sum(code in piece.text.casefold() and code not in title for code in codes)
            piece.score += _ABOUT if any(code in title for code in codes) else 0.0
            piece.score += _SAMPLE if is_sample_manual(hit.document) and not codes else 0.0
            candidates.append(piece)
    different = distinct(candidates)
    shortlist = different[:_SHORTLIST]
    if not shortlist:
        return Selection((), 0, 0.0, 0.0)
    held = frozenset().union(*(piece.words | words_of(piece.hit.document.title) for piece in shortlist))
    asked = embedder.encode_query(question)
    vectors = _compared(shortlist, asked, embedder)
    rows = other_rows(best_first(shortlist)[0], shortlist, different)
    _compared(rows, asked, embedder)
    ranked = best_first([*shortlist, *rows])
    close = [piece for piece in ranked if ranked[0].score - piece.score <= _CLOSE][:_TELLING]
    close += _for_each_part(question, shortlist, vectors, close, embedder)
    if asks_several(question):
        close += the_rest(close[0], candidates, ranked, close)
    procedure = procedure_of(close[0], different)
    close = [*procedure, *(piece for piece in close if piece not in procedure)]
    chosen = _within_budget(
        [*close, *(piece for piece in ranked if piece not in close)], procedure, budget, count_tokens
    )
    close = _in_one_language([piece for piece in close if piece in chosen], detect(question)) or chosen[:1]
    chosen = [*close, *(piece for piece in chosen if piece not in close)]
    if not asks_several(question) and not operation(question):
        lines = [line for piece in close for line in _focused(piece, weight, asked, embedder)]
        chosen, close = [*lines, *chosen[len(close) :]], lines
    return Selection(
        _as_evidence(chosen, index, labels),
        len(close),
        sum(weight[word] for word in wanted & held) / total if wanted else 0.0,
        max(piece.similarity for piece in ranked),
        _known_names(question, index, labels),
    )


def _known_names(question: str, index: Index, labels: Iterable[str]) -> tuple[str, ...]:
    names = {name: terms(name).words for name in proper_names(question)}
    counts, _ = index.document_frequency({word for words in names.values() for word in words}, labels)
    return tuple(
        name
        for name, words in names.items()
        if _FIRM.search(name) or (words and all(counts.get(word) for word in words))
    )


def _in_one_language(told: list[Piece], language: Language | None) -> list[Piece]:
    """The pieces in the language of the question; all of them when none is, for then they have to be translated."""
    return [piece for piece in told if piece.hit.document.language == language] or told


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


def _compared(pieces: Sequence[Piece], asked: np.ndarray, embedder: PieceEmbedder) -> np.ndarray:
    """The vectors of `pieces`, whose scores then hold their similarity to the question `asked`."""
    if not pieces:
        return asked[None][:0]
    vectors = _vectors(pieces, embedder)
    for piece, vector in zip(pieces, vectors, strict=True):
        piece.similarity = float(vector @ asked)
        piece.score += _SIMILARITY_WEIGHT * piece.similarity
    return vectors


def _vectors(pieces: Sequence[Piece], embedder: PieceEmbedder) -> np.ndarray:
    """Each piece under its heading, shape (len(pieces), dimensions)."""
    titles = [piece.block.heading_path[-1] if piece.block.heading_path else "" for piece in pieces]
    texts = [f"{piece.block.table_header}\n{piece.text}".strip() for piece in pieces]
    return embedder.encode_passages(titles, texts)


def _for_each_part(
    question: str,
    shortlist: Sequence[Piece],
    vectors: np.ndarray,
    taken: Sequence[Piece],
    embedder: PieceEmbedder,
) -> list[Piece]:
    """Of a turn that puts several questions, the best piece for each that is not among those `taken`."""
    asked = parts(question)
    found: list[Piece] = []
    for part in asked if len(asked) > 1 else ():
        cosines = vectors @ embedder.encode_query(part)
        best = max(range(len(shortlist)), key=lambda n: shortlist[n].score + _PART_WEIGHT * float(cosines[n]))
        if shortlist[best] not in (*taken, *found):
            found.append(shortlist[best])
    return found


def _focused(piece: Piece, weight: Mapping[str, float], asked: np.ndarray, embedder: PieceEmbedder) -> list[Piece]:
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
    chosen = kept(shares, [float(cosine) for cosine in _vectors(lines, embedder) @ asked])
    return [piece] if len(chosen) == len(lines) else [lines[number] for number in chosen]


def _within_budget(
    shortlist: Sequence[Piece], procedure: Sequence[Piece], budget: int, count_tokens: Callable[[str], int]
) -> list[Piece]:
    """As much of `shortlist` as the budget holds; of a procedure nothing is left out, up to `_PROCEDURES` budgets."""
    chosen: list[Piece] = []
    room = _PROCEDURES * budget
    for candidate in [*procedure, *(piece for piece in shortlist[:_MOST] if piece not in procedure)]:
        cost = count_tokens(f"[k3v] {candidate.block.table_header} {candidate.text}\n")
        if cost <= (room if candidate in procedure else budget):
            budget -= cost
            room -= cost
            chosen.append(candidate)
    return chosen


def _as_evidence(chosen: Sequence[Piece], index: Index, labels: Iterable[str]) -> tuple[Evidence, ...]:
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
