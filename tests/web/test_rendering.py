from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup, Tag

from assistant.schema import Event, EvidenceFound, Finished, Language, Sentence, SentenceReady, Understood
from assistant.web.rendering import render_conversation, render_header, render_notice, render_rating, render_turn
from assistant.web.texts import LANGUAGES, TEXTS, text
from assistant.web.turns import ShownTurn
from tests.web.samples import (
    HOSTILE,
    LAUNCH,
    OLD,
    SAMPLE,
    SECOND,
    SENTENCE,
    SHARES,
    UNVERIFIED,
    answered,
    evidence_only,
    opening_events,
    refused,
)

QUESTION = "2024년 7월 출범 때 몇 곳이 참여했나요?"


def turn_after(events: Iterable[Event], question: str = QUESTION) -> ShownTurn:
    turn = ShownTurn(7, question).queued(0)
    for event in events:
        turn = turn.after(event)
    return turn


def page(turn: ShownTurn, language: Language = "ko") -> BeautifulSoup:
    return BeautifulSoup(render_turn(turn, language), "html.parser")


def one(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, (selector, found)
    return found[0]


def opened(soup: BeautifulSoup, button: Tag) -> Tag:
    """The popover that `button` opens."""
    return one(soup, f"#{button['popovertarget']}[popover]")


def test_evidence_stands_before_the_prose_and_alone_at_first() -> None:
    first = render_turn(turn_after(opening_events(QUESTION)), "ko")
    assert "찾은 근거" in first and "prose-answer" not in first and "답을 쓰고" in first
    later = render_turn(turn_after([*opening_events(QUESTION), SentenceReady(SENTENCE)]), "ko")
    assert later.index(LAUNCH.quote) < later.index('class="prose-answer"')


def test_each_citation_opens_the_exact_quote_with_its_place() -> None:
    soup = page(turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))]))
    marks = soup.select(".sentence .cite")
    assert [mark.text for mark in marks] == ["1", "2", "1"]
    source = opened(soup, marks[1])
    assert one(source, "mark").text == SHARES.quote
    assert one(source, ".context").get_text().strip("…") == SHARES.before + SHARES.quote + SHARES.after
    assert one(source, "h3").text == SHARES.title
    facts = {row.dt.text: row.dd.text for row in source.select("dl:not(.cells) > div") if row.dt and row.dd}
    assert facts == {
        "기준일(시행일)": "2026-07-28",
        "판": "1.0",
        "쪽": "2",
        "위치": "기업 규모별 한도",
        "파일": "rules/government-share-and-cash.ko.md",
    }
    cells = {row.dt.text: row.dd.text for row in source.select("dl.cells > div") if row.dt and row.dd}
    assert cells == {"기업 구분": "중소기업", "정부지원 한도": "최대 75%", "기관부담금 중 현금 비율": "10% 이상"}


def test_a_header_row_that_does_not_fit_the_quote_is_shown_as_it_is() -> None:
    odd = replace(SHARES, quote="중소기업 | 최대 75%")
    soup = page(turn_after([EvidenceFound((odd,))]))
    assert odd.table_header in one(soup, ".table-header").text and one(soup, "mark").text == odd.quote


def test_every_button_opens_something_and_names_are_unique() -> None:
    finished = turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))])
    both = [replace(finished, number=1), replace(finished, number=2)]
    soup = BeautifulSoup(render_conversation(both, "ko"), "html.parser")
    names = [tag["id"] for tag in soup.select("[id]")]
    assert len(names) == len(set(names))
    for button in soup.select("[popovertarget]"):
        opened(soup, button)


def test_the_cited_sources_are_listed_and_the_others_are_not() -> None:
    soup = page(turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))]))
    assert [row.select_one(".number").text for row in soup.select(".cited")] == ["1", "2"]  # type: ignore[union-attr]


def test_sources_after_the_third_are_folded_but_there() -> None:
    soup = page(turn_after(opening_events(QUESTION)))
    assert len(soup.select(".found > ol:not(.folded) > li")) == 3
    assert len(soup.select("ol.folded > li")) == 2 and "근거 2개 더 보기" in one(soup, ".fold").text


def test_an_unverified_sentence_is_never_prose() -> None:
    assert UNVERIFIED.text not in render_turn(turn_after([SentenceReady(UNVERIFIED)]), "ko")
    soup = page(turn_after([*opening_events(QUESTION), Finished(evidence_only(QUESTION))]))
    assert UNVERIFIED.text not in soup.text and LAUNCH.quote in one(soup, ".prose-answer").text
    assert "근거만 보여 드립니다" in one(soup, ".status").text


