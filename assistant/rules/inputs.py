"""From what a person typed to a typed input: won, percent, dates, counts, choices, yes or no.

Amounts are read by `assistant.text.quantities`, so "10억", "2조 5,000억" and "1.5 billion won" are understood alike.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from assistant.errors import QuestionError
from assistant.rules.definition import Input
from assistant.rules.values import Missing, Text
from assistant.rules.wording import percent_text
from assistant.text.quantities import Quantity, quantities

InputValue = Decimal | date | str | bool

_YES = re.compile(r"(?:yes|y|true|예|네|맞습니다|그렇습니다|있음|해당)\.?", re.IGNORECASE)
_NO = re.compile(r"(?:no|n|false|아니오|아니요|아닙니다|없음|해당 ?없음)\.?", re.IGNORECASE)
#: Above this an amount is a slip of the keyboard: the whole economy produces less in a year.
_MOST_WON = Decimal(10) ** 16

_ACCEPTED = {
    "won": Text("원 단위 금액(예: 10억, 5,000만 원)", "an amount in won (for example 10억, KRW 1.5 billion)"),
    "percent": Text("퍼센트(예: 40%)", "a percentage (for example 40%)"),
    "date": Text("날짜(예: 2026-11-20)", "a date (for example 2026-11-20)"),
    "count": Text("0 이상의 정수", "a whole number from 0"),
    "flag": Text("예 또는 아니오", "yes or no"),
}


def accepted(entry: Input) -> Text:
    """Describe the values that an input takes."""
    if entry.kind != "choice":
        return _ACCEPTED[entry.kind]
    names = entry.choices.values()
    return Text(
        ", ".join(f"{choice.name}({choice.label.ko})" for choice in names),
        ", ".join(f"{choice.name} ({choice.label.en})" for choice in names),
    )


def missing(entry: Input) -> Missing:
    """Describe how to ask for an input."""
    return Missing(entry.name, entry.label, entry.question, accepted(entry))


def parse(entry: Input, text: str) -> InputValue:
    """Read `text` as a value of `entry`. Raises QuestionError that names the accepted values."""
    words = text.strip()
    value = _READERS[entry.kind](entry, words) if words else None
    if value is None:
        allowed = accepted(entry)
        raise QuestionError(
            f"{entry.name}: {text!r} cannot be used.", f"Give {allowed.en}. {allowed.ko}을(를) 적어 주십시오."
        )
    return value


def written(value: InputValue) -> str:
    """Write a value as `parse` takes it: digits, a day in ISO 8601, the name of a choice, yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return percent_text(value)
    return value.isoformat() if isinstance(value, date) else value


def won_of(quantity: Quantity) -> Decimal | None:
    """Give the whole won of an amount; None for another unit, a range, a fraction of a won or an absurd size."""
    if quantity.unit not in ("KRW", "number", "") or quantity.high is not None:
        return None
    value = quantity.value
    if value != value.to_integral_value() or not 0 <= value <= _MOST_WON:
        return None
    return value.quantize(Decimal(1))


def day_of(quantity: Quantity, today: date) -> date | None:
    """Give the day of a date; one without a year is the nearest such day to `today`, one without a day none."""
    digits = int(quantity.value)
    if quantity.unit == "date":
        return _day(digits // 10000, digits // 100 % 100, digits % 100)
    if quantity.unit != "month-day":
        return None
    days = [_day(year, digits // 100, digits % 100) for year in (today.year - 1, today.year, today.year + 1)]
    known = [day for day in days if day is not None]
    return min(known, key=lambda day: abs((day - today).days)) if known else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _one(words: str) -> Quantity | None:
    """The only quantity of `words`, when it is all they say."""
    found = quantities(words)
    if len(found) != 1 or found[0].bound not in ("exact", "about"):
        return None
    rest = (words[: found[0].start] + words[found[0].end :]).strip(" .원약")
    return found[0] if rest.lower() in ("", "won", "krw") else None


def _won(_: Input, words: str) -> Decimal | None:
    quantity = _one(words)
    return won_of(quantity) if quantity else None


def _percent(_: Input, words: str) -> Decimal | None:
    quantity = _one(words)
    if quantity is None or quantity.unit not in ("%", "") or quantity.high is not None:
        return None
    return quantity.value if 0 <= quantity.value <= 100 else None


def _date(_: Input, words: str) -> date | None:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
        return _day(*map(int, words.split("-")))
    quantity = _one(words)
    return day_of(quantity, date.today()) if quantity and quantity.unit == "date" else None


def _count(_: Input, words: str) -> Decimal | None:
    match = re.fullmatch(r"(\d{1,3})(?: ?(?:개|projects?))?", words)
    return Decimal(match[1]) if match else None


def _flag(_: Input, words: str) -> bool | None:
    if _YES.fullmatch(words):
        return True
    return False if _NO.fullmatch(words) else None


def _choice(entry: Input, words: str) -> str | None:
    """The choice that `words` are the key or the label of, or a part of the label of this one alone."""
    typed = squeezed(words)
    labels = {choice.name: (squeezed(choice.label.ko), squeezed(choice.label.en)) for choice in entry.choices.values()}
    if typed in labels:
        return typed
    whole = [name for name, pair in labels.items() if typed in pair]
    part = [name for name, pair in labels.items() if any(typed in label for label in pair)]
    fitting = whole or part
    return fitting[0] if len(fitting) == 1 else None


def squeezed(words: str) -> str:
    """Put `words` in small letters without spaces."""
    return "".join(words.lower().split())


_READERS = {"won": _won, "percent": _percent, "date": _date, "count": _count, "flag": _flag, "choice": _choice}
