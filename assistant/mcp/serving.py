"""Opening the MCP server on standard input and output, or on a port, and closing it again."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

import click
from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from assistant.access import labels_of
from assistant.accounts.visitors import ANYONE, Visitor
from assistant.audit import open_audit
from assistant.errors import AssistantError, ServeError
from assistant.mcp.tools import Serves, create_server
from assistant.web.bodies import BODY_LIMIT
from assistant.web.guard import Guard
from assistant.web.line import Line
from assistant.web.serving import free_port, server_config

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from assistant.accounts.store import Accounts
    from assistant.settings import Settings

#: Where streamable HTTP is served.
PATH = "/mcp"
_VISITOR = "assistant.visitor"


def serve_stdio(settings: Settings, user: str | None) -> None:
    """Serve one program over standard input and output, for `user`, until its input ends.

    Raises AccessError, and what opening the assistant raises.
    """
    labels_of(user, settings.access_file)  # a file that cannot be understood is told at once

    def sender(_: Context[Any, Any]) -> Visitor:
        return Visitor(labels=labels_of(user, settings.access_file))

    with _opened(settings) as (assistant, line):
        server = create_server(assistant, line, sender, settings.max_question_chars)
        asyncio.run(server.run_stdio_async())


def serve_http(settings: Settings, port: int) -> None:
    """Serve programs over streamable HTTP on `settings.host:port` until Ctrl-C.

    Raises ServeError when the port cannot be had, and what opening the assistant raises.
    """
    import uvicorn

    from assistant.accounts.store import open_accounts

    try:
        port = free_port(settings.host, port)
    except ServeError as exc:
        raise ServeError(exc.message, "Choose another port with --port or another address with --host.") from exc
    with _opened(settings) as (assistant, line):
        accounts = open_accounts(settings)
        try:
            config = server_config(create_http_app(assistant, line, accounts, settings), settings.host, port)
            bound = config.bind_socket()
            bound.listen()  # who comes from now on waits and is not turned away
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            click.echo(f"The MCP server is ready: http://{host}:{port}{PATH}  (Ctrl-C stops it)")
            uvicorn.Server(config).run(sockets=[bound])
        except KeyboardInterrupt:
            pass
        finally:
            accounts.close()
    click.echo("Stopped.")


def create_http_app(assistant: Serves, line: Line, accounts: Accounts | None, settings: Settings) -> Starlette:
    """The app of a server that serves programs alone."""
    app = Starlette()
    add_mcp(app, assistant, line, accounts, settings)
    app.add_middleware(Guard, settings=settings, doors={PATH: "own"})
    return app


def add_mcp(app: Starlette, assistant: Serves, line: Line, accounts: Accounts | None, settings: Settings) -> None:
    """Add the route to `app`, which has a guard. No session is kept between requests."""
    server = create_server(assistant, line, _sender, settings.max_question_chars, open_audit(settings))
    inner = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        max_request_body_size=BODY_LIMIT,
        # names of hosts and origins are the guard's
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    app.router.routes.append(Route(PATH, Tokens(inner, accounts)))
    before = app.router.lifespan_context

    @asynccontextmanager
    async def both(outer: Starlette) -> AsyncIterator[Any]:
        async with before(outer) as state, inner.router.lifespan_context(inner):
            yield state

    app.router.lifespan_context = both


class Tokens:
    """ASGI: tells who sends a request by its personal token; without one, anyone. A wrong token is refused."""

    def __init__(self, app: ASGIApp, accounts: Accounts | None) -> None:
        self._app = app
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request: 401 for a token that is not valid, 503 when that cannot be told."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"authorization"]
        visitor = ANYONE
        if given:
            kind, _, secret = given[0].partition(" ")
            try:
                if self._accounts and len(given) == 1 and kind.lower() == "bearer":
                    visitor = await asyncio.to_thread(self._accounts.tokens.visitor, secret.strip())
            except AssistantError:
                await JSONResponse({"error": "Accounts cannot be used now."}, 503)(scope, receive, send)
                return
            if not visitor.signed_in:
                said = {"error": "The token is not valid. Make one on your account page."}
                await JSONResponse(said, 401, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
                return
        await self._app({**scope, _VISITOR: visitor}, receive, send)


def _sender(ctx: Context[Any, Any]) -> Visitor:
    """Who sent the request that a call came with; anyone when there is none."""
    request = ctx.request_context.request
    found = request.scope.get(_VISITOR) if request is not None else None
    return found if isinstance(found, Visitor) else ANYONE


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Serves, Line]]:
    from assistant.answering import open_assistant

    with redirect_stdout(sys.stderr):  # what a library may say here is no message of the protocol
        assistant = open_assistant(settings)
    line = Line(assistant, writers=settings.answers_at_once)
    try:
        yield assistant, line
    finally:
        line.close()
        assistant.index.close()
