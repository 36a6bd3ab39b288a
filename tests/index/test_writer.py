"""The writer's lock: one at a time, others wait behind it and are told for whom."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import IndexLocked
from assistant.index.vectors import Vectors
from assistant.index.writer import HOLDER, Holder, holder, writer_lock
from assistant.ingest.progress import told_once


def test_who_writes_is_told_while_it_does(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with writer_lock(tmp_path, who="ingest"):
        found = holder(tmp_path)
        assert found is not None and (found.who, found.pid) == ("ingest", os.getpid())
        assert abs(found.since - time.time()) < 60
    assert holder(tmp_path) is None


def test_the_note_of_a_killed_writer_is_none(tmp_path: Path) -> None:
    (tmp_path / HOLDER).write_text(json.dumps({"who": "watch", "pid": 2**22 + 1, "since": 1.0}), encoding="utf-8")
    assert holder(tmp_path) is None
    (tmp_path / HOLDER).write_text("{", encoding="utf-8")
    assert holder(tmp_path) is None


def test_others_wait_and_get_their_turn(tmp_path: Path) -> None:
    seen: list[Holder | None] = []
    done = threading.Event()

    def second() -> None:
        with writer_lock(tmp_path, who="page", waits=lambda now: bool(seen.append(now)) or True):
            done.set()

    with writer_lock(tmp_path, who="ingest"):
        thread = threading.Thread(target=second)
        thread.start()
        while not seen:
            time.sleep(0.01)
        assert not done.is_set()
    thread.join(timeout=60)
    assert done.is_set() and seen[0] is not None and seen[0].who == "ingest"


def test_who_does_not_wait_or_gives_up_gets_an_error(tmp_path: Path) -> None:
    with writer_lock(tmp_path):
        for waits in (None, lambda now: False):
            with pytest.raises(IndexLocked), writer_lock(tmp_path, waits=waits):
                raise AssertionError


def test_the_terminal_says_once_for_whom_it_waits() -> None:
    out = io.StringIO()
    wait = told_once(out)
    assert wait(Holder("page", 1, 0.0)) and wait(None)
    assert out.getvalue().count("\n") == 1 and "`page`" in out.getvalue()


def test_what_is_erased_while_another_of_this_process_reads_leaves_no_trace(tmp_path: Path) -> None:
    """Chroma shares one store among all that open it in a process: the reader has to let go for a purge."""
    folder = tmp_path / "vectors"
    reader, writer = Vectors(folder), Vectors(folder)
    vector = np.eye(64, dtype=np.float32)
    writer.add("a", ["kept", "secret-id"], vector[:2])
    assert [name for name, _ in reader.search(vector[1], ["a"], 1)] == ["secret-id"]
    writer.remove("a", ["secret-id"])
    writer.purge()
    assert not any(b"secret-id" in file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert [name for name, _ in reader.search(vector[0], ["a"], 5)] == ["kept"]
    reader.close()
    writer.close()
