"""What is being answered goes on while nobody looks, is found again, and is not lost when the server is killed."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.accounts.visitors import ANYONE, Visitor
from assistant.conversations import Conversations, new_name
from assistant.errors import ModelError, OneAtATime, PathError, Stopping
from assistant.schema import Finished, SentenceReady
from assistant.web.line import Line
from assistant.web.running import Exchange, Running
from assistant.web.session import Session
from assistant.web.turns import ShownTurn
from tests.fakes import FakeAssistant
from tests.web.samples import LAUNCH, SENTENCE, answered, opening_events

PATIENCE = 20  # seconds; only what is broken waits that long
MINA = Visitor("mina", "mina", frozenset({"public", "staff"}), "session of mina")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    with closing(Conversations(tmp_path / "talk.sqlite3", max_turns=5, max_chars=100_000)) as opened:
        yield opened


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def stages(exchange: Exchange) -> Callable[[], bool]:
    return lambda: not exchange.turn.running


def test_an_answer_goes_on_while_nobody_looks_and_is_stored_as_it_grows(store: Conversations) -> None:
    first, second = threading.Event(), threading.Event()
    script = [*opening_events("q"), SentenceReady(SENTENCE), first, Finished(answered("q"))]
    with closing(Line(FakeAssistant({"q": [second, *script]}))) as line:
        running, name = Running(line, store), new_name()
        exchange = running.begin("q", ANYONE, name)
        assert [turn.state for turn in store.turns(name, "", ANYONE.labels)] == ["running"]
        second.set()
        until(lambda: store.turns(name, "", ANYONE.labels)[0].sentences == (SENTENCE,))
        assert store.turns(name, "", ANYONE.labels)[0].shown[0] == LAUNCH
        found = running.of(name, ANYONE)
        assert found is exchange and found.turn.sentences == (SENTENCE,)
        first.set()
        until(stages(exchange))
        assert running.of(name, ANYONE) is None
    (kept,) = store.turns(name, "", ANYONE.labels)
    assert kept.state == "finished" and kept.answer == answered("q")


def test_whoever_comes_back_sees_it_grow(store: Conversations) -> None:
    gate = threading.Event()
    script = [*opening_events("q"), gate, SentenceReady(SENTENCE), Finished(answered("q"))]

    async def run() -> list[ShownTurn]:
        exchange = running.begin("q", MINA, "name")
        first = running.look(exchange)
        async for turn in first.turns():
            if turn.evidence:
                break
        first.close()
        again = Session(visitor=MINA)
        again.resume(running, "name")
        assert again.exchange is exchange and again.turns[-1].evidence
        look, seen = running.look(exchange), []
        gate.set()
        async with asyncio.timeout(PATIENCE):
            async for turn in look.turns():
                seen.append(turn)
        return seen

    with closing(Line(FakeAssistant({"q": script}))) as line:
        running = Running(line, store)
        seen = asyncio.run(run())
    assert seen[0].running and seen[-1].stage == "finished"


def test_looking_away_gives_way_to_others_and_looking_again_takes_the_place_back(store: Conversations) -> None:
    gate = threading.Event()
    scripts = {"a": [*opening_events("a"), gate], "b": opening_events("b"), "c": opening_events("c")}

    async def run() -> None:
        begun = {name: running.begin(name, ANYONE, name) for name in scripts}
        looks = {name: running.look(begun[name]) for name in scripts}
        until(lambda: begun["c"].turn.stage == begun["b"].turn.stage == "queued")
        assert [begun[name].turn.ahead for name in "bc"] == [1, 2]
        looks["b"].close()
        looks["b"].close()
        assert [begun[name].turn.ahead for name in "bc"] == [2, 1]
        running.look(begun["b"])
        assert [begun[name].turn.ahead for name in "bc"] == [1, 2]

    with closing(Line(FakeAssistant(scripts))) as line:
        running = Running(line, store)
        asyncio.run(run())
        gate.set()


def test_another_user_finds_nothing_and_other_labels_stop_it(store: Conversations) -> None:
    gate = threading.Event()
    with closing(Line(FakeAssistant({"q": [*opening_events("q"), gate]}))) as line:
        running = Running(line, store)
        exchange = running.begin("q", MINA, "name")
        until(lambda: exchange.turn.evidence)
        for other in (ANYONE, Visitor("juno", "juno", MINA.labels, "x")):
            assert running.of("name", other) is None and exchange.turn.running
        fewer = Visitor("mina", "mina", frozenset({"public"}), "session of mina")
        assert running.of("name", fewer) is None and exchange.turn.stage == "stopped"
        gate.set()


def test_one_question_at_a_time_in_a_conversation(store: Conversations) -> None:
    gate = threading.Event()
    with closing(Line(FakeAssistant({"q": [gate], "r": []}))) as line:
        running = Running(line, store)
        exchange = running.begin("q", MINA, "name")
        with pytest.raises(OneAtATime):
            running.begin("r", MINA, "name")
        gate.set()
        until(stages(exchange))
        running.begin("r", MINA, "name")
    assert [turn.question for turn in store.turns("name", "mina", MINA.labels)] == ["q", "r"]


def test_how_it_ended_is_stored(store: Conversations) -> None:
    gate = threading.Event()
    scripts = {
        "stopped": [*opening_events("stopped"), gate],
        "model": [*opening_events("model"), ModelError("no answer")],
        "stopping": [Stopping("being stopped")],
        "left": [*opening_events("left"), gate],
    }
    with closing(Line(FakeAssistant(scripts))) as line:
        running = Running(line, store)
        stopped = running.begin("stopped", MINA, "stopped")
        until(lambda: stopped.turn.evidence)
        running.stop(stopped)
        for name in ("model", "stopping", "left"):
            running.begin(name, MINA, name)
        until(lambda: store.turns("left", "mina", MINA.labels)[0].shown)
        until(lambda: store.turns("model", "mina", MINA.labels)[0].state == "failed")
    found = {name: store.turns(name, "mina", MINA.labels)[0] for name in scripts}
    assert {name: kept.state for name, kept in found.items()} == {
        "stopped": "stopped", "model": "failed", "stopping": "interrupted", "left": "interrupted"
    }  # fmt: skip
    assert found["model"].error == "error_model" and found["model"].shown


def test_a_full_line_is_said_in_the_conversation_where_the_question_stays(store: Conversations) -> None:
    gate = threading.Event()
    with closing(Line(FakeAssistant({"q": [gate]}), longest=1)) as line:
        running = Running(line, store)
        running.begin("q", MINA, "first")
        refused = running.begin("q", ANYONE, "second")
        assert refused.turn.stage == "failed" and refused.turn.error == "error_line_full"
        (kept,) = store.turns("second", "", ANYONE.labels)
        assert (kept.state, kept.error, kept.question) == ("failed", "error_line_full", "q")
        gate.set()


def test_a_conversation_that_is_deleted_meanwhile_stops_its_question(store: Conversations) -> None:
    gate = threading.Event()
    assistant = FakeAssistant({"q": [gate, *opening_events("q"), threading.Event()]})
    with closing(Line(assistant)) as line:
        running = Running(line, store)
        running.begin("q", MINA, "name")
        store.delete("name", "mina")
        gate.set()
        until(lambda: assistant.cancelled)


def test_a_store_that_fails_is_told(store: Conversations, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise PathError("The conversations cannot be used (database or disk is full).")

    monkeypatch.setattr(store, "take", full)
    with closing(Line(FakeAssistant({"q": []}))) as line:
        running, session = Running(line, store), Session(visitor=MINA)
        with pytest.raises(PathError, match="disk is full"):
            running.begin("q", MINA, "name")
        assert asyncio.run(session.take("q", running, 100)) is False
        assert session.notice[0] == "error_other" and not session.running
        monkeypatch.undo()
        assert asyncio.run(session.take("q", running, 100)) is True


_KILLED = """
import sys, threading, time
from pathlib import Path
from assistant.accounts.visitors import ANYONE
from assistant.conversations import Conversations
from assistant.schema import SentenceReady
from assistant.web.line import Line
from assistant.web.running import Running
from tests.fakes import FakeAssistant
from tests.web.samples import SENTENCE, opening_events

script = [*opening_events("q"), SentenceReady(SENTENCE), threading.Event()]
running = Running(
    Line(FakeAssistant({"q": script, "r": script})),
    Conversations(Path(sys.argv[1]), max_turns=5, max_chars=100_000),
)
exchange = running.begin("q", ANYONE, "first")
running.begin("r", ANYONE, "second")
while not exchange.turn.sentences:
    time.sleep(0.01)
print("ready", flush=True)
time.sleep(60)
"""


def test_a_server_that_is_killed_loses_no_question(tmp_path: Path) -> None:
    file, project = tmp_path / "talk.sqlite3", Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, file], stdout=subprocess.PIPE, text=True, cwd=project
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGKILL)
    with (
        closing(Conversations(file, max_turns=5, max_chars=100_000)) as store,
        closing(Line(FakeAssistant({}))) as line,
    ):
        running = Running(line, store)
        for name, question, sentences in (("first", "q", 1), ("second", "r", 0)):
            session = Session()
            session.resume(running, name)
            (turn,) = session.turns
            assert turn.stage == "interrupted" and turn.question == question and len(turn.sentences) == sentences
            assert not session.running and (turn.evidence or name == "second")
