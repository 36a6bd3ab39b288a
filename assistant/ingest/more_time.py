"""How a reader asks for more time: for a page that has to be recognised, which takes seconds where others take none.

Reading has a time limit (see `sandbox`), whose process says what asking does; elsewhere it does nothing.
"""

from __future__ import annotations

from collections.abc import Callable

_granted: list[Callable[[], None]] = []


def more_time() -> None:
    """Ask for the time of one more page, before it is recognised."""
    for grant in _granted:
        grant()


def grant_with(grant: Callable[[], None]) -> None:
    """Have `grant` called whenever a reader of this process asks."""
    _granted[:] = [grant]
