"""From clauses to quotes: the words of a clause in the documents that the asker may see, as exact slices.

A clause whose document was withdrawn, relabelled or changed, or has been superseded since, gives no quote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.finder.definition import ClauseWords
from assistant.index import Visible
from assistant.quoting import quote_at
from assistant.rules.citations import passages
from assistant.rules.values import Clause, Result
from assistant.schema import Block, Document, Language, Quote
from assistant.text.language import sentences


class Citing:
    """Quotes for one answer: the same slice keeps one id."""

    def __init__(self, visible: Visible, language: Language) -> None:
        self._visible = visible
        self._language = language
        self._quotes: dict[tuple[str, int, int], Quote] = {}

    @property
    def quotes(self) -> dict[str, Quote]:
        """Give all quotes made so far, by id."""
        return {quote.id: quote for quote in self._quotes.values()}

    def words(self, clause: ClauseWords) -> tuple[str, ...]:
        """Quote the sentence, item or row that holds the clause's words; empty when it cannot be shown."""
        stored = self._stored(clause.document_id(self._language), superseded=clause.superseded)
        if stored is None:
            return ()
        document, text = stored
        words = clause.words.of(self._language)
        at = text.find(words)
        while at >= 0:
            for block in self._visible.blocks(document.document_id, at, at + len(words)):
                if block.kind != "heading" and block.start <= at and at + len(words) <= block.end:
                    start, end = _around(block, text, at, at + len(words))
                    return (self._quote(document, text, block, start, end, (at, at + len(words))),)
            at = text.find(words, at + 1)
        return ()

    def rule(self, result: Result) -> Mapping[str, tuple[str, ...]] | None:
        """Quote every clause of a rule's result, by clause id; None when one of them cannot be shown."""
        cited = {}
        for clause in result.clauses.values():
            quoted = self._passages(clause, result)
            if not quoted:
                return None
            cited[clause.id] = quoted
        return cited

    def _passages(self, clause: Clause, result: Result) -> tuple[str, ...]:
        stored = self._stored(clause.document_id(self._language), superseded=False)
        if stored is None:
            return ()
        document, text = stored
        blocks: Sequence[Block] = self._visible.blocks(document.document_id, 0, len(text))
        found = passages(clause, result, self._language, text, blocks)
        return tuple(self._quote(document, text, block, block.start, block.end, None) for block in found)

    def _stored(self, document_id: str, *, superseded: bool) -> tuple[Document, str] | None:
        stored = self._visible.document_text(document_id)
        return None if stored is None or (stored[0].superseded_by and not superseded) else stored

    def _quote(
        self, document: Document, text: str, block: Block, start: int, end: int, span: tuple[int, int] | None
    ) -> str:
        place = (document.document_id, start, end)
        if place not in self._quotes:
            quote = quote_at(document, text, block, start, end, [quote.id for quote in self._quotes.values()])
            self._quotes[place] = replace(quote, span=span)
        return self._quotes[place].id


def _around(block: Block, text: str, start: int, end: int) -> tuple[int, int]:
    """The whole item or row, or of a paragraph the sentences that hold the words."""
    if block.kind in ("list_item", "table_row"):
        return block.start, block.end
    held = [
        (block.start + a, block.start + b)
        for a, b in sentences(text[block.start : block.end])
        if block.start + a < end and start < block.start + b
    ]
    return (held[0][0], held[-1][1]) if held else (block.start, block.end)
