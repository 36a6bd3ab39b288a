from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.answering import Assistant
from assistant.conversations import NOTE_CHARS, Conversations, Kept, Progress
from assistant.errors import ConversationMissing
from assistant.index import Index
from assistant.retrieval import HybridRetriever
from assistant.schema import Answer, Finished, Quote, Sentence
from assistant.settings import Settings
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader

PUBLIC, STAFF = frozenset({"public"}), frozenset({"public", "staff"})
OPEN = Quote("k7", "a.md", "공개 문서", "a.md", "1", "2024-07-22", 2, ("장",), "153개 기업", 3, 10, labels=("public",))
CLOSED = replace(OPEN, id="x9", document_id="b.md", title="비밀 문서", quote="예산은 7억 원", labels=("staff",))
ANSWER = Answer(
    "질문",
    "ko",
    "answered",
    "153개입니다.\n예산은 7억 원입니다.",
    (Sentence("153개입니다.", ("k7",)), Sentence("예산은 7억 원입니다.", ("x9",))),
    (OPEN, CLOSED),
    (),
    (("k7", "x9"),),
    {"total": 12.5},
    {"language": "m"},
    comparisons=({"old": {"title": "예산 7억 원"}, "new": {"title": "공개 문서"}},),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "talk" / "conversations.sqlite3"


@pytest.fixture
def store(place: Path | str) -> Iterator[Conversations]:
    with closing(Conversations(place, max_turns=3, max_chars=100_000)) as opened:
        yield opened


def add(store: Conversations, conversation: str, user: str, question: str, answer: Answer = ANSWER) -> int:
    return answered(store, conversation, user, question, answer, (OPEN, CLOSED))


def answered(
    store: Conversations, conversation: str, user: str, question: str, answer: Answer, shown: Sequence[Quote] = ()
) -> int:
    number = store.take(conversation, user, question)
    store.keep(conversation, user, number, Progress("finished", shown=shown, answer=answer))
    return number


def answer_of(kept: Kept) -> Answer:
    assert kept.answer is not None
    return kept.answer


def test_a_question_is_there_the_moment_it_is_taken_and_what_is_said_as_it_is_said(file: Path) -> None:
    """Each step is in the file for another process, as after a kill."""

    def found() -> Kept:
        with closing(Conversations(file, max_turns=3, max_chars=100_000)) as other:
            return other.turns(name, "mina", STAFF)[-1]

    with closing(Conversations(file, max_turns=3, max_chars=100_000)) as store:
        name = store.begin("mina")
        number = store.take(name, "mina", "얼마인가요?")
        assert found().state == "running" and found().question == "얼마인가요?" and found().answer is None
        store.keep(name, "mina", number, Progress("running", "", (OPEN, CLOSED), ANSWER.sentences[:1]))
        assert found().shown == (OPEN, CLOSED) and found().sentences == ANSWER.sentences[:1]
        assert store.history(name, "mina", STAFF) == (), "what was not answered is no history"
        store.keep(name, "mina", number, Progress("finished", shown=(OPEN, CLOSED), answer=ANSWER))
        assert found().state == "finished" and found().sentences == ANSWER.sentences
        store.keep(name, "mina", store.take(name, "mina", "또?"), Progress("failed", error="error_model"))
        assert (found().state, found().error, found().number) == ("failed", "error_model", 2)


def test_an_unfinished_answer_is_shown_without_what_a_lost_label_hid(store: Conversations) -> None:
    name = store.begin("mina")
    number = store.take(name, "mina", "질문")
    store.keep(name, "mina", number, Progress("running", "", (OPEN, CLOSED), ANSWER.sentences))
    (kept,) = store.turns(name, "mina", PUBLIC)
    assert kept.hidden and kept.shown == (OPEN,) and kept.sentences == ANSWER.sentences[:1] and "7억" not in str(kept)


def test_a_turn_that_is_gone_is_not_brought_back(store: Conversations) -> None:
    name = store.begin("mina")
    number = store.take(name, "mina", "질문")
    for lost in (number + 1, 0):
        with pytest.raises(ConversationMissing):
            store.keep(name, "mina", lost, Progress("stopped"))
    store.delete(name, "mina")
    with pytest.raises(ConversationMissing):
        store.keep(name, "mina", number, Progress("stopped"))


def test_what_was_shown_comes_back_as_it_was_after_a_restart(place: Path | str) -> None:
    with closing(Conversations(place, max_turns=3, max_chars=100_000)) as store:
        name = store.begin("mina")
        add(store, name, "mina", "얼마인가요?")
    with closing(Conversations(place, max_turns=3, max_chars=100_000)) as store:
        (kept,) = store.turns(name, "mina", STAFF)
    assert kept.answer == ANSWER and kept.shown == (OPEN, CLOSED) and kept.question == "얼마인가요?"
    assert not kept.hidden and kept.number == 1


def test_another_user_and_an_unknown_id_are_told_apart_by_nothing(store: Conversations) -> None:
    name = store.begin("mina")
    add(store, name, "mina", "질문")
    told = set()
    for conversation, user in (
        (name, "juno"),
        (name, ""),
        ("x" * len(name), "juno"),
        ("", "mina"),
        (name[:-1], "mina"),
    ):
        for attempt in (
            lambda c=conversation, u=user: store.turns(c, u, STAFF),
            lambda c=conversation, u=user: store.history(c, u, STAFF),
            lambda c=conversation, u=user: add(store, c, u, "mine"),
            lambda c=conversation, u=user: store.rate(c, u, 1, "up"),
            lambda c=conversation, u=user: store.delete(c, u),
        ):
            with pytest.raises(ConversationMissing) as caught:
                attempt()
            told.add(str(caught.value))
    assert len(told) == 1
    assert len(store.turns(name, "mina", STAFF)) == 1


def test_evidence_carries_the_labels_of_its_document(
    index: Index, embedder: FakeEmbedder, settings: Settings, store: Conversations
) -> None:
    """What the assistant shows can be shown again to the same reader, and not to one who lost the label."""
    assistant = Assistant(
        index, HybridRetriever(index, embedder), FakeReader(), FakeLanguageModel(), embedder, settings
    )
    question = "가온정밀의 자율공장 제안 예산은 얼마입니까?"
    *_, last = assistant.ask(question, labels=STAFF)
    assert isinstance(last, Finished) and "7억 2천만" in last.answer.answer
    name = store.begin("mina")
    answered(store, name, "mina", question, last.answer, last.answer.citations)
    assert answer_of(store.turns(name, "mina", STAFF)[0]).citations == last.answer.citations
    assert "7억 2천만" not in str(store.turns(name, "mina", PUBLIC))


def test_characters_that_no_database_keeps_are_left_out(store: Conversations) -> None:
    name = store.begin("mina")
    number = add(store, name, "mina", "하나\0둘")
    store.rate(name, "mina", number, "down", "틀\0림")
    (kept,) = store.turns(name, "mina", STAFF)
    assert (kept.question, kept.note) == ("하나둘", "틀림")
    with pytest.raises(ConversationMissing):
        store.turns("\0", "mina", STAFF)


def test_conversations_go_by_themselves(place: Path | str) -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC)
    with closing(Conversations(place, max_turns=3, max_chars=100_000, days=30, clock=lambda: now)) as store:
        old, alive = store.begin("mina"), store.begin("mina")
        add(store, old, "mina", "질문")
        now += timedelta(days=20)
        add(store, alive, "mina", "질문")
        now += timedelta(days=11)
        assert len(store.turns(alive, "mina", STAFF)) == 1
        with pytest.raises(ConversationMissing):
            store.turns(old, "mina", STAFF)


