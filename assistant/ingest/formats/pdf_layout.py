"""From the lines of all pages to paragraphs: page furniture out, wrapped lines rejoined, headings told apart."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence

from assistant.ingest.formats.pdf_chars import Line, Paragraph
from assistant.ingest.formats.pdf_furniture import furniture
from assistant.ingest.formats.pdf_page import Page
from assistant.ingest.formats.pdf_style import Style, body_size, dots
from assistant.ingest.formats.pdf_table import Grid

#: Less than this (in parts of the size) is no line of a column, but a sign in a drawing.
_SHORTEST = 3
_CONTENTS_ENTRY = re.compile(r"[.·…](?:\s*[.·…]){3,}\s*(?:\d+|[ivxlc]+)$")


def _without_contents(items: Sequence[Line | Grid | Paragraph]) -> list[Line | Grid | Paragraph]:
    """A table of contents only repeats the headings: drop lines of dots that lead to a page number."""
    entries = {id(item) for item in items if isinstance(item, Line) and _leads_to_page(item.text)}
    return [item for item in items if id(item) not in entries] if len(entries) >= 5 else list(items)


def arrange(pages: Sequence[Page]) -> tuple[list[Paragraph | Grid], Style]:
    """The document's paragraphs and tables in reading order, and the style that their texts are joined by."""
    trimmings = furniture(pages, body_size(item for page in pages for item in page.items if isinstance(item, Line)))
    items = _without_contents([item for page in pages for item in page.items if id(item) not in trimmings.dropped])
    style = Style([item for item in items if isinstance(item, Line)])
    found: list[Paragraph | Grid] = []
    carried: Paragraph | None = None  # a paragraph that goes on over the footnotes of the page before
    for item in items:
        last = carried or (found[-1] if found else None)
        carried = None
        if isinstance(item, Grid | Paragraph):
            found.append(item)
        elif isinstance(last, Paragraph) and not last.text and style.continues(last, item):
            last.lines.append(item)
            carried = last if last is not found[-1] else None
        elif (before := _over_footnotes(found, item, style)) is not None:
            before.lines.append(item)
            carried = before
        else:
            found.append(Paragraph([item]))
    style.mark_headings(found)
    return _with_running_text(found, trimmings.kept), style


def _over_footnotes(found: Sequence[Paragraph | Grid], line: Line, style: Style) -> Paragraph | None:
    """The paragraph that goes on at the top of a page or column, below the footnotes that end the one before it."""
    for item in reversed(found):
        if not isinstance(item, Paragraph) or item.text or not _is_before(item.lines[-1], line):
            return None
        if item.lines[-1].size < 0.93 * style.body:
            continue
        return item if item is not found[-1] and style.continues(item, line) else None
    return None


def _is_before(last: Line, line: Line) -> bool:
    """Whether a line stands on the page, or in the column of text, before that of another."""
    is_beside = last.x1 < line.x0 and line.bottom < last.top and line.x1 - line.x0 > _SHORTEST * line.size
    return last.page == line.page - 1 or (last.page == line.page and is_beside)


def _with_running_text(found: list[Paragraph | Grid], kept: Sequence[Line]) -> list[Paragraph | Grid]:
    """The paragraphs and tables, and each running line before the first of them that begins on its page, none torn."""
    result: list[Paragraph | Grid] = []
    waiting = deque(kept)
    for at, item in enumerate(found):
        page = item.page
        torn = isinstance(item, Grid) and at and isinstance(found[at - 1], Grid)
        if not torn:
            while waiting and waiting[0].page <= page:
                result.append(Paragraph([waiting.popleft()]))
        result.append(item)
    return result + [Paragraph([line]) for line in waiting]


def _leads_to_page(text: str) -> bool:
    return dots(text) >= 4 and _CONTENTS_ENTRY.search(text) is not None
