"""The page in a real browser, with scripted answers."""

from __future__ import annotations

import re
import sqlite3
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
    conversation_menu,
    examine,
    open_citation,
    prose,
    visit,
    wait_for_end,
    wait_for_evidence,
    wait_until_open,
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
            EXAMPLES["en"][0][1]: full_answer(EXAMPLES["en"][0][1]),
        }
    )


@pytest.fixture
def url(assistant: FakeAssistant, tmp_path: Path) -> Iterator[str]:
    from assistant.web.page import build_page

    settings = Settings(conversations=tmp_path / "talk.sqlite3", access_file=tmp_path / "access.toml")
    with OpenPage(build_page(assistant, settings), "127.0.0.1", free_port("127.0.0.1", 0)) as page:
        yield page.url


def test_a_question_from_evidence_to_the_opened_quote(browser: Any, url: str, assistant: FakeAssistant) -> None:
    gate = threading.Event()
    assistant.scripts = {**assistant.scripts, ANSWERED: [*full_answer(ANSWERED)[:2], gate, *full_answer(ANSWERED)[2:]]}
    with visit(browser, url) as page:
        ask(page, ANSWERED)
        assert wait_for_evidence(page)[0] == LAUNCH.quote
        assert prose(page) == ""  # evidence first: no sentence has been given yet
        page.locator(".doc[aria-current=true]").wait_for()  # its document is open beside it already
        before = page.locator(".turn:last-child .found").evaluate("each => (window.found = each).outerHTML")
        gate.set()
        page.locator(".sentence").first.wait_for()
        # what was shown first is still the very same
        assert page.locator(".turn:last-child .found").evaluate("each => each === window.found")
        assert wait_for_end(page) == "answered" and LAUNCH.quote in before
        second = open_citation(page, 1)
        assert second["title"] == SHARES.title and SHARES.quote.split(" | ")[1] in second["quote"]
        assert "2쪽" in second["from"]
        page.locator("#at", has_text="2 / 5").wait_for()
        page.locator("[data-do=next]").click()
        page.locator("#at", has_text="3 / 5").wait_for()
        page.locator("[data-do=prev]").click()
        page.locator('.answer .cite[data-n="2"][aria-pressed=true]').wait_for()


def test_the_stop_button_stops(browser: Any, url: str, assistant: FakeAssistant) -> None:
    with visit(browser, url) as page:
        ask(page, HELD)
        page.locator(".sentence").wait_for()
        page.locator("#stop").click()
        assert wait_for_end(page) == "stopped"
        assert SENTENCE.text.split()[0] in prose(page)
        ask(page, ANSWERED)  # the line is free again
        assert wait_for_end(page) == "answered"
        assert assistant.cancelled == [HELD]


def test_others_get_their_evidence_at_once_and_their_place_in_the_line(
    browser: Any, url: str, assistant: FakeAssistant
) -> None:
    gate = threading.Event()
    assistant.scripts = {**assistant.scripts, HELD: [*opening_events(HELD), SentenceReady(SENTENCE), gate]}
    with visit(browser, url, language="en-US") as second, visit(browser, url) as first:
        ask(first, HELD)
        first.locator(".sentence").wait_for()
        ask(second, ANSWERED)
        second.locator(".steps", has_text="written before yours: 1").wait_for()
        assert wait_for_evidence(second)[0] == LAUNCH.quote and prose(second) == ""
        gate.set()
        assert wait_for_end(second) == "answered"


def reload(page: Any, question: str, number: int = 1) -> None:
    """Reload and wait until the `number`-th question is shown again."""
    page.reload()
    page.locator(".turn").nth(number - 1).locator(".asked", has_text=question).wait_for()


def test_a_reload_in_the_middle_of_an_answer_loses_nothing(browser: Any, url: str, assistant: FakeAssistant) -> None:
    """As the first question, as the second one, and while it waits for another tab's; each goes on after the reload."""
    gate, other = threading.Event(), threading.Event()
    held = [*opening_events(HELD), SentenceReady(SENTENCE), gate, SentenceReady(SECOND), Finished(answered(HELD))]
    assistant.scripts = {**assistant.scripts, HELD: held, REFUSED: [*opening_events(REFUSED), other]}
    with visit(browser, url) as page, visit(browser, url) as neighbour:
        for number in (1, 2):
            gate.clear()
            ask(page, HELD)
            reload(page, HELD, number)
            page.locator(".turn:last-child .sentence").first.wait_for()
            assert page.locator("#stop").is_visible()
            gate.set()
            assert wait_for_end(page) == "answered" and SECOND.text.split()[0] in prose(page)
        ask(neighbour, REFUSED)
        wait_for_evidence(neighbour)
        gate.clear()
        ask(page, HELD)
        page.locator(".steps", has_text="1건").wait_for()
        reload(page, HELD, 3)
        page.locator(".steps", has_text="1건").wait_for()
        gate.set()
        other.set()
        assert wait_for_end(page) == "answered" and page.locator(".turn").count() == 3
        assert neighbour.locator(".turn").count() == 1
    assert assistant.asked.count(HELD) == 3 and assistant.cancelled == []


