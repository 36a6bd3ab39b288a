"""Users, groups, sessions, links, tokens: what opens an account, for how long, and what does not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from assistant.accounts.attempts import TRIES, TRIES_OF_ADDRESS, WINDOW_S
from assistant.accounts.passwords import Passwords
from assistant.accounts.store import Accounts
from assistant.accounts.visitors import ANYONE
from assistant.errors import (
    AccountError,
    AccountMissing,
    LinkExpired,
    PasswordRefused,
    SignInRefused,
    TooManyTries,
)
from tests.accounts.conftest import GOOD, Clock

HERE = {"address": "192.0.2.1"}
DAY = 86_400


def test_a_user_sees_public_and_the_groups_from_the_next_request_on(accounts: Accounts) -> None:
    secret = accounts.sign_in("mina", GOOD, **HERE)
    assert accounts.sessions.visitor(secret).labels == {"public", "staff", "company:gaon"}
    accounts.users.set_groups("mina", ["member"])
    assert accounts.sessions.visitor(secret).labels == {"public", "member"}
    accounts.users.disable("mina")
    assert accounts.sessions.visitor(secret) == ANYONE
    accounts.users.disable("mina", False)
    assert accounts.sessions.visitor(secret) == ANYONE  # it does not come back to life


@pytest.mark.parametrize(
    "groups", [["stuff"], ["company:"], ["company:Gaon"], ["company:a b"], ["staff "], ["admin\n"]]
)
def test_a_group_that_does_not_exist_is_refused(accounts: Accounts, groups: list[str]) -> None:
    with pytest.raises(AccountError):
        accounts.users.set_groups("mina", groups)
    assert accounts.users.named("mina").groups == ("company:gaon", "staff")


@pytest.mark.parametrize("name", ["", " ", "a b", "mina", "MINA ", "ｍｉｎａ", "<b>", "x" * 65, "a/b", "-a"])
def test_a_name_that_will_not_do_or_is_taken_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError):
        accounts.users.add(name)


def test_names_are_the_same_however_they_are_typed(accounts: Accounts) -> None:
    assert accounts.sessions.visitor(accounts.sign_in(" Mina", GOOD, **HERE)).name == "mina"


def test_a_name_given_anew_inherits_nothing(accounts: Accounts) -> None:
    first, secret = accounts.users.named("mina"), accounts.sign_in("mina", GOOD, **HERE)
    token = accounts.tokens.make(first.id, "script")
    accounts.users.remove("mina")
    assert accounts.users.add("mina").id != first.id
    assert accounts.sessions.visitor(secret) == accounts.tokens.visitor(token) == ANYONE


def test_a_renamed_user_stays_the_same_one(accounts: Accounts) -> None:
    secret, before = accounts.sign_in("mina", GOOD, **HERE), accounts.users.named("mina").id
    accounts.users.rename("mina", "mina.kim")
    visitor = accounts.sessions.visitor(secret)
    assert (visitor.user_id, visitor.name) == (before, "mina.kim")
    with pytest.raises(SignInRefused):
        accounts.sign_in("mina", GOOD, **HERE)


# --- passwords -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["short", "mina-mina", "aaaaaaaaaaaaaaa", "mina12345678"[:11], "x" * 201])
def test_a_weak_password_is_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(PasswordRefused):
        accounts.set_password("mina", password)
    accounts.sign_in("mina", GOOD, **HERE)


def test_passwords_are_argon2id_with_the_parameters_of_the_rfc() -> None:
    stored = Passwords().hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$") and stored != Passwords().hash(GOOD)


def test_a_password_is_hashed_anew_when_the_parameters_change(accounts: Accounts, tmp_path: Path, clock: Clock) -> None:
    hasher = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    other = Accounts(tmp_path / "accounts.sqlite3", passwords=Passwords(hasher), clock=clock)
    other.sign_in("mina", GOOD, **HERE)
    other.close()
    with sqlite3.connect(tmp_path / "accounts.sqlite3") as db:
        assert "m=16,t=2" in db.execute("SELECT password FROM users").fetchone()[0]
    accounts.sign_in("mina", GOOD, **HERE)


def test_hangul_typed_in_parts_is_the_same_password(accounts: Accounts) -> None:
    import unicodedata

    accounts.set_password("mina", "긴비밀번호를고릅니다열두")
    accounts.sign_in("mina", unicodedata.normalize("NFD", "긴비밀번호를고릅니다열두"), **HERE)


@pytest.mark.parametrize("name", ["mina", "nobody", "shut", "invited"])
def test_every_refused_sign_in_looks_and_works_the_same(accounts: Accounts, name: str) -> None:
    accounts.users.add("shut")
    accounts.set_password("shut", GOOD)
    accounts.users.disable("shut")
    accounts.users.add("invited")
    seen: list[str | None] = []
    real = accounts._passwords.matches
    accounts._passwords.matches = lambda stored, password: (seen.append(stored), real(stored, password))[1]  # type: ignore[method-assign, func-returns-value]
    with pytest.raises(SignInRefused) as refused:
        accounts.sign_in(name, "wrong horse battery" if name == "mina" else GOOD, **HERE)
    assert (refused.value.message, refused.value.left) == ("Name or password is wrong.", TRIES - 1)
    assert len(seen) == 1  # one hash was computed, whoever it was
    for password in ("", "x" * 1_000_000):
        with pytest.raises(SignInRefused):
            accounts.sign_in(name, password, **HERE)


def test_five_tries_then_a_wait_that_locks_out_nobody_else(accounts: Accounts, clock: Clock) -> None:
    for left in reversed(range(TRIES)):
        with pytest.raises(SignInRefused) as refused:
            accounts.sign_in("mina", "wrong horse battery", **HERE)
        assert refused.value.left == left
    for _ in range(3):
        with pytest.raises(TooManyTries):
            accounts.sign_in("Mina", GOOD, **HERE)  # the right one does not help now
    accounts.sign_in("mina", GOOD, address="192.0.2.2")  # the user herself is elsewhere
    clock.now += WINDOW_S + 1
    accounts.sign_in("mina", GOOD, **HERE)
    with pytest.raises(SignInRefused) as refused:
        accounts.sign_in("mina", "wrong horse battery", **HERE)
    assert refused.value.left == TRIES - 1  # forgiven


def test_one_address_cannot_try_many_names(accounts: Accounts) -> None:
    for number in range(TRIES_OF_ADDRESS):
        with pytest.raises(SignInRefused):
            accounts.sign_in(f"user{number}", GOOD, **HERE)
    with pytest.raises(TooManyTries):
        accounts.sign_in("mina", GOOD, **HERE)


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_ends_when_idle_and_at_the_latest(accounts: Accounts, clock: Clock) -> None:
    secret, begun = accounts.sign_in("mina", GOOD, **HERE), clock.now
    while clock.now < begun + DAY - 3000:
        clock.now += 3000
        assert accounts.sessions.visitor(secret).signed_in
    clock.now = begun + DAY
    assert not accounts.sessions.visitor(secret).signed_in
    idle = accounts.sign_in("mina", GOOD, **HERE)
    clock.now += 3601
    assert not accounts.sessions.visitor(idle).signed_in


def test_signing_in_ends_the_session_that_was_there(accounts: Accounts) -> None:
    planted = accounts.sign_in("mina", GOOD, **HERE)
    fresh = accounts.sign_in("mina", GOOD, **HERE, replaces=planted)
    assert fresh != planted and accounts.sessions.visitor(planted) == ANYONE
    assert accounts.sessions.visitor(fresh).signed_in


def test_a_new_password_ends_every_other_session(accounts: Accounts) -> None:
    mina, old = accounts.users.named("mina").id, accounts.sign_in("mina", GOOD, **HERE)
    with pytest.raises(SignInRefused):
        accounts.change_password(mina, "wrong horse battery", "staple staple horse", **HERE)
    with pytest.raises(PasswordRefused):
        accounts.change_password(mina, GOOD, "short", **HERE)
    assert accounts.sessions.visitor(old).signed_in
    new = accounts.change_password(mina, GOOD, "staple staple horse", **HERE)
    assert accounts.sessions.visitor(old) == ANYONE and accounts.sessions.visitor(new).signed_in
    with pytest.raises(SignInRefused):
        accounts.sign_in("mina", GOOD, **HERE)


@pytest.mark.parametrize("secret", ["", "x", "0" * 43, None])
def test_a_made_up_secret_is_nobody(accounts: Accounts, secret: str | None) -> None:
    assert accounts.sessions.visitor(secret) == ANYONE


# --- links and tokens ------------------------------------------------------------------------------------------------


def test_a_link_opens_once_and_not_for_ever(accounts: Accounts, clock: Clock) -> None:
    user = accounts.users.add("juno", ["member"])
    first, second = (accounts.links.make(user.id, "invitation") for _ in range(2))
    with pytest.raises(LinkExpired):
        accounts.open_link(first, "invitation", GOOD)  # only the newest opens
    with pytest.raises(LinkExpired):
        accounts.open_link(second, "reset", GOOD)
    with pytest.raises(PasswordRefused):
        accounts.open_link(second, "invitation", "short")  # and may be tried again
    session = accounts.open_link(second, "invitation", GOOD)
    assert accounts.sessions.visitor(session).labels == {"public", "member"}
    with pytest.raises(LinkExpired):
        accounts.open_link(second, "invitation", GOOD)
    late = accounts.links.make(user.id, "reset")
    clock.now += DAY + 1
    with pytest.raises(LinkExpired):
        accounts.links.owner(late, "reset")


def test_a_link_of_a_disabled_user_opens_nothing_and_a_reset_ends_sessions(accounts: Accounts) -> None:
    mina, stolen = accounts.users.named("mina").id, accounts.sign_in("mina", GOOD, **HERE)
    link = accounts.links.make(mina, "reset")
    accounts.users.disable("mina")
    with pytest.raises(LinkExpired):
        accounts.open_link(link, "reset", GOOD)
    accounts.users.disable("mina", False)
    stolen = accounts.sign_in("mina", GOOD, **HERE)
    accounts.open_link(link, "reset", "staple staple horse")
    assert accounts.sessions.visitor(stolen) == ANYONE


def test_a_token_acts_for_its_user_within_its_scopes(accounts: Accounts, clock: Clock) -> None:
    mina = accounts.users.named("mina").id
    token = accounts.tokens.make(mina, "report script", ["ask"], days=1)
    visitor = accounts.tokens.visitor(token)
    assert (visitor.user_id, visitor.scopes) == (mina, {"ask"}) and "staff" in visitor.labels
    accounts.users.set_groups("mina", [])
    assert accounts.tokens.visitor(token).labels == {"public"}
    (listed,) = accounts.tokens.of(mina)
    assert listed.used_at == clock.now and listed.scopes == ("ask",)
    accounts.users.disable("mina")
    assert accounts.tokens.visitor(token) == ANYONE
    accounts.users.disable("mina", False)
    assert accounts.tokens.visitor(token).signed_in
    clock.now += DAY
    assert accounts.tokens.visitor(token) == ANYONE


def test_a_token_is_revoked_by_its_owner_only(accounts: Accounts) -> None:
    mina, juno = accounts.users.named("mina").id, accounts.users.add("juno").id
    token = accounts.tokens.make(mina, "script")
    (listed,) = accounts.tokens.of(mina)
    with pytest.raises(AccountMissing):
        accounts.tokens.revoke(juno, listed.id)
    assert accounts.tokens.visitor(token).signed_in
    accounts.tokens.revoke(mina, listed.id)
    assert accounts.tokens.visitor(token) == ANYONE and accounts.tokens.of(mina) == []
    for name, scopes in (("", ["ask"]), ("x" * 81, ["ask"]), ("x", ["everything"]), ("x", [])):
        with pytest.raises(AccountError):
            accounts.tokens.make(mina, name, scopes)


def test_a_session_is_no_token_and_a_token_no_session(accounts: Accounts) -> None:
    session = accounts.sign_in("mina", GOOD, **HERE)
    token = accounts.tokens.make(accounts.users.named("mina").id, "script")
    assert accounts.tokens.visitor(session) == accounts.sessions.visitor(token) == ANYONE


def test_nothing_that_opens_an_account_is_in_the_file(accounts: Accounts, tmp_path: Path) -> None:
    mina = accounts.users.named("mina").id
    secrets = [accounts.sign_in("mina", GOOD, **HERE), accounts.links.make(mina, "reset"), GOOD]
    secrets.append(accounts.tokens.make(mina, "script"))
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("accounts.sqlite3*"))
    assert b"mina" in stored and not [secret for secret in secrets if secret.encode() in stored]
    assert (tmp_path / "accounts.sqlite3").stat().st_mode & 0o077 == 0


# --- single sign-on --------------------------------------------------------------------------------------------------


def test_a_provider_vouches_for_its_own_users_only(accounts: Accounts) -> None:
    users = accounts.users
    ana = users.of_provider("https://id.example", "sub-1", "Ana", ["member"])
    assert (ana.name, ana.groups, ana.has_password) == ("ana", ("member",), False)
    assert users.of_provider("https://id.example", "sub-1", "renamed there", ["staff"]).id == ana.id
    assert users.named("ana").groups == ("staff",)
    assert users.of_provider("https://id.example", "sub-1", "ana", None).groups == ("staff",)
    with pytest.raises(AccountError):  # a local account of that name is not taken over
        users.of_provider("https://id.example", "sub-2", "mina", ["admin"])
    with pytest.raises(AccountError):
        users.of_provider("https://other.example", "sub-1", "ana", ["admin"])
    with pytest.raises(SignInRefused):
        accounts.sign_in("ana", "", **HERE)
