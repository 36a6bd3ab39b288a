"""Several web processes share one line on PostgreSQL: here as several `SharedRunning`, with lines of their own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy

from assistant.accounts.visitors import ANYONE, Visitor
from assistant.conversations import Conversations
from assistant.database.tables import waiting
from assistant.errors import LineFull, OneAtATime, Stopping
from assistant.schema import Event, Finished, SentenceReady
from assistant.web.line import Line
from assistant.web.places import Places
from assistant.web.running import Exchange
from assistant.web.sharing import SharedRunning
from tests.fakes import FakeAssistant
from tests.web.samples import SENTENCE, answered, opening_events

pytestmark = [pytest.mark.server, pytest.mark.slow]

PATIENCE = 20  # seconds; only what is broken waits that long
MINA = Visitor("mina", "mina", frozenset({"public", "staff"}), "session of mina")
JUNO = Visitor("juno", "juno", frozenset({"public"}), "session of juno")


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@dataclass
class Process:
    """What one web process has of its own."""

    assistant: FakeAssistant
    line: Line
    running: SharedRunning
    places: Places


class Processes:
    """Makes them, on one database."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self._url, self._stack = url, stack
        self.store = stack.enter_context(closing(Conversations(url, max_turns=50, max_chars=10**6)))

    def start(self, scripts: Mapping[str, Sequence[Any]], **limits: int) -> Process:
        assistant = FakeAssistant(scripts)
        line = self._stack.enter_context(closing(Line(assistant)))
        places = Places(self._url, **limits)
        return Process(assistant, line, SharedRunning(line, self.store, places), places)

    def nothing_waits(self) -> bool:
        with self.store.transaction() as connection:
            return connection.execute(sqlalchemy.select(waiting.c.number)).first() is None

    def state(self, conversation: str, visitor: Visitor = MINA) -> str:
        return self.store.turns(conversation, visitor.user_id, visitor.labels)[-1].state


@pytest.fixture
def processes(postgresql: str) -> Iterator[Processes]:
    with ExitStack() as stack:
        yield Processes(postgresql, stack)


def script(question: str, *held: threading.Event) -> list[Event | threading.Event]:
    return [*opening_events(question), *held, SentenceReady(SENTENCE), Finished(answered(question))]


def refusing(process: Process) -> None:
    """It answers nothing new."""
    process.line.draining = True


def test_what_one_process_answers_is_seen_and_stopped_at_another(processes: Processes) -> None:
    gate, held = threading.Event(), threading.Event()
    scripts = {"q": [*opening_events("q"), SentenceReady(SENTENCE), held], "r": script("r", gate)}
    here, there = processes.start({}), processes.start(scripts)
    refusing(here)
    asked = {name: here.running.begin(name, MINA, name) for name in scripts}
    until(lambda: asked["q"].turn.sentences)
    assert asked["q"].ticket is None and asked["q"].turn.stage == "writing"
    assert here.running.of("q", MINA) is asked["q"] and here.running.of("q", ANYONE) is None
    assert here.running.of("q", JUNO) is None
    until(lambda: asked["r"].turn.stage == "queued" and asked["r"].turn.ahead == 1)
    here.running.stop(asked["q"])
    until(lambda: not asked["q"].turn.running)
    assert asked["q"].turn.stage == "stopped" and processes.state("q") == "stopped"
    until(lambda: there.assistant.cancelled == ["q"])
    gate.set()
    until(lambda: asked["r"].turn.stage == "finished")
    assert asked["r"].turn.answer == answered("r")
    assert processes.nothing_waits() and here.running.of("r", MINA) is None
    here.running.begin("r", MINA, "q")  # the conversation goes on
    until(lambda: processes.state("q") == "finished")
    assert [turn.question for turn in there.assistant.histories[-1]] == []


def test_whoever_reloads_at_another_process_sees_it_grow(processes: Processes) -> None:
    gate = threading.Event()
    here, there = processes.start({"q": script("q", gate)}), processes.start({})
    refusing(there)

    async def run() -> list[str]:
        begun = here.running.begin("q", MINA, "name")
        until(lambda: begun.turn.evidence)
        found = there.running.of("name", MINA)
        assert found is not None and found.turn.evidence and found.turn.stage == "writing"
        look, seen = there.running.look(found), []
        async with asyncio.timeout(PATIENCE):
            async for turn in look.turns():
                seen.append(turn.stage)
                gate.set()
        return seen

    seen = asyncio.run(run())
    assert seen[0] == "writing" and seen[-1] == "finished"


def test_one_question_at_a_time_whichever_process_is_asked(processes: Processes) -> None:
    gate = threading.Event()
    here, there = processes.start({"q": [gate]}), processes.start({"q": [gate]})
    here.running.begin("q", MINA, "name")
    with pytest.raises(OneAtATime):
        there.running.begin("q", MINA, "name")
    assert len(processes.store.turns("name", "mina", MINA.labels)) == 1
    gate.set()


def test_who_asks_much_at_all_processes_holds_up_nobody(processes: Processes) -> None:
    gate = threading.Event()
    scripts = {"first": [gate], **{f"m{number}": [] for number in range(6)}, "j": []}
    here, there = processes.start(scripts), processes.start({})
    refusing(there)
    here.running.begin("first", MINA, "first")
    until(lambda: here.assistant.asked)
    for number in range(6):
        (here, there)[number % 2].running.begin(f"m{number}", MINA, f"m{number}")
    late = there.running.begin("j", JUNO, "j")
    until(lambda: late.turn.stage == "waiting" and late.turn.ahead == 1)
    gate.set()
    until(lambda: not late.turn.running)
    until(lambda: len(here.assistant.asked) == 8)
    assert here.assistant.asked.index("j") == 1


