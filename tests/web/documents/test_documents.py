"""The list of documents, reading one, and the fragment that shows a cited place; without a browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.accounts.visitors import ANYONE, Visitor
from assistant.comparison.values import Change, Comparison
from assistant.floor.pages import Pages
from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.schema import Block, Document
from assistant.settings import Settings
from assistant.web.documents.changes import as_csv
from assistant.web.documents.fragments import render_text
from assistant.web.documents.library import Wanted, find
from assistant.web.documents.places import Place, places_of
from assistant.web.documents.rendering import View, render_page
from assistant.web.documents.routes import documents_router
from assistant.web.sources import words_mark
from assistant.web.visitors import Visitors
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder
from tests.web.samples import LAUNCH

OLD = (
    "---\ntitle: 요율표\nlanguage: ko\nversion: '1'\neffective_date: 2024-01-01\ncollection: rules\n---\n\n"
    "# 요율표\n\n요율은 3%입니다.\n"
)
NEW = OLD.replace("version: '1'", "version: '2'\nsupersedes: rate-1.ko.md").replace("2024", "2026").replace("3%", "5%")
EVIL = (
    "---\ntitle: <img src=x onerror=alert(1)>\nlanguage: ko\ncollection: '<script>'\n---\n\n"
    "# <script>alert(1)</script>\n\n본문에만 있는 낱말 회전반경. `</div><script>alert(2)</script>`\n\n"
    "| 코드 | 뜻 |\n|---|---|\n| <b>A</b> | 관리 |\n"
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "in").mkdir()
    for name, text in {"rate-1.ko.md": OLD, "rate-2.ko.md": NEW, "evil.ko.md": EVIL}.items():
        (folder / "in" / name).write_text(text, encoding="utf-8")
    with write_index(folder / "index", FAKE_FINGERPRINT) as opened:
        ingest([folder / "in"], opened, FakeEmbedder(), roots=[folder / "in"])
        yield opened


@pytest.fixture(scope="module")
def client(index: Index) -> Iterator[httpx.Client]:
    pages, app = Pages(index), FastAPI()
    app.include_router(documents_router(index, pages, Visitors(), Settings()))
    with TestClient(app) as opened:
        yield opened
    pages.close()


def soup_of(client: httpx.Client, path: str, status: int = 200) -> BeautifulSoup:
    client.cookies.clear()  # of a language that was chosen before
    answer = client.get(path, headers={"accept-language": "ko"})
    assert answer.status_code == status, answer.text
    return BeautifulSoup(answer.text, "html.parser")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["rate-2.ko.md", "rate-1.ko.md", "evil.ko.md"]),
        ("?q=요율", ["rate-2.ko.md", "rate-1.ko.md"]),
        ("?q=회전반경", ["evil.ko.md"]),
        ("?state=superseded", ["rate-1.ko.md"]),
        ("?state=in_force&collection=rules", ["rate-2.ko.md"]),
        ("?version=1", ["rate-1.ko.md"]),
        ("?since=2025-01-01", ["rate-2.ko.md"]),
        ("?since=nonsense&q=%27%22%3B--", []),
    ],
)
def test_the_list_is_searched_and_narrowed(client: httpx.Client, query: str, found: list[str]) -> None:
    soup = soup_of(client, f"/documents{query}")
    assert [str(link["href"]).rpartition("/")[2] for link in soup.select(".docs .name a")] == found
    if not found:
        assert "조건에 맞는 문서가 없습니다" in soup.text


def test_the_list_says_what_is_superseded_and_what_was_found_in_a_text(client: httpx.Client) -> None:
    assert "대체됨" in soup_of(client, "/documents?version=1").select(".docs .flags")[0].text
    assert "본문에 있음" in soup_of(client, "/documents?q=회전반경").select(".docs .flags")[0].text
    english = soup_of(client, "/documents?lang=en&q=요율")
    assert english.html and english.html["lang"] == "en" and "Found: 2" in english.text
    assert all("q=%EC%9A%94%EC%9C%A8" in str(link["href"]) for link in english.select(".seg a"))  # it stays asked for


def test_words_of_documents_are_no_markup_anywhere(client: httpx.Client) -> None:
    for path in ("/documents", "/documents/read/evil.ko.md", "/documents/source/evil.ko.md?now=x&at=x"):
        soup = soup_of(client, path)
        assert not [tag for tag in soup.select("script") if not tag.get("src")] and not soup.select("img, td b")
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)]


def test_a_document_is_read_with_its_dates_and_its_neighbours_in_time(client: httpx.Client) -> None:
    old, new = soup_of(client, "/documents/read/rate-1.ko.md"), soup_of(client, "/documents/read/rate-2.ko.md")
    assert "대체되었습니다" in old.text and "2026-01-01" in old.select(".seen-note a")[0].text
    assert old.select(".seen-note a")[0]["href"] == "/documents/read/rate-2.ko.md"
    assert "앞선 판" in new.text and "2024-01-01" in new.text and "요율은 5%입니다." in new.select(".text")[0].text
    assert "볼 수 없습니다" in soup_of(client, "/documents/read/made-up.md", 404).text


def test_two_versions_are_compared_from_each_place_that_knows_them(client: httpx.Client) -> None:
    choice = soup_of(client, "/documents/compare")
    assert soup_of(client, "/documents").select("main p a")[0]["href"] == "/documents/compare"
    for page, count in ((choice, 1), *((soup_of(client, f"/documents/read/rate-{n}.ko.md"), 1) for n in (1, 2))):
        links = [str(each["href"]) for each in page.select("main a") if "compare?" in str(each["href"])]
        assert links == ["/documents/compare?old=rate-1.ko.md&new=rate-2.ko.md"] * count
    assert [each["value"] for each in choice.select("[name=new] option")][1:] == [
        "rate-2.ko.md", "rate-1.ko.md", "evil.ko.md",
    ]  # fmt: skip
    for query in ("old=rate-1.ko.md&new=rate-2.ko.md", "new=rate-2.ko.md"):
        soup = soup_of(client, f"/documents/compare?{query}")
        assert [each.text for each in soup.select("del, ins")] == ["3", "5"]
        assert [each.text for each in soup.select(".sides .tag")] == ["대체됨", "현행"]
        assert soup.select_one(".sum li").text == "1 값 바뀜"  # type: ignore[union-attr]


def test_what_cannot_be_compared_is_said(client: httpx.Client) -> None:
    alone = soup_of(client, "/documents/compare?new=rate-1.ko.md")
    assert "앞선 판을 알 수 없습니다" in alone.select("[role=alert]")[0].text
    assert alone.select("[name=new] option[selected]")[0]["value"] == "rate-1.ko.md"
    assert "바뀐 내용이 없습니다" in soup_of(client, "/documents/compare?old=evil.ko.md&new=evil.ko.md").text
    for query in ("new=made-up.md", "old=made-up.md&new=rate-2.ko.md", "old=rate-1.ko.md&new=made-up.md"):
        assert "볼 수 없습니다" in soup_of(client, f"/documents/compare?{query}", 404).text
    other = soup_of(client, "/documents/compare?old=evil.ko.md&new=rate-2.ko.md")
    assert not other.select("main script, main img, td b") and "대부분 새로 쓴" in other.text


def test_changes_are_saved_as_a_table_that_runs_no_formula(client: httpx.Client) -> None:
    answer = client.get("/documents/compare?new=rate-2.ko.md&as=csv", headers={"accept-language": "en"})
    assert answer.headers["content-type"].startswith("text/csv") and answer.text[0] == "\ufeff"
    assert list(csv.reader(io.StringIO(answer.text[1:]))) == [
        ["Kind", "Section", "Page", "Older version", "Newer version"],
        ["changed", "요율표", "", "요율은 3%입니다.", "요율은 5%입니다."],
    ]
    document = Document("a.md", "a.md", "A", "en", ("public",), "h", "text/markdown")
    added = Comparison(document, document, (Change("added", None, replace(LAUNCH, quote="=1+1")),), (), 1)
    assert list(csv.reader(io.StringIO(as_csv(added, "ko"))))[1][4] == "'=1+1"


def test_the_original_comes_as_a_file_that_no_browser_runs(client: httpx.Client) -> None:
    answer = client.get("/documents/file/rate-1.ko.md")
    assert answer.text == OLD and answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert client.get("/documents/file/made-up.md").status_code == 404


def test_a_cited_place_is_marked_while_its_words_still_stand_there(index: Index, client: httpx.Client) -> None:
    stored = index.seen_by(["public"]).document_text("rate-2.ko.md")
    assert stored is not None
    start = stored[1].index("요율은")
    end, mark = start + len("요율은 5%입니다."), words_mark("요율은 5%입니다.")
    span = f"{start + 4}-{start + 6}"
    place = f"{start}-{end}-{mark}-{span}"
    soup = soup_of(client, f"/documents/source/rate-2.ko.md?now={place}&at={place}")
    assert soup.select(".hit[data-now]")[0].text == "요율은 5%입니다." and soup.select("mark")[0].text == "5%"
    seen = soup.select(".seen")[0]
    assert (seen["data-where"], seen["data-file"]) == ("요율표", "/documents/file/rate-2.ko.md")
    moved = f"{start + 1}-{end + 1}-{mark}-{span}"
    changed = soup_of(client, f"/documents/source/rate-2.ko.md?now={moved}&at={moved}&lang=en")
    assert "has changed" in changed.text and not changed.select(".hit, mark") and "5%" in changed.text
    assert soup_of(client, f"/documents/source/gone.md?now={place}&at={place}", 404).select(".seen-note")
    assert client.get("/documents/source/rate-2.ko.md").status_code == 422


@pytest.mark.parametrize(
    "written", ["", "1-2", "2-1-0123456789ab", "1-2-0123456789AB", "1-2-x", "-1-2-0123456789ab", "9" * 40]
)
def test_what_is_no_place_is_none(written: str) -> None:
    assert Place.of(written) is None and places_of([written], "text") == []


def test_rows_go_below_their_header_once_and_marks_may_overlap() -> None:
    text = "이름 | 값\n가 | 1\n나 | 2"
    rows = [Block("table_row", 0, 6), *(Block("table_row", at, at + 5, table_header="이름 | 값") for at in (7, 13))]
    places = [Place(7, 12, "", (7, 12)), Place(7, 12, "", (11, 12))]
    soup = BeautifulSoup(render_text(rows, text, places, places[1]), "html.parser")
    assert [cell.text for cell in soup.select("th")] == ["이름", "값"] and len(soup.select("tr")) == 3
    assert [mark.text for mark in soup.select("mark")] == ["가", "1"] and len(soup.select("tr[data-now]")) == 1


def test_words_in_titles_come_before_words_in_texts(index: Index) -> None:
    seen = index.seen_by(["public"])
    found = find(seen, Wanted(words="요율표"))
    assert [(each.document.document_id, each.in_text) for each in found] == [
        ("rate-2.ko.md", False),
        ("rate-1.ko.md", False),
    ]
    assert find(index.seen_by(["nobody"]), Wanted(words="요율표")) == []


def test_the_head_leads_to_signing_in_where_somebody_can() -> None:
    mina = Visitor("u1", "mina", frozenset({"public"}), "s")
    for visitor, accounts, link in ((ANYONE, True, "/sign-in?next=/documents"), (mina, True, "/account")):
        soup = BeautifulSoup(render_page(View("en", visitor, "", accounts=accounts), "t", ""), "html.parser")
        assert [a["href"] for a in soup.select(".head .end > a")] == [link]
    assert "sign-in" not in render_page(View("en", ANYONE, ""), "t", "")


def test_a_file_that_is_gone_is_not_offered(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ko.md").write_text(OLD, encoding="utf-8")
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([tmp_path / "in"], index, FakeEmbedder(), roots=[tmp_path / "in"])
        (tmp_path / "in" / "a.ko.md").unlink()
        pages, app = Pages(index), FastAPI()
        app.include_router(documents_router(index, pages, Visitors(), Settings()))
        with TestClient(app) as client:
            assert client.get("/documents/file/a.ko.md").status_code == 404
            assert "원본 내려받기" not in client.get("/documents/read/a.ko.md").text
        pages.close()
