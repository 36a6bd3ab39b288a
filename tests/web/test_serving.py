from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
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
serve(Settings(port=int(sys.argv[1]), conversations=sys.argv[2], accounts=sys.argv[3]))
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
@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_ctrl_c_and_sigterm_end_the_server_cleanly(asked: signal.Signals, tmp_path: Path) -> None:
    port = free_port("127.0.0.1", 0)
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.bind(str(tmp_path / "notify"))
    systemd.settimeout(60)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE_A_FAKE, str(port), str(tmp_path / "talk.sqlite3"), str(tmp_path / "a.sqlite3")],
        # a test run that is itself a background job hands on an ignored SIGINT
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
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
            process.send_signal(asked)
            output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0 and "Stopped." in output
    assert errors.strip() == ""
    with systemd:
        assert [systemd.recv(100), systemd.recv(100)] == [b"READY=1", b"STOPPING=1"]
    assert free_port("127.0.0.1", port) == port


@pytest.mark.slow
def test_large_bodies_fill_neither_memory_nor_disk_nor_log(tmp_path: Path) -> None:
    port = free_port("127.0.0.1", 0)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE_A_FAKE, str(port), str(tmp_path / "talk.sqlite3"), str(tmp_path / "a.sqlite3")],
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": str(temporary), "GRADIO_TEMP_DIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=(tmp_path / "log").open("wb"),
    )

    def resident_mb() -> int:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) // 1024

    def sent(path: str, megabytes: int, **headers: str) -> int:
        page = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        parts = (bytes(2**20) for _ in range(megabytes))
        chunked = not headers.pop("sized", "")
        given = {} if chunked else {"Content-Length": str(megabytes * 2**20)}
        page.request("POST", path, body=parts, headers={**given, **headers}, encode_chunked=chunked)
        return page.getresponse().status

    try:
        assert process.stdout is not None and b"ready" in process.stdout.readline()
        before = resident_mb()
        kept = sorted(temporary.rglob("*"))
        doors = {"/gradio_api/queue/join": 413, "/login": 404, "/gradio_api/run/predict": 413}  # one is shut
        for path, said in doors.items():
            assert sent(path, 60) == sent(path, 60, sized="1") == said
        for path in ("/gradio_api/upload", "/upload"):
            assert sent(path, 60) == 404
        assert sent("/gradio_api/queue/join", 60, Origin="http://elsewhere.example") == 403
        secret = json.dumps({"data": ["SECRET" * 100_000], "fn_index": 0, "session_hash": "x"})
        for path in ("/gradio_api/queue/join", "/gradio_api/run/predict"):
            page = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            page.request("POST", path, body=secret, headers={"Content-Type": "application/json"})
            assert page.getresponse().status in (200, 500)
        time.sleep(2)
        assert b"SECRET" not in (tmp_path / "log").read_bytes() and b"ValueError" in (tmp_path / "log").read_bytes()
        assert resident_mb() < before + 60
        assert sorted(temporary.rglob("*")) == kept
        assert (tmp_path / "log").stat().st_size < 20_000
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert answer.status == 200
    finally:
        process.kill()
        process.wait()