def test_both_answer_what_was_asked_at_one(processes: Processes) -> None:
    gate = threading.Event()
    here, there = (processes.start({"a": [gate], "b": [gate], "c": []}) for _ in range(2))
    for name in "abc":
        here.running.begin(name, MINA, name)
    until(lambda: here.assistant.asked and there.assistant.asked)
    assert sorted(here.assistant.asked + there.assistant.asked) == ["a", "b"]
    gate.set()
    until(lambda: processes.state("c") != "running" and processes.nothing_waits())


def test_limits_count_what_all_processes_were_asked(processes: Processes) -> None:
    gate = threading.Event()
    here = processes.start({"q": [gate]}, longest=4, most_of_one=3)
    there = processes.start({"q": [gate]}, longest=4, most_of_one=3)

    def program(process: Process, owner: str) -> None:
        process.line.join("q", owner=owner, tell=lambda _: None)

    here.running.begin("q", MINA, "1")
    there.running.begin("q", MINA, "2")
    program(there, "mina")
    for process in (here, there):
        refused = process.running.begin("q", MINA, f"3 {id(process)}")
        assert (refused.turn.stage, refused.turn.error) == ("failed", "error_line_full")
        with pytest.raises(LineFull, match="of your questions"):
            program(process, "mina")
    program(here, "juno")
    with pytest.raises(LineFull, match="Too many questions"):
        program(there, "other")
    assert there.running.begin("q", JUNO, "4").turn.stage == "failed"
    gate.set()
    until(processes.nothing_waits)  # nothing stays counted


def test_what_nobody_looks_at_gives_way_in_a_full_line(processes: Processes) -> None:
    gate = threading.Event()
    here = processes.start({"q": [gate], "r": []}, longest=2)
    there = processes.start({}, longest=2)
    refusing(there)

    async def run() -> None:
        here.running.begin("q", MINA, "1")
        until(lambda: here.assistant.asked)
        lost = there.running.begin("q", MINA, "2")
        there.running.look(lost).close()
        taken = there.running.begin("r", JUNO, "3")
        assert taken.turn.running
        until(lambda: not lost.turn.running)
        assert lost.turn.stage == "interrupted" and processes.state("2") == "interrupted"

    asyncio.run(run())
    gate.set()
    until(processes.nothing_waits)


def test_a_question_that_waits_is_stopped_at_once_and_never_asked(processes: Processes) -> None:
    gate = threading.Event()
    here, there = processes.start({"q": [gate]}), processes.start({})
    refusing(there)
    here.running.begin("q", MINA, "1")
    until(lambda: here.assistant.asked)
    here.running.begin("r", MINA, "2")
    found = there.running.of("2", MINA)
    assert found is not None and found.turn.stage == "waiting" and found.turn.ahead == 1
    there.running.stop(found)
    assert found.turn.stage == "stopped" and processes.state("2") == "stopped"
    gate.set()
    until(processes.nothing_waits)
    assert here.assistant.asked == ["q"]


def test_a_process_that_is_gone_leaves_its_answers_broken_off_and_the_waiting_ones_to_others(
    processes: Processes,
) -> None:
    gate = threading.Event()
    here, there = processes.start({"r": script("r")}), processes.start({"q": script("q", gate)})
    refusing(here)
    asked = here.running.begin("q", MINA, "1")
    until(lambda: asked.turn.evidence)
    refusing(there)
    waiting = here.running.begin("r", MINA, "2")
    there.line._closed = True  # as a kill does: its thread ends, and its connection
    until(lambda: not asked.turn.running)
    assert asked.turn.stage == "interrupted" and asked.turn.evidence and processes.state("1") == "running"
    assert here.running.of("1", MINA) is None
    here.line.draining = False
    until(lambda: waiting.turn.stage == "finished")
    again = here.running.begin("r", MINA, "1")
    until(lambda: again.turn.stage == "finished")
    gate.set()


def test_a_process_that_is_told_to_stop_leaves_what_it_has_not_begun_to_others(processes: Processes) -> None:
    here = processes.start({"q": [Stopping("being stopped")]})
    asked = here.running.begin("q", MINA, "1")
    until(lambda: here.assistant.asked)
    refusing(here)
    there = processes.start({"q": script("q")})
    until(lambda: asked.turn.stage == "finished")
    assert there.assistant.asked == ["q"]


def test_a_broken_connection_is_made_again_and_breaks_nothing_off(processes: Processes) -> None:
    gate = threading.Event()
    here, there = processes.start({"q": script("q", gate)}), processes.start({})
    refusing(there)
    asked = here.running.begin("q", MINA, "1")
    until(lambda: asked.turn.evidence)
    before = here.places.process
    assert here.places._own is not None
    here.places._own.connection.dbapi_connection.close()  # type: ignore[union-attr]
    until(lambda: here.places.process != before)
    gate.set()
    until(lambda: asked.turn.stage == "finished")
    assert processes.state("1") == "finished"
    done: Exchange | None = there.running.of("1", MINA)
    assert done is None
