"""Progress of a download on stderr: a bar on a terminal, a line now and then elsewhere (logs, pipes)."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, TextIO

_STEPS = 10  # lines per download where there is no terminal
_STEP_BYTES = 200_000_000  # between two lines when the total is not known


class Progress:
    """Counts bytes of one download. `total` is in bytes; None until it is known."""

    def __init__(self, label: str, total: int | None, stream: TextIO | None = None) -> None:
        self.total = total
        self._label = label
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._done = 0
        self._said = -1
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def add(self, count: int) -> None:
        """Count `count` more bytes; negative when bytes turned out to be unusable."""
        self._done += count
        if self._terminal:
            if self._bar is None:  # not before there is something to show: a source may turn out to be silent
                from tqdm import tqdm

                self._bar = tqdm(total=self.total, desc=self._label, unit="B", unit_scale=True, file=self._stream)
            self._bar.update(count)
            return
        step = self._done * _STEPS // self.total if self.total else self._done // _STEP_BYTES
        if step > self._said:
            self._said = step
            self._line()

    def say(self, text: str) -> None:
        """Print one line about this download."""
        if self._bar is not None:
            self._bar.write(f"{self._label}: {text}", file=self._stream)
        else:
            self._stream.write(f"{self._label}: {text}\n")
            self._stream.flush()

    def _line(self) -> None:
        done = f"{self._done / 1e6:.0f} MB"
        if self.total:
            done += f" of {self.total / 1e6:.0f} MB ({100 * self._done // self.total}%)"
        self.say(done)
