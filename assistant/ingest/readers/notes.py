"""What a reader has to say about a document that it read only in part: which part, why not, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict


class Note(TypedDict):
    """A part that is missing from a draft: `where` ("pages 3-5", "report.exe"), the reason, and what to do."""

    where: str
    reason: str
    hint: str


def pages(numbers: Iterable[int]) -> str:
    """Page numbers as people write them: "page 3", "pages 3-5, 9"."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    text = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in ranges)
    return f"pages {text}" if len(ranges) > 1 or "-" in text else f"page {text}"
