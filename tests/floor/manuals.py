"""The manuals of one machine in an index made with the fakes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.answering import Assistant
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.retrieval import HybridRetriever
from assistant.settings import Settings
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader

MANUALS = PROJECT / "corpus" / "manuals"
#: The machine, and one whose manual only operators may see.
FILES = [f"cnc-lathe-rev-{revision}.{language}.pdf" for revision in "ab" for language in ("ko", "en")]

SECRET = """---
title: 시험 설비 ZZX-9 사용 설명서, 개정 A
language: ko
collection: manuals
version: "A"
effective_date: 2026-01-05
labels: [operator]
---

# 시험 설비

## 1. 안전

> 위험: 손을 넣으면 크게 다칩니다.

1. 전원을 내리십시오.

## 2. 알람 목록

### 2.1 알람이 뜨면

1. 설비를 멈추십시오.
2. 1절을 읽으십시오.

### 2.2 시험 알람(ZQ)

| 코드 | 뜻 | 조치 |
|---|---|---|
| ZQ0042 | 시험 정지 | 담당자를 부르십시오. |
"""


@contextmanager
def open_manuals(folder: Path) -> Iterator[Assistant]:
    """An assistant over the manuals, without any model."""
    given = folder / "in" / "manuals"
    given.mkdir(parents=True)
    for name in FILES:
        shutil.copy(MANUALS / name, given / name)
        shutil.copy(MANUALS / f"{name}.meta.yaml", given / f"{name}.meta.yaml")
    (given / "secret-machine.ko.md").write_text(SECRET, encoding="utf-8")
    embedder = FakeEmbedder()
    with write_index(folder / "index", FAKE_FINGERPRINT) as index:
        report = ingest([folder / "in"], index, embedder, roots=[folder / "in"])
        assert not report.failed, report.failed
        yield Assistant(
            index, HybridRetriever(index, embedder), FakeReader(), FakeLanguageModel(), embedder, Settings()
        )
