from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assistant.cli import cli
from tests.fakes import FakeEmbedder


class _Embedder(FakeEmbedder):
    def __init__(self, *_: Any, exact: bool = False) -> None:
        super().__init__()


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("assistant.weights.embedder.SentenceEmbedder", _Embedder)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["eval", *map(str, arguments)])


def test_a_set_is_measured_and_compared_with_an_earlier_run(tiny_set: Path, tmp_path: Path) -> None:
    pytest.importorskip("ir_measures")
    first = run(tiny_set, "--json", "--outcomes", tmp_path / "run.jsonl")
    assert first.exit_code == 0, first.output
    figures = json.loads(first.stdout)
    assert figures["set"] == "tiny_dev" and figures["questions"] == 3
    assert figures["retrievers"]["assistant"]["hit@5"]["mean"] == 1.0
    rows = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["id"], row["retriever"]) for row in rows] == [(f"q{n}", "assistant") for n in (1, 2, 3)]
    again = run(tiny_set, "--limit", 2, "--compare", tmp_path / "run.jsonl")
    assert "2 questions in both): 0 better, 0 worse" in again.stdout


def test_peers_and_the_report(tiny_set: Path, tmp_path: Path) -> None:
    for package in ("ir_measures", "bm25s", "langchain_classic", "matplotlib"):
        pytest.importorskip(package)
    result = run(tiny_set, "--peer", "--report", tmp_path / "report.html")
    assert result.exit_code == 0, result.output
    assert "ours / it" in result.stdout and "LangChain ensemble" in result.stdout
    assert "<svg" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("flags", [["--answers"], ["--answers", "--peer"]])
def test_a_folder_has_no_keys_for_answers(tiny_set: Path, flags: list[str]) -> None:
    result = run(tiny_set, *flags)
    assert result.exit_code == 1 and "no keys" in result.output


def test_peers_need_a_folder(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"id": "x", "question": "?"}\n', encoding="utf-8")
    assert "BEIR form" in run(tmp_path / "questions.jsonl", "--peer").output
    assert "names the documents" in run(tmp_path / "questions.jsonl").output


def test_an_absent_package_is_named_with_the_remedy(tiny_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ir_measures", None)
    result = run(tiny_set)
    assert result.exit_code == 1 and "ir-measures" in result.output and "requirements-dev" in result.output
