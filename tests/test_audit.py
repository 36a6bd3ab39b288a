"""The audit log: off unless asked for, every door notes what it shows, never a word, and old entries go."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from mcp import Client

from assistant.accounts.store import Accounts
from assistant.accounts.visitors import ANYONE, Visitor
from assistant.answering import Assistant
from assistant.audit import Audit, open_audit
from assistant.cli import cli
from assistant.errors import PathError
from assistant.floor.notes import FloorNotes
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.mcp.tools import create_server
from assistant.retrieval import HybridRetriever
from assistant.schema import Language
from assistant.settings import Settings
from assistant.web.line import Line
from assistant.web.privacy import render_privacy
from assistant.web.texts import LANGUAGES, text
from tests.conftest import FAKE_FINGERPRINT, LAUNCH, LOCKOUT, SECRET
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader, cheap_passwords
from tests.floor.manuals import SECRET as FOR_OPERATORS
from tests.floor.test_notes import NOTE
from tests.web.samples import LAUNCH as QUOTE
from tests.web.site import GOOD, Site, open_site
from tests.web.staff.office import Desk

MINA = Visitor("u1", "mina", frozenset({"public", "staff"}))
BUDGET = "가온정밀의 자율공장 제안 예산은 얼마입니까?"
MANUAL = FOR_OPERATORS.replace("[operator]", "[staff]")
EVERYTHING = {"launch.ko.md", "lockout.en.md", "proposal.ko.md", "manuals/cutter.ko.md"}
CLOCK = datetime(2027, 1, 1, tzinfo=UTC)


def test_it_is_off_unless_days_are_set_and_then_makes_no_file(tmp_path: Path) -> None:
    assert Settings().audit_days == 0
    with closing(Audit(tmp_path / "audit.sqlite3", 0)) as audit:
        audit.note(MINA, "page", [QUOTE])
        assert list(audit.entries()) == []
    assert not list(tmp_path.iterdir())


def test_who_when_where_and_which_documents_with_their_labels_and_never_a_word(place: Path | str) -> None:
    with closing(Audit(place, 7, lambda: CLOCK)) as audit:
        audit.note(
            MINA, "page", [QUOTE, replace(QUOTE, id="other"), replace(QUOTE, document_id="b.md", labels=("staff",))]
        )
        audit.note(ANYONE, "/v1/search", [])
        audit.note(ANYONE, "/v1/search", [QUOTE])
        first, second = audit.entries()
    assert (first.at, first.user, first.name, first.door) == ("2027-01-01T00:00:00+00:00", "u1", "mina", "page")
    assert first.documents == ((QUOTE.document_id, ("public",)), ("b.md", ("staff",))) and second.user == ""
    if isinstance(place, Path):
        stored = place.read_bytes()
        assert QUOTE.quote[:20].encode() not in stored and QUOTE.title.encode() not in stored
        assert place.stat().st_mode & 0o777 == 0o600


def test_entries_go_after_their_days_and_all_of_them_once_it_is_off(place: Path | str) -> None:
    now = CLOCK

    def days_of(audit: Audit) -> list[str]:
        return [entry.at[:10] for entry in audit.entries()]

    with closing(Audit(place, 7, lambda: now)) as audit:
        for _ in range(10):
            audit.note(MINA, "page", [QUOTE])
            now += timedelta(days=1)
        assert days_of(audit) == [f"2027-01-{day:02}" for day in range(3, 11)]
    with closing(Audit(place, 2, lambda: now)) as audit:
        assert days_of(audit) == ["2027-01-09", "2027-01-10"]
    with closing(Audit(place, 0, lambda: now)) as audit:
        assert days_of(audit) == []


def test_a_log_that_cannot_be_written_is_told_and_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(PathError, match="audit"):
        Audit(tmp_path, 7)
    with closing(Audit(tmp_path / "audit.sqlite3", 7)) as audit:
        with closing(sqlite3.connect(tmp_path / "audit.sqlite3")) as db:
            db.execute("DROP TABLE shown")
        audit.note(MINA, "page", [QUOTE])
    assert "cannot be used" in caplog.text


def test_the_command_shows_and_selects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_AUDIT", str(tmp_path / "audit.sqlite3"))
    off = CliRunner().invoke(cli, ["audit"])
    assert off.exit_code == 0 and "audit_days" in off.stderr and off.stdout == ""
    monkeypatch.setenv("ASSISTANT_AUDIT_DAYS", "30")
    with closing(open_audit(Settings())) as audit:
        audit.note(MINA, "page", [QUOTE])
        audit.note(ANYONE, "/v1/search", [replace(QUOTE, document_id="b.md", labels=("member", "staff"))])

    def lines(*options: str) -> list[str]:
        done = CliRunner().invoke(cli, ["audit", *options])
        assert done.exit_code == 0, done.output
        return done.stdout.splitlines()

    assert [("mina" in line, "[public]" in line) for line in lines()] == [(True, True), (False, False)]
    assert (
        lines("--user", "mina") == lines("--user", "u1") == lines()[:1] and lines("--document", "b.md") == lines()[1:]
    )
    assert lines("--since", "2999-01-01") == [] and len(lines("--since", "2020-01-01")) == 2
    (entry,) = map(json.loads, lines("--json", "--document", "b.md"))
    assert (
        entry["documents"] == [{"document_id": "b.md", "labels": ["member", "staff"]}] and entry["door"] == "/v1/search"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_privacy_notice_tells_of_it_where_it_is_on(language: Language, settings: Settings) -> None:
    told = text(language, "privacy_audit", audit_days=41)
    assert told in render_privacy(language, settings.model_copy(update={"audit_days": 41}))
    assert told[:12] not in render_privacy(language, settings)


# --- every door


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("audited")
    files = {"launch.ko.md": LAUNCH, "lockout.en.md": LOCKOUT, "proposal.ko.md": SECRET, "manuals/cutter.ko.md": MANUAL}
    for name, content in files.items():
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_text(content, encoding="utf-8")
    embedder = FakeEmbedder()
    settings = Settings(
        conversations=folder / "talk.sqlite3",
        accounts=folder / "accounts.sqlite3",
        audit=folder / "audit.sqlite3",
        audit_days=7,
        uploads=folder / "uploads",
    )
    with (
        write_index(folder / "index", FAKE_FINGERPRINT) as index,
        closing(Accounts(settings.accounts, passwords=cheap_passwords())) as accounts,
    ):
        ingest([folder / "in"], index, embedder)
        parts = (index, HybridRetriever(index, embedder), FakeReader(), FakeLanguageModel(), embedder, settings)
        for name, groups in {"mina": ["staff"], "gaon": ["member", "company:gaon"]}.items():
            accounts.users.add(name, groups)
            accounts.set_password(name, GOOD)
        with open_site(Assistant(*parts), settings, accounts) as opened:
            yield opened


def noted(site: Site, door: str) -> list[tuple[str, set[str]]]:
    """Who was shown what at `door`."""
    with closing(open_audit(site.settings)) as audit:
        found = [(entry.name, {name for name, _ in entry.documents}) for entry in audit.entries() if entry.door == door]
    return found


def test_the_page_notes_what_it_shows_and_shows_again(site: Site) -> None:
    tab = site.browser("mina").tab()
    tab.say("open_page", "ko", "")
    conversation = tab.say("begin", BUDGET)[-1]["output"]["data"][1]
    assert "7억" in str(tab.say("follow"))
    assert noted(site, "page") == [("mina", {"proposal.ko.md"})]
    again = tab.browser.tab()
    again.say("open_page", "ko", conversation)
    assert noted(site, "page") == [("mina", {"proposal.ko.md"})] * 2


def test_programs_are_noted(site: Site) -> None:
    bearer = site.accounts.tokens.make(site.accounts.users.named("mina").id, "t", ("ask", "search", "documents"))
    with httpx.Client(base_url=site.base, headers={"authorization": f"Bearer {bearer}"}, timeout=60) as http:
        http.post("/v1/search", json={"query": BUDGET, "top_k": 1})
        for stream in (False, True):
            http.post(
                "/v1/chat/completions", json={"messages": [{"role": "user", "content": BUDGET}], "stream": stream}
            )
        http.get("/v1/documents")
        http.get("/v1/documents/launch.ko.md")
        http.get("/v1/documents/compare?old=launch.ko.md&new=proposal.ko.md")
    httpx.get(f"{site.base}/v1/documents/proposal.ko.md", timeout=60)  # which is refused
    httpx.get(f"{site.base}/v1/documents/lockout.en.md", timeout=60)
    assert noted(site, "/v1/search") == [("mina", {"proposal.ko.md"})]
    assert noted(site, "/v1/chat/completions") == [("mina", {"proposal.ko.md"})] * 2
    assert noted(site, "/v1/documents") == [("mina", EVERYTHING)]
    assert noted(site, "/v1/documents/compare") == [("mina", {"launch.ko.md", "proposal.ko.md"})]
    assert noted(site, "/v1/documents/{document_id}") == [("mina", {"launch.ko.md"}), ("", {"lockout.en.md"})]


def test_the_floor_is_noted(site: Site) -> None:
    http = site.browser("mina").http
    (machine,) = http.get("/floor/machines").json()["machines"]
    assert http.get(f"/floor/machines/{machine['machine']}").status_code == 200
    assert site.browser().http.get(f"/floor/machines/{machine['machine']}").status_code == 404
    assert noted(site, "/floor/machines") == [("mina", {"manuals/cutter.ko.md"})] * 2


def test_the_finders_page_is_noted(site: Site) -> None:
    assert site.browser("mina").http.get("/programmes/document/proposal.ko.md").status_code == 200
    assert site.browser().http.get("/programmes/document/proposal.ko.md").status_code == 404
    assert noted(site, "/programmes/document") == [("mina", {"proposal.ko.md"})]


def test_the_documents_pages_are_noted(site: Site) -> None:
    for user in ("mina", "gaon", ""):
        http = site.browser(user).http
        assert http.get("/documents").status_code == 200
        for kind, query in (("read", ""), ("file", ""), ("source", "?now=0-9-0123456789ab&at=0-9-0123456789ab")):
            answer = http.get(f"/documents/{kind}/proposal.ko.md{query}")
            assert answer.status_code == (200 if user else 404)
    public = {"launch.ko.md", "lockout.en.md"}
    assert noted(site, "/documents") == [("mina", EVERYTHING), ("gaon", {*public, "proposal.ko.md"}), ("", public)]
    for kind in ("read", "file", "source"):
        assert noted(site, f"/documents/{kind}") == [(name, {"proposal.ko.md"}) for name in ("mina", "gaon")]


def test_the_comparing_page_is_noted(site: Site) -> None:
    for user in ("mina", ""):
        http = site.browser(user).http
        answer = http.get("/documents/compare?old=launch.ko.md&new=proposal.ko.md")
        assert answer.status_code == (200 if user else 404)
    assert http.get("/documents/compare").status_code == 200
    public = {"launch.ko.md", "lockout.en.md"}
    both = {"launch.ko.md", "proposal.ko.md"}
    assert noted(site, "/documents/compare") == [("mina", both), ("", public)]


def test_the_page_for_staff_is_noted(site: Site) -> None:
    with closing(FloorNotes(site.settings.conversations)) as notes:
        notes.add(replace(NOTE, document_id="manuals/cutter.ko.md", labels=("staff",)))
    asked: dict[str, dict[str, str]] = {
        "documents": {},
        "about": {"key": "proposal.ko.md"},
        "passages": {"question": BUDGET},
        "notes": {},
    }
    for user in ("mina", "gaon", ""):
        http = site.browser(user).http
        status = {door: http.get(f"/staff/{door}", params=params).status_code for door, params in asked.items()}
        seen = {"mina": list(asked), "gaon": ["documents", "about"], "": []}[user]
        assert status == {door: 200 if door in seen else 404 for door in asked}
    proposal = {"proposal.ko.md"}
    assert noted(site, "/staff/documents") == [("mina", EVERYTHING), ("gaon", proposal)]
    assert noted(site, "/staff/about") == [("mina", proposal), ("gaon", proposal)]
    assert noted(site, "/staff/notes") == [("mina", {"manuals/cutter.ko.md"})]
    ((name, found),) = noted(site, "/staff/passages")
    assert name == "mina" and "proposal.ko.md" in found


def test_an_upload_that_is_compared_with_documents_is_noted(site: Site) -> None:
    desk = Desk(site, "mina")
    upload = desk.read("again.md", LAUNCH)["id"]
    assert noted(site, "/staff/uploads") == []
    told = desk.get(f"uploads/{upload}").json()
    assert told["same"] and [each["key"] for each in told["earlier"]] == ["launch.ko.md"]
    assert noted(site, "/staff/uploads") == [("mina", {"launch.ko.md"})]


@pytest.mark.anyio
async def test_other_assistants_are_noted(site: Site, tmp_path: Path) -> None:
    assistant: Any = site.line._assistant
    with closing(Audit(tmp_path / "audit.sqlite3", 7)) as audit, closing(Line(assistant)) as line:
        async with Client(create_server(assistant, line, lambda _: MINA, 500, audit)) as client:
            await client.call_tool("search", {"query": BUDGET, "top_k": 1})
            await client.call_tool("ask", {"question": BUDGET})
            await client.call_tool("read_document", {"document_id": "proposal.ko.md"})
            await client.call_tool("read_document", {"document_id": "no-such.md"})
        found = [(entry.door, entry.name, dict(entry.documents)) for entry in audit.entries()]
    shown = {"proposal.ko.md": ("company:gaon", "staff")}
    assert found == [(f"mcp {tool}", "mina", shown) for tool in ("search", "ask", "read_document")]
