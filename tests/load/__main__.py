"""Many people at once, on loopback: `python -m tests.load --index indexes/default`. Prints figures as JSON.

Each reader asks in the chat page, thinks, asks again, and reloads the page in the middle of one answer in five. What
they got is compared with what one reader alone gets, and with what is stored: an answer that is missing or another's
counts. At the end everybody asks once more, the server is killed with SIGKILL meanwhile and started again, and every
question that was taken has to be there. Readers and server share the machine, so times are those of a busy one.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import click
import httpx

from assistant.access import PUBLIC
from assistant.conversations import Conversations, Kept
from assistant.errors import ConversationMissing
from assistant.evaluation.questions import load_questions
from assistant.web import free_port
from tests.load.readers import Asked, Figures, Reader

_QUESTIONS = Path(__file__).resolve().parents[1] / "questions" / "first_40.jsonl"
#: Longest wait for the server to be ready, in seconds.
_READY_S = 180.0


class Server:
    """The server's process; killed and started again on the same files and port."""

    def __init__(self, folder: Path, index: Path, writing_s: float, quick: bool) -> None:
        self.folder = folder
        self._port = free_port("127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{self._port}"
        self._options = ["--index", str(index.absolute()), "--port", str(self._port), "--writing", str(writing_s)]
        self._options += ["--quick"] if quick else []
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; seconds until it says that it is ready."""
        began = time.monotonic()
        log = (self.folder / "server.log").open("ab")
        command = [sys.executable, "-m", "tests.load.server", str(self.folder), *self._options]
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        while time.monotonic() - began < _READY_S:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.base}/readyz", timeout=5, verify=False).status_code == 200:
                    return time.monotonic() - began
            except httpx.HTTPError:
                time.sleep(0.05)
        self.kill()
        raise click.ClickException(f"The server did not start: {log.name}")

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def megabytes(self) -> float:
        """Its resident memory."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def handlers(self) -> dict[str, int]:
        """Numbers of the page's handlers, by name."""
        found: dict[str, int] = json.loads((self.folder / "handlers.json").read_text(encoding="utf-8"))
        return found

    def stored(self, asked: Asked) -> Kept | None:
        """What is stored of a question; None when it is not there."""
        store = Conversations(self.folder / "talk.sqlite3", max_turns=30, max_chars=10**7)
        with closing(store):
            try:
                turns = store.turns(asked.conversation, "", {PUBLIC})
            except ConversationMissing:
                return None
        return turns[0] if len(turns) == 1 and turns[0].question == asked.question else None


def _evidence(kept: Kept) -> list[tuple[str, int, int]]:
    return [(quote.document_id, quote.start, quote.end) for quote in kept.shown]


async def _alone(server: Server, questions: list[str]) -> dict[str, Kept]:
    """What one reader alone gets, of the questions that are answered with evidence."""
    figures, found = Figures(), {}
    reader = Reader(server.base, server.handlers(), {}, figures)
    await reader.open()
    for question in questions:
        kept = server.stored(await reader.ask(question, random.Random(0), 0.0))
        if kept and kept.answer and kept.shown:
            found[question] = kept
    await reader.close()
    return found


async def _together(
    server: Server, known: dict[str, Kept], users: int, seconds: float, thinking_s: float
) -> tuple[Figures, dict[str, float]]:
    """Everybody at once for so long; what they saw, and the server's memory."""
    titles, figures = {question: kept.shown[0].title for question, kept in known.items()}, Figures()
    readers = [Reader(server.base, server.handlers(), titles, figures) for _ in range(users)]
    for reader in readers:
        await reader.open()
    memory = {"before": server.megabytes()}
    begin, half = time.monotonic(), asyncio.get_running_loop().call_later
    half(seconds / 2, lambda: memory.update(after_warm_up=server.megabytes()))
    chances = [random.Random(number) for number in range(users)]
    await asyncio.gather(
        *(
            reader.go_on(list(known), begin + seconds, chance, thinking_s)
            for reader, chance in zip(readers, chances, strict=True)
        )
    )
    memory["end"] = server.megabytes()
    for reader in readers:
        await reader.close()
    return figures, memory


async def _killed(server: Server, known: dict[str, Kept], users: int) -> dict[str, Any]:
    """Kill the server while everybody's question is under way, start it again and look for the questions."""
    figures = Figures()
    readers = [Reader(server.base, server.handlers(), {}, figures) for _ in range(users)]
    for reader in readers:
        await reader.open()
    tasks = [
        asyncio.create_task(reader.ask(random.Random(number).choice(list(known)), random.Random(number), 0.0))
        for number, reader in enumerate(readers)
    ]
    while sum(one.taken for one in figures.asked) + sum(task.done() for task in tasks) < users:
        await asyncio.sleep(0.1)
    await asyncio.sleep(3)
    server.kill()
    await asyncio.gather(*tasks, return_exceptions=True)
    ready_s = await asyncio.to_thread(server.start)
    lost = [one for one in figures.asked if one.taken and server.stored(one) is None]
    states = [kept.state for one in figures.asked if (kept := server.stored(one))]
    shown = 0
    for reader, one in zip(readers, figures.asked, strict=True):
        shown += one.question in str(await reader.open(one.conversation))
    again = Figures()
    late = Reader(server.base, server.handlers(), {q: kept.shown[0].title for q, kept in known.items()}, again)
    await late.open()
    first = await late.ask(next(iter(known)), random.Random(0), 0.0)
    for reader in (*readers, late):
        await reader.close()
    return {
        "taken": sum(one.taken for one in figures.asked),
        "lost": len(lost),
        "shown_after_restart": shown,
        "finished_before_the_kill": states.count("finished"),
        "ready_again_s": round(ready_s, 1),
        "first_evidence_after_restart_s": first.evidence_s and round(first.evidence_s, 1),
    }


def _summary(server: Server, known: dict[str, Kept], figures: Figures, memory: dict[str, float]) -> dict[str, Any]:
    stored = [(one, server.stored(one)) for one in figures.asked if one.taken]
    lost = [one for one, kept in stored if kept is None or kept.answer is None]
    mixed = [one for one, kept in stored if kept and kept.answer and _evidence(kept) != _evidence(known[one.question])]
    failed = [kept.state for _, kept in stored if kept and kept.state != "finished"]
    return {
        "questions": len(figures.asked),
        "reloads": sum(one.reloads for one in figures.asked),
        "errors": len(figures.errors),
        "error_kinds": sorted(set(figures.errors))[:5],
        "lost": len(lost),
        "mixed": len(mixed),
        "not_finished": failed,
        "evidence_s": _spread([one.evidence_s for one in figures.asked if one.evidence_s is not None]),
        "end_s": _spread([one.end_s for one in figures.asked if one.end_s is not None]),
        "memory_mb": {name: round(value) for name, value in memory.items()},
        "memory_growth": round(memory["end"] / memory["after_warm_up"] - 1, 3),
    }


def _spread(values: list[float]) -> dict[str, float]:
    if len(values) < 2:
        return {"count": len(values)}
    return {
        "count": len(values),
        "p50": round(median(values), 2),
        "p95": round(quantiles(values, n=20, method="inclusive")[-1], 2),
        "max": round(max(values), 2),
    }


@click.command()
@click.option("--index", type=click.Path(path_type=Path, exists=True), required=True, help="Of the starter documents.")
@click.option("--users", default=50, show_default=True)
@click.option("--seconds", default=90.0, show_default=True, help="How long new questions are asked.")
@click.option("--thinking", default=20.0, show_default=True, help="Mean seconds between an answer and a new question.")
@click.option("--writing", default=1.0, show_default=True, help="Seconds that an answer takes; 0: the real model.")
@click.option("--quick", is_flag=True, help="A reader that compares words, so that many more questions go through.")
@click.option("--questions", default=16, show_default=True, help="How many different ones.")
def main(index: Path, users: int, seconds: float, thinking: float, writing: float, quick: bool, questions: int) -> None:
    """Measure."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server ends as well
    asked = [question.question for question in load_questions(_QUESTIONS) if question.answerable][:questions]
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        server = Server(Path(folder), index, writing, quick)
        try:
            figures: dict[str, Any] = {"users": users, "seconds": seconds, "cores": os.cpu_count(), "quick": quick}
            figures["busy_before"] = round(os.getloadavg()[0], 1)
            figures["ready_s"] = round(server.start(), 1)
            known = asyncio.run(_alone(server, asked))
            figures["different_questions"] = len(known)
            seen, memory = asyncio.run(_together(server, known, users, seconds, thinking))
            figures |= _summary(server, known, seen, memory)
            click.echo(json.dumps(figures, ensure_ascii=False), err=True)
            figures["kill_9"] = asyncio.run(_killed(server, known, users))
            figures["busy_after"] = round(os.getloadavg()[0], 1)
        finally:
            server.kill()
        click.echo(json.dumps(figures, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
