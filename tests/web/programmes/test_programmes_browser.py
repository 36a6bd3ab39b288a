"""The programme finder in a real browser: from a sentence to a verdict with its clause, on a desktop and a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import icalendar
import pytest

from assistant.answering import Assistant
from assistant.finder.definition import load_programmes
from assistant.index import Index
from assistant.retrieval import HybridRetriever
from assistant.web.programmes.texts import TEXTS
from tests.fakes import FakeEmbedder, FakeLanguageModel
from tests.web.browsing import examine, sign_in_as, small_targets, visiting
from tests.web.programmes.conftest import SENTENCES, reader
from tests.web.site import Site, kept_in, serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DEVICES = [("ko-KR", 1280), ("en-US", 390), ("en-US", 1280), ("ko-KR", 390)]
QUOTES = {
    "ko-KR": "비영리법인은 국가연구개발사업에 참여할 수 있습니다",
    "en-US": "non-profit corporations can take part in national R&D",
}


@pytest.fixture(scope="module")
def site(documents: Index, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings, embedder = kept_in(tmp_path_factory.mktemp("server")), FakeEmbedder()
    assistant = Assistant(
        documents, HybridRetriever(documents, embedder), reader(), FakeLanguageModel(), embedder, settings
    )
    with serve(assistant, settings, {"mina": ["member"]}) as opened:
        yield opened


def words_of(page: Any) -> Any:
    return TEXTS["ko" if page.locator("html").get_attribute("lang") == "ko" else "en"]


def find(page: Any, text: str) -> None:
    page.locator(".start textarea").fill(text)
    page.locator(".start .go button").first.click()


def active(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.name"))


@pytest.mark.parametrize(("language", "width"), DEVICES)
def test_from_a_sentence_to_a_verdict_with_its_clause(browser: Any, site: Site, language: str, width: int) -> None:
    with visiting(browser, f"{site.base}/programmes", language, width) as seen:
        page = seen.page
        find(seen.page, SENTENCES[language[:2]])
        page.locator("#result:focus").wait_for()
        card = page.locator("#national-rnd")
        assert card.locator(".top .tag").inner_text().strip() == words_of(page)["verdict_eligible"]
        assert QUOTES[language] in card.locator("mark").first.inner_text()
        assert (
            "90" in page.locator("#fact-sales").inner_text() or "9 billion" in page.locator("#fact-sales").inner_text()
        )
        assert seen.wide() <= width
        with page.expect_download() as loaded:
            card.locator(".top a.btn").click()
        (event,) = icalendar.Calendar.from_ical(Path(loaded.value.path()).read_bytes()).walk("VEVENT")
        assert event.decoded("dtstart").month == 1
        page.locator("#national-rnd .amt .cite").first.click()  # a chip opens its clause
        assert active(page).startswith("national-rnd-")
        card.locator(".clause .from a").first.click()
        page.locator("#marked mark", has_text=QUOTES[language]).wait_for()
        page.go_back()  # nothing is lost
        page.locator("#result").wait_for()
        page.reload()
        page.locator("#result").wait_for()
        assert page.locator(".said").inner_text().strip("“”") == SENTENCES[language[:2]]
        page.locator("nav [aria-current]").evaluate("link => link.click()")  # and one can begin anew
        page.locator(".start").wait_for()


def test_facts_are_corrected_in_place_and_answers_decide_more(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/programmes") as seen:
        page = seen.page
        find(seen.page, SENTENCES["ko"])
        page.locator("#fact-money").click()
        page.locator("[name=money]").fill("아주 많이")
        page.keyboard.press("Enter")
        page.locator("[role=alert]", has_text=TEXTS["ko"]["cannot_use"]).wait_for()
        assert page.locator(".card").count() == 0
        page.locator("[name=money]").fill("8")
        page.keyboard.press("Enter")
        page.locator("#national-rnd .amt", has_text="6억 원").wait_for()
        assert active(page) == "fact-money"  # one goes on where one was
        page.locator("#bank-loan .settled a").first.click()
        page.locator("#field-ai label").first.click()  # yes
        page.locator("#fact-ai").wait_for()
        page.locator("#field-recommended label").first.click()
        page.locator("#bank-loan[data-verdict=eligible]").wait_for()
        page.locator("[data-language]", has_text="English").click()
        page.locator("html[lang=en] #fact-money", has_text="KRW 800 million").wait_for()


def is_sent(response: Any) -> bool:
    return bool(response.request.method == "POST")


def test_who_is_signed_in_ticks_and_begins_with_the_firm_next_time(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/programmes") as seen:
        page = seen.page
        assert page.locator("[name=keep]").count() == 0
        sign_in_as(page, site.browser("mina"))
        page.goto(f"{site.base}/programmes")
        find(seen.page, SENTENCES["ko"])
        page.locator("#result").wait_for()
        with page.expect_response(is_sent):
            page.locator(".keep").click()
        page.locator("main:not([aria-busy]) [name=keep]:checked").wait_for()
        page.locator("[name=keep]:focus").wait_for()
        fresh = page.context.new_page()
        fresh.goto(f"{site.base}/programmes")
        fresh.locator("#fact-sales", has_text="90억").wait_for()
        fresh.locator("[name=keep]:checked").wait_for()
        with fresh.expect_response(is_sent):
            fresh.locator(".keep").click()
        fresh.goto(f"{site.base}/programmes?")
        fresh.locator(".start").wait_for()


def test_filter_and_order(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/programmes") as seen:
        page = seen.page
        find(seen.page, SENTENCES["ko"])
        page.locator("#result").wait_for()
        assert page.locator(".card:visible").count() == len(load_programmes())
        page.locator(".filter label", has_text=TEXTS["ko"]["short_not"]).click()
        assert set(page.locator(".card:visible").evaluate_all("all => all.map((e) => e.dataset.verdict)")) == {"not"}
        page.locator(".filter label").first.click()
        page.locator("[name=sort]").select_option("amount")
        page.locator(".card:first-child#ai-specialist").wait_for()
        page.locator("[name=sort]").select_option("deadline")
        page.locator(".card:first-child#national-rnd").wait_for()


@pytest.mark.parametrize(("language", "width"), DEVICES[:2])
def test_empty_and_impossible_input_get_a_clear_sentence(browser: Any, site: Site, language: str, width: int) -> None:
    with visiting(browser, f"{site.base}/programmes", language, width) as seen:
        page, words = seen.page, words_of(seen.page)
        page.locator(".start .go button").first.click()
        page.locator("[role=alert]", has_text=words["empty"]).wait_for()
        find(seen.page, "asdf")
        page.locator("[role=alert]", has_text=words["nothing_read"]).wait_for()
        assert page.locator(".start textarea").input_value() == "asdf"
        page.locator(".start textarea").fill("")
        page.locator("[name=years]").fill("-3")
        page.locator("#quick .go button").click()
        page.locator("#wrong-years", has_text=words["bad_count"]).wait_for()
        page.locator("[role=alert] a").click()
        assert active(page) == "years"
        page.locator("[name=years]").fill("3")
        page.locator("#quick .go button").click()
        page.locator("#fact-years").wait_for()


def test_it_works_without_a_script(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/programmes", java_script_enabled=False) as seen:
        page = seen.page
        find(seen.page, SENTENCES["ko"])
        page.locator("#national-rnd[data-verdict=eligible]").wait_for()
        page.locator("#fact-money").click()
        page.locator("[name=money]").fill("8")
        page.locator("#field-money button").click()
        page.locator("#national-rnd .amt", has_text="6억 원").wait_for()
        page.locator(".filter label").nth(1).click()
        assert page.locator(".card:visible").count() == 1


def test_without_the_server_what_was_typed_stays(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/programmes") as seen:
        seen.page.context.set_offline(True)
        find(seen.page, SENTENCES["ko"])
        seen.page.locator("#status:not(.unseen)", has_text=TEXTS["ko"]["away"]).wait_for()
        assert seen.page.locator(".start textarea").input_value() == SENTENCES["ko"]
        seen.page.context.set_offline(False)
        seen.page.locator(".start .go button").first.click()
        seen.page.locator("#result").wait_for()
        seen.wrong[:] = [each for each in seen.wrong if "ERR_INTERNET_DISCONNECTED" not in each]


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("ko-KR", 390, "light"), ("en-US", 390, "dark"), ("ko-KR", 1280, "dark"), ("en-US", 1280, "light")],
)
def test_everybody_can_use_it(browser: Any, site: Site, language: str, width: int, scheme: str) -> None:
    """axe-core finds nothing, targets are large enough, nothing scrolls sideways, also at twice the size."""

    def look(place: str) -> None:
        examine(page, place)
        height = 44 if width < 761 else 32
        assert small_targets(page, "button, input:not([type=radio]), select, textarea, summary", height, 32) == [], (
            place
        )

    start = f"{site.base}/programmes"
    with visiting(browser, start, language, width, color_scheme=scheme, reduced_motion="reduce") as seen:
        page = seen.page
        page.locator("#quick summary").click()
        page.locator("#quick [name=years]").fill("x")
        look("start")
        page.locator("#quick .go button").click()
        page.locator("[role=alert]").wait_for()
        look("wrong")
        page.locator("[name=years]").fill("8")
        find(page, SENTENCES[language[:2]])
        page.locator("#result").wait_for()
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        look("results")
        page.set_viewport_size({"width": width // 2 if width > 400 else 320, "height": 500})
        assert seen.wide() <= page.viewport_size["width"]
        page.set_viewport_size({"width": width, "height": 844})
        page.locator("#national-rnd .clause .from a").first.click()
        page.locator("#marked").wait_for()
        look("document")


def test_the_keyboard_goes_the_way_of_the_eye(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/programmes") as seen:
        page = seen.page
        find(seen.page, SENTENCES["ko"])
        page.locator("#result:focus").wait_for()
        reached = []
        page.locator("#fact-sales").focus()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("(document.activeElement.id || document.activeElement.name || '') + ''"))
            outline = page.evaluate(
                "(() => { const e = document.activeElement; const s = e.type === 'radio' ? e.nextElementSibling : e;"
                " return getComputedStyle(s).outlineStyle; })()"
            )
            assert outline != "none", reached
        named = [each for each in reached if each]
        assert named.index("fact-industry") < named.index("ai") < named.index("show") < named.index("sort")


def test_on_paper_all_clauses_are_there_and_no_button_is(browser: Any, site: Site) -> None:
    with visiting(browser, f"{site.base}/programmes") as seen:
        page = seen.page
        find(seen.page, SENTENCES["ko"])
        page.locator("#result").wait_for()
        page.evaluate("window.print = () => dispatchEvent(new Event('beforeprint'))")
        page.locator("#print").click()
        page.emulate_media(media="print")
        assert page.locator(".results details:not([open])").count() == 0
        assert page.locator("#national-rnd .clause").last.is_visible()
        for hidden in (".head", ".filter", "#print", ".asks", ".top .btn"):
            assert not page.locator(hidden).first.is_visible(), hidden
