"""Calendar dates in Korean and English: "2024. 7. 22.", "22 July 2024", "'24년 7월", "7.1. ~ 7.31.", "2024~2028년".

Each match gives the calendar unit and its digits (see `values.CALENDAR`). A range of days gives two dates; the parts
that the writer left out of one end are taken from the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: A year of this or the last century, standing alone: the way in which questions name a time.
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_YEAR = r"(?:(?:19|20)\d\d|(?<![A-Za-z0-9])'\d\d)"
_M = r"(?:1[0-2]|0?[1-9])"
_D = r"(?:3[01]|[12]\d|0?[1-9])"
_NAME = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_TH = r"(?:st|nd|rd|th)?"
_TO = r"(?: ?[~-] ?| to | until | through | and )"
_LEFT = r"(?<![A-Za-z0-9.,-])"
_WEEKDAY = r"(?: ?\([월화수목금토일]\))?"
_GAP = rf"{_WEEKDAY},? ?(?:\d\d:\d\d ?)?(?:부터|에서|~|-) ?"  # between the two ends of "2024. 7. 1.(월) ~ 7. 31."


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar date at `start:end` of the folded text; `bound` where it is an end of a range."""

    start: int
    end: int
    unit: str
    value: Decimal
    high: Decimal | None = None
    bound: str = "exact"


def _year(text: str) -> int:
    return 2000 + int(text[1:]) if text.startswith("'") else int(text)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text[:3].lower()) + 1


def _dated(start: int, end: int, y: str | None, m: str | None, d: str | None, bound: str = "exact") -> Day:
    month, day = _month(m) if m else 0, int(d) if d else 0
    if y and m and d:
        return Day(start, end, "date", Decimal(_year(y) * 10000 + month * 100 + day), bound=bound)
    if y and m:
        return Day(start, end, "year-month", Decimal(_year(y) * 100 + month), bound=bound)
    if y:
        return Day(start, end, "calendar-year", Decimal(_year(y)), bound=bound)
    if m and d:
        return Day(start, end, "month-day", Decimal(month * 100 + day), bound=bound)
    return Day(start, end, "month-of-year", Decimal(month), bound=bound)


def _two(match: re.Match[str]) -> Iterator[Day]:
    """Both ends of a range of days; groups y, m, d and y2, m2, d2 of which one end may lack some."""
    part = match.groupdict()
    y, m, y2, m2 = part.get("y"), part.get("m"), part.get("y2"), part.get("m2")
    yield _dated(match.start("a"), match.end("a"), y or y2, m or m2, part["d"], "min")
    yield _dated(match.start("b"), match.end("b"), y2 or y, m2 or m, part["d2"], "max")


def _one(match: re.Match[str]) -> Iterator[Day]:
    part = match.groupdict()
    yield _dated(match.start(), match.end(), part.get("y"), part.get("m"), part.get("d"))


def _years(match: re.Match[str]) -> Iterator[Day]:
    low = _year(match["y"])
    second = match["y2"]
    high = _year(second) if len(second) != 2 else low // 100 * 100 + int(second)
    if low < high <= 2100:
        yield Day(match.start(), match.end(), "calendar-year", Decimal(low), Decimal(high))


def _month_day(match: re.Match[str]) -> Iterator[Day]:
    yield _dated(match.start(), match.end(), None, match["m"] or match["m3"], match["d"] or match["d3"])


def _year_alone(match: re.Match[str]) -> Iterator[Day]:
    yield _dated(match.start(), match.end(), match["y"] or match["y3"], None, None)


def _quarter(match: re.Match[str]) -> Iterator[Day]:
    yield Day(match.start(), match.end(), "quarter", Decimal(match["q"] or match["q2"]))


