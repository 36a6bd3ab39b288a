"""Attacks on the running server that no other file here tries: fetching for others, hostile documents, raw requests."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy.event
from bs4 import BeautifulSoup

from assistant.accounts.store import Accounts
from assistant.answering import Assistant
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.retrieval import HybridRetriever
from assistant.settings import Settings
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader, cheap_passwords
from tests.web.site import GOOD, Site, open_site

FAR = "http://files.example/secret.html"
EVIL = "</div></section><script>hacked(1)</script><img src=x onerror=hacked(2)><svg onload=hacked(3)>"
HTML = """<!doctype html><html lang="ko"><head><title>새벽정밀 <img src=x onerror=hacked(4)> 제안서</title>
<script>hacked(5)</script><meta http-equiv="refresh" content="0;url=http://files.example/"></head>
<body onload="hacked(6)"><h1>새벽정밀 제안서</h1><p>새벽정밀의 관리 번호는 QX-1101입니다.</p>
<p>새벽정밀의 담당자는 &lt;img src=x onerror=hacked(7)&gt;입니다.</p>
<svg onload="hacked(8)"><script>hacked(9)</script></svg><iframe src="http://files.example/"></iframe>
<a href="javascript:hacked(10)">x</a></body></html>"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" onload="hacked(11)"><script>hacked(12)</script><text>QX-9909</text></svg>'
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """Over hostile documents, one of which is for staff."""
    folder = tmp_path_factory.mktemp("attacks")
    (folder / "in").mkdir()
    files = {
        "evil.html": HTML,
        "picture.svg": SVG,
        "<img src=x onerror=hacked(13)>.md": f"---\ntitle: '{EVIL}'\nversion: '{EVIL}'\n---\n\n"
        f"# 노을금속 {EVIL}\n\n노을금속의 관리 번호는 QX-2202이고 {EVIL} 라고 합니다.\n",
        "hidden.md": "---\nlabels: [staff]\n---\n\n# 바다기계\n\n바다기계의 관리 번호는 QX-3303입니다.\n",
    }
    for name, text in files.items():
        (folder / "in" / name).write_text(text, encoding="utf-8")
    embedder = FakeEmbedder()
    with write_index(folder / "index", FAKE_FINGERPRINT) as index:
        ingest([folder / "in"], index, embedder)
        yield Assistant(
            index, HybridRetriever(index, embedder), FakeReader(), FakeLanguageModel(), embedder, Settings()
        )


@pytest.fixture(scope="module")
def site(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("server")
    settings = Settings(conversations=folder / "talk.sqlite3", accounts=folder / "accounts.sqlite3")
    with closing(Accounts(settings.accounts, passwords=cheap_passwords())) as accounts:
        accounts.users.add("mina", ["staff"])
        accounts.set_password("mina", GOOD)
        with open_site(assistant, settings, accounts) as opened:
            yield opened


def harmless(html: str) -> None:
    """Fails for HTML in which anything would run or be fetched."""
    soup = BeautifulSoup(html, "html.parser")
    assert not soup.select("script, img, iframe, object, embed, link, meta, base, style, form[action], svg:not(.ico)")
    for sign in soup.select("svg"):  # the page's own
        assert {tag.name for tag in sign.find_all(True)} <= {"path", "circle", "rect"}
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name in ("srcdoc", "style")], tag
        assert not str(tag.get("href", "")).lower().startswith(("javascript:", "data:", "http")), tag


# --- what documents say ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["새벽정밀의 관리 번호는 무엇입니까?", "노을금속의 관리 번호는 무엇입니까?", f"{EVIL} 관리 번호는?"]
)
def test_hostile_documents_and_questions_are_text_on_the_page(site: Site, question: str) -> None:
    browser = site.browser()
    tab = browser.tab(uuid.uuid4().hex)
    tab.say("open_page", "ko", "")
    for message in [*tab.say("begin", question), *tab.say("follow"), *tab.say("speak", "en")]:
        for value in json.loads(json.dumps(message["output"]["data"])):
            if isinstance(value, str) and "<" in value:
                harmless(value)


def test_programs_get_hostile_documents_as_data(site: Site) -> None:
    listed = httpx.get(f"{site.base}/v1/documents").json()["documents"]
    assert len(listed) >= 2 and not any("hacked(5)" in json.dumps(each) for each in listed)
    for path in ("/v1/documents", *(f"/v1/documents/{each['document_id']}" for each in listed)):
        answer = httpx.get(site.base + path)
        assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_no_file_of_anybodys_is_given_back(site: Site) -> None:
    """A document's own file is a download of bytes: HTML or SVG of others never runs in this server's name."""
    for name in ("evil.html", "picture.svg", "hidden.md"):
        for before in ("/", "/gradio_api/file=", "/file=", "/static/", "/assets/", "/v1/", "/look/"):
            answer = site.browser("mina").http.get(f"{before}{name}")
            assert answer.status_code in (403, 404) and "hacked" not in answer.text and "QX" not in answer.text
    for name in ("evil.html", "picture.svg"):
        headers = site.browser().http.get(f"/documents/file/{name}").headers
        assert headers["content-type"] == "application/octet-stream" and headers["x-content-type-options"] == "nosniff"
        assert (
            headers["content-disposition"].startswith("attachment") and "sandbox" in headers["content-security-policy"]
        )
        page = site.browser().http.get(f"/documents/read/{name}").text
        harmless(page[page.index("<main>") :])
        harmless(site.browser().http.get(f"/documents/source/{name}?now=x&at=x").text)
    assert site.browser().http.get("/documents/file/hidden.md").status_code == 404


