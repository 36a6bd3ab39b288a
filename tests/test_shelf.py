from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.conversations import Conversations, Progress
from assistant.errors import ConversationMissing
from assistant.schema import Answer, Quote
from assistant.shelf import as_markdown, listed, rename, title_of
from tests.web.samples import LAUNCH, OLD, SHARES, answered, refused

PUBLIC = frozenset({"public"})


@pytest.fixture
def store(place: Path | str) -> Iterator[Conversations]:
    with closing(Conversations(place, max_turns=5, max_chars=100_000)) as opened:
        yield opened


def begun(store: Conversations, user: str, *questions: str) -> str:
    name = store.begin(user)
    for question in questions:
        add(store, name, user, question, answered(question), (LAUNCH, OLD))
    return name


def add(
    store: Conversations,
    name: str,
    user: str,
    question: str,
    answer: Answer,
    shown: tuple[Quote, ...] = (),
    standalone: str = "",
) -> None:
    number = store.take(name, user, question)
    store.keep(name, user, number, Progress("finished", standalone, shown, answer=answer))


def test_a_user_sees_their_own_and_nobody_elses(store: Conversations) -> None:
    mine, other, nameless = begun(store, "mina", "하나", "둘"), begun(store, "juno", "셋"), begun(store, "", "넷")
    assert [(each.id, each.title, each.questions) for each in listed(store, "mina")] == [(mine, "하나", ("하나", "둘"))]
    assert listed(store, "mina", [other, nameless]) == listed(store, "mina")
    assert [each.id for each in listed(store, "", [nameless, other, "made-up"])] == [nameless]
    assert listed(store, "") == []


def test_the_newest_comes_first_also_within_one_second(place: Path | str) -> None:
    times = (datetime(2026, 11, 30, 12, tzinfo=UTC) + timedelta(milliseconds=40 * count) for count in itertools.count())
    store = Conversations(place, max_turns=5, max_chars=1000, clock=lambda: next(times))
    asked = [begun(store, "mina", f"질문 {number}") for number in range(8)]
    assert [each.id for each in listed(store, "mina")] == asked[::-1]
    store.close()


def test_a_name_is_kept_and_taken_back_by_its_owner_only(store: Conversations) -> None:
    mine = begun(store, "mina", "하나")
    rename(store, mine, "mina", "  현금\n비율 " + "가" * 200)
    assert listed(store, "mina")[0].title == ("현금 비율 " + "가" * 200)[:120]
    for user, name in (("juno", mine), ("", mine), ("mina", "made-up")):
        with pytest.raises(ConversationMissing):
            rename(store, name, user, "x")
        assert title_of(store, name, user) == ""
    rename(store, mine, "mina", "")
    assert listed(store, "mina")[0].title == "하나"


def test_a_reason_is_kept_with_the_rating(store: Conversations) -> None:
    mine = begun(store, "mina", "하나")
    store.rate(mine, "mina", 1, "down", "표가 다릅니다", "outdated")
    kept = store.turns(mine, "mina", PUBLIC)[0]
    assert (kept.rating, kept.note, kept.reason) == ("down", "표가 다릅니다", "outdated")


def test_markdown_holds_the_answer_with_numbers_and_the_exact_quotes(store: Conversations) -> None:
    mine = begun(store, "mina", "하나\n# 가짜 제목")
    add(store, mine, "mina", "둘", refused("둘"), standalone="둘은?")
    store.take(mine, "mina", "답이 없는 질문")
    text = as_markdown("", store.turns(mine, "mina", PUBLIC))
    assert text.startswith("# 하나 # 가짜 제목\n") and "\n# 가짜" not in text
    assert "153개 기업과 기관이 참여했습니다. [1]" in text and "10% 이상입니다. [3] [1]" in text
    for quote in (LAUNCH, SHARES, OLD):
        assert f"> {quote.quote}" in text and f"`{quote.document_id}`" in text
    assert "관련 단락 (답이 아님)" in text and "이해한 질문: 둘은?" in text and "2쪽" in text
    assert "답이 없는 질문" not in text