def _clock(match: re.Match[str]) -> Iterator[Day]:
    hour, minute = int(match["h"]), int(match["min"] or 0)
    half = (match["half"] or match["half2"] or "").lower().replace(".", "")
    if half in ("오후", "pm") and hour < 12:
        hour += 12
    if hour <= 24 and minute < 60:
        yield Day(match.start(), match.end(), "clock", Decimal(hour * 100 + minute))


_KO_DATE = rf"(?P<y>{_YEAR}) ?년 ?(?P<m>{_M}) ?월 ?(?P<d>{_D}) ?일"
_DOTTED = rf"(?P<y>{_YEAR}) ?\. ?(?P<m>{_M}) ?\. ?(?P<d>{_D})(?: ?\.)?(?![\d])"
_KO_TAIL = rf"(?:(?:(?P<y2>{_YEAR}) ?년 ?)?(?P<m2>{_M}) ?월 ?)?(?P<d2>{_D}) ?일"
_DOTTED_TAIL = rf"(?:(?:(?P<y2>{_YEAR}) ?\. ?)?(?P<m2>{_M}) ?\. ?)(?P<d2>{_D})(?: ?\.)?(?![\d])"

_PATTERNS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], Iterator[Day]]]] = [
    (re.compile(pattern), reading)
    for pattern, reading in [
        (rf"{_LEFT}(?P<a>{_KO_DATE}){_GAP}(?P<b>{_KO_TAIL})", _two),
        (rf"{_LEFT}(?P<a>{_DOTTED}){_GAP}(?P<b>{_DOTTED_TAIL})", _two),
        (rf"{_LEFT}(?P<a>(?P<m>{_M}) ?월 ?(?P<d>{_D}) ?일){_GAP}(?P<b>(?:(?P<m2>{_M}) ?월 ?)?(?P<d2>{_D}) ?일)", _two),
        (
            rf"{_LEFT}(?P<a>(?P<d>{_D}){_TH}(?: (?P<m>{_NAME}))?){_TO}(?P<b>(?P<d2>{_D}){_TH} (?P<m2>{_NAME}),? "
            rf"(?P<y2>{_YEAR}))",
            _two,
        ),
        (
            rf"(?<![A-Za-z])(?P<a>(?P<m>{_NAME}) (?P<d>{_D}){_TH}){_TO}(?P<b>(?:(?P<m2>{_NAME}) )?(?P<d2>{_D}){_TH},? "
            rf"(?P<y2>{_YEAR}))",
            _two,
        ),
        (rf"{_LEFT}{_KO_DATE}", _one),
        (rf"{_LEFT}{_DOTTED}", _one),
        (rf"{_LEFT}(?P<y>(?:19|20)\d\d)(?P<sep>[-/])(?P<m>{_M})(?P=sep)(?P<d>{_D})(?![\d])", _one),
        (rf"{_LEFT}(?P<d>{_D}){_TH}(?: of)? (?P<m>{_NAME}),? (?P<y>{_YEAR})(?!\d)", _one),
        (rf"(?<![A-Za-z])(?P<m>{_NAME}) (?P<d>{_D}){_TH},? (?P<y>{_YEAR})(?!\d)", _one),
        (
            rf"(?<![A-Za-z0-9.,제-])(?<!제 )(?<!No\. )(?:FY ?)?(?P<y>{_YEAR})(?: ?년)?(?: ?[~-] ?|(?<=\d) to )(?P<y2>"
            rf"(?:19|20)\d\d|'?\d\d)(?![\d.,-]\d|\d|%| ?%| ?호)(?: ?년(?!간))?",
            _years,
        ),
        (rf"{_LEFT}(?P<y>{_YEAR}) ?년 ?(?P<m>{_M}) ?월", _one),
        (rf"{_LEFT}(?P<y>{_YEAR})\.(?P<m>{_M})(?:\.(?!\d)|(?![\d]))(?: ?월|(?! ?[^\s\d가-힣.,;:()~'\"-]))", _one),
        (rf"{_LEFT}(?P<y>{_YEAR})\. (?P<m>{_M})(?:\.(?! ?\d)| ?월)", _one),
        (rf"{_LEFT}(?P<y>(?:19|20)\d\d)-(?P<m>0[1-9]|1[0-2])(?![\d-])", _one),
        (rf"(?<![A-Za-z])(?P<m>{_NAME}),?(?: of)? (?P<y>{_YEAR})(?!\d)", _one),
        (rf"{_LEFT}(?P<m>{_M}) ?월 ?(?P<d>{_D}) ?일", _one),
        (rf"{_LEFT}(?P<m>{_M})\. ?(?P<d>{_D})\.? ?\([월화수목금토일]\)", _one),
        (rf"(?<=[~] )(?P<m>{_M})\. ?(?P<d>{_D})\.(?!\d)|(?<=[~])(?P<m3>{_M})\.(?P<d3>{_D})\.(?!\d)", _month_day),
        (rf"{_LEFT}(?P<d>{_D}){_TH}(?: of)? (?P<m>{_NAME})(?![A-Za-z])", _one),
        (rf"(?<![A-Za-z])(?P<m>{_NAME}) (?P<d>{_D}){_TH}(?![\d.,]\d|\d|%| ?%| [a-z]*(?:companies|people))", _one),
        (rf"{_LEFT}(?P<m>{_M})월(?!\d)", _one),
        (
            rf"(?:(?<= of )|(?<= in )|(?<= by )|(?<=until )|(?<=since )|(?<=every )|(?<=each ))(?P<m>{_NAME})"
            rf"(?![A-Za-z]| ?\d)",
            _one,
        ),
        (
            rf"{_LEFT}(?P<y>(?:1\d|20)\d\d|{_YEAR}) ?년(?!간)|(?<![A-Za-z0-9])FY ?(?P<y3>(?:19|20)\d\d)(?!\d)",
            _year_alone,
        ),
        (r"(?<![A-Za-z0-9])(?:Q(?P<q>[1-4])(?![A-Za-z0-9-])|(?P<q2>[1-4])(?:/4)? ?분기)", _quarter),
        (
            r"(?<![\d:.A-Za-z])(?:(?P<half>오전|오후) ?)?(?P<h>\d{1,2}):(?P<min>\d\d)(?![\d:])(?: "
            r"?(?P<half2>[apAP]\.?[mM]\.?)(?![A-Za-z]))?",
            _clock,
        ),
        (
            r"(?<![\d:.A-Za-z])(?P<half>오전|오후)? ?(?P<h>\d{1,2}) ?시(?!간|도|·|군|장|스|험|행|설|점|범)(?: "
            r"?(?P<min>\d{1,2}) ?분)?(?P<half2>)",
            _clock,
        ),
        (r"(?<![\d:.A-Za-z])(?P<half>)(?P<h>1[0-2]|[1-9])(?P<min>) ?(?P<half2>[apAP]\.?[mM]\.?)(?![A-Za-z])", _clock),
    ]
]


def calendar(folded: str) -> list[Day]:
    """Find all dates, years named as such, quarters and clock times, without overlaps, in order of place."""
    taken = bytearray(len(folded))
    found: list[Day] = []
    for pattern, reading in _PATTERNS:
        for match in pattern.finditer(folded):
            if any(taken[match.start() : match.end()]):
                continue
            days = list(reading(match))
            if days:
                found += days
                taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    return sorted(found, key=lambda day: day.start)


def parts(unit: str, value: Decimal) -> tuple[int | None, int | None, int | None]:
    """Read (year, month, day) of a calendar value, None for what it does not say."""
    digits = int(value)
    if unit == "date":
        return digits // 10000, digits // 100 % 100, digits % 100
    if unit == "year-month":
        return digits // 100, digits % 100, None
    if unit == "calendar-year":
        return digits, None, None
    if unit == "month-day":
        return None, digits // 100, digits % 100
    return None, digits, None
