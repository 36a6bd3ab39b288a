"""Copies of object stores: in step with the store, labels first, nothing lost when it is away; S3 through moto."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import httpx
import pytest
from click.testing import CliRunner

from assistant.errors import PathError
from assistant.index.store import write_index
from assistant.ingest import commands, ingest
from assistant.ingest.objects import fetch, is_address
from tests.conftest import FAKE_FINGERPRINT, LAUNCH, LOCKOUT
from tests.fakes import FakeEmbedder


def put(store: Any, top: str, objects: dict[str, str]) -> None:
    for name, text in objects.items():
        store.pipe_file(f"{top}/{name}", text.encode())


@pytest.fixture
def store() -> Iterator[Any]:
    """fsspec's own store in memory, with three objects."""
    memory = fsspec.filesystem("memory")
    put(memory, "/bucket/rules", {"launch.ko.md": LAUNCH, "machines/lockout.en.md": LOCKOUT})
    put(memory, "/bucket/rules", {"machines/.labels.yaml": "labels: [staff]\n"})
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


def held(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {".fetched.json"}


@pytest.mark.parametrize(
    ("text", "is_one"), [("s3://b/c", True), ("memory://b", True), ("a/b", False), ("C://b", False), ("/s3://b", False)]
)
def test_what_is_an_address(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one


def test_a_copy_is_in_step_and_only_what_changed_is_fetched(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    get_file = type(store).get_file
    monkeypatch.setattr(type(store), "get_file", lambda self, path, to: (taken.append(path), get_file(self, path, to)))
    folder = fetch("memory://bucket/rules", tmp_path)
    assert held(folder) == {"launch.ko.md", "machines/lockout.en.md", "machines/.labels.yaml"}
    assert (folder / "launch.ko.md").read_text(encoding="utf-8") == LAUNCH
    assert taken[0].endswith(".labels.yaml"), "a document was there before its labels"
    assert fetch("memory://bucket/rules/", tmp_path) == folder and len(taken) == 3
    put(store, "/bucket/rules", {"launch.ko.md": LAUNCH.replace("153개", "160개")})
    store.rm("/bucket/rules/machines/lockout.en.md")
    (folder / "strange.md").write_text("nobody put it there", encoding="utf-8")
    assert fetch("memory://bucket/rules", tmp_path) == folder
    assert taken[3:] == ["/bucket/rules/launch.ko.md"]
    assert held(folder) == {"launch.ko.md", "machines/.labels.yaml"}
    assert "160개" in (folder / "launch.ko.md").read_text(encoding="utf-8")


def test_what_is_fetched_goes_in_with_the_labels_of_the_store(store: Any, tmp_path: Path) -> None:
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        report = ingest([fetch("memory://bucket/rules", tmp_path / "copies")], index, FakeEmbedder())
        assert report.added == ["launch.ko.md", "machines/lockout.en.md"] and not report.failed
        assert [each.document_id for each in index.seen_by(["public"]).documents()] == ["launch.ko.md"]


def test_a_stopped_run_is_finished_by_the_next(store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    get_file = type(store).get_file

    def broken(self: Any, path: str, to: str) -> None:
        get_file(self, path, to)
        if path.endswith("lockout.en.md"):
            raise ConnectionResetError("the line broke")

    with monkeypatch.context() as patched:
        patched.setattr(type(store), "get_file", broken)
        with pytest.raises(PathError, match="the line broke"):
            fetch("memory://bucket/rules", tmp_path)
    (folder,) = tmp_path.iterdir()
    assert "machines/lockout.en.md" not in held(folder)
    assert fetch("memory://bucket/rules", tmp_path) == folder
    assert held(folder) == {"launch.ko.md", "machines/lockout.en.md", "machines/.labels.yaml"}


def test_nothing_is_removed_when_the_store_holds_nothing_or_is_away(store: Any, tmp_path: Path) -> None:
    folder = fetch("memory://bucket/rules", tmp_path)
    before = held(folder)
    store.rm("/bucket/rules", recursive=True)
    with pytest.raises(PathError, match="Nothing lies at"):
        fetch("memory://bucket/rules", tmp_path)
    assert held(folder) == before
    with pytest.raises(PathError) as told:
        fetch("nosuchstore://user:secret@bucket/rules", tmp_path)
    assert "secret" not in told.value.message


def test_names_that_leave_the_folder_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = fsspec.filesystem("memory")
    monkeypatch.setattr(type(memory), "find", lambda *a, **o: {"/bucket/rules/../../evil.md": {"size": 1}})
    with pytest.raises(PathError, match="no file can have"):
        fetch("memory://bucket/rules", tmp_path)
    assert not any(tmp_path.iterdir())


def test_ingest_takes_an_address(store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[Path]] = []
    monkeypatch.setenv("ASSISTANT_FETCHED", str(tmp_path / "copies"))
    monkeypatch.setenv("ASSISTANT_INDEX", str(tmp_path / "index"))
    monkeypatch.setattr("assistant.weights.embedder.locate", lambda *given: tmp_path)

    def seen(self: Any, who: str, **options: Any) -> Any:
        from assistant.ingest.report import Report

        asked.append(self.paths)
        return Report()

    monkeypatch.setattr(commands._Ingestion, "run", seen)
    result = CliRunner().invoke(commands.ingest, ["memory://bucket/rules"])
    assert result.exit_code == 0, result.output
    ((folder,),) = asked
    assert folder.parent == tmp_path / "copies" and "launch.ko.md" in held(folder)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """moto's S3 server, with an empty bucket `alliance`.

    The program is looked for in PATH, or where ASSISTANT_TEST_MOTO_SERVER says: what S3's own library needs goes
    with no version of what Chroma needs, so it has an environment of its own.
    """
    pytest.importorskip("obstore", reason="object stores are an extra: pip install 'alliance-assistant[objects]'")
    program = os.environ.get("ASSISTANT_TEST_MOTO_SERVER") or shutil.which("moto_server")
    if program is None:
        pytest.skip("there is no moto_server in PATH, and ASSISTANT_TEST_MOTO_SERVER names none")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ALLOW_HTTP", "true"),
    ):
        monkeypatch.setenv(name, value)
    command = [program, "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            assert process.poll() is None, "moto's server has ended"
            try:
                httpx.put(f"{url}/alliance", timeout=30, trust_env=False).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.2)
        from obstore.fsspec import FsspecStore

        yield FsspecStore("s3")
    finally:
        process.kill()
        process.wait()


@pytest.mark.server
def test_s3(s3: Any, tmp_path: Path) -> None:
    put(s3, "alliance/rules", {"launch.ko.md": LAUNCH, "기계/lockout.en.md": LOCKOUT})
    put(s3, "alliance/rules", {"기계/.labels.yaml": "labels: [staff]\n"})
    folder = fetch("s3://alliance/rules", tmp_path)
    assert held(folder) == {"launch.ko.md", "기계/lockout.en.md", "기계/.labels.yaml"}
    before = (folder / "기계" / "lockout.en.md").stat().st_mtime_ns
    put(s3, "alliance/rules", {"launch.ko.md": LAUNCH.replace("153개", "160개")})
    assert fetch("s3://alliance/rules/", tmp_path) == folder
    assert (folder / "기계" / "lockout.en.md").stat().st_mtime_ns == before
    assert "160개" in (folder / "launch.ko.md").read_text(encoding="utf-8")
    s3.rm_file("alliance/rules/기계/lockout.en.md")
    fetch("s3://alliance/rules", tmp_path)
    assert held(folder) == {"launch.ko.md", "기계/.labels.yaml"}
    with pytest.raises(PathError):
        fetch("s3://alliance/nothing", tmp_path)
    assert held(folder) == {"launch.ko.md", "기계/.labels.yaml"}
