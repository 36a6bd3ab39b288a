"""A cross-encoder of sentence-transformers in place of the shipped reader: it says whether a passage answers.

Without spans a quote is the sentence or row that the same model finds nearest; nothing is computed, and a sentence is
supported as far as the model thinks that the quote answers it.
"""

from __future__ import annotations

import math
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.errors import ReaderError
from assistant.reading.encoding import prefix_of
from assistant.schema import Excerpt, Reading, Span

_LINE = re.compile(r"[^\n]*\S[^\n]*")


class CrossEncoderReader:
    """Reads with the cross-encoder in `folder`, a folder on this machine; nothing is fetched."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "config.json").is_file():
            raise ReaderError(
                f"Setting 'reader': {folder} holds no model.",
                "Give the folder of a sentence-transformers cross-encoder, or remove the setting.",
            )
        self._folder = folder
        self._lock = threading.Lock()
        self._model: Any = None
        self.fingerprint = f"cross-encoder/{folder.name}"

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """Score each excerpt, and mark the line of it that scores best. Raises ReaderError."""
        lines = [list(_LINE.finditer(excerpt.text)) for excerpt in excerpts]
        pairs = [(question, _whole(excerpt)) for excerpt in excerpts]
        pairs += [(question, line.group()) for found in lines for line in found]
        scores = self._scores(pairs)
        readings, at = [], len(excerpts)
        for number, found in enumerate(lines):
            own = scores[at : at + len(found)]
            at += len(found)
            spans: tuple[Span, ...] = ()
            if own:
                best = max(range(len(own)), key=own.__getitem__)
                spans = (Span(found[best].start(), found[best].end(), own[best]),)
            readings.append(Reading(scores[number], 0.0, spans))
        return readings

    def supports(self, sentence: str, excerpts: Sequence[Excerpt]) -> list[float]:
        """Score `sentence` against each excerpt."""
        return self._scores([(sentence, _whole(excerpt)) for excerpt in excerpts])

    def _scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        with self._lock:
            try:
                if self._model is None:
                    from sentence_transformers import CrossEncoder

                    self._model = CrossEncoder(str(self._folder), local_files_only=True)
                scores = self._model.predict(list(pairs), show_progress_bar=False, activation_fn=None)
            except (OSError, ValueError, RuntimeError) as exc:
                raise ReaderError(
                    f"The cross-encoder in {self._folder} failed ({exc}).", "Correct or remove the setting 'reader'."
                ) from exc
        return [value if 0 <= value <= 1 else 1 / (1 + math.exp(-value)) for value in map(float, scores)]


def _whole(excerpt: Excerpt) -> str:
    return prefix_of(excerpt.title, excerpt.heading, excerpt.table_header, excerpt.text) + excerpt.text
