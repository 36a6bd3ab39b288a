"""Names of places and industries: which proper names of a text stand for which region or industry.

A list of names is no understanding of language: what a sentence says about a name is for the reader.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

NAMES = Path(__file__).with_name("names.toml")


@dataclass(frozen=True, slots=True)
class Named:
    """A name at `start:end` of a text, and the choice that it stands for."""

    key: str
    start: int
    end: int


def names_in(field: str, text: str) -> list[Named]:
    """Find the names of `field` (region, industry) in `text`, the longest at each place; one may stand for several."""
    pattern, keys = _names()[field]
    return [Named(key, *match.span()) for match in pattern.finditer(text) for key in keys[match[0].lower()]]


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[re.Pattern[str], dict[str, list[str]]]]:
    found = {}
    for field, listed in tomllib.loads(NAMES.read_text(encoding="utf-8")).items():
        keys: dict[str, list[str]] = {}
        for key, names in listed.items():
            for name in names:
                keys.setdefault(name.lower(), []).append(key)
        longest = sorted(keys, key=len, reverse=True)
        # a Korean name begins a word, particles may follow; a Latin one is a whole word
        korean = "|".join(re.escape(name) for name in longest if not name.isascii())
        latin = "|".join(re.escape(name) for name in longest if name.isascii())
        found[field] = (
            re.compile(rf"(?<![가-힣])(?:{korean})|(?<![a-z])(?:{latin})(?![a-z])", re.IGNORECASE),
            keys,
        )
    return found
