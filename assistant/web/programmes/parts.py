"""Small parts of the page as HTML: what every other part is made of. Every value is escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import quote as quoted
from urllib.parse import urlencode

from assistant.schema import Language, Quote
from assistant.web.programmes.texts import text

_PATHS = {
    "eligible": '<path d="m4 12 5 6L20 6"/>',
    "depends": '<circle cx="12" cy="12" r="9"/><path d="M12 7v6m0 4v.5"/>',
    "not": '<path d="M5 5l14 14M19 5 5 19"/>',
    "unknown": '<path d="M5 12h14"/>',
    "pen": '<path d="M4 20l1-5L16 4l4 4L9 19z"/>',
    "calendar": '<path d="M4 6h16v14H4zM4 10h16M8 3v5m8-5v5"/>',
    "print": '<path d="M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z"/>',
}
#: A mark of a list or a quotation before its words; the marks are the page's own.
_MARK = re.compile(r"(?:[-*•·>]\s+)+")


@dataclass(frozen=True, slots=True)
class Page:
    """What every part needs: the language, the path under which the server is reached, and who comes.

    `account`: the signed-in user's name, "" for anyone, None where nobody signs in; `groups`: whose labels they hold.
    """

    language: Language
    root: str = ""
    account: str | None = None
    groups: frozenset[str] = frozenset()

    def say(self, key: str, **values: object) -> str:
        """Give the text of `key`, escaped."""
        return escape(self.text(key, **values))

    def text(self, key: str, **values: object) -> str:
        """Give the text of `key` as it is."""
        return text(self.language, key, **values)


def icon(name: str, kind: str = "ico") -> str:
    """A shape that stands beside its word."""
    return f'<svg class="{kind}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{_PATHS[name]}</svg>'


def place_of(page: Page, quote: Quote) -> str:
    """The address of a quote's place in its document, escaped."""
    start, end = quote.span or (quote.start, quote.end)
    query = urlencode({"start": start, "end": end, "lang": page.language})
    return escape(f"{page.root}/programmes/document/{quoted(quote.document_id)}?{query}#marked")


def render_quote(quote: Quote) -> str:
    """The document's own words, the answering ones marked; a row under the names of its columns."""
    lead = _MARK.match(quote.quote)
    begin = quote.start + (len(lead[0]) if lead else 0)
    marked = marked_words(quote.quote[begin - quote.start :], begin, quote.span)
    header = f'<span class="cols">{escape(quote.table_header)}</span>' if quote.table_header else ""
    return f'<blockquote class="quote">{header}{marked}</blockquote>'


def marked_words(words: str, begin: int, span: tuple[int, int] | None) -> str:
    """`words`, which begin at `begin` of the stored text, with the place `span` of it marked."""
    start, end = (min(max(at - begin, 0), len(words)) for at in span) if span else (0, 0)
    if start >= end:
        return escape(words)
    return f"{escape(words[:start])}<mark>{escape(words[start:end])}</mark>{escape(words[end:])}"


def ended(words: str, chips: str) -> str:
    """`words` with what belongs to their end, which never begins a line."""
    start, space, last = escape(words).rpartition(" ")
    return f'{start}{space}<span class="nowrap">{last}{chips}</span>' if chips else f"{start}{space}{last}"


def render_from(page: Page, quote: Quote) -> str:
    """Where a quote stands: a link to the place, with the date that belongs to it."""
    facts = [page.say("as_of", value=quote.effective_date)] if quote.effective_date else []
    facts += [page.say("page_value", page=quote.pages)] if quote.pages else []
    facts += [escape(heading) for heading in quote.heading_path[-1:] if heading != quote.title]
    tags = "".join(
        f'<span class="tag maybe">{page.say(flag)}</span>'
        for flag, applies in (("superseded", quote.superseded_by), ("sample", quote.sample))
        if applies
    )
    rest = "".join(f' · <span class="nowrap">{fact}</span>' for fact in facts)
    return (
        f'<p class="from"><a class="link" href="{place_of(page, quote)}" '
        f'aria-label="{page.say("place", title=quote.title)}">{escape(quote.title)}</a>{rest} {tags}</p>'
    )
