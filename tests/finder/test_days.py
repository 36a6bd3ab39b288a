"""Dates count from a day that is given; what is past says so, and only what lies ahead goes into a calendar."""

from __future__ import annotations

from datetime import date

import icalendar
import pytest

from assistant.finder.days import calendar
from assistant.finder.values import Match
from assistant.index import Index
from tests.finder.test_matching import match, one


@pytest.mark.parametrize(
    ("today", "verdict", "said"),
    [
        (date(2026, 2, 8), "not", "1일 남음"),
        (date(2026, 2, 9), "eligible", "59일 남았습니다"),
        (date(2026, 4, 9), "eligible", "0일 남았습니다"),
        (date(2026, 4, 10), "not", "1일 지남"),
    ],
)
def test_a_programme_is_open_from_its_first_to_its_last_day(
    documents: Index, today: date, verdict: str, said: str
) -> None:
    found = one(documents, "inter-ministry-2026", today=today, size="sme", level="advanced")
    assert found.verdict == verdict and any(said in reason.text for reason in found.reasons)
    closes = next(each for each in found.deadlines if each.day == date(2026, 4, 9))
    assert closes.past == (today > closes.day) and closes.citations


@pytest.mark.parametrize(
    ("filed", "verdict"),
    [("2026-02-08", "not"), ("2026-02-09", "eligible"), ("2026-04-09", "eligible"), ("2026-04-10", "not")],
)
def test_an_application_that_was_filed_in_time_counts_after_the_last_day(
    documents: Index, filed: str, verdict: str
) -> None:
    found = one(documents, "inter-ministry-2026", size="sme", level="advanced", filed=filed)
    assert found.verdict == verdict
    ahead = one(documents, "inter-ministry-2026", today=date(2026, 2, 1), size="sme", level="advanced", filed=filed)
    assert ahead.verdict == "not"  # nothing is filed on a day that lies ahead


def test_a_yearly_day_is_the_next_one(documents: Index) -> None:
    for today, expected, left in (
        (date(2026, 11, 30), date(2027, 1, 31), 62),
        (date(2027, 1, 31), date(2027, 1, 31), 0),
    ):
        (found,) = one(documents, "national-rnd", today=today, size="sme").deadlines
        assert (found.day, found.days_left) == (expected, left)


def events(found: Match) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(calendar(found)).walk("VEVENT"))


def test_the_calendar_holds_what_lies_ahead_with_its_quote(documents: Index) -> None:
    found = match(documents, size="sme")
    (event,) = events(found)
    assert event["dtstart"].dt == date(2027, 1, 31) and "국가연구개발과제" in event["summary"]
    assert "매년 1월 31일까지" in event["description"] and len(event.walk("VALARM")) == 2
    assert event["uid"] == events(match(documents, size="large"))[0]["uid"]  # taken in twice it is one entry
    days = {event["dtstart"].dt for event in events(match(documents, size="sme", today=date(2025, 12, 1)))}
    assert {date(2026, 1, 7), date(2026, 2, 9), date(2026, 4, 9)} <= days
