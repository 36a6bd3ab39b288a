"""Fixtures: a small index made with the fakes, and one of the whole corpus made with the real embedder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import hypothesis
import pytest

from assistant.index import Index
from assistant.index.store import fingerprint, write_index
from assistant.ingest.sandbox import Sandbox
from assistant.settings import Settings
from tests.fakes import FakeEmbedder

pytest_plugins = ["tests.postgresql", "tests.pairs"]

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
if "TEST_PAIR" in os.environ:  # a process that a test started keeps indexes where that test does
    import tests.pairs  # noqa: F401

# the same examples on every run: a red build then names a change, not a draw
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")

PROJECT = Path(__file__).resolve().parent.parent
FAKE_FINGERPRINT = fingerprint(FakeEmbedder.fingerprint, "test-chunker")

LAUNCH = """---
title: 얼라이언스 출범
language: ko
version: "1.0"
effective_date: 2024-07-22
labels: [public]
source: ["산업통상자원부, 2024-07-22"]
---

# 얼라이언스 출범

## 회원

2024년 7월 출범 당시 얼라이언스에는 12개 분과에 153개 기업과 기관이 참여하였습니다.
회원사의 매출은 매출의 40%에 가깝습니다.

## 지원

선도프로젝트 하나에는 최대 100억 원이 지원됩니다.

| 분과 | 앵커기업 |
|---|---|
| 자동차 | 현대자동차, 기아 |
| 철강 | 포스코홀딩스 |
"""

LOCKOUT = """---
title: Lockout procedure
language: en
version: "B"
effective_date: 2026-02-02
labels: [public]
---

# Lockout procedure

> **Warning:** Stored energy can kill.

1. Shut the machine down in the set way.
2. Open every energy-isolating device.
3. Apply a lock to each device.
4. Release all stored pressure down to 0 bar.
"""

SECRET = """---
title: 가온정밀 제안서
language: ko
labels: ["company:gaon", staff]
---

# 가온정밀 제안서

가온정밀의 자율공장 제안 예산은 7억 2천만 원입니다.
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--pair servers`: indexes of the tests are on PostgreSQL and a Chroma server."""
    parser.addoption("--pair", choices=["files", "servers"], default="files", help="where test indexes are kept")


@pytest.fixture(scope="session", autouse=True)
def _warm_readers() -> Iterator[None]:
    """Ingestions of all tests share their reading processes, which take half a second to start."""
    with Sandbox() as shared, patch("assistant.ingest.pipeline.Sandbox", lambda: nullcontext(shared)):
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What tests marked `anyio` run in."""
    return "asyncio"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with two public documents and one confidential proposal."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in {"launch.ko.md": LAUNCH, "lockout.en.md": LOCKOUT, "proposal.ko.md": SECRET}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def index(corpus: Path, tmp_path: Path, embedder: FakeEmbedder) -> Iterator[Index]:
    """An index of `corpus`, open for writing."""
    from assistant.ingest import ingest

    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as opened:
        ingest([corpus], opened, embedder)
        yield opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that never read a file of this machine."""
    return Settings(
        index=tmp_path / "index",
        access_file=tmp_path / "access.toml",
        cache=tmp_path / "cache",
        conversations=tmp_path / "talk.sqlite3",
        audit=tmp_path / "audit.sqlite3",
        accounts=tmp_path / "accounts.sqlite3",
        uploads=tmp_path / "uploads",
    )


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the starter corpus, as `assistant ingest` makes it."""
    from assistant.ingest import ingest
    from assistant.ingest.chunking import CHUNKER
    from assistant.ingest.precomputed import PrecomputedEmbedder, load_vectors, vectors_file
    from assistant.weights.embedder import SentenceEmbedder

    settings = Settings()
    embedder = SentenceEmbedder(settings.embedder, settings.cache)
    stored = load_vectors(vectors_file(settings.corpus, settings.embedder), embedder.fingerprint)
    folder = tmp_path_factory.mktemp("corpus") / "index"
    with write_index(folder, fingerprint(embedder.fingerprint, CHUNKER)) as index:
        report = ingest([settings.corpus], index, PrecomputedEmbedder(embedder, stored), roots=[settings.corpus])
        assert not report.failed, report.failed
    return folder
