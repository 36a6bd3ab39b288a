"""How far a run is, as the writing process notes it in the index: the terminal and the page show the same numbers."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Any, Literal

Stage = Literal["read", "embed"]

#: A run whose last note is older has died: every batch of passages leaves one (seconds).
_SILENCE_S = 180.0


@dataclass(frozen=True, slots=True)
class RunProgress:
    """`done` of `total` documents (stage "read") or passages (stage "embed"); times in seconds.

    `rate` is per second; `remaining_s` is None until something can be said. `noted_at` is Unix time.
    """

    stage: Stage
    done: int
    total: int
    rate: float
    remaining_s: float | None
    noted_at: float

    def to_json(self) -> dict[str, Any]:
        """Give the plain form."""
        return asdict(self)

    def record(self) -> str:
        """Write the form in which the index keeps it."""
        return json.dumps(asdict(self))


def from_record(record: str) -> RunProgress | None:
    """Read the progress that the index keeps; None when no run is under way."""
    if not record:
        return None
    noted = RunProgress(**json.loads(record))
    return noted if abs(time.time() - noted.noted_at) < _SILENCE_S else None
