from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from assistant.errors import LineFull, ModelError, Stopping
from assistant.schema import EvidenceFound, Finished, SentenceReady, Understood
from assistant.web.line import Ahead, Ended, Failed, Line, Report, Ticket
from tests.fakes import FakeAssistant
from tests.web.samples import LAUNCH, SENTENCE, answered, opening_events

PATIENCE = 10  # seconds; only a broken line waits that long


async def next_report(ticket: Ticket) -> Report:
    return await asyncio.wait_for(ticket.next(), PATIENCE)


async def until(ticket: Ticket, kind: type) -> list[Report]:
    reports = [await next_report(ticket)]
    while not isinstance(reports[-1], kind):
        reports.append(await next_report(ticket))
    return reports


def names(reports: list[Report]) -> list[str]:
    return [type(report).__name__ for report in reports]


def test_events_arrive_in_order_and_then_the_end() -> None:
    assistant = FakeAssistant({"q": [*opening_events("q"), SentenceReady(SENTENCE), Finished(answered("q"))]})

    async def ask() -> list[Report]:
        line = Line(assistant)
        reports = await until(line.join("q"), Ended)
        line.close()
        return reports

    assert names(asyncio.run(ask())) == [
        "Ahead", "Understood", "EvidenceFound", "Ahead", "SentenceReady", "Finished", "Ended"
    ]  # fmt: skip
    assert assistant.cancelled == []


def test_one_at_a_time_in_order_with_the_place_told() -> None:
    gate = threading.Event()
    assistant = FakeAssistant({"a": [Understood("a", "ko"), gate], "b": [], "c": []})

    async def ask() -> tuple[list[Report], list[Report]]:
        line = Line(assistant)
        first, second, third = line.join("a"), line.join("b"), line.join("c")
        waits = [await next_report(second), await next_report(third)]
        assert (await until(first, Understood))[0] == Ahead(0)
        assert assistant.asked == ["a"]
        gate.set()
        rest = await until(third, Ended)
        line.close()
        return waits, rest

    waits, rest = asyncio.run(ask())
    assert waits == [Ahead(1), Ahead(2)]
    assert Ahead(1) in rest and rest[-2:] == [Ahead(0), Ended()]
    assert assistant.asked == ["a", "b", "c"]


def test_stopping_a_running_question_reaches_the_assistant_and_frees_the_line() -> None:
    assistant = FakeAssistant({"a": [*opening_events("a"), threading.Event(), SentenceReady(SENTENCE)], "b": []})

    async def ask() -> list[Report]:
        line = Line(assistant)
        first = line.join("a")
        await until(first, EvidenceFound)
        line.leave(first)
        reports = await until(first, Ended)
        await until(line.join("b"), Ended)
        line.close()
        return reports

    assert set(names(asyncio.run(ask()))) <= {"Ahead", "Ended"}
    assert assistant.cancelled == ["a"] and assistant.asked == ["a", "b"]


def test_a_question_stopped_while_it_waits_is_never_asked_and_the_others_move_up() -> None:
    gate = threading.Event()
    assistant = FakeAssistant({"a": [gate], "b": [], "c": []})

    async def ask() -> list[Report]:
        line = Line(assistant)
        line.join("a")
        second, third = line.join("b"), line.join("c")
        assert await next_report(third) == Ahead(2)
        line.leave(second)
        moved = [await next_report(third)]
        gate.set()
        moved += await until(third, Ended)
        line.close()
        return moved

    assert asyncio.run(ask()) == [Ahead(1), Ahead(0), Ended()]
    assert assistant.asked == ["a", "c"]


