"""Two documents that say different things about the same matter: shown side by side with their dates.

The newer one comes first; nothing is averaged and the older one is not hidden. What counts as the same matter is
strict, because a false alarm makes a right answer look doubtful.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.answering.evidence import Selection
from assistant.answering.wording import display
from assistant.index.tokens import holds, nouns
from assistant.quantities import YEAR, quantities
from assistant.quantities.values import CALENDAR
from assistant.schema import Evidence, Language

#: Share of the asked nouns that each of the two must hold, and overlap of their own nouns (Jaccard).
_ASKED = 0.6
_ALIKE = 0.5

_NEWER: dict[Language, str] = {
    "ko": "더 최근 문서 「{title}」({date})에는 다르게 적혀 있습니다: {text}",
    "en": "A newer document, “{title}” ({date}), says otherwise: {text}",
}
_OLDER: dict[Language, str] = {
    "ko": "이전 문서 「{title}」({date})에는 다르게 적혀 있습니다: {text}",
    "en": "An earlier document, “{title}” ({date}), says otherwise: {text}",
}


def conflicting(question: str, selection: Selection) -> Evidence | None:
    """The nearest piece of another document that contradicts the first telling one; None when there is none."""
    if not selection.telling:
        return None
    first = selection.telling[0]
    asked = nouns(question)
    for other in selection.evidence[1:]:
        if other.document_id != first.document_id and _same_matter(first, other, asked) and _differ(first, other):
            return other
    return None


def is_newer(one: Evidence, other: Evidence) -> bool:
    """Whether `one` is the newer of two: it is in force and the other is not, or its date is later."""
    if bool(one.superseded_by) != bool(other.superseded_by):
        return not one.superseded_by
    return one.effective_date > other.effective_date


def told_beside(other: Evidence, first: Evidence, language: Language) -> str:
    """The sentence that shows `other`, which contradicts `first`."""
    says = (_NEWER if is_newer(other, first) else _OLDER)[language]
    return says.format(title=other.title, date=other.effective_date or "–", text=display(other))


def _same_matter(one: Evidence, other: Evidence, asked: Iterable[str]) -> bool:
    asked = list(asked)
    for piece in (one, other):
        text = f"{piece.title} {' '.join(piece.heading_path)} {display(piece)}"
        if sum(holds(text, word) for word in asked) < _ASKED * len(asked):
            return False
    mine, theirs = set(nouns(display(one))), set(nouns(display(other)))
    return len(mine & theirs) >= _ALIKE * len(mine | theirs)


def _differ(one: Evidence, other: Evidence) -> bool:
    """Whether a unit that both give has no value in common, and neither speaks of another year than the other."""
    years, others = set(YEAR.findall(one.quote)), set(YEAR.findall(other.quote))
    chained = one.superseded_by == other.document_id or other.superseded_by == one.document_id
    if not chained and years and others and not years & others:
        return False
    mine, theirs = _values(one.quote), _values(other.quote)
    return any(not mine[unit] & theirs[unit] for unit in mine.keys() & theirs.keys())


def _values(text: str) -> dict[str, set[object]]:
    found: dict[str, set[object]] = {}
    for quantity in quantities(text):
        if quantity.unit and quantity.unit not in CALENDAR:
            found.setdefault(quantity.unit, set()).add(quantity.value)
    return found
