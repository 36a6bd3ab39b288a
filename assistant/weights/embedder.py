"""The embedder: a sentence-transformers model behind LangChain's `Embeddings`.

Questions and passages get different prompts (embeddinggemma was trained that way; the names `query` and `document`
are sentence-transformers' own). A passage's title goes into its prompt. Vectors are float32, unit length. Where the
machine allows, the layers compute in 8-bit integers (fast_embedder.py).
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.embeddings import Embeddings

from assistant.errors import ModelError
from assistant.weights import locate
from assistant.weights.fast_embedder import settle, uses_int8

if TYPE_CHECKING:
    import numpy as np

#: Changes whenever the text that is embedded for the same passage changes; part of the index fingerprint.
PROMPT_VERSION = "2"

#: Tokens that are computed together, padding included.
_BATCH_TOKENS = 1024
_MAX_TOKENS = 1024
#: Questions whose vectors are kept: the search asks for one, and so does the choice of evidence after it.
_KEPT_QUESTIONS = 256


def embedder_fingerprint(name: str) -> str:
    """What an index records about its embedder: its name and the form of its input.

    The int8 and fp32 forms of a model agree to a cosine of .998 (checked when the former is first made), so their
    vectors may stand in one index.
    """
    return f"{name}/prompt-{PROMPT_VERSION}"


def batches(lengths: Sequence[int], budget: int = _BATCH_TOKENS) -> list[list[int]]:
    """Positions of texts with these token `lengths`, grouped by length so that a padded group keeps to `budget`.

    A text that alone is longer than the budget is a group of its own.
    """
    groups: list[list[int]] = []
    for position in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        # from long to short: the first of a group says how far the others are padded
        if groups and (len(groups[-1]) + 1) * lengths[groups[-1][0]] <= budget:
            groups[-1].append(position)
        else:
            groups.append([position])
    return groups


class SentenceEmbedder(Embeddings):
    """Embeds questions and passages; the model is loaded at first use.

    `exact` keeps fp32 also where the machine could compute in 8 bits: for measuring the difference.
    """

    def __init__(self, name: str, cache: Path, threads: int | None = None, *, exact: bool = False) -> None:
        self.name = name
        self._folder = locate(name, cache)
        self._cache = cache
        self._int8 = not exact and uses_int8(name, cache)
        self.fingerprint = embedder_fingerprint(name)
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Any = None
        self._asked = functools.lru_cache(_KEPT_QUESTIONS)(self._encode_query)

    def _load(self):  # type: ignore[no-untyped-def]
        with self._lock:
            if self._model is None:
                os.environ.setdefault("HF_HUB_OFFLINE", "1")
                os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
                try:
                    import torch
                    from sentence_transformers import SentenceTransformer

                    if self._threads:
                        torch.set_num_threads(self._threads)
                    device = "cpu" if self._int8 else None  # None: a GPU where there is one
                    model = SentenceTransformer(str(self._folder), local_files_only=True, device=device)
                except (OSError, ValueError, RuntimeError) as exc:
                    raise ModelError(
                        f"The embedder in {self._folder} cannot be loaded ({exc}).",
                        "Run `assistant weights verify` and `assistant weights pull`.",
                    ) from exc
                model.max_seq_length = min(model.max_seq_length or _MAX_TOKENS, _MAX_TOKENS)
                settle(model, self.name, self._cache, self._int8, lambda texts: _vectors(model, texts))
                self._model = model
            return self._model

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        model = self._load()
        with self._lock:
            return _vectors(model, texts)

    def _prompt(self, name: str) -> str:
        return (self._load().prompts or {}).get(name) or ""

    def encode_query(self, question: str) -> np.ndarray:
        """One question, shape (dimensions,), read-only: the vectors of the last questions are kept."""
        return self._asked(question)

    def _encode_query(self, question: str) -> np.ndarray:
        vector = self._encode([self._prompt("query") + question])[0]
        vector.flags.writeable = False
        return vector

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Passages with their titles, shape (len(texts), dimensions)."""
        prompt = self._prompt("document")
        if prompt:
            inputs = [
                prompt.replace("none", title.replace("|", " "), 1) + text if title else prompt + text
                for title, text in zip(titles, texts, strict=True)
            ]
        else:
            inputs = [f"{title}\n{text}" if title else text for title, text in zip(titles, texts, strict=True)]
        return self._encode(inputs)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's form of `encode_passages`, without titles."""
        return self.encode_passages([""] * len(texts), texts).tolist()

    def embed_query(self, text: str) -> list[float]:
        """LangChain's form of `encode_query`."""
        return self.encode_query(text).tolist()


def _vectors(model: Any, texts: Sequence[str]) -> np.ndarray:
    """What the loaded `model` makes of `texts` as they are, shape (len(texts), dimensions)."""
    import numpy as np

    found = np.empty((len(texts), model.get_embedding_dimension()), dtype=np.float32)
    lengths = [min(len(ids), _MAX_TOKENS) for ids in model.tokenizer(list(texts))["input_ids"]] if texts else []
    for group in batches(lengths):
        found[group] = model.encode(
            [texts[position] for position in group],
            prompt="",
            batch_size=len(group),
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
    return found
