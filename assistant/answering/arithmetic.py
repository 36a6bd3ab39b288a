"""Sums, differences and ratios of figures that the evidence states, computed by code and shown with those figures.

No passage says by how much one interval is longer than another; two cells of a table do. Nothing is computed unless the
evidence holds exactly the figures that the question names: two of one unit whose row, column or words stand in the
question, or the only two of a unit. The model takes no part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.answering.figures import Figure, figures_of
from assistant.answering.pieces import words_of
from assistant.index.tokens import nouns
from assistant.programmes.wording import plain, won_text
from assistant.quantities import Quantity, quantities
from assistant.quantities.values import CALENDAR
from assistant.schema import Evidence, Language

#: What the question wants done, by its words; the first that fits.
_OPERATIONS = (
    (
        "growth",
        re.compile(
            r"몇 ?(%|퍼센트|프로)(?!\s?포인트|p)[가-힣]{0,2} ?(더 )?"
            r"(올[랐라]|늘[었어]|오른|오르|증가|상승|인상|줄[었어]|감소)|"
            r"\bby (how many|what) ?per ?cent(age)?\b(?! points?)",
            re.I,
        ),
    ),
    ("ratio", re.compile(r"몇 ?배|\bhow many times\b(?! (a|per|each) )", re.I)),
    (
        "mean",
        re.compile(
            r"나누면|평균 ?얼마|(한 ?곳|하나|건)(에|당) ?(평균|얼마)|\baverage (per|for each)\b|\bdivided by\b", re.I
        ),
    ),
    (
        "sum",
        re.compile(
            r"합치|합쳐|합하|더하|합계|다 합|모두 합|통틀어(?! ?(제일|가장))|"
            r"\b(altogether|combined|put together|add(ed)? up|sum of|together:? (how|what))\b|\btogether\?",
            re.I,
        ),
    ),
    (
        "difference",
        re.compile(
            r"차이[^?]*(얼마|몇)|(얼마|몇)[^?]*차이|얼마나 ?더|얼마를 ?더|몇 ?\S* ?더 |더요|"
            r"보다 몇 ?\S+ (높|낮|많|적|길|짧|크|작|빠르|늦)|몇 ?\S+ ?(올라갔|올라간|올랐|내렸|늘었|줄었)|"
            r"\bhow (much|many)( \w+){0,2} (more|less|fewer|higher|lower|longer|shorter|larger|bigger|hotter|faster)\b|"
            r"\bby how (much|many)\b|\bhow (much|many|large|big)[^?]*\bdifference\b|\bhow much[^?]* exceed",
            re.I,
        ),
    ),
    (
        "rest",
        re.compile(
            r"(나머지|남[은는았]|안 (오른|오르)|그대로|아닌|빼면|빼고|제외하)[^?]*(몇|얼마|비율|비중)|"
            r"(몇|얼마|비율|비중)[^?]*(나머지|남[은는았아]|그대로|아닌|아니었)|"
            r"\b(how (much|many)|what (share|percent(age)?|part))\b[^?]*"
            r"\b(rest|left|remain\w*|not|still|without|other than)\b",
            re.I,
        ),
    ),
)
_EACH = re.compile(r"각각|씩|\beach\b|마다", re.I)
#: A row or column that stands in the question word for word counts so many of its words.
_LITERAL = 3
_SIGNS = {"difference": "−", "rest": "−", "ratio": "÷", "mean": "÷", "product": "×"}
#: A share is added to or taken from another only when the question speaks of shares.
_SHARES = re.compile(r"%|퍼센트|프로(?!젝트|그램)|포인트|비율|비중|\b(per ?cent(age)?|share|points?)\b", re.I)
#: Between the things that a question counts up; a comma between short ones.
_AND = re.compile(
    r"(?<![^(,]{9}),(?=\s?[가-힣])|(?<![^(,]{26}),(?!\s?[가-힣])|·|"
    r"하고 |이랑 |[가-힣]랑 |[가-힣][와과] |\b및\b|\b(?:and|plus)\b",
    re.I,
)
_MONEY = re.compile(r"얼마|돈|금액|자금|예산|\d원|만 원|억|\bhow much\b|\b(money|won|KRW|costs?|funds?)\b", re.I)
#: Asks for what is still to come: no rise of the past is the answer.
_AHEAD = re.compile(r"앞으로|아직|목표를 채우|\b(to go|yet|still needed|to reach)\b", re.I)
_DIGIT = re.compile(r"\d")
_SAID: dict[Language, str] = {
    "ko": "계산하면 {formula}입니다. (위 문서에 적힌 값으로 계산)",
    "en": "Calculated: {formula}. (from the figures of the documents above)",
}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The sentence with the formula, and the pieces of evidence that hold its figures."""

    text: str
    pieces: tuple[Evidence, ...]


