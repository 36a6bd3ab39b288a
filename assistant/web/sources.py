"""One source as the popover that a citation opens: where it comes from, and the quote in its context."""

from __future__ import annotations

from html import escape

from assistant.schema import Evidence, Language
from assistant.web.texts import text


def render_source(source: Evidence, number: int, popover_id: str, language: Language, *, related: bool = False) -> str:
    """The popover of one source. `related`: it is near a refused question, not evidence of an answer."""
    notes = []
    if related:
        notes.append(f'<p class="flag-note">{html_text(language, "related_hint")}</p>')
    if source.superseded_by:
        note = text(language, "superseded_note", document=source.superseded_by)
        notes.append(f'<p class="flag-note warn">{escape(note)}</p>')
    if source.sample:
        notes.append(f'<p class="flag-note warn">{html_text(language, "sample_note")}</p>')
    facts = [
        ("effective_date", escape(source.effective_date or text(language, "not_stated"))),
        ("version", escape(source.version or text(language, "not_stated"))),
        ("page", str(source.page) if source.page is not None else ""),
        ("place", " › ".join(escape(heading) for heading in source.heading_path)),
        ("file", escape(source.document_id)),
    ]
    rows = "".join(
        f'<div class="fact-{key}"><dt>{html_text(language, key)}</dt><dd>{value}</dd></div>'
        for key, value in facts
        if value
    )
    return (
        f'<div popover id="{popover_id}" class="source" role="dialog" aria-labelledby="{popover_id}-title">'
        f'<div class="source-head"><div><p class="small">{html_text(language, "source", number=number)}</p>'
        f'<h3 id="{popover_id}-title">{escape(source.title)}</h3></div>'
        f'<button type="button" class="close" popovertarget="{popover_id}" popovertargetaction="hide">'
        f'<span aria-hidden="true">✕</span> {html_text(language, "close")}</button></div>'
        f"{''.join(notes)}<dl>{rows}</dl>{_render_cells(source, language)}{_render_context(source)}"
        f'<p class="small">{html_text(language, "quote_hint")}</p></div>'
    )


def _render_cells(source: Evidence, language: Language) -> str:
    """A table row with its column names, one cell a line, so that it can be read on a phone."""
    if not source.table_header:
        return ""
    cells = table_cells(source)
    if not cells:
        return (
            f'<p class="table-header"><span class="small">{html_text(language, "table_header")}</span><br>'
            f"{escape(source.table_header)}</p>"
        )
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(cell)}</dd></div>" for name, cell in cells)
    return f'<dl class="cells">{rows}</dl>'


def _render_context(source: Evidence) -> str:
    """The exact stored text around and of the quote, the quote marked; dots where the document goes on."""
    dots = '<span aria-hidden="true">…</span>'
    return (
        f'<blockquote class="context">{dots if source.start > len(source.before) else ""}'
        f'<span class="around">{escape(source.before)}</span><mark>{escape(source.quote)}</mark>'
        f'<span class="around">{escape(source.after)}</span>{dots if source.after else ""}</blockquote>'
    )


def table_cells(source: Evidence) -> list[tuple[str, str]]:
    """Column names with the cells of a quoted table row; empty when they cannot be told apart."""
    names, cells = source.table_header.split(" | "), source.quote.split(" | ")
    return list(zip(names, cells, strict=True)) if source.table_header and len(names) == len(cells) > 1 else []


def html_text(language: Language, key: str, **values: object) -> str:
    """The text of `key`, escaped for HTML (also inside attributes)."""
    return escape(text(language, key, **values))
