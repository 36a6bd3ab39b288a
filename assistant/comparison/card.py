"""The card of a comparison, by which the reader recognises that one is asked for (see `card.toml`)."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from assistant.schema import Excerpt, Language

_FILE = Path(__file__).with_name("card.toml")


@lru_cache(maxsize=2)
def card(language: Language) -> Excerpt:
    """Make the card: its title, what it computes, a few questions as examples."""
    raw = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    title, computes = ({"ko": ko, "en": en}[language] for ko, en in (raw["title"], raw["computes"]))
    return Excerpt(" ".join([computes, *raw["examples"][language]]), title)
