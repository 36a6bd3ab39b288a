"""An index of the documents that programmes rest on, and firms that were written down before the finder was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import ingest
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.fakes import FakeEmbedder

FOLDERS = ("alliance", "finance", "glossary", "programmes", "rules")
PROFILES = [
    json.loads(line) for line in Path(__file__).with_name("profiles.jsonl").read_text(encoding="utf-8").splitlines()
]


def copied(folder: Path) -> Path:
    """A copy of the starter documents that programmes rest on."""
    for name in FOLDERS:
        shutil.copytree(PROJECT / "corpus" / name, folder / name)
    return folder


@contextmanager
def open_documents(folder: Path) -> Iterator[Index]:
    """An index of those documents in `folder`."""
    with write_index(folder / "index", FAKE_FINGERPRINT) as index:
        ingest([copied(folder / "corpus")], index, FakeEmbedder())
        yield index


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with open_documents(tmp_path_factory.mktemp("finder")) as index:
        yield index


@pytest.fixture(params=PROFILES, ids=lambda row: str(row["id"]))
def firm(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found