# --- fetching for others ---------------------------------------------------------------------------------------------

_FILE = {"path": FAR, "meta": {"_type": "gradio.FileData"}}
_LOCAL = {**_FILE, "path": "/etc/passwd"}


@pytest.mark.parametrize(
    "value",
    [
        _FILE,
        [_FILE],
        {"x": [[_FILE]]},
        {**_FILE, "url": FAR},
        {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
    ],
)
@pytest.mark.parametrize("place", ["data", "event_data", "more"])
def test_the_server_fetches_nothing_for_anybody(
    site: Site, monkeypatch: pytest.MonkeyPatch, value: Any, place: str
) -> None:
    from gradio import processing_utils

    fetched: list[object] = []

    async def fetch(*arguments: object, **_: object) -> None:
        fetched.append(arguments)
        raise ValueError("not here")

    monkeypatch.setattr(processing_utils, "async_ssrf_protected_download", fetch)
    monkeypatch.setattr(processing_utils, "ssrf_protected_download", fetch)
    browser = site.browser()
    tab = browser.tab(uuid.uuid4().hex)
    tab.say("open_page", "ko", "")
    blocks = site.page.fns
    number = next(number for number, fn in blocks.items() if fn.fn is not None and fn.fn.__name__ == "begin")
    body = {"fn_index": number, "data": [None, "질문"], "session_hash": tab.name, "event_data": None}
    body[place] = [None, value] if place == "data" else value
    for path in ("/gradio_api/run/predict", "/gradio_api/queue/join"):
        for sent in (json.dumps(body), json.dumps(body).replace("gradio.FileData", "gradio\\u002eFileData")):
            answer = browser.http.post(path, content=sent, headers={"content-type": "application/json"})
            assert answer.status_code == 404, answer.text
    assert fetched == []


# --- raw requests ----------------------------------------------------------------------------------------------------


def raw(site: Site, request: bytes) -> bytes:
    """What the server answers to bytes that no client would send."""
    where = urlsplit(site.base)
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
        return answer


HOST = b"Host: localhost\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /sign-in?next=/%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /sign-in?lang=ko%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /account%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /invitation/a%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /sign-in HTTP/1.1\r\n" + HOST + b"Cookie: assistant-form=x%0d%0aSet-Cookie:%20a=b\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X-Forwarded-Host: a%0d%0aSet-Cookie:%20a=b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost%0d%0aSet-Cookie:a=b\r\nConnection: close\r\n\r\n",
    ],
)
def test_no_header_is_slipped_into_an_answer(site: Site, request_: bytes) -> None:
    head = raw(site, request_).partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 ") and b"\r\nset-cookie: a=b" not in head and b"evil" not in head


@pytest.mark.parametrize(
    "lengths",
    [b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 4\r\nContent-Length: 40\r\n",
     b"Transfer-Encoding: chunked, identity\r\n", b"Transfer-Encoding: xchunked\r\n", b"Content-Length: +4\r\n"],
)  # fmt: skip
def test_a_second_request_is_not_smuggled_in(site: Site, lengths: bytes) -> None:
    inner = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = raw(site, b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n" + lengths + b"\r\n0\r\n\r\n" + inner)
    assert answer.split(b" ")[1] in (b"400", b"413", b"501") and answer.count(b"HTTP/1.1 ") == 1


def test_headers_without_end_are_cut_off(site: Site) -> None:
    where = urlsplit(site.base)
    sent = 0
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        with pytest.raises(OSError):
            while sent < 64 * 2**20:
                sent += connection.send(b"X-A: " + b"a" * 8000 + b"\r\n")
    assert sent < 8 * 2**20  # the server's buffer and the system's


@pytest.mark.parametrize("path", ["/", "/gradio_api/queue/data?session_hash=t", "/mcp", "/gradio_api/heartbeat/t/ws"])
def test_there_are_no_web_sockets(site: Site, path: str) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    upgrade += b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    where = urlsplit(site.base)
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n".encode() + upgrade + b"\r\n")
        assert b" 101 " not in connection.recv(100)


# --- large questions, other origins, old secrets ---------------------------------------------------------------------


def test_a_question_of_ten_megabytes_is_refused_at_every_door(site: Site) -> None:
    question = "가" * (10 * 2**20 // 3)
    tab = site.browser().tab(uuid.uuid4().hex)
    for path, body in {
        "/v1/chat/completions": {"messages": [{"role": "user", "content": question}]},
        "/v1/search": {"query": question},
        "/mcp": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"arguments": {"question": question}}},
        "/gradio_api/run/predict": {"fn_index": 0, "data": [question], "session_hash": tab.name},
        "/gradio_api/queue/join": {"fn_index": 0, "data": [question], "session_hash": tab.name},
    }.items():
        assert httpx.post(site.base + path, json=body, timeout=60).status_code == 413, path
    # what the body's limit lets through meets the question's
    assert httpx.post(f"{site.base}/v1/search", json={"query": "가" * 10_000}, timeout=60).status_code in (400, 422)


