from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup, Tag

from assistant.accounts.visitors import Visitor
from assistant.schema import Document, Event, EvidenceFound, Finished, Language, Sentence, SentenceReady, Understood
from assistant.shelf import Entry
from assistant.web.panes import render_header, render_rail, render_source_pane
from assistant.web.rendering import render_conversation, render_notice, render_turn
from assistant.web.texts import LANGUAGES, TEXTS, text
from assistant.web.turns import ShownTurn
from tests.web.samples import (
    FOURTH,
    HOSTILE,
    LAUNCH,
    OLD,
    SAMPLE,
    SENTENCE,
    SHARES,
    answered,
    opening_events,
    refused,
)

QUESTION = "2024년 7월 출범 때 몇 곳이 참여했나요?"


def turn_after(events: Iterable[Event], question: str = QUESTION) -> ShownTurn:
    turn = ShownTurn(7, question).queued(0)
    for event in events:
        turn = turn.after(event)
    return turn


def page(turn: ShownTurn, language: Language = "ko") -> BeautifulSoup:
    return BeautifulSoup(render_turn(turn, language), "html.parser")


def one(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, (selector, found)
    return found[0]


def item(soup: BeautifulSoup, chip: Tag) -> Tag:
    """The quote that a chip points at."""
    return one(soup, f".found li[data-n='{chip['data-n']}']")


def spot(soup: BeautifulSoup | Tag, selector: str) -> str:
    return one(soup, selector).get_text()


def test_evidence_is_there_before_the_answer_and_stays_below_it() -> None:
    first = page(turn_after(opening_events(QUESTION)))
    assert spot(first, ".found h2") == TEXTS["ko"]["evidence_so_far"] and not first.select(".say")
    assert LAUNCH.quote in first.select(".found li")[0].text
    later = page(turn_after([*opening_events(QUESTION), SentenceReady(SENTENCE)]))
    assert str(later.select_one(".found")) == str(first.select_one(".found"))  # it is not drawn again
    text_of = str(later)
    assert text_of.index('class="say"') < text_of.index('class="found"')


def test_each_citation_points_at_the_exact_quote_with_its_place() -> None:
    soup = page(turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))]))
    chips = soup.select(".answer .cite")
    assert [chip.text for chip in chips] == ["1", "2", "1"]
    assert chips[1]["aria-label"] == f"인용 2, {SHARES.title}"
    source = item(soup, chips[1])
    assert source["data-document"] == SHARES.document_id and str(source["data-at"]).startswith("800-822-")
    assert [cell.text for cell in source.select("th")] == SHARES.table_header.split(" | ")
    assert " | ".join(cell.text for cell in source.select("td")) == SHARES.quote
    assert all(part in spot(source, ".from") for part in (SHARES.title, "기업 규모별 한도", "2쪽", "판 1.0"))
    assert "2026\u201107\u201128" in spot(source, ".from")  # a date is never broken
    assert LAUNCH.quote == item(soup, chips[0]).select(".quote")[0].text


def test_a_header_row_that_does_not_fit_the_quote_makes_no_table() -> None:
    odd = replace(SHARES, quote="중소기업 | 최대 75%")
    soup = page(turn_after([EvidenceFound((odd,))]))
    assert not soup.select(".found table") and odd.quote in spot(soup, ".found .quote")


def test_the_answering_words_are_marked_also_in_a_row() -> None:
    start = LAUNCH.start + LAUNCH.quote.index("153개")
    row = replace(SHARES, span=(SHARES.start + 7, SHARES.start + 13))
    soup = page(turn_after([EvidenceFound((replace(LAUNCH, span=(start, start + 4)), row))]))
    assert [mark.text for mark in soup.select("mark")] == ["153개", "최대 75%"]
    assert soup.select(".found .quote")[0].text == LAUNCH.quote


def test_the_direct_answer_comes_first_with_its_figures_strong_and_chips_glued() -> None:
    soup = page(turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))]))
    assert [figure.text for figure in soup.select(".say strong")] == ["153개 기업", "10%"]
    assert [each.text for each in soup.select(".sentence")[0].select(".nowrap")] == ["2024년 7월", "참여했습니다.1"]


def test_when_nothing_was_phrased_the_page_says_so_and_keeps_the_evidence() -> None:
    answer = replace(answered(QUESTION), status="quotes_only", sentences=(Sentence(LAUNCH.quote, ("k7",)),))
    soup = page(turn_after([*opening_events(QUESTION), Finished(answer)]))
    assert LAUNCH.quote[:10] in spot(soup, ".say") and soup.select(".found li")
    assert spot(soup, ".unsure") == TEXTS["ko"]["quotes_only_note"]


