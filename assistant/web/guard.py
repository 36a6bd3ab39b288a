"""The guard at the doors: every request passes here first, and every answer last.

It wraps the whole application, so that it holds for every route, also for those that a library adds: whom a proxy
speaks for, which names and doors there are, nothing from other pages, bodies read up to a limit before anybody else
sees them, tabs used by their owners alone, and headers that tell the browser what not to do. Of a request that fails,
the log gets where, never what was sent.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.requests import cookie_parser

from assistant.errors import AssistantError
from assistant.staff.staging import FILE_LIMIT
from assistant.web.addresses import Address
from assistant.web.bodies import BODY_LIMIT, Bodies, Body, Refused, replayed
from assistant.web.doors import DOORS, Rule
from assistant.web.headers import headers_for
from assistant.web.proxies import Proxies
from assistant.web.stopping import InFlight
from assistant.web.visitors import Visitors

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from assistant.settings import Settings

#: Where the scope of a request keeps the mark of the page's own scripts.
NONCE = "assistant.nonce"

_SAFE = ("GET", "HEAD", "OPTIONS")
_LONGEST_TAB = 64

_log = logging.getLogger(__name__)


class Guard:
    """ASGI: an application with a guard."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        visitors: Visitors | None = None,
        doors: Mapping[str, Rule] = DOORS,
        body_limit: int = BODY_LIMIT,
        in_flight: InFlight | None = None,
    ) -> None:
        """`visitors` tells whose a tab is; without it tabs are anyone's. `in_flight` counts what is being answered."""
        from starlette.routing import compile_path

        self._app = app
        self._visitors = visitors or Visitors()
        self._doors = doors
        self._forms = {door: compile_path(door)[0] for door in doors}
        self._bodies = Bodies(body_limit)
        self._in_flight = in_flight or InFlight()
        self._hsts_days = settings.hsts_days
        self._address = Address(settings)
        self._proxies = Proxies(self._serve, settings, self._address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection. Refuses with 403, 404, 408, 413, 421 or 503."""
        if scope["type"] == "http":
            await self._proxies(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        # no door takes web sockets

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        scope[NONCE] = secrets.token_urlsafe(16)
        answer = _Answer(send, scope, secure=self._visitors.is_secure(scope["scheme"]), hsts_days=self._hsts_days)
        with self._bodies.held((scope.get("client") or ("",))[0]) as body:
            try:
                if scope["path"] == self._address.root != "":
                    await answer.lead_to(f"{self._address.root}/", scope["query_string"])
                    return
                receive = await self._let_in(scope, headers, body, receive, answer)
            except Refused as exc:
                await body.drain(headers, receive)
                await answer.refuse(exc)
                return
            try:
                with self._in_flight.one() if answer.rule != "tab" else nullcontext():
                    await self._app(scope, receive, answer.send)
            except asyncio.CancelledError:  # the server ends before this did
                await answer.refuse(Refused(503, "The server is being stopped. Try again in a minute."))
                raise
            except Exception as exc:  # noqa: BLE001 - the server would log the error with what was sent
                _log.error("%s %s failed: %s", scope["method"], answer.door, where(exc))
                await answer.refuse(Refused(500, "Something went wrong here."))

    async def _let_in(
        self, scope: Scope, headers: Mapping[str, str], body: Body, receive: Receive, answer: _Answer
    ) -> Receive:
        """What the application reads the request from. Raises Refused."""
        if not self._address.answers_to(headers.get("host", "")):
            raise Refused(421, "This server has another name. Its operator can set public_url.")
        path = scope["path"].removeprefix(scope["root_path"])
        found = next(((match, door) for door, form in self._forms.items() if (match := form.fullmatch(path))), None)
        if found is None:
            raise Refused(404, "Not Found")
        match, answer.door = found
        answer.rule = rule = self._doors[answer.door]
        if scope["method"] not in _SAFE and not self._comes_from_here(scope, headers):
            raise Refused(403, "Requests from another page are not taken.")
        if rule == "upload":  # an account first, then the body, which the route writes to disk
            if not await asyncio.to_thread(self._signed_in, headers, scope["scheme"]):
                raise Refused(404, "Not Found")
            return body.passed(headers, receive, FILE_LIMIT)
        given = await body.read(headers, receive)
        if rule == "tab":
            tabs: list[object] = [tab for name, tab in match.groupdict().items() if name == "session_hash"]
            tabs += parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [])
            if scope["method"] not in _SAFE:
                tabs.append(_tab_in(given))
            if not await asyncio.to_thread(self._are_the_visitors, tabs, headers, scope["scheme"]):
                raise Refused(404, "Not Found")
        return replayed(given, receive)

    def _comes_from_here(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Whether a page of ours sent this, or no page at all. Browsers say which, and no page can change it."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            return site in ("same-origin", "none")
        return origin is None or self._address.is_ours(origin, scope["scheme"], headers.get("host", ""))

    def _signed_in(self, headers: Mapping[str, str], scheme: str) -> bool:
        try:
            return self._visitors.of(cookie_parser(headers.get("cookie", "")), scheme).signed_in
        except AssistantError:
            return False

    def _are_the_visitors(self, tabs: list[object], headers: Mapping[str, str], scheme: str) -> bool:
        try:
            visitor = self._visitors.of(cookie_parser(headers.get("cookie", "")), scheme)
            return bool(tabs) and all(
                isinstance(tab, str) and 0 < len(tab) <= _LONGEST_TAB and self._visitors.may_use(tab, visitor)
                for tab in tabs
            )
        except AssistantError:
            return False


class _Answer:
    """The answer to one request, with the headers that its door asks for."""

    def __init__(self, send: Send, scope: Scope, *, secure: bool, hsts_days: int) -> None:
        self._send = send
        self._scope = scope
        self._secure = secure
        self._hsts_days = hsts_days
        self._started = False
        self.door = ""
        self.rule: Rule | None = None

    async def send(self, message: Message) -> None:
        """Send what the application sends."""
        if message["type"] == "http.response.start":
            self._started = True
            given = headers_for(
                message.get("headers", ()),
                self.rule,
                self._scope[NONCE],
                secure=self._secure,
                hsts_days=self._hsts_days,
            )
            message = {**message, "headers": given}
        await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        """Answer with a sentence, if nothing was answered yet."""
        if self._started:
            return
        self.rule = None
        body = json.dumps({"detail": refused.said}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self._whole(refused.status, [*headers, (b"connection", b"close")], body)

    async def lead_to(self, path: str, query: bytes) -> None:
        """Redirect to `path`."""
        there = path.encode() + (b"?" + query if query else b"")
        await self._whole(307, [(b"location", there), (b"content-length", b"0")], b"")

    async def _whole(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def where(exc: BaseException) -> str:
    """What kind of error it is and the last places in the code; never its message, which may quote the request."""
    places = "".join(traceback.format_tb(exc.__traceback__)[-3:]).rstrip()
    return f"{type(exc).__name__}\n{places}"


def _tab_in(body: bytes) -> object:
    """The tab that a body speaks for; None where it names none, or names a file."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    # what runs without a tab would belong to nobody
    return said.get("session_hash") if isinstance(said, dict) and not _names_a_file(said) else None


def _names_a_file(said: object) -> bool:
    """Whether there is a file in what was said: the page's library would fetch it, from wherever it is said to be."""
    left = [said]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if "path" in value and "meta" in value:
                return True
            left += value.values()
        elif isinstance(value, list):
            left += value
    return False
