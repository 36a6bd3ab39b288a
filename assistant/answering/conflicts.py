"""Two revisions of one document that say different things: shown side by side with their dates, the newer first."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.wording import plain
from assistant.schema import Found, Language, Quote, Sentence
from assistant.text.quantities import quantities
from assistant.text.quantities.values import CALENDAR

_NEWER: dict[Language, str] = {
    "ko": "더 최근 문서 「{title}」({date})에는 다르게 적혀 있습니다: {text}",
    "en": "A newer document, “{title}” ({date}), says otherwise: {text}",
}
_OLDER: dict[Language, str] = {
    "ko": "이전 문서 「{title}」({date})에는 다르게 적혀 있습니다: {text}",
    "en": "An earlier document, “{title}” ({date}), says otherwise: {text}",
}


def other_version(told: Sequence[Found], found: Sequence[Found], threshold: float) -> Found | None:
    """The best passage of the document that replaces, or is replaced by, the first one's, if it answers too."""
    if not told:
        return None
    first = told[0].hit.document
    for each in found:
        other = each.hit.document
        chained = other.superseded_by == first.document_id or first.superseded_by == other.document_id
        if chained and each.reading.answers >= threshold and each.reading.spans:
            return each
    return None


def differ(one: Quote, other: Quote) -> bool:
    """Whether a unit that the marked words of both give has no value in common."""
    mine, theirs = _values(one), _values(other)
    return any(not mine[unit] & theirs[unit] for unit in mine.keys() & theirs.keys())


def _values(quote: Quote) -> dict[str, set[object]]:
    start, end = quote.span or (quote.start, quote.end)
    found: dict[str, set[object]] = {}
    for quantity in quantities(quote.quote[start - quote.start : end - quote.start]):
        if quantity.unit and quantity.unit not in CALENDAR:
            found.setdefault(quantity.unit, set()).add(quantity.value)
    return found


def is_newer(one: Quote, other: Quote) -> bool:
    """Whether `one` is the newer of two: it is in force and the other is not, or its date is later."""
    if bool(one.superseded_by) != bool(other.superseded_by):
        return not one.superseded_by
    return one.effective_date > other.effective_date


def told_beside(other: Quote, first: Quote, language: Language) -> Sentence:
    """The sentence that shows `other`, which contradicts `first`."""
    says = (_NEWER if is_newer(other, first) else _OLDER)[language]
    return Sentence(says.format(title=other.title, date=other.effective_date or "–", text=plain(other)), (other.id,))