def test_warnings_stand_before_the_answer_with_their_signal_word() -> None:
    danger = Sentence("위험: 손을 넣지 마십시오.", ("k7",))
    answer = replace(answered(QUESTION), sentences=(SENTENCE, danger))
    soup = page(turn_after([*opening_events(QUESTION), Finished(answer)]))
    assert spot(soup, ".sig b") == "위험" and "손을 넣지 마십시오." in spot(soup, ".sig p")
    whole = str(soup)
    assert whole.index('class="sig"') < whole.index('class="say"') and "위험" not in spot(soup, ".say")


def test_conflicting_documents_stand_side_by_side_with_both_dates_the_newer_first() -> None:
    old = replace(OLD, effective_date="2015-01-01")
    answer = replace(answered(QUESTION), conflicts=((LAUNCH.id, old.id),), citations=(LAUNCH, old))
    soup = page(turn_after([EvidenceFound((LAUNCH, old)), Finished(answer)]))
    rows = [row.get_text(" ") for row in soup.select(".two tbody tr")]
    assert "2024-07-22부터" in rows[0] and "현행" in rows[0] and LAUNCH.quote in rows[0]
    assert "2015-01-01부터" in rows[1] and "대체됨" in rows[1] and old.quote in rows[1]
    assert spot(soup, ".two h3") == "2024-07-22에 바뀐 기준입니다"


def test_an_answer_from_a_superseded_document_names_the_newer_one_with_both_dates() -> None:
    newer = Document(
        "alliance/new-plan.ko.md", "p", "새 계획", "ko", ("public",), "h", "t", effective_date="2026-01-02"
    )
    answer = replace(answered(QUESTION), sentences=(Sentence("옛 문장.", (OLD.id,)),), citations=(OLD,))
    turn = turn_after([EvidenceFound((OLD,)), Finished(answer)])
    soup = BeautifulSoup(
        render_turn(turn, "ko", lambda name: newer if name == newer.document_id else None), "html.parser"
    )
    rows = [row.get_text(" ") for row in soup.select(".two tbody tr")]
    assert "2026-01-02부터" in rows[0] and "새 계획" in rows[0] and "2024-07-22부터" in rows[1] and OLD.title in rows[1]
    assert "alliance/new-plan.ko.md" in spot(page(turn), ".two a")  # where it cannot be seen, it has its name alone
    sides = {"old": {"document_id": OLD.document_id}, "new": {"document_id": newer.document_id}}
    compared = turn_after([EvidenceFound((OLD,)), Finished(replace(answer, comparisons=(sides,)))])
    assert not page(compared).select(".two")


def test_a_comparison_leads_to_all_of_it_where_the_reader_may_see_both_versions() -> None:
    old = Document("saw a.md", "p", "Saw, A", "ko", ("public",), "h", "t", version="A")
    new = replace(old, document_id="saw-b.md", title="Saw, B", version="B")
    sides = {"old": {"document_id": old.document_id}, "new": {"document_id": new.document_id}}
    turn = turn_after([EvidenceFound((LAUNCH,)), Finished(replace(answered(QUESTION), comparisons=(sides,)))])
    known = {each.document_id: each for each in (old, new)}
    (link,) = BeautifulSoup(render_turn(turn, "ko", known.get), "html.parser").select(".whole a")
    assert link["href"] == "documents/compare?old=saw+a.md&new=saw-b.md" and "A → B" in link.text
    del known[old.document_id]
    assert not BeautifulSoup(render_turn(turn, "ko", known.get), "html.parser").select(".whole")


def test_sources_after_the_sixth_are_folded_but_there() -> None:
    many = tuple(replace(FOURTH, id=f"z{n}", start=n) for n in range(8))
    soup = page(turn_after([EvidenceFound(many)]))
    assert len(soup.select(".found > ol > li")) == 6 and len(soup.select(".fold li")) == 2
    assert "근거 2곳 더 보기" in spot(soup, ".fold summary")


def test_names_are_unique_and_the_documents_of_a_turn_are_listed_with_their_numbers() -> None:
    finished = turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))])
    both = [replace(finished, number=1), replace(finished, number=2)]
    soup = BeautifulSoup(render_conversation(both, "ko"), "html.parser")
    names = [tag["id"] for tag in soup.select("[id]")]
    assert len(names) == len(set(names)) == 2
    listed = soup.select("#turn-1 .sources .doc")
    assert [spot(one_, ".n") for one_ in listed] == ["1·3–5", "2"]
    assert "2026-07-28" in spot(listed[1], ".from") and "현행" in listed[1].text


