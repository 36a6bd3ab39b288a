"""The embedder: a sentence-transformers model behind LangChain's `Embeddings`.

Questions and passages get different prompts (embeddinggemma was trained that way; the names `query` and `document`
are sentence-transformers' own). A passage's title goes into its prompt. Vectors are float32, unit length.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from assistant.errors import ModelError
from assistant.weights import locate

if TYPE_CHECKING:
    import numpy as np

#: Changes whenever the text that is embedded for the same passage changes; part of the index fingerprint.
PROMPT_VERSION = "2"

_BATCH = 8
_MAX_TOKENS = 1024


def embedder_fingerprint(name: str) -> str:
    """What an index records about its embedder."""
    return f"{name}/prompt-{PROMPT_VERSION}"


class SentenceEmbedder(Embeddings):
    """Embeds questions and passages; the model is loaded at first use."""

    def __init__(self, name: str, cache: Path, threads: int | None = None) -> None:
        self.name = name
        self.fingerprint = embedder_fingerprint(name)
        self._folder = locate(name, cache)
        self._threads = threads
        self._lock = threading.Lock()
        self._model = None

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
                    self._model = SentenceTransformer(str(self._folder), local_files_only=True)
                except (OSError, ValueError, RuntimeError) as exc:
                    raise ModelError(
                        f"The embedder in {self._folder} cannot be loaded ({exc}).",
                        "Run `assistant weights verify` and `assistant weights pull`.",
                    ) from exc
                self._model.max_seq_length = min(self._model.max_seq_length or _MAX_TOKENS, _MAX_TOKENS)
            return self._model

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        model = self._load()
        with self._lock:
            return model.encode(
                list(texts),
                prompt="",
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )

    def _prompt(self, name: str) -> str:
        return (self._load().prompts or {}).get(name) or ""

    def encode_query(self, question: str) -> np.ndarray:
        """One question, shape (dimensions,)."""
        return self._encode([self._prompt("query") + question])[0]

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
