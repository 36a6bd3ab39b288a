"""The two pairs of stores that an index may be in: files of its folder, or PostgreSQL with a Chroma server.

A module with `pytestmark = pytest.mark.usefixtures("pair")` runs on both; `--pair servers` runs anything on the second.
Tests marked `embedded` are about files of the index folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from assistant.index import open_index
from assistant.index.server import ChromaServer
from assistant.index.store import write_index

#: How processes that tests start are told where indexes are.
_TOLD = "TEST_PAIR"


@dataclass(frozen=True)
class Pair:
    """Where `open_index` and `write_index` keep an index when they are not told."""

    chroma: str = ""
    url: str = ""

    @property
    def server(self) -> ChromaServer | None:
        return ChromaServer(self.chroma) if self.chroma else None


FILES = Pair()


def _schema_name(folder: Path) -> str:
    """Every index of a test is called "index"."""
    return f"index {hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:20]}"


@contextmanager
def used(pair: Pair) -> Iterator[Pair]:
    """Keep indexes there, in this process and in those that it starts."""
    where: Any = {"server": pair.server, "url": pair.url}
    written = write_index.__wrapped__  # type: ignore[attr-defined]
    with (
        patch.dict(open_index.__kwdefaults__, where),
        patch.dict(written.__kwdefaults__, where),
        patch("assistant.index.homes.schema_name", _schema_name),
        patch.dict(os.environ, {_TOLD: json.dumps([pair.chroma, pair.url])}),
    ):
        yield pair


if told := os.environ.get(_TOLD):  # a process that a test started
    _held = used(Pair(*json.loads(told)))  # as long as the process lives
    _held.__enter__()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Pair]:
    """A database of PostgreSQL and a Chroma server of the tests' own."""
    from tests.index.chroma_run import ChromaRun

    url = f"{request.getfixturevalue('postgresql_server')}/postgres"
    run = ChromaRun(tmp_path_factory.mktemp("chroma"))
    yield Pair(run.start().url, url)
    run.kill()


@pytest.fixture(scope="module", params=["files", pytest.param("servers", marks=[pytest.mark.server, pytest.mark.slow])])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Each of the two, for all tests of a module."""
    with used(request.getfixturevalue("servers") if request.param == "servers" else FILES) as chosen:
        yield chosen


@pytest.fixture(autouse=True)
def _files_alone(request: pytest.FixtureRequest) -> None:
    """Leave out what is about the files of the folder when indexes are on servers."""
    if request.node.get_closest_marker("embedded") and open_index.__kwdefaults__["url"]:
        pytest.skip("about files in the index folder")


@pytest.fixture(scope="session", autouse=True)
def _pair_of_the_session(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.config.getoption("--pair") == "files":
        yield
        return
    with used(request.getfixturevalue("servers")):
        yield
