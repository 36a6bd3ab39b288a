"""From text to quantities: finds numerals, joins them with units, ranges and bounds, and keeps every offset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.text.quantities import units
from assistant.text.quantities.bounds import bound_of
from assistant.text.quantities.dates import calendar
from assistant.text.quantities.identifiers import HEADING, MARKER, identifier_spans
from assistant.text.quantities.numerals import (
    DIGITS,
    SPELLED_EN,
    SPELLED_NATIVE,
    SPELLED_SINO,
    Numeral,
    read_numeral,
    read_spelled,
)
from assistant.text.quantities.unit_lookup import unit_behind
from assistant.text.quantities.values import DURATIONS, Bound, Quantity, fold, without_note_marks

_MONEY_PREFIX = r"(?:KRW|krw|USD|usd|EUR|JPY|CNY|RMB|GBP|SGD|US\$|S\$|[$€¥£₩￦])\.? ?"
_DIGITS = re.compile(
    rf"(?:(?P<money>(?<![A-Za-z]){_MONEY_PREFIX})|"
    rf"(?<![A-Za-z_]))(?P<sign>(?<![\w%)])-)?(?P<digits>{DIGITS})"
)
_CURRENCY_CODE = re.compile(r"[A-Za-z]+\$?|[$€¥£₩￦]")
_FRACTION_KO = re.compile(r"(?<!\d)(\d+) ?분의 ?(\d+(?:\.\d+)?)")
_FRACTION_EN = re.compile(
    r"(?<![A-Za-z-])(one|two|three|four|a)[ -](half|halves|third|quarter|fourth|fifth|tenth)s?(?![A-Za-z])"
    r"(?![ -](?:part(?:y|ies)|time|edition|person|round|year|country)(?![A-Za-z]))",
    re.IGNORECASE,
)
_DENOMINATOR = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10}
# "10⁶ cycles", "2 × 10⁵ Pa"
_POWER = re.compile(r"(?:(?P<factor>\d+(?:\.\d+)?) ?[×x*·] ?)?(?<![\d.,])10(?P<sign>-)?(?P<exponent>[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_PLUS = re.compile(r" ?\+(?! ?[\d/])")
_YEO = re.compile(r" ?여 ?(?=[가-힣]|%)")
_SYMBOL_RANGE = re.compile(
    r" ?[~-] ?| ?(?:→|->|=>) ?| ?내지 ?|에서 ?(?:약 ?|최대 ?)?| (?:up )?to (?:about |nearly |"
    r"over )?| and "
)
_BETWEEN_END = re.compile(r" ?(?:사이|까지|이내|정도|의 범위|범위)")
_BEFORE_RANGE = re.compile(r" (?:to|and) |-to-|[~-]")
_OFTEN = re.compile(r"(?<![A-Za-z])(?:[Oo]nce(?= (?:a|an|per|every|each) )|[Tt]wice|[Tt]hrice)(?![A-Za-z])")
_HUNDREDTH = re.compile(r"(?:100|1000|1,000)")
_WORD_GOES_ON = re.compile(r"(?!(?:으?로|[이가은는을를의에와과당]|마다|이상|이하|씩)(?![가-힣]))[가-힣]")
_FEET = re.compile(r" ?feet$")
_DETERMINER = re.compile(r"(?<![A-Za-z])(?:the|its|their|all|these|those|both|each|four|on|with) $", re.IGNORECASE)
_BIG_WORD = re.compile(r"million|billion|trillion|bn|tn", re.IGNORECASE)
# Korean prose says 한 번 더, 한 가지 and English one of: not figures.
_IDLE_ONE = re.compile(r"한 ?(?:번|차례|가지|개|곳|대|사람|종류|군데|단계|축|회|해|달 ?음)|one", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A numeral with the unit found for it. `counted`: the unit is an English noun, which may also follow a year.

    `about`: a 여 ("200여 명"), `at_least`: a plus sign ("250+ companies") stands between number and unit.
    """

    start: int
    end: int
    numeral: Numeral
    value: Decimal
    unit: units.Unit | None
    negative: bool = False
    about: bool = False
    counted: bool = False
    at_least: bool = False
    tentative: bool = False


