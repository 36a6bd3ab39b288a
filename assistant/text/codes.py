"""Codes as the documents write them: who types `ta108` or `TE-705` at a machine means TA0108 and TE0705.

A code that no visible document holds is replaced where exactly one is known that differs only in one or two leading
zeros, in a hyphen or in a space. Everything else stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

_TYPED = re.compile(r"(?<![A-Za-z0-9.-])([A-Za-z]{1,4})[\s-]?0*(\d{2,5})(?![A-Za-z0-9]|[.,-]\d)")
_MOST_ZEROS = 2
#: Before a number with a space these are words: "in 10 minutes", "up to no 100".
_WORDS = frozenset("a an at by for in is no of on or the to up".split())  # noqa: SIM905


class Vocabulary(Protocol):
    """What is needed of the documents that the asker may see."""

    def document_frequency(self, words: Iterable[str]) -> tuple[dict[str, int], int]:
        """Count in how many passages each term occurs; and the passages."""


def with_known_codes(question: str, visible: Vocabulary) -> str:
    """Write the codes of `question` as the visible documents do."""

    def spelled(found: re.Match[str]) -> str:
        letters, digits = found[1].lower(), found[2]
        if letters in _WORDS and " " in found[0]:
            return found[0]
        forms = [letters + between + "0" * zeros + digits for between in ("", "-") for zeros in range(_MOST_ZEROS + 1)]
        typed = found[0].lower()
        counts, _ = visible.document_frequency([typed, *forms])
        known = [form for form in forms if counts.get(form)]
        return found[0] if counts.get(typed) or len(known) != 1 else known[0].upper()

    return _TYPED.sub(spelled, question)
