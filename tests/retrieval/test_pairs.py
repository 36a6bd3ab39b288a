"""The same hits on both pairs of stores, and an index that is carried from one to the other and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.access import PUBLIC
from assistant.errors import PathError
from assistant.evaluation.crash import stored
from assistant.ingest.opened import open_set_index
from assistant.operations.moving import copy_from, copy_into
from assistant.retrieval import HybridRetriever
from assistant.settings import Settings
from tests.conftest import PROJECT
from tests.pairs import Pair, used


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.server
def test_forty_questions_find_the_same(corpus_index: Path, servers: Pair, tmp_path: Path) -> None:
    from assistant.weights.embedder import SentenceEmbedder

    lines = (PROJECT / "tests" / "questions" / "first_40.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    files = Settings(index=corpus_index)
    there = Settings(index=tmp_path / "there", index_url=servers.url, chroma_url=servers.chroma)
    back = Settings(index=tmp_path / "back")
    embedder = SentenceEmbedder(files.embedder, files.cache)
    with used(servers):
        counts = copy_from(corpus_index, there)
        assert counts["vectors"] == counts["chunks"] > 1000
        with pytest.raises(PathError, match="already"):
            copy_from(corpus_index, there)
        assert copy_into(back.index, there) == counts
        with open_set_index(files) as first, open_set_index(there) as second, open_set_index(back) as third:
            whole, there_too, carried_back = (stored(each) for each in (first, second, third))
            for found in (there_too, carried_back):
                vectors = found.pop("vectors")
                assert vectors.keys() == whole["vectors"].keys()
                for vector_id, (access_class, values) in whole["vectors"].items():
                    assert vectors[vector_id][0] == access_class
                    assert vectors[vector_id][1] == pytest.approx(values, abs=2e-5)
                assert found == {name: rows for name, rows in whole.items() if name != "vectors"}
            for question in questions:
                here, on_servers, again = (
                    HybridRetriever(each, embedder).search(question, frozenset({PUBLIC}), 10)
                    for each in (first, second, third)
                )
                order = [hit.passage.chunk_id for hit in here]
                assert len(order) == 10 and order == [hit.passage.chunk_id for hit in on_servers], question
                assert order == [hit.passage.chunk_id for hit in again], question
                assert [hit.score for hit in here] == pytest.approx([hit.score for hit in on_servers], abs=1e-4)
