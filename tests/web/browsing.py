"""What a reader does on the page, as functions of a playwright page; for the fakes and for the real models."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.web.site import Browser

CHROMIUM_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: How long to wait before a test fails, in seconds: for a machine that does other work as well.
PATIENCE_S = 90
#: The newest question, when it is over.
ENDED = ", ".join(
    f'.turn:last-child[data-stage="{stage}"]' for stage in ("finished", "stopped", "interrupted", "failed")
)


@dataclass
class Visit:
    """A page, and what went wrong on it: errors of its scripts and in its console, requests to another host."""

    page: Any
    wrong: list[str] = field(default_factory=list)

    def wide(self) -> int:
        """How wide the page is, in pixels."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's chromium, driven by playwright. Skips the test where it is missing."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium: install it with `apt-get install chromium`")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def visiting(
    browser: Any,
    address: str,
    language: str = "ko-KR",
    width: int = 1280,
    *,
    excused: Callable[[Any], bool] = lambda message: False,
    **more: Any,
) -> Iterator[Visit]:
    """A fresh reader at `address`; at the end nothing must have gone wrong.

    `excused`: messages of the console that are no error of ours; `more`: further options of the browser's context.
    """
    context = browser.new_context(locale=language, viewport={"width": width, "height": 844}, **more)
    context.set_default_timeout(PATIENCE_S * 1000)
    page = context.new_page()
    seen, here = Visit(page), urlsplit(address).netloc

    def note_message(message: Any) -> None:
        if message.type == "error" and not excused(message):
            seen.wrong.append(f"{message.text} {message.location}")

    def note_request(request: Any) -> None:
        if urlsplit(request.url).netloc not in ("", here):
            seen.wrong.append(request.url)

    page.on("pageerror", lambda error: seen.wrong.append(str(error)))
    page.on("console", note_message)
    page.on("request", note_request)
    page.goto(address)
    try:
        yield seen
        assert not seen.wrong, seen.wrong
    finally:
        context.close()


def of_the_library(message: Any) -> bool:
    """Whether a message of the chat page's console is none of ours.

    A server without documents has none to show, and the page's library complains when it is left.
    """
    address = message.location.get("url", "")
    return "404" in message.text or "/assets/" in address or "/gradio_api/" in address


@contextmanager
def visit(browser: Any, url: str, *, language: str = "ko-KR", width: int = 1280) -> Iterator[Any]:
    """A fresh reader on the chat page at `url`: its page; at the end nothing must have gone wrong."""
    with visiting(browser, url, language, width, excused=of_the_library) as seen:
        wait_until_open(seen.page, language[:2])
        yield seen.page


def wait_until_open(page: Any, language: str) -> None:
    """Wait until the chat page is there in `language` and its script runs."""
    page.locator(f'.conversation[lang="{language}"]').wait_for()
    page.wait_for_function("window.alliance")


def sign_in_as(page: Any, reader: Browser) -> None:
    """Give the page the session of a signed-in reader."""
    (cookie,) = [each for each in reader.http.cookies.jar if each.value == reader.secret]
    page.context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": reader.site.base}])


def examine(page: Any, place: str = "") -> None:
    """Assert that everybody can use the page as it is; `place` is for the message.

    axe-core finds nothing of weight, nothing scrolls sideways, also at twice the size, and nothing moves for who wants
    no motion.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = [
        (each["id"], [node["html"][:160] for node in each["nodes"]][:3])
        for each in axe.run(page).response["violations"]
        if each["impact"] in ("serious", "critical", "moderate")
    ]
    assert not found, (place, found)
    still = "matchMedia('(prefers-reduced-motion: reduce)').matches"
    assert page.evaluate(f"{still} ? document.getAnimations().length : 0") == 0, place
    size = page.viewport_size
    for width in (max(320, size["width"] // 2), size["width"]):
        page.set_viewport_size({**size, "width": width})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (place, width)


def small_targets(page: Any, selector: str, height: int, width: int) -> list[str]:
    """What can be pressed and is smaller than that, in pixels."""
    return list(
        page.evaluate(
            """([selector, height, width]) => [...document.querySelectorAll(selector)]
            .filter((e) => e.checkVisibility()).map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < height || box.width < width)).map(([html]) => html)""",
            [selector, height, width],
        )
    )


def ask(page: Any, question: str) -> None:
    """Type `question` and send it; returns when it is shown."""
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    page.locator(".turn:last-child .asked", has_text=question).wait_for()


def wait_for_evidence(page: Any, timeout_s: float = PATIENCE_S) -> list[str]:
    """The quotes of the evidence list, as soon as it is shown."""
    page.locator(".turn:last-child .found li").first.wait_for(timeout=timeout_s * 1000)
    return list(page.locator(".turn:last-child .found li .quote").all_text_contents())


def wait_for_end(page: Any, timeout_s: float = PATIENCE_S) -> str:
    """How the newest question ended: answered, evidence_only, refused, stopped or failed."""
    page.locator(ENDED).wait_for(timeout=timeout_s * 1000)
    return str(page.locator(".turn:last-child").get_attribute("data-status"))


def prose(page: Any) -> str:
    """The sentences shown for the newest question, with their citation numbers; empty when there are none."""
    return " ".join(page.locator(".turn:last-child .answer .sentence").all_text_contents())


def open_citation(page: Any, number: int = 0) -> dict[str, str]:
    """Press the citation at place `number` (from 0) of the newest answer; what it says, and what stands beside it."""
    chip = page.locator(".turn:last-child .answer .cite").nth(number)
    chip.click()
    source = page.locator(f".turn:last-child .found li[data-n='{chip.get_attribute('data-n')}']")
    page.locator(".doc[aria-current=true]").wait_for(state="attached")
    return {
        "title": page.locator(".doc[aria-current=true] b").text_content(),
        "quote": source.locator(".quote").text_content(),
        "from": source.locator(".from").text_content(),
    }


def conversation_menu(page: Any, entry: str, number: int = 0) -> None:
    """Choose an entry (`rename`, `export`, `delete`) of the menu of a conversation in the list."""
    row = page.locator(".rail .row").nth(number)
    row.hover()
    row.locator(".more").click()
    row.locator(f'[data-do="{entry}"]').click()


def choose_language(page: Any, language: str) -> None:
    """Switch the page to `language` (ko, en)."""
    page.locator(f'[data-speak="{language}"]').click()
    page.locator(f'.conversation[lang="{language}"]').wait_for()
