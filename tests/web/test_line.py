from __future__ import annotations

import asyncio
import threading

import pytest

from assistant.errors import ModelError
from assistant.schema import EvidenceFound, Finished, SentenceReady, Understood
from assistant.web.line import Ahead, Ended, Failed, Line, Report, Ticket
from tests.fakes import FakeAssistant
from tests.web.samples import SENTENCE, answered, opening_events

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

    assert names(asyncio.run(ask())) == ["Ahead", "Understood", "EvidenceFound", "SentenceReady", "Finished", "Ended"]
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

    assert names(asyncio.run(ask())) == ["Ended"]
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
    line._thread.shutdown(wait=True)
    assert assistant.cancelled == ["a"]
