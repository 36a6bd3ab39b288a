from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.conversations import Conversations
from assistant.errors import ConversationMissing
from assistant.schema import Finished
from assistant.web.line import Line
from assistant.web.session import Session
from tests.fakes import FakeAssistant
from tests.web.samples import LAUNCH, SHARES, answered, opening_events

PUBLIC = frozenset({"public"})
SCRIPTS = {question: [*opening_events(question), Finished(answered(question))] for question in ("처음", "다음")}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    with closing(Conversations(tmp_path / "talk.sqlite3", max_turns=5, max_chars=100_000)) as opened:
        yield opened


def ask(session: Session, assistant: FakeAssistant, store: Conversations, *questions: str) -> None:
    async def run() -> None:
        line = Line(assistant)
        for question in questions:
            assert session.take(question, line, 100, store) and session.ticket is not None
            while session.running:
                await asyncio.wait_for(session.advance(session.ticket), 10)
            session.keep(store)
        line.close()

    asyncio.run(run())


def test_the_next_question_comes_with_the_turns_before(store: Conversations) -> None:
    assistant, session = FakeAssistant(SCRIPTS), Session(user="mina", labels=PUBLIC)
    ask(session, assistant, store, "처음", "다음")
    assert [[turn.question for turn in history] for history in assistant.histories] == [[], ["처음"]]
    assert assistant.histories[1][0].cited == (LAUNCH, SHARES)


def test_a_conversation_is_resumed_by_its_own_user_only(store: Conversations) -> None:
    session = Session(user="mina", labels=PUBLIC)
    ask(session, FakeAssistant(SCRIPTS), store, "처음")
    for user, known, turns in (("mina", session.conversation, 1), ("juno", session.conversation, 0), ("mina", "x", 0)):
        other = Session(user=user, labels=PUBLIC)
        other.resume(store, known)
        assert len(other.turns) == turns and bool(other.conversation) == bool(turns)
    again = Session(user="mina", labels=PUBLIC)
    again.resume(store, session.conversation)
    assert again.turns[0].sources[:2] == (LAUNCH, SHARES) and again.turns[0].sentences == session.turns[0].sentences


def test_a_rating_belongs_to_the_newest_answer(store: Conversations) -> None:
    session = Session(user="mina", labels=PUBLIC)
    session.rate(store, "up")  # nothing has been answered yet
    ask(session, FakeAssistant(SCRIPTS), store, "처음", "다음")
    session.rate(store, "down", "왜 이렇죠")
    assert [kept.rating for kept in store.turns(session.conversation, "mina", PUBLIC)] == ["", "down"]
    assert session.turns[-1].rating == "down"


def test_starting_over_keeps_the_stored_turns_and_deleting_does_not(store: Conversations) -> None:
    session, assistant = Session(user="mina", labels=PUBLIC), FakeAssistant(SCRIPTS)
    ask(session, assistant, store, "처음")
    first = session.conversation
    session.leave()
    assert session.turns == [] and len(store.turns(first, "mina", PUBLIC)) == 1
    ask(session, assistant, store, "다음")
    assert session.conversation != first and assistant.histories[-1] == ()
    second = session.conversation
    session.delete(store)
    with pytest.raises(ConversationMissing):
        store.turns(second, "mina", PUBLIC)
    assert session.turns == [] and session.notice[0] == "deleted"


def test_a_conversation_deleted_elsewhere_ends_and_a_new_one_begins(store: Conversations) -> None:
    session, assistant = Session(user="mina", labels=PUBLIC), FakeAssistant(SCRIPTS)
    ask(session, assistant, store, "처음")
    store.delete(session.conversation, "mina")
    session.rate(store, "up")
    assert session.turns[-1].rating == ""
    ask(session, assistant, store, "다음")
    assert assistant.histories[-1] == () and len(store.turns(session.conversation, "mina", PUBLIC)) == 1


def test_what_was_stopped_is_not_kept(store: Conversations) -> None:
    session = Session(user="mina", labels=PUBLIC)
    ask(session, FakeAssistant({"처음": opening_events("처음")}), store, "처음")
    assert session.turns[-1].stage == "stopped" and store.turns(session.conversation, "mina", PUBLIC) == []


def test_hidden_evidence_is_told_and_not_shown(store: Conversations) -> None:
    secret = replace(SHARES, labels=("staff",))
    answer = replace(answered("처음"), citations=(LAUNCH, secret))
    session = Session(user="mina", labels=PUBLIC | {"staff"})
    ask(session, FakeAssistant({"처음": [*opening_events("처음")[:1], Finished(answer)]}), store, "처음")
    later = Session(user="mina", labels=PUBLIC)
    later.resume(store, session.conversation)
    assert later.turns[0].hidden and later.turns[0].sources == (LAUNCH,) and len(later.turns[0].sentences) == 1
