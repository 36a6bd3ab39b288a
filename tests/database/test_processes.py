"""Several processes write one store at the same time, and nothing is lost: in a file, and in PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from assistant.audit import Audit
from assistant.conversations import Conversations
from assistant.floor.notes import FloorNotes
from assistant.shelf import listed
from assistant.staff.journal import Journal
from tests.conftest import PROJECT

TIMES = 25

_WRITER = """
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from assistant.accounts.visitors import Visitor
from assistant.audit import Audit
from assistant.conversations import Conversations, Progress
from assistant.floor.notes import FloorNotes
from assistant.staff.journal import Entry, Journal
from tests.floor.test_notes import NOTE
from tests.operations.turns import ANSWER, OPEN

talk, audit, me, conversation, times = sys.argv[1:]
kind = str if "://" in talk else Path
with (
    closing(Conversations(kind(talk), max_turns=999, max_chars=10**8)) as store,
    closing(FloorNotes(kind(talk))) as notes,
    closing(Journal(kind(talk))) as journal,
    closing(Audit(kind(audit), 7)) as log,
):
    print("ready", flush=True)
    sys.stdin.readline()
    for count in range(int(times)):
        said = f"{me} {count}"
        number = store.take(conversation, "u1", said)
        store.keep(conversation, "u1", number, Progress("finished", shown=(OPEN,), answer=ANSWER))
        store.rate(conversation, "u1", number, "up", said)
        notes.add(replace(NOTE, id=said, note=said))
        notes.add(replace(NOTE, id=f"both {count}", machine="other"))
        journal.note(Entry("publish", me, said, "f", "r", said, ("public",)))
        journal.mark("note", ["shared", said], "seen", me)
        log.note(Visitor("u1", me, frozenset()), said, [OPEN])
"""


def test_two_that_write_at_once_lose_nothing(place: Path | str, tmp_path: Path) -> None:
    audit = place if isinstance(place, str) else tmp_path / "audit.sqlite3"
    with closing(Conversations(place, max_turns=999, max_chars=10**8)) as store:
        conversation = store.begin("u1")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(place), str(audit), me, conversation, str(TIMES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for me in ("ana", "bora")
    ]
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n", process.communicate()[1]
    said = [process.communicate("\n", timeout=300)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    everything = {f"{me} {count}" for me in ("ana", "bora") for count in range(TIMES)}
    with (
        closing(Conversations(place, max_turns=999, max_chars=10**8)) as store,
        closing(FloorNotes(place)) as notes,
        closing(Journal(place)) as journal,
        closing(Audit(audit, 7)) as log,
    ):
        kept = store.turns(conversation, "u1", {"public"})
        assert [turn.number for turn in kept] == list(range(1, 2 * TIMES + 1))
        assert {turn.question for turn in kept} == everything and all(turn.answer for turn in kept)
        assert all(turn.note == turn.question for turn in kept)
        assert set(listed(store, "u1")[0].questions) == everything
        assert sorted(note.note for note in notes.all({"public"}) if note.machine != "other") == sorted(everything)
        assert len([note for note in notes.all({"public"}) if note.machine == "other"]) == TIMES
        assert {entry.title for entry in journal.history({"public"})} == everything
        assert journal.marks("note").keys() == {*everything, "shared"}
        assert {entry.door for entry in log.entries()} == everything
