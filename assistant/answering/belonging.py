"""What belongs to the best piece of evidence and is told or compared with it: its procedure, its list, its table.

`candidates` are the pieces of all passages found; of several of one wording `other_rows` and `procedure_of` want one.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.focus import step_or_warning
from assistant.answering.pieces import Piece, numbered

#: When a list is asked for: how far (in score) rows of the best one's table may lie below it, how many of them are
#: told, and how many characters (a header row) may stand between a sentence and the list that it announces.
_SAME_TABLE = 0.6
_MOST_NEAR = 5
_NEXT_BLOCK = 200
#: Rows of one table that are compared with a question.
_MOST_ROWS = 40


def other_rows(best: Piece, listed: Sequence[Piece], candidates: Sequence[Piece]) -> list[Piece]:
    """The rows of the best piece's place that are not `listed`.

    Rows that hold none of the question's words tie, and it is chance which of them are on a short list.
    """
    place = _place(best)
    known = {(piece.hit.document.document_id, piece.start) for piece in listed}
    return [
        piece
        for piece in candidates
        if piece.block.kind == "table_row"
        and _place(piece) == place
        and (piece.hit.document.document_id, piece.start) not in known
    ][:_MOST_ROWS]


def procedure_of(best: Piece, candidates: Sequence[Piece]) -> list[Piece]:
    """When the best piece is a warning or holds steps: the warnings and the steps of its place, in that order.

    A step without the others, or without its warnings, can be dangerous.
    """
    if not step_or_warning(best.text):
        return []
    belonging = [piece for piece in candidates if _place(piece) == _place(best) and step_or_warning(piece.text)]
    return sorted(belonging, key=lambda piece: (numbered(piece.text), piece.start))


def the_rest(best: Piece, candidates: Sequence[Piece], ranked: Sequence[Piece], taken: Sequence[Piece]) -> list[Piece]:
    """What belongs to the best piece when a list is asked for: the list it announces, or near rows of its own table."""
    if best.block.kind not in ("list_item", "table_row"):
        behind = [
            piece
            for piece in candidates
            if _place(piece) == _place(best) and 0 <= piece.start - best.end <= _NEXT_BLOCK
        ]
        following = min(behind, key=lambda piece: piece.start, default=None)
        listed = following is not None and following.block.kind in ("list_item", "table_row")
        return [following] if following and listed and following not in taken else []
    return [
        piece
        for piece in ranked
        if _place(piece) == _place(best)
        and piece.block.table_header == best.block.table_header
        and best.score - piece.score <= _SAME_TABLE
        and piece not in taken
    ][:_MOST_NEAR]


def _place(piece: Piece) -> tuple[str, tuple[str, ...]]:
    return piece.hit.document.document_id, piece.block.heading_path
