"""The numbers of a run: the same in the terminal and in the index."""

from __future__ import annotations

import io

from assistant.index import Index
from assistant.index.progress import RunProgress
from assistant.ingest.progress import Meter, clock, line, terminal


def test_rate_and_remaining_time_come_from_the_last_minute(index: Index, monkeypatch: object) -> None:
    shown: list[RunProgress] = []
    times = iter([0.0, 10.0, 20.0, 100.0])
    meter = Meter(index, shown.append)
    monkeypatch.setattr("assistant.ingest.progress.time.monotonic", lambda: next(times))  # type: ignore[attr-defined]
    for done in (0, 20, 40, 80):
        meter("embed", done, 100)
    assert [round(each.rate, 2) for each in shown] == [0.0, 2.0, 2.0, 0.5]
    assert shown[0].remaining_s is None and shown[2].remaining_s == 30.0 and shown[3].remaining_s == 40.0
    assert index.progress() == shown[-1]
    meter.end()
    assert index.progress() is None


def test_lines_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    show = terminal(out)
    for done in range(0, 101):
        show(RunProgress("read", done, 100, 4.0, (100 - done) / 4, 0.0))
    lines = out.getvalue().splitlines()
    assert len(lines) == 11 and "50/100 · 4.0/s · 0:12 left" in lines[5] and lines[-1].endswith("100/100")
    assert line(RunProgress("embed", 0, 0, 0.0, None, 0.0)).endswith("0/0")
    assert [clock(7.4), clock(750), clock(11100)] == ["0:07", "12:30", "3:05:00"]
