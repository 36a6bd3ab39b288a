"""From a clause to the passages of its document: the lines under its heading that hold the figures used."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.rules.values import Clause, Result
from assistant.schema import Block, Language
from assistant.text.quantities import quantities


def passages(
    clause: Clause, result: Result, language: Language, text: str, blocks: Sequence[Block]
) -> tuple[Block, ...]:
    """Find the blocks that show `clause`: those with a figure that `result` took from it, else the section's first.

    `text` and `blocks` are the stored text and all blocks of `clause.document_id(language)`. Empty only when the
    document has no such heading (any more).
    """
    heading = clause.heading.of(language)
    section = [block for block in blocks if block.kind != "heading" and heading in block.heading_path]
    wanted = {term.amount for term in result.figures if clause.id in term.clauses}
    holding = [
        block
        for block in section
        if any(quantity.value in wanted for quantity in quantities(text[block.start : block.end]))
    ]
    return tuple(holding or section[:1])
