from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from assistant.errors import ServeError
from assistant.settings import Settings
from assistant.web import free_port, serve

PROJECT = Path(__file__).resolve().parents[2]

SERVE_A_FAKE = """
import sys
import assistant.answering
from assistant.settings import Settings
from tests.fakes import FakeAssistant
assistant.answering.open_assistant = lambda settings: FakeAssistant({})
from assistant.web import serve
serve(Settings(port=int(sys.argv[1]), conversations=sys.argv[2]))
"""


def test_a_busy_port_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError) as caught:
            free_port("127.0.0.1", port)
    assert str(port) in caught.value.message and "--port" in caught.value.hint


def test_the_port_is_tried_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "assistant.answering", None)  # importing it would fail
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ServeError):
            serve(Settings(port=taken.getsockname()[1]))


def test_port_zero_takes_a_free_one_and_a_closed_one_is_free_again() -> None:
    port = free_port("127.0.0.1", 0)
    assert port > 0 and free_port("127.0.0.1", port) == port


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_an_address_that_is_not_ours_is_one_clear_sentence(host: str) -> None:
    with pytest.raises(ServeError) as caught:
        free_port(host, 7860)
    assert host in caught.value.message and "--host" in caught.value.hint


@pytest.mark.slow
def test_ctrl_c_ends_the_server_cleanly(tmp_path: Path) -> None:
    port = free_port("127.0.0.1", 0)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE_A_FAKE, str(port), str(tmp_path / "talk.sqlite3")],
        # a test run that is itself a background job hands on an ignored SIGINT
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert f"http://127.0.0.1:{port}" in ready, ready + process.communicate(timeout=60)[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert answer.status == 200
        with socket.create_connection(("127.0.0.1", port)) as tab:  # a browser that is still there
            tab.sendall(f"GET /gradio_api/heartbeat/tab HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert b"200 OK" in tab.recv(1000)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0 and "Stopped." in output
    assert errors.strip() == ""
    assert free_port("127.0.0.1", port) == port
