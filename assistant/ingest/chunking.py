"""Cutting a draft into passages that follow its structure.

A chunk never overlaps another, and all blocks are covered. It knows nothing of models: sizes are characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.schema import Block, Draft, Passage
from assistant.text.language import sentences

#: Recorded in the index: another value means that documents must be read again.
CHUNKER = "structure-2"

#: Steps of a list and rows of a table stay whole up to this multiple of the limit.
_WHOLE = 3
#: Sections up to this part of the limit are joined with their neighbours.
_TINY = 1 / 3


@dataclass(frozen=True, slots=True)
class _Piece:
    """What must not be cut any further: a run of blocks, or a slice of one."""

    start: int
    end: int
    blocks: tuple[Block, ...]
    path: tuple[str, ...]

    @property
    def header(self) -> str:
        """Header of the table that the piece continues, if the header row is not in the piece itself."""
        stored: set[str] = set()
        opens = False
        for block in self.blocks:
            if block.table_header and opens:
                stored.add(block.table_header)
            opens = block.kind == "table_row" and not block.table_header
            if block.table_header and block.table_header not in stored:
                return block.table_header
        return ""

    def joined(self, other: _Piece) -> _Piece:
        """This piece and the one after it, under the headings that both share."""
        shared = next(
            (depth for depth, (mine, theirs) in enumerate(zip(self.path, other.path, strict=False)) if mine != theirs),
            min(len(self.path), len(other.path)),
        )
        return _Piece(self.start, other.end, self.blocks + other.blocks, self.path[:shared])

    @property
    def length(self) -> int:
        """Characters, a continued table's header included."""
        return self.end - self.start + len(self.header)

    @property
    def only_headings(self) -> bool:
        """Whether there is nothing but headings."""
        return all(block.kind == "heading" for block in self.blocks)


def chunk(document_id: str, content_hash: str, draft: Draft, max_chars: int = 900) -> tuple[Passage, ...]:
    """Cut a draft into chunks of about `max_chars` characters, a continued table's header included.

    Longer are only: a heading or warning with what it belongs to, and a list step or table row that would have
    to be torn. `chunk.text == draft.text[start:end]`; ids are "<document_id>@<8 of content_hash>#<ordinal>".
    """
    pieces = _merged(_packed(_glued(tuple(_pieces(draft, max_chars)), draft, max_chars), max_chars), max_chars)
    return tuple(
        Passage(
            chunk_id=f"{document_id}@{content_hash[:8]}#{ordinal}",
            document_id=document_id,
            ordinal=ordinal,
            start=piece.start,
            end=piece.end,
            text=draft.text[piece.start : piece.end],
            heading_path=piece.path,
            page=piece.blocks[0].pages(piece.start, piece.end)[0],
            table_header=piece.header,
        )
        for ordinal, piece in enumerate(pieces)
    )


def _pieces(draft: Draft, max_chars: int) -> Iterator[_Piece]:
    """One piece for each block; blocks that are too long are sliced between sentences."""
    for block in draft.blocks:
        limit = max_chars * (_WHOLE if block.kind in ("list_item", "table_row") else 1)
        for start, end in _slices(draft.text, block.start, block.end, limit, max_chars):
            yield _Piece(start, end, (block,), block.heading_path)


def _slices(text: str, start: int, end: int, limit: int, max_chars: int) -> Iterator[tuple[int, int]]:
    if end - start <= limit:
        yield start, end
        return
    first = last = start
    for stop in _sentence_ends(text, start, end, max_chars):
        if last > first and stop - first > max_chars:
            if text[first:last].strip():
                yield first, first + len(text[first:last].rstrip())
            first = last
        last = stop
    if text[first:end].strip():
        yield first, end


def _sentence_ends(text: str, start: int, end: int, max_chars: int) -> Iterator[int]:
    """Where the next sentence begins; inside a sentence above the limit, where the next word does."""
    begin = start
    for stop in [*(start + first for first, _ in sentences(text[start:end])[1:]), end]:
        while stop - begin > max_chars:
            window = text[begin : begin + max_chars]
            space = max(window.rfind(" "), window.rfind("\n"))
            begin += space + 1 if space > 0 else max_chars
            yield begin
        begin = stop
        yield stop


def _glued(pieces: Sequence[_Piece], draft: Draft, max_chars: int) -> Iterator[_Piece]:
    """Join what belongs together: headings and warnings with what follows, sub-steps with their step."""
    held: _Piece | None = None
    for piece, after in pairwise([*pieces, None]):
        assert piece is not None
        held = piece if held is None else _joined_below(held, piece)
        if after is None or not _belongs(held, piece, after, draft, max_chars):
            yield held
            held = None


def _joined_below(held: _Piece, piece: _Piece) -> _Piece:
    """A heading takes the path of the text below it."""
    path = piece.path if held.only_headings else held.path
    return _Piece(held.start, piece.end, held.blocks + piece.blocks, path)


def _belongs(held: _Piece, piece: _Piece, after: _Piece, draft: Draft, max_chars: int) -> bool:
    block, following = piece.blocks[-1], after.blocks[0]
    if block is following:  # two slices of one block
        return False
    if block.kind == "heading":
        return held.length <= max_chars  # a document of nothing but headings is cut all the same
    if following.kind == "heading":
        return False
    if block.kind == "table_row" and not block.table_header:
        return bool(following.table_header)
    length = after.end - held.start
    if block.kind == "quote":
        return length <= _WHOLE * max_chars
    is_sub_step = following.kind == block.kind == "list_item" and _indent(following, draft) > 0
    return is_sub_step and length <= max_chars


def _indent(block: Block, draft: Draft) -> int:
    """Columns by which a block is indented in the stored text."""
    line = draft.text.rfind("\n", 0, block.start) + 1
    return block.start - line


def _packed(pieces: Iterator[_Piece], max_chars: int) -> Iterator[_Piece]:
    """Fill up to the limit with what stands under the same headings."""
    held: _Piece | None = None
    for piece in pieces:
        if held is not None and held.path == piece.path and _fits(held, piece, max_chars):
            held = held.joined(piece)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _fits(held: _Piece, piece: _Piece, max_chars: int) -> bool:
    if piece.header and held.header not in ("", piece.header):
        return False  # a chunk carries the header of one table only
    return held.joined(piece).length <= max_chars


def _merged(pieces: Iterator[_Piece], max_chars: int) -> Iterator[_Piece]:
    """Join tiny neighbouring sections under one parent; never leave a heading alone."""
    held: _Piece | None = None
    for piece in pieces:
        if held is not None and piece.only_headings and held.length <= max_chars:
            held = _joined_below(held, piece)
            continue
        if held is not None and _may_merge(held, piece, max_chars):
            held = held.joined(piece)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _may_merge(held: _Piece, piece: _Piece, max_chars: int) -> bool:
    tiny = max_chars * _TINY
    mine, theirs = held.path, piece.path
    if not theirs or piece.length > tiny or not _fits(held, piece, max_chars):
        return False
    below_parent = bool(mine) and mine == theirs[:-1]  # the parent's own text, or siblings joined before
    return (below_parent and held.length <= 2 * tiny) or (mine[:-1] == theirs[:-1] and held.length <= tiny)
