"""What of a passage can be quoted by itself: a sentence, a row, a short list; and which of it answers.

A passage is read whole first, so that a bullet knows its heading; the best are then read once more, piece by piece:
a mark inside a long passage now and then stands beside the answer, and a passage that only speaks of the subject has no
piece that answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from assistant.index import Visible
from assistant.reading import Reader
from assistant.reading.probability import logit, sigmoid
from assistant.schema import Block, Excerpt, Found, Piece, Span
from assistant.text.language import sentences
from assistant.text.quantities import quantities
from assistant.text.quantities.values import CALENDAR

#: Turns of a chat inside a document were written for a language model, not for a reader.
_CHAT_MARKUP = re.compile(r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>")
#: So much surer must a later sentence be to stand instead of an earlier one with another figure.
_SURER = 0.1
#: A list up to this length (characters) is read as one.
_LIST = 420


@dataclass(frozen=True, slots=True)
class Quotable:
    """The slice `start:end` of the stored text, and the block that it stands in or begins with."""

    start: int
    end: int
    block: Block


def statements(blocks: Iterable[Block], text: str, start: int) -> list[Block]:
    """Leave out headings and header rows, which say nothing by themselves, and turns of a chat with a model.

    `text` holds the blocks' words from the place `start` of the stored text on.
    """
    return [
        block
        for block in blocks
        if block.kind != "heading"
        and not (block.kind == "table_row" and not block.table_header)
        and not _CHAT_MARKUP.search(text[max(0, block.start - start) : max(0, block.end - start)])
    ]


def quotables(found: Found, blocks: Sequence[Block]) -> Iterator[Quotable]:
    """Cut a passage into sentences, rows, and lists that are short; items of longer lists by themselves."""
    passage = found.hit.passage
    for (kind, _, _), group in groupby(blocks, key=lambda each: (each.kind, each.heading_path, each.table_header)):
        run = list(group)
        if kind == "list_item" and run[-1].end - run[0].start <= _LIST:
            yield Quotable(run[0].start, run[-1].end, run[0])
        elif kind in ("list_item", "table_row"):
            yield from (Quotable(block.start, block.end, block) for block in run)
        else:
            for block in run:
                text = passage.text[max(0, block.start - passage.start) : block.end - passage.start]
                first = max(block.start, passage.start)
                yield from (Quotable(first + start, first + end, block) for start, end in sentences(text))


def read_pieces(text: str, found: Sequence[Found], visible: Visible, reader: Reader, share: float) -> list[Found]:
    """Read each passage once more, piece by piece, for the question `text`.

    The logit of its surest piece, weighted with `share`, and that of the whole are its probability then.
    """
    cut: list[tuple[int, Piece, Excerpt]] = []
    for number, each in enumerate(found):
        passage = each.hit.passage
        blocks = visible.blocks(passage.document_id, passage.start, passage.end)
        for quotable in quotables(each, statements(blocks, passage.text, passage.start)):
            block, start, end = quotable.block, quotable.start - passage.start, quotable.end - passage.start
            words = passage.text[start:end]
            heading = block.heading_path[-1] if block.heading_path else ""
            if words.strip():
                excerpt = Excerpt(words, each.hit.document.title, heading, block.table_header)
                cut.append((number, Piece(start, end, block.kind, 0.0), excerpt))
    readings = reader.read(text, [excerpt for _, _, excerpt in cut])
    pieces: list[list[Piece]] = [[] for _ in found]
    for (number, piece, _), reading in zip(cut, readings, strict=True):
        pieces[number].append(replace(piece, answers=reading.answers))
    return [_with_pieces(each, own, share) for each, own in zip(found, pieces, strict=True)]


def _with_pieces(found: Found, pieces: Sequence[Piece], share: float) -> Found:
    if not pieces:
        return found
    best = max(piece.answers for piece in pieces)
    answers = sigmoid((1 - share) * logit(found.reading.answers) + share * logit(best))
    return replace(found, reading=replace(found.reading, answers=answers), pieces=tuple(pieces))


def with_quoted(told: Sequence[Found], share: float) -> list[Found]:
    """Say of each passage what is to be quoted: pieces that answer nearly as surely as the best, and marked ones.

    `share`: of the best piece's probability that another one needs.
    """
    quoted = []
    for found in told:
        best = max((piece.answers for piece in found.pieces), default=0.0)
        spans = []
        for piece in _undisputed(found):
            marked = any(span.start < piece.end and piece.start < span.end for span in found.reading.spans)
            operand = marked and found.reading.operation not in ("", "none")
            if operand or piece.answers >= share * best or (marked and piece.answers >= share * share * best):
                spans.append(Span(piece.start, piece.end, piece.answers))
        quoted.append(replace(found, quoted=tuple(spans)))
    return quoted


def _undisputed(found: Found) -> list[Piece]:
    """Without sentences that give another figure of the unit that another sentence of the passage gives.

    One sentence answers: another beside it with another figure is about something else, or was slipped in; it must be
    clearly surer than the one before it to take its place. Rows and items are different things by nature and stay.
    """
    kept: list[tuple[Piece, dict[str, set[object]]]] = []
    for piece in found.pieces:
        said: dict[str, set[object]] = {}
        if piece.kind not in ("list_item", "table_row"):
            for figure in quantities(found.hit.passage.text[piece.start : piece.end]):
                if figure.unit and figure.unit not in CALENDAR:
                    said.setdefault(figure.unit, set()).add(figure.value)
        rivals = [
            each for each in kept if any(unit in each[1] and values != each[1][unit] for unit, values in said.items())
        ]
        if all(piece.answers > rival.answers + _SURER for rival, _ in rivals):
            kept = [each for each in kept if each not in rivals]
            kept.append((piece, said))
    return [piece for piece, _ in kept]