def test_a_citation_of_nothing_shown_has_no_chip() -> None:
    stray = Sentence("문장.", ("k7", "no-such-id"))
    soup = page(turn_after([*opening_events(QUESTION), SentenceReady(stray)]))
    assert [chip.text for chip in soup.select(".answer .cite")] == ["1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_says_so_and_shows_what_is_near_without_a_mark(language: Language) -> None:
    known = replace(SAMPLE, span=(SAMPLE.start, SAMPLE.start + 2))
    near = replace(FOURTH, span=(FOURTH.start, FOURTH.start + 2))
    said = replace(refused(QUESTION), citations=(known,), related=(near, OLD))
    soup = page(turn_after([*opening_events(QUESTION), Finished(said)]), language)
    assert spot(soup, ".refuse h2") == TEXTS[language]["status_refused"]
    assert [mark.text for mark in soup.select(".refuse mark")] == [
        known.quote[:2]
    ]  # the document says that it does not know
    assert [near_.select_one(".quote").text for near_ in soup.select(".near")] == [FOURTH.quote, OLD.quote]  # type: ignore[union-attr]
    assert not soup.select(".near mark, .say:not(.sub)") and TEXTS[language]["related"] in soup.text
    assert [chip.text for chip in soup.select(".near .cite")] == ["2", "3"]
    assert len(soup.select("[data-missing]")) == 1 and not one(soup, ".found > ol[hidden]").find_parent(class_="answer")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_says_whom_to_ask_in_the_documents_words(language: Language) -> None:
    near = replace(FOURTH, span=(FOURTH.start, FOURTH.start + 2))
    said = replace(refused(QUESTION), related=(near, OLD), whom=near.id)
    soup = page(turn_after([*opening_events(QUESTION), Finished(said)]), language)
    assert spot(soup, ".whom h3") == TEXTS[language]["whom"] and spot(soup, ".whom mark") == FOURTH.quote[:2]
    assert spot(soup, ".whom .cite") == "1" and [chip.text for chip in soup.select(".near .cite")] == ["2"]


def test_superseded_and_sample_documents_say_so() -> None:
    soup = page(turn_after([EvidenceFound((OLD, SAMPLE, LAUNCH))]))
    flags = [[flag.text for flag in row.select(".tag")] for row in soup.select(".found li")]
    assert flags == [["대체됨"], ["예시 문서"], []]


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_of_documents_and_readers_is_shown_as_text(language: Language) -> None:
    evil = "<script>alert(1)</script>"
    sentence = Sentence(evil, (HOSTILE.id,))
    answer = replace(answered(evil), sentences=(sentence,), citations=(HOSTILE,), answer=evil)
    declined = replace(refused(evil), answer=evil, related=(HOSTILE,), citations=(HOSTILE,))
    clash = replace(answer, conflicts=((HOSTILE.id, HOSTILE.id),))
    for end in (answer, declined, clash):
        soup = page(turn_after([EvidenceFound((HOSTILE,)), Finished(end)], question=evil), language)
        assert not soup.select("script, img, i, h1, v, new")
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
        assert HOSTILE.quote in soup.text and evil in spot(soup, ".asked") and HOSTILE.title in soup.text
    entry = Entry("id", evil, (evil,), "2026-11-30T00:00:00+00:00")
    rail = BeautifulSoup(render_rail(language, [entry], "id", Visitor(name=evil)), "html.parser")
    assert not rail.select("script") and evil in spot(rail, ".title")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_says_what_happened_what_is_kept_and_what_to_do(language: Language) -> None:
    soup = page(turn_after(opening_events(QUESTION)).failed("error_index_missing"), language)
    assert spot(soup, ".note") == TEXTS[language]["error_index_missing"].replace("`", "")
    assert spot(soup, ".note code") == "assistant ingest" and one(soup, "[role=alert]")
    assert one(soup, "[data-ask]")["data-ask"] == QUESTION and len(soup.select(".found li")) == 5
    assert TEXTS[language]["failure_kept"].format(count=5) in soup.text


def test_waiting_tells_how_far_it_is() -> None:
    assert "앞에 질문 2건" in spot(page(ShownTurn(1, QUESTION).queued(2)), ".line")
    assert "ahead of yours: 1" in spot(page(ShownTurn(1, QUESTION).queued(1), "en"), ".line")
    steps = page(turn_after(opening_events(QUESTION)))
    assert spot(steps, ".steps .done") == "근거 5곳을 찾았습니다" and "원문과 맞추어" in spot(steps, ".steps .now")
    queued = replace(turn_after(opening_events(QUESTION)), stage="queued", ahead=3)
    assert "3건" in spot(page(queued), ".steps .now")


def test_a_stopped_turn_keeps_its_sentences_and_says_that_it_was_stopped() -> None:
    begun = turn_after([*opening_events(QUESTION), SentenceReady(SENTENCE)]).ended(by_reader=True)
    assert SENTENCE.text.split()[0] in spot(page(begun), ".say") and "중지했습니다" in spot(page(begun), ".unsure")
    assert text("ko", "stopped_note_empty") in page(turn_after(opening_events(QUESTION)).ended(by_reader=True)).text
    lost = turn_after(opening_events(QUESTION)).ended(by_reader=False)
    assert text("en", "interrupted_note") in page(lost, "en").text


def test_what_can_be_done_with_an_answer() -> None:
    finished = turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))])
    soup = page(finished)
    assert one(soup, "[data-again]")["data-ask"] == one(soup, "[data-edit]")["data-edit"] == QUESTION
    assert [thumb["aria-pressed"] for thumb in soup.select("[data-rate]")] == ["false", "false"]
    assert spot(soup, ".time") == "근거 0.4초 · 답 5.1초" and not soup.select(".why")
    down = page(replace(finished, rating="down"))
    assert len(down.select(".why [data-reason]")) == 5
    done = page(replace(finished, rating="down", reason="reason_clause"))
    assert not done.select(".why") and "고맙습니다" in done.text
    running = page(turn_after(opening_events(QUESTION)))
    assert not running.select("[data-rate], [data-copy]")


