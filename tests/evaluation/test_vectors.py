from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.errors import IndexCorrupt
from assistant.evaluation.vectors import CachedEmbedder, cache_file
from tests.fakes import FakeEmbedder


def test_what_was_embedded_is_not_embedded_again(tmp_path: Path) -> None:
    embedder, file = FakeEmbedder(), cache_file(tmp_path, FakeEmbedder.fingerprint)
    first = CachedEmbedder(embedder, file)
    made = first.encode_passages(["a", "", "a"], ["eins", "zwei", "eins"])
    asked = first.encode_query("eins")
    first.close()
    again = CachedEmbedder(embedder, file)
    assert np.array_equal(again.encode_passages(["", "a"], ["zwei", "eins"]), made[[1, 0]])
    assert np.array_equal(again.encode_query("eins"), asked)
    assert sorted(embedder.passages) == ["eins", "zwei"] and embedder.queries == ["eins"]


def test_titles_and_roles_are_part_of_the_content(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    cached = CachedEmbedder(embedder, tmp_path / "vectors.sqlite3")
    cached.encode_passages(["one", "two"], ["text", "text"])
    cached.encode_query("text")
    assert embedder.passages == ["text", "text"] and embedder.queries == ["text"]


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    embedder, texts = FakeEmbedder(), [f"text {number}" for number in range(40)]
    embedder.fail_after = 16
    with pytest.raises(KeyboardInterrupt):
        CachedEmbedder(embedder, tmp_path / "vectors.sqlite3").encode_passages([""] * 40, texts)
    embedder.fail_after = None
    assert CachedEmbedder(embedder, tmp_path / "vectors.sqlite3").encode_passages([""] * 40, texts).shape == (40, 64)
    assert sorted(embedder.passages) == sorted(texts)


def test_another_embedder_has_another_file(tmp_path: Path) -> None:
    assert cache_file(tmp_path, "one/prompt-1") != cache_file(tmp_path, "two/prompt-1")
    (tmp_path / "vectors.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(IndexCorrupt, match="cannot be used"):
        CachedEmbedder(FakeEmbedder(), tmp_path / "vectors.sqlite3")
