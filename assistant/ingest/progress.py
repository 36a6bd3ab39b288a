"""How far a run is: one set of numbers, noted in the index for the page and drawn in the terminal."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from typing import TextIO

from assistant.index import Index
from assistant.index.progress import RunProgress, Stage
from assistant.index.writer import Holder, Waits

#: Seconds between two notes in the index and two pictures in the terminal.
_NOTE_S = 1.0
_DRAW_S = 0.2
#: The rate is that of the last so many seconds.
_WINDOW_S = 60.0
#: Lines of a stage where there is no terminal.
_LINES = 10

Show = Callable[[RunProgress], None]


class Meter:
    """Counts one run. `show` gets every number; the index (if any) gets one a second, and none after the end."""

    def __init__(self, index: Index | None, show: Show | None = None) -> None:
        self._index = index
        self._show = show
        self._stage: Stage | None = None
        self._marks: deque[tuple[float, int]] = deque()
        self._noted_at = 0.0

    def __call__(self, stage: Stage, done: int, total: int) -> None:
        """Note that `done` of `total` documents are read or passages embedded."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._noted_at = stage, 0.0
            self._marks.clear()
        self._marks.append((now, done))
        while len(self._marks) > 2 and self._marks[1][0] < now - _WINDOW_S:
            self._marks.popleft()
        began, first = self._marks[0]
        rate = (done - first) / (now - began) if now > began else 0.0
        numbers = RunProgress(stage, done, total, rate, (total - done) / rate if rate else None, time.time())
        if self._index and now - self._noted_at >= _NOTE_S:
            self._noted_at = now
            self._index.ledger.set_progress(numbers.record())
        if self._show:
            self._show(numbers)

    def end(self) -> None:
        """The run has ended, well or not."""
        if self._index:
            self._index.ledger.set_progress("")


def terminal_progress() -> Meter:
    """Draws what it is called with on stderr; for runs that have no index to note it in."""
    return Meter(None, terminal())


def terminal(stream: TextIO | None = None) -> Show:
    """Draws a bar on a terminal, and a line now and then elsewhere (logs, pipes)."""
    out = stream or sys.stderr
    drawn: dict[str, float] = {}

    def show(numbers: RunProgress) -> None:
        last = numbers.done >= numbers.total
        if out.isatty():
            now = time.monotonic()
            if last or now - drawn.get(numbers.stage, 0.0) >= _DRAW_S:
                drawn[numbers.stage] = now
                out.write(f"\r\x1b[K{line(numbers)}" + ("\n" if last else ""))
                out.flush()
            return
        step = float(numbers.done * _LINES // numbers.total) if numbers.total else float(_LINES)
        if step > drawn.get(numbers.stage, -1.0):
            drawn[numbers.stage] = step
            out.write(f"{line(numbers)}\n")
            out.flush()

    return show


def told_once(stream: TextIO | None = None) -> Waits:
    """Wait for whoever writes the index, and say so once."""
    out = stream or sys.stderr
    told: list[bool] = []

    def wait(holder: Holder | None) -> bool:
        if not told:
            told.append(True)
            who = f"`{holder.who}`" if holder and holder.who else "another process"
            since = time.strftime(" since %H:%M", time.localtime(holder.since)) if holder else ""
            out.write(f"The index is being written by {who}{since}; waiting behind it (Ctrl-C leaves).\n")
            out.flush()
        return True

    return wait


def line(numbers: RunProgress) -> str:
    """`Reading documents ███░░ 60/100 · 3.2/s · 0:13 left`."""
    name = {"read": "Reading documents", "embed": "Embedding passages"}[numbers.stage]
    full = 20 * numbers.done // numbers.total if numbers.total else 20
    parts = [f"{name:<18} {'█' * full}{'░' * (20 - full)} {numbers.done:,}/{numbers.total:,}"]
    if numbers.rate and numbers.remaining_s is not None and numbers.done < numbers.total:
        parts += [f"{numbers.rate:.1f}/s", f"{clock(numbers.remaining_s)} left"]
    return " · ".join(parts)


def clock(seconds: float) -> str:
    """`0:07`, `12:30`, `3:05:00`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
