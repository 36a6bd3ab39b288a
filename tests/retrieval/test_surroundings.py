from __future__ import annotations

from pathlib import Path

import pytest

from assistant.index import Index
from assistant.ingest import ingest
from assistant.retrieval import HybridRetriever
from assistant.retrieval.langchain import AllianceRetriever
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.usefixtures("pair")

ROWS = "".join(f"| 장비{n} | {n}00만원 | {'설명 ' * 30} |\n" for n in range(40))
TEXT = f"""# 단가

단가표를 봅니다.

## 장비

| 이름 | 값 | 설명 |
|---|---|---|
{ROWS}
## 인건비

인건비는 따로 정합니다.
"""


@pytest.fixture
def retriever(index: Index, corpus: Path, embedder: FakeEmbedder) -> HybridRetriever:
    (corpus / "prices.md").write_text(TEXT, encoding="utf-8")
    ingest([corpus], index, embedder)
    return HybridRetriever(index, embedder)


@pytest.mark.parametrize("budget", [0, 1500, 4000, 10**6])
def test_a_passage_grows_within_its_section_and_the_budget(retriever: HybridRetriever, budget: int) -> None:
    plain = AllianceRetriever(hybrid=retriever, top_k=2).invoke("장비 이름 값 설명")
    wide = AllianceRetriever(hybrid=retriever, top_k=2, budget=budget).invoke("장비 이름 값 설명")
    assert [found.id for found in wide] == [found.id for found in plain]
    length = sum(len(found.page_content) for found in wide)
    assert length <= max(budget, sum(len(found.page_content) for found in plain))
    spans = []
    for found in wide:
        place = found.metadata
        _, text = retriever.index.seen_by(["public"]).document_text(place["document_id"]) or (None, "")
        assert text[place["start"] : place["end"]] == found.page_content
        spans.append((place["document_id"], place["start"], place["end"]))
    (one, s1, e1), (other, s2, e2) = spans
    assert one != other or e1 <= s2 or e2 <= s1  # nothing twice
    if budget >= 4000:
        assert length > sum(len(found.page_content) for found in plain)


def test_a_passage_never_leaves_its_section(retriever: HybridRetriever) -> None:
    (whole,) = AllianceRetriever(hybrid=retriever, top_k=1, budget=10**6).invoke("장비 이름 값 설명")
    assert all(f"장비{number} |" in whole.page_content for number in range(40))
    assert "단가표" not in whole.page_content and "인건비" not in whole.page_content
