from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.conversations import Conversations
from assistant.errors import PathError, TooManyNotes
from assistant.floor import notes as module
from assistant.floor.notes import NOTE_CHARS, FloorNote, FloorNotes

NOTE = FloorNote(
    id="a" * 32,
    machine="cnc-lathe",
    document_id="manuals/cnc-lathe-rev-b.ko.pdf",
    version="B",
    query="TA0107",
    kind="call",
    reason="again",
    note="세 번째입니다",
    language="ko",
    user="",
    labels=("public",),
    written_at="2026-11-30T00:14:00+00:00",
)


def test_a_note_is_kept_beside_the_conversations_and_found_again(place: Path | str) -> None:
    conversations = Conversations(place, max_turns=3, max_chars=1000)
    kept = FloorNotes(place)
    received = kept.add(NOTE)
    kept.close()
    kept = FloorNotes(place)
    assert kept.all({"public"}) == [replace(NOTE, received_at=received)]
    conversations.begin("")  # both go on
    kept.close()
    conversations.close()


def test_one_that_is_sent_twice_is_kept_once(place: Path | str) -> None:
    kept = FloorNotes(place)
    assert kept.add(NOTE) == kept.add(replace(NOTE, note="again"))
    assert [each.note for each in kept.all({"public"})] == ["세 번째입니다"]


def test_notes_go_as_conversations_do(place: Path | str) -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC)
    with closing(FloorNotes(place, 30, lambda: now)) as kept:
        kept.add(NOTE)
        now += timedelta(days=20)
        kept.add(replace(NOTE, id="b" * 32))
        now += timedelta(days=11)
        assert [each.id for each in kept.all({"public"})] == ["b" * 32]
        now += timedelta(days=30)
    with closing(FloorNotes(place, 0, lambda: now)) as kept:
        assert len(kept.all({"public"})) == 1, "no days: never"
    with closing(FloorNotes(place, 30, lambda: now)) as kept:
        assert kept.all({"public"}) == []
    assert isinstance(place, str) or "세 번째".encode() not in place.read_bytes()


def test_only_who_may_see_the_manual_sees_its_notes(place: Path | str) -> None:
    kept = FloorNotes(place)
    kept.add(replace(NOTE, labels=("operator", "staff")))
    assert kept.all({"public"}) == [] and kept.all({"public", "staff"}) != []


def test_long_notes_are_cut_and_very_many_are_refused(place: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_AN_HOUR", 2)
    kept = FloorNotes(place)
    kept.add(replace(NOTE, note="x" * 2 * NOTE_CHARS))
    kept.add(replace(NOTE, id="b" * 32))
    with pytest.raises(TooManyNotes):
        kept.add(replace(NOTE, id="c" * 32))
    kept.add(replace(NOTE, id="d" * 32, machine="another"))
    assert max(len(each.note) for each in kept.all({"public"})) == NOTE_CHARS


def test_a_file_that_cannot_be_used_is_an_expected_error(tmp_path: Path) -> None:
    (tmp_path / "talk.sqlite3").mkdir()
    with pytest.raises(PathError):
        FloorNotes(tmp_path / "talk.sqlite3")
