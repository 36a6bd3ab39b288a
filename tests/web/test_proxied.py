"""The server behind real proxies with the configurations of `docs/proxy.md`: TLS, a root path, streams, cookies."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import openai
import pytest

from assistant.accounts.attempts import TRIES
from assistant.accounts.store import Accounts
from assistant.schema import Finished, SentenceReady
from assistant.settings import Settings
from assistant.web import free_port
from assistant.web.visitors import SECURE_COOKIE
from tests.fakes import FakeAssistant, FakeEmbedder, FakeStore, cheap_passwords
from tests.web.browsing import PATIENCE_S, ask, chromium, wait_for_end, wait_for_evidence
from tests.web.proxying import changed, example, running, running_nginx
from tests.web.samples import SENTENCE, answered, opening_events
from tests.web.site import GOOD, ONE_REQUEST, Browser, Site, open_site

pytestmark = [pytest.mark.server, pytest.mark.slow]

QUESTION, HELD = "답", "멈춤"


class Programs(FakeAssistant):
    """An assistant that programs can use as well."""

    index: Any = SimpleNamespace(seen_by=lambda labels: FakeStore({}))
    embedder = FakeEmbedder()

    def search(self, query: str, **_: object) -> list[Any]:
        """Nothing is found."""
        return []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with fullchain.pem and key.pem for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    if not shutil.which("openssl"):
        pytest.skip("no openssl: install it with `apt-get install openssl`")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", folder / "key.pem", "-out", folder / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@contextmanager
def nginx(folder: Path, certificate: Path, outer: int, inner: int, cut: bool) -> Iterator[None]:
    changes = {
        "443": str(outer),
        "ask.example;": "localhost;",
        "/etc/ssl/ask.example": str(certificate),
        "proxy_pass http://127.0.0.1:7860;": f"proxy_pass http://127.0.0.1:{inner}{'/' if cut else ''};",
    }
    with running_nginx(changed(example("proxy.md", "nginx"), changes), folder, outer):
        yield


@contextmanager
def caddy(folder: Path, certificate: Path, outer: int, inner: int, cut: bool) -> Iterator[None]:
    changes = {
        "ask.example {": f"https://localhost:{outer} {{\n\ttls {certificate}/fullchain.pem {certificate}/key.pem",
        "7860": str(inner),
        "handle /": "handle_path /" if cut else "handle /",
    }
    options = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder}\n}}\n"
    (folder / "Caddyfile").write_text(options + changed(example("proxy.md", "caddy"), changes), encoding="utf-8")
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("no caddy: install it with `apt-get install caddy`")
    arguments = [program, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with running(arguments, folder, outer):
        yield


PROXIES = {"nginx": nginx, "caddy": caddy}


WAYS = {f"{kind}{'-cuts' * cut}": (kind, cut) for kind in PROXIES for cut in (False, True)}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def site(
    request: pytest.FixtureRequest, settings: Settings, certificate: Path, tmp_path: Path
) -> Iterator[tuple[Site, FakeAssistant]]:
    """The server and its proxy; `base` is the public address. Once the proxy cuts the root path off, once not."""
    kind, cut = request.param
    outer, inner = free_port("127.0.0.1", 0), free_port("127.0.0.1", 0)
    public = f"https://localhost:{outer}/assistant"
    settings = settings.model_copy(
        update=Settings(public_url=public, trusted_proxies="127.0.0.1", hsts_days=30).model_dump(
            include={"public_url", "trusted_proxies", "hsts_days"}
        )
    )
    assistant = Programs({QUESTION: [*opening_events(QUESTION), SentenceReady(SENTENCE), Finished(answered(QUESTION))]})
    folder = tmp_path / "proxy"
    folder.mkdir()
    with closing(Accounts(settings.accounts, passwords=cheap_passwords())) as accounts:
        accounts.users.add("mina", ["staff"])
        accounts.set_password("mina", GOOD)
        with (
            open_site(assistant, settings, accounts, inner) as opened,
            PROXIES[kind](folder, certificate, outer, inner, cut),
        ):
            opened.base = public
            yield opened, assistant


def reader(site: Site, **headers: str) -> Browser:
    """A browser that takes the test's certificate."""
    http = httpx.Client(base_url=site.base, headers=headers, timeout=120, limits=ONE_REQUEST, verify=False)
    return Browser(site, http)


def test_readers_and_programs_are_served_through_a_proxy(site: tuple[Site, FakeAssistant]) -> None:
    """All in one: starting the two takes the time."""
    there, assistant = site
    browser = reader(there)
    _page_and_headers(there, browser)
    _signing_in(there, browser)
    _guessing_from_one_address(there)
    token = there.accounts.tokens.make(there.accounts.users.named("mina").id, "test", ["ask", "search"])
    _streams_arrive_as_they_are_made(there, assistant, token)
    _tools(there, token)
    assert browser.http.post("/sign-in", content=b"x" * 2_000_000).status_code == 413


def _page_and_headers(site: Site, browser: Browser) -> None:
    led = httpx.get(site.base, verify=False)
    assert led.status_code in (307, 308) and led.headers["location"].endswith("/assistant/")
    page = browser.http.get("/")
    assert page.status_code == 200 and page.headers["strict-transport-security"] == "max-age=2592000"
    config = json.loads(page.text.split("window.gradio_config = ")[1].split(";</script>")[0])
    assert config["root"] == site.base
    for made_up in ({"x-forwarded-host": "evil.example"}, {"x-gradio-server": "http://evil.example"}):
        assert "evil.example" not in browser.http.get("/", headers=made_up).text
    assert httpx.get(site.base.removesuffix("/assistant") + "/healthz", verify=False).text != "ok"
    assert browser.http.get("/healthz").text == "ok"
    # links of single sign-on and of the API's description lead through the proxy
    assert browser.http.get("/v1/openapi.json").json()["servers"][0]["url"] == "/assistant/v1"


