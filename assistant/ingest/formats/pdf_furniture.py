"""Running heads and feet of a PDF, told from what stands at the top or foot of a page because it is said there.

What runs along is the same on many pages, at the same height and apart from the text; of its figures only the page
number changes. It is stored once, and not at all where the text says the same. Codes, numbers and warnings that
differ from page to page are text.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby

from assistant.ingest.formats.pdf_chars import Line
from assistant.ingest.formats.pdf_page import Page
from assistant.ingest.formats.pdf_table import Grid

#: Parts of the page's height: the zones in which heads and feet stand, outermost lines, and tables with numbers.
_ZONE, _OUTER, _TABLE_ZONE = 0.13, 0.09, 0.2
#: A head or foot is so far from the text (in parts of its size).
_APART = 0.5
#: A number in larger type than this (to the body size) is no page number.
_LARGE = 1.13

#: A page number with what makes it one: "Page 3", "3 / 12", "- 3 -", "3쪽".
_MARKED = re.compile(
    r"[-–—\s·|\[(]*(?:(?:page|p\.?|쪽|페이지)\s*#(?:\s*(?:/|of)\s*#)?|#\s*(?:/|of)\s*#|[-–—\[(]\s*#\s*[-–—\])]|"
    r"#\s*(?:쪽|페이지))(?:\s*(?:쪽|페이지))?[-–—\s·|\])]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_BARE = re.compile(r"[|·\s]*(?:\d{1,4}|[ivxlc]+)[|·\s]*", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s+[|·•/–—]\s+")
_LETTERS = re.compile(r"[^\W_]+")
_NO_LETTERS = dict.fromkeys(code for code in range(128) if not chr(code).isalnum())


@dataclass(slots=True)
class Furniture:
    """`dropped`: lines and tables that are not stored where they stand, by `id`; `kept`: what is stored once."""

    dropped: set[int] = field(default_factory=set)
    kept: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class _Edge:
    """A line near the edge of a page. `parts`: its text in pieces: `numbers` are page numbers, `runs` run along."""

    line: Line
    at_top: bool
    is_outer: bool
    parts: list[str]
    numbers: set[int] = field(default_factory=set)
    runs: set[int] = field(default_factory=set)

    @property
    def key(self) -> str:
        return "\0".join("#" if at in self.numbers else part for at, part in enumerate(self.parts))

    @property
    def rest(self) -> list[str]:
        """What is neither a page number nor the same on many pages."""
        gone = self.numbers | self.runs
        rest = list(dict.fromkeys(part for at, part in enumerate(self.parts) if at not in gone))
        return [] if all(_BARE.fullmatch(part) for part in rest) else rest

    @property
    def is_number(self) -> bool:
        return len(self.numbers) == len(self.parts)


def furniture(pages: Sequence[Page], body: float) -> Furniture:
    """What runs along on the pages. `body`: the usual font size."""
    found = Furniture()
    if len(pages) < 2:
        return found
    edges = [edge for page in pages for edge in _edges(page)]
    _mark_numbers(edges, body)
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for edge in edges:
        for text in {edge.key, *edge.parts}:
            seen[text, round(edge.line.top / 4)].add(edge.line.page)
    needed = max(2, min(math.ceil(0.4 * len(pages)), 5))

    def runs(text: str, edge: _Edge) -> bool:
        place = round(edge.line.top / 4)
        return len(set().union(*(seen.get((text, place + step), ()) for step in (-1, 0, 1)))) >= needed

    running = []
    for edge in edges:
        if (edge.is_number and edge.is_outer) or runs(edge.key, edge):
            edge.runs = set(range(len(edge.parts)))
            running.append(edge)
        elif edge.line.size < _LARGE * body and len(edge.parts) > 1:
            edge.runs = {at for at, part in enumerate(edge.parts) if at not in edge.numbers and runs(part, edge)}
            if edge.runs or (edge.numbers and edge.is_outer):
                running.append(edge)
    running = _apart_from_text(running, pages)
    found.dropped = {id(edge.line) for edge in running}
    _drop_tables(found, pages, needed)
    found.kept = _once(running, pages, found.dropped)
    return found


def _edges(page: Page) -> Iterator[_Edge]:
    for line in page.items:
        if not isinstance(line, Line) or line.top < 0:  # lines that were turned have no place on the page
            continue
        at_top = line.bottom < _ZONE * page.height
        if at_top or line.top > (1 - _ZONE) * page.height:
            is_outer = line.bottom < _OUTER * page.height or line.top > (1 - _OUTER) * page.height
            yield _Edge(line, at_top, is_outer, _parts(line))


def _parts(line: Line) -> list[str]:
    """The pieces of a line's text between wide gaps and signs that separate."""
    pieces = [line.text[start:end] for start, end in zip((0, *line.gaps), (*line.gaps, len(line.text)), strict=True)]
    parts: list[str] = []
    for piece in (line.text,) if _is_marked(line.text) else pieces:
        parts += [piece] if _is_marked(piece) else _SEPARATOR.split(piece)
    return [part.strip() for part in parts if part.strip()] or [line.text]


