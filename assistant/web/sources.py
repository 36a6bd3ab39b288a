"""One source as the page shows it: its own words with the answering ones marked, where they stand, and its chip.

Every text that comes from a document passes through `html.escape`.
"""

from __future__ import annotations

import hashlib
from html import escape

from assistant.schema import Document, Language, Quote
from assistant.text.table_rows import cells_of
from assistant.web.icons import icon
from assistant.web.texts import text

_BULLET, _BETWEEN = "- ", " | "
#: A cell of a table up to this length is not broken.
_SHORT = 12


def html_text(language: Language, key: str, **values: object) -> str:
    """The text of `key`, escaped for HTML (also inside attributes)."""
    return escape(text(language, key, **values))


def render_quote(source: Quote, *, marked: bool = True) -> str:
    """The quote, word for word: rows of a table below their header, items as items, the answering words marked."""
    rows = _render_rows(source, marked)
    if rows:
        return f'<blockquote class="quote">{rows}</blockquote>'
    lines, at = [], 0
    for line in source.quote.split("\n"):
        skipped = len(_BULLET) if line.startswith(_BULLET) else 0
        words = _words(source, at + skipped, at + len(line), marked)
        point = " point" if skipped and "\n" in source.quote else ""
        lines.append(f'<span class="item{point}">{words}</span>' if line.strip() else "")
        at += len(line) + 1
    return f'<blockquote class="quote">{"".join(lines)}</blockquote>'


def _render_rows(source: Quote, marked: bool) -> str:
    """The quote as a table; empty where it is none, or its cells cannot be told apart."""
    names, lines = cells_of(source.table_header), source.quote.split("\n")
    if not source.table_header or len(names) < 2 or any(len(cells_of(line)) != len(names) for line in lines):
        return ""
    rows, at = [], 0
    for line in lines:
        cells = []
        for cell in cells_of(line):
            short = " class=nowrap" if len(cell) <= _SHORT else ""
            cells.append(f"<td{short}>{_words(source, at, at + len(cell), marked)}</td>")
            at += len(cell) + len(_BETWEEN)
        at += 1 - len(_BETWEEN)
        rows.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    return f'<table class="row"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _words(source: Quote, start: int, end: int, marked: bool) -> str:
    """The slice `start:end` of the quote, its answering words marked."""
    if source.span is None or not marked:
        return escape(source.quote[start:end])
    first, last = (min(max(at - source.start, start), end) for at in source.span)
    before, span, after = source.quote[start:first], source.quote[first:last], source.quote[last:end]
    return f"{escape(before)}{f'<mark>{escape(span)}</mark>' if span else ''}{escape(after)}"


def render_from(source: Quote, language: Language) -> str:
    """Where a quote stands: title, section, page, version and date, and what has to be known of the document."""
    page = text(language, "page_value", page=source.pages) if source.pages else ""
    version = text(language, "version_value", version=source.version) if source.version else ""
    date = source.effective_date.replace("-", "\u2011")  # never broken
    parts = [source.title, *source.heading_path[-1:], page, version, date]
    said = " · ".join(
        f'<span class="nowrap">{escape(part)}</span>' if len(part) < 16 else escape(part) for part in parts if part
    )
    return f'<p class="from"><span>{said}</span> {render_flags(source, language)}</p>'


def render_flags(source: Quote | Document, language: Language, *, force: bool = False) -> str:
    """What has to be known of a document, as words with a shape: superseded (or, with `force`, in force), a sample."""
    flags = []
    if source.superseded_by:
        flags.append(f'<span class="tag maybe">{icon("half")}{html_text(language, "superseded")}</span>')
    elif force:
        flags.append(f'<span class="tag yes">{icon("ok")}{html_text(language, "in_force")}</span>')
    if source.sample:
        flags.append(f'<span class="tag">{html_text(language, "sample")}</span>')
    return " ".join(flags)


def render_chip(turn: int, number: int, title: str, language: Language) -> str:
    """The number of a source in a sentence: points at its quote, and opens it where it stands."""
    return (
        f'<button type="button" class="cite" data-turn="{turn}" data-n="{number}" aria-label="'
        f'{html_text(language, "chip", number=number, title=title)}">{number}</button>'
    )


def place_of(source: Quote) -> str:
    """The attributes by which the page's script asks for the source: document, places, and a mark of the words."""
    span = f"-{source.span[0]}-{source.span[1]}" if source.span else ""
    return (
        f'data-document="{escape(source.document_id)}" '
        f'data-at="{source.start}-{source.end}-{words_mark(source.quote)}{span}"'
    )


def words_mark(words: str) -> str:
    """A short mark of words, by which they are known again: a document may have changed since it was quoted."""
    return hashlib.sha256(words.encode()).hexdigest()[:12]
