"""Years that a question names by their distance from today: 작년, 지난해, 재작년, last year.

Documents name years by their number, so "작년 지역형" finds nothing of 2025. This year is left as it is: it asks for
the present, which is a matter of what is in force.
"""

from __future__ import annotations

import re
from datetime import date

_KOREAN = re.compile(r"(재작년|작년|지난 ?해|내년)([와는가를](?![가-힣]))?")
_ENGLISH = re.compile(r"\b(?:(in|of|from|for|since) )?(the year before last|last year)('s)?\b", re.I)
_YEARS = {"재작년": -2, "작년": -1, "지난해": -1, "내년": 1, "the year before last": -2, "last year": -1}
#: Particles behind 해, and behind 년.
_PARTICLES = {"와": "과", "는": "은", "가": "이", "를": "을"}


def with_years(question: str, today: date) -> str:
    """Write last year, the year before and (in Korean) next year in `question` as numbers, counted from `today`."""

    def korean(found: re.Match[str]) -> str:
        year = today.year + _YEARS[found[1].replace(" ", "")]
        return f"{year}년{_PARTICLES[found[2]] if found[2] else ''}"

    def english(found: re.Match[str]) -> str:
        year = today.year + _YEARS[found[2].casefold()]
        if found[3]:  # "last year's call": the 2025 call
            return f"{found[1]} {year}" if found[1] else str(year)
        return f"{found[1] or 'in'} {year}"

    return _ENGLISH.sub(english, _KOREAN.sub(korean, question))
