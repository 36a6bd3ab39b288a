"""Signing in and out in a real browser: keyboard, phone, both languages, and what is left on the screen afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assistant.schema import Finished
from assistant.settings import Settings
from assistant.web.account.texts import TEXTS
from tests.fakes import FakeAssistant
from tests.web.browsing import ask, examine, of_the_library, visiting, wait_for_end
from tests.web.samples import answered, opening_events
from tests.web.site import GOOD, Site, serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "답"


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    assistant = FakeAssistant({QUESTION: [*opening_events(QUESTION), Finished(answered(QUESTION))]})
    with serve(assistant, settings, {"mina": ["staff"]}) as opened:
        yield opened


def expected(message: Any) -> bool:
    """Whether a message is about the wrong password, or of the chat page's library."""
    return "401" in message.text or of_the_library(message)


@pytest.mark.parametrize(("language", "width"), [("ko-KR", 360), ("en-US", 1280)])
def test_one_signs_in_by_keyboard_asks_and_leaves_nothing_behind(
    browser: Any, site: Site, language: str, width: int
) -> None:
    words = TEXTS["ko" if language == "ko-KR" else "en"]
    with visiting(browser, site.base, language, width, excused=expected, reduced_motion="reduce") as seen:
        page = seen.page
        page.locator("a.account", has_text=words["sign_in"]).click()
        page.locator("[name=name]:focus").wait_for()
        page.keyboard.type("mina")
        page.keyboard.press("Tab")
        page.keyboard.type("wrong horse battery")
        page.keyboard.press("Enter")
        page.locator("[role=alert]").wait_for()
        page.locator("[name=password]:focus").wait_for()  # one goes on typing
        for path in ("/sign-in", "/account"):
            if path == "/account":
                page.locator("[name=name]").fill("mina")
                page.locator("[name=password]").fill(GOOD)
                page.keyboard.press("Enter")
                page.locator("a.account", has_text="mina").wait_for()
                page.goto(site.base + path)
            assert seen.wide() <= width
            examine(page, path)
            for target in page.locator("button, input:not([type=hidden]):not(.unseen):not([type=checkbox])").all():
                assert target.bounding_box()["height"] >= (44 if width < 760 else 32)
        page.locator(".btn.main").click()
        ask(page, QUESTION)
        assert wait_for_end(page) == "answered"
        page.reload()
        page.locator(".turn").wait_for()
        page.goto(site.base + "/account")
        page.get_by_role("button", name=words["sign_out"], exact=True).click()
        page.locator("h1", has_text=words["sign_in"]).wait_for()
        page.goto(site.base)
        page.locator(".empty").wait_for()
        assert page.locator(".turn").count() == 0
