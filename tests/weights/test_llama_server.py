"""llama-server with several slots: questions at the same time are not mixed, and one that is killed costs no evidence.

The program is looked for in PATH, or where ASSISTANT_TEST_LLAMA_SERVER says. It comes with llama.cpp, and with wheels
that hold a build of it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.answering import Assistant
from assistant.answering.texts import NOT_PHRASED
from assistant.answering.wording import plain
from assistant.errors import ModelAway, ModelError, WeightsError
from assistant.index import Index
from assistant.retrieval import HybridRetriever
from assistant.schema import EvidenceFound, Finished
from assistant.settings import Settings
from assistant.weights import locate
from assistant.weights.chat_server import ChatServerModel, Patience
from assistant.weights.replicas import Replicas
from tests.fakes import FakeEmbedder, FakeReader

pytestmark = [pytest.mark.model, pytest.mark.server, pytest.mark.slow]

PROGRAM = os.environ.get("ASSISTANT_TEST_LLAMA_SERVER") or shutil.which("llama-server")
#: Any of them will do: what is tested is the server.
MODELS = ("qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct")
SLOTS = 4
QUESTIONS = 8


@dataclass
class LlamaServer:
    """A server that runs; `kill` ends it as a crash would."""

    url: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def model(self) -> ChatServerModel:
        return ChatServerModel("small", self.url, patience=Patience(first=600, further=600))

    def replicas(self) -> Replicas:
        return Replicas([self.model()], at_once=SLOTS, pause_s=1)


@pytest.fixture(scope="module")
def gguf() -> Path:
    for name in MODELS:
        try:
            return locate(name, Settings().cache)
        except WeightsError:
            continue
    pytest.skip(f"neither {' nor '.join(MODELS)} is in the cache")


@pytest.fixture
def server(gguf: Path) -> Iterator[LlamaServer]:
    if PROGRAM is None:
        pytest.skip("there is no llama-server in PATH, and ASSISTANT_TEST_LLAMA_SERVER names none")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [PROGRAM, "--model", str(gguf), "--alias", "small", "--host", "127.0.0.1", "--port", port]
    command += ["--parallel", str(SLOTS), "--ctx-size", str(SLOTS * 1536), "--threads", "1", "--threads-batch", "1"]
    command += ["--n-gpu-layers", "0", "--no-webui"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    running = LlamaServer(f"http://127.0.0.1:{port}", process)
    try:
        for _ in range(1500):
            assert process.poll() is None, "llama-server does not start"
            try:
                if running.model().served_models() == ["small"] and running.model().count_tokens("one"):
                    break
            except ModelError:
                time.sleep(0.2)
        yield running
    finally:
        running.kill()


def order(number: int) -> list[dict[str, str]]:
    """A question whose answer no other question has."""
    said = f"Machine M-{number}{number}{number} shows alarm A-{9 - number}0{number}."
    return [{"role": "user", "content": f"{said}\nRepeat that sentence exactly, and nothing else."}]


def rules(number: int) -> str:
    """A grammar of its own for each question: its mark, then free text."""
    return f'root ::= "[q{number}] " [^\\n\\[\\]]+'


def test_as_many_questions_as_people_ask_are_not_mixed(server: LlamaServer) -> None:
    asked = server.replicas()

    def ask(number: int) -> str:
        return "".join(asked.generate(order(number), max_tokens=32, grammar=rules(number)))

    with ThreadPoolExecutor(QUESTIONS) as people:
        replies = list(people.map(ask, range(QUESTIONS)))
    for number, reply in enumerate(replies):
        assert reply.startswith(f"[q{number}] "), reply
        assert f"M-{number}{number}{number}" in reply, reply
        others = [f"M-{each}{each}{each}" for each in range(QUESTIONS) if each != number]
        assert not any(other in reply for other in others), reply


def test_one_that_is_killed_while_it_writes_is_noticed_by_all_who_wait(server: LlamaServer) -> None:
    asked = server.replicas()
    pieces: list[str] = []

    def ask(number: int) -> None:
        for piece in asked.generate(order(number), max_tokens=200, grammar=rules(number)):
            pieces.append(piece)
            if len(pieces) == 10:
                server.kill()

    with ThreadPoolExecutor(QUESTIONS) as people:
        ended = [people.submit(ask, number) for number in range(QUESTIONS)]
    assert all(isinstance(each.exception(), ModelAway) for each in ended)
    assert len(pieces) >= 10


@pytest.mark.parametrize("after", [0, 4])
def test_when_it_is_killed_the_evidence_stays_and_the_quotes_stand(
    after: int, server: LlamaServer, index: Index, embedder: FakeEmbedder, settings: Settings
) -> None:
    """Before its first piece, and in the middle of its answer."""

    class Dying(Replicas):
        def generate(self, *arguments: Any, **options: Any) -> Iterator[str]:
            if not after:
                server.kill()
            for number, piece in enumerate(super().generate(*arguments, **options)):
                yield piece
                if number + 1 == after:
                    server.kill()

    model = Dying([server.model()], at_once=SLOTS, pause_s=1)
    assistant = Assistant(index, HybridRetriever(index, embedder), FakeReader(), model, embedder, settings)
    events = list(assistant.ask("2024년 7월 출범 당시 얼라이언스에 몇 개 기업이 참여하였습니까?"))
    assert server.process.returncode is not None, "it was not killed"
    evidence = next(event.evidence for event in events if isinstance(event, EvidenceFound))
    finished = events[-1]
    assert isinstance(finished, Finished)
    answer = finished.answer
    assert answer.status == "quotes_only" and answer.citations
    assert {quote.id for quote in answer.citations} <= {quote.id for quote in evidence}
    assert all(plain(quote) in answer.answer for quote in answer.citations)
    assert answer.answer.endswith(NOT_PHRASED["ko"])