def operation(question: str) -> str:
    """What is to be computed: `growth`, `ratio`, `mean`, `sum`, `difference` or `rest`; empty when nothing is."""
    return next((name for name, words in _OPERATIONS if words.search(question)), "")


def reckon(question: str, language: Language, pieces: Sequence[Evidence]) -> Reckoned | None:
    """What `question` wants computed from the figures of `pieces` (best first); None when they are not exactly there.

    The best piece is tried alone before all of them: what stands together belongs together.
    """
    wanted = operation(question)
    alone = [[piece] for piece in (pieces if wanted == "rest" else pieces[:1])]
    tried = alone + ([list(pieces)] if len(pieces) > 1 else [])
    found = (_reckon(wanted, question, language, some) for some in tried if wanted)
    return next((reckoned for reckoned in found if reckoned), None)


def _reckon(wanted: str, question: str, language: Language, pieces: Sequence[Evidence]) -> Reckoned | None:
    asked = {(quantity.value, quantity.unit) for quantity in quantities(question)}
    found = [figure for piece in pieces for figure in figures_of(piece)]
    found = [figure for figure in found if (figure.quantity.value, figure.quantity.unit) not in asked]
    if not _SHARES.search(question):
        found = [figure for figure in found if figure.quantity.unit not in ("%", "%p")]
    if wanted == "mean" or (wanted == "sum" and any(_EACH.search(figure.line) for figure in found[:1])):
        return _by_count(wanted, found, language) if len(pieces) == 1 else None
    if wanted == "rest":
        if share := _complement(found, question, language):
            return share
        if still := _still_to_go(pieces, question, language):
            return still
    chosen = []
    for unit in dict.fromkeys(figure.quantity.unit for figure in found):
        same = [figure for figure in found if figure.quantity.unit == unit]
        if unit and (terms := _terms(wanted, same, question)):
            chosen.append(terms)
    if len(chosen) > 1:  # money or the counts beside it: what is asked for
        money = bool(_MONEY.search(question))
        chosen = [terms for terms in chosen if (terms[0].quantity.unit == "KRW") is money]
    return _told(wanted, chosen[0], language) if len(chosen) == 1 else None


def _complement(figures: Sequence[Figure], question: str, language: Language) -> Reckoned | None:
    """A hundred percent less the one share that the question names."""
    shares = [figure for figure in figures if figure.quantity.unit == "%"]
    scores = _named(shares, question) if len(shares) > 1 else [1] * len(shares)
    best = max(scores, default=0)
    if best == 0 or scores.count(best) > 1:
        return None
    figure = shares[scores.index(best)]
    formula = f"100% − {figure.quantity.text} = {plain(100 - figure.quantity.value)}%"
    return Reckoned(_SAID[language].format(formula=formula), (figure.piece,))


def _still_to_go(pieces: Sequence[Evidence], question: str, language: Language) -> Reckoned | None:
    """What the one limit of a row leaves of the one figure that the question gives: a reading of a meter."""
    given = [q for q in quantities(question) if q.unit not in CALENDAR and q.high is None]
    if len(given) != 1 or len(pieces) != 1 or not pieces[0].table_header:
        return None
    limits = [figure for figure in figures_of(pieces[0]) if figure.quantity.unit == given[0].unit]
    if len(limits) != 1 or limits[0].quantity.value <= given[0].value:
        return None
    left = plain(limits[0].quantity.value - given[0].value)
    formula = f"{limits[0].quantity.text} − {given[0].text} = {left}"
    return Reckoned(_SAID[language].format(formula=formula), (pieces[0],))


def _terms(wanted: str, figures: Sequence[Figure], question: str) -> tuple[Figure, ...] | None:
    """The figures that the question names: two, and more only in a sum; else the only two of one line.

    None when others are named as plainly, or when a sum has more items than are named.
    """
    figures = list({figure.quantity.value: figure for figure in reversed(figures)}.values())[::-1]
    if len(figures) < 2:
        return None
    scores = _named(figures, question)
    ranked = sorted(range(len(figures)), key=lambda number: -scores[number])
    if wanted == "sum":
        items = 1 + len(_AND.findall(question))
        listed = ranked[:items]
        apart = len(figures) == items or (len(figures) > items and scores[ranked[items]] < scores[listed[-1]])
        named = items > 1 and apart and scores[listed[-1]] > 0
        return tuple(figures[number] for number in listed) if named else None
    first, second = ranked[:2]
    if scores[second] > 0 and (len(ranked) == 2 or scores[ranked[2]] < scores[second]):
        return figures[first], figures[second]
    together = len(figures) == 2 and figures[0].line == figures[1].line and not _AHEAD.search(question)
    return (figures[0], figures[1]) if together else None


