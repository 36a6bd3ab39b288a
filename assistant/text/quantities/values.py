"""The value that all of `quantities` is about, and the folding of text that keeps every offset."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

#: exact: as written; max: at most; min: at least; less, more: strictly; about: approximately;
#: change: from `value` to `high`; tolerance: plus or minus.
Bound = Literal["exact", "max", "min", "less", "more", "about", "change", "tolerance"]

#: Calendar units and how their digits read: YYYYMMDD, YYYYMM, YYYY, MMDD, MM; a quarter is 1–4, a clock HHMM.
CALENDAR = frozenset({"date", "year-month", "calendar-year", "month-day", "month-of-year", "quarter", "clock"})
DURATIONS = frozenset({"year", "month", "week", "day", "business day", "s"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure: `text` is exactly `source[start:end]` (number and unit, without words such as "at most").

    `value` (and `high`, the upper end of a range) are in the canonical `unit`: "KRW", "%", "%p", "x", "N·m",
    "MPa", "mm", "°C", "s" … for measures, "company", "person", "count" … for counters, "" for a bare number,
    "date", "year-month", "calendar-year" … for calendar dates (see CALENDAR), "day", "month", "year" for
    durations. `system` names the family of units it was written in ("si", "kgf", "inch" …): values converted
    from another family are compared with a tolerance.
    """

    start: int
    end: int
    text: str
    value: Decimal
    unit: str
    bound: Bound = "exact"
    high: Decimal | None = None
    system: str = "si"


_SPECIAL = {
    **dict.fromkeys("‐‑‒–—―−﹣－⁻", "-"),
    **dict.fromkeys("〜～∼˜", "~"),
    **dict.fromkeys("ㆍ‧∙•⋅・･", "·"),
    **dict.fromkeys("’‘＇`", "'"),
    **dict.fromkeys("\t\u00a0\u2009\u200a\u202f\u3000", " "),
    **dict.fromkeys("⟶➔➜⇒", "→"),
    "⁄": "/",
    "∶": ":",
    "º": "°",
}


@lru_cache(maxsize=4096)
def _fold_character(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isascii() or unicodedata.category(char) == "No":  # 10² must not become 102, nor ① a 1
        return char
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def fold(text: str) -> str:
    """Make digits, dashes, quotes and full-width forms plain; same length, so offsets hold."""
    return "".join(map(_fold_character, text))


_RAISED = "[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}"
_MARKS = rf"(?:{_RAISED}(?:[,·⁻]{_RAISED})*|[*†‡§]{{1,3}})"
#: A mark of a footnote at a figure, before what the figure counts: "50¹⁾백만원", "3억²⁾원", "50* 백만원". Without its
#: bracket it may be a power, so only where none can stand: before Hangul, a percent sign or money; after 10, money.
_NOTE_MARK = re.compile(
    rf"(?:(?<=\d) (?=[⁽⁰¹²³⁴⁵⁶⁷⁸⁹⁾, ]*⁾ ?[가-힣%]))?(?:⁽?{_RAISED}⁾(?:, ?(?=[⁽⁰¹²³⁴⁵⁶⁷⁸⁹]))?)+"
    rf"|(?<=[\d%]) 주\d{{1,2}}\)(?= ?[가-힣%])"
    rf"|(?<=\d)(?<![^\d.,]10)(?<!^10){_MARKS}(?= ?[가-힣%$€₩])"
    rf"|(?<=\d){_MARKS}(?= ?(?:[십백천]*[만억조]?원|[만억조] ?원|[KU][RS][WD]|won|[mbt]r?illion|thousand))"
)


def without_note_marks(text: str) -> tuple[str, list[int] | None]:
    """`text` without the marks of footnotes inside figures, and for each place in it (and its end) that in `text`.

    The places are None where there is no such mark.
    """
    spans = [match.span() for match in _NOTE_MARK.finditer(text)]
    if not spans:
        return text, None
    kept: list[int] = []
    at = 0
    for start, end in spans:
        kept += range(at, start)
        at = end
    kept += range(at, len(text) + 1)
    return "".join(text[place] for place in kept[:-1]), kept
