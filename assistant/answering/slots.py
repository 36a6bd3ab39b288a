"""A line of text as the words that say something: figures, names, words of degree, other words; in order, by clause.

Korean by morphemes, compounds whole; English by stems, capitalised words together as a name. A row of a table is read
cell by cell, each with the first cell of its row and the name of its column.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.answering.degrees import degree_of
from assistant.index.tokens import kiwi, kiwi_lock, terms
from assistant.quantities import Quantity, identifiers, quantities
from assistant.schema import Evidence

_CLAUSE = re.compile(r"[,;/\n|:]|(?<=[가-힣])(?:고|며|지만|는데)(?= )|\b(?:and|but|while|whereas|which|or)\b")
_WORD_EN = re.compile(r"[A-Za-z](?:[A-Za-z'-]*[A-Za-z])?")
_OPENING = re.compile(r"(?:^|[.!?:|]\s)[\s\-•*\"'(“‘]*$")
_BRACKET = re.compile(r"[(（](?! ?(?:[Ss]ource|출처|자료|근거))[^()（）]{0,60}$")
_NOUN_TAGS = frozenset({"XPN", "NNG", "NNP", "XR", "XSN", "SL", "SN", "SH", "MM"})
_LIGHT = frozenset("하 되 있 없 이 것 수 등 및 때 경우 위하 대하 따르 의하 통하".split())  # noqa: SIM905
#: 내다 is not 내, within.
_NOUNS_OF_PLACE = frozenset("내안전후위뒤")
_STOP_EN = frozenset(
    """the a an of in on at to for with by as is are was were be been being and or but that which who this these
    those it its their they we you he she there has have had do does did will would not no also than then so if each
    per where when while how what all any some such no not
    """.split()  # noqa: SIM905 - a list of words reads better than a list of quotes
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `kind`: "word", "name", "figure", or the group of a word of degree, whose `key` is its direction.

    `rank` counts the words of the line and `clause` its clauses; `start:end` is its place in the text. `aside`: it
    stands in brackets, perhaps as another name for what is before them.
    """

    key: str
    kind: str
    start: int
    end: int
    rank: int = 0
    clause: int = 0
    aside: bool = False
    figure: Quantity | None = None


Line = tuple[Token, ...]


@lru_cache(maxsize=256)
def lines_of(piece: Evidence) -> tuple[Line, ...]:
    """The lines of a piece, and each cell of its table rows with what it belongs to."""
    found = [line for line in piece.quote.splitlines() if line.strip()]
    cells = [cell for row in found for cell in _cells(row, piece.table_header)] if piece.table_header else []
    return (*(tokens(line) for line in found), *cells)


def _cells(row: str, header: str) -> Iterator[Line]:
    names, cells = [_uncapitalised(name) for name in header.split(" | ")], row.split(" | ")
    if len(names) == len(cells):
        yield _in_a_row(names[0], cells[0])
        yield from (_in_a_row(cells[0], name, cell) for name, cell in zip(names[1:], cells[1:], strict=True))


def _in_a_row(*parts: str) -> Line:
    """The words of several texts as those of one line; read apart, since together they are no sentence."""
    found: list[Token] = []
    for part in parts:
        clause = found[-1].clause if found else 0
        # 상한 alone is read as a form of a verb; with a particle it is the noun
        part = f"{part}{_particle(part[-1])}" if part and "가" <= part[-1] <= "힣" else part
        found += [replace(t, rank=len(found) + t.rank, clause=clause + t.clause) for t in tokens(part)]
    return tuple(found)


def _particle(last: str) -> str:
    return "은" if (ord(last) - ord("가")) % 28 else "는"


def _uncapitalised(name: str) -> str:
    """Column names begin with a capital without being names."""
    return name[0].lower() + name[1:] if re.match(r"[A-Z][a-z]", name) else name


def clause_starts(text: str) -> list[int]:
    """Where the clauses of a line begin, but for the first."""
    return [match.start() for match in _CLAUSE.finditer(text)]


