"""Conversations go by themselves, with ratings and notes, so many days after their last question."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.conversations import Conversations, open_conversations
from assistant.errors import ConversationMissing
from assistant.settings import Settings
from tests.operations.turns import add_turn

LABELS = frozenset({"public"})


@dataclass
class Clock:
    now: datetime = datetime(2027, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


def opened(file: Path, clock: Clock, days: int) -> Conversations:
    return Conversations(file, max_turns=9, max_chars=99_999, days=days, clock=clock)


def test_an_old_conversation_goes_with_all_that_was_said_of_it(tmp_path: Path) -> None:
    file, clock = tmp_path / "talk.sqlite3", Clock()
    with closing(opened(file, clock, 30)) as store:
        old, alive, empty = store.begin(""), store.begin(""), store.begin("")
        add_turn(file, old, clock.now, note="숨긴의견")
        add_turn(file, alive, clock.now)
        clock.later(days=20)
        add_turn(file, alive, clock.now)
        clock.later(days=11)
        assert len(store.turns(alive, "", LABELS)) == 2, "whoever goes on keeps the whole of it"
        for name in (old, empty):
            with pytest.raises(ConversationMissing):
                store.turns(name, "", LABELS)
        assert "숨긴의견".encode() not in file.read_bytes()


def test_it_is_looked_for_while_the_server_runs_and_when_it_starts(tmp_path: Path) -> None:
    file, clock = tmp_path / "talk.sqlite3", Clock()
    with closing(opened(file, clock, 30)) as store:
        first = store.begin("")
        add_turn(file, first, clock.now)
        clock.later(days=31)
        second = store.begin("")  # somebody else's
        assert first.encode() not in file.read_bytes()
    clock.later(days=31)
    assert second.encode() in file.read_bytes()
    with closing(opened(file, clock, 30)):
        assert second.encode() not in file.read_bytes()


def test_it_is_looked_for_at_most_once_an_hour(tmp_path: Path) -> None:
    file, clock = tmp_path / "talk.sqlite3", Clock()
    with closing(opened(file, clock, 1)) as store:
        first = store.begin("")
        add_turn(file, first, clock.now)
        clock.later(hours=23.5)
        store.turns(first, "", LABELS)
        clock.later(minutes=45)
        assert store.turns(first, "", LABELS)
        clock.later(minutes=20)
        with pytest.raises(ConversationMissing):
            store.turns(first, "", LABELS)


def test_zero_days_keep_everything(tmp_path: Path) -> None:
    file, clock = tmp_path / "talk.sqlite3", Clock()
    with closing(opened(file, clock, 0)) as store:
        first = store.begin("")
        add_turn(file, first, clock.now)
        clock.later(days=36_500)
        assert store.turns(first, "", LABELS)


def test_the_setting_is_the_stores(settings: Settings) -> None:
    with closing(open_conversations(settings.model_copy(update={"conversation_days": 5}))) as store:
        name = store.begin("")
        add_turn(settings.conversations, name, datetime.now(UTC) - timedelta(days=6))
        assert store.turns(name, "", LABELS), "begun today"
    with closing(open_conversations(settings)) as store:
        assert store.turns(name, "", LABELS)
