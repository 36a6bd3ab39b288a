"""Was a Korean word cut in two by a line break? Asked only where the file itself does not tell."""

from __future__ import annotations

import re
from functools import lru_cache

_PAUSE = re.compile(r"[.!?,;:。][\"'”’)\]」』]*$")
_FEW = 15


def is_one_word(left: str, right: str) -> bool:
    """Whether the end of `left` and the beginning of `right` are one word (a run without white space).

    Word processors break Korean lines between any two syllables and stretch them to the margin, so that neither
    geometry nor characters tell a cut word from a wrapped space. Kiwi's language model judges the two readings:
    right for 9 of 10 breaks in a set of 194, most of the others being compound nouns, which may be
    written either way; joining always is right for 7 of 10.
    """
    if _PAUSE.search(left):
        return False
    return _judge(left[-_FEW:], right[:_FEW])


@lru_cache(maxsize=4096)
def _judge(left: str, right: str) -> bool:
    # The process has one Kiwi: it takes half a gigabyte.
    from assistant.index.tokens import kiwi, kiwi_lock

    with kiwi_lock:
        _, spaces = kiwi().glue([left, right], return_space_insertions=True)
    return not spaces[0]
