"""The page's routes over the documents that programmes rest on; a scripted reader reads the sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.index import Index
from assistant.settings import Settings
from assistant.web.programmes.routes import programmes_router
from assistant.web.visitors import Visitors
from tests.fakes import MarkingReader
from tests.finder.conftest import copied, open_documents

SENTENCES = {
    "ko": "창원에 있는 매출 90억 금속가공, 로봇 2대 넣으려고. 4억쯤 듭니다.",
    "en": "We are a metalworking firm in Changwon with annual sales of KRW 9 billion and want to bring in 2 robots "
    "for about KRW 400 million.",
}


def reader() -> MarkingReader:
    """Marks what these sentences state."""
    return MarkingReader(
        {
            "3개 사업연도의 평균": "매출 90억",
            "last 3 fiscal years": "sales of KRW 9 billion",
            "비용은 모두": "4억",
            "money is needed": "KRW 400 million",
            "로봇을 몇 대": "2대",
            "many robots": "2 robots",
        }
    )


@dataclass
class Serves:
    """What the page needs of an assistant."""

    index: Index
    reader: MarkingReader = field(default_factory=reader)


@pytest.fixture(scope="session")
def serves(documents: Index) -> Serves:
    return Serves(documents)


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with open_documents(tmp_path_factory.mktemp("programmes")) as index:
        yield index


@pytest.fixture(scope="session")
def client(serves: Serves) -> TestClient:
    return client_of(serves)


def client_of(serves: Any, visitors: Visitors | None = None) -> TestClient:
    """A browser without script at the routes alone."""
    app = FastAPI()
    app.include_router(programmes_router(serves, visitors or Visitors(), Settings()))
    return TestClient(app, headers={"accept-language": "ko"})


def relabelled(folder: Path, document: str, label: str) -> Path:
    """A copy of the documents of which one, in both languages, carries another label."""
    for path in copied(folder).glob(f"{document}.*"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("---\n") and "labels: [public]" in text, path
        path.write_text(text.replace("labels: [public]", f"labels: [{label}]", 1), encoding="utf-8")
    return folder