@lru_cache(maxsize=2048)
def tokens(text: str) -> Line:
    """The words of one line that say something, in order."""
    text = unicodedata.normalize("NFC", text)
    taken = bytearray(len(text))
    found: list[Token] = []
    for figure in quantities(text):
        taken[figure.start : figure.end] = b"\1" * (figure.end - figure.start)
        found.append(Token(figure.text, "figure", figure.start, figure.end, figure=figure))
    for name in identifiers(text):
        if not any(taken[name.start : name.end]):
            taken[name.start : name.end] = b"\1" * (name.end - name.start)
            found.append(Token(name.key, "name", name.start, name.end))
    found += _english(text, taken)
    if re.search(r"[가-힣]", text):
        found += _korean(text, taken)
    found.sort(key=lambda token: (token.start, token.end))
    cuts = [start for start in clause_starts(text) if not taken[start]]
    return tuple(
        Token(
            token.key, token.kind, token.start, token.end, rank, bisect_left(cuts, token.start),
            _BRACKET.search(text, 0, token.start) is not None, token.figure,
        )
        for rank, token in enumerate(found)
    )  # fmt: skip


def _english(text: str, taken: bytearray) -> Iterator[Token]:
    words = [match for match in _WORD_EN.finditer(text) if not any(taken[match.start() : match.end()])]
    place = 0
    while place < len(words):
        match = words[place]
        word = match.group().lower()
        last = place
        while last + 1 < len(words) and _joined(text, words[last], words[last + 1]):
            last += 1
        opens = _OPENING.search(text, 0, match.start()) is not None
        named = match.group()[0].isupper() and word not in _STOP_EN
        if named and (last > place or not opens or not match.group()[1:].islower()):
            spelled = " ".join(text[match.start() : words[last].end()].lower().split())
            yield Token(spelled, "name", match.start(), words[last].end())
            place = last
        elif degree := degree_of(word):
            yield Token(degree[1], degree[0], *match.span())
        elif word not in _STOP_EN:
            yield Token(stem(word), "word", *match.span())
        place += 1


def _joined(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether two words are parts of one name."""
    if not (one.group()[0].isupper() and other.group()[0].isupper()) or one.group().lower() in _STOP_EN:
        return False
    return text[one.end() : other.start()] in (" ", "-", " & ")


def _korean(text: str, taken: bytearray) -> Iterator[Token]:
    with kiwi_lock:
        morphemes = kiwi().tokenize(text)
    begun, end, parts, proper = 0, -1, 0, False
    for morpheme in [*morphemes, None]:
        tag = morpheme.tag.split("-")[0] if morpheme else ""
        noun = False
        degree = None
        if morpheme is not None and not taken[morpheme.start]:
            stands = tag != "MAG" and not (tag[0] == "V" and morpheme.form in _NOUNS_OF_PLACE)
            degree = degree_of(f"-{morpheme.form}" if tag == "JX" else morpheme.form) if stands else None
            noun = tag in _NOUN_TAGS and degree is None
            if noun and parts and morpheme.start == end:
                end, parts, proper = morpheme.start + morpheme.len, parts + 1, proper or tag == "NNP"
                continue
        word = text[begun:end] if parts else ""
        if re.search(r"[가-힣]", word):
            yield Token(word, "name" if proper or len(word) > 1 else "word", begun, end)
        parts = 0
        if morpheme is None or taken[morpheme.start]:
            continue
        place = (morpheme.start, morpheme.start + morpheme.len)
        if degree:
            yield Token(degree[1], degree[0], *place)
        elif noun and tag not in ("XSN", "SN"):
            (begun, end), parts, proper = place, 1, tag == "NNP"
        elif tag in ("VV", "VA") and morpheme.form not in _LIGHT:
            yield Token(morpheme.form, "word", *place)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The stem of an English word as the search terms have it."""
    return next(iter(terms(word).words), word)
