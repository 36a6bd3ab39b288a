"""Passages with what stands around them, for readers that want context: exact slices of the stored text.

A passage grows by whole blocks (paragraphs, list items, table rows) of its own section or table, after it and before
it in turn, as long as all passages together keep to a budget. The best passage grows first, and no text is given twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.index import Visible
from assistant.schema import Block, Hit


def widened(hits: Sequence[Hit], visible: Visible, budget: int) -> Iterator[tuple[Hit, int, str]]:
    """Give each hit, in order, with the place where its text starts in the stored text, and the text.

    `budget`: characters of all texts together; the passages themselves always stay whole.
    """
    left = budget - sum(len(hit.passage.text) for hit in hits)
    taken: dict[str, list[tuple[int, int]]] = {}
    for hit in hits:
        taken.setdefault(hit.document.document_id, []).append((hit.passage.start, hit.passage.end))
    for hit in hits:
        start, end, text = hit.passage.start, hit.passage.end, hit.passage.text
        stored = visible.document_text(hit.document.document_id) if left > 0 else None
        if stored is not None:
            near = visible.blocks(hit.document.document_id, max(0, start - left), end + left)
            others = [span for span in taken[hit.document.document_id] if span != (start, end)]
            start, end = _grown(start, end, near, others, left)
            left -= end - start - len(text)
            taken[hit.document.document_id].append((start, end))
            text = stored[1][start:end]
        yield hit, start, text


def _grown(
    start: int, end: int, near: Sequence[Block], others: Sequence[tuple[int, int]], left: int
) -> tuple[int, int]:
    inside = [block for block in near if block.end > start and block.start < end]
    if not inside:
        return start, end
    length = end - start
    after = [block for block in near if block.start >= end]
    before = [block for block in near if block.end <= start][::-1]
    edges = {True: inside[-1], False: inside[0]}
    while after or before:
        for side, waiting in ((True, after), (False, before)):
            if not waiting:
                continue
            block = waiting.pop(0)
            new = (start, block.end) if side else (block.start, end)
            free = all(block.end <= s or block.start >= e for s, e in others)
            if not free or not _together(edges[side], block) or new[1] - new[0] - length > left:
                waiting.clear()
                continue
            (start, end), edges[side] = new, block
    return start, end


def _together(edge: Block, block: Block) -> bool:
    """Whether both stand under the same headings; another table is another thing."""
    if block.kind == "heading" or block.heading_path != edge.heading_path:
        return False
    return not (block.table_header and edge.table_header) or block.table_header == edge.table_header
