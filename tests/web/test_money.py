"""The card of a computed answer, and computing it again with other inputs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.answering.computing import compute_again
from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.schema import Answer, EvidenceFound, Finished, Language
from assistant.settings import Settings
from assistant.web.money import money_router
from assistant.web.rendering import render_turn
from assistant.web.turns import ShownTurn
from assistant.web.visitors import Visitors
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.fakes import FakeEmbedder

PUBLIC = frozenset({"public"})
RULE = {"name": "share", "inputs": {"size": "sme", "total": "1000000000"}, "target": "cash", "as_of": "2026-11-30"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("money")
    (folder / "in" / "rules").mkdir(parents=True)
    for path in (PROJECT / "corpus" / "rules").glob("government-share-and-cash.*.md"):
        shutil.copy(path, folder / "in" / "rules" / path.name)
    with write_index(folder / "index", FAKE_FINGERPRINT) as opened:
        ingest([folder / "in"], opened, FakeEmbedder(), roots=[folder / "in"])
        yield opened


@pytest.fixture(scope="module")
def client(index: Index) -> Iterator[httpx.Client]:
    app = FastAPI()
    app.include_router(money_router(index, Visitors(), Settings()))
    with TestClient(app) as opened:
        yield opened


def card(index: Index, language: Language, page: Language | None = None) -> BeautifulSoup:
    """The turn of a computed answer in `language`."""
    found = compute_again(RULE, language, index.seen_by(PUBLIC), date(2026, 11, 30))
    assert found is not None
    words = " ".join(sentence.text for sentence in found.sentences)
    answer = Answer(
        "질문", language, "computed", words, found.sentences, found.evidence, rule=json.loads(json.dumps(found.rule))
    )
    turn = ShownTurn(3, "질문").after(EvidenceFound(found.evidence)).after(Finished(answer))
    return BeautifulSoup(render_turn(turn, page or language), "html.parser")


@pytest.mark.parametrize(
    ("language", "headline", "amount", "formula"),
    [
        ("ko", "2,500만 원", "2,500만 원 이상", "기관부담금 2억 5,000만 원 × 현금 비율 10%"),
        ("en", "KRW 25 million", "at least KRW 25 million", "own contribution KRW 250 million × cash share 10%"),
    ],
)
def test_a_computed_answer_has_a_card_with_inputs_formulas_and_clauses(
    index: Index, language: Language, headline: str, amount: str, formula: str
) -> None:
    soup = card(index, language)
    assert headline in soup.select(".headline .say strong")[0].text
    key = soup.select(".money .key")[0]
    assert key.select(".num")[0].text == amount and key.select("small")[0].text == formula and key.select(".cite")
    assert soup.select("select[name=size] option[selected]")[0]["value"] == "sme"
    assert "10" in str(soup.select("input[name=total]")[0]["value"]) or "billion" in str(
        soup.select("input[name=total]")[0]["value"]
    )
    assert soup.select(".checks .unsure") and soup.select(".out footer")
    numbers = {item["data-n"] for item in soup.select(".found li")}
    assert {chip["data-n"] for chip in soup.select(".computed .cite")} <= numbers  # no figure without its quote


def test_an_answer_whose_rule_has_changed_is_shown_in_its_own_words(index: Index) -> None:
    found = compute_again(RULE, "ko", index.seen_by(PUBLIC), date(2026, 11, 30))
    assert found is not None
    for rule in ({**RULE, "name": "gone"}, {**RULE, "inputs": {"size": "sme", "total": "2000000000"}}):
        answer = Answer("질문", "ko", "computed", "", found.sentences, found.evidence, rule=rule)
        soup = BeautifulSoup(render_turn(ShownTurn(3, "질문").after(Finished(answer)), "ko"), "html.parser")
        assert not soup.select(".money") and "2,500만 원" in soup.select(".answer")[0].text


def again(client: httpx.Client, **changes: object) -> httpx.Response:
    body = {**RULE, "language": "ko", "turn": 3, "known": [], **changes}
    return client.post("/rules/compute", json=body)


def test_other_inputs_are_computed_by_the_rule_with_quotes_of_their_own(index: Index, client: httpx.Client) -> None:
    known = [
        [item["data-document"], *map(int, str(item["data-at"]).split("-")[:2])]
        for item in card(index, "ko").select(".found li")
    ]
    answer = again(client, inputs={"size": "mid", "total": "20억"}, known=known)
    assert answer.status_code == 200, answer.text
    soup = BeautifulSoup(answer.text, "html.parser")
    # 20억 × 70 % is borne by the state at most; of the rest 13 % at least in cash
    assert soup.select(".key .num")[0].text == "7,800만 원 이상" and "7,800만 원" in soup.select(".headline")[0].text
    new = {item["data-n"] for item in soup.select(".out .ev li")}
    assert new and all(int(str(number)) > len(known) for number in new)
    assert {chip["data-n"] for chip in soup.select(".cite")} <= new | {str(n + 1) for n in range(len(known))}
    same = BeautifulSoup(again(client, known=known).text, "html.parser")
    assert not same.select(".out .ev") and same.select(".key .num")[0].text == "2,500만 원 이상"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"inputs": {"size": "sme", "total": "많이"}}, 422, "연구개발비"),
        ({"inputs": {"size": "sme", "total": "많이"}, "language": "en"}, 422, "R&D cost"),
        ({"name": "nothing"}, 404, ""),
        ({"language": "fr"}, 422, ""),
    ],
)
def test_what_cannot_be_computed_is_said(
    client: httpx.Client, changes: dict[str, object], status: int, said: str
) -> None:
    answer = again(client, **changes)
    assert answer.status_code == status and said in str(answer.json()["detail"])


def test_what_is_missing_is_asked_for_and_hidden_documents_compute_nothing(index: Index, client: httpx.Client) -> None:
    asked = BeautifulSoup(again(client, inputs={"size": "sme"}).text, "html.parser")
    assert "얼마입니까" in asked.select(".headline")[0].text and not asked.select(".key")
    assert compute_again(RULE, "ko", index.seen_by(["nobody"]), date(2026, 11, 30)) is None
