"""The account pages over HTTP: what a browser sends and gets, and what an attacker does not get."""

from __future__ import annotations

import ast
import json
import string
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest

from assistant import errors
from assistant.accounts.attempts import TRIES, WINDOW_S
from assistant.accounts.store import Accounts
from assistant.accounts.tokens import SCOPES, STAFF_SCOPES
from assistant.schema import Finished, SentenceReady
from assistant.settings import Settings
from assistant.web.account import texts
from assistant.web.account.desk import here_only
from assistant.web.account.texts import TEXTS, error_key
from assistant.web.visitors import COOKIE, SECURE_COOKIE
from tests.fakes import FakeAssistant, cheap_passwords
from tests.web.samples import LAUNCH, SENTENCE, answered, opening_events
from tests.web.site import GOOD, Site, open_site

NEW = "staple staple horse"
ASKED = FakeAssistant({})


class _Clock:
    now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("accounts")
    settings = Settings(conversations=folder / "talk.sqlite3", accounts=folder / "accounts.sqlite3")
    with (
        closing(Accounts(settings.accounts, passwords=cheap_passwords(), clock=_Clock())) as accounts,
        open_site(ASKED, settings, accounts) as opened,
    ):
        yield opened


@pytest.fixture
def site(server: Site) -> Iterator[Site]:
    """The server with two users, nobody signed in, and no tries counted."""
    _Clock.now += WINDOW_S + 1
    for user in server.accounts.users.list():
        server.accounts.users.remove(user.name)
    for name, groups in (("mina", ["staff", "company:gaon"]), ("juno", ["member"])):
        server.accounts.users.add(name, groups)
        server.accounts.set_password(name, GOOD)
    yield server
    server.visitors.secure = False


# --- signing in and out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("ko-KR,ko;q=0.9", "로그인"), ("en-GB,en;q=0.9", "Sign in"), ("fr", "로그인")]
)
def test_the_sign_in_page_speaks_the_browsers_language_and_serves_password_managers(
    site: Site, language: str, words: str
) -> None:
    page = site.browser(**{"accept-language": language}).http.get("/sign-in")
    assert f"<h1>{words}</h1>" in page.text and page.status_code == 200
    for part in (
        'autocomplete="username"',
        'autocomplete="current-password"',
        'type="password"',
        "autofocus",
        "<label",
    ):
        assert part in page.text
    assert "<script" not in page.text and "style=" not in page.text and " onclick" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script" not in policy and "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert "http://" not in page.text and "https://" not in page.text


def test_a_chosen_language_is_kept(site: Site) -> None:
    browser = site.browser(**{"accept-language": "ko"})
    assert "<h1>Sign in</h1>" in browser.http.get("/sign-in?lang=en").text
    assert "<h1>Sign in</h1>" in browser.http.get("/sign-in").text
    assert "<h1>로그인</h1>" in browser.http.get("/sign-in?lang=ko").text


def test_signing_in_sets_a_cookie_that_no_script_reads_and_signing_out_ends_it_here_and_there(site: Site) -> None:
    browser = site.browser()
    answer = browser.sign_in("Mina ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(COOKIE))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age=" in cookie and "Path=/" in cookie
    assert browser.visitor().labels == {"public", "staff", "company:gaon"}
    assert browser.http.get("/sign-in").headers["location"] == "/account"
    secret = browser.secret
    assert browser.send("/account", "/sign-out").headers["location"] == "/sign-in"
    assert browser.secret == "" and not site.accounts.sessions.visitor(secret).signed_in
    assert browser.http.get("/account").headers["location"] == "/sign-in?next=/account"


def test_over_https_the_cookie_is_bound_to_the_host_and_the_other_one_is_not_read(site: Site) -> None:
    plain = site.browser("mina")
    site.visitors.secure = True  # as behind a proxy that speaks TLS
    browser = site.browser()
    page = browser.http.get("/sign-in")
    form = page.headers["set-cookie"]
    assert form.startswith("__Host-assistant-form=") and "Secure" in form
    mark = unescape(page.text.split('name="form" value="')[1].split('"')[0])
    answer = browser.http.post(
        "/sign-in", data={"form": mark, "name": "mina", "password": GOOD}, headers={"cookie": form.split(";")[0]}
    )
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(SECURE_COOKIE))
    assert "Secure" in cookie
    planted = site.browser()
    planted.plant(plain.secret)
    assert planted.http.get("/account").status_code == 303


def test_a_wrong_password_says_how_many_tries_are_left_and_then_to_wait(site: Site) -> None:
    browser = site.browser(**{"accept-language": "en"})
    for left in reversed(range(TRIES)):
        answer = browser.sign_in("mina", "wrong horse battery")
        assert answer.status_code == 401 and f"Tries left: {left}" in answer.text
        assert 'role="alert"' in answer.text and 'aria-invalid="true"' in answer.text
        assert 'value="mina"' in answer.text and "wrong horse" not in answer.text
    answer = browser.sign_in("mina")
    assert answer.status_code == 429 and "15 minutes" in answer.text and browser.secret == ""


