from __future__ import annotations

from pathlib import Path

import pytest

from assistant.evaluation import peers
from assistant.evaluation.sets import load_retrieval_set, set_index
from tests.fakes import FakeEmbedder

pytest.importorskip("bm25s")
pytest.importorskip("langchain_classic")


def test_every_peer_searches_the_same_passages(tiny_set: Path, tmp_path: Path) -> None:
    chosen, embedder = load_retrieval_set(tiny_set), FakeEmbedder()
    with set_index(chosen, tmp_path, embedder) as index:
        found = peers.peers(chosen, index, embedder, FakeEmbedder())
        for name, search in found.items():
            ranking = search("SV0401 servo")
            assert ranking[0] == "p/4", name
            assert set(ranking) <= {passage.id for passage in chosen.passages}, name
        assert len(found[peers.PLAIN]("선도프로젝트")) <= 4
        # whitespace keeps the particle on the word, morphemes do not
        assert found[peers.WHITESPACE]("선도프로젝트는?") == []
        assert found[peers.KIWI]("선도프로젝트는?")[0] == "p/1"
        assert found[peers.ENSEMBLE]("선도프로젝트는?")[0] == "p/1"
