"""Search in a large index: nothing found changes, and what grows with the index is not done for every question."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.index import Index, lexical
from assistant.index.store import access_class_of, write_index
from assistant.index.vectors import Vectors
from assistant.schema import Block, Document, Passage
from assistant.text.tokens import Terms, terms
from tests.conftest import FAKE_FINGERPRINT

LABELS = ["public"]
ONE, OTHER, NONE = (access_class_of([label]) for label in ("public", "staff", "nobody"))


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


# ---- words


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, pair: object) -> Iterator[Index]:
    """300 passages: `common` in most of them, `rare7` in few, all in one document."""
    rng = random.Random(1)
    texts = [
        " ".join(
            rng.choices(["common", "usual", "frequent", "valve", "motor"], k=12)
            + [f"rare{rng.randrange(40)}" for _ in range(3)]
        )
        for _ in range(300)
    ]
    blocks, chunks, start = [], [], 0
    for ordinal, text in enumerate(texts):
        blocks.append(Block("paragraph", start, start + len(text)))
        chunks.append(Passage(f"a.txt@0#{ordinal}", "a.txt", ordinal, start, start + len(text), text))
        start += len(text) + 2
    document = Document("a.txt", "a.txt", "", "en", ("public",), "0", "text/plain")
    with write_index(tmp_path_factory.mktemp("many") / "index", FAKE_FINGERPRINT) as index:
        index.catalog.put(document, "", ONE, "\n\n".join(texts), blocks, chunks)
        yield index


QUESTION = Terms(("common", "valv", "usual"), (), ("rare3", "rare17"))


def test_rows_with_a_rare_term_are_scored_by_all_terms(many: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = dict(many.seen_by(LABELS).search_words(QUESTION, 1000))
    rare = dict(many.seen_by(LABELS).search_words(Terms((), (), QUESTION.identifiers), 1000))
    assert len(everything) > 250 and 20 < len(rare) < 80
    monkeypatch.setattr(lexical, "_SCORED_ROWS", 40)
    found = many.seen_by(LABELS).search_words(QUESTION, 1000)
    assert {chunk_id for chunk_id, _ in found} == rare.keys()  # the common words count half
    expected = [(everything[chunk_id] + rare[chunk_id]) / 2 for chunk_id, _ in found]
    assert [score for _, score in found] == pytest.approx(expected)


def test_a_question_of_common_words_alone_is_still_answered(many: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "_SCORED_ROWS", 40)
    assert len(many.seen_by(LABELS).search_words(Terms(("common", "usual"), (), ()), 10)) == 10
    assert many.seen_by(LABELS).search_words(Terms(("absent",), (), ()), 10) == []
    assert len(many.seen_by(LABELS).search_words(Terms(("absent", "common"), (), ()), 10)) == 10


def test_rare_terms_alone_keep_their_scores(many: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Terms(("rare3",), ("공통",), ("rare17",))
    everything = many.seen_by(LABELS).search_words(asked, 1000)
    monkeypatch.setattr(lexical, "_SCORED_ROWS", 40)
    assert many.seen_by(LABELS).search_words(asked, 1000) == everything


def test_the_terms_of_a_passage_are_its_words_and_codes(many: Index) -> None:
    first, gone = "a.txt@0#0", "a.txt@0#999"
    text = many.seen_by(LABELS).chunks([first])[first][0].text
    assert many.seen_by(LABELS).terms_of([first, gone]) == {
        first: frozenset((*terms(text).words, *terms(text).identifiers))
    }
    assert many.seen_by(["staff"]).terms_of([first]) == many.seen_by(LABELS).terms_of([]) == {}


@pytest.mark.embedded
def test_words_are_counted_once_until_something_is_written(many: Index) -> None:
    asked: list[str] = []
    many.catalog._db.set_trace_callback(lambda query: asked.append(query) if "count(" in query else None)
    try:
        counts, total = many.seen_by(LABELS).document_frequency(["common", "absent"])
        assert counts["common"] > 250 and counts["absent"] == 0 and total == 300 and len(asked) == 3
        assert many.seen_by(LABELS).document_frequency(["absent", "common"]) == (counts, total) and len(asked) == 3
        assert many.seen_by(["staff"]).document_frequency(["common"]) == ({"common": 0}, 0)  # each reader's own counts
        with sqlite3.connect(many.folder / "catalog.sqlite3") as other:
            other.execute("INSERT INTO meta VALUES ('another', 'writer')")
        asked.clear()
        many.seen_by(LABELS).document_frequency(["common"])
        assert len(asked) == 2
        many.database.set_meta({"own": "write"})
        many.seen_by(LABELS).document_frequency(["common"])
        assert len(asked) == 4
    finally:
        many.catalog._db.set_trace_callback(None)


def test_every_passage_of_a_long_text_is_its_slice(many: Index) -> None:
    text = (many.seen_by(LABELS).document_text("a.txt") or (None, ""))[1]
    found = many.seen_by(LABELS).chunks([f"a.txt@0#{number}" for number in (0, 150, 299)])
    assert len(found) == 3 and all(text[c.start : c.end] == c.text and "rare" in c.text for c, _ in found.values())


# ---- vectors


def test_the_best_of_several_collections_come_first(tmp_path: Path) -> None:
    vectors = Vectors(tmp_path / "vectors")
    assert vectors.search(unit(1, 0), [ONE], 5) == []
    vectors.add(ONE, ["a", "b"], np.stack([unit(1, 0), unit(0, 1)]))
    vectors.add(OTHER, ["c"], np.stack([unit(3, 1)]))
    found = vectors.search(unit(1, 0), [ONE, NONE, OTHER], 5)
    assert [name for name, _ in found] == ["a", "c", "b"]
    assert [cosine for _, cosine in found] == pytest.approx([1.0, 3 / 10**0.5, 0.0], abs=1e-5)
    assert [name for name, _ in vectors.search(unit(1, 0), [ONE], 1)] == ["a"]


def test_collections_are_looked_up_once_and_again_when_they_are_new_or_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = Vectors(tmp_path / "vectors")
    vectors.add(ONE, ["a"], np.stack([unit(1, 0)]))
    vectors.search(unit(1, 0), [ONE], 5)
    client: Any = vectors._client
    listed: list[int] = []
    honest = client.list_collections
    monkeypatch.setattr(client, "list_collections", lambda: listed.append(1) or honest())
    for _ in range(3):
        assert len(vectors.search(unit(1, 0), [ONE], 5)) == 1
    assert not listed
    vectors.add(OTHER, ["b"], np.stack([unit(0, 1)]))
    assert len(vectors.search(unit(1, 0), [ONE, OTHER], 5)) == 2 and len(listed) == 1
    client.delete_collection(f"class-{ONE}")  # as another process does that makes the vectors anew
    vectors.add(ONE, ["z"], np.stack([unit(1, 1)]))
    assert [name for name, _ in vectors.search(unit(1, 0), [ONE], 5)] == ["z"]


def points(count: int, seed: int, dimensions: int = 24) -> np.ndarray:
    found = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_small_collections_are_compared_exactly_whatever_order_they_were_written_in(tmp_path: Path) -> None:
    rows, questions = points(3000, 1, 64), points(25, 2, 64)
    names = [f"v{number:04}" for number in range(3000)]
    one, other = Vectors(tmp_path / "one"), Vectors(tmp_path / "other")
    one.add(ONE, names, rows)
    order = np.random.default_rng(3).permutation(3000)
    for first in range(0, 3000, 970):
        part = order[first : first + 970]
        other.add(ONE, [names[at] for at in part], rows[part])
    for question in questions:
        found = one.search(question, [ONE], 20)
        assert found == other.search(question, [ONE], 20)
        assert [name for name, _ in found] == [names[at] for at in np.argsort(-(rows @ question), kind="stable")[:20]]


def test_equal_vectors_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    vectors = Vectors(tmp_path / "vectors")
    vectors.add(OTHER, ["m"], np.stack([unit(1, 2)]))
    vectors.add(ONE, ["z", "a", "k"], np.stack([unit(1, 2)] * 3))
    assert [name for name, _ in vectors.search(unit(1, 0), [ONE, OTHER], 4)] == ["a", "k", "m", "z"]


def test_what_is_written_and_removed_counts_at_once(tmp_path: Path) -> None:
    vectors = Vectors(tmp_path / "vectors")
    vectors.add(ONE, ["a", "b"], np.stack([unit(1, 0), unit(0, 1)]))
    assert [name for name, _ in vectors.search(unit(1, 0), [ONE], 5)] == ["a", "b"]
    vectors.add(ONE, ["c", "b"], np.stack([unit(9, 1), unit(99, 1)]))
    assert [name for name, _ in vectors.search(unit(1, 0), [ONE], 5)] == ["a", "b", "c"]
    vectors.remove(ONE, ["a"])
    assert [name for name, _ in vectors.search(unit(1, 0), [ONE], 5)] == ["b", "c"]
    vectors.remove(ONE, ["b", "c"])
    assert vectors.search(unit(1, 0), [ONE], 5) == []


def test_large_collections_are_searched_by_their_graph_and_memory_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.index.vectors.EXACT", 50)
    monkeypatch.setattr("assistant.index.vectors._HELD", 70)
    vectors, classes = Vectors(tmp_path / "vectors"), [access_class_of([name]) for name in "abcd"]
    for place, access_class in enumerate(classes):
        rows = points(60 if not place else 40, place)
        vectors.add(access_class, [f"{place}-{number}" for number in range(len(rows))], rows)
    question = points(1, 9)[0]
    found = vectors.search(question, classes, 100)
    assert len(found) == 100 and {name[0] for name, _ in found} == {"0", "1", "2", "3"}
    held = [rows for rows in vectors._small.values() if rows]
    assert sum(len(rows.ids) for rows in held) <= 70 and vectors._small.get(f"class-{classes[0]}", None) is None
    assert vectors.search(question, classes, 100) == found
