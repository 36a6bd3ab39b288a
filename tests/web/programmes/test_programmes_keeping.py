"""Nothing of a firm is stored, unless who is signed in has ticked so; it is theirs alone, and goes when they say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assistant.accounts.copying import copy_accounts, put_accounts
from assistant.accounts.firms import KeptFirm
from assistant.accounts.store import Accounts
from assistant.schema import Language
from assistant.settings import Settings
from assistant.web.privacy import render_privacy
from assistant.web.programmes.texts import TEXTS
from assistant.web.texts import LANGUAGES
from assistant.web.visitors import COOKIE, Visitors
from tests.fakes import cheap_passwords
from tests.web.programmes.conftest import SENTENCES, Serves, client_of

TICK = {"asked": "keep", "keep": "keep"}
UNTICKED = {"asked": "keep"}


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    with closing(Accounts(tmp_path / "accounts.sqlite3", passwords=cheap_passwords())) as opened:
        for name in ("mina", "jun"):
            opened.users.add(name, ["member"])
        yield opened


def signed_in(serves: Serves, accounts: Accounts, name: str = "") -> TestClient:
    client = client_of(serves, Visitors(accounts))
    if name:
        client.cookies.set(COOKIE, accounts.sessions.begin(accounts.users.named(name).id))
    return client


def stored(accounts: Accounts, name: str = "mina") -> KeptFirm | None:
    return accounts.firms.of(accounts.users.named(name).id)


def rows(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "accounts.sqlite3")) as database:
        return int(database.execute("SELECT count(*) FROM firms").fetchone()[0])


def test_without_the_tick_or_without_signing_in_nothing_is_stored(
    serves: Serves, accounts: Accounts, tmp_path: Path
) -> None:
    nameless, mina = signed_in(serves, accounts), signed_in(serves, accounts, "mina")
    assert 'name="keep"' not in nameless.get("/programmes").text
    assert 'name="keep" value="keep">' in mina.get("/programmes").text
    for form in ({"text": SENTENCES["ko"]}, {"size": "sme"}, {"size": "sme", **UNTICKED}):
        mina.post("/programmes", data=form)
        nameless.post("/programmes", data={**form, **TICK})
    assert rows(tmp_path) == 0


def test_with_the_tick_one_begins_with_the_firm_next_time(serves: Serves, accounts: Accounts) -> None:
    mina = signed_in(serves, accounts, "mina")
    shown = mina.post("/programmes", data={"text": SENTENCES["ko"], **TICK}).text
    assert 'name="keep" value="keep" checked' in shown
    kept = stored(accounts)
    assert kept is not None and kept.said == SENTENCES["ko"] and kept.fields["sales"] == "90"
    again = mina.get("/programmes?lang=en").text
    assert 'data-verdict="eligible"' in again and SENTENCES["ko"] in again and 'value="keep" checked' in again
    for other in (signed_in(serves, accounts, "jun"), signed_in(serves, accounts)):
        assert '<section class="start">' in other.get("/programmes").text
    mina.post("/programmes", data={"said": SENTENCES["ko"], "sales": "120", **TICK})
    kept = stored(accounts)
    assert kept is not None and kept.fields == {"sales": "120"}


def test_looking_again_neither_stores_nor_deletes(serves: Serves, accounts: Accounts) -> None:
    mina = signed_in(serves, accounts, "mina")
    mina.post("/programmes", data={"size": "sme", **TICK})
    other = mina.post("/programmes", data={"size": "large"}).text  # going back to another firm
    assert 'name="keep" value="keep">' in other and stored(accounts) == KeptFirm("", {"size": "sme"})
    same = mina.post("/programmes", data={"size": "sme"}).text
    assert 'name="keep" value="keep" checked' in same


def test_without_the_tick_it_is_deleted_and_with_the_account_as_well(
    serves: Serves, accounts: Accounts, tmp_path: Path
) -> None:
    mina = signed_in(serves, accounts, "mina")
    mina.post("/programmes", data={"size": "sme", **TICK})
    mina.post("/programmes", data={"said": "", "size": "sme", **UNTICKED})
    assert stored(accounts) is None and '<section class="start">' in mina.get("/programmes").text
    mina.post("/programmes", data={"size": "sme", **TICK})
    accounts.users.remove("mina")
    assert rows(tmp_path) == 0


def test_what_cannot_be_used_is_not_stored(serves: Serves, accounts: Accounts) -> None:
    mina = signed_in(serves, accounts, "mina")
    mina.post("/programmes", data={"size": "sme", **TICK})
    mina.post("/programmes", data={"sales": "아주 많이", **TICK})
    assert stored(accounts) == KeptFirm("", {"size": "sme"})


def test_a_field_that_is_gone_does_not_shut_the_page(serves: Serves, accounts: Accounts) -> None:
    mina, user = signed_in(serves, accounts, "mina"), accounts.users.named("mina").id
    accounts.firms.keep(user, KeptFirm("x", {"gone": "1", "size": "sme"}))
    assert 'data-verdict="eligible"' in mina.get("/programmes").text
    accounts.firms.keep(user, KeptFirm("x", {"size": "made-up"}))
    assert TEXTS["ko"]["cannot_use"] in mina.get("/programmes").text
    accounts.firms.keep(user, KeptFirm("x", {"gone": "1"}))
    assert '<section class="start">' in mina.get("/programmes").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_privacy_notice_says_so(language: Language) -> None:
    assert TEXTS[language]["privacy"] in unescape(render_privacy(language, Settings()))


def test_a_backup_holds_it(accounts: Accounts, tmp_path: Path) -> None:
    accounts.firms.keep(accounts.users.named("mina").id, KeptFirm("x", {"size": "sme"}))
    copy_accounts(tmp_path / "accounts.sqlite3", tmp_path / "copy.sqlite3")
    accounts.firms.forget(accounts.users.named("mina").id)
    put_accounts(tmp_path / "copy.sqlite3", tmp_path / "accounts.sqlite3")
    assert stored(accounts) == KeptFirm("x", {"size": "sme"})
