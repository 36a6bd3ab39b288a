"""Which versions of a document a question means: those of one family, oldest first, and the two to be compared.

A version is named by what code can prove: its `version`, or the year in which it took effect.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from assistant.comparison.compare import earlier_in
from assistant.schema import Document


def family_of(document: Document, documents: Collection[Document]) -> tuple[Document, ...]:
    """List the versions among `documents` that `document` is one of, oldest first; itself alone without another."""
    known = {each.document_id: each for each in documents}
    newest = document
    passed = {newest.document_id}
    while (newer := known.get(newest.superseded_by)) and newer.document_id not in passed:
        newest = newer
        passed.add(newest.document_id)
    family = [newest]
    while (older := earlier_in(family[0], documents)) and older not in family:
        family.insert(0, older)
    return tuple(family)


def pair_in(family: Sequence[Document], text: str, years: Collection[int]) -> tuple[Document, Document]:
    """Choose the two of `family` (two or more, oldest first) that the question `text` means.

    The two that it names; one that is named by its version with the one before it; one that is named by its year with
    the newest; else the newest two.
    """
    by_version = [n for n, each in enumerate(family) if _names(text, each.version) and _alone(family, n, "version")]
    by_year = [n for n, each in enumerate(family) if _year(each) in map(str, years) and _alone(family, n, "year")]
    named, last = sorted({*by_version, *by_year}), len(family) - 1
    if len(named) > 1:
        old, new = named[0], named[-1]
    elif by_version:
        new = max(1, named[0])
        old = new - 1
    else:
        old, new = (named[0] if named and named[0] < last else last - 1), last
    return family[old], family[new]


def _names(text: str, version: str) -> bool:
    return bool(version) and bool(re.search(rf"(?<![A-Za-z0-9.]){re.escape(version)}(?![A-Za-z0-9]|\.\d)", text))


def _alone(family: Sequence[Document], number: int, of: str) -> bool:
    """Whether no other version has the same number, or took effect in the same year."""
    values = [each.version if of == "version" else _year(each) for each in family]
    return values.count(values[number]) == 1


def _year(document: Document) -> str:
    return (document.effective_date or document.date)[:4]
