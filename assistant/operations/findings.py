"""What `assistant doctor` says about one thing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined."""

    subject: str
    ok: bool
    message: str

    def to_json(self) -> dict[str, Any]:
        """Plain form for `assistant doctor --json`."""
        return asdict(self)
