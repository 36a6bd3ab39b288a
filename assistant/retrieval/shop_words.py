"""What Korean operators say, and the manual's words for it: "스핀들 몸풀기 몇 분? (주축, 예열)".

Manuals and operators use different words for one thing, and short questions give a search little else to go by. The
pairs are a list that people keep: `shop_words.toml`. English questions found nothing more with such a list.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def _pairs() -> list[tuple[re.Pattern[str], list[str]]]:
    listed = tomllib.loads(files("assistant.retrieval").joinpath("shop_words.toml").read_text(encoding="utf-8"))
    return [(re.compile(said, re.I), meant.split(", ")) for said, meant in listed.items()]


def with_shop_words(question: str) -> str:
    """`question`, and behind it in brackets the manual's words for the shop floor's, where it does not say them."""
    meant = [
        word
        for said, words in _pairs()
        if said.search(question)
        for word in words
        if word.casefold() not in question.casefold()
    ]
    return f"{question} ({', '.join(dict.fromkeys(meant))})" if meant else question
