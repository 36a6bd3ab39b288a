"""Where a run's work is done is decided by the settings; these need no Ray."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import ClusterError
from assistant.index.store import write_index
from assistant.ingest import commands, ingest
from assistant.ingest.cluster import LOCAL, Cluster
from assistant.ingest.precomputed import PrecomputedEmbedder
from assistant.ingest.sandbox import Sandbox
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder


class Counting(FakeEmbedder):
    """Takes three passages at once."""

    batch = 3

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        self.sizes.append(len(texts))
        return super().encode_passages(titles, texts)


def test_an_embedder_gets_as_many_passages_as_it_takes(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(7):
        (folder / f"{number}.txt").write_text(f"회원사 {number}곳이 참여합니다.", encoding="utf-8")
    embedder = Counting()
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([folder], index, PrecomputedEmbedder(embedder, {}))
    assert embedder.sizes == [3, 3, 1]


def test_the_setting_chooses_the_cluster(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.weights.embedder.locate", lambda *given: tmp_path)
    monkeypatch.setenv("ASSISTANT_RAY", "")
    assert isinstance(commands._Ingestion([corpus], tmp_path / "index").executor, Sandbox)
    monkeypatch.setenv("ASSISTANT_RAY", LOCAL)
    assert isinstance(commands._Ingestion([corpus], tmp_path / "index").executor, Cluster)


def test_without_ray_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match="not installed") as told, Cluster(LOCAL, lambda threads: FakeEmbedder(), ""):
        pass
    assert "alliance-assistant[ray]" in told.value.hint
