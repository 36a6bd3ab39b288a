"""Places in a document as an address names them: where a quote stands, a mark of its words, its answering words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.web.sources import words_mark

_WRITTEN = re.compile(r"(\d{1,9})-(\d{1,9})-([0-9a-f]{12})(?:-(\d{1,9})-(\d{1,9}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """`start:end` of the stored text; `span`: its answering words; `mark`: of the words that were quoted."""

    start: int
    end: int
    mark: str
    span: tuple[int, int] | None = None

    @classmethod
    def of(cls, written: str) -> Place | None:
        """Read a place; None for what is none."""
        found = _WRITTEN.fullmatch(written)
        if found is None or int(found[1]) >= int(found[2]):
            return None
        start, end = int(found[1]), int(found[2])
        span = (max(int(found[4]), start), min(int(found[5]), end)) if found[4] else None
        return cls(start, end, found[3], span if span and span[0] < span[1] else None)

    def holds(self, text: str) -> bool:
        """Whether the words of the quote still stand there."""
        return words_mark(text[self.start : self.end]) == self.mark


def places_of(written: Sequence[str], text: str) -> list[Place]:
    """Read the places of which the words still stand in `text`."""
    found = [Place.of(each) for each in written]
    return [place for place in found if place is not None and place.holds(text)]
