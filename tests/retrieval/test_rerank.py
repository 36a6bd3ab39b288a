from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.index import Index
from assistant.retrieval import HybridRetriever
from assistant.retrieval.rerank import open_reranker
from assistant.settings import load_settings
from tests.fakes import FakeEmbedder


def test_a_reranker_changes_the_order_and_keeps_the_scores(index: Index, embedder: FakeEmbedder) -> None:
    asked: list[tuple[str, Sequence[str]]] = []

    def backwards(query: str, passages: Sequence[str]) -> list[float]:
        asked.append((query, passages))
        return [float(number) for number in range(len(passages))]

    plain = HybridRetriever(index, embedder).search("선도프로젝트 지원", ["public"], 50)
    found = HybridRetriever(index, embedder, backwards).search("선도프로젝트 지원", ["public"], 50)
    assert len(plain) > 1 and [hit.chunk.chunk_id for hit in found] == [hit.chunk.chunk_id for hit in plain][::-1]
    assert [hit.score for hit in found] == [hit.score for hit in plain]
    assert asked[0][0] == "선도프로젝트 지원" and asked[0][1][0].startswith(plain[0].document.title)
    assert HybridRetriever(index, embedder, backwards).search("선도프로젝트", [], 5) == []


def test_off_unless_a_model_is_there(tmp_path: Path) -> None:
    assert load_settings().reranker is None and open_reranker(None) is None
    with pytest.raises(SettingsError, match="holds no model"):
        open_reranker(tmp_path)
