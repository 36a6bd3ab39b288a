"""Accounts in PostgreSQL do what those in a file do, and are copied from one to the other."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from assistant.accounts.copying import copy_accounts, put_accounts
from assistant.accounts.store import Accounts
from assistant.errors import AccountError
from tests.accounts.conftest import GOOD
from tests.fakes import cheap_passwords


@pytest.mark.server
@pytest.mark.slow
def test_postgresql_does_the_same(postgresql: str) -> None:
    with closing(Accounts(postgresql, passwords=cheap_passwords())) as accounts:
        user = accounts.users.add("민아", ["staff"])
        accounts.set_password("민아", GOOD)
        secret = accounts.sign_in("민아", GOOD, address="192.0.2.1")
        assert accounts.sessions.visitor(secret).labels == {"public", "staff"}
        with pytest.raises(AccountError):
            accounts.users.add("민아")
        assert accounts.tokens.visitor(accounts.tokens.make(user.id, "script")).name == "민아"
        assert accounts.signing_key() == accounts.signing_key()
        accounts.users.of_provider("https://id.example", "1", "ana", ["member"])
        accounts.open_link(accounts.links.make(user.id, "reset"), "reset", GOOD)
        assert not accounts.sessions.visitor(secret).signed_in
        accounts.users.remove("민아")
        assert [user.name for user in accounts.users.list()] == ["ana"]


@pytest.mark.server
@pytest.mark.slow
def test_accounts_are_copied_out_of_postgresql_and_into_it(postgresql: str, tmp_path: Path) -> None:
    with closing(Accounts(postgresql, passwords=cheap_passwords())) as accounts:
        user = accounts.users.add("보라", ["member"])
        accounts.set_password("보라", GOOD)
        token = accounts.tokens.make(user.id, "script")
        accounts.users.of_provider("https://id.example", "2", "chan", ["member"])
        session = accounts.sign_in("보라", GOOD, address="192.0.2.1")
        before = accounts.users.list()
        assert copy_accounts(postgresql, tmp_path / "copy.sqlite3") == len(before)
        accounts.users.remove("보라")
        accounts.users.add("later")
        put_accounts(tmp_path / "copy.sqlite3", postgresql)
        assert accounts.users.list() == before
        assert accounts.tokens.visitor(token).name == "보라" and not accounts.sessions.visitor(session).signed_in
        assert accounts.sign_in("보라", GOOD, address="192.0.2.1")
    put_accounts(tmp_path / "copy.sqlite3", tmp_path / "file.sqlite3")  # and from there into a file
    with closing(Accounts(tmp_path / "file.sqlite3", passwords=cheap_passwords())) as accounts:
        assert accounts.users.list() == before and accounts.sign_in("보라", GOOD, address="192.0.2.1")
