"""The page in a real browser, with scripted answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import IndexMissing
from assistant.schema import Event, EvidenceFound, Finished, SentenceReady, Understood
from assistant.settings import Settings
from assistant.web import OpenPage, free_port
from assistant.web.texts import EXAMPLES, TEXTS
from tests.fakes import FakeAssistant
from tests.web.browsing import (
    ask,
    choose_language,
    chromium,
    close_source,
    open_citation,
    open_source,
    prose,
    visit,
    wait_for_end,
    wait_for_evidence,
)
from tests.web.samples import (
    HOSTILE,
    LAUNCH,
    SECOND,
    SENTENCE,
    SHARES,
    answered,
    evidence_only,
    opening_events,
    refusal_events,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANSWERED, HELD, REFUSED, ONLY, BROKEN, EVIL = "답", "멈춤", "거절", "근거만", "오류", "<i>나쁜</i> 문서"
FOLLOW_UP = "그럼 중견기업은?"


def full_answer(question: str) -> list[Event]:
    return [
        *opening_events(question),
        SentenceReady(SENTENCE),
        SentenceReady(SECOND),
        Finished(answered(question)),
    ]


@pytest.fixture
def assistant() -> FakeAssistant:
    bad = replace(answered(EVIL), sentences=(replace(SENTENCE, citations=(HOSTILE.id,)),), citations=(HOSTILE,))
    return FakeAssistant(
        {
            ANSWERED: full_answer(ANSWERED),
            HELD: [*opening_events(HELD), SentenceReady(SENTENCE), threading.Event()],
            REFUSED: refusal_events(REFUSED),
            ONLY: [*opening_events(ONLY), Finished(evidence_only(ONLY))],
            BROKEN: [Understood(BROKEN, "ko"), IndexMissing("/secret/path", "hint")],
            EVIL: [Understood(EVIL, "ko"), EvidenceFound((HOSTILE,)), Finished(bad)],
            EXAMPLES["en"][0]: full_answer(EXAMPLES["en"][0]),
        }
    )


@pytest.fixture
def url(assistant: FakeAssistant, tmp_path: Path) -> Iterator[str]:
    from assistant.web.page import build_page

    settings = Settings(conversations=tmp_path / "talk.sqlite3", access_file=tmp_path / "access.toml")
    with OpenPage(build_page(assistant, settings), "127.0.0.1", free_port("127.0.0.1", 0)) as page:
        yield page.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def test_a_question_from_evidence_to_the_opened_quote(browser: Any, url: str, assistant: FakeAssistant) -> None:
    gate = threading.Event()
    assistant.scripts = {**assistant.scripts, ANSWERED: [*full_answer(ANSWERED)[:2], gate, *full_answer(ANSWERED)[2:]]}
    with visit(browser, url) as (page, seen):
        ask(page, ANSWERED)
        assert wait_for_evidence(page)[0] == LAUNCH.quote
        assert prose(page) == ""  # evidence first: no sentence has been given yet
        first = open_source(page, page.locator(".source-row").first)
        assert first["quote"] == LAUNCH.quote
        gate.set()
        page.locator(".prose-answer").wait_for(state="attached")
        # the source that is being read stays open while sentences arrive
        assert page.locator(".source:popover-open").count() == 1
        close_source(page)
        assert wait_for_end(page) == "answered"
        second = open_citation(page, 1)
        assert second["title"] == SHARES.title and second["quote"] == SHARES.quote
        assert SHARES.after in second["context"] and "2026-07-28" in second["facts"]
        close_source(page)
        assert seen.foreign == [] and seen.errors == []


def test_the_stop_button_stops(browser: Any, url: str, assistant: FakeAssistant) -> None:
    with visit(browser, url) as (page, _):
        ask(page, HELD)
        page.locator(".sentence").wait_for()
        page.locator("#stop").click()
        assert wait_for_end(page) == "stopped"
        assert SENTENCE.text.split()[0] in prose(page)
        ask(page, ANSWERED)  # the line is free again
        assert wait_for_end(page) == "answered"
        assert assistant.cancelled == [HELD]


def test_a_closed_tab_stops_its_question_and_others_are_told_their_place(
    browser: Any, url: str, assistant: FakeAssistant
) -> None:
    with visit(browser, url, language="en-US") as (second, _):
        with visit(browser, url) as (first, _):
            ask(first, HELD)
            first.locator(".sentence").wait_for()
            ask(second, ANSWERED)
            second.locator(".status", has_text="ahead of yours: 1").wait_for()
        assert wait_for_end(second) == "answered"
    assert assistant.cancelled == [HELD]


def test_the_language_switch_changes_every_text_and_is_kept(browser: Any, url: str) -> None:
    with visit(browser, url) as (page, _):
        ask(page, REFUSED)
        assert wait_for_end(page) == "refused"
        for language in ("en", "ko", "en"):
            choose_language(page, language)
            words = TEXTS[language]  # type: ignore[index]
            shown = page.locator("body").inner_text()
            for key in ("name", "tagline", "send", "clear", "promise", "status_refused", "related"):
                assert words[key] in shown, key
            assert page.locator("#question textarea").get_attribute("placeholder") == words["placeholder"]
            assert page.locator("html").get_attribute("lang") == language
        page.reload()
        page.locator('.conversation[lang="en"] .turn').wait_for()
        assert TEXTS["en"]["tagline"] in page.locator("body").inner_text()


def test_a_reload_shows_the_conversation_again_to_its_own_reader_only(
    browser: Any, url: str, assistant: FakeAssistant
) -> None:
    follow_up = [Understood(FOLLOW_UP, "ko", "답은 중견기업에게도 같은가요?"), *full_answer(FOLLOW_UP)[1:]]
    assistant.scripts = {**assistant.scripts, FOLLOW_UP: follow_up}
    with visit(browser, url) as (first, seen), visit(browser, url) as (second, _):
        ask(first, ANSWERED)
        wait_for_end(first)
        ask(second, REFUSED)
        wait_for_end(second)
        ask(first, FOLLOW_UP)
        assert wait_for_end(first) == "answered"
        assert "답은 중견기업에게도 같은가요?" in first.locator(".turn:last-child .understood").inner_text()
        assert [[turn.question for turn in history] for history in assistant.histories] == [[], [], [ANSWERED]]
        first.locator("#rate-down").click()
        first.locator("#note :is(input, textarea)").fill("표가 헷갈립니다")
        first.locator("#note-send").click()
        for page, questions in ((first, [ANSWERED, FOLLOW_UP]), (second, [REFUSED])):
            page.reload()
            page.locator(".turn").first.wait_for()
            assert [text.split(": ", 1)[1] for text in page.locator(".asked").all_text_contents()] == questions
        assert open_citation(first)["quote"] == LAUNCH.quote  # with its sources
        close_source(first)
        assert "저장" in first.locator("#rating-title").inner_text()
        first.locator("#delete").click()
        first.locator(".welcome").wait_for()
        first.reload()
        first.locator(".welcome").wait_for()
        assert second.locator(".turn").count() == 1 and not seen.errors


def test_an_example_is_asked_with_one_press(browser: Any, url: str, assistant: FakeAssistant) -> None:
    with visit(browser, url, language="en-US") as (page, _):
        page.locator("#examples button").first.click()
        assert wait_for_end(page) == "answered"
    assert assistant.asked == [EXAMPLES["en"][0]]


def test_what_cannot_be_answered_is_said_in_a_sentence(browser: Any, url: str, assistant: FakeAssistant) -> None:
    with visit(browser, url) as (page, _):
        ask(page, BROKEN)
        assert wait_for_end(page) == "failed"
        assert "assistant ingest" in page.locator(".note").inner_text()
        assert "/secret/path" not in page.content() and "Traceback" not in page.content()
        ask(page, ONLY)
        assert wait_for_end(page) == "evidence_only"
        box = page.locator("#question textarea")
        box.press("Enter")
        page.locator(".notice", has_text=TEXTS["ko"]["error_empty"]).wait_for()
        box.fill("가" * 10_000)
        box.press("Enter")
        page.locator(".notice", has_text="10000자").wait_for()
        assert len(box.input_value()) == 10_000  # nothing that was typed is lost
        ask(page, ANSWERED)
        assert wait_for_end(page) == "answered" and page.locator(".notice").count() == 0
    assert assistant.asked == [BROKEN, ONLY, ANSWERED]


def test_a_hostile_document_is_shown_as_text(browser: Any, url: str) -> None:
    with visit(browser, url) as (page, seen):
        ask(page, EVIL)
        assert wait_for_end(page) == "answered"
        source = open_citation(page)
        assert source["quote"] == HOSTILE.quote and source["title"] == HOSTILE.title
        assert page.evaluate("typeof window.hacked") == "undefined"
        assert seen.foreign == [] and seen.errors == []


def test_the_page_works_by_keyboard(browser: Any, url: str) -> None:
    with visit(browser, url) as (page, _):
        ask(page, ANSWERED)
        assert wait_for_end(page) == "answered"
        page.locator(".cite").first.focus()
        page.keyboard.press("Enter")
        page.locator(".source:popover-open mark").wait_for()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "close"
        page.keyboard.press("Enter")
        page.locator(".source:popover-open").wait_for(state="hidden")
        page.locator(".fold input").focus()
        page.keyboard.press("Space")
        page.locator("ol.folded").wait_for()


@pytest.mark.parametrize("language", ["ko-KR", "en-US"])
def test_a_phone_needs_no_sideways_scrolling_and_has_large_targets(browser: Any, url: str, language: str) -> None:
    with visit(browser, url, language=language, width=360) as (page, _):
        targets = "#language label, #examples button, #send, #clear, .source-row, .cited, .fold, .close"
        for step in ("welcome", "answer", "source"):
            if step == "answer":
                ask(page, ANSWERED)
                assert wait_for_end(page) == "answered"
            elif step == "source":
                open_citation(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, step
            for target in page.locator(targets).all():
                if target.is_visible():
                    box = target.bounding_box()
                    assert box["height"] >= 44 and box["width"] >= 44, (target.inner_text(), box)
        hit = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.cite'), '::after').height)")
        assert hit >= 42  # inside a line of text, the number's touch area reaches beyond what is drawn
