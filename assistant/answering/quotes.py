"""From marked passages to quotes: exact slices of the stored text around the answering words.

A sentence of a paragraph, a row, an item of a list; neighbours that are marked too in one quote; a procedure always
whole, its warnings first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from assistant.answering.quotable import statements
from assistant.answering.wording import is_step, is_warning
from assistant.index import Visible
from assistant.quoting import quote_at
from assistant.schema import Block, Document, Found, Quote
from assistant.text.language import sentences

#: How far around a passage its procedure is looked for, in characters.
_AROUND = 6000
#: A list of which so many items are marked is quoted whole.
_MOST_ITEMS = 0.5


@dataclass(frozen=True, slots=True)
class _Unit:
    """A slice of the stored text inside one block, with the marked places in it."""

    block: Block
    start: int
    end: int
    marks: tuple[tuple[int, int], ...]


def quotes_of(told: Sequence[Found], visible: Visible) -> list[tuple[Quote, Found]]:
    """Quote what is wanted or marked in each passage of `told`, in their order; without either its first block."""
    quotes: list[tuple[Quote, Found]] = []
    taken: set[str] = set()
    for found in told:
        document = found.hit.document
        stored = visible.document_text(document.document_id)
        if stored is None:  # gone, or relabelled, since it was found
            continue
        text = stored[1]
        for run in _runs(found, text, visible):
            start, end = run[0].start, run[-1].end
            if any(q.document_id == document.document_id and start < q.end and q.start < end for q, _ in quotes):
                continue
            marks = [mark for unit in run for mark in unit.marks]
            span = (min(mark[0] for mark in marks), max(mark[1] for mark in marks)) if marks else None
            quote = replace(quote_at(document, text, run[0].block, start, end, taken), span=span)
            taken.add(quote.id)
            quotes.append((quote, found))
    return quotes


def related_to(found: Sequence[Found], most: int, visible: Visible) -> tuple[Quote, ...]:
    """The nearest quote of each of the best passages, for a question that they do not answer."""
    nearest: dict[str, Quote] = {}
    for quote, each in quotes_of(found[: 2 * most], visible):
        nearest.setdefault(each.hit.passage.chunk_id, quote)
    return tuple(nearest.values())[:most]


def _runs(found: Found, text: str, visible: Visible) -> Iterator[list[_Unit]]:
    """The units of a passage that become one quote each."""
    passage, document = found.hit.passage, found.hit.document
    near = visible.blocks(document.document_id, passage.start, passage.end)
    blocks = statements(near, passage.text, passage.start)
    marks = [(passage.start + span.start, passage.start + span.end) for span in found.reading.spans]
    wanted = [(passage.start + span.start, passage.start + span.end) for span in found.quoted] or marks
    units = [unit for block in blocks for unit in _units(block, text, wanted, marks)]
    if not units:
        units = [_Unit(block, block.start, block.end, ()) for block in blocks[:1]]
    if any(is_step(text[unit.block.start : unit.block.end]) for unit in units) or any(
        is_warning(text[unit.block.start : unit.block.end]) for unit in units
    ):
        yield from _procedure(units, text, document, visible)
        return
    yield from _joined(_whole_lists(units, blocks), blocks)


def _units(
    block: Block, text: str, wanted: Sequence[tuple[int, int]], marks: Sequence[tuple[int, int]]
) -> Iterator[_Unit]:
    """What of a block is quoted: the item or row that something wanted stands in, of a paragraph its sentences."""
    if block.kind in ("list_item", "table_row"):
        slices = [(block.start, block.end)]
    else:
        slices = [(block.start + a, block.start + b) for a, b in sentences(text[block.start : block.end])]
    for start, end in slices:
        if any(a < end and start < b for a, b in wanted):
            yield _Unit(
                block, start, end, tuple((max(a, start), min(b, end)) for a, b in marks if a < end and start < b)
            )


def _whole_lists(units: list[_Unit], blocks: Sequence[Block]) -> list[_Unit]:
    """With the unmarked items of a list of which most are marked: the list itself is what was asked for."""
    marked = {unit.block.start: unit for unit in units}
    added: list[_Unit] = []
    for (kind, _), group in groupby(blocks, key=lambda block: (block.kind, block.heading_path)):
        items = list(group)
        held = sum(item.start in marked for item in items)
        if kind == "list_item" and 1 < held < len(items) and held >= _MOST_ITEMS * len(items):
            added += [_Unit(item, item.start, item.end, ()) for item in items if item.start not in marked]
    return sorted([*units, *added], key=lambda unit: unit.start)


def _joined(units: Sequence[_Unit], blocks: Sequence[Block]) -> Iterator[list[_Unit]]:
    """Units that follow each other in one block, or in neighbouring items and rows of one list or table, together."""
    places = {block.start: number for number, block in enumerate(blocks)}
    run: list[_Unit] = []
    for unit in units:
        if run and not _adjoin(run[-1], unit, places):
            yield run
            run = []
        run.append(unit)
    if run:
        yield run


def _adjoin(one: _Unit, other: _Unit, places: dict[int, int]) -> bool:
    if one.block.start == other.block.start:
        return other.start - one.end <= 1
    same = (one.block.kind, one.block.table_header) == (other.block.kind, other.block.table_header)
    near = places[other.block.start] - places[one.block.start] == 1
    return same and near and one.block.kind in ("list_item", "table_row")


def _procedure(units: Sequence[_Unit], text: str, document: Document, visible: Visible) -> Iterator[list[_Unit]]:
    """The warnings and then all steps under the heading of the marked ones: one without the others can be dangerous."""
    marked = {unit.block.start: unit for unit in units}
    for path in dict.fromkeys(unit.block.heading_path for unit in units):
        first = next(unit for unit in units if unit.block.heading_path == path)
        near = visible.blocks(document.document_id, max(0, first.start - _AROUND), first.end + _AROUND)
        own = [block for block in near if block.heading_path == path and block.kind != "heading"]
        warnings = [block for block in own if is_warning(text[block.start : block.end])]
        steps = [block for block in own if is_step(text[block.start : block.end])]
        others = [
            unit
            for unit in units
            if unit.block.heading_path == path and unit.block not in warnings and unit.block not in steps
        ]
        whole = {block.start: marked.get(block.start) or _Unit(block, block.start, block.end, ()) for block in own}
        for block in warnings:
            yield [whole[block.start]]
        if steps:
            yield from _unbroken([whole[block.start] for block in steps], own)
        yield from _joined(others, own)


def _unbroken(units: Sequence[_Unit], blocks: Sequence[Block]) -> Iterator[list[_Unit]]:
    """Steps in runs without another block between them; parts of a step (bullets, notes) belong to it."""
    order = [block.start for block in blocks]
    run: list[_Unit] = []
    for unit in units:
        if run:
            between = blocks[order.index(run[-1].block.start) + 1 : order.index(unit.block.start)]
            if any(block.kind in ("table_row", "quote") for block in between):
                yield run
                run = []
        run.append(unit)
    if run:
        yield run