def _named(figures: Sequence[Figure], question: str) -> list[int]:
    """How plainly the question names each figure, by words that do not name all of them."""
    squeezed = _squeezed(question)
    # a year names no figure by itself: documents and questions are full of them
    asked = frozenset(word for word in words_of(question) if not _DIGIT.search(word))
    words = [frozenset[str]().union(*map(words_of, figure.labels)) for figure in figures]
    shared = frozenset.intersection(*words)
    labels = [{_squeezed(label) for label in _names(figure)} for figure in figures]
    of_all = set.intersection(*labels)
    return [
        len((own - shared) & asked) + _LITERAL * any(len(label) > 1 and label in squeezed for label in mine - of_all)
        for own, mine in zip(words, labels, strict=True)
    ]


def _names(figure: Figure) -> tuple[str, ...]:
    """The labels of a figure; in prose also the noun right before it: "에서 국비 60억 원과 지방비 104억 원"."""
    if figure.piece.table_header:
        return figure.labels
    return (*figure.labels, *(noun for label in figure.labels for noun in nouns(label)[-1:]))


def _squeezed(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _by_count(wanted: str, found: Sequence[Figure], language: Language) -> Reckoned | None:
    """Money and a count in one line: the money for each (mean), or what each gets times the count."""
    for line in dict.fromkeys(figure.line for figure in found):
        here = [figure for figure in found if figure.line == line]
        money = [figure for figure in here if figure.quantity.unit == "KRW"]
        counts = [figure for figure in here if figure.quantity.unit not in ("KRW", "%", "month", "year", "day")]
        if len(money) == 1 and len(counts) == 1 and counts[0].quantity.value > 0:
            return _told("mean" if wanted == "mean" else "product", (money[0], counts[0]), language)
    return None


def _told(wanted: str, terms: Sequence[Figure], language: Language) -> Reckoned | None:
    one, other = terms[:2]
    if wanted in ("difference", "ratio", "rest") and one.quantity.value < other.quantity.value:
        one, other = other, one
    a, b = one.quantity.value, other.quantity.value
    if (wanted in ("ratio", "mean") and not b) or (wanted == "growth" and (not a or one.line != other.line)):
        return None
    pieces = tuple({figure.piece.id: figure.piece for figure in terms}.values())
    if wanted == "growth":
        change = plain(((b - a) / a * 100).quantize(Decimal("0.1")))
        formula = f"({other.quantity.text} − {one.quantity.text}) ÷ {one.quantity.text} = {change}%"
        return Reckoned(_SAID[language].format(formula=formula), pieces)
    if wanted == "sum":
        value = sum((figure.quantity.value for figure in terms), Decimal(0))
        left = " + ".join(figure.quantity.text for figure in terms)
    else:
        value = a * b if wanted == "product" else a / b if wanted in ("ratio", "mean") else a - b
        left = f"{one.quantity.text} {_SIGNS[wanted]} {other.quantity.text}"
    result = _result(value, "x" if wanted == "ratio" else one.quantity.unit, one.quantity, other.quantity, language)
    return Reckoned(_SAID[language].format(formula=f"{left} = {result}"), pieces)


def _result(value: Decimal, unit: str, one: Quantity, other: Quantity, language: Language) -> str:
    rounded = value.quantize(Decimal("0.01")) if value != value.quantize(Decimal("0.0001")) else value
    if unit == "KRW":
        return won_text(value.to_integral_value(), language)
    if unit == "x":
        return f"{plain(rounded)}배" if language == "ko" else f"{plain(rounded)} times"
    number, written = re.search(r"\d[\d,]*(?:\.\d+)?", one.text), re.search(r"\d[\d,]*(?:\.\d+)?", other.text)
    suffix = one.text[number.end() :] if number else ""
    if unit == "%":
        return f"{plain(rounded)}%포인트" if language == "ko" else f"{plain(rounded)} percentage points"
    if not number or not written or suffix.strip() != other.text[written.end() :].strip():
        return plain(rounded)
    scale = Decimal(number.group().replace(",", "")) / one.value if one.value else Decimal(1)
    return f"{plain((value * scale).quantize(Decimal('0.0001')).normalize() + 0)}{suffix}"
