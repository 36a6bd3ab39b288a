"""What a reader does on the page, as functions of a playwright page; for the fakes and for the real models."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

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
#: The words of a running status; an ended one has its kind as a class.
ENDED = ".turn:last-child .status:not(.running)"


@dataclass
class Visit:
    """What the browser did: requests to another host than the page's, and errors in its console."""

    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


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
def visit(browser: Any, url: str, *, language: str = "ko-KR", width: int = 1280) -> Iterator[tuple[Any, Visit]]:
    """A fresh reader on the page at `url`, with the browser set to `language` and a window `width` pixels wide."""
    context = browser.new_context(locale=language, viewport={"width": width, "height": 844})
    context.set_default_timeout(PATIENCE_S * 1000)
    page = context.new_page()
    seen = Visit()

    def note_request(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(url).netloc:
            seen.foreign.append(request.url)

    page.on("request", note_request)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.goto(url)
    page.locator(f'.conversation[lang="{language[:2]}"]').wait_for()
    try:
        yield page, seen
    finally:
        context.close()


def ask(page: Any, question: str) -> None:
    """Type `question` and send it; returns when it is shown as asked."""
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    page.locator(".turn:last-child .asked", has_text=question).wait_for()


def wait_for_evidence(page: Any, timeout_s: float = PATIENCE_S) -> list[str]:
    """The quotes of the evidence list, as soon as it is shown."""
    page.locator(".turn:last-child .found.evidence").wait_for(timeout=timeout_s * 1000)
    return list(page.locator(".turn:last-child .found.evidence .row-quote").all_text_contents())


def wait_for_end(page: Any, timeout_s: float = PATIENCE_S) -> str:
    """How the newest question ended: answered, evidence_only, refused, stopped or failed."""
    page.locator(ENDED).wait_for(timeout=timeout_s * 1000)
    return str(page.locator(".turn:last-child").get_attribute("data-status"))


def prose(page: Any) -> str:
    """The sentences shown for the newest question, with their citation numbers; empty when there are none."""
    return " ".join(page.locator(".turn:last-child .prose-answer").all_text_contents())


def open_citation(page: Any, number: int = 0) -> dict[str, str]:
    """Press the citation at place `number` (from 0) of the newest answer and read what it opens."""
    mark = page.locator(".turn:last-child .sentence .cite").nth(number)
    return open_source(page, mark)


def open_source(page: Any, button: Any) -> dict[str, str]:
    """Press `button` and read the source that it opens: title, quote, context and the facts about it."""
    button.click()
    source = page.locator(f"#{button.get_attribute('popovertarget')}:popover-open")
    source.wait_for()
    return {
        "title": source.locator("h3").text_content(),
        "quote": source.locator("mark").text_content(),
        "context": source.locator(".context").text_content(),
        "facts": source.locator("dl").first.text_content(),
    }


def close_source(page: Any) -> None:
    """Close the open source with the keyboard."""
    page.keyboard.press("Escape")
    page.locator(".source:popover-open").wait_for(state="hidden")


def choose_language(page: Any, language: str) -> None:
    """Switch the page to `language` (ko, en)."""
    page.locator(f'#language label:has(input[value="{language}"])').click()
    page.locator(f'.conversation[lang="{language}"]').wait_for()
