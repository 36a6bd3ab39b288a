"""Keeping an index in step: a run at the start, one after each burst, and a clean end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from assistant.errors import AssistantError, IndexNotWritten
from assistant.index.store import write_index
from assistant.ingest import Report, ingest
from assistant.ingest.watch import watch
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.fakes import FakeEmbedder

#: Longest wait for a run, in seconds.
PATIENCE = 120


class Watching:
    """A watch in a thread of its own, with what it told."""

    def __init__(self, folder: Path, index: Path) -> None:
        self.folder, self.index = folder, index
        self.told: list[Report | AssistantError] = []
        self.fail = False
        self._stop = threading.Event()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=watch, args=([folder], index, self._run, self._tell, self._stop))

    def _run(self, first: bool) -> Report:
        if self.fail:
            self.fail = False
            raise IndexNotWritten("The disk is full.", "Make room.")
        with write_index(self.index, FAKE_FINGERPRINT) as opened:
            return ingest([self.folder], opened, FakeEmbedder(), retry=first)

    def _tell(self, outcome: Report | AssistantError) -> None:
        with self._news:
            self.told.append(outcome)
            self._news.notify_all()

    def __enter__(self) -> Watching:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def until(self, wanted: str, where: str = "added") -> Report:
        """Wait for a run whose report lists `wanted` there."""

        def found() -> Report | None:
            reports = [each for each in self.told if isinstance(each, Report)]
            return next((each for each in reports if wanted in str(getattr(each, where))), None)

        with self._news:
            assert self._news.wait_for(lambda: found() is not None, PATIENCE), self.told
            report = found()
        assert report is not None
        return report


def test_an_index_is_kept_in_step_with_a_folder(corpus: Path) -> None:
    index = corpus / "index"  # inside the folder: its own writing must not lead to runs
    with Watching(corpus, index) as watching:
        assert sorted(watching.until("launch.ko.md").added) == ["launch.ko.md", "lockout.en.md", "proposal.ko.md"]
        for number in range(5):
            (corpus / f"new{number}.txt").write_text(f"새 문서 {number}의 내용입니다.", encoding="utf-8")
        watching.until("new4.txt")
        (corpus / "lockout.en.md").rename(corpus / "moved.en.md")
        watching.until("lockout.en.md", "moved")
        (corpus / "new0.txt").unlink()
        watching.until("new0.txt", "removed")
        runs = len(watching.told)
        assert runs <= 9  # a burst of changes is one run, not one for each file
    with write_index(index, FAKE_FINGERPRINT) as opened:
        found = {document.document_id for document in opened.seen_by(["public", "staff"]).documents()}
        assert found == {"launch.ko.md", "moved.en.md", "proposal.ko.md", *(f"new{n}.txt" for n in range(1, 5))}


def test_a_run_that_fails_is_told_and_the_next_change_leads_to_another(corpus: Path, tmp_path: Path) -> None:
    with Watching(corpus, tmp_path / "index") as watching:
        watching.until("launch.ko.md")
        watching.fail = True
        (corpus / "one.txt").write_text("첫 번째 문서입니다.", encoding="utf-8")
        with watching._news:
            assert watching._news.wait_for(lambda: isinstance(watching.told[-1], IndexNotWritten), PATIENCE)
        (corpus / "two.txt").write_text("두 번째 문서입니다.", encoding="utf-8")
        assert "one.txt" in watching.until("two.txt").added


def test_what_no_scan_reads_leads_to_no_run(corpus: Path, tmp_path: Path) -> None:
    """Uploads on their way lie in a folder of their own below the documents."""
    staged = corpus / "_staging" / "mina"
    staged.mkdir(parents=True)
    with Watching(corpus, tmp_path / "index") as watching:
        watching.until("launch.ko.md")
        (staged / "waits.txt").write_text("아직 문서가 아닙니다.", encoding="utf-8")
        time.sleep(3)
        assert len(watching.told) == 1
        (corpus / "one.txt").write_text("첫 번째 문서입니다.", encoding="utf-8")
        assert watching.until("one.txt").added == ["one.txt"]


#: The command line with an embedder that loads nothing; a shell that starts tests in the background ignores SIGINT.
LAUNCHER = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from assistant.weights import embedder
from tests.fakes import FakeEmbedder
embedder.SentenceEmbedder = lambda *_, **__: FakeEmbedder()
from assistant.cli import main
main()
"""


def test_the_command_runs_until_it_is_interrupted(corpus: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", LAUNCHER, "watch", str(corpus), "--index", str(tmp_path / "index"), "--json"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        last_resort = threading.Timer(PATIENCE, process.kill)
        last_resort.start()
        assert process.stdout is not None and process.stderr is not None
        assert len(json.loads(process.stdout.readline())["added"]) == 3
        (corpus / "새 문서.txt").write_text("나중에 온 문서입니다.", encoding="utf-8")
        assert json.loads(process.stdout.readline())["added"] == ["새 문서.txt"]
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0 and "Stopped." in process.stderr.read()
        last_resort.cancel()