def test_what_is_sent_before_the_page_is_open_waits_for_it(browser: Any, url: str, assistant: FakeAssistant) -> None:
    """On a new page and after a reload: the question joins the conversation that the tab remembers."""
    with visit(browser, url) as page:
        opening: list[Any] = []
        page.route("**/run/predict", lambda route: route.continue_() if opening else opening.append(route))
        for number, (typed, sent) in enumerate(((REFUSED, ANSWERED), (REFUSED, REFUSED)), start=1):
            page.goto("about:blank")  # so that nothing of the page before is taken for the opening
            opening.clear()
            page.goto(url)
            box = page.locator("#question textarea")
            box.fill(typed)
            box.press("Enter")
            page.locator(".hold", has_text=TEXTS["ko"]["held"]).wait_for()
            box.press("Enter")
            box.fill(sent)  # what is typed meanwhile is not lost
            assert len(assistant.asked) == number - 1
            opening[0].continue_()
            page.locator(".turn").nth(number - 1).locator(".asked", has_text=sent).wait_for()
            wait_for_end(page)
            assert page.locator(".turn").count() == number and box.input_value() == ""
        assert not page.locator(".hold").is_visible()
    assert assistant.asked == [ANSWERED, REFUSED]


def held(assistant: FakeAssistant) -> threading.Event:
    """Have the answer to HELD stop behind its evidence until the event is set."""
    gate = threading.Event()
    assistant.scripts = {**assistant.scripts, HELD: [*opening_events(HELD), gate, *full_answer(HELD)[2:]]}
    return gate


def test_a_tab_that_is_closed_and_opened_again_finds_the_finished_answer(
    browser: Any, url: str, assistant: FakeAssistant
) -> None:
    gate = held(assistant)
    with visit(browser, url) as page:
        ask(page, HELD)
        wait_for_evidence(page)
        page.goto("about:blank")
        gate.set()
        page.go_back()
        assert wait_for_end(page) == "answered" and page.locator(".turn").count() == 1


def test_a_cut_connection_is_told_and_nothing_is_lost(browser: Any, url: str, assistant: FakeAssistant) -> None:
    """What was asked goes on, what was typed meanwhile stays, and the page comes back by itself."""
    gate = held(assistant)
    with visit(browser, url) as page:
        ask(page, HELD)
        wait_for_evidence(page)
        page.context.set_offline(True)
        page.locator(".lost", has_text=TEXTS["ko"]["connection_lost"]).wait_for()
        page.locator("#question textarea").fill("다음 질문")
        gate.set()
        with page.expect_navigation():
            page.context.set_offline(False)
        page.locator(".turn .asked", has_text=HELD).wait_for()
        assert wait_for_end(page) == "answered" and page.locator(".turn").count() == 1
        page.wait_for_function("document.querySelector('#question textarea').value === '다음 질문'")
        assert not page.locator(".lost, .toast-wrap .error").filter(visible=True).count()
    assert assistant.asked == [HELD] and assistant.cancelled == []


def test_a_duplicated_tab_shows_the_same_and_what_is_begun_in_it_stays_there(
    browser: Any, url: str, assistant: FakeAssistant
) -> None:
    gate = held(assistant)
    with visit(browser, url) as page:
        ask(page, HELD)
        wait_for_evidence(page)
        with page.expect_popup() as opened:
            page.evaluate("() => void window.open(location.href)")  # as a duplicate, with a copy of the tab's store
        twin = opened.value
        wait_until_open(twin, "ko")
        assert wait_for_evidence(twin)[0] == LAUNCH.quote and twin.locator("#stop").is_visible()
        gate.set()
        for each in (page, twin):
            assert wait_for_end(each) == "answered" and each.locator(".turn").count() == 1
        twin.locator("[data-do=new]").first.click()
        twin.locator(".empty").wait_for()
        ask(twin, ANSWERED)
        assert wait_for_end(twin) == "answered"
        for each, question in ((page, HELD), (twin, ANSWERED)):
            reload(each, question)
            assert each.locator(".turn").count() == 1
        twin.close()
        ask(page, REFUSED)
        assert wait_for_end(page) == "refused" and page.locator(".turn").count() == 2
    assert assistant.asked == [HELD, ANSWERED, REFUSED] and assistant.cancelled == []