def test_ids_are_long_and_never_the_same(store: Conversations) -> None:
    names = {store.begin("mina") for _ in range(200)}
    assert len(names) == 200 and min(map(len, names)) >= 40


def test_a_label_that_was_lost_hides_the_evidence_and_what_rests_on_it(store: Conversations) -> None:
    name = store.begin("mina")
    add(store, name, "mina", "질문")
    (kept,) = store.turns(name, "mina", PUBLIC)
    assert kept.hidden and kept.shown == (OPEN,) and answer_of(kept).citations == (OPEN,)
    assert answer_of(kept).answer == "153개입니다." and answer_of(kept).conflicts == ()
    assert "7억" not in str(kept) and "비밀" not in str(kept)
    (turn,) = store.history(name, "mina", PUBLIC)
    assert "7억" not in str(turn) and "비밀" not in str(turn)
    assert "7억" in str(store.history(name, "mina", STAFF))


def test_evidence_without_a_label_is_shown_to_nobody(store: Conversations) -> None:
    name = store.begin("mina")
    unlabelled = replace(OPEN, labels=())
    answered(store, name, "mina", "질문", replace(ANSWER, citations=(), sentences=()), (unlabelled,))
    (kept,) = store.turns(name, "mina", STAFF)
    assert kept.shown == () and kept.hidden


