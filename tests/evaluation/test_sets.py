from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import PathError
from assistant.evaluation.sets import LABELS, load_retrieval_set, set_index
from assistant.retrieval import HybridRetriever
from tests.fakes import FakeEmbedder


def test_a_set_holds_the_questions_that_have_a_passage(tiny_set: Path) -> None:
    chosen = load_retrieval_set(tiny_set)
    assert chosen.name == "tiny_dev" and len(chosen.passages) == 5
    assert list(chosen.questions) == ["q1", "q2", "q3"]
    assert chosen.qrels == {"q1": {"p/1": 1}, "q2": {"p/3": 2}, "q3": {"p/4": 1}}
    assert list(load_retrieval_set(tiny_set, limit=1).questions) == ["q1"]


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("corpus.jsonl", '{"_id": "p/9"}', "corpus.jsonl, line 6"),
        ("queries.jsonl", "not json", "queries.jsonl, line 5"),
        ("qrels.tsv", "q1\tnowhere\t1", "qrels.tsv, line 6: there is no passage 'nowhere'"),
        ("qrels.tsv", "q1\tp/1", "qrels.tsv, line 6"),
    ],
)
def test_a_bad_line_is_named(tiny_set: Path, name: str, line: str, message: str) -> None:
    with (tiny_set / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(PathError, match=message):
        load_retrieval_set(tiny_set)


def test_a_missing_file_is_an_error_not_an_empty_set(tiny_set: Path) -> None:
    (tiny_set / "qrels.tsv").unlink()
    with pytest.raises(PathError, match=r"qrels\.tsv cannot be read"):
        load_retrieval_set(tiny_set)


def test_a_set_is_searched_with_the_product_s_index(tiny_set: Path, tmp_path: Path) -> None:
    chosen, embedder = load_retrieval_set(tiny_set), FakeEmbedder()
    with set_index(chosen, tmp_path, embedder) as index:
        hit = HybridRetriever(index, embedder).search("SV0401", LABELS, 1)[0]
        assert (hit.document.document_id, hit.document.title) == ("p/4", "Alarms")
        lockout = index.seen_by(LABELS).document_text("p/3")
        assert lockout and lockout[1].startswith("Lockout\n")  # read as Markdown, like a user's file
        assert index.seen_by(LABELS).counts() == {"documents": 4, "chunks": 4, "waiting": 0}
    with set_index(chosen, tmp_path, embedder):
        assert len(embedder.passages) == 4  # kept: nothing was embedded again