def test_what_was_stopped_can_be_asked_again(browser: Any, url: str, assistant: FakeAssistant) -> None:
    with visit(browser, url) as page:
        ask(page, HELD)
        page.locator(".sentence").wait_for()
        page.locator("#stop").click()
        assert wait_for_end(page) == "stopped"
        reload(page, HELD)
        assistant.scripts = {**assistant.scripts, HELD: full_answer(HELD)}
        for turns in (2, 3):  # the same question, twice in a row
            page.locator(".turn:last-child [data-again]").click()
            page.locator(".turn").nth(turns - 1).wait_for()
            assert wait_for_end(page) == "answered"
        assert page.locator("#question textarea").input_value() == ""


def test_a_question_is_edited_and_asked_as_a_new_one(browser: Any, url: str, assistant: FakeAssistant) -> None:
    with visit(browser, url) as page:
        ask(page, REFUSED)
        assert wait_for_end(page) == "refused"
        page.locator("[data-edit]").click()
        box = page.locator("#question textarea:focus")
        assert box.input_value() == REFUSED
        box.fill(ANSWERED)
        box.press("Enter")
        page.locator(".turn").nth(1).wait_for()
        assert wait_for_end(page) == "answered" and page.locator(".turn").first.locator(".refuse").count() == 1
    assert assistant.asked == [REFUSED, ANSWERED]


def test_the_language_switch_changes_every_text_and_is_kept(browser: Any, url: str) -> None:
    with visit(browser, url) as page:
        ask(page, REFUSED)
        assert wait_for_end(page) == "refused"
        for language in ("en", "ko", "en"):
            choose_language(page, language)
            words = TEXTS[language]  # type: ignore[index]
            shown = page.locator("body").inner_text()
            for key in ("name", "send", "clear", "promise", "status_refused", "related", "copy"):
                assert words[key] in shown, key
            assert page.locator("#question textarea").get_attribute("placeholder") == words["placeholder"]
            assert page.locator("html").get_attribute("lang") == language
        page.reload()
        page.locator('.conversation[lang="en"] .turn').wait_for()
        assert TEXTS["en"]["promise"] in page.locator("body").inner_text()


def test_a_reload_shows_the_conversation_again_to_its_own_reader_only(
    browser: Any, url: str, assistant: FakeAssistant
) -> None:
    follow_up = [Understood(FOLLOW_UP, "ko", "답은 중견기업에게도 같은가요?"), *full_answer(FOLLOW_UP)[1:]]
    assistant.scripts = {**assistant.scripts, FOLLOW_UP: follow_up}
    with visit(browser, url) as first, visit(browser, url) as second:
        ask(first, ANSWERED)
        wait_for_end(first)
        ask(second, REFUSED)
        wait_for_end(second)
        ask(first, FOLLOW_UP)
        assert wait_for_end(first) == "answered"
        assert "답은 중견기업에게도 같은가요?" in first.locator(".turn:last-child .understood").inner_text()
        assert [[turn.question for turn in history] for history in assistant.histories] == [[], [], [ANSWERED]]
        for page, questions in ((first, [ANSWERED, FOLLOW_UP]), (second, [REFUSED])):
            page.reload()
            page.locator(".turn").first.wait_for()
            assert page.locator(".asked p").all_text_contents() == questions
        assert open_citation(first)["quote"] == LAUNCH.quote  # with its sources
        conversation_menu(first, "delete")
        first.locator("#deleting [value=yes]").click()
        first.locator(".empty").wait_for()
        first.reload()
        first.locator(".empty").wait_for()
        assert second.locator(".turn").count() == 1


@pytest.mark.parametrize("width", [1280, 390])
def test_thumbs_ask_for_a_reason_and_keep_it(browser: Any, url: str, tmp_path: Path, width: int) -> None:
    with visit(browser, url, width=width) as page:
        ask(page, ANSWERED)
        wait_for_end(page)
        page.locator("[data-rate=up]").click()
        page.locator("[data-rate=up][aria-pressed=true]").wait_for()
        page.locator("[data-rate=down]").click()
        page.locator(".why").wait_for()
        page.locator("[data-reason=reason_outdated]").click()
        page.locator(".why [name=note]").fill("표가 헷갈립니다")
        page.locator(".why [name=note]").press("Enter")
        page.locator(".acts", has_text=TEXTS["ko"]["rated"]).wait_for()
        assert page.locator(".why").count() == 0
    with sqlite3.connect(tmp_path / "talk.sqlite3") as stored:
        kept = stored.execute("SELECT rating, reason, note FROM turns").fetchall()
    assert kept == [("down", "reason_outdated", "표가 헷갈립니다")]


