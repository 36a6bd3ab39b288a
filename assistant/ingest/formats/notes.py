"""What a reader has to say about a document that it read only in part: which part, why not, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict


class Note(TypedDict):
    """A part that is missing from a draft: `where` ("pages 3-5", "report.exe"), the reason, and what to do."""

    where: str
    reason: str
    hint: str


#: On documents whose tracked deletions could not be told from the rest.
REVISED: Note = {
    "where": "tracked changes",
    "reason": "some of them could not be told apart, and deleted words may stand in the text",
    "hint": "Accept or reject the changes in the program it was made with, and give that.",
}


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


def without_results(count: int) -> Note:
    """The note on formulas whose results the file does not hold."""
    return {
        "where": f"{count:,} formula{'s' if count > 1 else ''}",
        "reason": "the file holds no result for them, so their cells are empty here",
        "hint": "Open it in a spreadsheet program, save it again and give that.",
    }
