"""The comparison of the embedder's two forms: which passages, the same for both, and what a rounding error costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.evaluation import embedding
from assistant.evaluation.vectors import CachedEmbedder, Embedder
from assistant.settings import Settings
from tests.fakes import FakeEmbedder


class Coarse(FakeEmbedder):
    """Vectors that keep the first dimensions only."""

    fingerprint = "fake/coarse"
    kept = 4

    def encode_query(self, question: str) -> np.ndarray:
        return self._cut(super().encode_query(question)[None])[0]

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        return self._cut(super().encode_passages(titles, texts))

    def _cut(self, vectors: np.ndarray) -> np.ndarray:
        cut = np.where(np.arange(vectors.shape[1]) < self.kept, vectors, 0)
        found: np.ndarray = cut / np.linalg.norm(cut, axis=1, keepdims=True)
        return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path)


def cached(embedder: Embedder, tmp_path: Path) -> CachedEmbedder:
    return CachedEmbedder(embedder, tmp_path / f"{type(embedder).__name__}.sqlite3")


def test_passages_are_those_of_the_index_with_their_titles(tiny_set: Path, settings: Settings, tmp_path: Path) -> None:
    sources = embedding.passages([tiny_set], settings, cached(FakeEmbedder(), tmp_path))
    assert list(sources) == ["tiny_dev"] and len(sources["tiny_dev"]) == 4  # the empty one is not indexed
    assert ("Alarms", "SV0401 servo drive not ready: check the cable.") in sources["tiny_dev"]


def test_sources_take_turns() -> None:
    sources = {"a": [("", "1"), ("", "2"), ("", "3")], "b": [("", "x")]}
    assert [text for _, text in embedding.in_turn(sources, 3)] == ["1", "x", "2"]
    assert len(embedding.in_turn(sources, 100)) == 4


def test_both_forms_are_timed_on_every_passage_in_turn() -> None:
    seen: list[tuple[str, Any]] = []
    encoders = {form: lambda group, form=form: seen.append((form, group)) for form in ("fp32", "int8")}
    figures = embedding.speed(encoders, [[("", "one")], [("", "three")]])
    assert [form for form, _ in seen] == ["fp32", "int8"] * (2 * embedding._TURNS)
    assert figures["passages"] == 2 and figures["mean_chars"] == 4
    assert {"fp32_per_s", "int8_per_cpu_s", "ratio", "cpu_ratio"} <= figures.keys()


def test_the_same_vectors_lose_nothing_and_worse_ones_show(tiny_set: Path, settings: Settings, tmp_path: Path) -> None:
    exact, coarse = cached(FakeEmbedder(), tmp_path), cached(Coarse(), tmp_path)
    chosen = embedding.passages([tiny_set], settings, exact)["tiny_dev"]
    assert embedding.nearness(exact, exact, chosen)["min"] == pytest.approx(1, abs=1e-4)
    assert embedding.nearness(exact, coarse, chosen)["mean"]["mean"] < 0.9
    figures, gains = embedding.loss(tiny_set, settings, exact, exact)
    assert figures["dense"]["fp32"] == 1.0 and gains["assistant"] == dict.fromkeys(("q1", "q2", "q3"), 0.0)
    figures, gains = embedding.loss(tiny_set, settings, exact, coarse)
    assert figures["dense"]["int8_minus_fp32"]["mean"] < 0 and min(gains["dense"].values()) < 0
