"""Dates of programmes: whether applications are taken, how many days are left, a calendar file of what lies ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from assistant.answering.wording import plain
from assistant.finder.citing import Citing
from assistant.finder.definition import Programme
from assistant.finder.values import Deadline, Match, Reason, State
from assistant.rules.values import Text
from assistant.rules.wording import date_text
from assistant.schema import Language

if TYPE_CHECKING:
    from icalendar import Event

_CLOSES = Text("접수 마감", "applications close")
_OPENS = Text("접수 시작", "applications open")
_CLOSED = Text("접수가 {day}에 끝났습니다({count}일 지남).", "Applications closed on {day} ({count} days ago).")
_NOT_YET = Text("접수는 {day}에 시작합니다({count}일 남음).", "Applications open on {day} ({count} days from now).")
_OPEN = Text(
    "접수 기간입니다. {day}까지 {count}일 남았습니다.", "Applications are open until {day}, {count} days left."
)
_IN_TIME = Text(
    "{day}에 접수한 신청은 기한 안에 들어온 것입니다. 이 사업에 신청한 것으로 보았습니다.",
    "An application filed on {day} was in time; taken as one to this programme.",
)
_STARTED = Text("접수가 {day}에 시작되었습니다.", "Applications opened on {day}.")
#: Days before a deadline on which a calendar reminds.
_REMINDERS = (7, 1)


def window_reason(
    programme: Programme, citing: Citing, language: Language, today: date, filed: date | None = None
) -> Reason | None:
    """Say whether applications are taken on `today`, or were on the day `filed`; None where there are no dates."""
    window = programme.window
    if window is None:
        return None
    state: State = "met"
    if (
        filed is not None
        and window.closes is not None
        and (window.opens or filed) <= filed <= min(window.closes, today)
    ):
        state, words, day = "assumed", _IN_TIME, filed
    elif window.closes is not None and today > window.closes:
        state, words, day = "failed", _CLOSED, window.closes
    elif window.opens is not None and today < window.opens:
        state, words, day = "failed", _NOT_YET, window.opens
    elif window.closes is not None:
        words, day = _OPEN, window.closes
    else:
        assert window.opens is not None
        words, day = _STARTED, window.opens
    text = words.of(language).format(day=date_text(day, language), count=abs((day - today).days))
    return Reason(state, text, citing.words(programme.clauses[window.clause]))


def deadlines_of(programme: Programme, citing: Citing, language: Language, today: date) -> tuple[Deadline, ...]:
    """List the days of a programme, each with its quotes; a yearly day is the next one from `today` on."""
    days: list[tuple[Text, date, str]] = []
    if window := programme.window:
        if window.opens is not None and window.opens > today:
            days.append((_OPENS, window.opens, window.clause))
        if window.closes is not None:
            days.append((_CLOSES, window.closes, window.clause))
    if yearly := programme.yearly:
        this_year = date(today.year, yearly.month, yearly.day)
        day = this_year if this_year >= today else date(today.year + 1, yearly.month, yearly.day)
        days.append((yearly.label, day, yearly.clause))
    found = []
    for label, day, clause in days:
        if quoted := citing.words(programme.clauses[clause]):
            found.append(Deadline(label.of(language), day, (day - today).days, quoted))
    return tuple(found)


def calendar(match: Match) -> bytes:
    """Write the days ahead as an iCalendar file (RFC 5545), each with its deciding quote and reminders before it."""
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//Alliance Assistant//programmes//EN")
    made.add("version", "2.0")
    for found in match.programmes:
        for number, deadline in enumerate(found.deadlines):
            if not deadline.past:
                said = [match.quotes[name] for name in deadline.citations]
                event = _event(
                    f"{found.title}: {deadline.label}", deadline.day, [f"{plain(q)} ({q.title})" for q in said]
                )
                event.add("uid", f"{found.programme}-{number}-{deadline.day.isoformat()}@alliance-assistant")
                event.add("dtstamp", datetime.combine(match.as_of, time(), UTC))
                made.add_component(event)
    return bytes(made.to_ical())


def _event(summary: str, day: date, said: Sequence[str]) -> Event:
    from icalendar import Alarm, Event

    event = Event()
    event.add("summary", summary)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("description", "\n".join(said))
    event.add("transp", "TRANSPARENT")
    for days in _REMINDERS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", timedelta(days=-days))
        event.add_component(alarm)
    return event
