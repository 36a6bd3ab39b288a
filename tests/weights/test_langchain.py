"""The embedder by LangChain's own standard tests: with a stand-in for its library, and with the real model."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from assistant.settings import Settings
from assistant.weights.embedder import SentenceEmbedder


class _Model:
    """What the embedder uses of a sentence-transformers model: letters counted into unit vectors."""

    prompts = {"query": "query: ", "document": "title: none | text: "}  # noqa: RUF012
    max_seq_length = 2048

    def __init__(self, folder: str, **options: Any) -> None:
        assert options["local_files_only"]

    def tokenizer(self, texts: list[str]) -> dict[str, list[list[int]]]:
        return {"input_ids": [[ord(letter) for letter in text] for text in texts]}

    def get_embedding_dimension(self) -> int:
        return 16

    def encode(self, texts: Sequence[str], **options: Any) -> np.ndarray:
        rows = np.stack([np.bincount([ord(letter) % 16 for letter in text], minlength=16) for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("assistant.weights.embedder.locate", lambda name, cache: tmp_path)
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=_Model))


class _OnAStandIn:
    @pytest.fixture(autouse=True)
    def _stand_in(self, stand_in: None) -> None:
        """No model is loaded."""

    @property
    def embeddings_class(self) -> type[Embeddings]:
        return SentenceEmbedder

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"name": "stand-in", "cache": Path("nowhere")}


class TestUnit(_OnAStandIn, EmbeddingsUnitTests):
    pass


@pytest.mark.anyio
class TestIntegration(_OnAStandIn, EmbeddingsIntegrationTests):
    pass


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.anyio
class TestWithTheModel(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return SentenceEmbedder

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        settings = Settings()
        return {"name": settings.embedder, "cache": settings.cache, "threads": 1}
