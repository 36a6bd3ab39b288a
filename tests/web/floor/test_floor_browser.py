"""The floor page in a real browser: from a printed address to the steps, without hands, and without the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from assistant.answering import Assistant
from assistant.floor.notes import FloorNotes
from assistant.web import free_port
from assistant.web.floor.texts import TEXTS
from tests.floor.manuals import open_manuals
from tests.web.browsing import PATIENCE_S, examine, sign_in_as, small_targets, visiting
from tests.web.site import Site, kept_in, serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DEVICES = [("ko-KR", 390), ("en-US", 390), ("ko-KR", 1280), ("en-US", 1280)]
MEANING = {"ko-KR": "하드 리미트 초과", "en-US": "Hard limit reached"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with open_manuals(tmp_path_factory.mktemp("manuals")) as opened:
        yield opened


def opened_site(assistant: Assistant, folder: Path, port: int = 0, path: str = "") -> AbstractContextManager[Site]:
    """The server; with a `path`, readers come below it."""
    public = f"http://127.0.0.1:{port}{path}" if path else None
    return serve(assistant, kept_in(folder, public_url=public), port=port)


@pytest.fixture(scope="module")
def site(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(assistant, kept_in(tmp_path_factory.mktemp("server")), {"op": ["operator"]}) as opened:
        yield opened


def text(page: Any, selector: str) -> str:
    return str(page.locator(selector).first.inner_text())


def until(page: Any, condition: str) -> None:
    """Wait for a condition; the page's own rules forbid that a script of playwright's is made from a string."""
    for _ in range(10 * PATIENCE_S):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(condition)


@pytest.mark.parametrize(("language", "width"), DEVICES)
def test_from_the_printed_address_to_the_steps(browser: Any, site: Site, language: str, width: int) -> None:
    with visiting(browser, f"{site.base}/floor?machine=cnc-lathe", language, width) as seen:
        page = seen.page
        page.locator("#groups button", has_text="TA").click()
        for digit in "107":
            page.locator(f"#digits [data-key='{digit}']").click()
        assert page.locator("#suggested .hit").all_inner_texts()[0].startswith("TA0107")
        page.locator("#suggested .hit").first.click()
        page.locator(".crop i").first.wait_for()
        assert text(page, "#result h1") == MEANING[language]
        order = page.locator("#result :is(.sig, .do, .step)").evaluate_all("all => all.map((e) => e.className[0])")
        assert order[:3] == ["s", "d", "s"] and order[-1] == "s"  # warnings, remedy, steps
        assert "2026-02-02" in text(page, "#machine") and "2026-02-02" in text(page, ".src")
        step = page.locator(".step").first
        step.click()
        assert step.get_attribute("aria-pressed") == "true"
        assert seen.wide() <= width
        page.locator(".crop").first.click()
        page.locator("#full i").first.wait_for()
        page.keyboard.press("Escape")
        assert page.locator(".crop:focus").count() == 1
        page.go_back()
        page.locator("#groups button").first.wait_for()
        assert page.evaluate("localStorage.getItem('floor-machine')") == '"cnc-lathe"'
        page.goto(f"{site.base}/floor")  # chosen once
        page.locator("#suggested .hit", has_text="TA0107").wait_for()


@pytest.mark.parametrize("typed", ["ta107", "TA-0107", "ㅅㅁ0107", "0107"])
def test_a_code_typed_loosely_on_a_keyboard_opens_with_enter(browser: Any, site: Site, typed: str) -> None:
    with visiting(browser, f"{site.base}/floor?machine=cnc-lathe", width=1280) as seen:
        seen.page.locator("#groups button").first.wait_for()
        seen.page.locator("#typed").fill(typed)
        seen.page.keyboard.press("Enter")
        seen.page.locator("#result h1", has_text=MEANING["ko-KR"]).wait_for()


@pytest.mark.parametrize(("language", "width"), DEVICES)
def test_symptoms_in_words(browser: Any, site: Site, language: str, width: int) -> None:
    words = {"ko-KR": "유압 낮음", "en-US": "hydraulic pressure low"}[language]
    with visiting(browser, f"{site.base}/floor?machine=cnc-lathe", language, width) as seen:
        seen.page.locator("#groups button").first.wait_for()
        seen.page.locator("#tab-words").click()
        seen.page.locator("#symptom").fill(words)
        seen.page.keyboard.press("Enter")
        seen.page.locator("#nearest-list .hit", has_text="TH0401").click()
        seen.page.locator(".vals li", has_text="4.0 MPa").wait_for()
        assert "3.5 MPa" in str(seen.page.locator(".rev").text_content())


def test_a_call_reaches_the_store_and_so_does_what_helped(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/floor?machine=cnc-lathe&code=TD0604", width=390) as seen:
        page, say = seen.page, TEXTS["ko"]
        page.get_by_role("button", name=say["call"]).click()
        page.get_by_role("button", name=say["reason_danger"]).click()
        page.locator("textarea").fill("<b>세 번째</b>")
        page.get_by_role("button", name=say["send"]).click()
        page.locator("#result h1", has_text="에 보냈습니다").wait_for()
        page.locator("#foot button").click()
        page.locator("#suggested .hit", has_text="TD0604").click()
        page.get_by_role("button", name=say["solved"]).click()
        page.locator("#suggested .said").wait_for()
        until(page, "localStorage.getItem('floor-notes') === '[]'")
    with closing(FloorNotes(site.settings.conversations)) as kept:
        notes = {note.kind: note for note in kept.all({"public"})}
    assert notes["call"].note == "<b>세 번째</b>" and notes["call"].reason == "danger"
    assert notes["call"].query == notes["solved"].query == "TD0604" and notes["call"].version == "B"


@pytest.mark.parametrize(("language", "path"), [("ko-KR", ""), ("en-US", "/assistant")])
def test_the_server_goes_away(browser: Any, assistant: Assistant, tmp_path: Path, language: str, path: str) -> None:
    """What was shown can be read, other codes are found, words too, and a note waits until the server is back."""
    say, port = TEXTS["ko" if language == "ko-KR" else "en"], free_port("127.0.0.1", 0)
    with opened_site(assistant, tmp_path, port, path) as first:
        base = first.base + path
        context = browser.new_context(locale=language, viewport={"width": 390, "height": 844})
        context.set_default_timeout(PATIENCE_S * 1000)
        page, wrong = context.new_page(), []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(f"{base}/floor?machine=cnc-lathe")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.goto(f"{base}/floor?machine=cnc-lathe&code=TA0107")  # now by way of the worker
        page.locator(".crop i").first.wait_for()
    page.reload()
    page.locator("#result h1", has_text=MEANING[language]).wait_for()
    page.locator(".crop i").first.wait_for()  # also the picture
    page.locator("#net b").wait_for()
    assert "50" in page.locator("#net").inner_text()
    page.goto(f"{base}/floor?machine=cnc-lathe")
    page.locator("#typed").fill("th401")
    page.locator("#suggested .hit").first.click()
    page.locator(".vals li", has_text="4.0 MPa").wait_for()
    page.get_by_role("button", name=say["call"]).click()
    page.get_by_role("button", name=say["send"]).click()
    page.locator("#result h1", has_text=say["kept"]).wait_for()
    page.locator("#foot button").click()
    page.locator("#tab-words").click()
    page.locator("#symptom").fill({"ko-KR": "유압이 낮아요", "en-US": "hydraulic oil"}[language])
    page.keyboard.press("Enter")
    page.locator("#nearest-list .hit", has_text="TH040").first.wait_for()
    with opened_site(assistant, tmp_path, port, path) as again:
        page.reload()
        until(page, "localStorage.getItem('floor-notes') === '[]'")
        with closing(FloorNotes(again.settings.conversations)) as kept:
            assert [note.query for note in kept.all({"public"})] == ["TH0401"]
    assert wrong == []
    context.close()


def test_another_visitor_finds_nothing_of_what_was_kept(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/floor") as seen:
        page = seen.page
        sign_in_as(page, site.browser("op"))
        page.goto(f"{site.base}/floor?machine=secret-machine&code=ZQ0042")
        page.locator("#result h1", has_text="시험 정지").wait_for()
        assert page.evaluate("Object.keys(localStorage).some((name) => name.includes('secret'))")
        page.goto(f"{site.base}/floor?pick=1")
        page.locator(".machines a").nth(1).wait_for()
        page.context.clear_cookies()
        page.goto(f"{site.base}/floor?pick=1")
        until(page, "document.querySelectorAll('.machines a').length === 1")
        assert not page.evaluate("Object.keys(localStorage).some((name) => name.includes('secret'))")
        kept = page.evaluate(
            "caches.open('floor-data').then((cache) => cache.keys()).then((all) => all.map((each) => each.url))"
        )
        assert not [address for address in kept if "secret" in address]


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("ko-KR", 390, "light"), ("en-US", 390, "dark"), ("ko-KR", 1280, "dark"), ("en-US", 1280, "light")],
)
def test_everybody_can_use_it(browser: Any, site: Site, language: str, width: int, scheme: str) -> None:
    """axe-core finds nothing, targets are large enough, nothing scrolls sideways, nothing is small print."""
    start = f"{site.base}/floor?machine=cnc-lathe"
    with visiting(browser, start, language, width, color_scheme=scheme, reduced_motion="reduce") as seen:
        for address in ("/floor?pick=1", "", "&code=TA0101", "&section=5.2", "&code=TH0401&call=1"):
            seen.page.goto(site.base + address if address.startswith("/") else start + address)
            seen.page.locator("#result h1, #groups button").filter(visible=True).first.wait_for()
            seen.page.wait_for_timeout(200)
            examine(seen.page, address)
            assert small_targets(seen.page, "button, a, input, summary, textarea", 56, 40) == [], address
            letters = seen.page.evaluate(
                """() => Math.min(...[...document.querySelectorAll("body *")].filter((e) => e.checkVisibility()
                && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
                .map((e) => parseFloat(getComputedStyle(e).fontSize)))"""
            )
            assert letters >= 15


def test_at_twice_the_size_it_is_the_phones_page(browser: Any, site: Site) -> None:
    """1280 pixels at 200 % are 640; low screens scroll as a whole."""
    for width, height in ((640, 400), (320, 568)):
        with visiting(browser, f"{site.base}/floor?machine=cnc-lathe", width=width) as seen:
            seen.page.set_viewport_size({"width": width, "height": height})
            seen.page.locator("#groups button").first.wait_for()
            assert seen.wide() <= width
            seen.page.locator("#typed").fill("ta107")
            seen.page.locator("#suggested .hit").first.click()
            seen.page.locator(".step").last.scroll_into_view_if_needed()


def test_the_keyboard_reaches_everything(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/floor?machine=cnc-lathe", width=1280) as seen:
        page = seen.page
        page.locator("#groups button").first.wait_for()
        reached = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.key || ''"))
        assert {"machine", "language", "tab-code", "typed", "1", "0", "clear", "erase"} <= reached
        page.locator("#tab-code").focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.id") == "tab-words"
        page.locator("#language").focus()
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        page.keyboard.press("Shift+Tab")
        assert outline != "none" or page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_over_plain_http_the_page_says_what_is_missing(browser: Any, site: Site) -> None:
    """Chromium takes 127.0.0.1 for safe; another name of the same machine is not."""
    with visiting(browser, f"{site.base}/floor?pick=1") as seen:
        seen.page.locator(".machines a").first.wait_for()
        assert seen.page.locator(".machines + .said").count() == 0
    context = browser.new_context(locale="ko-KR")
    context.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    page = context.new_page()
    page.goto(f"{site.base}/floor?pick=1")
    page.locator(".machines + .said", has_text="HTTPS").wait_for()
    context.close()
