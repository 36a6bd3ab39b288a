"""The automatic numbers and bullets of Word, written before the text of their paragraphs.

A paragraph takes its numbering from itself or from its style; lists that share an abstract numbering go on counting
together until one of them starts anew. dochan counts each list alone, knows no numbering of styles and writes the
Korean formats (가, ㄱ, ①) as 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.formats.list_numbers import number

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_FORMS = {
    "ganada": "syllable", "chosung": "jamo", "decimalEnclosedCircle": "circled", "upperLetter": "upper",
    "lowerLetter": "lower", "upperRoman": "ROMAN", "lowerRoman": "roman", "decimalZero": "padded",
    "koreanDigital": "hangul", "koreanCounting": "hangul", "koreanDigital2": "ideograph", "chineseCounting":
    "ideograph", "ideographDigital": "ideograph", "japaneseCounting": "ideograph", "taiwaneseCounting": "ideograph",
    "decimalEnclosedParen": "bracketed", "ideographTraditional": "hanja stem",
}  # fmt: skip
_MARK = re.compile(r"%([1-9])")
_LEVELS = 9
#: Word does not count further.
_HIGHEST = 32_767


@dataclass
class _Level:
    """One level: form of its number, pattern around it, start, and the level after which it starts anew (-1: any)."""

    form: str
    pattern: str
    start: int
    restart: int
    legal: bool


@dataclass
class Numbers:
    """The numberings of one document, and how far each is. `w` is the namespace of its elements."""

    w: str
    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    abstract_of: dict[str, str] = field(default_factory=dict)
    starts: dict[tuple[str, int], int] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def load(self, root: Node) -> None:
        """Read word/numbering.xml."""
        w = self.w
        abstract: dict[str, dict[int, _Level]] = {}
        for each in root.iterchildren(f"{w}abstractNum"):
            abstract[each.get(f"{w}abstractNumId", "")] = {
                at: level for node in each.iterchildren(f"{w}lvl") for at, level in [self._level(node)]
            }
        for each in root.iterchildren(f"{w}num"):
            name, link = each.get(f"{w}numId", ""), each.find(f"{w}abstractNumId")
            target = link.get(f"{w}val", "") if link is not None else ""
            levels = dict(abstract.get(target, {}))
            for override in each.iterchildren(f"{w}lvlOverride"):
                at = _whole(override.get(f"{w}ilvl"), 0)
                start, own = override.find(f"{w}startOverride"), override.find(f"{w}lvl")
                if own is not None:
                    levels[at] = self._level(own)[1]
                if start is not None:
                    self.starts[name, at] = _whole(start.get(f"{w}val"), 1)
            self.levels[name], self.abstract_of[name] = levels, target

    def marker(self, name: str, at: int) -> str:
        """The marker of the next paragraph of a list at a level from 0; deeper levels begin anew after it."""
        levels = self.levels.get(name, {})
        level = levels.get(at)
        if level is None or name == "0":
            return ""
        counts = self.counts.setdefault(self.abstract_of[name], {})
        if name not in self.used:  # a list that starts anew does so at its first paragraph
            self.used.add(name)
            for (list_name, which), start in self.starts.items():
                if list_name == name:
                    counts[which] = start - 1
        for deeper, each in levels.items():
            # restart 0: never; else after a paragraph of that level (from 1) or a higher one
            if deeper > at and deeper in counts and (at < each.restart if each.restart >= 0 else True):
                del counts[deeper]
        counts[at] = min(counts.get(at, level.start - 1) + 1, _HIGHEST)
        if level.form == "bullet":
            return "•"
        if level.form == "none":
            return _MARK.sub("", level.pattern)

        def one(match: re.Match[str]) -> str:
            which = int(match[1]) - 1
            other = levels.get(which, level)
            value = counts.setdefault(which, other.start) if which < at else counts.get(which, other.start)
            return number(value, "" if level.legal else _FORMS.get(other.form, other.form))

        return _MARK.sub(one, level.pattern)

    def _level(self, node: Node) -> tuple[int, _Level]:
        w = self.w

        def value(name: str, otherwise: str) -> str:
            found = node.find(f"{w}{name}")
            return found.get(f"{w}val", otherwise) if found is not None else otherwise

        return _whole(node.get(f"{w}ilvl"), 0), _Level(
            form=value("numFmt", "decimal"),
            pattern=value("lvlText", ""),
            start=_whole(value("start", "1"), 1),
            restart=_whole(value("lvlRestart", ""), -1),
            legal=node.find(f"{w}isLgl") is not None,
        )


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else otherwise
