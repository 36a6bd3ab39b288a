"""A stored document cut into what can change: headings, sentences, items, steps, warnings, rows.

Each piece has a key that is equal for two pieces which say the same: without the numbers of headings, steps, captions
and numbered rows, without differences of spacing and of how a figure is written. What a number *refers* to is not known
here: whether "section 6.2" is the same section is for `alignment` to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from assistant.comparison.figures import figures
from assistant.comparison.values import Figure
from assistant.schema import Block
from assistant.text.language import sentences
from assistant.text.quantities.values import fold
from assistant.text.table_rows import cells_of, line_of

_BULLET = r"[-*•○□▶◦·▪■●◆‣–]\s+"
_ITEM = (
    r"\(?\d{1,3}[.)]\s+(?!\d)|\(\d{1,3}\)\s*|"
    r"\(?(?:[A-Za-z가나다라마바사아자차카타파하]|[ivx]{1,4})[.)]\s+|[①-⑳㉠-㉻ⓐ-ⓩ]\s*"
)
_CLAUSE = r"제\s?\d+조(?:의\s?\d+)?(?=\s*\()|\d{1,2}(?:\.\d{1,2}){1,3}\s+(?=[A-Z][a-z]|[가-힣]{2})"
_CHAPTER = (
    r"제\s?\d+(?:편|장|절|관|조)(?:의\s?\d+)?(?=\s|\()|"
    r"(?:Chapter|Section|Article|Part|Annex|Appendix) [\dA-Z.]+(?=[\s:.])|"
    r"\d{1,3}(?:[.-]\d{1,3})+[.)]?\s+|[IVX]{1,5}\.\s+|[Ⅰ-Ⅻ][.)]?\s*"
)
_TEXT_NUMBER = re.compile(rf"\s*(?:{_BULLET})?(?:{_ITEM}|{_CLAUSE})?")
_HEADING_NUMBER = re.compile(rf"\s*(?:{_CHAPTER}|{_ITEM}|{_CLAUSE})?")
_CAPTION_END = re.compile(r"\s*[.:\])>]")
_DOTTED = re.compile(r"\d+(?:[.-]\d+)*")
_BLANK = re.compile(r"(?<!\d)\s+|\s+(?!\d)")
_WORD = re.compile(r"[A-Za-z]+|[가-힣]+|[一-鿿]+")
_QUOTES = str.maketrans("“”„«»「」『』", '"""""""""')
_LOOSE_END = ' .,;:。"'


@dataclass(frozen=True, slots=True)
class Piece:
    """The slice `start:end` of the stored text, inside `block`.

    `family`: heading, header (of a table), row or text; only pieces of one family are compared. `section`: the headings
    above it, without their numbers. `words`: what it is recognised by. `name`, `named`: of a row the first cells with
    letters that no other row of its table begins with, and their words. `label`: the number that was left out of the
    key, as references give it ("6.2", "table:3-2"). `between`: the text around the figures.
    """

    block: Block
    start: int
    end: int
    family: str
    section: tuple[str, ...]
    figures: tuple[Figure, ...]
    key: str
    words: frozenset[str]
    between: tuple[str, ...]
    label: str = ""
    name: str = ""
    named: frozenset[str] = frozenset()

    def key_with(self, key_of: Callable[[Figure], str]) -> str:
        """The key, with `key_of` in place of each figure's own."""
        return _joined(self.between, [key_of(each) for each in self.figures])


def pieces(text: str, blocks: Sequence[Block]) -> list[Piece]:
    """Cut a stored text into its pieces, in order."""
    found: list[Piece] = []
    for (kind, header, _), group in groupby(blocks, key=lambda each: (each.kind, each.table_header, each.heading_path)):
        if kind == "table_row" and header:
            found += _rows(text, list(group))
        else:
            found += [_piece(text, block, start, end) for block in group for start, end in _slices(text, block)]
    return found


def plain_heading(heading: str) -> str:
    """A heading without its number, as it is compared."""
    return _heading(heading)[0]


