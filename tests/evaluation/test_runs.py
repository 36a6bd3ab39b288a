from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import PathError
from assistant.evaluation import runs

QUESTIONS = {"q1": "하나?", "q2": "two?"}
QRELS = {"q1": {"a": 1}, "q2": {"b": 1, "c": 1}}


def run_of(name: str, found: dict[str, list[str]]) -> list[runs.Outcome]:
    return runs.run(name, lambda question_id, _: found[question_id], QUESTIONS, QRELS)


def test_repeats_count_once() -> None:
    first, second = run_of(runs.OURS, {"q1": ["x", "x", "a"], "q2": []})
    assert (first.found, first.first, first.measures["mrr@10"]) == (("x", "a"), 2, 0.5)
    assert (second.found, second.first, second.measures["ndcg@10"]) == ((), None, 0.0)


def test_ours_stands_beside_the_others_as_a_ratio() -> None:
    found = {
        runs.OURS: run_of(runs.OURS, {"q1": ["a"], "q2": ["b", "c"]}),
        "half": run_of("half", {"q1": ["a"], "q2": []}),
        "none": run_of("none", {"q1": [], "q2": []}),
    }
    rows = runs.summary(found)["retrievers"]
    assert rows["half"]["ours_as_ratio"] == 2.0 and rows["half"]["ours_minus_it"]["mean"] == 0.5
    assert rows["none"]["ours_as_ratio"] is None
    assert "ours_as_ratio" not in rows[runs.OURS]


def test_a_run_is_kept_and_compared_question_by_question(tmp_path: Path) -> None:
    before = run_of(runs.OURS, {"q1": ["x", "a"], "q2": ["b", "c"]})
    runs.write(tmp_path / "run.jsonl", {runs.OURS: before, "peer": run_of("peer", {"q1": [], "q2": []})})
    assert runs.read(tmp_path / "run.jsonl") == before
    now = run_of(runs.OURS, {"q1": ["a"], "q2": ["b", "x", "c"]})
    found = runs.compare(now, before)
    assert (found["shared"], found["better"], found["worse"]) == (2, 1, 1)
    assert [(row["id"], row["before"]["rank"], row["now"]["rank"]) for row in found["changed"]] == [
        ("q2", 1, 1),
        ("q1", 2, 1),
    ]
    assert found["difference"]["mrr@10"]["mean"] == pytest.approx(0.25)
    assert runs.compare(before, before)["changed"] == []


@pytest.mark.parametrize("content", ["", "{}\n", "no json\n", '{"retriever": "assistant", "id": "q"}\n'])
def test_what_is_no_run_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(PathError):
        runs.read(tmp_path / "run.jsonl")