def test_conversations_are_found_opened_renamed_exported_and_deleted(browser: Any, url: str) -> None:
    with visit(browser, url) as page:
        ask(page, ANSWERED)
        wait_for_end(page)
        page.locator("[data-do=new]").click()
        page.locator(".empty").wait_for()
        ask(page, REFUSED)
        wait_for_end(page)
        rows = page.locator(".rail .row .title")
        assert rows.all_text_contents() == [REFUSED, ANSWERED]
        page.locator("[data-find]").fill("  답 ")
        page.locator(".rail .row:visible").nth(1).wait_for(state="detached")
        assert page.locator(".rail .row:visible .title").all_text_contents() == [ANSWERED]
        page.locator("[data-find]").fill("")
        conversation_menu(page, "rename", 1)
        page.locator("#renaming input").fill("출범 <b>때</b>")
        page.locator("#renaming input").press("Enter")
        page.locator(".rail .title", has_text="출범 <b>때</b>").wait_for()
        rows.nth(1).click()
        page.locator(".turn .asked p", has_text=ANSWERED).wait_for()
        with page.expect_download() as saved:
            conversation_menu(page, "export", 1)
        assert saved.value.suggested_filename.startswith("출범") and saved.value.suggested_filename.endswith(".md")
        written = Path(saved.value.path()).read_text(encoding="utf-8")
        assert written.startswith("# 출범 <b>때</b>") and f"> {LAUNCH.quote}" in written and "[1]" in written
        conversation_menu(page, "delete", 0)
        page.locator("#deleting [data-do=cancel]").click()  # the safe button
        assert rows.count() == 2
        conversation_menu(page, "delete", 0)
        page.locator("#deleting [value=yes]").click()
        page.locator(".rail .row").nth(1).wait_for(state="detached")
        assert rows.all_text_contents() == ["출범 <b>때</b>"] and page.locator(".turn").count() == 1
        page.reload()  # the tab remembers its own
        page.locator(".rail .title", has_text="출범").wait_for()
    with visit(browser, url) as other:
        assert other.locator(".rail .row").count() == 0


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_conversation_on_paper_has_all_its_sources_and_no_controls(
    browser: Any, url: str, assistant: FakeAssistant, language: str
) -> None:
    import pypdfium2

    many = [replace(LAUNCH, id=f"z{n}z", start=200 + n, quote=f"Quote {name}.") for n, name in enumerate("ABCDEF")]
    assistant.scripts = {
        **assistant.scripts,
        ANSWERED: [
            Understood(ANSWERED, "ko"),
            EvidenceFound((LAUNCH, SHARES, *many)),
            *full_answer(ANSWERED)[2:],
        ],
    }
    words = TEXTS[language]  # type: ignore[index]
    with visit(browser, url, language={"ko": "ko-KR", "en": "en-US"}[language]) as page:
        page.emulate_media(color_scheme="dark")
        page.locator(".head [data-do=theme]").click()  # light, as chosen; then dark
        page.locator(".head [data-do=theme]").click()
        for question in (ANSWERED, REFUSED):
            ask(page, question)
            wait_for_end(page)
        printed = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))
        assert page.locator("html").get_attribute("data-theme") == "dark" and page.locator(".fold[open]").count() == 0
    assert [round(side) for side in printed[0].get_size()] == [595, 842]  # A4
    assert printed.get_metadata_value("Title") == ANSWERED  # the conversation's name
    text = " ".join("".join(each.get_textpage().get_text_bounded() for each in printed).split())
    for said in (
        ANSWERED,
        REFUSED,
        SENTENCE.text,
        LAUNCH.quote,
        SHARES.title,
        "Quote F.",
        words["status_refused"],
    ):
        assert said in text, said
    assert all(re.search(rf"(?<![\d.‑-]){number}(?![\d.‑-])", text) for number in range(1, 9)), text
    for key in ("copy", "again", "send", "clear", "promise", "tell_staff", "see_there"):
        assert words[key] not in text, key
    corner = printed[0].render(scale=0.2).to_pil().convert("RGB").getpixel((2, 2))
    assert corner == (255, 255, 255)  # also of a dark page


