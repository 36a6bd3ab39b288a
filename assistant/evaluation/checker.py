"""Counts figures of an answer that do not stand in its evidence. It shares no code with what the assistant checks.

Deliberately simple: each run of digits with its scale (만, 억, 조, million, billion …) is a number; it is supported
when the evidence holds the same number, or one that is equal to it in another unit. Bounds, nouns and places are not
looked at, so that it seldom cries wolf and still finds what is invented.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

_SCALES = {
    "십": 10, "백": 100, "천": 10**3, "만": 10**4, "억": 10**8, "조": 10**12, "thousand": 10**3, "million": 10**6,
    "billion": 10**9, "trillion": 10**12, "bn": 10**9,
}  # fmt: skip
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_CODE = re.compile(r"(?<![A-Za-z])(?!KRW|USD|EUR)[A-Za-z]+[-_]?\d[\w-]*|\[\w{1,4}\]|^\s*\(?\d{1,2}[.)] ", re.M)
_CLAUSE = re.compile(r"제 ?(\d+)")
_KOREAN = re.compile(
    rf"(?:(?:{_DIGITS}) ?(?:[십백천] ?[조억만]?|[조억만]) ?)+(?:(?:{_DIGITS})(?= ?(?:원|명|개|건|대)))?"
)
_GROUP = re.compile(rf"({_DIGITS}) ?([십백천]?) ?([조억만]?)")
_ENGLISH = re.compile(rf"({_DIGITS})[ -]?(thousand|million|billion|trillion|bn)(?![A-Za-z])", re.I)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = re.compile(rf"(?<![A-Za-z])({'|'.join(_MONTHS)})[a-z]*(?=,? \d|\.? \d)|(?<=\d )({'|'.join(_MONTHS)})[a-z]*")
_NUMBER = re.compile(_DIGITS)
_SPELLED = {
    "one": 1, "once": 1, "two": 2, "twice": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7,
    "여덟": 8,
    "아홉": 9, "열": 10, "열두": 12,
}  # fmt: skip
#: dimension → unit → factor. A number with one of these units equals others of its dimension.
_UNITS: dict[str, dict[str, float]] = {
    "pressure": {"MPa": 1, "kPa": 0.001, "bar": 0.1, "kgf/cm": 0.0980665, "psi": 0.006894757},
    "length": {"mm": 1, "cm": 10, "m": 1000, "km": 10**6, "μm": 0.001, "inch": 25.4, "인치": 25.4},
    "time": {
        "초": 1, "분": 60, "시간": 3600, "일": 86400, "주": 604800, "second": 1, "minute": 60, "hour": 3600,
        "day": 86400,
        "week": 604800, "ms": 0.001, "s": 1, "min": 60, "h": 3600,
    },
    "months": {"개월": 1, "년": 12, "month": 1, "year": 12},
    "torque": {"N·m": 1, "Nm": 1, "kN·m": 1000, "kgf·m": 9.80665, "kgf·cm": 0.0980665},
    "power": {"kW": 1000, "W": 1}, "mass": {"kg": 1, "g": 0.001, "t": 1000, "톤": 1000, "tonne": 1000},
    "volume": {"L": 1, "mL": 0.001}, "speed": {"m/s": 1000, "mm/s": 1}, "current": {"A": 1, "mA": 0.001},
}  # fmt: skip
_UNIT_NAMES = sorted(
    ((u, d, f) for d, units in _UNITS.items() for u, f in units.items()), key=lambda entry: -len(entry[0])
)
#: Two conversions agree when rounding explains the difference.
_ROUNDING = 0.015
_HEADS = {
    "백만 ?원": 10**6,
    "천 ?원": 10**3,
    "억 ?원": 10**8,
    "만 ?원": 10**4,
    "million": 10**6,
    "billion": 10**9,
    "thousand": 10**3,
}


@dataclass(frozen=True, slots=True)
class _Figure:
    """`written` as it stands in the text; `values` that it may have; `measures`: (dimension, canonical value)."""

    written: str
    values: frozenset[Decimal]
    measures: tuple[tuple[str, float], ...] = ()


def unsupported_figures(answer_text: str, evidence_texts: Sequence[str]) -> list[str]:
    """The figures of an answer, as written, that no evidence holds in any unit; in order, repeats kept."""
    values: set[Decimal] = set()
    measures: set[tuple[str, float]] = set()
    for text in evidence_texts:
        plain = _plain(text)
        found = list(_figures(plain))
        values.update(value for figure in found for value in figure.values)
        measures.update(measure for figure in found for measure in figure.measures)
        values.update(Decimal(number) for word, number in _SPELLED.items() if _says(plain, word))
        for head, factor in _HEADS.items():  # "(단위: 백만원)" over a column of bare numbers
            if re.search(rf"(?<!\d)(?<!\d ){head}", plain):
                values.update([value * factor for figure in found for value in figure.values])
    return [
        figure.written
        for figure in _figures(_plain(answer_text))
        if not figure.values & values and not any(_near(one, other) for one in figure.measures for other in measures)
    ]


def _near(one: tuple[str, float], other: tuple[str, float]) -> bool:
    return one[0] == other[0] and abs(one[1] - other[1]) <= _ROUNDING * max(abs(one[1]), abs(other[1]))


def _says(text: str, word: str) -> bool:
    edge = "A-Za-z" if word.isascii() else "가-힣"
    return re.search(rf"(?<![{edge}]){word}(?![{edge}])", text, re.I) is not None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", re.sub("[²³⁻¹]", "", text)).replace("µ", "μ").replace("⋅", "·")


def _figures(text: str) -> Iterator[_Figure]:
    """The figures of a text in order; each character belongs to one of them at most."""
    taken = bytearray(len(text))
    found: list[tuple[int, _Figure]] = []
    readings = ((_CLAUSE, _clause), (_KOREAN, _korean), (_ENGLISH, _english), (_MONTH, _month), (_NUMBER, _number))
    for pattern, read in ((_CODE, None), *readings):
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
            if read is not None:
                found.append((match.start(), read(match)))
    yield from (figure for _, figure in sorted(found, key=lambda entry: entry[0]))


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _korean(match: re.Match[str]) -> _Figure:
    """1조 1,347억 → 1134700000000."""
    total = section = Decimal(0)
    for group in _GROUP.finditer(match.group()):
        section += _decimal(group[1]) * _SCALES.get(group[2], 1)
        if group[3]:
            total, section = total + section * _SCALES[group[3]], Decimal(0)
    return _Figure(match.group().strip(), frozenset({total + section}))


def _clause(match: re.Match[str]) -> _Figure:
    return _Figure(match.group(), frozenset({Decimal(match[1])}))


def _english(match: re.Match[str]) -> _Figure:
    return _Figure(match.group(), frozenset({_decimal(match[1]) * _SCALES[match[2].lower()]}))


def _month(match: re.Match[str]) -> _Figure:
    return _Figure(match.group(), frozenset({Decimal(_MONTHS.index(match[1] or match[2]) + 1)}))


def _number(match: re.Match[str]) -> _Figure:
    number = _decimal(match.group())
    text = match.string
    values = {number}
    if text[match.start() - 1 : match.start()] in ("'", "’") and number < 100:
        values.add(2000 + number)  # '24
    if re.match(r" ?(?:p\.?m|시)", text[match.end() :]) and number < 12:
        values.add(number + 12)
    if re.match(r":00", text[match.end() :]) and 12 < number < 24:
        values.add(number - 12)
    return _Figure(
        match.group(), frozenset(values), tuple(_measures(float(number), text[match.end() : match.end() + 10]))
    )


def _measures(number: float, behind: str) -> Iterator[tuple[str, float]]:
    behind = behind.lstrip()
    for unit, dimension, factor in _UNIT_NAMES:
        if not behind.startswith(unit) or (unit == "년" and number > 200):
            continue
        if len(unit) < 4 and unit.isascii() and re.match(r"[A-Za-z·/]", behind[len(unit) :]):
            continue  # "m" of "min"
        yield dimension, number * factor
        break
    if re.match(r"°C|℃|C(?![a-z])", behind):
        yield "temperature", number
    elif re.match(r"°F|℉", behind):
        yield "temperature", (number - 32) * 5 / 9
