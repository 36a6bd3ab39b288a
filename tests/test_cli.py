"""The command line's doors and its answers to bad input. No model is loaded here: every error comes before that."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.ingest.chunking import CHUNKER
from tests.conftest import PROJECT


def run(*arguments: str, cache: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `assistant …` as a user would."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), **env}
    if cache:
        environment["ASSISTANT_CACHE"] = str(cache)
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments], capture_output=True, text=True, env=environment, timeout=120
    )


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One clear sentence on stderr, nothing on stdout, no stack trace, exit code 1."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == "" and "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A cache whose files have the right names and sizes but were never loaded: sparse, so they cost nothing."""
    from assistant.weights.registry import find

    cache = tmp_path / "cache"
    for name in ("qwen2.5-coder-1.5b-instruct", "embeddinggemma-300m"):
        for file in find(name).files:
            path = cache / "models" / name / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as sparse:
                sparse.truncate(file.size)
    return cache


@pytest.fixture
def other_index(tmp_path: Path) -> Path:
    """An index that another embedder built."""
    from assistant.index import fingerprint
    from assistant.index.store import write_index

    with write_index(tmp_path / "other", fingerprint("another-embedder/prompt-1", CHUNKER)):
        pass
    return tmp_path / "other"


def test_question_or_batch(tmp_path: Path) -> None:
    refused(run("ask"), "question", "--batch")
    refused(run("ask", "x", "--batch", "y.jsonl"), "question", "--batch")


@pytest.mark.parametrize("question", ["", "   ", "\x07", "가" * 10_000])
def test_bad_questions(question: str) -> None:
    refused(run("ask", question), "question")


def test_a_missing_index_names_the_command(tmp_path: Path) -> None:
    for arguments in (["ask", "얼라이언스 회원 수는?"], ["search", "x"], ["documents", "list"]):
        refused(run(*arguments, "--index", str(tmp_path / "none")), "no index", "assistant ingest")
    assert not (tmp_path / "none").exists()


def test_an_index_of_another_embedder_names_the_command(other_index: Path) -> None:
    for command in (["ask", "얼라이언스 회원 수는?"], ["search", "회원"], ["documents", "list"]):
        refused(run(*command, "--index", str(other_index)), "another-embedder", "--rebuild")


def test_missing_and_truncated_weights(tmp_path: Path, weights: Path) -> None:
    (tmp_path / "a.md").write_text("문서입니다.", encoding="utf-8")
    refused(
        run("ingest", str(tmp_path / "a.md"), "--index", str(tmp_path / "i"), cache=tmp_path / "empty"), "weights pull"
    )
    assert not (tmp_path / "i").exists()
    with next((weights / "models" / "embeddinggemma-300m").glob("*.safetensors")).open("r+b") as file:
        file.truncate(1000)
    refused(run("ingest", str(tmp_path / "a.md"), "--index", str(tmp_path / "i"), cache=weights), "weights pull")


def test_a_folder_that_does_not_exist(tmp_path: Path, weights: Path) -> None:
    done = run("ingest", str(tmp_path / "없는 폴더"), "--index", str(tmp_path / "i"), cache=weights)
    refused(done, "없는 폴더", "does not exist")
    assert not (tmp_path / "i").exists()


@pytest.mark.parametrize("text", ["{", '{"id": 1}', '["x"]', '{"question": "x"}'])
def test_a_bad_batch_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "batch.jsonl").write_text(text)
    refused(run("ask", "--batch", str(tmp_path / "batch.jsonl")), "batch.jsonl")


def test_a_missing_batch_file(tmp_path: Path) -> None:
    refused(run("ask", "--batch", str(tmp_path / "none.jsonl")), "none.jsonl")


def test_a_bad_setting_is_named() -> None:
    refused(run("ask", "얼라이언스 회원 수는?", ASSISTANT_PORT="many"), "port")


def test_a_busy_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused(run("serve", "--port", str(taken.getsockname()[1])), str(taken.getsockname()[1]), "--port")


def test_unknown_document(tmp_path: Path) -> None:
    from assistant.index import fingerprint
    from assistant.index.store import write_index
    from assistant.weights.embedder import embedder_fingerprint

    with write_index(tmp_path / "i", fingerprint(embedder_fingerprint("embeddinggemma-300m"), CHUNKER)):
        pass
    refused(run("documents", "show", "nothing.md", "--index", str(tmp_path / "i")), "nothing.md", "documents list")
    listed = run("documents", "list", "--json", "--index", str(tmp_path / "i"))
    assert json.loads(listed.stdout) == {"documents": []}


def test_doctor_names_what_is_missing(tmp_path: Path) -> None:
    done = run("doctor", "--index", str(tmp_path / "none"), cache=tmp_path / "empty")
    assert done.returncode == 1
    assert "weights pull" in done.stdout and "assistant ingest" in done.stdout
    for subject in ("GPU", "Language model", "Embedder", "Reader", "Disk", "Conversations", "Accounts"):
        assert f"{subject}" in done.stdout


def test_serve_opens_the_doors_for_programs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from assistant import web
    from assistant.cli import cli
    from assistant.programs import programs

    opened: list[object] = []
    monkeypatch.setattr(web, "serve", lambda settings, given: opened.append(given))
    assert CliRunner().invoke(cli, ["serve"]).exit_code == 0
    assert opened == [programs]