def test_an_answer_is_copied_with_its_quotes(browser: Any, url: str) -> None:
    with visit(browser, url) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        ask(page, ANSWERED)
        wait_for_end(page)
        page.locator("[data-copy]").click()
        page.locator("[data-copy]", has_text=TEXTS["ko"]["copied"]).wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert LAUNCH.quote in copied and "[1]" in copied and SENTENCE.text.split()[0] in copied


def test_an_example_is_asked_with_one_press(browser: Any, url: str, assistant: FakeAssistant) -> None:
    with visit(browser, url, language="en-US") as page:
        page.locator(".egs button").first.click()
        assert wait_for_end(page) == "answered"
    assert assistant.asked == [EXAMPLES["en"][0][1]]


def test_what_cannot_be_answered_is_said_in_a_sentence(browser: Any, url: str, assistant: FakeAssistant) -> None:
    with visit(browser, url) as page:
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
    with visit(browser, url) as page:
        ask(page, EVIL)
        assert wait_for_end(page) == "answered"
        source = open_citation(page)
        assert source["quote"] == HOSTILE.quote and source["title"] == HOSTILE.title
        page.mouse.move(0, 0)
        page.locator(".answer .cite").first.hover()
        page.locator("#pop", has_text="window.hacked=1").wait_for()
        assert page.evaluate("typeof window.hacked") == "undefined"


def test_the_page_works_by_keyboard(browser: Any, url: str) -> None:
    with visit(browser, url) as page:
        ask(page, ANSWERED)
        assert wait_for_end(page) == "answered"
        page.locator("[data-edit]").focus()
        page.keyboard.press("Tab")  # to the first chip: its quote is shown
        pop = page.locator("#pop")
        pop.get_by_text(LAUNCH.quote).wait_for()
        chip = page.locator(".answer .cite").first
        assert (
            chip.evaluate("each => each === document.activeElement && each.getAttribute('aria-describedby')") == "pop"
        )
        assert chip.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
        page.keyboard.press("Escape")
        pop.wait_for(state="hidden")
        page.keyboard.press("Enter")
        page.locator(".answer .cite[aria-pressed=true]").first.wait_for()
        page.locator(".rail .row .more").focus()
        page.keyboard.press("Enter")
        page.locator(".menu [data-do=rename]:focus").wait_for()
        page.keyboard.press("ArrowDown")
        page.locator(".menu [data-do=export]:focus").wait_for()
        page.keyboard.press("Escape")
        page.locator(".rail .row .more:focus").wait_for()
        assert page.locator(".menu:visible").count() == 0


@pytest.mark.parametrize("language", ["ko-KR", "en-US"])
def test_a_phone_needs_no_sideways_scrolling_and_has_large_targets(browser: Any, url: str, language: str) -> None:
    with visit(browser, url, language=language, width=360) as page:
        targets = ".seg button, .egs button, #send, .doc, .btn, .rail .title, .next button, .tools a"
        for step in ("welcome", "answer", "sheet", "drawer"):
            if step == "answer":
                ask(page, ANSWERED)
                assert wait_for_end(page) == "answered"
            elif step == "sheet":
                page.locator("#open-sources").click()
                page.locator(".src .shut:focus").wait_for()
            elif step == "drawer":
                page.keyboard.press("Escape")
                page.locator("#open-sources:focus").wait_for()  # the focus goes back to where it came from
                page.locator(".burger").click()
                page.locator(".rail [data-do=new]:focus").wait_for()
            page.wait_for_timeout(300)  # until it has slid in
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, step
            for target in page.locator(targets).all():
                if target.is_visible():
                    box = target.bounding_box()
                    assert box["height"] >= 44 and box["width"] >= 44, (step, target.inner_text(), box)
        assert page.locator(".rail .pages a").first.is_visible()


def test_at_twice_the_size_a_desktop_is_used_like_a_phone(browser: Any, url: str) -> None:
    with visit(browser, url, width=640) as page:  # 1280 pixels at 200 %
        ask(page, ANSWERED)
        assert wait_for_end(page) == "answered"
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
        assert page.locator("#open-sources").is_visible() and not page.locator(".src").is_visible()


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [("ko-KR", "light", 1280), ("ko-KR", "dark", 390), ("en-US", "dark", 1280), ("en-US", "light", 390)],
)
def test_there_is_no_serious_finding_of_axe(browser: Any, url: str, language: str, scheme: str, size: int) -> None:
    with visit(browser, url, language=language, width=size) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(1000)  # until the buttons have faded over
        for question in ("", ANSWERED, REFUSED):
            if question:
                ask(page, question)
                wait_for_end(page)
            examine(page, question)
