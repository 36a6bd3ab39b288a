"""The measurement of large indexes: what is built, that a stopped run goes on, and that all figures are there."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import PathError
from assistant.evaluation import scale
from assistant.index.store import fingerprint, write_index
from assistant.text.tokens import terms

EXPECTED = fingerprint("copies", "copies")
VECTORS = np.random.default_rng(0).standard_normal((5, 8)).astype(np.float32)


@pytest.fixture
def passages(corpus: Path) -> list[scale.Original]:
    return scale.originals([corpus])


def test_originals_are_the_passages_of_text_files(passages: list[scale.Original], corpus: Path) -> None:
    assert {each.language for each in passages} == {"ko", "en"}
    assert any("153개" in each.words for each in passages)
    for path in corpus.iterdir():
        path.rename(path.with_suffix(".bin"))
    with pytest.raises(PathError):
        scale.originals([corpus])


def test_a_copy_keeps_most_words_and_changes_numbers(passages: list[scale.Original]) -> None:
    original = scale.Original(("word",) * 900 + ("12345",) * 100, (), "en")
    words = scale.changed(original, ["other"], random.Random(0))
    assert 100 < words.count("other") < 300 and len(words) == 1000
    numbers = [word for word in words if word.isdigit()]
    assert 20 < sum(number != "12345" for number in numbers) < len(numbers)


def test_turned_vectors_are_near_their_originals_and_always_the_same() -> None:
    wide = np.eye(4, 256, dtype=np.float32)
    found = scale.turned(wide, ["a", "b", "c"])
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found @ wide.T).max(axis=1) == pytest.approx([0.8] * 3, abs=0.1)
    assert np.array_equal(found[1], scale.turned(wide, ["b"])[0])


def test_a_stopped_run_goes_on_and_the_figures_are_whole(passages: list[scale.Original], tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with write_index(folder, EXPECTED) as index:
        assert not scale.grow(index, passages, VECTORS, 200, deadline=0)
        assert scale.grow(index, passages, VECTORS, 100, math.inf)
        first = index.catalog.states()
        assert scale.grow(index, passages, VECTORS, 200, math.inf)
        states = index.catalog.chunk_states()
        assert len(states) == 200 and all(stored for _, stored in states.values())
        assert first.items() <= index.catalog.states().items()
        assert index.differences() == {"missing": [], "orphaned": []}
        visible = index.seen_by(scale.VISIBLE).counts()["chunks"]
        assert 0.5 < visible / 200 < 0.9  # whole documents: nearer to two thirds the larger it is
        document = index.seen_by(scale.VISIBLE).documents()[0]
        text = (index.seen_by(scale.VISIBLE).document_text(document.document_id) or (None, ""))[1]
        assert index.seen_by(scale.VISIBLE).search_words(terms(" ".join(text.split()[:8])), 5)
    questions = ["회원사는 몇 개입니까?", "Who applies a lock?"]
    figures = scale.measure(folder, EXPECTED, questions, scale.turned(VECTORS, questions))
    stages = {"terms", "words", "vectors", "owners", "their terms", "passages", "frequencies"}
    assert set(figures["ms"]) == stages | {"question to hits"}
    assert figures["visible"] == pytest.approx(visible / 200, abs=0.001)
    assert figures["disk_mb"]["catalog"] > 0 and figures["disk_mb"]["vectors"] > 0
