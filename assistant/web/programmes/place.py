"""The place of a quote in its document: the stored text, the quoted words marked, as much of it as a page holds."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.index import Visible
from assistant.schema import Block, Document
from assistant.web.programmes.parts import Page, marked_words

#: Pieces of a document that one page shows.
_MOST = 400


def render_place(page: Page, visible: Visible, document_id: str, start: int, end: int) -> tuple[str, str] | None:
    """Give the document's title and the page's main part; None where the asker may not see such a document."""
    found = visible.document_text(document_id)
    if found is None:
        return None
    document, stored = found
    blocks = visible.blocks(document_id, 0, len(stored))
    shown = _around(blocks, start)
    body = "".join(_block(page, block, stored, start, end) for block in shown)
    cut = f'<p class="box note small">{page.say("cut")}</p>' if len(shown) < len(blocks) else ""
    return document.title, (
        f'<main class="page"><article class="document" lang="{document.language}"><p class="small" '
        f'lang="{page.language}"><a class="link" href="{page.root}/programmes" data-back>{page.say("to_start")}</a></p>'
        f'<h1>{escape(document.title)}</h1><p class="from" lang="{page.language}">{_facts(page, document)}</p>{cut}'
        f"{body}</article></main>"
    )


def _around(blocks: Sequence[Block], start: int) -> Sequence[Block]:
    if len(blocks) <= _MOST:
        return blocks
    at = next((number for number, block in enumerate(blocks) if block.end > start), 0)
    first = max(0, min(at - _MOST // 2, len(blocks) - _MOST))
    return blocks[first : first + _MOST]


def _facts(page: Page, document: Document) -> str:
    dated = " · ".join(
        page.say(key, value=value)
        for key, value in (("version", document.version), ("as_of", document.effective_date))
        if value
    )
    flags = [name for name, applies in (("superseded", document.superseded_by), ("sample", document.sample)) if applies]
    return dated + "".join(f'<span class="tag maybe">{page.say(flag)}</span>' for flag in flags)


def _block(page: Page, block: Block, stored: str, start: int, end: int) -> str:
    words = stored[block.start : block.end]
    held = block.start < end and start < block.end
    here = ' id="marked" tabindex="-1"' if block.start <= start < block.end else ""
    marked = marked_words(words, block.start, (start, end)) if held else escape(words)
    if block.kind == "heading":
        level = min(max(len(block.heading_path), 2), 4)
        return f"<h{level}{here}>{marked}</h{level}>"
    passage = " passage" if held else ""
    return f'<p class="{block.kind}{passage}"{here}>{marked}</p>'