def test_a_refusal_keeps_its_text_when_related_passages_are_hidden(store: Conversations) -> None:
    name = store.begin("mina")
    refusal = Answer("질문", "ko", "refused", "답을 찾지 못했습니다.", related=(CLOSED,))
    answered(store, name, "mina", "질문", refusal)
    (kept,) = store.turns(name, "mina", PUBLIC)
    assert answer_of(kept).answer == "답을 찾지 못했습니다." and answer_of(kept).related == ()


def test_the_oldest_turns_go_first(store: Conversations) -> None:
    name, other = store.begin("mina"), store.begin("mina")
    add(store, other, "mina", "다른 대화")
    for number in range(5):
        add(store, name, "mina", f"질문 {number}")
    assert [kept.question for kept in store.turns(name, "mina", STAFF)] == ["질문 2", "질문 3", "질문 4"]
    assert [kept.number for kept in store.turns(name, "mina", STAFF)] == [3, 4, 5]
    assert len(store.turns(other, "mina", STAFF)) == 1


def test_characters_are_bounded_and_the_newest_turn_always_stays(place: Path | str) -> None:
    with closing(Conversations(place, max_turns=50, max_chars=6_000)) as store:
        name = store.begin("mina")
        for number in range(6):
            add(store, name, "mina", f"질문 {number}")
        assert 1 < len(store.turns(name, "mina", STAFF)) < 6
        add(store, name, "mina", "긴 질문 " * 5000)
        assert len(store.turns(name, "mina", STAFF)) == 1


def test_a_rating_is_kept_with_its_note_and_can_be_changed(store: Conversations) -> None:
    name = store.begin("mina")
    number = add(store, name, "mina", "질문")
    store.rate(name, "mina", number, "down", "  표가 헷갈립니다 " + "가" * 2 * NOTE_CHARS)
    (kept,) = store.turns(name, "mina", STAFF)
    assert kept.rating == "down" and kept.note.startswith("표가") and len(kept.note) == NOTE_CHARS
    store.rate(name, "mina", number, "up")
    assert store.turns(name, "mina", STAFF)[0].rating == "up"
    with pytest.raises(ConversationMissing):
        store.rate(name, "mina", number + 1, "up")


def test_deletion_leaves_nothing_behind(file: Path) -> None:
    words = ("비밀스러운질문", "숨긴의견", "153개 기업", "7억 원")
    with closing(Conversations(file, max_turns=3, max_chars=100_000)) as store:
        name, other = store.begin("mina"), store.begin("mina")
        answered(store, other, "mina", "남는 질문", replace(ANSWER, answer=""))
        for _ in range(5):  # also turns that went because there were too many
            number = add(store, name, "mina", "비밀스러운질문")
        store.rate(name, "mina", number, "down", "숨긴의견")
        assert any(word.encode() in file.read_bytes() for word in words[:2])
        store.delete(other, "mina")
        store.delete(name, "mina")
        with pytest.raises(ConversationMissing):
            store.turns(name, "mina", STAFF)
        for stored in file.parent.iterdir():
            content = stored.read_bytes()
            assert not [word for word in (*words, name) if word.encode() in content], stored.name
    assert file.stat().st_mode & 0o077 == 0
