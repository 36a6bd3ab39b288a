"""An optional second look: a cross-encoder reads question and passage together. Off unless a model is configured.

The model is a folder on this machine (`reranker` in the settings); nothing is fetched. It only changes the order of the
first passages: their scores stay, so that what reads the scores need not know.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.errors import ModelError, SettingsError
from assistant.schema import Hit

#: Question and passages → one score each, higher for better.
Scorer = Callable[[str, Sequence[str]], Sequence[float]]

#: Passages that are read: each costs a pass through the model.
READ = 20


def open_reranker(folder: Path | None) -> Scorer | None:
    """The cross-encoder in `folder`, loaded at its first use; None for None. Raises SettingsError, later ModelError."""
    if folder is None:
        return None
    if not (folder / "config.json").is_file():
        raise SettingsError(
            f"Setting 'reranker': {folder} holds no model.", "Give the folder of a sentence-transformers cross-encoder."
        )
    lock, loaded = threading.Lock(), list[Any]()

    def score(query: str, passages: Sequence[str]) -> Sequence[float]:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        with lock:
            try:
                if not loaded:
                    from sentence_transformers import CrossEncoder

                    loaded.append(CrossEncoder(str(folder), local_files_only=True))
                return loaded[0].predict([(query, passage) for passage in passages], show_progress_bar=False).tolist()
            except (OSError, ValueError, RuntimeError) as exc:
                raise ModelError(
                    f"The reranker in {folder} failed ({exc}).", "Correct or remove the setting 'reranker'."
                ) from exc

    return score


def reranked(query: str, hits: Sequence[Hit], scorer: Scorer) -> list[Hit]:
    """The hits in the scorer's order; the best of them takes the best score, and so on."""
    if not hits:
        return []
    titles = [" > ".join(dict.fromkeys((hit.document.title, *hit.chunk.heading_path))) for hit in hits]
    scores = scorer(query, [f"{title}\n{hit.chunk.text}" for title, hit in zip(titles, hits, strict=True)])
    order = sorted(range(len(hits)), key=lambda number: -scores[number])
    return [replace(hits[number], score=hit.score) for number, hit in zip(order, hits, strict=True)]
