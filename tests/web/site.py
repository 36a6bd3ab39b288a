"""The whole server on a port of its own, and browsers that visit it: cookies, forms, the page's tabs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from assistant.accounts.store import Accounts
from assistant.accounts.visitors import Visitor
from assistant.conversations import Conversations
from assistant.database.opening import place_of
from assistant.database.tables import CONVERSATIONS
from assistant.programs import programs
from assistant.settings import Settings
from assistant.web import OpenPage, free_port
from assistant.web.line import Asks, Line
from assistant.web.visitors import COOKIE, Visitors
from tests.fakes import cheap_passwords

#: A connection for each request: on a busy machine the server may close a kept one at the moment it is used again.
ONE_REQUEST = httpx.Limits(max_keepalive_connections=0)
GOOD = "correct horse battery"


@dataclass
class Site:
    """A running server. `browser()` gives one with its own cookies."""

    app: Any
    page: Any
    accounts: Accounts
    conversations: Conversations
    visitors: Visitors
    settings: Settings
    base: str
    line: Line

    def browser(self, user: str = "", **headers: str) -> Browser:
        """A browser, signed in as `user` when given."""
        # no TLS here: reading the authorities' certificates takes longer than most requests
        http = httpx.Client(base_url=self.base, headers=headers, timeout=120, limits=ONE_REQUEST, verify=False)
        browser = Browser(self, http)
        if user:
            assert browser.sign_in(user).status_code == 303
        return browser


@dataclass
class Browser:
    """One browser."""

    site: Site
    http: httpx.Client
    tabs: list[Tab] = field(default_factory=list)

    def mark(self, path: str) -> str:
        """The hidden field of the first form at `path`."""
        found = re.search(r'name="form" value="([^"]+)"', self.http.get(path).text)
        assert found is not None, path
        return unescape(found[1])

    def send(self, page: str, action: str = "", **fields: str) -> httpx.Response:
        """Open the page, fill its form in and send it (to `action` when that is another address)."""
        return self.http.post(action or page, data={"form": self.mark(page), **fields})

    def sign_in(self, name: str, password: str = GOOD, **fields: str) -> httpx.Response:
        """Sign in with the form."""
        return self.send("/sign-in", name=name, password=password, **fields)

    def visitor(self) -> Visitor:
        """Who the server takes this browser for."""
        return self.site.visitors.of(dict(self.http.cookies), "http")

    def plant(self, secret: str) -> None:
        """Put a session's secret into this browser, as an attacker would."""
        if COOKIE in self.http.cookies:
            self.http.cookies.delete(COOKIE)
        self.http.cookies.set(COOKIE, secret, domain="127.0.0.1", path="/")

    @property
    def secret(self) -> str:
        """The session's cookie."""
        return self.http.cookies.get(COOKIE) or ""

    def tab(self, name: str = "") -> Tab:
        """Open the chat page in a tab."""
        tab = Tab(self, name or f"tab{id(self)}x{len(self.tabs)}")
        self.tabs.append(tab)
        return tab


@dataclass
class Tab:
    """The chat page in one tab: what its script would send to Gradio."""

    browser: Browser
    name: str

    def say(self, handler: str, *values: Any) -> Any:
        """Let the page's handler `handler` run on this tab's session; what it changes, as JSON. None when refused."""
        blocks = self.browser.site.page
        number, function = next(
            (number, fn) for number, fn in blocks.fns.items() if fn.fn is not None and fn.fn.__name__ == handler
        )
        # the session comes first and stays on the server; what the tab remembers comes last
        given = len(function.inputs)
        values = (None, *values, *[""] * given)[:given]
        body = {"fn_index": number, "data": list(values), "session_hash": self.name, "event_data": None}
        if not function.queue:  # as the page's own script does it
            answer = self.browser.http.post("/gradio_api/run/predict", json=body)
            return [{"output": answer.json()}] if answer.status_code == 200 else None
        joined = self.browser.http.post("/gradio_api/queue/join", json=body)
        if joined.status_code != 200:
            return None
        return self.hear()

    def hear(self) -> Any:
        """What the server says to this tab, up to the end of what runs; None when it is refused."""
        said: list[Any] = []
        with self.browser.http.stream("GET", f"/gradio_api/queue/data?session_hash={self.name}") as stream:
            if stream.status_code != 200:
                return None
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    message = json.loads(line[6:])
                    if message["msg"] in ("process_generating", "process_completed"):
                        said.append(message)
                    if message["msg"] == "close_stream":
                        break
        return said


@contextmanager
def open_site(assistant: Asks, settings: Settings, accounts: Accounts, port: int = 0) -> Iterator[Site]:
    """The server over `assistant`, as `serve` puts it together."""
    from assistant.web.page import build_page

    visitors = Visitors(accounts, secure=str(settings.public_url).startswith("https:"))
    conversations = Conversations(place_of(CONVERSATIONS, settings), max_turns=20, max_chars=300_000)
    line = Line(assistant)
    doors = programs(assistant, line) if hasattr(assistant, "search") else None
    page = build_page(assistant, settings, line, conversations, visitors)
    try:
        with OpenPage(page, "127.0.0.1", free_port("127.0.0.1", port), visitors, settings, doors) as server:
            base = server.url.rstrip("/")
            yield Site(server.app, page, accounts, conversations, visitors, settings, base, line)
    finally:
        line.close()
        conversations.close()


def kept_in(folder: Path, **more: Any) -> Settings:
    """Settings under which everything that is kept lies in `folder`."""
    return Settings(
        conversations=folder / "talk.sqlite3",
        accounts=folder / "accounts.sqlite3",
        audit=folder / "audit.sqlite3",
        access_file=folder / "access.toml",
        **more,
    )


@contextmanager
def serve(
    assistant: Asks, settings: Settings, people: Mapping[str, Sequence[str]] = {}, port: int = 0
) -> Iterator[Site]:
    """The server with accounts of its own; `people`: names with their groups, each with the password GOOD."""
    with closing(Accounts(settings.accounts, passwords=cheap_passwords())) as accounts:
        for name, groups in people.items():
            accounts.users.add(name, groups)
            accounts.set_password(name, GOOD)
        with open_site(assistant, settings, accounts, port) as site:
            yield site
