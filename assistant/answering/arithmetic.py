"""Sums, differences and ratios of figures that the evidence states, computed by code and shown with those figures.

No passage says by how much one interval is longer than another; two cells of a table do. Nothing is computed unless the
evidence holds exactly the figures that the question names: by row, column or the words beside them. Unnamed are only
the two ends of a change, a part and its whole, and the two figures of a line between which a difference is asked for.
The model takes no part.
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
from assistant.quantities.units import COUNTS
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
            r"(나머지|남[은는았]|안 (오른|오르)|그대로)[^?]{0,80}(몇|얼마|비율|비중)|"
            r"(몇|얼마|비율|비중)[^?]{0,80}(나머지|남[은는았아]|그대로)|"
            r"(아닌|빼면|빼고|제외하)[^?]{0,80}(비율|비중|몇 ?(%|퍼센트|프로))|"
            r"\bhow (much|many)\b[^?]{0,80}\b(rest|left|remain\w*)\b|"
            r"\b(share|per ?cent(age)?)\b[^?]{0,80}\b(rest|left|remain\w*|not|still|without|other than)\b",
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
    r"하고 |이랑 |[가-힣]랑 |그리고 |에다 |까지 |[가-힣]와 |[가-힣](?<![결효성초부통경학])과 |\b및\b|\b(?:and|plus)\b",
    re.I,
)
_MONEY = re.compile(r"얼마|돈|금액|자금|예산|\d원|만 원|억|\bhow much\b|\b(money|won|KRW|costs?|funds?)\b", re.I)
_HOW_MANY = re.compile(r"몇 ?(개|곳|명|사|건|군데)|\bhow many\b", re.I)
#: Asks for what is still to come: no rise of the past is the answer.
_AHEAD = re.compile(r"앞으로|아직|목표를 채우|\b(to go|yet|still needed|to reach)\b", re.I)
#: Asks of two figures what lies between them, whichever they are.
_BETWEEN = re.compile(r"차이|\bdifference\b", re.I)
_COMPARED = re.compile(r"보다|차이|\b(than|difference)\b", re.I)
#: A rise or fall; and two figures of which one is a part of the other.
_CHANGE = re.compile(
    r"올[라랐]|늘[었어]|오른|오르|증가|상승|인상|몇 ?배|\b(rise|rose|grow|grew|climb|increase|go up|went up|times)",
    re.I,
)
_FALL = re.compile(r"줄[었어]|감소|인하|내[리렸]|\b(fall|fell|drop|shrink|decrease|cut|go down|went down)", re.I)
_PART_OF = re.compile(r"가운데|중|\bof\b", re.I)
#: What is paid or granted is not a share of a whole that others make up; what is said of each is divided already.
_TERMS_OF_MONEY = re.compile(
    r"지원|부담|한도|금리|할인|세율|부가세|\b(support|contribution|interest|discount|limit|rate|funding)\b", re.I
)
_DIVIDED = re.compile(r"평균|당 |당$|씩|마다|\b(average|each|per)\b", re.I)
_REPEATED = re.compile(r"매년|매월|연간|해마다|\b(a|per|every|each) (year|month)\b|\bannual", re.I)
#: A figure as it is written: a number and a unit without another number ("2만 5천" has two).
_WRITTEN = re.compile(r"(?P<number>[-−]?\d[\d,]*(?:\.\d+)?)(?P<unit>\D*)")
_MOST_DIGITS = 20
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
        asks_money = wanted == "mean" or not _HOW_MANY.search(question)
        return _by_count(wanted, found, language) if len(pieces) == 1 and asks_money else None
    if wanted == "rest":
        if len(pieces) == 1 and (share := _complement(found, question, language)):
            return share
        if still := _still_to_go(pieces, question, language):
            return still
    chosen = []
    for unit in dict.fromkeys(figure.quantity.unit for figure in found):
        same = [figure for figure in found if figure.quantity.unit == unit]
        # what is left of shares is their complement
        if unit and (unit, wanted) != ("%", "rest") and (terms := _terms(wanted, same, question)):
            chosen.append(terms)
    if len(chosen) > 1:  # money or the counts beside it: what is asked for
        money = bool(_MONEY.search(question))
        chosen = [terms for terms in chosen if (terms[0].quantity.unit == "KRW") is money]
    return _told(wanted, chosen[0], language) if len(chosen) == 1 else None


def _complement(figures: Sequence[Figure], question: str, language: Language) -> Reckoned | None:
    """A hundred percent less the one share of a whole that the question names."""
    shares = [
        figure
        for figure in figures
        if figure.quantity.unit == "%"
        and figure.quantity.bound in ("exact", "about")
        and 0 < figure.quantity.value < 100
    ]
    if not shares or any(_TERMS_OF_MONEY.search(figure.line) for figure in shares):
        return None
    scores = _named(shares, question)
    best = max(scores)
    if best == 0 or scores.count(best) > 1:
        return None
    figure = shares[scores.index(best)]
    formula = f"100% − {figure.quantity.text} = {plain(100 - figure.quantity.value)}%"
    return _stated(formula, language, (figure,))


def _still_to_go(pieces: Sequence[Evidence], question: str, language: Language) -> Reckoned | None:
    """What the one limit of a row leaves of the one figure that the question gives: a reading of a meter."""
    given = [q for q in quantities(question) if q.unit not in CALENDAR and q.high is None]
    if len(given) != 1 or len(pieces) != 1 or not pieces[0].table_header:
        return None
    limits = [figure for figure in figures_of(pieces[0]) if figure.quantity.unit == given[0].unit]
    if len(limits) != 1 or limits[0].quantity.value <= given[0].value:
        return None
    limit = limits[0].quantity
    left = _result(limit.value - given[0].value, "rest", limit, given[0], language)
    return _stated(f"{limit.text} − {given[0].text} = {left}", language, limits) if left else None


def _terms(wanted: str, figures: Sequence[Figure], question: str) -> tuple[Figure, ...] | None:
    """The figures that the question names: two, and more only in a sum; else the two of one line that belong together.

    None when others are named as plainly, or when a sum has more items than are named.
    """
    figures, scores = _distinct(figures, _named(figures, question))
    if len(figures) < 2:
        return None
    ranked = sorted(range(len(figures)), key=lambda number: -scores[number])
    if wanted == "sum":
        items = 1 + len(_AND.findall(question))
        listed = ranked[:items]
        apart = len(figures) == items or (len(figures) > items and scores[ranked[items]] < scores[listed[-1]])
        left_out = any(scores[number] >= _LITERAL for number in ranked[items:])
        named = items > 1 and apart and scores[listed[-1]] > 0 and not left_out
        return tuple(figures[number] for number in listed) if named else None
    first, second = (figures[number] for number in ranked[:2])
    alone = len(ranked) == 2 or scores[ranked[2]] < scores[ranked[1]]
    if first.change or second.change:
        ends = sorted(ranked[:2])
        asked = alone and _asked_change(wanted, first, second, question)
        return (figures[ends[0]], figures[ends[1]]) if asked else None
    if wanted == "growth":
        return None
    if scores[ranked[1]] > 0 and alone:
        return (first, second) if _told_apart(first, second, question) else None
    pair = len(figures) == 2 and _together(wanted, figures[0], figures[1], scores, question)
    return (figures[0], figures[1]) if pair else None


def _together(wanted: str, one: Figure, other: Figure, scores: Sequence[int], question: str) -> bool:
    """Whether the only two figures of a line are meant without being named both."""
    if one.line != other.line or _AHEAD.search(question):
        return False
    if wanted == "rest":
        return bool(_PART_OF.search(one.line[one.quantity.end : other.quantity.start]))
    in_one_cell = one.labels == other.labels and _COMPARED.search(question)
    return bool(in_one_cell) or (not any(scores) and bool(_BETWEEN.search(question)))


def _distinct(figures: Sequence[Figure], scores: Sequence[int]) -> tuple[list[Figure], list[int]]:
    """The figures without those that say the same amount once more, unless the question names both by their labels."""
    kept: list[int] = []
    for number in sorted(range(len(figures)), key=lambda each: (-scores[each], each)):
        again = any(figures[other].quantity.value == figures[number].quantity.value for other in kept)
        if not again or scores[number] >= _LITERAL:
            kept.append(number)
    kept.sort()
    return [figures[number] for number in kept], [scores[number] for number in kept]


def _asked_change(wanted: str, one: Figure, other: Figure, question: str) -> bool:
    """Whether two figures are the ends of one change, and that change is asked for."""
    ends = one.line == other.line and one.labels == other.labels and wanted != "rest" and not _AHEAD.search(question)
    return ends and bool(_CHANGE.search(question) or _FALL.search(question))


def _told_apart(one: Figure, other: Figure, question: str) -> bool:
    """Whether the question names of both figures what their labels do not share; or they share all."""
    if one.labels == other.labels:
        return True
    asked, squeezed = words_of(question), _squeezed(question)
    for mine, theirs in ((one, other), (other, one)):
        own = frozenset().union(*map(words_of, mine.labels)) - frozenset().union(*map(words_of, theirs.labels))
        names = {_squeezed(name) for name in _names(mine)} - {_squeezed(name) for name in _names(theirs)}
        if not own & asked and not any(len(name) > 1 and name in squeezed for name in names):
            return False
    return True


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
    unfit = _DIVIDED if wanted == "mean" else _REPEATED
    for line in dict.fromkeys(figure.line for figure in found):
        here = [figure for figure in found if figure.line == line]
        money = [figure for figure in here if figure.quantity.unit == "KRW"]
        counts = [figure for figure in here if figure.quantity.unit not in ("KRW", "%", "month", "year", "day")]
        if len(money) == 1 and len(counts) == 1 and counts[0].quantity.value > 0 and not unfit.search(line):
            return _told("mean" if wanted == "mean" else "product", (money[0], counts[0]), language)
    return None


def _told(wanted: str, terms: Sequence[Figure], language: Language) -> Reckoned | None:
    one, other = terms[:2]
    if wanted in ("difference", "ratio", "rest") and one.quantity.value < other.quantity.value:
        one, other = other, one
    a, b = one.quantity.value, other.quantity.value
    if not b or not a or (a == b and wanted in ("difference", "rest", "ratio", "growth")):
        return None
    if wanted == "growth":
        high, low = (other, one) if b > a else (one, other)
        change = plain((abs(b - a) / a * 100).quantize(Decimal("0.1")))
        formula = f"({high.quantity.text} − {low.quantity.text}) ÷ {one.quantity.text} = {change}%"
        return _stated(formula, language, terms)
    if wanted == "sum":
        value = sum((figure.quantity.value for figure in terms), Decimal(0))
        left = " + ".join(figure.quantity.text for figure in terms)
    else:
        value = a * b if wanted == "product" else a / b if wanted in ("ratio", "mean") else a - b
        left = f"{one.quantity.text} {_SIGNS[wanted]} {other.quantity.text}"
    result = _result(value, wanted, one.quantity, other.quantity, language)
    return _stated(f"{left} = {result}", language, terms) if result else None


def _stated(formula: str, language: Language, figures: Sequence[Figure]) -> Reckoned:
    """The formula in a sentence, with the pieces that hold its figures, each once."""
    pieces = {figure.piece.id: figure.piece for figure in figures}
    return Reckoned(_SAID[language].format(formula=formula), tuple(pieces.values()))


def _result(value: Decimal, wanted: str, one: Quantity, other: Quantity, language: Language) -> str:
    """The result in the unit of its terms; empty where the two are written in different ones."""
    if value.adjusted() > _MOST_DIGITS:
        return ""
    rounded = value.quantize(Decimal("0.01")) if value != value.quantize(Decimal("0.0001")) else value
    if wanted == "ratio":
        unfit = one.unit.startswith("°")
        return "" if unfit else f"{plain(rounded)}배" if language == "ko" else f"{plain(rounded)} times"
    if one.unit == "KRW":
        return won_text(value.to_integral_value(), language)
    if one.unit == "%":
        return f"{plain(rounded)}%포인트" if language == "ko" else f"{plain(rounded)} percentage points"
    first, second = _WRITTEN.fullmatch(one.text), _WRITTEN.fullmatch(other.text)
    if not first or not second:
        return ""
    same = first["unit"].strip() == second["unit"].strip()
    if not same and one.unit not in COUNTS:
        return ""
    a, b = (Decimal(match["number"].replace(",", "").replace("−", "-")) for match in (first, second))
    return f"{plain(a + b if wanted == 'sum' else abs(a - b))}{first['unit'] if same else ''}"
