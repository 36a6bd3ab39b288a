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
#: The newest question, when it is over.
ENDED = ", ".join(
    f'.turn:last-child[data-stage="{stage}"]' for stage in ("finished", "stopped", "interrupted", "failed")
)


@dataclass
class Visit:
    """What the browser did: requests to another host than the page's, and errors of its scripts and in its console."""

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

    def note_message(message: Any) -> None:
        # a server without documents has none to show, and the page's library complains when it is left
        of_the_library = "/assets/" in message.location.get("url", "") or "/gradio_api/" in message.location.get(
            "url", ""
        )
        if message.type == "error" and "404" not in message.text and not of_the_library:
            seen.errors.append(f"{message.text} {message.location}")

    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", note_message)
    page.goto(url)
    page.locator(f'.conversation[lang="{language[:2]}"]').wait_for()
    page.wait_for_function("window.alliance")
    try:
        yield page, seen
    finally:
        context.close()


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
