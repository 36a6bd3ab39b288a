"""Told to stop: what was begun ends, what was not is refused, a second signal ends at once; systemd hears of it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from assistant.errors import Stopping
from assistant.schema import Finished, SentenceReady
from assistant.settings import Settings
from assistant.web.guard import Guard
from assistant.web.line import Ended, Failed, Line, Report, Ticket
from assistant.web.serving import server_config
from assistant.web.stopping import Gate, InFlight, tell_systemd, told_to_stop
from tests.fakes import FakeAssistant
from tests.web.samples import SENTENCE, answered, opening_events

PATIENCE = 10  # seconds; only a broken gate waits that long


async def rest(ticket: Ticket) -> list[Report]:
    reports: list[Report] = []
    while not reports or not isinstance(reports[-1], Ended):
        reports.append(await asyncio.wait_for(ticket.next(), PATIENCE))
    return reports


def gate_of(assistant: Any) -> Gate:
    return Gate(assistant)


def test_what_was_begun_ends_and_what_was_not_is_refused() -> None:
    hold = threading.Event()
    events = [*opening_events("begun"), hold, SentenceReady(SENTENCE), Finished(answered("begun"))]
    assistant = FakeAssistant({"begun": events, "late": [Finished(answered("late"))]})
    gate = gate_of(assistant)

    async def ask() -> tuple[list[Report], list[Report]]:
        line = Line(gate)
        begun = line.join("begun")
        while not assistant.asked:
            await asyncio.sleep(0.01)
        closing = threading.Thread(target=gate.close, args=(line, PATIENCE))
        closing.start()
        while not gate.closed:
            await asyncio.sleep(0.01)
        late = line.join("late")
        hold.set()
        found = await rest(begun), await rest(late)
        await asyncio.to_thread(closing.join)
        line.close()
        return found

    begun, late = asyncio.run(ask())
    assert any(isinstance(report, Finished) for report in begun)
    assert [type(report.error) for report in late if isinstance(report, Failed)] == [Stopping]
    assert assistant.asked == ["begun"]


def test_an_answer_without_end_is_not_waited_for() -> None:
    assistant = FakeAssistant({"q": [*opening_events("q"), threading.Event()]})
    gate = gate_of(assistant)

    async def ask() -> list[Report]:
        line = Line(gate)
        ticket = line.join("q")
        while not assistant.asked:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(gate.close, line, 0.1)
        await asyncio.to_thread(line.close)
        return await rest(ticket)

    assert not [report for report in asyncio.run(ask()) if isinstance(report, Finished)]
    assert assistant.cancelled == ["q"]


def test_requests_that_are_being_answered_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.web.stopping._LAST_WORDS_S", 0.0)
    requests, gate, hold, ended = InFlight(), gate_of(FakeAssistant({})), threading.Event(), []

    def answer() -> None:
        with requests.one():
            hold.wait(PATIENCE)
            ended.append("answered")

    answering = threading.Thread(target=answer)
    answering.start()
    with closing(Line(gate)) as line:
        while not requests.count:
            time.sleep(0.01)
        stopping = threading.Thread(target=lambda: (gate.close(line, PATIENCE, requests), ended.append("closed")))
        stopping.start()
        while not line.draining:
            time.sleep(0.01)
        stopping.join(0.3)
        assert ended == []
        hold.set()
        stopping.join()
    answering.join()
    assert ended == ["answered", "closed"] and requests.count == 0


def test_a_search_that_comes_late_is_refused() -> None:
    gate = gate_of(FakeAssistant({}))
    with closing(Line(gate)) as line:
        gate.close(line, 0)
    with pytest.raises(Stopping):
        gate.search("늦은 검색", labels=frozenset({"public"}))


def test_what_is_cut_off_by_the_end_is_told_so_and_is_no_failure() -> None:
    """The server's own answer to a request that it cancels is 500."""
    begun = threading.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            begun.set()
            await asyncio.sleep(10 * PATIENCE)

    requests = InFlight()
    config = server_config(Guard(endless, Settings(), doors={"/v1/search": "own"}, in_flight=requests), "127.0.0.1", 0)
    config.timeout_graceful_shutdown = 1
    bound = config.bind_socket()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: server.run(sockets=[bound]), daemon=True)
    thread.start()
    with ThreadPoolExecutor(1) as pool:
        address = f"http://127.0.0.1:{bound.getsockname()[1]}/v1/search"
        asked = pool.submit(httpx.post, address, json={}, timeout=60, verify=False)
        assert begun.wait(PATIENCE) and requests.count == 1
        server.should_exit = True
        answer = asked.result(60)
    thread.join(PATIENCE)
    assert answer.status_code == 503 and "being stopped" in answer.text and requests.count == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks_and_the_second_ends(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with told_to_stop() as asked:
        os.kill(os.getpid(), number)
        assert asked.wait(PATIENCE)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
            time.sleep(PATIENCE)
    assert signal.getsignal(number) is before


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)

    def run() -> None:
        with told_to_stop() as asked:
            assert not asked.is_set() and signal.getsignal(signal.SIGTERM) is before

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_systemd_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        tell_systemd("READY=1")
        assert listening.recv(100) == b"READY=1"
    tell_systemd("STOPPING=1")  # nobody listens any more
    monkeypatch.delenv("NOTIFY_SOCKET")
    tell_systemd("STOPPING=1")
