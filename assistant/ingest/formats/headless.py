"""Tables whose first row is no header, by what stands in it. For all formats that do not say so themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: A number or letter of a list, alone in its cell.
_MARKER = re.compile(
    r"\d{1,3}[.)]|\(\d{1,3}\)|[①-⑳]|[㉠-㉻]|[가나다라마바사아자차카타파하ㄱ-ㅎ][.)]|\([가-하]\)|[a-zA-Z][.)]"
)
#: A box to be ticked, empty or not.
_BOX = re.compile(r"[□☐☑☒■]|\[[ xXvV✓○]?\]")


def is_headless(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of several rows is one like the others: an item of a numbered list, or choices to be ticked."""
    first = rows[0]
    listed = len(rows) > 1 and all(row and _MARKER.fullmatch(row[0]) for row in rows)
    names = [row[0] for row in rows if row]
    return (listed and len(set(names)) == len(names)) or any(len(_BOX.findall(cell)) > 1 for cell in first)
