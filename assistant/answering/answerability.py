"""Whether the chosen evidence can answer the question; decided by code, before any generation.

The same model call must not both answer and refuse (measured: it then states whatever the question presupposes), so
this looks only at what was found: how much of the question's rare words the evidence holds, how near the best passage
is, and whether evidence of the asked kind (a figure for "how much") is there.
"""

from __future__ import annotations

from assistant.answering.evidence import Selection

#: Below this coverage of the question's words (weighted by rarity) the evidence speaks of something else.
MIN_COVERAGE = 0.5
#: Cosine above which a passage is near enough although it uses other words (paraphrase, other language).
NEAR = 0.62


def answerable(selection: Selection) -> bool:
    """True when an answer may be generated from the evidence."""
    if not selection.evidence:
        return False
    return selection.coverage >= MIN_COVERAGE or selection.similarity >= NEAR
