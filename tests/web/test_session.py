from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.accounts.visitors import ANYONE, Visitor
from assistant.conversations import Conversations
from assistant.errors import ConversationMissing
from assistant.schema import Finished
from assistant.web.line import Line
from assistant.web.running import Running
from assistant.web.session import Session
from tests.fakes import FakeAssistant
from tests.web.samples import LAUNCH, SHARES, answered, opening_events

PUBLIC = frozenset({"public"})
SCRIPTS = {question: [*opening_events(question), Finished(answered(question))] for question in ("처음", "다음")}


def visitor(user: str, labels: frozenset[str]) -> Visitor:
    return Visitor(user, user, labels, f"session of {user}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    with closing(Conversations(tmp_path / "talk.sqlite3", max_turns=5, max_chars=100_000)) as opened:
        yield opened


def ask(session: Session, assistant: FakeAssistant, store: Conversations, *questions: str) -> Running:
    async def run() -> None:
        for question in questions:
            assert await session.take(question, running, 100)
            await end_of(session, running)

    with closing(Line(assistant)) as line:
        running = Running(line, store)
        asyncio.run(run())
    return running


async def end_of(session: Session, running: Running) -> None:
    """Follow the question that is being answered to its end, as the page does."""
    if session.exchange is not None:
        look = running.look(session.exchange)
        async with asyncio.timeout(10):
            async for turn in look.turns():
                session.show(turn)
        look.close()


def quiet(store: Conversations) -> Running:
    """Nothing is being answered."""
    line = Line(FakeAssistant({}))
    line.close()
    return Running(line, store)


def test_the_next_question_comes_with_the_turns_before(store: Conversations) -> None:
    assistant, session = FakeAssistant(SCRIPTS), Session(visitor=visitor("mina", PUBLIC))
    ask(session, assistant, store, "처음", "다음")
    assert [[turn.question for turn in history] for history in assistant.histories] == [[], ["처음"]]
    assert assistant.histories[1][0].cited == (LAUNCH, SHARES)


def test_a_conversation_is_resumed_by_its_own_user_only(store: Conversations) -> None:
    session = Session(visitor=visitor("mina", PUBLIC))
    running = ask(session, FakeAssistant(SCRIPTS), store, "처음")
    for user, known, turns in (("mina", session.conversation, 1), ("juno", session.conversation, 0), ("mina", "x", 0)):
        other = Session(visitor=visitor(user, PUBLIC))
        other.resume(running, known)
        assert len(other.turns) == turns and (other.conversation == known) == bool(turns) and other.conversation
    again = Session(visitor=visitor("mina", PUBLIC))
    again.resume(running, session.conversation)
    assert again.turns[0].sources[:2] == (LAUNCH, SHARES) and again.turns[0].sentences == session.turns[0].sentences


def test_every_tab_has_an_id_of_its_own_before_it_asks(store: Conversations) -> None:
    """So that a tab that is reloaded while its first question is on its way finds it again."""
    tabs = [Session() for _ in range(3)]
    for tab in tabs:
        tab.resume(quiet(store), "")
    assert len({tab.conversation for tab in tabs}) == 3 and all(len(tab.conversation) >= 40 for tab in tabs)
    before = tabs[0].conversation
    ask(tabs[0], FakeAssistant(SCRIPTS), store, "처음")
    assert tabs[0].conversation == before


def test_a_rating_belongs_to_the_newest_answer(store: Conversations) -> None:
    session = Session(visitor=visitor("mina", PUBLIC))
    session.rate(quiet(store), "up")  # nothing has been answered yet
    running = ask(session, FakeAssistant(SCRIPTS), store, "처음", "다음")
    session.rate(running, "down", "왜 이렇죠")
    assert [kept.rating for kept in store.turns(session.conversation, "mina", PUBLIC)] == ["", "down"]
    assert session.turns[-1].rating == "down"


def test_starting_over_keeps_the_stored_turns_and_deleting_does_not(store: Conversations) -> None:
    session, assistant = Session(visitor=visitor("mina", PUBLIC)), FakeAssistant(SCRIPTS)
    ask(session, assistant, store, "처음")
    first = session.conversation
    session.leave()
    assert session.turns == [] and len(store.turns(first, "mina", PUBLIC)) == 1
    running = ask(session, assistant, store, "다음")
    assert session.conversation != first and assistant.histories[-1] == ()
    second = session.conversation
    session.delete(running)
    with pytest.raises(ConversationMissing):
        store.turns(second, "mina", PUBLIC)
    assert session.turns == [] and session.notice[0] == "deleted"


def test_a_conversation_deleted_elsewhere_ends_and_a_new_one_begins(store: Conversations) -> None:
    session, assistant = Session(visitor=visitor("mina", PUBLIC)), FakeAssistant(SCRIPTS)
    running = ask(session, assistant, store, "처음")
    store.delete(session.conversation, "mina")
    session.rate(running, "up")
    assert session.turns[-1].rating == ""
    ask(session, assistant, store, "다음")
    assert assistant.histories[-1] == () and len(store.turns(session.conversation, "mina", PUBLIC)) == 1


def test_what_ended_without_an_answer_is_kept_and_can_be_asked_again(store: Conversations) -> None:
    session = Session(visitor=visitor("mina", PUBLIC))
    running = ask(session, FakeAssistant({"처음": opening_events("처음")}), store, "처음")
    assert session.turns[-1].stage == "interrupted" and session.turns[-1].unanswered
    again = Session(visitor=visitor("mina", PUBLIC))
    again.resume(running, session.conversation)
    assert again.turns[-1].unanswered and again.turns[-1].evidence == session.turns[-1].evidence != ()
    assistant = FakeAssistant(SCRIPTS)
    ask(again, assistant, store, again.turns[-1].question)
    assert not again.turns[-1].unanswered and assistant.histories == [()] and len(again.turns) == 2


def test_hidden_evidence_is_told_and_not_shown(store: Conversations) -> None:
    secret = replace(SHARES, labels=("staff",))
    answer = replace(answered("처음"), citations=(LAUNCH, secret))
    session = Session(visitor=visitor("mina", PUBLIC | {"staff"}))
    running = ask(session, FakeAssistant({"처음": [*opening_events("처음")[:1], Finished(answer)]}), store, "처음")
    later = Session(visitor=visitor("mina", PUBLIC))
    later.resume(running, session.conversation)
    assert later.turns[0].hidden and later.turns[0].sources == (LAUNCH,) and len(later.turns[0].sentences) == 1


def test_another_user_finds_nothing_of_the_one_before(store: Conversations) -> None:
    session = Session(visitor=visitor("mina", PUBLIC))
    running = ask(session, FakeAssistant(SCRIPTS), store, "처음")
    kept = session.conversation
    for other in (visitor("juno", PUBLIC), ANYONE):
        session.recognise(other, running)
        assert session.turns == [] and session.conversation != kept and session.notice == ("", {})
        session.resume(running, kept)
        assert session.turns == []
    session.recognise(visitor("mina", PUBLIC), running)
    session.resume(running, kept)
    assert len(session.turns) == 1


def test_turns_follow_the_labels_of_the_moment(store: Conversations) -> None:
    answer = replace(answered("처음"), citations=(LAUNCH, replace(SHARES, labels=("staff",))))
    session = Session(visitor=visitor("mina", PUBLIC | {"staff"}))
    running = ask(session, FakeAssistant({"처음": [*opening_events("처음")[:1], Finished(answer)]}), store, "처음")
    assert not session.turns[0].hidden
    session.recognise(visitor("mina", PUBLIC), running)
    assert session.turns[0].hidden and session.turns[0].sources == (LAUNCH,)


def test_a_question_that_runs_ends_when_its_reader_changes(store: Conversations) -> None:
    async def run() -> None:
        session = Session(visitor=visitor("mina", PUBLIC | {"staff"}))
        assert await session.take("처음", running, 100) and session.exchange is not None
        exchange = session.exchange
        session.recognise(visitor("mina", PUBLIC), running)
        assert exchange.ticket is not None and exchange.ticket.stopped() and not session.running
        assert [turn.stage for turn in session.turns] == ["stopped"]

    gate = threading.Event()
    with closing(Line(FakeAssistant({"처음": [gate, *opening_events("처음"), Finished(answered("처음"))]}))) as line:
        running = Running(line, store)
        asyncio.run(run())
        gate.set()


def test_two_tabs_of_a_conversation_lose_and_mix_nothing(store: Conversations) -> None:
    async def run() -> None:
        mina = visitor("mina", PUBLIC)
        first, second = Session(visitor=mina), Session(visitor=mina)
        assert await first.take("처음", running, 100)
        second.resume(running, first.conversation)
        assert second.running and [turn.question for turn in second.turns] == ["처음"]
        assert not await second.take("다음", running, 100), "the one before is still being answered"
        assert second.notice[0] == "error_one_at_a_time"
        gate.set()
        await asyncio.gather(end_of(first, running), end_of(second, running))
        assert first.turns == second.turns and first.turns[0].stage == "finished"
        assert await second.take("다음", running, 100)
        await end_of(second, running)
        assert await first.take("처음", running, 100)  # which has not seen what the other one asked
        await end_of(first, running)
        assert [turn.question for turn in first.turns] == ["처음", "다음", "처음"]
        assert [kept.question for kept in store.turns(first.conversation, "mina", PUBLIC)] == ["처음", "다음", "처음"]

    gate = threading.Event()
    scripts = {**SCRIPTS, "처음": [gate, *SCRIPTS["처음"]]}
    with closing(Line(FakeAssistant(scripts))) as line:
        running = Running(line, store)
        asyncio.run(run())


def test_opening_the_page_late_leaves_a_question_that_is_being_stored(store: Conversations) -> None:
    session, gate = Session(), threading.Event()

    async def run(running: Running) -> None:
        begin = running.begin
        running.begin = lambda *given: (gate.wait(10), begin(*given))[1]  # type: ignore[method-assign]
        taken = asyncio.create_task(session.take("처음", running, 100))
        await asyncio.sleep(0)
        session.resume(running, "")
        gate.set()
        assert await taken and [turn.question for turn in session.turns] == ["처음"]

    with closing(Line(FakeAssistant(SCRIPTS))) as line:
        asyncio.run(run(Running(line, store)))
