"""What reaches the server from outside: by which names and doors, nothing from other pages, no large bodies.

And what goes out: headers; and nothing of it into the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from assistant.accounts.visitors import Visitor
from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings
from assistant.web import bodies
from assistant.web.doors import DOORS
from assistant.web.guard import Guard
from assistant.web.visitors import Visitors

JOIN, FORM = "/gradio_api/queue/join", "/sign-in"
TAB = b'{"session_hash": "t"}'


@dataclass
class Asked:
    """What came of a request: the answer, and what the application saw (None: it was not asked)."""

    status: int
    headers: dict[str, str]
    body: bytes | None = None
    scope: dict[str, Any] = field(default_factory=dict)

    @property
    def seen(self) -> dict[str, str]:
        """The headers that the application saw."""
        return {name.decode(): value.decode() for name, value in self.scope["headers"]}


def asked(
    body: Sequence[bytes] = (b"",),
    *,
    method: str = "POST",
    path: str = FORM,
    headers: dict[str, str] | None = None,
    answers: dict[str, str] | None = None,
    limit: int = 1000,
    failing: bool = False,
    length: bool = True,
    peer: str = "203.0.113.9",
    scheme: str = "http",
    query: bytes = b"",
    guard: Guard | None = None,
    **settings: Any,
) -> Asked:
    """Send a request through a guard; `answers`: headers of the application's answer."""
    seen: list[tuple[bytes, dict[str, Any]]] = []
    sent: list[dict[str, Any]] = []
    parts: Iterator[bytes] = iter(body)
    left = len(body)

    async def receive() -> dict[str, Any]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": next(parts), "more_body": left > 0}

    async def send(message: Any) -> None:
        sent.append(message)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        seen.append((message["body"], scope))
        assert not message["more_body"]
        if failing:
            raise ValueError(f"cannot use {message!r}")
        given = [(name.encode(), value.encode()) for name, value in (answers or {}).items()]
        await send({"type": "http.response.start", "status": 200, "headers": given})
        await send({"type": "http.response.body", "body": b"ok"})

    given = {"host": "maru:7860", **(headers or {})}
    if length:
        given.setdefault("content-length", str(sum(map(len, body))))
    scope = {
        "type": "http",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "client": (peer, 50_000),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    guarded = guard or Guard(app, Settings(**settings), body_limit=limit)
    guarded._app = app
    asyncio.run(guarded(scope, receive, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Asked(sent[0]["status"], found, *(seen[0] if seen else ()))


# --- bodies ----------------------------------------------------------------------------------------------------------


def test_what_the_page_sends_goes_through() -> None:
    assert asked([b'{"session_', b'hash": "t"}'], path=JOIN).body == TAB
    assert asked([b"x"]).body == b"x"
    assert asked(method="GET", path="/").body == b""


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("method", ["POST", "PUT", "GET"])
@pytest.mark.parametrize("path", ["/v1/search" if "{" in door else door for door in DOORS if DOORS[door] != "upload"])
def test_bodies_are_limited_on_every_route(method: str, path: str, length: bool) -> None:
    answer = asked([b"x" * 600] * 3, method=method, path=path, length=length)
    assert (answer.status, answer.body) == (413, None)


UPLOADS = [door for door, rule in DOORS.items() if rule == "upload"]


class _SignedIn(Visitors):
    """Everybody has an account."""

    def of(self, cookies: Mapping[str, str], scheme: str) -> Visitor:
        return Visitor("u1", "mina", session="s1")


@pytest.mark.parametrize("path", UPLOADS)
def test_nobody_without_an_account_uploads(path: str) -> None:
    answer = asked([b"x" * 600] * 3, path=path)
    assert (answer.status, answer.body) == (404, None)


@pytest.mark.parametrize("path", UPLOADS)
def test_uploads_have_a_limit_of_their_own_and_are_not_held(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.web.guard.FILE_LIMIT", 5000)

    def sent(*body: bytes, **more: Any) -> Asked:
        return asked(body, path=path, guard=Guard(None, Settings(), _SignedIn(), body_limit=10), **more)  # type: ignore[arg-type]

    assert sent(b"x" * 4000).body == b"x" * 4000
    assert sent(b"x" * 6000).status == 413
    assert sent(b"x" * 6000, headers={"content-length": "10"}).status == 500  # what lies about its length is cut off
    assert sent(b"x", length=False).status == 411
    assert sent(b"x", headers={"transfer-encoding": "chunked"}).status == 411


def test_a_body_with_two_lengths_is_refused() -> None:
    """A proxy could take it for two requests."""
    assert asked([b"x"], headers={"transfer-encoding": "chunked"}).status == 400
    assert asked([b"x"], headers={"transfer-encoding": "chunked"}, length=False).status == 200


@pytest.mark.parametrize("length", ["12x", "-1", "", "²", "9" * 5000])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    assert asked([b"x"], headers={"content-length": length}).status == 413


def test_a_body_that_never_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_BODY_S", 0.05)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/sign-in", "scheme": "http", "query_string": b""}
    scope["headers"] = [(b"content-length", b"5")]
    asyncio.run(Guard(None, Settings(), body_limit=10)(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408


def test_a_flood_of_bodies_is_held_up_to_a_limit_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_OF_ADDRESS", 3000)
    monkeypatch.setattr(bodies, "_IN_ALL", 5000)
    sent: dict[str, int] = {}

    async def flood() -> None:
        everyone_sent = asyncio.Event()
        waiting = 0

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        guard = Guard(app, Settings(), body_limit=1000)

        async def one(name: str, peer: str) -> None:
            nonlocal waiting
            first = True

            async def receive() -> Any:
                nonlocal waiting, first
                if first:
                    first = False
                    return {"type": "http.request", "body": b"x" * 990, "more_body": True}
                waiting += 1
                if waiting == 6:  # each has sent its first part
                    everyone_sent.set()
                await everyone_sent.wait()
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: Any) -> None:
                sent.setdefault(name, message.get("status", 0))

            scope = {"type": "http", "method": "POST", "path": "/sign-in", "scheme": "http", "query_string": b""}
            await guard({**scope, "headers": [], "client": (peer, 1)}, receive, send)

        await asyncio.gather(*(one(f"a{number}", "203.0.113.1") for number in range(5)), one("b", "203.0.113.2"))
        assert list(sent.values()).count(200) == 4 and sent["b"] == 200
        assert [sent[f"a{number}"] for number in range(5)].count(503) == 2
        assert not guard._bodies._held

    asyncio.run(flood())


# --- doors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload", "/gradio_api/upload/", "/upload", "/gradio_api/process_recording", "/gradio_api/stream/x",
        "/gradio_api/component_server", "/gradio_api/vibe-edit", "/gradio_api/proxy=http://elsewhere.example", "/login",
        "/mcp/", "/mcp/x", "/v1", "/v1/", "", "/ ", "/sign-in/", "/sign-in\n", "/SIGN-IN",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_no_door_does_not_exist(path: str, method: str) -> None:
    answer = asked([b"x" * 9000] * 3, path=path, method=method)
    assert (answer.status, answer.body) == (404, None)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"session_hash": ["t"]}', b'{"session_hash": {}}', b"{}"]
)
def test_what_names_no_tab_is_refused(body: bytes) -> None:
    assert asked([body], path=JOIN, query=b"session_hash=t").status == 404


# --- other pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://maru"}, 403),
        ({"origin": "https://maru:7860"}, 403),
        ({"origin": "http://maru:7860.elsewhere.example"}, 403),
        ({"origin": "http://maru:7860@elsewhere.example"}, 403),
        ({"origin": "https://shown.example", "x-forwarded-host": "shown.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://maru:7860"}, 403),
        ({"origin": "http://maru:7860"}, 200),
        ({"origin": "https://shown.example", "sec-fetch-site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_other_pages_cannot_send(headers: dict[str, str], status: int) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert asked(headers=headers, method=method).status == status
    assert asked(method="GET", path="/", headers=headers).status == 200


def test_other_pages_cannot_read_along() -> None:
    """The page's library answers every origin with these, once the server has a public name."""
    given = {"Access-Control-Allow-Origin": "https://evil.example", "access-control-allow-credentials": "true"}
    for method in ("GET", "OPTIONS"):
        answer = asked(method=method, path="/config", answers=given, headers={"origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "a b", "x/y", "<b>", "a@b"]
)
@pytest.mark.parametrize("settings", [{}, {"host": "0.0.0.0", "public_url": "https://ask.example/"}])
def test_a_name_that_is_not_ours_is_refused(host: str, settings: dict[str, str]) -> None:
    for path in ("/", "/healthz", "/v1/models"):
        answer = asked(method="GET", path=path, headers={"host": host}, **settings)
        assert (answer.status, answer.body) == (421, None)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost", "maru:80", "[::1]:7860", "192.168.0.5", "", "LOCALHOST."]
)
def test_names_that_no_page_elsewhere_can_have_are_taken(host: str) -> None:
    assert asked(method="GET", path="/", headers={"host": host}).status == 200


def test_the_public_name_is_taken_and_without_one_a_server_for_all_takes_any() -> None:
    public = {"host": "0.0.0.0", "public_url": "https://Ask.example:8443/assistant"}
    assert asked(method="GET", path="/", headers={"host": "ask.example:8443"}, **public).status == 200
    assert asked(method="GET", path="/", headers={"host": "maru.lan"}, host="0.0.0.0").status == 200
    assert asked(method="GET", path="/", headers={"host": "ma<ru"}, host="0.0.0.0").status == 421


# --- proxies ---------------------------------------------------------------------------------------------------------

TOLD = {
    "x-forwarded-for": "198.51.100.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "evil.example",
    "forwarded": "for=198.51.100.7;proto=https;host=evil.example",
    "x-real-ip": "198.51.100.7",
    "x-gradio-server": "http://evil.example",
}


@pytest.mark.parametrize("trusted", ["", "127.0.0.1", "10.0.0.0/8, 2001:db8::/32"])
def test_what_anybody_says_as_if_a_proxy_is_thrown_away(trusted: str, caplog: pytest.LogCaptureFixture) -> None:
    guard = Guard(None, load_settings(trusted_proxies=trusted))  # type: ignore[arg-type]
    for _ in range(3):
        answer = asked(headers=TOLD, guard=guard)
        assert answer.scope["client"][0] == "203.0.113.9" and answer.scope["scheme"] == "http"
        assert set(answer.seen) == {"host", "content-length"}
    assert caplog.text.count("trusted_proxies") == 1


@pytest.mark.parametrize("peer", ["10.1.2.3", "2001:db8::1"])
def test_a_trusted_proxy_tells_address_and_scheme_and_no_name(peer: str) -> None:
    settings = {"trusted_proxies": "10.0.0.0/8,2001:db8::/32"}
    answer = asked(headers=TOLD, peer=peer, **settings)
    assert answer.scope["client"][0] == "198.51.100.7" and answer.scope["scheme"] == "https"
    assert set(answer.seen) == {"host", "content-length"} and answer.seen["host"] == "maru:7860"
    # what the reader put in front of it is not the reader's address
    chain = {"x-forwarded-for": "192.0.2.66, 198.51.100.7, 10.9.9.9"}
    assert asked(headers=chain, peer=peer, **settings).scope["client"][0] == "198.51.100.7"


def test_the_public_address_is_what_readers_see_whatever_the_proxy_hands_on() -> None:
    settings = {"trusted_proxies": "10.0.0.1", "public_url": "https://ask.example/assistant/"}
    for host in ("127.0.0.1:7860", "ask.example", "evil.example"):
        answer = asked(headers={"host": host, "origin": "https://ask.example"}, peer="10.0.0.1", **settings)
        assert answer.status == 200 and answer.seen["host"] == "ask.example" and answer.scope["scheme"] == "https"
    assert asked(headers={"origin": "http://ask.example"}, peer="10.0.0.1", **settings).status == 403


@pytest.mark.parametrize(("path", "raw"), [("/sign-in", "/sign-in"), ("/assistant/sign-in", "/assistant/sign-in")])
def test_the_root_path_is_there_whether_the_proxy_cuts_it_off_or_not(path: str, raw: str) -> None:
    answer = asked(path=path, public_url="https://ask.example/assistant")
    assert answer.scope["path"] == "/assistant/sign-in" and answer.scope["raw_path"] == b"/assistant/sign-in"
    assert answer.scope["root_path"] == "/assistant"


def test_the_root_path_without_a_slash_leads_to_the_page() -> None:
    answer = asked(path="/assistant", method="GET", query=b"a=b", public_url="https://ask.example/assistant")
    assert answer.status == 307 and answer.headers["location"] == "/assistant/?a=b" and answer.body is None
    for path in ("/assistantx", "/assistant/assistant/sign-in", "/other/sign-in", "/assistant//sign-in"):
        assert asked(path=path, public_url="https://ask.example/assistant").status == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trusted_proxies", "*"), ("trusted_proxies", "proxy.example"), ("trusted_proxies", "10.0.0.1/8"),
        ("public_url", "https://ask.example/?x=1"), ("public_url", "https://ask.example/a b"), ("hsts_days", "-1"),
        ("public_url", "https://mina@ask.example/"), ("public_url", 'https://ask.example/"><b>'),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_meant_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings(**{name: value})


def test_proxies_are_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert Settings().trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8")


# --- headers ---------------------------------------------------------------------------------------------------------


def test_every_answer_says_how_it_may_be_used() -> None:
    for answer in (asked(), asked(path="/nothing"), asked(failing=True), asked([b"x" * 5000])):
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin" and answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; base-uri 'none'")
        assert "strict-transport-security" not in answer.headers
    assert "cache-control" not in asked(method="GET", path="/assets/x.js").headers


def test_the_page_runs_its_own_scripts_and_no_others() -> None:
    policies = {asked(method="GET", path="/").headers["content-security-policy"] for _ in range(2)}
    assert len(policies) == 2  # a mark is for one answer
    scripts = next(part for part in policies.pop().split("; ") if part.startswith("script-src"))
    assert "'nonce-" in scripts and "unsafe-inline" not in scripts and "http" not in scripts and "*" not in scripts


def test_an_account_page_keeps_its_own_policy() -> None:
    own = {"Content-Security-Policy": "default-src 'none'; style-src 'self'", "Cache-Control": "no-store"}
    assert asked(answers=own).headers["content-security-policy"] == own["Content-Security-Policy"]


def test_events_are_not_kept_back() -> None:
    answer = asked(
        method="POST", path="/v1/chat/completions", answers={"content-type": "text/event-stream; charset=utf-8"}
    )
    assert answer.headers["x-accel-buffering"] == "no"
    assert "x-accel-buffering" not in asked(answers={"content-type": "text/html"}).headers


def test_https_is_asked_for_by_setting_and_over_https_alone() -> None:
    name, proxied = "strict-transport-security", {"peer": "10.0.0.1", "trusted_proxies": "10.0.0.1"}
    assert asked(scheme="https", hsts_days=30).headers[name] == "max-age=2592000"
    assert asked(headers={"x-forwarded-proto": "https"}, hsts_days=1, **proxied).headers[name] == "max-age=86400"
    assert name not in asked(headers={"x-forwarded-proto": "https"}, hsts_days=30).headers
    assert name not in asked(scheme="http", hsts_days=30).headers
    assert name not in asked(scheme="https").headers


# --- logs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [JOIN, FORM, "/v1/search", "/mcp", "/account/password", "/reset/SECRET\nERROR forged"])
def test_a_failed_request_logs_where_and_not_what(path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        body = b'{"session_hash": "t", "data": "SECRET"}'
        told = {"cookie": "SECRET", "user-agent": "SECRET", "referer": "SECRET"}
        assert asked([body], path=path, failing=True, query=b"q=SECRET", headers=told).status == 500
    assert path.partition("SECRET")[0] in caplog.text and "ValueError" in caplog.text and "test_guard" in caplog.text
    assert "SECRET" not in caplog.text and "forged" not in caplog.text
