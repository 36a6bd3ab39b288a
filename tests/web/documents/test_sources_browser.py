"""From a question to the cited words on the page of a real manual, and the documents pages, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from assistant.answering import Assistant
from assistant.floor.pages import Pages
from assistant.programs import programs
from assistant.quoting import quote_at
from assistant.schema import Answer, Event, EvidenceFound, Finished, Hit, Language, Quote, Sentence, Understood
from assistant.settings import Settings
from assistant.web import OpenPage, free_port
from assistant.web.line import Line
from assistant.web.page import build_page
from tests.fakes import FakeAssistant, FakeReader
from tests.floor.manuals import open_manuals
from tests.web.browsing import ask, examine, open_citation, visit, visiting, wait_for_end

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PUBLIC = frozenset({"public"})
QUESTION = "TH0401?"
#: A row of the alarm list, and the words in it that answer.
ROWS: dict[Language, tuple[str, str]] = {
    "ko": ("TH0401 | 유압", "4.0 MPa"),
    "en": ("TH0401 | ", "4.0 MPa"),
}


class Scripted(FakeAssistant):
    """Scripted answers over the documents of a real index."""

    reader = FakeReader()

    def __init__(self, real: Assistant, scripts: dict[str, list[Event | Exception | threading.Event]]) -> None:
        super().__init__(scripts)
        self.index = real.index

    def search(self, query: str, *, labels: frozenset[str], top_k: int | None = None) -> list[Hit]:
        """Nothing."""
        return []


def manual(language: str) -> str:
    return f"manuals/cnc-lathe-rev-b.{language}.pdf"


def quoted(real: Assistant, language: Language) -> Quote:
    """The row of the alarm, its answering words marked, as an answer would have it."""
    seen = real.index.seen_by(PUBLIC)
    stored = seen.document_text(manual(language))
    assert stored is not None
    document, text = stored
    block = next(
        each
        for each in seen.blocks(document.document_id, 0, len(text))
        if each.kind == "table_row" and text[each.start : each.end].startswith("TH0401")
    )
    quote = quote_at(document, text, block, block.start, block.end, [])
    at = text.index(ROWS[language][1], block.start)
    return replace(quote, span=(at, at + len(ROWS[language][1])))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with open_manuals(tmp_path_factory.mktemp("manuals")) as opened:
        yield opened


@pytest.fixture(scope="module")
def url(real: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    scripts: dict[str, list[Event | Exception | threading.Event]] = {}
    for language in ROWS:
        quote, question = quoted(real, language), f"{QUESTION} {language}"
        sentence = Sentence(f"4.0 MPa {language}.", (quote.id,))
        answer = Answer(question, language, "answered", sentence.text, (sentence,), (quote,))
        scripts[question] = [Understood(question, language), EvidenceFound((quote,)), Finished(answer)]
    folder = tmp_path_factory.mktemp("page")
    settings = Settings(conversations=folder / "talk.sqlite3", access_file=folder / "access.toml")
    assistant = Scripted(real, scripts)
    line = Line(assistant)
    page = build_page(assistant, settings, line)
    with OpenPage(
        page, "127.0.0.1", free_port("127.0.0.1", 0), settings=settings, programs=programs(assistant, line)
    ) as it:
        yield it.url


#: Where a mark lies on the picture, in points of the page.
PLACE = """(mark) => {
  const leaf = mark.closest(".sheet").querySelector("img").getBoundingClientRect();
  const box = mark.getBoundingClientRect();
  const [, , width] = mark.closest("svg").getAttribute("viewBox").split(" ").map(Number);
  const scale = width / leaf.width;
  return [(box.left - leaf.left) * scale, (box.top - leaf.top) * scale,
          (box.right - leaf.left) * scale, (box.bottom - leaf.top) * scale];
}"""


@pytest.mark.parametrize(("language", "locale", "width"), [("ko", "ko-KR", 1280), ("en", "en-US", 390)])
def test_the_highlight_lies_on_the_cited_words(
    browser: Any, url: str, real: Assistant, language: Language, locale: str, width: int
) -> None:
    quote = quoted(real, language)
    assert quote.page is not None
    with visit(browser, url, language=locale, width=width) as page:
        ask(page, f"{QUESTION} {language}")
        assert wait_for_end(page) == "answered"
        chip = page.locator(".answer .cite").first
        if width > 760:
            chip.hover()
            page.locator("#pop mark", has_text=ROWS[language][1]).wait_for()
        open_citation(page)
        mark = page.locator(".leaf rect.word.now").first
        mark.wait_for(state="attached")
        page.wait_for_function("document.querySelector('.leaf img').naturalWidth > 0")
        page.wait_for_timeout(400)  # until the sheet has slid in
        left, top, right, bottom = mark.evaluate(PLACE)
        pages = Pages(real.index)
        picture = pages.picture(manual(language), quote.page, PUBLIC)
        pages.close()
        assert picture is not None
        inside = [
            letter
            for letter in picture.letters
            if left - 1 <= (letter[1] + letter[3]) / 2 <= right + 1
            and top - 1 <= (letter[2] + letter[4]) / 2 <= bottom + 1
        ]
        assert "".join(letter[0] for letter in sorted(inside, key=lambda each: each[1])) == "40MPa"
        # the cited place is in sight, and the row around it is marked as well
        frame, shown = page.locator("#view").bounding_box(), mark.bounding_box()
        assert frame["y"] <= shown["y"] and shown["y"] + shown["height"] <= frame["y"] + frame["height"]
        assert frame["x"] <= shown["x"] + 1 and shown["x"] < frame["x"] + frame["width"]
        assert page.locator(".leaf rect.now:not(.word)").count() >= 1
        before = page.locator(".leaf img").bounding_box()["width"]
        page.locator("[data-do=larger]").click()
        assert page.locator(".leaf img").bounding_box()["width"] > before
        with page.expect_download() as saved:
            page.locator("[data-link=file]").click()
        assert Path(saved.value.path()).read_bytes()[:5] == b"%PDF-"


def test_documents_are_listed_searched_and_read(browser: Any, url: str) -> None:
    with visit(browser, url, width=390) as page:
        page.goto(f"{url}documents")
        assert page.locator(".docs tbody tr").count() == 4  # the operators' manual is not among them
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator("[name=q]").fill("개정 B")
        page.locator(".find button").click()
        link = page.locator(".docs .name a", has_text="개정 B")
        link.wait_for()
        link.click()
        page.locator("h1", has_text="개정 B").wait_for()
        page.locator("#page-1 img").wait_for()
        assert page.locator("#page-1 img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
        page.locator("a", has_text="글로 보기").click()
        page.locator(".text", has_text="TH0401").wait_for()
        page.locator(".pages a", has_text="질문").click()
        page.locator(".conversation").wait_for()


@pytest.mark.parametrize(
    ("locale", "width", "scheme"),
    [("ko-KR", 390, "light"), ("en-US", 390, "dark"), ("ko-KR", 1280, "dark"), ("en-US", 1280, "light")],
)
def test_everybody_can_use_the_documents_pages(browser: Any, url: str, locale: str, width: int, scheme: str) -> None:
    """axe-core finds nothing on the lists, both kinds of reading view and the comparison; nothing scrolls sideways."""
    old, new = (f"manuals/cnc-lathe-rev-{revision}.{locale[:2]}.pdf" for revision in "ab")
    read = f"documents/read/{new}"
    compared = f"documents/compare?{urlencode({'old': old, 'new': new})}"
    with visiting(browser, f"{url}documents", locale, width, color_scheme=scheme, reduced_motion="reduce") as seen:
        examine(seen.page, "documents")
        for place in ("documents?q=nothing-like-it", read, f"{read}?view=text", "documents/compare", compared):
            seen.page.goto(f"{url}{place}")
            examine(seen.page, place)


@pytest.mark.parametrize(("locale", "width"), [("ko-KR", 1280), ("en-US", 390)])
def test_two_revisions_are_compared_from_the_list_to_the_page_of_a_change(
    browser: Any, url: str, locale: str, width: int
) -> None:
    with visiting(browser, f"{url}documents", locale, width) as seen:
        page = seen.page
        page.locator("main p a[href$='/compare']").click()
        page.locator(".pairs a", has_text="B").first.click()
        page.locator(".changes ins", has_text="4.0 MPa").first.wait_for()
        assert page.locator(".changes del", has_text="3.5 MPa").count() >= 1
        assert seen.wide() <= width
        with page.expect_download() as saved:
            page.locator(".go a[download]").click()
        assert "4.0 MPa" in Path(saved.value.path()).read_text(encoding="utf-8")
        page.locator(".changes a", has_text="15").first.click()
        page.locator("#page-15").wait_for()
        assert page.evaluate("location.hash") == "#page-15"