def _is_marked(text: str) -> bool:
    return _MARKED.fullmatch(_DIGITS.sub("#", text)) is not None


def _mark_numbers(edges: Sequence[_Edge], body: float) -> None:
    """Find the page numbers: marked as such, or counting along with the pages."""
    counting: Counter[tuple[bool, int]] = Counter()
    bare: list[tuple[_Edge, int, int | None]] = []
    for edge in edges:
        for at, part in enumerate(edge.parts):
            if _is_marked(part):
                edge.numbers.add(at)
            elif _BARE.fullmatch(part) and edge.line.size < _LARGE * body and at in (0, len(edge.parts) - 1):
                digits = re.sub(r"\D", "", part)
                offset = int(digits) - edge.line.page if digits else None
                bare.append((edge, at, offset))
                if offset is not None:
                    counting[edge.at_top, offset] += 1
    for edge, at, offset in bare:
        if offset is None:
            is_number = len(edge.parts) == 1 and edge.is_outer
        else:
            is_number = counting[edge.at_top, offset] > 1 or (offset == 0 and len(edge.parts) == 1)
        if is_number:
            edge.numbers.add(at)


def _apart_from_text(running: Sequence[_Edge], pages: Sequence[Page]) -> list[_Edge]:
    """Those between which and the text of the page there is a gap."""
    ids = {id(edge.line) for edge in running}
    items = {page.number: page.items for page in pages}

    def is_apart(edge: _Edge) -> bool:
        line = edge.line
        near = _APART * line.size
        lines = chain.from_iterable(map(_lines, items[line.page]))
        if edge.is_number:
            return True
        if edge.at_top:
            return not any(line.top < o.top <= line.bottom + near and id(o) not in ids for o in lines)
        return not any(o.top < line.top <= o.bottom + near and id(o) not in ids for o in lines)

    return [edge for edge in running if is_apart(edge)]


def _lines(item: object) -> Iterable[Line]:
    if isinstance(item, Line):
        return (item,)
    if isinstance(item, Grid):
        return [line for row in item.rows for cell in row for line in cell]
    return getattr(item, "lines", [])


def _drop_tables(found: Furniture, pages: Sequence[Page], needed: int) -> None:
    """A table at the edge of every page (number, revision and date of a document) is stored on the first."""
    seen: dict[tuple[str, ...], list[Grid]] = defaultdict(list)
    for page in pages:
        for item in page.items:
            if not isinstance(item, Grid):
                continue
            lines = list(_lines(item))
            if lines and (
                max(line.bottom for line in lines) < _TABLE_ZONE * page.height
                or min(line.top for line in lines) > (1 - _TABLE_ZONE) * page.height
            ):
                texts = [" ".join(line.text for line in cell) for row in item.rows for cell in row]
                key = tuple("#" if _is_marked(text) else text for text in texts)
                seen[key].append(item)
    for grids in seen.values():
        if len({grid.page for grid in grids}) >= needed:
            found.dropped.update(id(grid) for grid in grids[1:])


def _once(running: Sequence[_Edge], pages: Sequence[Page], dropped: set[int]) -> list[Line]:
    """The first of each running line, without page numbers, unless the text says it; and what changes in them."""
    lines = (line for page in pages for item in page.items if id(item) not in dropped for line in _lines(item))
    alike = groupby((line.text for line in lines), str.isascii) if running else ()
    text = "".join([_squeezed("\n".join(texts)) for _, texts in alike])
    known: set[str] = set()
    kept: list[Line] = []
    for edge in running:
        whole = [part for at, part in enumerate(edge.parts) if at not in edge.numbers]
        for parts, needs_no_text in ((whole if not edge.rest else [], False), (edge.rest, True)):
            key = "\0".join(parts)
            if parts and key not in known and (needs_no_text or not all(_says(text, part) for part in parts)):
                shown = " · ".join(parts) if edge.numbers or needs_no_text else edge.line.text
                kept.append(replace(edge.line, text=shown, gaps=()))
            known.add(key)
    return kept


def _squeezed(text: str) -> str:
    if text.isascii():
        return text.translate(_NO_LETTERS).lower()
    return "".join(_LETTERS.findall(text)).casefold()


def _says(text: str, part: str) -> bool:
    """Whether the squeezed text holds the letters and figures of a part, no figure cut."""
    wanted = _squeezed(part)
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        cut_before = wanted[0].isdigit() and text[max(0, at - 1) : at].isdigit()
        if not cut_before and not (wanted[-1].isdigit() and text[end : end + 1].isdigit()):
            return True
        at = text.find(wanted, at + 1)
    return not wanted
