"""Workers that read untrusted files: whatever one file does, the others are read and this process stays well."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from assistant.errors import ReadError, ReaderStopped
from assistant.ingest.sandbox import Limits, Sandbox, read_safely
from assistant.schema import Draft
from tests.conftest import PROJECT

Make = Callable[[str], Path]

UNRULY = "tests.ingest.unruly:read"
LIMITS = Limits(seconds=60, memory_mb=250, output_mb=2)


@pytest.fixture
def files(tmp_path: Path) -> Make:
    """Makes a file with this content."""
    numbers = count()

    def make(content: str) -> Path:
        path = tmp_path / f"file {next(numbers)}.txt"
        path.write_text(content, encoding="utf-8")
        return path

    return make


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    """Whether a process ends, given time."""
    return any(not alive(pid) or time.sleep(0.05) for _ in range(400))


BAD = (
    ("crash", ReaderStopped, r"process died \(signal 11\)"),
    ("leave", ReaderStopped, r"process died \(exit code 3\)"),
    ("eat 400", ReaderStopped, "needed more than 250 MB"),
    ("swallow 400", ReaderStopped, "needed more than 250 MB"),
    ("flood 1", ReadError, "more than 2 MB of text"),
    ("raise", ReadError, "ValueError: the reader has a defect"),
    ("refuse", ReadError, "It is empty."),
    ("strange", ReadError, "unexpected"),
)


def test_bad_files_get_their_reasons_and_those_between_are_read(files: Make) -> None:
    paths = [files(content) for bad, _, _ in BAD for content in (bad, "정상 문서입니다.")]
    with Sandbox(LIMITS, workers=2, reader=UNRULY) as sandbox:
        outcomes = list(sandbox.read_all(paths))
    assert [each.text for each in outcomes[1::2] if isinstance(each, Draft)] == ["정상 문서입니다."] * len(BAD)
    for (_, kind, reason), error in zip(BAD, outcomes[::2], strict=True):
        assert type(error) is kind and re.search(reason, str(error)), error
        assert isinstance(error, ReadError) and error.hint


def test_a_file_that_takes_too_long(files: Make) -> None:
    outcomes = []
    with Sandbox(Limits(seconds=0.3, memory_mb=250), workers=2, reader=UNRULY) as sandbox:
        outcomes = list(sandbox.read_all([files("hang"), files("a"), files("hang"), files("b")]))
    assert [type(each) for each in outcomes] == [ReaderStopped, Draft, ReaderStopped, Draft]
    assert "took too long to read: more than 0.3 s" in str(outcomes[0])


def test_a_file_gets_more_time_for_every_recognised_page_up_to_a_limit(files: Make) -> None:
    limits = Limits(seconds=1, page_seconds=2, recognised_pages=4, memory_mb=250)
    with Sandbox(limits, workers=1, reader=UNRULY) as sandbox:
        assert sandbox.read(files("recognise 4")).text
        with pytest.raises(ReaderStopped, match=r"more than 9 s"):
            sandbox.read(files("recognise 400"))


def test_results_come_in_order_from_warm_workers(files: Make) -> None:
    paths = [files(f"문서 {number}") for number in range(30)]
    taken = []

    def listed() -> Iterator[Path]:
        for path in paths:
            taken.append(path)
            yield path

    with Sandbox(LIMITS, workers=2, reader=UNRULY) as sandbox:
        drafts = []
        for draft in sandbox.read_all(listed()):
            assert isinstance(draft, Draft)
            drafts.append(draft)
            assert len(taken) <= len(drafts) + 2 * sandbox.workers  # no more than that is held here
    assert [draft.metadata["title"] for draft in drafts] == [path.stem for path in paths]
    assert len({draft.metadata["pid"] for draft in drafts}) <= sandbox.workers
    assert all(gone(draft.metadata["pid"]) for draft in drafts)


def test_a_run_that_is_left_early_ends_its_workers_and_what_they_started(files: Make) -> None:
    paths = [files("문서"), files("spawn 599.25"), files("hang"), files("문서")]
    with Sandbox(LIMITS, workers=2, reader=UNRULY) as sandbox:
        for draft in sandbox.read_all(paths):
            assert isinstance(draft, Draft)
            break
        assert any(not running("sleep 599.25") or time.sleep(0.05) for _ in range(400))
        assert sandbox.read(paths[0]).text == "문서"  # it can still be used
    assert gone(draft.metadata["pid"])


def running(command: str) -> bool:
    """Whether a process with this command line runs."""
    wanted = command.replace(" ", "\0").encode()
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if wanted in place.read_bytes():
                return True
        except OSError:
            continue
    return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_its_parent(files: Make, how: signal.Signals) -> None:
    code = (
        "import signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background ignores it
        "from pathlib import Path\n"
        "from assistant.ingest.sandbox import Limits, Sandbox\n"
        f"with Sandbox(Limits(60, 250), workers=2, reader={UNRULY!r}) as sandbox:\n"
        "    for draft in sandbox.read_all(map(Path, sys.argv[2:])): print(draft.metadata['pid'], flush=True)\n"
    )
    paths = [files("eins"), files("zwei"), files("hang"), files("hang")]
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(PROJECT), *map(str, paths)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert parent.stdout is not None
    workers = {int(parent.stdout.readline()) for _ in range(2)}
    assert all(alive(pid) for pid in workers)
    os.kill(parent.pid, how)
    parent.wait(timeout=60)
    assert all(gone(pid) for pid in workers)


def test_a_real_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "한글 이름 🏭.md"
    path.write_text("---\ntitle: 공고\nlabels: [staff]\n---\n\n# 공고\n\n지원 한도는 3억 원입니다.\n", encoding="utf-8")
    draft = read_safely(path)
    assert draft.metadata["labels"] == ("staff",) and "3억 원" in draft.text
    assert draft.text[draft.blocks[0].start : draft.blocks[0].end] == "공고"
    with pytest.raises(ReadError, match="is empty"):
        (tmp_path / "empty.md").write_text("")
        read_safely(tmp_path / "empty.md")
