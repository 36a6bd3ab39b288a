"""Opening the page on a port and closing it again.

The page runs in uvicorn directly and not through `Blocks.launch`: that one asks its own address over HTTP first and
gives up after three seconds, so it fails on a busy machine and behind a proxy, and then asks for a public share.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from assistant.errors import ServeError
from assistant.settings import Settings, load_settings
from assistant.web.stopping import Gate, InFlight, tell_systemd, told_to_stop

if TYPE_CHECKING:
    import gradio as gr
    import uvicorn
    from starlette.types import ASGIApp

    from assistant.web.app import Programs
    from assistant.web.line import Line
    from assistant.web.visitors import Visitors

#: Longest wait for open connections when the page closes, in seconds.
_FAREWELL_S = 2


def serve(settings: Settings, programs: Callable[[Gate, Line], Programs] | None = None) -> None:
    """Open the page on `settings.host:settings.port` and keep it open until Ctrl-C or SIGTERM.

    Then questions that were begun have `stop_seconds` to end and others are refused; a second signal ends it at once.
    `programs` makes the doors for programs, which ask the same assistant in the same line.

    The port is tried before any model is loaded. Raises ServeError when it cannot be had, and what opening the
    assistant raises (a missing index, a damaged model file, …).
    """
    port = free_port(settings.host, settings.port)
    from assistant.answering import open_assistant
    from assistant.web.app import open_visitors
    from assistant.web.line import Line
    from assistant.web.page import build_page

    assistant = open_assistant(settings)
    visitors = open_visitors(settings)
    gate = Gate(assistant)
    line = Line(gate, writers=settings.answers_at_once)
    try:
        page_of_all = build_page(gate, settings, line, visitors=visitors)
        doors = programs(gate, line) if programs else None
        with (
            told_to_stop() as asked,
            OpenPage(page_of_all, settings.host, port, visitors, settings, doors) as page,
        ):
            click.echo(f"Alliance Assistant is ready: {page.url}  (Ctrl-C stops it)")
            tell_systemd("READY=1")
            # the first question then waits for what is left of this, not for all of it
            threading.Thread(target=assistant.warm_up, name="warm-up", daemon=True).start()
            page.wait(asked)
            tell_systemd("STOPPING=1")
            if line.length:
                click.echo("Stopping: what is being answered ends first. Once more stops at once.")
            gate.close(line, settings.stop_seconds, page.in_flight)
    except KeyboardInterrupt:
        pass
    finally:
        line.close()
    click.echo("Stopped.")


class OpenPage:
    """A page that is served from a thread of its own while the `with` block runs."""

    def __init__(
        self,
        page: gr.Blocks,
        host: str,
        port: int,
        visitors: Visitors | None = None,
        settings: Settings | None = None,
        programs: Programs | None = None,
    ) -> None:
        import uvicorn

        from assistant.web.app import create_app
        from assistant.web.library import tame
        from assistant.web.visitors import Visitors

        shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # nosec B104: nothing is bound here
        self.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
        self.in_flight = InFlight()
        self._page = page.queue(default_concurrency_limit=None)
        tame()
        self.app = create_app(
            page,
            visitors or Visitors(),
            settings or load_settings(),
            programs,
            self.in_flight,
            server_name=host,
            server_port=port,
        )
        self._server = uvicorn.Server(server_config(self.app, host, port))
        self._thread = threading.Thread(target=self._server.run, name="page", daemon=True)

    def __enter__(self) -> OpenPage:
        """Start; returns when the page can be asked for. Raises ServeError."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise ServeError(
                    f"The page could not be opened at {self.url}.",
                    "The lines above say why. Try another --port or --host.",
                )
            time.sleep(0.01)
        return self

    def wait(self, asked: threading.Event) -> None:
        """Wait until `asked` is set, or for the end of the server."""
        while self._thread.is_alive() and not asked.wait(timeout=1):  # short, so that signals are heard on every system
            pass

    def __exit__(self, *reason: object) -> None:
        """Stop the server and free the port."""
        self._page.close(verbose=False)
        for route in self.app.routes:  # ends the connections that browsers keep open: of the app that is really served
            if event := getattr(getattr(route, "app", None), "stop_event", None):
                event.set()
        self._server.should_exit = True
        self._thread.join(timeout=2 * _FAREWELL_S)


def server_config(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """How every server of ours is run."""
    import uvicorn

    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http="h11",  # the other one keeps headers without end
        ws="none",
        proxy_headers=False,  # `proxies.py` does it, for trusted proxies
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=_FAREWELL_S,
    )


def free_port(host: str, port: int) -> int:
    """`port` if it is free on `host`; for 0, one that is. Raises ServeError that says what to do."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, _, _, address = found[0]
        with socket.socket(family, kind) as probe:
            if os.name == "posix":  # a port just closed is free again, as for the server itself
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            other = port + 1 if port < 65535 else 7860
            raise ServeError(
                f"Port {port} on {host} is already in use.",
                f"Stop the program that uses it, or choose another one: assistant serve --port {other}.",
            ) from exc
        raise ServeError(
            f"The page cannot be opened on {host}:{port}: {exc.strerror or exc}.",
            "Choose another address with --host or another port with --port.",
        ) from exc
