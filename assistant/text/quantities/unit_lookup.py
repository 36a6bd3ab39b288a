"""The unit, currency or counter that stands behind a number."""

from __future__ import annotations

import re

from assistant.text.quantities.numerals import Numeral
from assistant.text.quantities.units import (
    COUNTER_KO,
    COUNTERS,
    CURRENCIES,
    CURRENCY_AFTER,
    MEASURE,
    MEASURE_ANY_CASE,
    MEASURES,
    MEASURES_ANY_CASE,
    NOUN_KO,
    ORDINAL_EN,
    Unit,
)

_GAP = re.compile("[ -]?")
_WORD = re.compile(r" ?([A-Za-z]+(?:-[A-Za-z]+)*)")
# Words that end the search for the noun that a number counts.
_STOP_NOUN_TEXT = (
    "of in and or for to from by with the a an is are was were at on per than as that which who will has "
    "have had can may must not but if when then if into over under between more less other each its their "
    "this these those "
)
#: Plurals without s.
_PLURAL = frozenset({"people", "staff", "GPU", "ea", "EA", "SME"})
_STOP_NOUN = frozenset(_STOP_NOUN_TEXT.split())


def unit_behind(folded: str, end: int, numeral: Numeral) -> tuple[int, Unit | None, bool]:
    """Find (end of the unit, the unit, whether it is an English noun that may follow a year); None: no unit."""
    gap = _GAP.match(folded, end)
    at = gap.end() if gap else end
    dash = gap is not None and gap[0] == "-"
    currency = CURRENCY_AFTER.match(folded, at)
    if currency and not dash:
        return currency.end(), Unit(CURRENCIES[currency[0]]), False
    candidates: list[tuple[int, Unit]] = []
    for table, pattern, lower in (
        (MEASURES, MEASURE, False),
        (MEASURES_ANY_CASE, MEASURE_ANY_CASE, True),
    ):
        match = pattern.match(folded, at)
        if match and not (dash and len(match[0]) < 3):
            spelling = match[0].lower() if lower else match[0]
            unit = (
                table.get(spelling) or table.get(spelling.replace("-", " ")) or MEASURES_ANY_CASE.get(spelling.lower())
            )
            if unit is not None:
                candidates.append((match.end(), unit))
    counter = COUNTER_KO.match(folded, at)
    if counter and not dash:
        noun = NOUN_KO.match(folded, counter.end()) if counter[0] == "개" else None
        name = COUNTERS[
            noun["noun"] if noun else counter[0].replace(" ", "") if counter[0] not in COUNTERS else counter[0]
        ]
        candidates.append((noun.end() if noun else counter.end(), Unit(name)))
    if candidates:
        best = max(candidates, key=lambda entry: entry[0])
        return best[0], best[1], False
    if numeral.money_like:
        return numeral.end, Unit("KRW"), False
    ordinal = ORDINAL_EN.match(folded, end)
    if ordinal and numeral.scale == 1 and not numeral.spelled:
        return ordinal.end(), Unit("ordinal"), False
    return _noun(folded, at if dash or at > end else end, singular=dash or numeral.value == 1)


def _noun(folded: str, at: int, *, singular: bool) -> tuple[int, Unit | None, bool]:
    """The English noun that a number counts, up to four words behind it: "26 lead projects".

    Unless `singular`, only a plural counts: the 500 of "500 AI factory lead projects" are projects.
    """
    position = at
    for _ in range(5):
        word = _WORD.match(folded, position)
        if word is None or word[1].lower() in _STOP_NOUN:
            break
        name = COUNTERS.get(word[1]) or COUNTERS.get(word[1].lower())
        if name and (singular or word[1].endswith("s") or word[1] in _PLURAL):
            # the last of several nouns counts: "12 industry divisions", "13 research institutes"
            following = _WORD.match(folded, word.end())
            further = COUNTERS.get(following[1].lower()) if following and following[1].endswith("s") else None
            if following and further:
                return following.end(), Unit(further), True
            return word.end(), Unit(name), True
        position = word.end()
    return at, None, False
