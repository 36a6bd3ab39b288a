"""What changed between two versions, in words: all of it counted in one sentence, then a sentence for each change.

The counts are computed; of each change the words of both versions are shown, as they stand there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from assistant.answering.wording import display, is_step, is_warning
from assistant.comparison.values import Change, ChangeKind, Comparison, Figure
from assistant.schema import Document, Language, Quote
from assistant.text.table_rows import Row

#: What is counted, in Korean and in English.
_NOUNS = {
    "value": ("값", "value"),
    "section": ("절", "section"),
    "table": ("표", "table"),
    "row": ("행", "row"),
    "warning": ("경고", "warning"),
    "step": ("단계", "step"),
    "item": ("항목", "item"),
    "sentence": ("문장", "sentence"),
}
#: With which word the sentence for a change begins.
MARKS: Mapping[Language, Mapping[ChangeKind, str]] = {
    "ko": {"changed": "변경", "added": "추가", "removed": "삭제"},
    "en": {"changed": "Changed", "added": "Added", "removed": "Removed"},
}
_ANEW: dict[Language, str] = {
    "ko": "대부분 새로 쓴 문서이므로, 추가된 내용이 삭제된 내용을 다른 말로 적은 것일 수 있습니다.",
    "en": "Most of the document was written anew, so what was added may say in other words what was removed.",
}
_SAME: dict[Language, str] = {
    "ko": "{old}에 비해 {new}에서 달라진 것을 찾지 못했습니다.",
    "en": "Compared with {old}, no change was found in {new}.",
}
_AGAIN: dict[Language, tuple[str, str]] = {
    "ko": (" (같은 변경 {count}곳 더)", " (같은 변경 {count}곳 더)"),
    "en": (" (the same in {count} more place)", " (the same in {count} more places)"),
}
_REST: dict[Language, tuple[str, str]] = {
    "ko": ("변경 {count}건이 더 있습니다.", "변경 {count}건이 더 있습니다."),
    "en": ("There is {count} more change.", "There are {count} more changes."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A change in words. `quotes`: its words before and after, the differing figures marked; `values`: their keys."""

    text: str
    quotes: tuple[Quote, ...]
    values: frozenset[tuple[str, str]]


def told(change: Change, language: Language) -> Told:
    """Put one change into words: of a row the cells that differ, else the words of the new version."""
    old, new = (_marked(quote, change, side) for side, quote in (("old", change.old), ("new", change.new)))
    quotes = tuple(quote for quote in (old, new) if quote)
    words = _differing(old, new, change) if old and new else display(quotes[0])
    return Told(f"{MARKS[language][change.kind]}: {words}", quotes, _keys(change))


def is_heading(change: Change) -> bool:
    """Whether a heading or a header row changed."""
    return _noun(change) in ("section", "table")


def again(count: int, language: Language) -> str:
    """Tell in how many more places the same figures changed alike; '' for none."""
    return _AGAIN[language][count > 1].format(count=count) if count else ""


def counted(comparison: Comparison, old: str, new: str, language: Language) -> str:
    """Count all that changed from `old` to `new` (their names in words) in one sentence."""
    if not comparison.changes:
        return _SAME[language].format(old=old, new=new)
    changed, added, removed = (_listed(comparison, kind, language) for kind in ("changed", "added", "removed"))
    if language == "ko":
        parts = (
            f"{changed}가 바뀌었고" if changed else "바뀐 것은 없고",
            f"{added}가 추가되었고" if added else "추가된 것은 없고",
            f"{removed}가 삭제되었습니다." if removed else "삭제된 것은 없습니다.",
        )
        return f"{old}에 비해 {new}에서는 {', '.join(parts)}"
    said = [f"{verb} {what or 'nothing'}" for verb, what in (("changes", changed), ("adds", added))]
    return f"Compared with {old}, {new} {', '.join(said)}, and removes {removed or 'nothing'}."


def summary(comparison: Comparison, language: Language) -> str:
    """Count all that changed, the versions with their titles and dates; and say when most of the text is new."""
    old, new = (_named(each, language) for each in (comparison.old, comparison.new))
    found = counted(comparison, old, new, language)
    return f"{found} {_ANEW[language]}" if comparison.is_anew else found


def rest(count: int, language: Language) -> str:
    """Say how many changes are not shown."""
    return _REST[language][count > 1].format(count=count)


def _named(document: Document, language: Language) -> str:
    title = f"「{document.title}」" if language == "ko" else f"“{document.title}” "
    return f"{title}({document.effective_date})" if document.effective_date else title.strip()


def _listed(comparison: Comparison, kind: str, language: Language) -> str:
    """What of one kind there is: "11 values in 31 places and 3 other rows"."""
    changes = [change for change in comparison.changes if change.kind == kind]
    valued = [change for change in changes if _keys(change)]
    values = len({key for change in valued for key in _keys(change)})
    places = f"({len(valued)}곳)" if language == "ko" else f" in {len(valued)} places"
    figures = _count("value", values, language) + (places if len(valued) > values else "") if values else ""
    counts = Counter(_noun(change) for change in changes if change not in valued)
    others = ", ".join(_count(noun, counts[noun], language) for noun in _NOUNS if counts[noun])
    if figures and others:
        return f"{figures}와 그 밖의 {others}" if language == "ko" else f"{figures} and, otherwise, {others}"
    return figures or others


def _count(noun: str, count: int, language: Language) -> str:
    korean, english = _NOUNS[noun]
    return f"{korean} {count}개" if language == "ko" else f"{count} {english}{'' if count == 1 else 's'}"


def _noun(change: Change) -> str:
    quote = change.piece
    if change.block == "table_row":
        return "row" if quote.table_header else "table"
    if change.block == "heading":
        return "section"
    if is_warning(quote.quote):
        return "warning"
    if is_step(quote.quote):
        return "step"
    return "item" if change.block == "list_item" else "sentence"


def _pairs(change: Change) -> list[tuple[Figure, Figure]]:
    """The measured values that one version gives in place of another."""
    both = [(value.old, value.new) for value in change.values if value.old and value.new]
    return [(old, new) for old, new in both if old.is_measured and new.is_measured]


def _keys(change: Change) -> frozenset[tuple[str, str]]:
    return frozenset((old.key, new.key) for old, new in _pairs(change))


def _marked(quote: Quote | None, change: Change, side: str) -> Quote | None:
    """The quote with the figures that differ marked, from the first to the last."""
    figures: list[Figure] = [each for value in change.values if (each := getattr(value, side))]
    if quote is None or not figures:
        return quote
    return replace(quote, span=(min(each.start for each in figures), max(each.end for each in figures)))


def _differing(old: Quote, new: Quote, change: Change) -> str:
    rows = [Row.of(quote.table_header, quote.quote) for quote in (old, new)]
    if rows[0] and rows[1] and rows[0].names == rows[1].names:
        return _cells(rows[0], rows[1])
    values = ", ".join(f"{before.text} → {after.text}" for before, after in _pairs(change))
    return f"{display(new)} ({values})" if values else f"{display(old)} → {display(new)}"


def _cells(old: Row, new: Row) -> str:
    """The cells that differ, behind the first one with letters that does not: it names the row."""
    pairs = list(zip(new.names, map(str.strip, old.cells), map(str.strip, new.cells), strict=True))
    name = next((f"{b} – " for _, a, b in pairs if a == b and any(map(str.isalpha, b))), "")
    return name + "; ".join(f"{column}: {a} → {b}" for column, a, b in pairs if a != b)
