"""Single sign-on against a real OpenID provider on this machine (npm's oidc-provider), and against a lying one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from assistant.accounts.oidc import Provider, Started
from assistant.accounts.store import Accounts
from assistant.errors import SignOnFailed
from assistant.settings import Settings
from tests.fakes import FakeAssistant, cheap_passwords
from tests.web.site import Browser, Site, open_site

FOLDER = Path(__file__).with_name("provider")
USERS = {
    "u1": {"preferred_username": "Mina Kim", "groups": ["alliance-office", "company:gaon", "wheel"]},
    "u2": {"preferred_username": "juno", "groups": []},
    "u3": {"preferred_username": "taken", "groups": ["admin"]},
    "u4": {},
}
SECRET = "a secret of this test"


@pytest.fixture(scope="module")
def program() -> Path:
    """The provider's program with what it needs."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no npm: install nodejs and npm")
    if not (FOLDER / "node_modules" / "oidc-provider").exists():
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", str(FOLDER)],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            pytest.skip(f"npm could not fetch oidc-provider: {done.stderr[-200:]}")
    return FOLDER / "server.mjs"


@pytest.fixture
def site(program: Path, settings: Settings) -> Iterator[Site]:
    """Our server, and the provider that it trusts."""
    from assistant.web import free_port

    port = free_port("127.0.0.1", 0)
    here = f"http://127.0.0.1:{port}"
    asked = json.dumps({"redirect": f"{here}/sign-in/provider/back", "users": USERS})
    process = subprocess.Popen(
        ["node", str(program), asked], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http://127.0.0.1:")
        trusting = settings.model_copy(
            update={
                "oidc_issuer": issuer,
                "oidc_client_id": "alliance",
                "oidc_client_secret": type(settings.oidc_client_secret)(SECRET),
                "oidc_scope": "openid profile groups",
                "oidc_name": "Gaon ID",
                "oidc_groups": {"alliance-office": "staff"},
            }
        )
        with closing(Accounts(settings.accounts, passwords=cheap_passwords())) as accounts:
            accounts.users.add("taken", ["member"])
            with open_site(FakeAssistant({}), trusting, accounts, port=port) as opened:
                yield opened
    finally:
        process.kill()
        process.wait(10)


def go(client: httpx.Client, address: str, login: str) -> httpx.Response:
    """Follow redirects at the provider, sign in there as `login`, allow what is asked; stop before coming back."""
    answer = client.get(address)
    for _ in range(12):
        if answer.is_redirect:
            address = urljoin(str(answer.url), answer.headers["location"])
            if "/sign-in/provider/back" in address:
                return httpx.Response(303, headers={"location": address})
            answer = client.get(address)
            continue
        action = re.search(r'action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
        assert action and prompt, answer.text[:500]
        fields = {"prompt": prompt[1], "login": login, "password": "any"}
        answer = client.post(urljoin(str(answer.url), action[1]), data=fields)
    raise AssertionError("the provider goes round in circles")


def sign_on(browser: Browser, login: str) -> httpx.Response:
    """Sign in with the provider from the sign-in page on."""
    link = re.search(r'href="(/sign-in/provider[^"]*)"', browser.http.get("/sign-in").text)
    assert link is not None
    left = browser.http.get(link[1])
    assert left.status_code == 303, left.text
    with httpx.Client(timeout=30) as there:
        back = go(there, left.headers["location"], login).headers["location"]
    return browser.http.get(back)


@pytest.mark.server
@pytest.mark.slow
def test_one_signs_in_with_the_provider_and_gets_its_groups(site: Site) -> None:
    browser = site.browser()
    answer = sign_on(browser, "u1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    visitor = browser.visitor()
    assert (visitor.name, visitor.labels) == ("mina-kim", {"public", "staff", "company:gaon"})
    assert "비밀번호 바꾸기" not in browser.http.get("/account").text  # there is none to change
    again = site.browser()
    sign_on(again, "u1")
    assert again.visitor().user_id == visitor.user_id
    other = site.browser()
    sign_on(other, "u2")
    assert other.visitor().name == "juno" and other.visitor().labels == {"public"}
    nameless = site.browser()
    sign_on(nameless, "u4")
    assert re.fullmatch(r"user-[0-9a-f]{12}", nameless.visitor().name)


@pytest.mark.server
@pytest.mark.slow
def test_the_name_of_another_account_is_not_taken_over_and_a_shut_one_stays_shut(site: Site) -> None:
    browser = site.browser(**{"accept-language": "en"})
    answer = sign_on(browser, "u3")
    assert answer.status_code == 400 and "its name is taken here" in answer.text and not browser.visitor().signed_in
    assert site.accounts.users.named("taken").groups == ("member",)
    sign_on(browser, "u2")
    site.accounts.users.disable("juno")
    assert "it is shut" in sign_on(site.browser(**{"accept-language": "en"}), "u2").text


@pytest.mark.server
@pytest.mark.slow
def test_what_comes_back_counts_once_and_in_the_same_browser_only(site: Site) -> None:
    browser, other = site.browser(), site.browser()
    left = browser.http.get("/sign-in/provider")
    with httpx.Client(timeout=30) as there:
        back = go(there, left.headers["location"], "u1").headers["location"]
    assert other.http.get(back).status_code == 502 and not other.visitor().signed_in
    other.http.get("/sign-in/provider")  # it left, too, but with another state
    assert other.http.get(back).status_code == 502 and not other.visitor().signed_in
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert browser.http.get(back.replace(state, "x" * len(state))).status_code == 502
    browser = site.browser()
    left = browser.http.get("/sign-in/provider")
    with httpx.Client(timeout=30) as there:
        back = go(there, left.headers["location"], "u1").headers["location"]
    assert browser.http.get(back).status_code == 303
    assert browser.http.get(back).status_code == 502  # token replay


# --- a provider that lies: its words are ours, its HTTP is not needed -------------------------------------------------


class Lying(Provider):
    """A provider whose token the test writes."""

    def __init__(self, token: str, keys: dict[str, Any]) -> None:
        super().__init__("https://id.example", "alliance", SECRET)
        self.token, self.keys = token, keys

    def _fetched(self, address: str, fresh: bool = False) -> dict[str, Any]:
        return self.keys

    def look(self, nonce: str = "n") -> str:
        described = {"issuer": self.issuer, "jwks_uri": "keys"}
        return str(self._claims({"id_token": self.token}, nonce, described)["sub"])


def signed(key: Any, header: dict[str, Any] | None = None, **changes: Any) -> str:
    from joserfc import jwt

    claims = {"iss": "https://id.example", "aud": "alliance", "sub": "u1", "nonce": "n", "iat": 1_000, "exp": 4e9}
    kept = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(header or {"alg": "RS256"}, kept, key, algorithms=["RS256", "HS256", "none"])


def test_an_id_token_that_is_not_exactly_right_is_refused() -> None:
    from joserfc.jwk import OctKey, RSAKey

    key, foreign = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
    keys = {"keys": [key.as_dict(private=False)]}
    assert Lying(signed(key), keys).look() == "u1"
    wrong = [
        signed(foreign),
        signed(key, iss="https://other.example"),
        signed(key, aud="another client"),
        signed(key, aud=["another", "client"]),
        signed(key, nonce="old"),
        signed(key, nonce=None),
        signed(key, exp=2_000),
        signed(key, exp=None),
        signed(key, sub=None),
        signed(OctKey.import_key(SECRET * 2), {"alg": "HS256"}),
        signed(key).rsplit(".", 1)[0] + ".",
        "eyJhbGciOiJub25lIn0." + signed(key).split(".")[1] + ".",
        "",
        "x.y.z",
    ]
    for token in wrong:
        with pytest.raises(SignOnFailed):
            Lying(token, keys).look()


def test_a_provider_that_cannot_be_reached_is_one_sentence() -> None:
    for issuer in ("http://127.0.0.1:9", "http://no-such-host.invalid"):
        with pytest.raises(SignOnFailed):
            Provider(issuer, "alliance", SECRET).begin("http://127.0.0.1/back")
        with pytest.raises(SignOnFailed):
            Provider(issuer, "alliance", SECRET).finish(
                "http://127.0.0.1/back?code=x&state=s", Started("s", "n", "v"), "b"
            )
