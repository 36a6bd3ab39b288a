"""The page's routes: what is typed becomes verdicts with their clauses, or a clear sentence; labels hold at each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from assistant.finder.definition import load_programmes
from assistant.finder.fields import fields, parse_profile
from assistant.finder.finding import find_programmes
from assistant.finder.values import Match
from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.schema import Language
from assistant.web.programmes.firm import SORTS, Sent, firm_of, typed
from assistant.web.programmes.order import largest, ordered
from assistant.web.programmes.texts import TEXTS
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder, MarkingReader
from tests.finder.conftest import PROFILES
from tests.web.programmes.conftest import SENTENCES, Serves, client_of, relabelled

VERDICTS = {"eligible", "depends", "not", "unknown"}


def sent(client: TestClient, *, lang: str = "ko", **form: str) -> str:
    answer = client.post(f"/programmes?lang={lang}", data=form)
    assert answer.status_code == 200
    return answer.text


def cards(html: str) -> dict[str, str]:
    """The HTML of each card by its programme."""
    parts = re.split(r'(?=<article class="card )', html)[1:]
    return {re.findall(r' id="([\w-]+)"', part)[0]: part for part in parts}


def verdicts(html: str) -> dict[str, str]:
    return {name: re.findall(r'data-verdict="(\w+)"', card)[0] for name, card in cards(html).items()}


def facts(html: str) -> dict[str, str]:
    """The values in the form by field."""
    found = dict(re.findall(r'<input class="input" name="(\w+)"[^>]* value="([^"]*)"', html))
    chosen = re.findall(r'<select class="input" name="(\w+)"(?:(?!</select>).)*?value="([\w-]+)" selected', html)
    return {name: value for name, value in {**found, **dict(chosen)}.items() if value and name != "sort"}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_empty_page_needs_no_script_and_runs_none_of_its_own(client: TestClient, language: Language) -> None:
    answer = client.get(f"/programmes?lang={language}")
    html = answer.text
    assert f'<html lang="{language}">' in html and TEXTS[language]["title"] in unescape(html)
    assert '<form method="post" action="/programmes"' in html
    assert re.findall(r"<script(?! (?:type=\"module\" )?src=)|\son\w+=|style=", html) == []
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert client.get("/programmes/look/programmes.css").status_code == 200
    assert client.get("/programmes/look/routes.py").status_code == 404


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_sentence_becomes_facts_and_verdicts_with_their_clauses(
    client: TestClient, documents: Index, language: Language
) -> None:
    html = sent(client, lang=language, text=SENTENCES[language])
    assert facts(html) == {
        "sales": "90", "industry": "fabricated-metal", "region": "gyeongnam", "money": "4", "robots": "2"
    }  # fmt: skip
    found = verdicts(html)
    assert (
        len(found) == len(load_programmes())
        and found["national-rnd"] == "eligible"
        and found["autonomous-factory-2026"] == "not"
    )
    for name, card in cards(html).items():
        links = re.findall(
            r'href="/programmes/document/([^?"]+)\?start=(\d+)&amp;end=(\d+)&amp;lang=(\w+)#marked"', card
        )
        assert links, f"{name} has a verdict without its clause"
        document, start, end, shown_in = links[0]
        stored = documents.seen_by({"public"}).document_text(document)
        assert stored is not None and shown_in == language
        words = stored[1][int(start) : int(end)]
        assert words and words in unescape(re.sub(r"</?mark>", "", card))
        place = client.get(f"/programmes/document/{document}?start={start}&end={end}").text
        assert words in unescape("".join(re.findall(r"<mark>(.*?)</mark>", place, re.S)))


def test_what_is_computed_shows_formula_and_what_the_documents_do_not_say_is_written_out(client: TestClient) -> None:
    card = cards(sent(client, size="sme", money="4"))["national-rnd"]
    text = unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?span[^>]*>", "", card)))
    assert "최대 3억 원" in text and "4억 원 × 정부지원 한도 75%" in text and "1억 원 이상" in text
    assert "1,000만 원 이상" in text and "물어볼 곳" in text and "모르는 것" in text
    general = cards(sent(client, size="sme"))["general-type-2026"]
    assert general.count(TEXTS["ko"]["not_in_documents"]) == 1  # the date
    wanting = cards(sent(client, size="sme"))["national-rnd"]
    assert TEXTS["ko"]["wants"].format(fields="필요한 금액") in wanting


def test_numbers_are_hundreds_of_millions_and_amounts_with_a_unit_count_as_written(client: TestClient) -> None:
    for words in ("90", "90억", "9,000,000,000원", "KRW 9 billion", " 90.0 "):
        assert facts(sent(client, sales=words))["sales"] == "90", words
    assert facts(sent(client, money="0.5"))["money"] == "0.5"


@given(st.integers(0, 10**15), st.integers(0, 999))
def test_a_value_comes_back_from_its_field_as_it_went_in(won: int, count: int) -> None:
    profile = {
        "sales": Decimal(won),
        "robots": Decimal(count),
        "ai": True,
        "region": "jeju",
        "owner_stake": Decimal(30),
    }
    form = {name: typed(name, value) for name, value in profile.items()}
    firm = firm_of(Sent(typed=form))
    assert firm.wrong == () and parse_profile(firm.profile) == profile


class Deaf(MarkingReader):
    """A reader that must not be asked."""

    def read(self, *_: Any) -> Any:
        raise AssertionError("the sentence was read before")


def test_a_correction_does_not_read_the_sentence_again(documents: Index) -> None:
    client = client_of(Serves(documents, Deaf({})))
    html = sent(client, said=SENTENCES["ko"], sales="90", region="jeju", industry="", unsure="foreign,region,made-up")
    assert facts(html) == {"sales": "90", "region": "jeju"} and SENTENCES["ko"] in unescape(html)
    assert 'name="unsure" value="foreign"' in html  # the region has been said now
    assert verdicts(html)["national-rnd"] == "depends"  # nothing is assumed of what was spoken of
    assert TEXTS["ko"]["unclear"] in html


def test_filter_and_order_are_kept_with_the_firm(client: TestClient) -> None:
    html = sent(client, size="sme", money="4", show="depends", sort="amount")
    assert 'name="show" value="depends" checked' in html and '<option value="amount" selected>' in html
    assert 'name="show" value="" checked' in sent(client, size="sme", show="<made-up>", sort="<made-up>")


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ({}, "empty"),
        ({"text": "  \n "}, "empty"),
        ({"said": "x", "sales": ""}, "empty"),
        ({"text": "!?!"}, "no_words"),
        ({"text": "안녕하세요"}, "nothing_read"),
        ({"text": "asdf " * 1000}, "too_long"),
        ({"sales": "아주 많이"}, "cannot_use"),
        ({"sales": "-3"}, "cannot_use"),
        ({"sales": "9" * 60}, "cannot_use"),
        ({"years": "1.5"}, "cannot_use"),
        ({"region": "화성"}, "cannot_use"),
        ({"owner_stake": "130"}, "cannot_use"),
        ({"text": "창원 금속가공", "robots": "두 대"}, "cannot_use"),
        ({"said": "창원 금속가공", "robots": "두 대"}, "cannot_use"),
    ],
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_cannot_be_used_gets_a_sentence_and_no_verdict(
    client: TestClient, language: Language, form: dict[str, str], key: str
) -> None:
    if key == "cannot_use" and form.get("region"):
        form = {"region": "Atlantis"}
    html = unescape(sent(client, lang=language, **form))
    alert = re.findall(r'role="alert" id="said"><p>(.*?)</p>', html)
    assert alert == [TEXTS[language][key].format(limit="2,000")]
    assert cards(html) == {}
    for name, value in form.items():  # what was typed is still there
        if name in fields() and value:
            entry = fields()[name].entry
            assert f'href="#field-{name}"' in html and 'aria-invalid="true"' in html
            assert value[:100] in html or entry.choices
    if "text" in form and key != "empty":
        assert form["text"].strip() in html


def test_what_was_typed_is_never_markup(client: TestClient) -> None:
    hostile = '"><script>alert(1)</script>'
    for form in ({"text": f"창원 금속가공 {hostile}"}, {"said": hostile, "size": "sme"}, {"sales": hostile},
                 {"said": "x", "sales": hostile, "show": hostile, "sort": hostile, "unsure": hostile}):  # fmt: skip
        html = sent(client, **form)
        assert "<script>alert" not in html and "&lt;script&gt;" in html


def test_files_and_strange_fields_do_no_harm(client: TestClient) -> None:
    answer = client.post("/programmes", data={"size": "sme", "made-up": "x"}, files={"text": ("a.txt", b"x")})
    assert answer.status_code in (200, 400)
    assert len(verdicts(sent(client, size="sme", **{"made-up": "x"}))) == len(load_programmes())


@pytest.mark.parametrize("row", PROFILES[::8], ids=lambda row: row["id"])
def test_the_page_says_what_the_engine_says(client: TestClient, documents: Index, row: dict[str, Any]) -> None:
    profile = row["profile"] or {"years": 1}
    form = {name: typed(name, value) for name, value in parse_profile(profile).items()}
    html = sent(client, lang=row["language"], **form)
    said = find_programmes(documents.seen_by({"public"}), None, profile=profile, language=row["language"])
    assert verdicts(html) == {each.programme: each.verdict for each in said.programmes}
    for each in said.programmes:
        text = unescape(re.sub(r"<[^>]+>", "", cards(html)[each.programme]))
        for part in (*each.reasons, *each.amounts, *each.not_known, *each.notes):
            assert part.text in text, (each.programme, part.text)


def test_each_order_keeps_all_programmes_and_puts_first_what_it_says(documents: Index) -> None:
    found = found_for(documents, {"size": "sme", "money": "4억"})
    for sort in SORTS:
        assert {each.programme for each in ordered(found.programmes, sort)} == {e.programme for e in found.programmes}
    assert ordered(found.programmes, "deadline")[0].programme == "national-rnd"
    amounts = [largest(each) for each in ordered(found.programmes, "amount")]
    assert amounts == sorted(amounts, reverse=True) and amounts[0] == 10**10
    loan = next(each for each in found.programmes if each.programme == "bank-loan")
    assert largest(loan) == 0  # KRW 200 billion is what all firms share


def found_for(documents: Index, profile: dict[str, str]) -> Match:
    return find_programmes(documents.seen_by({"public"}), None, profile=profile, language="ko")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_calendar_file_holds_the_day_with_its_clause(client: TestClient, language: Language) -> None:
    html = sent(client, lang=language, size="sme")
    (address,) = set(re.findall(r'href="(/programmes/days/[^"]+)"', html))
    answer = client.get(address)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["content-disposition"] == 'attachment; filename="national-rnd.ics"'
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    day = event.decoded("dtstart")
    assert (day.month, day.day) == (1, 31) and day >= date.today()
    assert {"ko": "1월 31일", "en": "31 January"}[language] in str(event["description"])
    for programme in ("autonomous-factory-2026", "general-type-2026", "made-up", "..%2f..%2fx"):
        assert client.get(f"/programmes/days/{programme}.ics").status_code == 404


def test_clauses_that_may_not_be_seen_are_not_shown_and_decide_nothing(tmp_path: Path) -> None:
    given = relabelled(tmp_path / "in", "rules/who-may-apply", "member")
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([given], index, FakeEmbedder())
        secret = index.seen_by({"member"}).document_text("rules/who-may-apply.ko.md")
        assert secret is not None
        anyone, member = client_of(Serves(index)), client_of(Serves(_SeenBy(index, "member")))
        html = sent(anyone, size="sme", money="4")
        assert verdicts(html)["national-rnd"] == "unknown" and "who-may-apply" not in html
        assert secret[0].title not in unescape(html) and "상법에 따른 회사" not in html
        address = "/programmes/document/rules/who-may-apply.ko.md?start=0&end=10"
        made_up = anyone.get("/programmes/document/made-up.md")
        hidden = anyone.get(address)
        assert (hidden.status_code, hidden.content) == (made_up.status_code, made_up.content) == (404, hidden.content)
        assert anyone.get("/programmes/days/national-rnd.ics").status_code == 404
        assert verdicts(sent(member, size="sme", money="4"))["national-rnd"] == "eligible"
        assert member.get(address).status_code == member.get("/programmes/days/national-rnd.ics").status_code == 200


class _SeenBy:
    """An index that everybody reads with one more label."""

    def __init__(self, index: Index, label: str) -> None:
        self._index, self._label = index, label

    def seen_by(self, labels: Iterable[str]) -> Any:
        return self._index.seen_by({*labels, self._label})


def test_without_the_documents_nothing_is_decided_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "other.md").write_text("# 다른 문서\n\n아무것도 아닙니다.\n", encoding="utf-8")
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([tmp_path / "in"], index, FakeEmbedder())
        html = sent(client_of(Serves(index)), size="sme")
    assert set(verdicts(html).values()) == {"unknown"} and TEXTS["ko"]["no_clauses"] in html


@pytest.mark.parametrize("query", ["", "?start=5&end=2", "?start=99999999&end=999999999", "?start=0&end=999999999"])
def test_any_place_of_a_document_can_be_asked_for(client: TestClient, query: str) -> None:
    answer = client.get(f"/programmes/document/rules/who-may-apply.ko.md{query}")
    assert answer.status_code == 200 and '<article class="document" lang="ko">' in answer.text
    assert client.get("/programmes/document/rules/who-may-apply.ko.md?start=-1").status_code == 422