def test_the_language_changes_the_page_but_not_the_documents() -> None:
    turn = turn_after([*opening_events(QUESTION), Finished(answered(QUESTION))])
    english = page(turn, "en")
    for place in english.select(".asked, .sentence, .quote, .from, .doc b"):
        place.decompose()
    assert not any("가" <= letter <= "힣" for letter in english.text), english.text
    assert SENTENCE.text.split()[0] in page(turn, "en").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_welcome_header_panes_and_notice(language: Language) -> None:
    summary = {
        "documents": 21,
        "chunks": 340,
        "newest_effective_date": "2026-07-28",
        "collections": {"rules": 20, "x": 1},
    }
    header = BeautifulSoup(
        render_header(language, summary, Visitor(user_id="u", name="mina"), accounts=True), "html.parser"
    )
    assert one(header, "a.account")["href"] == "account" and "mina" in spot(header, "a.account")
    assert [button["aria-pressed"] for button in header.select("[data-speak]")] == (
        ["true", "false"] if language == "ko" else ["false", "true"]
    )
    assert not BeautifulSoup(render_header(language, summary), "html.parser").select("a.account")
    pane = BeautifulSoup(render_source_pane(language, summary), "html.parser")
    assert "2026-07-28" in pane.text and [row.span.text for row in pane.select(".cols li")] == ["20", "1"]  # type: ignore[union-attr]
    welcome = BeautifulSoup(render_conversation([], language, documents=21), "html.parser")
    assert len(welcome.select("[data-ask]")) == 6 and "21" in welcome.text
    assert TEXTS[language]["intro_empty"] in render_conversation([], language)
    assert 'role="alert"' not in render_notice(language)
    assert "3000" in render_notice(language, "error_too_long", length=3000, limit=2000)


def test_conversations_are_listed_by_age_with_the_open_one_named() -> None:
    entries = [
        Entry("a", "오늘 것", ("질문",), "2099-01-01T00:00:00+00:00"),
        Entry("b", "옛것", ("q",), "2020-01-01T00:00:00+00:00"),
    ]
    rail = BeautifulSoup(render_rail("ko", entries, "b"), "html.parser")
    assert [row["data-id"] for row in rail.select(".row")] == ["a", "b"]
    assert [title.text for title in rail.select("[aria-current=true]")] == ["옛것"]
    assert "그 전" in rail.text and "질문" in str(rail.select(".row")[0]["data-words"])
    assert TEXTS["ko"]["no_conversations"] in render_rail("ko", (), "")


def test_what_a_follow_up_was_understood_as_is_shown_and_escaped() -> None:
    turn = ShownTurn(1, "그럼?").after(Understood("그럼?", "ko", "<b>중견기업</b>은?"))
    shown = page(turn)
    assert one(shown, ".understood").text == "다음과 같이 이해했습니다: <b>중견기업</b>은?"
    assert "Understood as" in one(page(turn, "en"), ".understood").text
    assert "understood" not in render_turn(ShownTurn(1, "질문").after(Understood("질문", "ko")), "ko")


def test_hidden_parts_of_an_earlier_turn_are_told() -> None:
    turn = replace(ShownTurn(1, "질문").after(Finished(answered("질문"))), hidden=True)
    assert "뺐습니다" in render_turn(turn, "ko") and "left out" in render_turn(turn, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_header_says_how_far_the_documents_are(language: Language) -> None:
    run = {"stage": "embed", "done": 1200, "total": 5000, "rate": 1.54, "remaining_s": 2468.0, "noted_at": 0.0}
    header = render_header(language, {"documents": 21, "chunks": 5000, "waiting": 3800, "progress": run})
    assert all(part in header for part in ("1,200", "5,000", "1.5", "41:08", "3,800"))
    run |= {"stage": "read", "remaining_s": None}
    assert "41:08" not in render_header(language, {"progress": run})
    assert 'role="status"' not in render_header(language, {"documents": 21, "chunks": 5000, "waiting": 0})