def quantities(text: str) -> list[Quantity]:
    """Find all figures of `text`, in order of place; `text[q.start:q.end] == q.text`. Never raises."""
    bare, places = without_note_marks(text)
    if places is None:
        return _quantities(text)
    found = []
    for quantity in _quantities(bare):
        start, end = places[quantity.start], places[quantity.end - 1] + 1
        found.append(replace(quantity, start=start, end=end, text=text[start:end]))
    return found


def _quantities(text: str) -> list[Quantity]:
    folded = fold(text)
    blocked = bytearray(len(folded))
    found: list[Quantity] = []
    for day in calendar(folded):
        blocked[day.start : day.end] = b"\1" * (day.end - day.start)
        bound: Bound = bound_of(folded, day.start, day.end, calendar=True)
        if bound == "exact" and day.bound in ("min", "max"):
            bound = "min" if day.bound == "min" else "max"
        found.append(Quantity(day.start, day.end, text[day.start : day.end], day.value, day.unit, bound, day.high))
    for match in (*MARKER.finditer(folded), *filter(_heads, HEADING.finditer(folded))):
        blocked[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    for _ in identifier_spans(folded, blocked):
        pass
    found += _fractions(text, folded, blocked)
    for match in _OFTEN.finditer(folded):
        times = Decimal({"o": 1, "tw": 2, "th": 3}["o" if match[0][0] in "oO" else match[0][:2].lower()])
        found.append(Quantity(*match.span(), match[0], times, "occurrence", bound_of(folded, *match.span())))
    found += _joined(text, folded, _figures(folded, blocked))
    return sorted(found, key=lambda quantity: (quantity.start, quantity.end))


def _heads(match: re.Match[str]) -> bool:
    """Whether the number at the start of a line is that of a heading: no unit, perhaps a word that begins like one."""
    number = Decimal(match["number"].split(".")[0])
    end, unit, _ = unit_behind(match.string, match.end("number"), Numeral(*match.span("number"), number, number))
    return unit is None or _WORD_GOES_ON.match(match.string, end) is not None


def _fractions(text: str, folded: str, blocked: bytearray) -> Iterator[Quantity]:
    """Statutes write 100분의 30 for 30 %; other fractions keep their own unit."""
    for pattern in (_FRACTION_KO, _FRACTION_EN):
        for match in pattern.finditer(folded):
            start, end = match.span()
            if any(blocked[start:end]):
                continue
            if pattern is _FRACTION_KO:
                below, above = Decimal(match[1]), Decimal(match[2])
            else:
                below = Decimal(_DENOMINATOR[match[2].lower()])
                above = Decimal({"one": 1, "a": 1, "two": 2, "three": 3, "four": 4}[match[1].lower()])
            if not below:
                continue
            blocked[start:end] = b"\1" * (end - start)
            hundredth = _HUNDREDTH.fullmatch(match[1]) is not None
            value = above * 100 / below if hundredth else round(above / below, 10)
            yield Quantity(
                start, end, text[start:end], value, "%" if hundredth else "fraction", bound_of(folded, start, end)
            )


def _figures(folded: str, blocked: bytearray) -> list[_Figure]:
    found: list[_Figure] = []
    position = 0
    starts = sorted(
        [(m.start("digits"), m, "digits") for m in _DIGITS.finditer(folded)]
        + [(m.start(), m, "words") for p in (SPELLED_EN, SPELLED_NATIVE, SPELLED_SINO) for m in p.finditer(folded)],
        key=lambda entry: entry[0],
    )
    for start, match, kind in starts:
        if start < position or any(blocked[start : match.end()]):
            continue
        figure = _digits(folded, match) if kind == "digits" else _words(folded, match)
        if figure is not None and figure.start >= position and not any(blocked[figure.start : figure.end]):
            found.append(figure)
            position = figure.end
    return found


def _digits(folded: str, match: re.Match[str]) -> _Figure | None:
    money = match["money"]
    power = _POWER.match(folded, match.start("digits"))
    if power:
        exponent = int(power["exponent"].translate(_SUPERSCRIPT)) * (-1 if power["sign"] else 1)
        raw = Decimal(power["factor"] or 1).scaleb(exponent)
        numeral = Numeral(match.start("digits"), power.end(), raw, raw)
    else:
        numeral = read_numeral(folded, match.start("digits"), match.end("digits"), money=money is not None)
    if _glued(folded, match.start("digits"), numeral):
        return None
    start = match.start()
    value = numeral.value
    negative = match["sign"] is not None
    if not negative and folded[max(0, start - 3) : start].endswith(("영하 ", "영하")):
        negative = True
        start -= 3 if folded[start - 1] == " " else 2
    end, about = numeral.end, False
    yeo = _YEO.match(folded, end)
    if yeo:
        end, about = yeo.end(), True
    plus = _PLUS.match(folded, end)
    end = plus.end() if plus else end  # "250+ companies"
    unit: units.Unit | None
    counted = False
    if money is not None:
        code = _CURRENCY_CODE.match(money.strip().rstrip("."))
        unit = units.Unit(units.CURRENCIES[code[0]]) if code and code[0] in units.CURRENCIES else None
        again = units.CURRENCY_AFTER.match(folded, end)
        end = again.end() if again else end
    else:
        unit_end, unit, counted = unit_behind(folded, end, numeral)
        end = unit_end if unit is not None else numeral.end
        if unit is None and _letters_behind(folded, numeral.end):
            return None
        if _FEET.match(folded[numeral.end : end]) and _DETERMINER.search(folded, max(0, start - 12), start):
            end, unit = numeral.end, None  # "the 4 feet" are what a machine stands on
    at_least = plus is not None
    return _Figure(start, end, numeral, -value if negative else value, unit, negative, about, counted, at_least)


def _words(folded: str, match: re.Match[str]) -> _Figure | None:
    """A number in words counts only with a unit, a counter or a scale behind it."""
    numeral = read_spelled(folded, match.start(), match.end())
    if numeral is None:
        return None
    prefix = units.CURRENCY_BEFORE.search(folded, max(0, match.start() - 6), match.start())
    if prefix:
        return _Figure(
            prefix.start(), numeral.end, numeral, numeral.value, units.Unit(units.CURRENCIES[prefix[0].strip(" .")])
        )
    end, unit, counted = unit_behind(folded, numeral.end, numeral)
    if unit is None and numeral.scale == 1:
        # "three to four weeks": a figure only if the next one lends it a unit
        if not _BEFORE_RANGE.match(folded, numeral.end):
            return None
        return _Figure(match.start(), numeral.end, numeral, numeral.value, None, tentative=True)
    text = folded[match.start() : end]
    if numeral.value == 1 and unit is not None and unit.name in units.COUNTS and _IDLE_ONE.match(text):
        return None
    before = folded[max(0, match.start() - 16) : match.start()]
    if re.match(r"[백천만억조]+ ?원", text) and re.search(r"(?:단위 ?:? ?|[(\[|] ?|수|몇)$", before):
        return None  # "(단위: 백만원)" heads a column, "수백만 원" is no figure
    return _Figure(match.start(), end if unit else numeral.end, numeral, numeral.value, unit, counted=counted)


def _glued(folded: str, start: int, numeral: Numeral) -> bool:
    """Digits inside a longer number or word, which the identifiers did not claim ("1.2.3", "2K")."""
    before = folded[start - 1] if start else " "
    return (
        before.isdigit()
        or (before in "." and start > 1 and folded[start - 2].isdigit())
        or (before == "," and start > 1 and folded[start - 2].isdigit() and numeral.value >= 100)
    )


def _letters_behind(folded: str, end: int) -> bool:
    return folded[end : end + 1].isascii() and folded[end : end + 1].isalpha()


def _joined(text: str, folded: str, figures: list[_Figure]) -> Iterator[Quantity]:
    skip = -1
    for place, figure in enumerate(figures):
        if place == skip:
            continue
        following = figures[place + 1] if place + 1 < len(figures) else None
        beyond = figures[place + 2] if place + 2 < len(figures) else None
        span = _range(folded, figure, following) if following else None
        if span and following and beyond and figure.unit and not following.unit:
            joins = folded[following.end : beyond.start].strip() in ("-", "~")
            span = None if joins else span  # "10 minutes up to 30-50 °C"
        if span == "change" and following is not None and _bounded(folded, figure, following):
            span = None  # "5 % -> 40 %+": each end for itself
        if span is not None and following is not None:
            skip = place + 1
            yield _ranged(text, folded, figure, following, span)
        elif not figure.tentative:
            yield _single(text, folded, figure)


def _bounded(folded: str, left: _Figure, right: _Figure) -> bool:
    return right.at_least or any(
        bound_of(folded, end.start, end.end) not in ("exact", "about") for end in (left, right)
    )


def _range(folded: str, left: _Figure, right: _Figure) -> Bound | None:
    """ "exact" for a range, "change" for a step from one value to another, None when the two are not joined."""
    if right.start < left.end:
        return None
    between = folded[left.end : right.start]
    if _SYMBOL_RANGE.fullmatch(between) is None:
        return None
    if left.unit is not None and right.unit is None and _is_year(right, folded):
        return None  # "KRW 800 billion to 2024"
    if left.unit is None and right.unit is not None and _is_year(left, folded) and left.value > right.numeral.raw:
        return None  # "5 % in 2025 to 40 %"
    if left.unit is not None and right.unit is None and between.strip() == "up to":
        return None
    names = (left.unit.name if left.unit else None, right.unit.name if right.unit else None)
    if None not in names and names[0] != names[1] and not (set(names) <= units.COUNTS and "count" in names):
        return None
    word = between.strip()
    before = folded[max(0, left.start - 24) : left.start]
    if word == "and":
        return "exact" if re.search(r"[Bb]etween (?:about )?$", before) else None
    if word.startswith("에서"):
        return "exact" if _BETWEEN_END.match(folded, right.end) else "change"
    if word in ("→", "->", "=>"):
        return "change"
    if "to" in word.split():
        return (
            "change"
            if re.search(r"from (?:about |under |around |nearly |over |the )?(?:[a-z]+ )?$", before)
            else "exact"
        )
    return "exact"


def _ranged(text: str, folded: str, left: _Figure, right: _Figure, kind: Bound) -> Quantity:
    unit = right.unit or left.unit
    low, high = left.value, right.value
    unscaled = left.numeral.scale == 1 and (left.unit is None or right.unit is None)  # 3~5억, KRW 3-5 billion
    if unscaled and right.numeral.scale != 1 and left.numeral.raw <= right.numeral.raw:
        low *= right.numeral.scale
    if unit is None and right.numeral.money_like:
        unit = units.Unit("KRW")
    low_unit = left.unit or unit
    if low_unit is not None and unit is not None:
        low, high = low_unit.convert(low), (right.unit or unit).convert(high)
    start, end = left.start, right.end
    bound = (
        kind if kind == "change" else bound_of(folded, start, end, duration=unit is not None and unit.name in DURATIONS)
    )
    if bound == "max" and folded[left.end : right.start].strip().startswith("에서"):
        bound = "exact"  # 50만 원에서 80만 원까지: 까지 only closes the range
    if kind == "exact" and (left.about or right.about):
        bound = "about"
    return Quantity(
        start, end, text[start:end], low, unit.name if unit else "", bound, high, unit.system if unit else "si"
    )


def _single(text: str, folded: str, figure: _Figure) -> Quantity:
    unit = figure.unit
    value = unit.convert(figure.value) if unit else figure.value
    name = unit.name if unit else ""
    written = text[figure.start : figure.end]
    if _is_year(figure, folded):
        end = figure.numeral.end
        bound = bound_of(folded, figure.start, end, calendar=True)
        return Quantity(figure.start, end, text[figure.start : end], figure.value, "calendar-year", bound)
    bound = bound_of(folded, figure.start, figure.end, duration=name in DURATIONS, bare=name in ("", "count"))
    if bound == "exact" and (figure.about or figure.at_least):
        bound = "about" if figure.about else "min"
    quantity = Quantity(figure.start, figure.end, written, value, name, bound, system=unit.system if unit else "si")
    return replace(quantity, unit="number") if not name and _BIG_WORD.search(written) else quantity


def _is_year(figure: _Figure, folded: str) -> bool:
    """ "in 2028", "25 selected 2024 projects": four plain digits without a unit (or before an English noun)."""
    numeral = figure.numeral
    return (
        (figure.unit is None or figure.counted)
        and not figure.negative
        and numeral.scale == 1
        and 1900 <= numeral.raw <= 2100
        and re.fullmatch(r"\d{4}", folded[numeral.start : numeral.end]) is not None
    )