@pytest.mark.parametrize("path", ["/config", "/", "/account", "/v1/documents", "/gradio_api/queue/data?session_hash=o"])
def test_another_origin_reads_nothing(site: Site, path: str) -> None:
    """Also under a public name, where the page's library would let everybody read along."""
    browser = site.browser("mina")
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        told = {"origin": origin, "host": "ask", "access-control-request-method": "POST"}
        for method in ("OPTIONS", "GET"):
            with browser.http.stream(method, path, headers=told) as answer:
                assert not [name for name in answer.headers if name.startswith("access-control")], (method, path)


def test_another_page_cannot_use_the_tools(site: Site) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"accept": "application/json, text/event-stream"}
    assert httpx.post(f"{site.base}/mcp", json=body, headers=headers, timeout=60).status_code == 200
    for told in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"host": "evil.example"}):
        assert httpx.post(f"{site.base}/mcp", json=body, headers={**headers, **told}).status_code in (403, 421)


def test_a_session_or_token_that_has_ended_opens_nothing_when_sent_again(site: Site) -> None:
    browser = site.browser("mina")
    stolen = dict(browser.http.cookies)
    token = site.accounts.tokens.make(browser.visitor().user_id, "x", ["documents"])
    mark = browser.mark("/account")
    hidden = f"{site.base}/v1/documents/hidden.md"
    assert httpx.get(hidden, headers={"authorization": f"Bearer {token}"}).status_code == 200
    (listed,) = site.accounts.tokens.of(browser.visitor().user_id)
    browser.send("/account", f"/account/tokens/{listed.id}")
    browser.send("/account", "/sign-out")
    assert httpx.get(hidden, headers={"authorization": f"Bearer {token}"}).status_code == 401
    with httpx.Client(base_url=site.base, cookies=stolen) as thief:
        assert thief.get("/account").headers["location"] == "/sign-in?next=/account"
        again = thief.post("/account/tokens", data={"form": mark, "token_name": "y", "scopes": "ask"})
        assert again.status_code == 303 and site.accounts.tokens.of(site.accounts.users.named("mina").id) == []


# --- what is not there, and what is not theirs ------------------------------------------------------------------------


def test_a_document_that_is_not_theirs_costs_the_same_as_one_that_is_not_there(
    assistant: Assistant, site: Site
) -> None:
    """The same answer by the same steps: the database is asked in one and the same way."""
    database = assistant.index.catalog._db
    seen: dict[str, tuple[list[str], httpx.Response]] = {}
    for name in ("hidden.md", "absent.md"):
        steps: list[str] = []
        database.set_trace_callback(steps.append)
        answer = httpx.get(f"{site.base}/v1/documents/{name}")
        database.set_trace_callback(None)
        seen[name] = ([step.replace(name, "NAME") for step in steps], answer)
    (hidden, first), (absent, second) = seen.values()
    assert hidden == absent and hidden
    assert (first.status_code, first.text) == (second.status_code, second.text) == (404, second.text)
    assert {*first.headers} == {*second.headers}


def test_a_conversation_that_is_not_theirs_costs_the_same_as_one_that_is_not_there(site: Site) -> None:
    mina = site.browser("mina").tab(uuid.uuid4().hex)
    mina.say("open_page", "ko", "")
    theirs = mina.say("begin", "바다기계의 관리 번호는 무엇입니까?")[-1]["output"]["data"][1]
    assert "QX-3303" in str(mina.say("follow"))
    database = site.conversations._database._engine
    seen = []
    for name in (theirs, "x" * len(theirs)):
        steps: list[str] = []

        def note(*given: Any, said: list[str] = steps, name: str = name) -> None:
            said.append(f"{given[2]} {given[3]}".replace(name, "NAME"))

        tab = site.browser().tab(uuid.uuid4().hex)
        tab.say("open_page", "ko", "")
        sqlalchemy.event.listen(database, "before_cursor_execute", note)
        tab.say("open_page", "ko", name)
        sqlalchemy.event.remove(database, "before_cursor_execute", note)
        seen.append(steps)
    assert seen[0] == seen[1] and seen[0]
