"""Small files of every kind of fault in every format, made here, and what has to be stored of each.

`CASES` is what `test_kinds.py` checks and what `python -m tests.ingest.kinds` counts in a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError
from assistant.schema import Draft

#: The kinds, in the order of the table.
KINDS = {
    "withdrawn": "withdrawn wording",
    "raised": "raised and lowered figures, notes",
    "values": "values beside the page's text",
    "layout": "layout: columns, tables, headers",
    "running": "running heads against content",
    "unseen": "what nobody sees",
    "trimmings": "parts cut out as trimmings",
    "encodings": "encodings and names",
    "labels": "labels in containers",
    "old": "old and other office files",
    "page": "cited page",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One file: what must stand in its text (in this order), and what must not, white space aside.

    `closed`: the file must be for holders of these labels only; None: for everybody. `noted`: a word of a note on what
    was not read, which will do instead of `shown`. `page`: the page of the first of `shown`.
    """

    kind: str
    format: str
    name: str
    make: Callable[[Path], Draft]
    shown: Sequence[str] = ()
    unseen: Sequence[str] = ()
    closed: tuple[str, ...] | None = None
    noted: str = ""
    page: int | None = None

    @property
    def title(self) -> str:
        """Kind, format and name."""
        return f"{self.kind} / {self.format} / {self.name}"

    def fault(self, folder: Path) -> str:
        """Make the file in an empty folder and read it; what is wrong with its text, or an empty string."""
        try:
            draft = self.make(folder)
        except AssistantError as exc:
            return "" if self.noted and self.noted in exc.message + exc.hint else f"not read: {exc.message}"
        text = _squeezed(draft.text)
        for hidden in self.unseen:
            if _squeezed(hidden) in text:
                return f"{hidden!r} is stored: {draft.text!r}"
        if self.closed is not None and tuple(draft.metadata.get("labels", ())) != self.closed:
            return f"labels {draft.metadata.get('labels')}"
        if self.noted and any(self.noted in f"{note['where']} {note['reason']}" for note in draft.metadata["notes"]):
            return ""
        at = 0
        for seen in self.shown:
            found = text.find(_squeezed(seen), at)
            if found < 0:
                return f"{seen!r} is missing or out of place: {draft.text!r}"
            at = found + len(_squeezed(seen))
        if self.page is not None:
            first = draft.text.find(self.shown[0])
            block = next((each for each in draft.blocks if each.start <= first < each.end), None)
            if block is None or block.page != self.page:
                return f"page {block.page if block else None}"
        return ""


def _squeezed(text: str) -> str:
    return re.sub(r"[ \t\n]+", "", text)


def cases() -> list[Case]:
    """All cases, by kind and format."""
    from tests.ingest.kinds import hancom, office, packed, pages, sheets, strangers, web

    found = [case for module in (pages, office, sheets, hancom, web, packed, strangers) for case in module.CASES]
    order = list(KINDS)
    return sorted(found, key=lambda case: (order.index(case.kind), case.format))
