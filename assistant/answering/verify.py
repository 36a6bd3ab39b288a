"""Checks one sentence of an answer against the quotes it cites, before anyone sees it.

Code proves figures, units, bounds, dates and codes; the reader says how probably the quotes support the rest. Knows
nothing of what wrote the sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.reading import Reader
from assistant.schema import Excerpt, Language, Quote
from assistant.text.language import detect
from assistant.text.quantities import unsupported, unsupported_identifiers


def sources_of(quotes: Sequence[Quote]) -> list[str]:
    """The texts in which figures may stand: rows with their header, quotes, headings, titles, dates."""
    rows = [f"{quote.table_header}\n{quote.quote}" for quote in quotes if quote.table_header]
    return rows + [
        part
        for quote in quotes
        for part in (quote.quote, quote.table_header, *quote.heading_path, quote.title, quote.effective_date)
        if part
    ]


def problems(sentence: str, cited: Sequence[Quote], question: str, language: Language) -> list[str]:
    """Tell what of `sentence` does not stand in `cited`, in words for a log; empty when nothing speaks against it."""
    if not cited:
        return ["no citation"]
    sources = sources_of(cited)
    found = [f"figure {quantity.text!r}" for quantity in unsupported(sentence, sources)]
    if detect(sentence) not in (language, None):
        found.append("other language")
    known = f"{' '.join(sources)} {question}"
    return found + [f"name {identifier.text!r}" for identifier in unsupported_identifiers(sentence, [known])]


def support(sentence: str, cited: Sequence[Quote], reader: Reader) -> float:
    """Tell how probably `sentence` follows from the quotes: from one of them, or from all read together."""
    excerpts = [
        Excerpt(quote.quote, quote.title, quote.heading_path[-1] if quote.heading_path else "", quote.table_header)
        for quote in cited
    ]
    if len(cited) > 1:
        excerpts.append(Excerpt("\n".join(quote.quote for quote in cited), cited[0].title))
    return max(reader.supports(sentence, excerpts))