@pytest.mark.parametrize("name", ["nobody", "mina"])
def test_who_exists_is_not_told(site: Site, name: str) -> None:
    answer = site.browser(**{"accept-language": "en"}).sign_in(name, "wrong horse battery")
    assert (answer.status_code, "Name or password is wrong. Tries left: 4" in answer.text) == (401, True)


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", "/a\nb", "/\t/x"]
)
def test_signing_in_leads_to_no_other_site(site: Site, where: str) -> None:
    assert here_only(where) == "/"
    assert site.browser().sign_in("mina", goes_to=where).headers["location"] == "/"


def test_signing_in_leads_back_to_where_one_was(site: Site) -> None:
    page = site.browser().http.get("/sign-in?next=/account")
    assert 'name="goes_to" value="/account"' in page.text
    assert site.browser().sign_in("mina", goes_to="/account").headers["location"] == "/account"


def test_what_was_typed_is_shown_as_text(site: Site) -> None:
    answer = site.browser().sign_in('"><script>alert(1)</script>', "x")
    assert "<script" not in answer.text and "&lt;script&gt;" in answer.text


# --- attacks ---------------------------------------------------------------------------------------------------------


def test_a_planted_session_is_not_the_one_that_signs_in(site: Site) -> None:
    victim, known = site.browser(), "a-made-up-session-that-the-attacker-knows"
    victim.plant(known)
    victim.sign_in("mina")
    assert victim.secret != known and victim.visitor().name == "mina"
    assert not site.accounts.sessions.visitor(known).signed_in


def test_signing_in_over_a_session_ends_it(site: Site) -> None:
    shared, browser = site.browser("juno"), site.browser()
    mark = browser.mark("/sign-in")
    browser.plant(shared.secret)
    fields = {"name": "mina", "password": GOOD}
    # a form that was open before the session was planted does not fit it
    assert browser.http.post("/sign-in", data={"form": mark, **fields}).status_code == 403
    assert browser.http.post("/sign-in", data={"form": browser.mark("/account"), **fields}).status_code == 303
    assert browser.visitor().name == "mina" and not shared.visitor().signed_in


FORMS = [
    ("/sign-in", {"name": "mina", "password": GOOD}),
    ("/sign-out", {}),
    ("/account/password", {"old": GOOD, "new": NEW, "again": NEW}),
    ("/account/sessions", {}),
    ("/account/tokens", {"token_name": "x", "scopes": "ask"}),
]


