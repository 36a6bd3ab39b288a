"""Web processes as `assistant serve` runs them, which start quickly: children of one that has loaded the libraries.

`python -m tests.web.forking FOLDER URL`: each line on standard input is a port to serve on; the answer is the process
that does. They share the database at URL. The assistant is one that says the question again, so that answers which were
mixed up can be told, and by which process; a question that names seconds ("… 2.5s") takes so long.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from assistant import answering
from assistant.schema import Answer, Event, EvidenceFound, Finished, Sentence, SentenceReady, Turn, Understood
from assistant.settings import Settings
from tests.fakes import FakeAssistant
from tests.load.handlers import noting
from tests.web.samples import LAUNCH, answered


class Echo(FakeAssistant):
    """Answers each question with itself."""

    def __init__(self) -> None:
        super().__init__({})

    def ask(
        self,
        question: str,
        *,
        labels: frozenset[str] = frozenset({"public"}),
        cancel: Callable[[], bool] | None = None,
        history: Sequence[Turn] = (),
    ) -> Iterator[Event]:
        """Evidence at once, the answer after the seconds that the question names."""
        yield Understood(question, "ko")
        yield EvidenceFound((replace(LAUNCH, quote=f"근거: {question}"),))
        seconds = re.search(r"([\d.]+)s$", question)
        until = time.monotonic() + (float(seconds[1]) if seconds else 0)
        while time.monotonic() < until:
            if cancel and cancel():
                return
            time.sleep(0.02)
        sentence = Sentence(f"대답: {question}", (LAUNCH.id,))
        yield SentenceReady(sentence)
        said = {"sentences": (sentence,), "answer": sentence.text, "models": {"process": str(os.getpid())}}
        yield Finished(replace(answered(question), **said))

    def follow_ups(self, answer: Answer, *, labels: frozenset[str]) -> tuple[str, ...]:
        """None."""
        return ()


def _serve(folder: Path, url: str, port: int) -> None:

    from assistant.api import add_health
    from assistant.web import page, serve

    def health(gate: Any, line: Any) -> Any:
        return lambda app, visitors, settings: add_health(app, gate, line, visitors)

    settings = Settings(database_url=url, port=port, trusted_proxies="127.0.0.1", stop_seconds=5)
    with (
        patch.object(page, "build_page", noting(page.build_page, folder)),
        patch.object(answering, "open_assistant", lambda _: Echo()),
    ):
        serve(settings, health)


def main() -> None:
    """Start a process for each port that is told."""
    import gradio  # noqa: F401
    import pg8000  # noqa: F401
    import uvicorn  # noqa: F401

    import assistant.web.app
    import assistant.web.page
    import assistant.web.serving  # noqa: F401

    folder, url = Path(sys.argv[1]), sys.argv[2]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            log = os.open(folder / f"{line.strip()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for stream in (1, 2):
                os.dup2(log, stream)
            os.close(0)
            try:
                _serve(folder, url, int(line))
            finally:
                os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
