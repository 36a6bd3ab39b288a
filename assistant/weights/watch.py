"""A watch over a streamed response: its connection is cut when nothing comes in time, or when it is not wanted.

httpx has one timeout for every read, and nobody can leave a read that waits; a language server has two, for the first
token and for each further one, and a reader who presses stop does not wait for either.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType

import httpx

#: Seconds between two looks.
_LOOK_S = 0.1


class Watch:
    """Watches `response` while the `with` block runs: up to `until` (`time.monotonic`), and for `cancel`.

    Ends the block with httpx.ReadTimeout when it was too late. A response that came over no network is not watched.
    """

    def __init__(self, response: httpx.Response, until: float, cancel: Callable[[], bool] | None) -> None:
        self._response = response
        self._until = until
        self._cancel = cancel
        self._ended = threading.Event()
        self._late = False
        stream = response.extensions.get("network_stream")
        self._socket: socket.socket | None = stream.get_extra_info("socket") if stream is not None else None
        self._thread = threading.Thread(target=self._look, name="language-server-watch", daemon=True)

    def __enter__(self) -> Watch:
        if self._socket is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._socket is not None:
            self._thread.join()
        if self._late and isinstance(exc, Exception):
            raise httpx.ReadTimeout("nothing came in time", request=self._response.request) from exc

    def heard(self, seconds: float) -> None:
        """Note that something came; from now on the next may take so many seconds."""
        self._until = time.monotonic() + seconds

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_S):
            self._late = time.monotonic() > self._until
            if self._late or (self._cancel and self._cancel()):
                with contextlib.suppress(OSError):  # it has just been closed
                    self._socket.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
                return
