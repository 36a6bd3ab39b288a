"""The trained reader: which passage answers a question, where, and does it say that the answer is not known.

    Reader.read(question, excerpts) → one Reading each        Reader.supports(sentence, excerpts) → one probability each

`reader.py` reads with the shipped weights (ONNX Runtime, 8 bits), `cross_encoder.py` with any cross-encoder of
sentence-transformers instead; `training/` makes the weights. Nothing is imported here that is heavy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assistant.schema import Excerpt, Reading


class Reader(Protocol):
    """What answering and rules need of a reader. `fingerprint` names weights, base and calibration."""

    fingerprint: str

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """Read each excerpt for `question`; probabilities are calibrated."""

    def supports(self, sentence: str, excerpts: Sequence[Excerpt]) -> list[float]:
        """Tell for each excerpt with which probability `sentence` follows from it."""


__all__ = ["Reader"]
