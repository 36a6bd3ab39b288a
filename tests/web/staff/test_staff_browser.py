"""The page for staff in a real browser: from an upload to an answer that cites it, and back; members; keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from assistant.accounts.visitors import ANYONE
from assistant.conversations import Progress
from assistant.floor.notes import FloorNote, FloorNotes
from assistant.schema import Finished
from assistant.web.staff.texts import TEXTS
from tests.web.browsing import examine, of_the_library, sign_in_as, visiting
from tests.web.samples import refused
from tests.web.site import GOOD, Site
from tests.web.staff.office import NEWER, NOTICE, Desk, open_office

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "2027년 자율제조 공모의 접수 마감은 언제입니까?"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


@dataclass
class Office:
    """The page in one language."""

    page: Any
    language: str

    def say(self, key: str, **values: object) -> str:
        return TEXTS[self.language].get(key, key).format(**values)  # type: ignore[index]

    def add(self, name: str, text: str) -> None:
        """Choose a file, and wait until it is read."""
        given = {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}
        self.page.locator("#choose").set_input_files([given])
        self.page.locator("#files .open", has_text=name).click()
        self.page.locator("#look:not([hidden])").wait_for()

    def publish(self, **facts: str) -> None:
        """Fill in what the document is and add it; wait until it is in the list."""
        form = self.page.locator("#facts")
        for name, value in facts.items():
            place = form.locator(f"[name={name}]")
            if name in ("audience", "supersedes", "language"):
                place.select_option(value)
            else:
                place.fill(value)
        self.page.locator("#publish").click()
        self.page.locator(".job", has_text=facts["title"]).wait_for()

    def do(self, title: str, action: str) -> None:
        """Choose an action of a document."""
        row = self.row(title)
        row.locator(".more").click()
        row.locator(f"[data-do={action}]").click()

    def row(self, title: str) -> Any:
        """The line of a document."""
        return self.page.locator("#rows tr", has=self.page.get_by_text(title, exact=True))


@contextmanager
def visit(
    browser: Any, site: Site, user: str, language: str = "ko", width: int = 1280, **more: Any
) -> Iterator[Office]:
    locale = {"ko": "ko-KR", "en": "en-US"}[language]
    with visiting(browser, f"{site.base}/sign-in?next=/staff", locale, width, **more) as seen:
        page = seen.page
        page.locator("[name=name]").fill(user)
        page.locator("[name=password]").fill(GOOD)
        page.keyboard.press("Enter")
        page.locator("#rows tr, #none:not([hidden])").first.wait_for()
        yield Office(page, language)


def wide(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def cited(site: Site) -> set[str]:
    """The documents that an answer to the question cites, for a reader without a name."""
    events = list(site.assistant.ask(QUESTION, labels=ANYONE.labels))  # type: ignore[attr-defined]
    answer = next(event.answer for event in events if isinstance(event, Finished))
    return {quote.document_id for quote in answer.citations}


def test_from_an_upload_to_an_answer_that_cites_it_and_to_none(browser: Any, site: Site) -> None:
    assert not cited(site)
    with visit(browser, site, "mina") as seen:
        page = seen.page
        page.locator(".tools .btn.main").click()
        seen.add("notice.md", NOTICE)
        assert page.locator("#facts [name=title]").input_value() == "접수 공고"
        assert "2027년 3월 31일" in page.locator("#read").inner_text()
        page.locator("#facts [name=effective_date]").fill("2026-01-04")
        assert page.locator("#publish").is_disabled()  # nobody was said to see it
        seen.publish(title="접수 공고", audience="public")
        assert cited(site) == {"notice.md"}

        page.locator("#tab-documents").click()
        seen.do("접수 공고", "replace")
        assert "접수 공고" in page.locator("#replaces").inner_text()
        seen.add("notice-b.md", NEWER)
        assert page.locator("#facts [name=supersedes]").input_value() == "notice.md"
        assert seen.say("will_supersede", title="접수 공고") in page.locator("#follows").inner_text()
        seen.publish(title="접수 공고, 고침", effective_date="2026-02-01", audience="public")
        page.locator("#tab-documents").click()
        seen.row("접수 공고").locator(".tag.maybe", has_text=seen.say("state_superseded")).wait_for()
        assert "notice-b.md" in cited(site)

        seen.do("접수 공고, 고침", "compare")
        page.locator(".changes ins", has_text="7억 원").wait_for()
        assert page.locator(".changes .table del", has_text="5억 원").count() == 1
        assert page.locator(".chg ins").all_inner_texts() == ["4", "15"]
        page.go_back()
        for title in ("접수 공고, 고침", "접수 공고"):
            seen.do(title, "withdraw")
            page.locator("dialog[open] .safe:focus").wait_for()  # the safe answer comes first
            assert seen.say("effect_no_more") in page.locator("dialog").inner_text()
            page.locator("#reason").fill("시험")
            page.locator("#sure").click()
            seen.row(title).locator(".tag", has_text=seen.say("state_withdrawn")).wait_for()
        assert not cited(site)
        seen.do("접수 공고, 고침", "delete")
        page.locator("#sure").click()
        seen.row("접수 공고, 고침").wait_for(state="detached")
    assert not list(site.settings.uploads.glob("notice-b*"))


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 390, "dark"), ("ko", 1280, "light")])
def test_a_member_sees_the_same_page_narrowed_to_the_own_documents(
    browser: Any, site: Site, language: str, width: int, scheme: str
) -> None:
    title = f"{language} proposal"
    with visit(browser, site, "gaon", language, width, color_scheme=scheme) as seen:
        page = seen.page
        assert "출범" not in page.locator("#rows").inner_text()
        assert page.locator("#tab-questions, #tab-notes, #tab-report").count() == 0
        page.locator("#tab-add").click()
        seen.add(f"{language}.md", f"# {title}\n\nOur plan in {language}: 77 robots.\n")
        assert page.locator("#facts [name=audience] option").all_inner_texts() == ["gaon"]
        assert seen.say("only_you") in page.locator("#facts").inner_text()
        seen.publish(title=title, effective_date="2026-05-01")
        assert wide(page) <= width
        page.locator("#tab-documents").click()
        assert page.locator("#rows .label").first.inner_text() == "company:gaon"
        seen.row(title).locator(".more").click()
        names = seen.row(title).locator(".menu button").evaluate_all("all => all.map((one) => one.dataset.do)")
        assert names == ["replace", "withdraw", "history", "delete"]
        assert wide(page) <= width
        for target in page.locator("button:visible, .input:visible").all():
            assert target.bounding_box()["height"] >= (40 if width < 760 else 24)


def test_hands_stay_on_the_keyboard(browser: Any, site: Site) -> None:
    with visit(browser, site, "mina", "en") as seen:
        page = seen.page
        more = seen.row("Lockout procedure").locator(".more")
        more.focus()
        page.keyboard.press("Enter")
        page.locator(".menu:not([hidden]) button:focus").wait_for()
        page.keyboard.press("ArrowUp")
        assert page.locator(".menu button:focus").get_attribute("data-do") == "history"
        page.keyboard.press("Escape")
        assert more.evaluate("one => one === document.activeElement") and not page.locator(".menu:visible").count()
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.locator("dialog[open]").wait_for()
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")
        assert seen.row("Lockout procedure").locator(".tag", has_text=seen.say("state_current")).count() == 1
        page.locator("#find").fill("lock proced")
        assert page.locator("#rows tr").count() == 1
        page.locator("#find").fill("nothing like it")
        page.locator("#none", has_text=seen.say("none_found")).wait_for()
        page.locator("[data-lang=ko]").click()
        page.locator("html[lang=ko]").wait_for()


def test_files_that_are_dropped_and_files_that_are_not_taken(browser: Any, site: Site) -> None:
    with visit(browser, site, "mina", "en", 390) as seen:
        page = seen.page
        page.locator("#tab-add").click()
        dropped = page.evaluate_handle(
            "() => { const all = new DataTransfer();"
            "all.items.add(new File(['# Dropped\\n\\nSome text.'], 'dropped.md'));"
            "all.items.add(new File([new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0])], 'photo.png'));"
            "all.items.add(new File([], 'empty.pdf')); return all; }"
        )
        page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
        page.locator("#files li.bad", has_text=seen.say("error_empty")).wait_for()
        page.locator("#files li.bad", has_text="is a program").wait_for()
        page.locator("#files .open", has_text="dropped.md").wait_for()
        assert wide(page) <= 390
        while page.locator("#files li").count():
            count = page.locator("#files li").count()
            page.locator("#files .btn.bare").first.click()
            for _ in range(200):
                if page.locator("#files li").count() < count:
                    break
                page.wait_for_timeout(50)
        page.locator("#nothing-yet:not([hidden])").wait_for()


def test_questions_and_notes_lead_to_the_next_step(browser: Any, site: Site) -> None:
    for question in ("로봇 보험의 자기부담금은 얼마인가요", "로봇 보험 자기부담금 얼마"):
        chat = site.conversations.begin("")
        answer = refused(question)
        number = site.conversations.take(chat, "", question)
        site.conversations.keep(chat, "", number, Progress("finished", shown=answer.related, answer=answer))
    notes = FloorNotes(site.settings.conversations)
    notes.add(
        FloorNote("a" * 32, "cnc-lathe", "launch.ko.md", "B", "TH0401", "call", "again", "<b>또</b> 멈춤", "ko", "",
                  ("public",), "2026-11-30T01:00:00+00:00")
    )  # fmt: skip
    notes.close()
    with visit(browser, site, "mina") as seen:
        page = seen.page
        page.locator("#tab-questions").click()
        page.locator("#groups-list .c", has_text="2").wait_for()
        page.locator("#detail .near figure").first.wait_for()
        page.get_by_role("button", name=seen.say("step_asked")).click()
        page.locator("#groups-list .tag", has_text=seen.say("dealt_asked")).wait_for()
        page.get_by_role("button", name=seen.say("write_missing")).click()
        assert "로봇 보험" in page.locator("#write-title").input_value()
        page.locator("#write-text").fill("자기부담금은 확인 중입니다.")
        page.locator("#write-add").click()
        page.locator("#read", has_text="자기부담금은 확인 중입니다.").wait_for()
        page.locator("#discard").click()
        page.locator("#nothing-yet:not([hidden])").wait_for()

        page.locator("#tab-notes i", has_text="1").wait_for()
        page.locator("#tab-notes").click()
        note = page.locator("#notes-list li")
        assert "<b>또</b> 멈춤" in note.inner_text()
        note.get_by_role("button", name=seen.say("seen_by_maintenance")).click()
        note.get_by_role("button", name=seen.say("seen_take_back")).wait_for()
        page.locator("#tab-notes i:empty").wait_for(state="attached")


WORDS = "# Words\n\n## Twin\n\nA copy that looks every 30 seconds.\n\n## Cell\n\nAn island of machines.\n"


@pytest.fixture(scope="module")
def glossary(site: Site) -> None:
    """Two versions of a glossary document, and a question without an answer."""
    desk, told = Desk(site, "mina"), {"title": "Words", "collection": "glossary"}
    desk.publish("words.md", WORDS, version="1.0", effective_date="2026-01-05", **told)
    newer = WORDS.replace("30 seconds", "10 seconds")
    desk.publish("words-2.md", newer, version="2.0", effective_date="2026-06-01", supersedes="words.md", **told)
    chat, answer = site.conversations.begin(""), refused("쌍둥이란 무엇입니까?")
    number = site.conversations.take(chat, "", answer.question)
    site.conversations.keep(chat, "", number, Progress("finished", shown=answer.related, answer=answer))


def test_the_glossary_shows_each_term_with_its_version_and_history(browser: Any, site: Site, glossary: None) -> None:
    with visit(browser, site, "mina", "en") as seen:
        page = seen.page
        page.locator("#tab-glossary").click()
        terms = page.locator("#terms-list > li:visible")
        terms.nth(1).wait_for()
        page.locator("#term").fill("island")
        page.locator("#terms-list > li", has_text="Twin").wait_for(state="hidden")
        assert terms.count() == 1 and "Cell" in terms.inner_text()
        page.locator("#term").fill("")
        page.locator("#terms-list").get_by_text("Twin", exact=True).click()
        twin = page.locator("#terms-list > li", has_text="Twin")
        assert twin.locator(".quote").first.inner_text() == "A copy that looks every 10 seconds."
        assert (twin.locator("del").inner_text(), twin.locator("ins").inner_text()) == ("30", "10")
        assert "1.0 · 2026-01-05 → 2.0 · 2026-06-01" in twin.inner_text()
        twin.locator(".link").click()
        page.wait_for_url("**/documents/read/words-2.md")


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("ko", 390, "light"), ("en", 390, "dark"), ("ko", 1280, "dark"), ("en", 1280, "light")],
)
def test_everybody_can_use_it(browser: Any, site: Site, glossary: None, language: str, width: int, scheme: str) -> None:
    """axe-core finds nothing in any view, menu or dialog, and nothing scrolls sideways."""
    with visit(browser, site, "mina", language, width, color_scheme=scheme, reduced_motion="reduce") as seen:
        page = seen.page
        examine(page, "documents")
        seen.row("Words").first.locator(".more").click()
        examine(page, "menu")
        seen.row("Words").first.locator("[data-do=withdraw]").click()
        page.locator("dialog[open] .safe:focus").wait_for()
        examine(page, "dialog")
        page.keyboard.press("Escape")
        page.locator("#tab-add").click()
        seen.add("draft.md", f"# {language} {width}\n\nA draft with 5 robots.\n")
        examine(page, "add")
        page.locator("#discard").click()
        page.locator("#nothing-yet:not([hidden])").wait_for()
        page.locator("#tab-glossary").click()
        page.locator("#terms-list").get_by_text("Twin", exact=True).click()
        examine(page, "glossary")
        page.locator("#tab-questions").click()
        page.locator("#groups-list button").first.wait_for()
        examine(page, "questions")
        page.locator("#tab-notes").click()
        page.locator("#no-notes:not([hidden]), #notes-list li").first.wait_for()
        examine(page, "notes")


@pytest.mark.parametrize("width", [390, 1280])
def test_light_or_dark_and_the_way_between_the_pages_hold_everywhere(browser: Any, site: Site, width: int) -> None:
    with visiting(browser, f"{site.base}/documents", "ko-KR", width, excused=of_the_library) as seen:
        page = seen.page
        sign_in_as(page, site.browser("mina"))
        for chosen in ("dark", "light"):
            page.goto(f"{site.base}/staff")
            page.locator("[data-do=theme]").click()
            for path in ("", "programmes", "documents", "staff", "account", "privacy", "floor"):
                page.goto(f"{site.base}/{path}")
                page.locator(f"html[data-theme={chosen}]").wait_for()
                if path not in ("", "privacy", "floor"):
                    assert page.locator(".head .pages a").filter(visible=True).count() == 5, path
