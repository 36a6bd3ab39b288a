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
from typing import TYPE_CHECKING

import click

from assistant.errors import ServeError
from assistant.settings import Settings

if TYPE_CHECKING:
    import gradio as gr

#: Longest wait for open connections when the page closes, in seconds.
_FAREWELL_S = 2


def serve(settings: Settings) -> None:
    """Open the page on `settings.host:settings.port` and keep it open until Ctrl-C.

    The port is tried before any model is loaded. Raises ServeError when it cannot be had, and what opening the
    assistant raises (a missing index, a damaged model file, …).
    """
    port = free_port(settings.host, settings.port)
    from assistant.answering import open_assistant
    from assistant.web.line import Line
    from assistant.web.page import build_page

    assistant = open_assistant(settings)
    line = Line(assistant)
    try:
        with OpenPage(build_page(assistant, settings, line), settings.host, port) as page:
            click.echo(f"Alliance Assistant is ready: {page.url}  (Ctrl-C stops it)")
            # the first question then waits for what is left of this, not for all of it
            threading.Thread(target=assistant.warm_up, name="warm-up", daemon=True).start()
            page.wait()
    except KeyboardInterrupt:
        click.echo("\nStopped.")
    finally:
        line.close()


class OpenPage:
    """A page that is served from a thread of its own while the `with` block runs."""

    def __init__(self, page: gr.Blocks, host: str, port: int) -> None:
        import uvicorn
        from fastapi import FastAPI
        from gradio import mount_gradio_app

        from assistant.web.page import mount_options

        shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
        self.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
        self._page = page.queue(default_concurrency_limit=None)
        app = mount_gradio_app(FastAPI(), page, path="/", server_name=host, server_port=port, **mount_options())
        self._server = uvicorn.Server(
            uvicorn.Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=_FAREWELL_S)
        )
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

    def wait(self) -> None:
        """Wait for Ctrl-C (KeyboardInterrupt) or the end of the server."""
        while self._thread.is_alive():
            self._thread.join(timeout=1)  # short, so that Ctrl-C is heard on every system

    def __exit__(self, *reason: object) -> None:
        """Stop the server and free the port."""
        self._page.close(verbose=False)  # ends the connections that browsers keep open
        self._server.should_exit = True
        self._thread.join(timeout=2 * _FAREWELL_S)


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
