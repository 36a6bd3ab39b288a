"""The numbers of Hancom lists: the pattern of each level ("^1.") and how far a list has counted.

HWPX and HWP 5 hold the same values in different clothes; the readers of both hand them over here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.ingest.formats.list_numbers import number

#: Formats of numbers by the names of HWPX, in the order of their codes in HWP 5.
FORMS = {
    "DIGIT": "", "CIRCLED_DIGIT": "circled", "ROMAN_CAPITAL": "ROMAN", "ROMAN_SMALL": "roman",
    "LATIN_CAPITAL": "upper", "LATIN_SMALL": "lower", "CIRCLED_LATIN_CAPITAL": "circled upper",
    "CIRCLED_LATIN_SMALL": "circled lower", "HANGUL_SYLLABLE": "syllable", "CIRCLED_HANGUL_SYLLABLE":
    "circled syllable", "HANGUL_JAMO": "jamo", "CIRCLED_HANGUL_JAMO": "circled jamo", "HANGUL_PHONETIC": "hangul",
    "IDEOGRAPH": "ideograph", "CIRCLED_IDEOGRAPH": "ideograph", "DECAGON_CIRCLE": "stem",
    "DECAGON_CIRCLE_HANJA": "hanja stem",
}  # fmt: skip
_MARK = re.compile(r"\^(10|[1-9]|[nN])")
#: A list with deeper levels than this is damaged.
#: Text so far above or below the line (percent of its height) is raised or lowered.
RAISED_BY = 25
DEEPEST = 10


@dataclass
class Numbering:
    """Of each level (from 1) the form of its number, the pattern around it and where it starts; and how far it is."""

    levels: dict[int, tuple[str, str, int]]
    counts: dict[int, int] = field(default_factory=dict)

    def next(self, level: int) -> str:
        """The marker of the next paragraph of a level; deeper levels begin anew after it."""
        if level not in self.levels:
            return ""
        _, pattern, start = self.levels[level]
        for upper in range(1, level):  # a level that was never written counts as its first
            self.counts.setdefault(upper, self.levels.get(upper, ("", "", 1))[2])
        self.counts[level] = self.counts.get(level, start - 1) + 1
        for deeper in [each for each in self.counts if each > level]:
            del self.counts[deeper]

        def one(match: re.Match[str]) -> str:
            if match[1] == "N":  # the whole path: 1.2.3
                return ".".join(self._shown(each) for each in range(1, level + 1))
            return self._shown(level if match[1] == "n" else int(match[1]))

        return _MARK.sub(one, pattern)

    def _shown(self, level: int) -> str:
        form, _, start = self.levels.get(level, ("", "", 1))
        return number(self.counts.get(level, start), form)


def marker(text: str, level: int) -> str:
    """A marker as it stands before its paragraph: two spaces for each level above."""
    return f"{'  ' * (level - 1)}{text} " if text else ""


def bullet(char: str) -> str:
    """A bullet; one of a symbol font, which has no character of its own, is a dot."""
    return char if char.strip() and not "\ue000" <= char <= "\uf8ff" else "•"
