"""What is taken from an asker's words, and what is not although the reader would."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from assistant.rules.definition import load_rules
from assistant.rules.given import Given, Thresholds, read_given
from tests.rules.scripted import Script, ScriptedReader

TODAY = date(2026, 11, 22)


def given(text: str, rule: str, **script: Any) -> Given:
    reader = ScriptedReader({text: Script(rule, **script)})
    return read_given(load_rules()[rule], text, "ko", reader, Thresholds(), TODAY)


def test_figures_and_choices_are_taken_where_the_reader_marks_them() -> None:
    text = "부산의 로봇 회사, 중소기업입니다. 총 12억 중에 국비가 7억이면 현금은요?"
    found = given(text, "share", inputs={"size": "중소기업", "total": "12억", "grant": "7억"}, choices={"size": "sme"})
    assert found == Given({"size": "sme", "total": Decimal(12 * 10**8), "grant": Decimal(7 * 10**8)})


def test_the_value_is_the_figure_that_code_finds_even_if_the_span_cuts_it() -> None:
    assert given("총 6억 5천만 원입니다", "share", inputs={"total": "6억"}).values == {"total": Decimal(650_000_000)}


def test_an_amount_that_is_said_twice_is_one() -> None:
    found = given("12억, 네 총 12억 과제요", "share", inputs={"total": ("12억, 네 총 12억",)})
    assert found.values == {"total": Decimal(12 * 10**8)}


def test_no_figure_is_taken_twice() -> None:
    text = "연구개발비가 9억이면?"
    both = {"total": "9억", "grant": "9억"}
    assert given(text, "share", inputs=both, unsure=("grant",)) == Given({"total": Decimal(9 * 10**8)})
    # as likely the one as the other: it is asked back
    assert given(text, "share", inputs=both) == Given(unsure=("total", "grant"))


def test_figures_go_where_they_fit_best_together() -> None:
    text = "4개를 하고 2개는 책임입니다"
    found = given(text, "project-limit", inputs={"running": ("4개",), "leading": ("4개", "2개")})
    assert found.values == {"running": Decimal(4), "leading": Decimal(2)}
    text = "3개 중 3개가 책임입니다"  # two figures of one value
    found = given(text, "project-limit", inputs={"running": "3개 중", "leading": "3개가"})
    assert found.values == {"running": Decimal(3), "leading": Decimal(3)}


def test_a_figure_that_can_be_nothing_else_is_taken() -> None:
    assert given("5억이 들어요", "share", inputs={"total": "들어요"}).values == {"total": Decimal(5 * 10**8)}
    doubtful = given("5억이 들어요", "share", inputs={"total": "5억"}, unsure=("total",))
    assert doubtful.values == {"total": Decimal(5 * 10**8)}
    assert given("5억 이상 들어요", "share", inputs={"total": "들어요"}).values == {}


def test_a_reply_gives_what_was_asked_for_first() -> None:
    reader = ScriptedReader({"2억입니다": Script("settlement", {"direct_spent": "2억", "misused": "2억"})})
    rule = load_rules()["settlement"]
    found = read_given(rule, "2억입니다", "ko", reader, Thresholds(), TODAY, ("direct_spent",))
    assert found.values == {"direct_spent": Decimal(2 * 10**8)}
    reader = ScriptedReader({"2억입니다": Script("settlement")})
    found = read_given(rule, "2억입니다", "ko", reader, Thresholds(), TODAY, ("direct_spent",))
    assert found.values == {"direct_spent": Decimal(2 * 10**8)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("총사업비 10억 이상이면요?", "10억"),  # a limit is no case
        ("3~5억 과제를 하면요?", "3~5억"),  # nor is a range
        ("10억과 20억 과제를 하면요?", ("10억", "20억")),  # which of the two?
    ],
)
def test_a_range_a_limit_and_two_amounts_are_asked_back(text: str, words: str | tuple[str, ...]) -> None:
    assert given(text, "share", inputs={"total": words}) == Given(unsure=("total",))


def test_what_the_reader_is_unsure_of_is_not_taken() -> None:
    found = given("총 12억, 7억이면?", "share", inputs={"total": "12억", "grant": "7억"}, unsure=("grant",))
    assert found.values == {"total": Decimal(12 * 10**8)} and found.unsure == ("grant",)


@pytest.mark.parametrize("text", ["10만 달러 과제입니다", "과제가 큽니다"])
def test_without_a_figure_of_its_kind_the_reader_is_not_asked(text: str) -> None:
    reader = ScriptedReader({text: Script("share", {"total": "과제"})})
    assert read_given(load_rules()["share"], text, "ko", reader, Thresholds(), TODAY) == Given()
    assert load_rules()["share"].inputs["total"].question.ko not in [question for question, _ in reader.asked]


def test_a_choice_must_be_supported_or_named() -> None:
    stated = {"size": "작은 공장"}
    assert given("작은 공장입니다", "share", inputs=stated, choices={"size": "sme"}).values == {"size": "sme"}
    assert given("작은 공장입니다", "share", inputs=stated) == Given(unsure=("size",))
    assert given("중견기업입니다", "share", inputs={"size": "중견기업"}).values == {"size": "midsize"}
    # the words name one size, the reader supports another
    assert given("중견기업입니다", "share", inputs={"size": "중견기업"}, choices={"size": "sme"}).unsure == ("size",)


@pytest.mark.parametrize(("key", "value"), [("true", True), ("false", False)])
def test_yes_and_no_are_sentences_that_the_text_supports(key: str, value: bool) -> None:
    text = "그 회사가 대주주냐고요"
    found = given(text, "company-size", inputs={"owner_largest": "대주주"}, choices={"owner_largest": key})
    assert found.values == {"owner_largest": value}


def test_days_months_and_years() -> None:
    found = given("어제 통보를 받았어요", "deadline", inputs={"date": "어제"})
    assert found.values == {"date": date(2026, 11, 21)}
    assert given("11월에 통보를 받았어요", "deadline", inputs={"date": "11월"}) == Given()  # a month is no day
    # the date that only chooses the version may be a year
    found = given("2024년에 협약한 과제", "technology-fee", inputs={"agreement": "2024년"})
    assert found.values == {"agreement": date(2024, 1, 1)}


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("2023년 일반형", "2023년", date(2023, 12, 31)),
        ("작년 사업", "작년", date(2025, 12, 31)),
        ("올해", "올해", TODAY),
    ],
)
def test_the_year_that_is_asked_about(text: str, words: str, day: date) -> None:
    assert given(text, "programme-support", inputs={"as_of": words}).as_of == day


def test_an_unsure_year_is_asked_for_only_where_it_matters() -> None:
    script = {"inputs": {"as_of": "2025년"}, "unsure": ("as_of",)}
    assert given("2025년 사업", "programme-support", **script).unsure == ("as_of",)
    assert given("2025년 사업", "share", **script) == Given()