@pytest.mark.parametrize(("path", "fields"), FORMS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_form_that_is_not_ours_does_nothing(site: Site, path: str, fields: dict[str, str]) -> None:
    victim, attacker = site.browser("mina"), site.browser("juno")
    marks = ["", "x", attacker.mark("/account")]
    anonymous = site.browser()
    marks.append(anonymous.mark("/sign-in"))
    for mark in marks:
        answer = victim.http.post(path, data={"form": mark, **fields})
        assert answer.status_code in (303, 403) and "alliance_" not in answer.text, mark
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"{site.base}.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        mark = victim.mark("/account")
        assert victim.http.post(path, data={"form": mark, **fields}, headers=headers).status_code == 403
    assert victim.visitor().name == "mina" and site.accounts.tokens.of(victim.visitor().user_id) == []
    assert site.browser().sign_in("mina").status_code == 303  # the password is the old one


def test_a_form_of_ours_is_taken_from_ours(site: Site) -> None:
    browser = site.browser("mina", origin=site.base, **{"sec-fetch-site": "same-origin"})
    assert browser.send("/account", "/account/tokens", token_name="x", scopes="ask").status_code == 200


# --- passwords, links, tokens ----------------------------------------------------------------------------------------


def test_a_changed_password_signs_the_others_out_and_stays_here(site: Site) -> None:
    browser, other = site.browser("mina", **{"accept-language": "en"}), site.browser("mina")
    for old, new, again, status, words in (
        ("wrong horse battery", NEW, NEW, 401, "Tries left: 4"),
        (GOOD, NEW, NEW + "x", 422, "differ"),
        (GOOD, "short", "short", 422, "12 characters"),
    ):
        answer = browser.send("/account", "/account/password", old=old, new=new, again=again)
        assert answer.status_code == status and words in answer.text and NEW not in answer.text
    answer = browser.send("/account", "/account/password", old=GOOD, new=NEW, again=NEW)
    assert answer.status_code == 200 and "has been changed" in answer.text
    assert browser.visitor().name == "mina" and not other.visitor().signed_in
    assert browser.send("/account", "/account/tokens", token_name="x", scopes="ask").status_code == 200
    assert site.browser().sign_in("mina", GOOD).status_code == 401
    # the page that came with the new session holds forms that fit it
    assert site.browser().sign_in("mina", NEW).status_code == 303


@pytest.mark.parametrize("scope", [*SCOPES, *STAFF_SCOPES])
def test_every_scope_can_be_listed(site: Site, scope: str) -> None:
    browser = site.browser("mina")
    site.accounts.tokens.make(browser.visitor().user_id, "made at the terminal", [scope])
    assert "made at the terminal" in browser.http.get("/account").text


@pytest.mark.parametrize("purpose", ["invitation", "reset"])
def test_a_link_sets_a_password_once_and_signs_in(site: Site, purpose: str) -> None:
    user = site.accounts.users.add("ana", ["operator"])
    path = f"/{purpose}/{site.accounts.links.make(user.id, purpose)}"  # type: ignore[arg-type]
    browser = site.browser()
    page = browser.http.get(path)
    assert page.text.count('autocomplete="new-password"') == 2 and 'autocomplete="username" value="ana"' in page.text
    assert browser.http.post(path, data={"form": "x", "new": NEW, "again": NEW}).status_code == 403
    assert browser.send(path, new=NEW, again=NEW + "x").status_code == 422
    assert browser.send(path, new=NEW, again=NEW).headers["location"] == "/"
    assert browser.visitor().labels == {"public", "operator"}
    late = site.browser(**{"accept-language": "en"}).http.get(path)
    assert late.status_code == 404 and "has been used or has expired" in late.text and "ana" not in late.text
    assert site.browser().http.get(f"/{purpose}/made-up").text == site.browser().http.get(f"/{purpose}/made-up-2").text


def test_a_token_is_shown_once_listed_and_revoked(site: Site) -> None:
    browser = site.browser("mina", **{"accept-language": "en"})
    made = browser.send("/account", "/account/tokens", token_name="<b>report</b>", scopes="ask", days="30")
    token = made.text.split('<p class="secret">')[1].split("<")[0]
    assert site.accounts.tokens.visitor(token).scopes == {"ask"}
    page = browser.http.get("/account").text
    assert "&lt;b&gt;report" in page and token not in page and "until 20" in page
    (listed,) = site.accounts.tokens.of(browser.visitor().user_id)
    assert site.browser("juno").send("/account", f"/account/tokens/{listed.id}").status_code == 404
    assert site.accounts.tokens.visitor(token).signed_in
    assert browser.send("/account", f"/account/tokens/{listed.id}").status_code == 200
    assert not site.accounts.tokens.visitor(token).signed_in
    for fields in ({"token_name": ""}, {"token_name": "x", "scopes": "all"}, {"token_name": "x", "days": "-1"}):
        assert browser.send("/account", "/account/tokens", **fields).status_code == 422


def test_a_shut_out_user_is_out_at_once(site: Site) -> None:
    browser = site.browser("mina")
    site.accounts.users.disable("mina")
    assert browser.http.get("/account").status_code == 303
    assert browser.sign_in("mina").status_code == 401
    site.accounts.users.disable("mina", False)
    assert browser.send("/sign-in", name="mina", password=GOOD).status_code == 303


def test_who_is_shut_out_while_an_answer_is_written_sees_no_more_of_it(site: Site) -> None:
    gate, question = threading.Event(), "질문"
    ASKED.scripts = {question: [*opening_events(question), gate, SentenceReady(SENTENCE), Finished(answered(question))]}
    tab = site.browser("mina").tab()
    tab.say("open_page", "ko", "")
    tab.say("begin", question)
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(tab.say, "follow")
        while not ASKED.asked:
            time.sleep(0.02)
        time.sleep(2)  # the page shows the evidence meanwhile
        site.accounts.users.disable("mina")
        gate.set()
        said = json.dumps(following.result(60), ensure_ascii=False)
    assert LAUNCH.title in said and SENTENCE.text.rpartition(" ")[0] not in said


def test_signing_out_everywhere_does(site: Site) -> None:
    here, there = site.browser("mina"), site.browser("mina")
    here.send("/account", "/account/sessions")
    assert not here.visitor().signed_in and not there.visitor().signed_in


def test_accounts_that_cannot_be_used_are_one_sentence(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = site.browser("mina", **{"accept-language": "en"})

    def broken(*_: object) -> None:
        raise errors.AccountsUnusable("the path of a file", "hint")

    monkeypatch.setattr(site.accounts.tokens, "of", broken)
    answer = browser.http.get("/account")
    assert answer.status_code == 503 and "not possible right now" in answer.text and "path" not in answer.text


# --- texts -----------------------------------------------------------------------------------------------------------


def _places(value: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(value) if name}


def test_both_languages_have_every_text_and_each_is_used() -> None:
    assert TEXTS["ko"].keys() == TEXTS["en"].keys()
    for key, value in TEXTS["ko"].items():
        assert _places(value) == _places(TEXTS["en"][key]), key
        assert any("가" <= letter <= "힣" for letter in value), key
        assert not any("가" <= letter <= "힣" for letter in TEXTS["en"][key]), key
    folder = Path(texts.__file__).parent
    used = {
        node.value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and path.name != "texts.py"
    }
    built = {"scope_ask", "scope_search", "scope_documents", "scope_metrics", "invitation_hint", "reset_hint"}
    assert sorted(TEXTS["ko"].keys() - used - built - set(texts.ERROR_TEXTS.values())) == []


def test_every_account_error_has_a_sentence() -> None:
    tree: list[type[errors.AccountError]] = [errors.AccountError]
    for kind in tree:
        tree += kind.__subclasses__()
        assert error_key(kind("message", "hint")) in TEXTS["ko"]
