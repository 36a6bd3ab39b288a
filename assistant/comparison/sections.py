"""Which section of the old version is which of the new one: by heading without number, then by what stands in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from assistant.comparison.likeness import Likeness
from assistant.comparison.pieces import Piece

Path = tuple[str, ...]
Sections = dict[Path, list[Piece]]

#: A section whose heading is gone is found again by so much of its content.
_ALIKE = 0.5


def sections(pieces: Sequence[Piece]) -> Sections:
    """Pieces by section, in the order of the document."""
    found: Sections = {}
    for piece in pieces:
        found.setdefault(piece.section, []).append(piece)
    return found


def paired_sections(old: Sections, new: Sections, likeness: Likeness) -> list[tuple[Path, Path]]:
    """Pair sections: by the whole path, by its last two headings, by the last; then by content."""
    pairs: list[tuple[Path, Path]] = []
    open_old, open_new = dict.fromkeys(old), dict.fromkeys(new)
    keys: tuple[Callable[[Path], Path], ...] = (lambda path: path, lambda path: path[-2:], lambda path: path[-1:])
    for key in keys:
        for pair in _by_name(list(open_old), list(open_new), key):
            pairs.append(pair)
            del open_old[pair[0]], open_new[pair[1]]
    alike = [
        (score, one, other)
        for one in open_old
        for other in open_new
        if (score := _content(old[one], new[other], likeness)) >= _ALIKE
    ]
    for _, one, other in sorted(alike, key=lambda each: (-each[0], each[1], each[2])):
        if one in open_old and other in open_new:
            pairs.append((one, other))
            del open_old[one], open_new[other]
    return pairs


def _by_name(old: Sequence[Path], new: Sequence[Path], key: Callable[[Path], Path]) -> list[tuple[Path, Path]]:
    """Pairs of the same name, where it is the only one of its kind on both sides."""
    times = [Counter(map(key, side)) for side in (old, new)]
    named = {key(path): path for path in new}
    return [
        (path, named[key(path)])
        for path in old
        if times[0][key(path)] == 1 and times[1][key(path)] == 1 and (key(path) or not path)
    ]


def _content(old: Sequence[Piece], new: Sequence[Piece], likeness: Likeness) -> float:
    """How much of the smaller section stands word for word in the other, or how alike their words are."""
    keys = [Counter(piece.key for piece in side if piece.family != "heading") for side in (old, new)]
    smaller = min(sum(keys[0].values()), sum(keys[1].values()))
    words = [frozenset[str]().union(*(piece.words for piece in side)) for side in (old, new)]
    same = sum((keys[0] & keys[1]).values()) / smaller if smaller else 0.0
    return max(same, likeness.of_words(*words))
