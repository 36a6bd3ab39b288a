"""What the documents also answer: headings of the documents that an answer cites, each tried before it is offered.

A heading is offered when it was asked like a question and the reader found its answer below that very heading. Nothing
is made up: what is offered are the documents' own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from assistant.index import Visible
from assistant.schema import Answer, Found, Verdict

#: Headings that are tried, and that are offered.
_TRIED, _OFFERED = 6, 3


def follow_ups(answer: Answer, visible: Visible, verdict: Callable[[str], Verdict]) -> tuple[str, ...]:
    """Find what can be asked next. `verdict` judges a question as any other is judged."""
    offered: list[str] = []
    for tried, (document_id, heading) in enumerate(_headings(answer, visible)):
        if tried == _TRIED or len(offered) == _OFFERED:
            break
        found = verdict(heading)
        if found.kind == "answer" and _stands_below(found.told[0], document_id, heading, visible):
            offered.append(heading)
    return tuple(offered)


def _stands_below(found: Found, document_id: str, heading: str, visible: Visible) -> bool:
    """Whether the words that answer stand below `heading` of this document."""
    passage = found.hit.passage
    if passage.document_id != document_id or not found.reading.spans:
        return False
    at = passage.start + found.reading.spans[0].start
    return any(heading in block.heading_path for block in visible.blocks(document_id, at, at + 1))


def _headings(answer: Answer, visible: Visible) -> Iterator[tuple[str, str]]:
    """Headings of the cited documents in the answer's language that nothing was cited below; later ones first."""
    seen = {heading for quote in answer.citations for heading in quote.heading_path}
    for quote in {quote.document_id: quote for quote in answer.citations}.values():
        stored = visible.document_text(quote.document_id)
        if stored is None or stored[0].language != answer.language:
            continue
        blocks = [each for each in visible.blocks(quote.document_id, 0, len(stored[1])) if each.kind == "heading"]
        for block in sorted(blocks, key=lambda each: (each.start < quote.start, each.start)):
            heading = block.heading_path[-1] if block.heading_path else ""
            if heading and heading not in seen:
                seen.add(heading)
                yield quote.document_id, heading
