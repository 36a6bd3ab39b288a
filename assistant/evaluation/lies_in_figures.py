"""Lies in figures: another digit, scale, unit or date, and the figure of another thing.

Shares no code with the verifier: figures are found with expressions of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.evaluation.rephrase import Right

Change = tuple[str, str]  # the text and what was changed

_NUMBER = re.compile(r"(?<![A-Za-z\d.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\d,.-]*\d|[A-Za-z]*\d)")
#: What stands behind a number: only numbers of one kind are exchanged.
_UNIT = re.compile(
    r" ?(?P<unit>조 ?원|억 ?원|만 ?원|원|억|%p|%|년|월|일|개월|주|시간|분|초|개사|개|명|건|배|회|곳|"
    r"N·m|MPa|kPa|mm/s|m/s|mm|"
    r"m|kg|kW|V|A|°C|L/min|L|rpm|lx|dB|hours?|minutes?|seconds?|days?|months?|years?|trillion|billion|million|companies|"
    r"projects|items|percent)(?![A-Za-z])"
)
_CALENDAR = re.compile(r"(?:년|월) ?\d{1,2} ?[월일]|\d{1,2} ?월")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def evidence_of(right: Right) -> str:
    """All the text that the answer rests on."""
    return "\n".join(
        part for piece in right.cited for part in (piece.quote, piece.table_header, *piece.heading_path, piece.title)
    )


def _numbers(text: str) -> list[tuple[re.Match[str], str]]:
    """Numbers with the unit behind them; numbers of clauses, codes and list markers are left out."""
    found = []
    for match in _NUMBER.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if re.search(r"(?:제 ?|No\. ?|Articles? |and |or |[Ss]ection |표 |Table |-|[A-Za-z가-힣(])$", before) and not (
            _UNIT.match(after)
        ):
            continue
        if re.search(r"제 ?$", before) or re.match(r" ?(?:조|항|호|절|장)(?! ?원)|\)", after):
            continue
        unit = _UNIT.match(after)
        kind = re.sub(r"\s", "", unit["unit"]) if unit else ""
        if kind in ("년", "월", "일") and re.match(r"(?:19|20)\d\d$|\d{1,2}$", match.group()):
            dated = _CALENDAR.search(text, max(0, match.start() - 12), match.end() + 8)
            kind = f"calendar {kind}" if dated or len(match.group()) == 4 else kind
        found.append((match, kind))
    return found


def another_digit(right: Right) -> Iterator[Change]:
    """Another digit in a figure that no evidence has."""
    evidence = {match.group() for match in _NUMBER.finditer(evidence_of(right))}
    for match, _ in _numbers(right.text):
        number = match.group()
        for place, char in enumerate(number):
            if char.isdigit():
                other = number[:place] + str((int(char) + 3) % 9 + 1) + number[place + 1 :]
                if other not in evidence and other != number:
                    yield put(right.text, match, other)


def another_scale(right: Right) -> Iterator[Change]:
    """억 for 만, billion for million."""
    swaps = {"조": "억", "억": "만", "만": "억", "trillion": "billion", "billion": "million", "million": "billion"}
    for match in re.finditer(r"(?<=\d)(?: ?)(조|억|만)(?= ?원)|(?<=\d )(trillion|billion|million)", right.text):
        word = match[1] or match[2]
        text = right.text[: match.end() - len(word)] + swaps[word] + right.text[match.end() :]
        yield text, f"{word} → {swaps[word]}"


def figure_of_another(right: Right) -> Iterator[Change]:
    """The figure of another thing: a number of the same unit that the evidence has elsewhere, or two exchanged."""
    mine = _numbers(right.text)
    evidence = "\n".join(part for piece in right.cited for part in (piece.quote, piece.table_header))
    others = {(m.group(), unit) for m, unit in _numbers(evidence)}
    written = {m.group() for m, _ in mine}
    for match, unit in mine:
        if not unit:
            continue
        for other, its in sorted(others):
            if its == unit and other not in written:
                yield put(right.text, match, other)
    for one, unit in mine:
        for two, its in mine:
            if unit and unit == its and one.start() < two.start() and one.group() != two.group():
                between = right.text[one.end() : two.start()]
                if not enumerated(between):
                    text = f"{right.text[: one.start()]}{two.group()}{between}{one.group()}{right.text[two.end() :]}"
                    yield text, f"{one.group()} ↔ {two.group()}"


def enumerated(between: str) -> bool:
    """Whether two things stand in one enumeration, in which their order says nothing."""
    return re.fullmatch(r"(?:[가-힣A-Za-z%]{0,8})(?:,| and| or| 또는|와|과|·|/) ?(?:and )?", between) is not None


_UNITS = {
    "%p": "%", "%": "%p", "년": "개월", "개월": "년", "일": "주", "시간": "분", "분": "시간", "초": "분", "명": "개사",
    "건": "명", "N·m": "kgf·m", "MPa": "bar", "mm": "cm", "m": "mm", "kg": "g", "kW": "W", "V": "A", "A": "V",
    "°C": "°F", "rpm": "Hz", "mm/s": "m/s", "m/s": "mm/s", "개사": "명", "배": "%", "L": "mL", "kPa": "MPa",
    "hours": "minutes", "minutes": "hours", "seconds": "minutes", "days": "weeks", "months": "years",
    "years": "months", "year": "month", "companies": "people", "projects": "companies", "억원": "억 달러",
    "조원": "조 달러", "만원": "만 달러",
}  # fmt: skip


def another_unit(right: Right) -> Iterator[Change]:
    """Months for years, bar for MPa, dollars for won."""
    for match, unit in _numbers(right.text):
        found = _UNIT.match(right.text, match.end())
        if (
            found
            and unit in _UNITS
            and match.group() != "0"
            and not (unit in ("년", "일") and re.fullmatch(r"(?:19|20)\d\d", match.group()))
        ):
            if unit == "일" and re.search(r"월 ?$", right.text[: match.start()]):
                continue
            yield (
                right.text[: found.start("unit")] + _UNITS[unit] + right.text[found.end("unit") :],
                f"{unit} → {_UNITS[unit]}",
            )
    for match in re.finditer(r"KRW|(?<=illion )won", right.text):
        yield right.text[: match.start()] + "USD" + right.text[match.end() :], "KRW → USD"


def another_date(right: Right) -> Iterator[Change]:
    """The next year or month."""
    for match in re.finditer(r"(?<!\d)20(\d\d)(?= ?년|[.,]|$| )", right.text):
        other = f"20{(int(match[1]) + 1) % 100:02d}"
        if other not in evidence_of(right):
            yield put(right.text, match, other)
    for match in re.finditer(r"(?<!\d)(\d{1,2})(?=월)", right.text):
        yield put(right.text, match, str(int(match[1]) % 12 + 1))
    for match in re.finditer("|".join(_MONTHS), right.text):
        other = _MONTHS[(_MONTHS.index(match.group()) + 1) % 12]
        if other not in evidence_of(right) and match.group() != "May":
            yield put(right.text, match, other)


def put(text: str, match: re.Match[str], other: str) -> Change:
    """The text with `other` in the place of the match, and the change as a reader sees it."""
    return text[: match.start()] + other + text[match.end() :], f"{match.group()} → {other}"
