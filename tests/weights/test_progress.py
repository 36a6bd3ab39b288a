from __future__ import annotations

import io

from assistant.weights.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_a_line_now_and_then() -> None:
    stream = io.StringIO()
    with Progress("model", 1_000_000_000, stream) as progress:
        for _ in range(1000):
            progress.add(1_000_000)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[1] == "model: 100 MB of 1000 MB (10%)"
    assert lines[-1] == "model: 1000 MB of 1000 MB (100%)"


def test_without_a_total_the_bytes_are_said() -> None:
    stream = io.StringIO()
    with Progress("model", None, stream) as progress:
        for _ in range(4):
            progress.add(150_000_000)
    assert stream.getvalue().splitlines() == ["model: 150 MB", "model: 300 MB", "model: 450 MB", "model: 600 MB"]


def test_on_a_terminal_a_bar_that_appears_with_the_first_bytes() -> None:
    stream = Terminal()
    with Progress("model", 100, stream) as progress:
        assert stream.getvalue() == ""
        progress.add(100)
        progress.say("checking")
    assert "100%" in stream.getvalue() and "model: checking" in stream.getvalue()
