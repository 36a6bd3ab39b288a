"""A job that one process does at a time: others stand by, and take over when it ends or is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.conversations import Conversations
from assistant.database import locks
from assistant.database.opening import Database
from assistant.database.tables import CONVERSATIONS
from assistant.errors import ConversationMissing
from tests.conftest import PROJECT

_WORKER = """
import sys, time
from pathlib import Path
from assistant.database.alone import alone
from assistant.settings import load_settings

def say(word):
    print(word, flush=True)

with alone(load_settings(), "a job", Path(sys.argv[1]) / "a.lock", lambda: say("stands by")):
    say("works")
    sys.stdin.readline()
"""


@pytest.mark.parametrize("kind", ["file", pytest.param("postgresql", marks=[pytest.mark.server, pytest.mark.slow])])
def test_one_process_does_it_and_another_takes_over(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = str(request.getfixturevalue("postgresql")) if kind == "postgresql" else ""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "ASSISTANT_DATABASE_URL": url}

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _WORKER, str(tmp_path)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def says(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    first = start()
    assert says(first) == "works"
    second = start()
    assert says(second) == "stands by"
    first.send_signal(signal.SIGKILL)
    assert says(second) == "works"
    third = start()
    assert says(third) == "stands by"
    assert second.communicate("\n", timeout=60) == ("", None) and second.returncode == 0
    assert says(third) == "works"
    third.communicate("\n", timeout=60)
    first.wait()


@pytest.mark.server
@pytest.mark.slow
def test_clean_up_is_left_to_a_process_that_is_at_it(postgresql: str) -> None:
    now = datetime.now(UTC)
    clock = [now]
    with (
        closing(Conversations(postgresql, max_turns=9, max_chars=10**6, days=1, clock=lambda: clock[0])) as store,
        closing(Database(postgresql, CONVERSATIONS)) as other,
    ):
        name = store.begin("mina")
        store.take(name, "mina", "q")
        clock[0] = now + timedelta(days=2)
        with other.clean_up() as busy:
            assert busy is not None
            assert store.turns(name, "mina", {"public"})
        clock[0] += timedelta(hours=2)
        with pytest.raises(ConversationMissing):
            store.turns(name, "mina", {"public"})


def test_kinds_of_locks_in_one_database_are_told_apart() -> None:
    """An index's writer would count as a living web process otherwise."""
    kinds = [value for name, value in vars(locks).items() if name.isupper()]
    assert len(kinds) == len(set(kinds)) == 3