def _slices(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """Running text sentence by sentence, each with the source in brackets behind it; all else whole."""
    if block.kind != "paragraph":
        yield block.start, block.end
        return
    words = text[block.start : block.end]
    found: list[tuple[int, int]] = []
    for start, end in sentences(words):
        if found and words[start] in "([" and words[end - 1] in ")]":
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    yield from ((block.start + start, block.start + end) for start, end in found)


def _piece(text: str, block: Block, start: int, end: int, first: int = 0) -> Piece:
    """One piece; its first `first` characters only count it."""
    words = text[start:end]
    family = "heading" if block.kind == "heading" else "text"
    parts = [(0, words)]
    if block.kind == "table_row":
        family = "row" if block.table_header else "header"
        parts = list(_cells(words))
    found = [each for at, part in parts for each in figures(part, start + at)]
    skipped, label = _number(words, found, start, family) if family in ("heading", "text") else (first, "")
    kept = [each for each in found if each.start >= start + skipped]
    between = _between(text, start + skipped, end, kept)
    return Piece(
        block,
        start,
        end,
        family,
        tuple(plain_heading(each) for each in block.heading_path),
        tuple(kept),
        _joined(between, [each.key for each in kept]),
        _words(between, kept),
        between,
        label,
    )


def _rows(text: str, blocks: Sequence[Block]) -> list[Piece]:
    """The rows of one table, named; a first column that only counts them (1, 2, 3 …) is left out."""
    firsts = [cells_of(text[block.start : block.end])[0] for block in blocks]
    counted = len(blocks) > 1 and [each.strip() for each in firsts] == [str(n) for n in range(1, len(blocks) + 1)]
    rows = [
        _piece(text, block, block.start, block.end, len(first) if counted else 0)
        for block, first in zip(blocks, firsts, strict=True)
    ]
    lettered = [_lettered(text, row, len(first) if counted else 0) for row, first in zip(rows, firsts, strict=True)]
    begins = Counter(tuple(key for key, _ in cells[:n]) for cells in lettered for n in range(1, len(cells) + 1))
    named = []
    for row, cells in zip(rows, lettered, strict=True):
        keys = [key for key, _ in cells]
        length = next((n for n in range(1, len(keys)) if begins[tuple(keys[:n])] == 1), len(keys))
        words = frozenset[str]().union(*(words for _, words in cells[:length]))
        named.append(replace(row, name=line_of(keys[:length]), named=words))
    return named


def _lettered(text: str, row: Piece, skipped: int) -> list[tuple[str, frozenset[str]]]:
    """The cells with a word or a code, as keys, with their words."""
    found = []
    for at, cell in _cells(text[row.start : row.end]):
        start, end = row.start + at, row.start + at + len(cell)
        own = [each for each in row.figures if start <= each.start and each.end <= end]
        between = _between(text, start, end, own)
        if at + len(cell) > skipped and (any(each.is_code for each in own) or _WORD.search(" ".join(between))):
            found.append((_joined(between, [each.key for each in own]), _words(between, own)))
    return found


def _cells(row: str) -> Iterator[tuple[int, str]]:
    at = 0
    for cell in cells_of(row):
        yield at, cell
        at += len(line_of((cell, "")))


def _number(text: str, found: Sequence[Figure], start: int, family: str) -> tuple[int, str]:
    """How many characters at the beginning are a number of the piece itself, and how references name it."""
    if family == "heading":
        _, skipped, label = _heading(text)
        return skipped, label
    marker = _TEXT_NUMBER.match(text)
    skipped = marker.end() if marker else 0
    if any(not each.is_code and each.unit and each.start < start + skipped for each in found):  # "10.0 Bar"
        skipped = 0
    first = next((each for each in found if each.start >= start + skipped), None)
    if first is not None and first.start == start + skipped and first.key.startswith(("table:", "figure:")):
        ending = _CAPTION_END.match(text, first.end - start)
        if ending:
            return ending.end(), first.key
    return skipped, ""


@lru_cache(maxsize=1024)
def _heading(text: str) -> tuple[str, int, str]:
    """A heading's words as compared, the length of its number, and that number."""
    marker = _HEADING_NUMBER.match(text)
    skipped = marker.end() if marker else 0
    if any(not each.is_code and each.unit and each.start < skipped for each in figures(text)):  # "3 steps to …"
        skipped = 0
    number = _DOTTED.search(text[:skipped])
    return _joined((text[skipped:],), ()), skipped, number[0] if number else ""


def _between(text: str, start: int, end: int, found: Iterable[Figure]) -> tuple[str, ...]:
    parts, at = [], start
    for each in found:
        parts.append(text[at : each.start])
        at = each.end
    return (*parts, text[at:end])


def _joined(between: Sequence[str], keys: Sequence[str]) -> str:
    parts = [fold(part).translate(_QUOTES) for part in between]
    for number, key in enumerate(keys):
        parts[number] += f"⟨{key}⟩"
    return _BLANK.sub("", "".join(parts)).strip(_LOOSE_END)


def _words(between: Iterable[str], found: Iterable[Figure]) -> frozenset[str]:
    """Latin words, pairs of Hangul letters (endings differ, stems stay), codes, and units without their figures."""
    words: set[str] = set()
    for part in between:
        for match in _WORD.finditer(fold(part)):
            word = match[0].lower()
            words |= {word[i : i + 2] for i in range(len(word) - 1)} if ord(word[0]) > 0x2E7F and word[1:] else {word}
    for each in found:
        if each.is_code:
            words.add(each.key)
        elif each.unit:
            words.add(f"#{each.unit}")
    return frozenset(words)
