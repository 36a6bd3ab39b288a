"""From two documents of the index to what changed between them, for somebody who may see both.

Everything is read through what the asker may see: a document that is hidden is the same as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from assistant.comparison.alignment import Alignment, align
from assistant.comparison.figures import differing
from assistant.comparison.pieces import Piece, pieces
from assistant.comparison.values import Change, Comparison, Moved
from assistant.quoting import quote_at
from assistant.schema import Block, Document, Quote


class Reads(Protocol):
    """What is needed of what the asker may see: a `Visible` has it."""

    def documents(self) -> list[Document]:
        """List the visible documents."""

    def document_text(self, document_id: str) -> tuple[Document, str] | None:
        """Read a visible document with its text."""

    def blocks(self, document_id: str, start: int, end: int) -> list[Block]:
        """Read the blocks that overlap `start:end` of a visible document."""


def compare(old_id: str, new_id: str, seen: Reads) -> Comparison | None:
    """Compare two documents by their ids; None when one of them is not there, or hidden."""
    old, new = (_stored(document_id, seen) for document_id in (old_id, new_id))
    if old is None or new is None:
        return None
    return _comparison(old, new)


def changes_of(document: Document, seen: Reads) -> Comparison | None:
    """Compare a document with the version before it; None when there is none to be seen."""
    earlier = earlier_version(document, seen)
    return compare(earlier.document_id, document.document_id, seen) if earlier else None


def earlier_version(document: Document, seen: Reads) -> Document | None:
    """Find the visible document that `document` supersedes: the one it names, else the newest that names it."""
    return earlier_in(document, seen.documents())


def earlier_in(document: Document, documents: Iterable[Document]) -> Document | None:
    """Find among `documents` what `earlier_version` finds among all."""
    before = [
        each
        for each in documents
        if each.document_id != document.document_id
        and (each.superseded_by == document.document_id or each.document_id == document.supersedes)
    ]
    return max(
        before,
        key=lambda each: (each.document_id == document.supersedes, each.effective_date or each.date, each.document_id),
        default=None,
    )


class _Stored:
    """A document with its text and pieces; makes quotes of them, each with an id of its own."""

    def __init__(self, document: Document, text: str, blocks: Sequence[Block]) -> None:
        self.document, self._text = document, text
        self.pieces = pieces(text, blocks)
        self._taken: set[str] = set()

    def quote(self, piece: Piece) -> Quote:
        quote = quote_at(self.document, self._text, piece.block, piece.start, piece.end, self._taken)
        self._taken.add(quote.id)
        return quote


def _stored(document_id: str, seen: Reads) -> _Stored | None:
    found = seen.document_text(document_id)
    if found is None:
        return None
    document, text = found
    return _Stored(document, text, seen.blocks(document_id, 0, len(text)))


def _comparison(old: _Stored, new: _Stored) -> Comparison:
    aligned = align(old.pieces, new.pieces)
    return Comparison(
        old.document,
        new.document,
        tuple(change for _, change in sorted(_changes(old, new, aligned), key=lambda each: each[0])),
        tuple(Moved(old.quote(old.pieces[i]), new.quote(new.pieces[j])) for i, j in sorted(aligned.moved)),
        len(aligned.same) + len(aligned.moved),
    )


def _changes(old: _Stored, new: _Stored, aligned: Alignment) -> list[tuple[tuple[int, int, int], Change]]:
    """The changes, each with its place: what was removed stands after what stood before it."""
    found = []
    known = {**dict(aligned.same), **dict(aligned.moved), **dict(aligned.changed)}
    for i, j in aligned.changed:
        values = differing(old.pieces[i].figures, new.pieces[j].figures)
        block = new.pieces[j].block.kind
        change = Change("changed", old.quote(old.pieces[i]), new.quote(new.pieces[j]), values, block)
        found.append(((j, 0, i), change))
    for j in sorted(set(range(len(new.pieces))) - set(known.values())):
        found.append(((j, 0, 0), Change("added", None, new.quote(new.pieces[j]), block=new.pieces[j].block.kind)))
    before = -1
    for i, piece in enumerate(old.pieces):
        if i in known:
            before = known[i]
        else:
            found.append(((before, 1, i), Change("removed", old.quote(piece), None, block=piece.block.kind)))
    return found
