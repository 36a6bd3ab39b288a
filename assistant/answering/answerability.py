"""Whether the chosen evidence can answer the question; decided by code, before any generation.

The same model call must not both answer and refuse (measured: it then states whatever the question presupposes), so
this looks only at what was found: how much of the question's rare words the evidence holds, how near the best passage
is, and whether evidence of the asked kind (a figure for "how much") is there.
"""

from __future__ import annotations

import re

from assistant.answering.evidence import Selection

#: Below both, the passages speak of something else, and not even the model is asked.
MIN_COVERAGE = 0.25
MIN_SIMILARITY = 0.35


def plausible(selection: Selection) -> bool:
    """Whether there is any evidence near enough to be worth showing."""
    return bool(selection.evidence) and (selection.coverage >= MIN_COVERAGE or selection.similarity >= MIN_SIMILARITY)


def answerable(selection: Selection, odds: float) -> bool:
    """Whether an answer may be written, given the model's `odds` that nothing answers (natural logarithm)."""
    return odds < 8.0


_ABSENCE = re.compile(
    r"확인되지 않|확인할 수 없|확인된 (자료|내용|바)가 없|공개되지 않|공개된 자료가 없|찾지 못하|알려지지 않|"
    r"\b(was|were|is|are|has|have|had|could) not (yet )?(been )?"
    r"(found|published|confirmed|stated|given|shown|printed)\b|"
    r"\bnot found\b|\bno published\b|\bunknown\b",
    re.I,
)


def states_absence(text: str) -> bool:
    """Whether a document itself says that something is not known or not published."""
    return bool(_ABSENCE.search(text))