def _signing_in(site: Site, browser: Browser) -> None:
    assert 'href="/assistant/look/account.css"' in browser.http.get("/sign-in").text
    assert browser.http.get("/look/account.css").status_code == 200
    assert browser.http.get("/account").headers["location"] == "/assistant/sign-in?next=/account"
    forged = browser.http.post("/sign-in", headers={"origin": "https://evil.example"})
    assert forged.status_code == 403
    browser.http.headers["origin"] = site.base.removesuffix("/assistant")
    entered = browser.sign_in("mina", goes_to="/account")
    assert (entered.status_code, entered.headers["location"]) == (303, "/assistant/account")
    (cookie,) = [one for one in entered.headers.get_list("set-cookie") if one.startswith(SECURE_COOKIE)]
    assert "Secure" in cookie and "HttpOnly" in cookie and "Path=/;" in cookie
    assert "mina" in browser.http.get("/account").text
    tab = browser.tab()
    tab.say("open_page", "ko", "")
    tab.say("begin", QUESTION)
    said = re.sub(r"<[^>]*>", "", str(tab.say("follow")))  # amounts are bold
    assert SENTENCE.text.rpartition(" ")[0] in said  # its last word stands with the numbers
    assert reader(site).http.get(f"/gradio_api/heartbeat/{tab.name}").status_code == 404


def _guessing_from_one_address(site: Site) -> None:
    """What a reader writes into forwarded headers makes no new address of him."""
    statuses = [
        reader(site, **{"x-forwarded-for": f"198.51.100.{number}", "forwarded": f"for=198.51.100.{number}"})
        .sign_in("mina", "a wrong password")
        .status_code
        for number in range(TRIES + 1)
    ]
    assert statuses == [401] * TRIES + [429]


def _streams_arrive_as_they_are_made(site: Site, assistant: FakeAssistant, token: str) -> None:
    gate = threading.Event()
    assistant.scripts = {
        **assistant.scripts,
        HELD: [*opening_events(HELD), SentenceReady(SENTENCE), gate, Finished(answered(HELD))],
    }
    with httpx.Client(verify=False, timeout=60) as http:
        client = openai.OpenAI(base_url=f"{site.base}/v1", api_key=token, max_retries=0, http_client=http)
        asked: list[Any] = [{"role": "user", "content": HELD}]
        stream = client.chat.completions.create(model="alliance-assistant", messages=asked, stream=True)
        seen = ""
        for chunk in stream:
            seen += chunk.choices[0].delta.content or ""
            if SENTENCE.text in seen:
                break
        assert not gate.is_set()  # the sentence is here while the answer is still being made
        gate.set()
        assert [chunk.choices[0].finish_reason for chunk in stream][-1] == "stop"


def _tools(site: Site, token: str) -> None:
    call = {"name": "ask", "arguments": {"question": QUESTION}, "_meta": {"progressToken": 1}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {"accept": "application/json, text/event-stream", "authorization": f"Bearer {token}"}
    answer = httpx.post(f"{site.base}/mcp", json=body, headers=headers, verify=False, timeout=60)
    assert answer.status_code == 200
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    assert SENTENCE.text in [event["params"]["message"] for event in events if "method" in event]
    assert events[-1]["result"]["structuredContent"]["answer"] == answered(QUESTION).answer
    headers["authorization"] += "x"
    assert httpx.post(f"{site.base}/mcp", json=body, headers=headers, verify=False).status_code == 401


def is_trouble(message: Any, base: str) -> bool:
    """Tell whether a console message is the page's.

    Browsers ask the host for an icon by themselves, and this server has no documents whose source could be shown.
    """
    url = message.location["url"]
    of_the_host = url.endswith("/favicon.ico") and not url.startswith(base)
    return message.type in ("error", "warning") and not of_the_host and not url.startswith(f"{base}/documents/source/")


@pytest.mark.browser
def test_a_browser_works_through_a_proxy(site: tuple[Site, FakeAssistant]) -> None:
    there, assistant = site
    gate = threading.Event()
    assistant.scripts = {
        HELD: [*opening_events(HELD), gate, SentenceReady(SENTENCE), Finished(answered(HELD))],
    }
    said: list[str] = []

    with chromium() as browser, closing(browser.new_context(locale="ko-KR", ignore_https_errors=True)) as context:
        context.set_default_timeout(PATIENCE_S * 1000)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if is_trouble(message, there.base) else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: request.url.startswith(("data:", there.base)) or said.append(request.url))
        page.goto(there.base)
        page.locator("a.account").wait_for()
        assert said == []
        page.locator("a.account").click()
        page.locator("[name=name]").fill("mina")
        said.clear()  # the page's library complains when it is left
        page.locator("[name=password]").fill(GOOD)
        page.keyboard.press("Enter")
        page.locator("a.account", has_text="mina").wait_for()
        assert page.url == f"{there.base}/"
        ask(page, HELD)
        assert wait_for_evidence(page)  # before the answer is made
        gate.set()
        assert wait_for_end(page) == "answered"
        assert said == []
        page.locator("a.account").click()
        page.locator("form[action='/assistant/sign-out'] button").click()
        page.locator("[name=password]").wait_for()
