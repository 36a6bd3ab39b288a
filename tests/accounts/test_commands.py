"""`assistant users …` as an administrator types it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assistant.accounts.store import Accounts
from assistant.cli import cli
from tests.accounts.conftest import GOOD


@pytest.fixture(autouse=True)
def _file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_ACCOUNTS", str(tmp_path / "a.sqlite3"))
    monkeypatch.setenv("ASSISTANT_PUBLIC_URL", "https://ask.example")


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["users", *arguments], input=typed)


def users() -> list[dict[str, object]]:
    return list(json.loads(run("list", "--json").stdout)["users"])


def test_the_first_admin_has_the_password_that_was_typed(tmp_path: Path) -> None:
    assert "users add NAME --admin" in run("list").stdout
    done = run("add", "Root", "--admin", typed=GOOD + "\n")
    assert done.exit_code == 0 and GOOD not in done.output
    assert users() == [{"name": "root", "groups": ["public", "admin"], "disabled": False, "has_password": True}]
    with closing(Accounts(tmp_path / "a.sqlite3")) as accounts:
        secret = accounts.sign_in("root", GOOD, address="x")
        assert accounts.sessions.visitor(secret).labels == {"public", "admin"}


@pytest.mark.parametrize(
    ("arguments", "typed", "word"),
    [
        (["add", "mina"], "short\n", "12"),
        (["add", "mina"], "", "12"),
        (["add", "mina", "--group", "stuff"], GOOD, "stuff"),
        (["add", "mi na"], GOOD, "mi na"),
        (["groups", "nobody"], "", "nobody"),
        (["reset", "nobody"], "", "nobody"),
    ],
)
def test_bad_input_is_one_sentence_and_adds_nobody(arguments: list[str], typed: str, word: str) -> None:
    done = run(*arguments, typed=typed)
    assert done.exit_code == 1 and word in done.stderr and "Traceback" not in done.output
    assert users() == []


def test_links_open_the_account_they_were_made_for(tmp_path: Path) -> None:
    invited = run("invite", "mina", "--group", "member", "--group", "company:gaon").stdout.strip()
    assert invited.startswith("https://ask.example/invitation/")
    assert users()[0]["has_password"] is False
    with closing(Accounts(tmp_path / "a.sqlite3")) as accounts:
        accounts.open_link(invited.rsplit("/", 1)[1], "invitation", GOOD)
        reset = run("reset", "mina").stdout.strip()
        assert accounts.links.owner(reset.rsplit("/", 1)[1], "reset")[1] == "mina"
    assert run("add", "juno", "--link").stdout.startswith("https://ask.example/invitation/")
    assert run("invite", "mina", "--group", "admin").exit_code == 1 and "admin" not in str(users())


def test_groups_disabling_renaming_removing(tmp_path: Path) -> None:
    run("invite", "mina", "--group", "member")
    assert run("groups", "mina").stdout.split() == ["public", "member"]
    assert run("groups", "mina", "staff", "company:gaon").stdout.split() == ["public", "company:gaon", "staff"]
    assert run("groups", "mina", "--none").stdout.split() == ["public"]
    assert "disabled" in run("disable", "mina").stdout and users()[0]["disabled"] is True
    run("disable", "mina", "--enable")
    assert users()[0]["disabled"] is False
    assert run("rename", "mina", "mina.kim").exit_code == 0 and users()[0]["name"] == "mina.kim"
    assert run("remove", "mina.kim", typed="n\n").exit_code == 1 and users()
    assert run("remove", "mina.kim", "--yes").exit_code == 0 and users() == []


def test_tokens_are_shown_once_and_revoked_by_id(tmp_path: Path) -> None:
    run("invite", "mina")
    token = run("tokens", "mina", "--make", "report script", "--scope", "ask", "--days", "30").stdout.strip()
    (listed,) = json.loads(run("tokens", "mina", "--json").stdout)["tokens"]
    assert (
        listed["name"] == "report script" and listed["scopes"] == ["ask"] and token not in run("tokens", "mina").stdout
    )
    with closing(Accounts(tmp_path / "a.sqlite3")) as accounts:
        assert accounts.tokens.visitor(token).name == "mina"
        assert run("tokens", "mina", "--revoke", listed["id"]).exit_code == 0
        assert not accounts.tokens.visitor(token).signed_in
    assert run("sign-out", "mina").stdout.strip() == "Sessions ended: 0"
