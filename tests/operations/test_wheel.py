"""The wheel, built from the source distribution, works without a checkout: nothing that runs is left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assistant import __version__
from tests.conftest import PROJECT

#: What is built from: all that git would have, without what only making it needs.
PARTS = ("assistant", "prompts", "corpus", "deploy", "docs")
FILES = ("setup.py", "pyproject.toml", "MANIFEST.in", "requirements.in", "README.md", "CHANGELOG.md", "LICENSE")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as pip lays it into site-packages."""
    top = tmp_path_factory.mktemp("wheel")
    source = top / "source"
    source.mkdir()
    for name in PARTS:
        shutil.copytree(PROJECT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in FILES:
        shutil.copyfile(PROJECT / name, source / name)
    # what an editable install writes must not stand in for what is really asked of the build
    built = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(top), str(source)],
        capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr[-3000:]
    wheel = next(top.glob("*.whl"))
    assert wheel.name == f"alliance_assistant-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(top / "site")
    return top / "site"


def run(site: Path, cwd: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        capture_output=True, text=True, cwd=cwd, env={**environment, "PYTHONPATH": str(site), **env}, timeout=300,
    )  # fmt: skip


def test_everything_that_runs_is_inside(unpacked: Path) -> None:
    def names(folder: Path) -> set[str]:
        return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}

    package = unpacked / "assistant"
    left_out = {name for name in names(PROJECT / "assistant") - names(package) if "__pycache__" not in name}
    assert {name for name in left_out if not name.startswith("reading/training/")} == set()
    assert not (package / "reading" / "training").exists()
    assert names(package / "shipped" / "prompts") == names(PROJECT / "prompts")
    corpus = {name for name in names(PROJECT / "corpus") if not name.startswith("_sources/")}
    assert names(package / "shipped" / "corpus") == corpus and ".assistantignore" in corpus
    assert (package / "reading" / "weights" / "reader.onnx").stat().st_size > 10**7


def test_a_folder_is_laid_and_its_documents_are_found(unpacked: Path, tmp_path: Path) -> None:
    done = run(unpacked, tmp_path, "init", "home")
    assert done.returncode == 0, done.stderr
    assert "assistant ingest" in done.stdout and (tmp_path / "home" / "corpus" / "rules").is_dir()
    code = "import assistant, assistant.settings as s; print(assistant.__file__, s.CHECKOUT, s.load_settings().prompts)"
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path / "home", env=environment
    )
    assert told.stdout.split() == [
        str(unpacked / "assistant" / "__init__.py"), "None", str(unpacked / "assistant" / "shipped" / "prompts"),
    ]  # fmt: skip
    rule = run(unpacked, tmp_path / "home", "check", "--list")
    assert rule.returncode == 0 and "share" in rule.stdout


def test_without_a_folder_the_command_to_lay_one_is_named(unpacked: Path, tmp_path: Path) -> None:
    done = run(unpacked, tmp_path, "ingest")
    assert done.returncode == 1 and "assistant init" in done.stderr