@pytest.mark.parametrize("error", [ModelError("no answer"), ZeroDivisionError("a defect")])
def test_an_error_is_reported_and_the_next_question_works(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    assistant = FakeAssistant({"a": [Understood("a", "ko"), error], "b": []})

    async def ask() -> list[Report]:
        line = Line(assistant)
        reports = await until(line.join("a"), Ended)
        await until(line.join("b"), Ended)
        line.close()
        return reports

    assert Failed(error) in asyncio.run(ask())
    assert assistant.asked == ["a", "b"] and caplog.records


def test_closing_stops_everything() -> None:
    assistant = FakeAssistant({"a": [Understood("a", "ko"), threading.Event()], "b": []})

    async def ask() -> None:
        line = Line(assistant)
        first = line.join("a")
        line.join("b")
        await until(first, Understood)
        await asyncio.to_thread(line.close)

    asyncio.run(ask())
    assert assistant.asked == ["a"] and assistant.cancelled == ["a"]


def test_a_reader_whose_loop_is_gone_stops_the_question() -> None:
    gate = threading.Event()
    assistant = FakeAssistant({"a": [gate, Understood("a", "ko"), threading.Event()]})
    line = Line(assistant)

    async def ask() -> None:
        await next_report(line.join("a"))

    asyncio.run(ask())
    gate.set()
    until_true(lambda: assistant.cancelled == ["a"])
    line.close()


def until_true(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


class Heard(list[Report]):
    """What a line tells, from its threads."""

    def until(self, *kinds: type) -> Heard:
        until_true(lambda: {type(report) for report in self} >= set(kinds))
        return self


def test_evidence_is_found_while_the_language_model_is_busy_with_others() -> None:
    gate = threading.Event()
    assistant = FakeAssistant(
        {
            "a": [*opening_events("a"), gate, Finished(answered("a"))],
            "b": [*opening_events("b"), Finished(answered("b"))],
            "c": [*opening_events("c"), Finished(answered("c"))],
        }
    )
    with closing(Line(assistant)) as line:
        heard = {name: Heard() for name in "abc"}
        for name in "abc":
            line.join(name, owner=name, tell=heard[name].append)
        for name in "abc":
            heard[name].until(EvidenceFound)
        until_true(lambda: heard["b"][-1] == Ahead(1) and heard["c"][-1] == Ahead(2))
        assert not [report for report in heard["b"] if isinstance(report, Finished)]
        gate.set()
        for name in "abc":
            (last,) = [report for report in heard[name].until(Ended) if isinstance(report, Finished)]
            assert last.answer == answered(name)


def test_language_servers_write_as_many_answers_at_once_as_they_take() -> None:
    gate = threading.Event()
    asked = ["a", "b", "c", "d"]
    assistant = FakeAssistant({q: [*opening_events(q), gate, Finished(answered(q))] for q in asked})

    async def ask() -> list[list[Report]]:
        with closing(Line(assistant, writers=3)) as line:
            tickets = [line.join(q, owner=q) for q in asked]
            reports = [await until(ticket, EvidenceFound) for ticket in tickets]
            for told, ticket in zip(reports, tickets, strict=True):
                told.append(await next_report(ticket))
            gate.set()
            for told, ticket in zip(reports, tickets, strict=True):
                told += await until(ticket, Ended)
            return reports

    reports = asyncio.run(ask())
    assert [told[-2].answer.question for told in reports] == asked  # type: ignore[union-attr]
    after = [told[[type(each) for each in told].index(EvidenceFound) + 1] for told in reports]
    assert after == [Ahead(0), Ahead(0), Ahead(0), Ahead(3)]


def test_what_the_language_model_has_no_part_in_does_not_wait_for_it() -> None:
    gate = threading.Event()
    evidence = EvidenceFound((LAUNCH,), phrased=False)
    assistant = FakeAssistant(
        {
            "a": [*opening_events("a"), gate],
            "b": [Understood("b", "ko"), evidence, SentenceReady(SENTENCE), Finished(answered("b"))],
        }
    )
    with closing(Line(assistant)) as line:
        heard = Heard(), Heard()
        line.join("a", owner="a", tell=heard[0].append)
        line.join("b", owner="b", tell=heard[1].append)
        assert names(heard[1].until(Ended))[-3:] == ["SentenceReady", "Finished", "Ended"]
        gate.set()


def test_users_are_written_for_in_turn() -> None:
    gate, order = threading.Event(), []
    scripts = {name: [*opening_events(name), Finished(answered(name))] for name in ("a1", "a2", "a3", "b1", "c1")}
    scripts["a1"].insert(2, gate)
    with closing(Line(FakeAssistant(scripts))) as line:
        for name in scripts:
            line.join(name, owner=name[0], tell=lambda r, n=name: order.append(n) if isinstance(r, Finished) else None)
        until_true(lambda: len(line._writing.waiting) == 4)
        gate.set()
        until_true(lambda: len(order) == 5)
    assert order == ["a1", "b1", "c1", "a2", "a3"]


def test_a_full_line_says_so_and_one_user_cannot_fill_it() -> None:
    gate = threading.Event()
    assistant = FakeAssistant({"q": [gate], "r": []})
    heard = Heard()
    with closing(Line(assistant, longest=4, most_of_one=2)) as line:
        line.join("q", owner="a", tell=heard.append)
        line.join("q", owner="a", tell=heard.append)
        with pytest.raises(LineFull, match="your questions"):
            line.join("q", owner="a", tell=heard.append)
        line.join("q", owner="b", tell=heard.append)
        line.join("q", owner="c", tell=heard.append)
        with pytest.raises(LineFull, match="Too many questions"):
            line.join("q", owner="d", tell=heard.append)
        assert line.taken == 4 and line.length == 4
        gate.set()
        until_true(lambda: line.length == 0)
        line.join("r", owner="a", tell=heard.append)


def test_a_question_that_nobody_looks_at_gives_way_and_its_place_when_the_line_is_full() -> None:
    gate = threading.Event()
    assistant = FakeAssistant({"q": [*opening_events("q"), gate], **{name: opening_events(name) for name in "bcd"}})
    order: list[str] = []
    with closing(Line(assistant, longest=4)) as line:
        heard = {name: Heard() for name in "bcd"}
        line.join("q", owner="q", tell=lambda _: None)
        tickets = {}
        for name in "bc":
            tickets[name] = line.join(
                name, owner=name, tell=lambda r, n=name: (heard[n].append(r), isinstance(r, Ended) and order.append(n))
            )
        until_true(lambda: len(line._writing.waiting) == 2)
        line.watch(tickets["b"], False)
        assert heard["b"][-1] == Ahead(2) and heard["c"][-1] == Ahead(1)
        line.join("d", owner="d", tell=heard["d"].append)
        line.join("d", owner="e", tell=lambda _: None)  # the fifth: "b" gives up its place
        assert tickets["b"].stopped() and order == ["b"] and not tickets["c"].stopped()
        gate.set()
        until_true(lambda: order == ["b", "c"])
    assert assistant.cancelled == ["b"]


def test_a_question_that_nobody_looked_at_while_it_was_read_is_written_after_the_others() -> None:
    gate, hold = threading.Event(), threading.Event()
    scripts = {"q": [*opening_events("q"), gate], "b": [hold, *opening_events("b")], "c": opening_events("c")}
    with closing(Line(FakeAssistant(scripts))) as line:
        heard = {name: Heard() for name in scripts}
        tickets = {name: line.join(name, owner=name, tell=heard[name].append) for name in scripts}
        until_true(lambda: Ahead(0) in heard["b"])
        line.watch(tickets["b"], False)
        hold.set()
        until_true(lambda: len(line._writing.waiting) == 2)
        until_true(lambda: heard["c"][-1] == Ahead(1) and heard["b"][-1] == Ahead(2))
        gate.set()


def test_who_leaves_while_waiting_for_the_language_model_frees_what_was_held() -> None:
    gate = threading.Event()
    assistant = FakeAssistant({"a": [*opening_events("a"), gate], "b": [*opening_events("b"), SentenceReady(SENTENCE)]})
    with closing(Line(assistant)) as line:
        heard = Heard()
        line.join("a", owner="a", tell=lambda _: None)
        ticket = line.join("b", owner="b", tell=heard.append)
        until_true(lambda: len(line._writing.waiting) == 1)
        line.leave(ticket)
        assert names(heard)[-1] == "Ended" and assistant.cancelled == ["b"]
        gate.set()
        until_true(lambda: line.length == 0)
    assert "SentenceReady" not in names(heard)


def test_a_line_that_is_closed_takes_nothing_more() -> None:
    line = Line(FakeAssistant({}))
    line.close()
    with pytest.raises(Stopping):
        line.join("q", tell=lambda _: None)
