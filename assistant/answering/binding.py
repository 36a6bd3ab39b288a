"""Whether the figures, names and words of degree of an answer stand where the source has them.

Each of them is a slot: the words around it say whose figure or whose name it is. In the source, the place of the same
figure is compared with the places of the others of its kind (the 23 % beside the 56 %, the secretariat beside the
anchor, "before" beside "after"). When another one fits the answer's slot clearly better, the answer has exchanged them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from assistant.answering.slots import Line, Token, lines_of, stem, tokens
from assistant.quantities.values import CALENDAR
from assistant.schema import Evidence

#: How much better another place must fit (0…1) before two things count as exchanged. Dates stand anywhere in a
#: sentence, so that their places differ more.
MARGIN = 0.06
MARGIN_DATES = 0.15
_LEAST = 0.3
#: Words in brackets this near to a name may be another name for it.
_BRACKETED = 8
#: Words further away than this do not say whose figure it is.
_REACH = 10
_CLAUSE_BETWEEN = 0.5
_OTHER_SIDE = 0.8
_IN_PART = 0.3
_TOPIC, _CARRIED = 2, 0.6

_DIRECTION = {"min": "up", "more": "up", "max": "down", "less": "down"}
_CODED = re.compile(r"\d")

Words = Mapping[str, frozenset[str]]


def exchanged(sentence: str, cited: Sequence[Evidence], translations: Words | None = None) -> list[str]:
    """What stands in the place of another thing, in words for a log.

    With `translations` (words of the answer in the language of the source) only figures are compared.
    """
    lines = [line for piece in cited for line in lines_of(piece)]
    said = _with_opening_name(sentence, tokens(sentence), lines)
    wrong = []
    for token in said:
        if token.kind == "word" or (translations is not None and token.kind != "figure"):
            continue
        own, rival, other = _best(said, token, lines, translations or {})
        margin = MARGIN_DATES if token.figure and token.figure.unit in CALENDAR else MARGIN
        if rival > own + margin and rival > _LEAST:
            wrong.append(f"{token.key} for {other} ({own:.2f} < {rival:.2f})")
    return wrong


def _with_opening_name(sentence: str, said: Line, lines: Sequence[Line]) -> Line:
    """The first word of a sentence is a name when the source has it as one inside a sentence."""
    if not said or said[0].kind != "word" or not sentence[said[0].start].isupper():
        return said
    written = sentence[said[0].start : said[0].end].lower()
    if not any(place.kind == "name" and _alike(written, place.key) for line in lines for place in line):
        return said
    return (replace(said[0], kind="name", key=written), *said[1:])


def _best(said: Line, token: Token, lines: Sequence[Line], translations: Words) -> tuple[float, float, str]:
    """How well the best place of the same thing fits, and how well the best place of another (and which)."""
    own = rival = 0.0
    other = ""
    phrase = said[max(0, token.rank - 2) : token.rank + 3]
    for line in lines:
        same = [place for place in line if _same(token, place)]
        own = max([own, *(_fit(said, token, line, place, translations) for place in same)])
        for place in line:
            if place in same or not _of_a_kind(token, place):
                continue
            if any(abs(place.rank - known.rank) <= _BRACKETED and place.aside != known.aside for known in same):
                continue  # "AAS" in brackets behind the long name
            if token.kind == "name" and (
                any(place.key == word.key for word in phrase)
                or any(abs(place.rank - known.rank) == 1 and place.clause == known.clause for known in same)
            ):
                continue  # words of one phrase fit each other's places, above all when one of them was left out
            fits = _fit(said, token, line, place, translations)
            if fits > rival:
                rival, other = fits, place.key
    return own, rival, other


def _same(one: Token, other: Token) -> bool:
    if one.figure and other.figure:
        opposite = {_DIRECTION.get(one.figure.bound), _DIRECTION.get(other.figure.bound)} == {"up", "down"}
        return one.figure.value in (other.figure.value, other.figure.high) and not opposite
    if one.kind == "name":
        return other.kind in ("name", "word") and _alike(one.key, other.key) > 0
    return one.kind == other.kind and one.key == other.key


def _of_a_kind(one: Token, other: Token) -> bool:
    """Whether two tokens could stand for one another: figures of one unit, two names or two codes."""
    if one.figure and other.figure:
        return one.figure.unit == other.figure.unit
    if one.kind == "name" and len(other.key) > 1 and other.kind == "word" and not other.rank:
        return not _CODED.search(one.key)  # the head of a row begins with a capital like any sentence
    if one.kind != other.kind or (one.kind == "name" and len(other.key) < 2):
        return False
    return _CODED.search(one.key) is None or _CODED.search(other.key) is not None


def _fit(said: Line, token: Token, line: Line, place: Token, translations: Words) -> float:
    """How well the words around `token` in the answer stand around `place` in the source, 0…1."""
    total = held = 0.0
    for word in said[max(0, token.rank - _REACH) : token.rank + _REACH + 1]:
        if word is token or (word.kind == token.kind == "name" and _alike(word.key, token.key)):
            continue
        # what a sentence or a row begins with is often what all of it is about
        weight = max(_nearness(word, token), _CARRIED if word.rank < _TOPIC else 0.0)
        total += weight
        best = 0.0
        for near in line[max(0, place.rank - 2 * _REACH) : place.rank + 2 * _REACH + 1]:
            if near is not place and (alike := _match(word, near, translations)):
                side = 1.0 if (near.rank < place.rank) == (word.rank < token.rank) else _OTHER_SIDE
                carried = _CARRIED if near.rank < _TOPIC else 0.0
                best = max(best, alike * side * max(carried, _nearness(near, place)))
        held += min(best, weight)
    return held / total if total else 0.0


def _nearness(one: Token, other: Token) -> float:
    return float(_CLAUSE_BETWEEN ** min(2, abs(one.clause - other.clause)) / max(1, abs(one.rank - other.rank)) ** 0.5)


def _match(word: Token, near: Token, translations: Words) -> float:
    if word.figure or near.figure:
        return float(bool(word.figure and near.figure and _same(word, near) and _of_a_kind(word, near)))
    if word.kind != near.kind and not {word.kind, near.kind} <= {"word", "name"}:
        return 0.0
    return max(_alike(key, near.key) for key in (word.key, *translations.get(word.key, ())))


@lru_cache(maxsize=65536)
def _alike(one: str, other: str) -> float:
    """1 for the same word, less for a part of it: 기업 in 중소기업, Hyundai in Hyundai Motor."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) < 2:
        return 0.0
    if "가" <= short[0] <= "힣":
        return _IN_PART if short in long else 0.0
    if " " not in one + other and stem(one) == stem(other):
        return 1.0
    return _IN_PART if set(short.split()) <= set(long.split()) else 0.0
