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
from assistant.index.tokens import Terms, terms
from assistant.index.vectors import Vectors
from assistant.schema import Block, Chunk, Document
from tests.conftest import FAKE_FINGERPRINT

LABELS = ["public"]
ONE, OTHER, NONE = (access_class_of([label]) for label in ("public", "staff", "nobody"))


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


# ---- words


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
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
        chunks.append(Chunk(f"a.txt@0#{ordinal}", "a.txt", ordinal, start, start + len(text), text))
        start += len(text) + 2
    document = Document("a.txt", "a.txt", "", "en", ("public",), "0", "text/plain")
    with write_index(tmp_path_factory.mktemp("many") / "index", FAKE_FINGERPRINT) as index:
        index.catalog.put(document, "", ONE, "\n\n".join(texts), blocks, chunks)
        yield index


QUESTION = Terms(("common", "valv", "usual"), (), ("rare3", "rare17"))


def test_rows_with_a_rare_term_are_scored_by_all_terms(many: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = dict(many.search_words(QUESTION, LABELS, 1000))
    rare = dict(many.search_words(Terms((), (), QUESTION.identifiers), LABELS, 1000))
    assert len(everything) > 250 and 20 < len(rare) < 80
    monkeypatch.setattr(lexical, "_SCORED_ROWS", 40)
    found = many.search_words(QUESTION, LABELS, 1000)
    assert {chunk_id for chunk_id, _ in found} == rare.keys()  # the common words count half
    expected = [(everything[chunk_id] + rare[chunk_id]) / 2 for chunk_id, _ in found]
    assert [score for _, score in found] == pytest.approx(expected)


def test_a_question_of_common_words_alone_is_still_answered(many: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "_SCORED_ROWS", 40)
    assert len(many.search_words(Terms(("common", "usual"), (), ()), LABELS, 10)) == 10
    assert many.search_words(Terms(("absent",), (), ()), LABELS, 10) == []
    assert len(many.search_words(Terms(("absent", "common"), (), ()), LABELS, 10)) == 10


def test_rare_terms_alone_keep_their_scores(many: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Terms(("rare3",), ("공통",), ("rare17",))
    everything = many.search_words(asked, LABELS, 1000)
    monkeypatch.setattr(lexical, "_SCORED_ROWS", 40)
    assert many.search_words(asked, LABELS, 1000) == everything


def test_the_terms_of_a_passage_are_its_words_and_codes(many: Index) -> None:
    first, gone = "a.txt@0#0", "a.txt@0#999"
    text = many.chunks([first], LABELS)[first][0].text
    assert many.terms_of([first, gone], LABELS) == {first: frozenset((*terms(text).words, *terms(text).identifiers))}
    assert many.terms_of([first], ["staff"]) == many.terms_of([], LABELS) == {}


def test_words_are_counted_once_until_something_is_written(many: Index) -> None:
    asked: list[str] = []
    many.catalog._db.set_trace_callback(lambda query: asked.append(query) if "count(" in query else None)
    try:
        counts, total = many.document_frequency(["common", "absent"], LABELS)
        assert counts["common"] > 250 and counts["absent"] == 0 and total == 300 and len(asked) == 3
        assert many.document_frequency(["absent", "common"], LABELS) == (counts, total) and len(asked) == 3
        assert many.document_frequency(["common"], ["staff"]) == ({"common": 0}, 0)  # each reader's own counts
        with sqlite3.connect(many.folder / "catalog.sqlite3") as other:
            other.execute("INSERT INTO meta VALUES ('another', 'writer')")
        asked.clear()
        many.document_frequency(["common"], LABELS)
        assert len(asked) == 2
        many.catalog.set_meta({"own": "write"})
        many.document_frequency(["common"], LABELS)
        assert len(asked) == 4
    finally:
        many.catalog._db.set_trace_callback(None)


def test_every_passage_of_a_long_text_is_its_slice(many: Index) -> None:
    text = (many.document_text("a.txt", LABELS) or (None, ""))[1]
    found = many.chunks([f"a.txt@0#{number}" for number in (0, 150, 299)], LABELS)
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
