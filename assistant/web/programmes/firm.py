"""A firm as the page's form has it: what was sent becomes a profile, and a profile becomes values of fields.

Amounts are typed in hundreds of millions of won (억 원), as firms write them; one with its own unit counts as written.
Knows neither HTML nor the index.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal, get_args

from assistant.errors import QuestionError
from assistant.finder.fields import fields, parse_profile
from assistant.rules.wording import plain
from assistant.text.language import clean_question

Sort = Literal["verdict", "deadline", "amount"]
SORTS: tuple[Sort, ...] = get_args(Sort)
#: The fields of the short form, in its order.
QUICK = ("industry", "region", "years", "size", "sales", "assets", "robots", "ai", "money")
#: Longest value of a field, in characters.
VALUE_CHARS = 100

_WON_UNIT = Decimal(10) ** 8
_BARE = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Sent:
    """What the form sent: a sentence to be read, or the sentence that was read before; fields as they were typed.

    `unsure`: fields that were not clear in the sentence that was read before. `kept`: the firm is to be stored with the
    account, or is; `asked`: the form had the tick, so that without it what is stored goes.
    """

    text: str = ""
    said: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()
    sort: Sort = "verdict"
    show: str = ""
    kept: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Firm:
    """A profile in the engine's words, and the fields whose values cannot be used."""

    profile: Mapping[str, str]
    wrong: tuple[str, ...]


def sent_of(form: Mapping[str, Any], max_chars: int) -> Sent:
    """Take what a form sent; what is no text, or no name of ours, does not count."""
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    sort, show = given.get("sort", ""), given.get("show", "")
    unsure = given.get("unsure", "").split(",")
    return Sent(
        text=given.get("text", "").strip(),
        said=_cleaned(given.get("said", ""), max_chars),
        typed={name: given[name].strip()[:VALUE_CHARS] for name in fields() if given.get(name, "").strip()},
        unsure=tuple(name for name in fields() if name in unsure),
        sort=sort if sort in SORTS else "verdict",
        show=show,
        kept=given.get("keep") == "keep",
        asked=given.get("asked") == "keep",
    )


def _cleaned(text: str, max_chars: int) -> str:
    try:
        return clean_question(text[:max_chars], max_chars)
    except QuestionError:
        return ""


def firm_of(sent: Sent) -> Firm:
    """Read the typed fields; those that cannot be used are named."""
    profile: dict[str, str] = {}
    wrong = []
    for name, words in sent.typed.items():
        value = _canonical(name, words)
        try:
            parse_profile({name: value})
        except QuestionError:
            wrong.append(name)
        else:
            profile[name] = value
    return Firm(profile, tuple(wrong))


def _canonical(name: str, words: str) -> str:
    """A bare number in a field for money counts hundreds of millions of won."""
    if fields()[name].entry.kind != "won" or not _BARE.fullmatch(words):
        return words
    won = Decimal(words.replace(",", "")) * _WON_UNIT
    # with its unit, for 2024 alone would be a year
    return f"{int(won) if won == won.to_integral_value() else won:f}원"


def typed(name: str, value: Any) -> str:
    """Give the value of a profile as its field has it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return plain(value / _WON_UNIT if fields()[name].entry.kind == "won" else value)
    return str(value)


def understood(sent: Sent, taken: Mapping[str, Any], unsure: tuple[str, ...], text: str) -> Sent:
    """Give the form of the next request: the sentence was read, its fields are typed in."""
    return replace(
        sent, text="", said=text, typed={name: typed(name, value) for name, value in taken.items()}, unsure=unsure
    )
