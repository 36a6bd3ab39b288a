"""`chroma run`, the server that comes with Chroma, on a free port of this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from assistant.index.server import ChromaServer


class ChromaRun:
    """A server with its files in `folder`; it can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.folder = folder
        self.server = ChromaServer(f"http://127.0.0.1:{self._port}")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> ChromaServer:
        """Start it and wait until it answers."""
        command = [Path(sys.executable).with_name("chroma"), "run", "--path", self.folder, "--host", "127.0.0.1"]
        self._process = subprocess.Popen(
            [*map(str, command), "--port", str(self._port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(600):
            assert self._process.poll() is None, "`chroma run` has ended"
            try:
                if httpx.get(f"{self.server.url}/api/v2/heartbeat", timeout=5).is_success:
                    return self.server
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError("`chroma run` does not answer")

    def kill(self) -> None:
        """Kill it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