def test_a_citation_of_nothing_shown_has_no_mark() -> None:
    stray = Sentence("문장.", ("k7", "no-such-id"), verified=True)
    soup = page(turn_after([*opening_events(QUESTION), SentenceReady(stray)]))
    assert [mark.text for mark in soup.select(".cite")] == ["1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_shows_its_fixed_text_and_related_passages_that_are_no_answer(language: Language) -> None:
    turn = turn_after([*opening_events(QUESTION), Finished(refused(QUESTION))])
    soup = page(turn, language)
    assert one(soup, ".fixed").text == refused(QUESTION).answer
    assert TEXTS[language]["status_refused"] in one(soup, ".status").text
    assert TEXTS[language]["related"] in one(soup, ".related h3").text
    assert not soup.select(".found.evidence, .cite, .prose-answer")
    assert all(TEXTS[language]["related_hint"] in source.text for source in soup.select(".source"))


def test_superseded_and_sample_documents_say_so_in_list_and_source() -> None:
    soup = page(turn_after([EvidenceFound((OLD, SAMPLE, LAUNCH))]))
    rows = soup.select(".source-row")
    assert [[flag.text for flag in row.select(".flag")] for row in rows] == [["대체된 문서"], ["예시 문서"], []]
    assert "alliance/new-plan.ko.md" in one(opened(soup, rows[0]), ".warn").text
    assert "예시 문서" in one(opened(soup, rows[1]), ".warn").text
    assert not opened(soup, rows[2]).select(".warn")


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_of_documents_and_readers_is_shown_as_text(language: Language) -> None:
    evil = "<script>alert(1)</script>"
    sentence = Sentence(evil, (HOSTILE.id,), verified=True)
    answer = replace(answered(evil), sentences=(sentence,), citations=(HOSTILE,), answer=evil)
    declined = replace(refused(evil), answer=evil, related=(HOSTILE,))
    for end in (answer, declined):
        soup = page(turn_after([EvidenceFound((HOSTILE,)), Finished(end)], question=evil), language)
        assert not soup.select("script, img, b, i, a, h1, v, new, th")
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
        assert one(soup, "mark").text == HOSTILE.quote
        assert one(soup, ".asked").text.endswith(evil)
        assert one(soup, ".source h3").text == HOSTILE.title


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_is_a_sentence_of_the_page(language: Language) -> None:
    soup = page(turn_after(opening_events(QUESTION)).failed("error_index_missing"), language)
    assert one(soup, ".note").text == TEXTS[language]["error_index_missing"].replace("`", "")
    assert one(soup, ".note code").text == "assistant ingest"
    assert TEXTS[language]["status_failed"] in one(soup, ".status").text and not soup.select(".found")


def test_waiting_tells_how_many_are_ahead() -> None:
    assert "앞에 2건" in one(page(ShownTurn(1, QUESTION).queued(2)), ".status").text
    assert "ahead of yours: 1" in one(page(ShownTurn(1, QUESTION).queued(1), "en"), ".status").text


def test_a_stopped_turn_keeps_its_sentences_and_says_that_it_was_stopped() -> None:
    begun = turn_after([*opening_events(QUESTION), SentenceReady(SENTENCE)]).stopped()
    assert SENTENCE.text.split()[0] in one(page(begun), ".prose-answer").text
    assert "중지했습니다" in one(page(begun), ".status").text
    assert text("ko", "stopped_note_empty") in page(turn_after(opening_events(QUESTION)).stopped()).text


def test_times_are_in_seconds_and_only_those_that_mean_something() -> None:
    finished = turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))])
    assert one(page(finished), ".times").text == "근거 0.4초 · 첫 문장 시작 2.3초 · 전체 5.1초"
    assert one(page(turn_after([Finished(refused(QUESTION))]), "en"), ".times").text == "evidence 0.3 s · total 0.3 s"


def test_the_language_changes_the_page_but_not_the_documents() -> None:
    turn = turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))])
    documents = {QUESTION, SENTENCE.text, SECOND.text}
    english = page(turn, "en")
    for spot in english.select(".asked, .sentence, .row-quote, .row-where, .context, .cells, .source h3, .cited, dd"):
        spot.decompose()
    for note in english.select(".flag-note"):
        note.decompose()
    assert not any("가" <= letter <= "힣" for letter in english.text), english.text
    assert all(words.split()[0] in page(turn, "en").text for words in documents)


@pytest.mark.parametrize("language", LANGUAGES)
def test_welcome_header_and_notice(language: Language) -> None:
    summary = {"documents": 21, "chunks": 340, "newest_effective_date": "2026-07-28"}
    header = render_header(language, summary)
    assert "21" in header and "340" in header and "2026-07-28" in header
    assert TEXTS[language]["intro"] in render_conversation([], language)
    assert render_notice(language) == ""
    assert "3000" in render_notice(language, "error_too_long", length=3000, limit=2000)


def test_what_a_follow_up_was_understood_as_is_shown_and_escaped() -> None:
    turn = ShownTurn(1, "그럼?").after(Understood("그럼?", "ko", "<b>중견기업</b>은?"))
    shown = page(turn)
    assert one(shown, ".understood").text == "다음과 같이 이해했습니다: <b>중견기업</b>은?"
    assert "Understood as" in one(page(turn, "en"), ".understood").text
    assert "understood" not in render_turn(ShownTurn(1, "질문").after(Understood("질문", "ko")), "ko")


def test_hidden_parts_of_an_earlier_turn_are_told() -> None:
    turn = replace(ShownTurn(1, "질문").after(Finished(answered("질문"))), hidden=True)
    assert "뺐습니다" in render_turn(turn, "ko") and "left out" in render_turn(turn, "en")


def test_a_rating_is_asked_for_and_thanked_for() -> None:
    assert "도움이" in render_rating("ko", "") and "고맙습니다" in render_rating("ko", "down")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_header_says_how_far_the_documents_are(language: Language) -> None:
    run = {"stage": "embed", "done": 1200, "total": 5000, "rate": 1.54, "remaining_s": 2468.0, "noted_at": 0.0}
    header = render_header(language, {"documents": 21, "chunks": 5000, "waiting": 3800, "progress": run})
    assert all(part in header for part in ("1,200", "5,000", "1.5", "41:08", "3,800"))
    run |= {"stage": "read", "remaining_s": None}
    assert "41:08" not in render_header(language, {"progress": run})
    assert 'role="status"' not in render_header(language, {"documents": 21, "chunks": 5000, "waiting": 0})
