"""Which piece of the old version became which of the new one.

First what says the same, in order (anchors), then what says the same in another order, then what is alike, section by
section; at last the same across sections, where more likeness is asked for. A reference that only follows its section
or table to a new number says the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from assistant.comparison.likeness import Likeness, candidates
from assistant.comparison.pieces import Piece
from assistant.comparison.sections import paired_sections, sections
from assistant.comparison.values import Figure

#: Least likeness of two pieces of one section, and of two sections.
_SAME_SECTION, _OTHER_SECTION = 0.5, 0.7
#: A piece with fewer words than this is not looked for in another section.
_FEW_WORDS = 4
#: What standing between the same neighbours adds.
_IN_PLACE = 0.05
_PARTS = frozenset({"section", "chapter", "clause", "article", "part"})


@dataclass(slots=True)
class Alignment:
    """Pairs of places (in the lists of pieces): `same`, `moved` and `changed`; what is in none is gone or new."""

    same: list[tuple[int, int]] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)
    changed: list[tuple[int, int]] = field(default_factory=list)


def align(old: Sequence[Piece], new: Sequence[Piece]) -> Alignment:
    """Align two lists of pieces."""
    return _Aligner(old, new).run()


class _Aligner:
    def __init__(self, old: Sequence[Piece], new: Sequence[Piece]) -> None:
        self._old, self._new = old, new
        self._open_old, self._open_new = dict.fromkeys(range(len(old))), dict.fromkeys(range(len(new)))
        self._likeness = Likeness([*old, *new])
        self._found = Alignment()

    def run(self) -> Alignment:
        places: tuple[dict[tuple[str, ...], list[int]], ...] = ({}, {})
        for side, pieces in zip(places, (self._old, self._new), strict=True):
            for number, piece in enumerate(pieces):
                side.setdefault(piece.section, []).append(number)
        pairs = paired_sections(sections(self._old), sections(self._new), self._likeness)
        for one, other in pairs:
            mine, theirs = places[0][one], places[1][other]
            self._in_order(mine, theirs)
            self._in_any_order(mine, theirs)
        self._in_any_order(self._open_old, self._open_new)
        for one, other in pairs:
            self._alike(places[0][one], places[1][other], _SAME_SECTION)
        self._alike(_worded(self._old), _worded(self._new), _OTHER_SECTION)
        self._follow_references()
        return self._found

    def _take(self, pairs: list[tuple[int, int]], one: int, other: int) -> None:
        pairs.append((one, other))
        del self._open_old[one], self._open_new[other]

    def _left(self, mine: Iterable[int], theirs: Iterable[int]) -> tuple[list[int], list[int]]:
        return [i for i in mine if i in self._open_old], [j for j in theirs if j in self._open_new]

    def _in_order(self, mine: Iterable[int], theirs: Iterable[int]) -> None:
        """What says the same in the same order."""
        mine, theirs = self._left(mine, theirs)
        old = [(self._old[i].family, self._old[i].key) for i in mine]
        new = [(self._new[j].family, self._new[j].key) for j in theirs]
        for a, b, length in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            for step in range(length):
                self._take(self._found.same, mine[a + step], theirs[b + step])

    def _in_any_order(self, mine: Iterable[int], theirs: Iterable[int]) -> None:
        """What says the same anywhere in these."""
        mine, theirs = self._left(mine, theirs)
        waiting: dict[tuple[str, str], list[int]] = {}
        for j in reversed(theirs):
            waiting.setdefault((self._new[j].family, self._new[j].key), []).append(j)
        for i in mine:
            if others := waiting.get((self._old[i].family, self._old[i].key)):
                self._take(self._found.moved, i, others.pop())

    def _alike(self, mine: Iterable[int], theirs: Iterable[int], least: float) -> None:
        """The most alike first; of equals the one that stands nearest to where it is expected."""
        mine, theirs = self._left(mine, theirs)
        anchors = sorted([*self._found.same, *self._found.changed])
        firsts = [pair[0] for pair in anchors]

        def expected(i: int) -> int:
            at = bisect_left(firsts, i)
            return anchors[at - 1][1] + i - anchors[at - 1][0] if at else i

        scored = []
        for a, b in candidates([self._old[i] for i in mine], [self._new[j] for j in theirs]):
            i, j = mine[a], theirs[b]
            score = self._likeness(self._old[i], self._new[j])
            distance = abs(expected(i) - j)
            if score >= least:
                scored.append((-round(score + _IN_PLACE * (not distance), 6), distance, i, j))
        for _, _, i, j in sorted(scored):
            if i in self._open_old and j in self._open_new:
                self._take(self._found.changed, i, j)

    def _follow_references(self) -> None:
        """Pairs that differ only because a section or table that they refer to bears another number say the same."""
        numbers = {
            self._old[i].label: self._new[j].label
            for i, j in (*self._found.same, *self._found.moved, *self._found.changed)
            if self._old[i].label and self._new[j].label
        }

        def followed(figure: Figure) -> str:
            kind, _, number = figure.key.partition(":")
            if not figure.is_code or not number:
                return figure.key
            if kind in _PARTS:
                return f"{kind}:{numbers.get(number, number)}"
            return numbers.get(figure.key, figure.key)

        def says_the_same(i: int, j: int) -> bool:
            return self._old[i].key_with(followed) == self._new[j].key

        self._found.same += [pair for pair in self._found.changed if says_the_same(*pair)]
        self._found.changed = [pair for pair in self._found.changed if not says_the_same(*pair)]


def _worded(pieces: Sequence[Piece]) -> list[int]:
    """The places of pieces with words enough to be known in another section."""
    return [number for number, piece in enumerate(pieces) if len(piece.words) >= _FEW_WORDS]
