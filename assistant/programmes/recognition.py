"""Does a question ask for a computation by one of the rules, and what does it give? Pure code, no model.

Precision comes first: a question that only asks what a rule says is left to the documents. One is taken when it asks
for a figure, puts a case of its own (if, we, our …), names the topic of exactly one rule, and every amount in it has a
place in that rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from assistant.programmes.engine import evaluate
from assistant.programmes.inputs import InputValue, day_of, won_of
from assistant.programmes.rules import Input, Kind, Rule, load_rules
from assistant.quantities import Quantity, quantities
from assistant.schema import Language

_ASKS = re.compile(
    r"[?？]|얼마|계산|언제|며칠|몇|[나가까]요|[할될]까|수 있|되나|인가|맞나|해당|입니까|됩니까|합니까|넘나|"
    r"how (?:much|many|long|big|large)|what|when|which|calculate|compute|work out|"
    r"(?:are|is|do|does|can|may|must|should|would|will) ",
    re.IGNORECASE,
)
#: A case of one's own: a condition, "we", a plan.
_CASE = re.compile(
    r"(?<![가-힣])(?:우리|저희|제가|내가|당사)|(?<=[가-힣\d%])(?<![측화표반도단정전후양])면(?=[ ,]|$)|경우|"
    r"인데|는데|[했났았었]고|[했났았었](?:어요|습니다)|받았|받은|맡은|맡을|샀|계획|예정|하려|일 ?때|짜리|중이|이고|"
    r"(?<![가-힣])총 ?\d|"
    r"인 (?:회사|중소|중견|대기업|기업|과제)|"
    r"(?<![A-Za-z])(?:if|we|our|us|my|i|i'm|we're|suppose|supposing|budgeted|assum\w+|given|(?:with|for|on|in|at) an?|"
    r"an? (?:researcher|sme|mid-size firm|large (?:firm|company)))(?![A-Za-z])",
    re.IGNORECASE,
)
_CALCULATE = re.compile(r"계산해|계산 ?(?:좀|부탁)|(?<!to )(?:calculate|compute|work out)(?! the rule)", re.IGNORECASE)
_ONLY_THE_RULE = re.compile(
    r"몇 ?(?:%|퍼센트|프로)|(?:비율|요율|지원율|할인율|부보율)[이은]? ?(?:얼마|몇|어떻게|뭐)|어떻게 계산|왜|"
    r"어느 (?:조항|문서|법)|누구|누가|어디|어떤 (?:경우|기관|서류|절차)|어떻게 (?:신청|하)|무시하|"
    r"(?<![A-Za-z])(?:who|whom|where|ignore|what happens)(?![A-Za-z])|"
    r"what (?:percentage|per ?cent|rate|share)|which (?:rate|share|percentage|article|document|law)|"
    r"how (?:is|are) .{0,30}(?:calculated|computed|worked out)|(?<![A-Za-z])why(?![A-Za-z])",
    re.IGNORECASE,
)
_NOT = re.compile(r"아니|않|없|(?<![A-Za-z])(?:not|no)(?![A-Za-z])|n't", re.IGNORECASE)
_AS_OF = re.compile(r" ?(?:기준|당시|시점|현재)")
_AS_OF_BEFORE = re.compile(r"(?:as of|as at|under the rules of) $", re.IGNORECASE)
#: "in June 2025", "2025년 6월에": a day of the case would be named to the day.
_IN_A_MONTH = re.compile(r" ?(?:때|에는|에 )")
_IN_A_MONTH_BEFORE = re.compile(r"(?:back in|(?<![a-z])in) $", re.IGNORECASE)
_RELATIVE_YEAR = [("재작년", -2), ("작년", -1), ("지난해", -1), ("올해", 0), ("last year", -1), ("this year", 0)]
_RELATIVE_DAY = [("오늘", 0), ("그저께", -2), ("어제", -1), ("today", 0), ("yesterday", -1)]
#: "10억인데", "1억 주고", "6,000억 법인": the amount has been read with a counter that is none.
_NO_COUNTER = re.compile(r"(?P<amount>.*[억조](?: ?[\d,천]+만)?|.*만(?= ?[인주]$)) ?(?!명|개)[가-힣]+")
#: "three of them": a number in words that no counter follows.
_SPELLED = re.compile(r"(?<![A-Za-z])(one|two|three|four|five|six|\d)(?= (?:of (?:them|those|these|which)|as ))", re.I)
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")
#: Farther than this many characters a word and a figure do not belong together.
_REACH = 24
#: A figure follows its word more often than it goes before it.
_BEHIND = 4


@dataclass(frozen=True, slots=True)
class Request:
    """A question that a rule can answer: the rule, what was given, which output is asked for.

    `missing` names the inputs that are still needed; `as_of` chooses the version of the rule.
    """

    rule: str
    inputs: Mapping[str, InputValue]
    target: str
    as_of: date
    question: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at `start:end` of the question, as an input of `kind` takes it."""

    kind: Kind
    value: Decimal | date
    start: int
    end: int


def recognise(question: str, language: Language, today: date | None = None) -> Request | None:
    """The computation that `question` asks for; None when the documents should answer it.

    `language` is the question's; `today` (default: the clock) gives dates without a year theirs.
    """
    today = today or date.today()
    if not _ASKS.search(question) or _ONLY_THE_RULE.search(question):
        return None
    if not _CASE.search(question) and not _CALCULATE.search(question):
        return None
    found = quantities(question)
    figures = figures_of(question, today)
    if figures is None:
        return None
    requests = [
        request
        for rule in load_rules().values()
        if (request := _request(rule, question, figures, found, today)) is not None
    ]
    return requests[0] if len(requests) == 1 else None


def with_missing(request: Request) -> Request:
    """`request` with what is still needed."""
    result = evaluate(request.rule, request.inputs, request.as_of)
    return replace(request, missing=tuple(entry.name for entry in result.missing))


def _request(rule: Rule, question: str, figures: list[Figure], found: list[Quantity], today: date) -> Request | None:
    looks = rule.recognition
    if looks is None or not looks.topic.search(question):
        return None
    if looks.without is not None and looks.without.search(question):
        return None
    inputs = read_inputs(rule, question, figures)
    if inputs is None:
        return None
    if not any(name in inputs for name in looks.needs) and (figures or not _CALCULATE.search(question)):
        return None
    if not all(name in inputs for name in looks.needs_all):
        return None
    target = next((name for name, pattern in looks.targets.items() if pattern.search(question)), "")
    if looks.targets and not target:
        return None
    inputs |= _deciding_day(rule, question, found, inputs)
    return with_missing(Request(rule.name, inputs, target, _as_of(question, found, rule, today), question))


def _deciding_day(
    rule: Rule, question: str, found: list[Quantity], inputs: Mapping[str, InputValue]
) -> dict[str, InputValue]:
    """The first day of a year or month that is said of the date which chooses the version ("agreed in 2024")."""
    entry = rule.inputs.get(rule.decided_by)
    if entry is None or entry.words is None or entry.name in inputs:
        return {}
    for quantity in found:
        if quantity.unit in ("calendar-year", "year-month"):
            digits = int(quantity.value)
            day = date(digits, 1, 1) if quantity.unit == "calendar-year" else date(digits // 100, digits % 100, 1)
            figure = Figure("date", day, quantity.start, quantity.end)
            if any(_gap(question, match, figure) is not None for match in entry.words.finditer(question)):
                return {entry.name: day}
    return {}


def read_inputs(
    rule: Rule, text: str, figures: list[Figure], wanted: Iterable[str] = ()
) -> dict[str, InputValue] | None:
    """What `text` gives for a rule; None when an amount or a share in it has no place there, or a choice is unclear.

    `wanted`: inputs that a bare figure or a bare yes or no may fill.
    """
    inputs: dict[str, InputValue] = {}
    for entry in rule.inputs.values():
        if entry.kind == "choice":
            choice = _choice(entry, text)
            if choice is None:
                return None
            if choice:
                inputs[entry.name] = choice
        elif entry.kind == "flag" and entry.words is not None:
            match = entry.words.search(text)
            if match:
                inputs[entry.name] = _NOT.search(text[match.end() : match.end() + 10]) is None
    used = _assigned(rule, text, figures, inputs)
    left = [figure for figure in figures if figure not in used]
    for name in [*wanted, rule.recognition.primary if rule.recognition else ""]:
        fitting = [figure for figure in left if name in rule.inputs and figure.kind == rule.inputs[name].kind]
        if name not in inputs and len(fitting) == 1:
            inputs[name] = fitting[0].value
            left.remove(fitting[0])
    strict = {"won", "percent", *(entry.kind for entry in rule.inputs.values())}
    if any(figure.kind in strict for figure in left):
        return None
    return inputs


def _choice(entry: Input, text: str) -> str | None:
    """The choice that `text` names, "" for none, None when it names several that exclude one another."""
    spans = [(*match.span(), choice.name) for choice in entry.choices.values() for match in choice.words.finditer(text)]
    outer = {
        name
        for start, end, name in spans
        if not any(s <= start and end <= e and (s, e) != (start, end) for s, e, other in spans if other != name)
    }
    if len(outer) > 1:
        return None
    return outer.pop() if outer else ""


def _assigned(rule: Rule, text: str, figures: list[Figure], inputs: dict[str, InputValue]) -> list[Figure]:
    """Gives each figure to the input whose words stand nearest, nearest pairs first; returns the figures used."""
    pairs = []
    for entry in rule.inputs.values():
        if entry.words is None or entry.kind in ("choice", "flag"):
            continue
        for match in entry.words.finditer(text):
            for figure in figures:
                gap = _gap(text, match, figure)
                if figure.kind == entry.kind and gap is not None:
                    pairs.append((gap, match.start() - match.end(), entry, figure))
    used: dict[str, Figure] = {}
    for _, _, entry, figure in sorted(pairs, key=lambda pair: pair[:2]):
        if not entry.goes_with and entry.name not in used and figure not in used.values():
            used[entry.name] = figure
    # what goes with another figure comes after it, the nearest first
    seconds = [
        (figure.start - used[entry.goes_with].end, entry.name, figure)
        for _, _, entry, figure in pairs
        if entry.goes_with in used and figure.start > used[entry.goes_with].end
    ]
    for _, name, figure in sorted(seconds, key=lambda pair: pair[:2]):
        if name not in used and figure not in used.values():
            used[name] = figure
    inputs.update({name: figure.value for name, figure in used.items()})
    return list(used.values())


def _gap(text: str, word: re.Match[str], figure: Figure) -> int | None:
    """Characters between a word and a figure of the same sentence; None when they are too far apart."""
    if word.end() <= figure.start:
        between, extra = text[word.end() : figure.start], 0
    elif figure.end <= word.start():
        between, extra = text[figure.end : word.start()], _BEHIND
    else:
        return 0  # "four projects": the word is in the figure
    if len(between) > _REACH or _SENTENCE_END.search(between):
        return None
    return len(between) + extra


def figures_of(question: str, today: date) -> list[Figure] | None:
    """The figures that an input can take; None when an amount is a range or a limit and so no case."""
    found = quantities(question)
    money = any(_without_counter(quantity).unit == "KRW" for quantity in found)
    figures: list[Figure] = []
    for quantity in map(_without_counter, found):
        kind = _kind(quantity, money)
        if kind is None:
            continue
        if kind in ("won", "percent") and (quantity.high is not None or quantity.bound not in ("exact", "about")):
            return None
        value: Decimal | date | None = quantity.value
        if kind == "won":
            value = won_of(quantity)
        elif kind == "date":
            value = day_of(quantity, today)
        if value is None:
            return None
        figures.append(Figure(kind, value, quantity.start, quantity.end))
    taken = [(figure.start, figure.end) for figure in figures]
    for match in _SPELLED.finditer(question):
        if not any(start <= match.start() < end for start, end in taken):
            number = _NUMBERS.get(match[1].lower()) or int(match[1])
            figures.append(Figure("count", Decimal(number), *match.span()))
    for word, days in _RELATIVE_DAY:
        at = question.lower().find(word)
        if at >= 0:
            figures.append(Figure("date", today + timedelta(days=days), at, at + len(word)))
            break
    return figures


def _without_counter(quantity: Quantity) -> Quantity:
    """Won where an amount was read as so many people, weeks or companies."""
    match = _NO_COUNTER.fullmatch(quantity.text)
    if match is None or quantity.unit.isupper():  # KRW, USD
        return quantity
    amount = quantities(match["amount"] + "원")[0]
    return replace(amount, start=quantity.start, end=quantity.start + match.end("amount"), text=match["amount"])


def _kind(quantity: Quantity, money: bool) -> Kind | None:
    if quantity.unit == "KRW" or (quantity.unit in ("number", "") and money and quantity.value >= 10000):
        return "won"
    if quantity.unit == "" and re.search(r"[만억조]", quantity.text):
        return "won"
    if quantity.unit == "%":
        return "percent"
    if quantity.unit in ("date", "month-day"):
        return "date"
    if quantity.unit in ("count", "project", "") and quantity.value == quantity.value.to_integral_value():
        return "count" if quantity.high is None and quantity.value < 100 else None
    return None


def _as_of(question: str, found: list[Quantity], rule: Rule, today: date) -> date:
    """The date whose version is asked about: one that is named as such, or the year of a yearly programme."""
    yearly = all(version.until is not None for version in rule.versions)
    lowered = question.lower()
    for word, years in _RELATIVE_YEAR:
        if word in lowered and yearly:
            return date(today.year + years, 12, 31) if years else today
    for quantity in found:
        if quantity.unit not in ("calendar-year", "year-month", "date"):
            continue
        before = question[: quantity.start]
        named = _AS_OF.match(question, quantity.end) or _AS_OF_BEFORE.search(before)
        if quantity.unit != "date":
            named = named or _IN_A_MONTH.match(question, quantity.end) or _IN_A_MONTH_BEFORE.search(before)
        if yearly or named:
            return _last_day(quantity, today)
    return today


def _last_day(quantity: Quantity, today: date) -> date:
    """The last day of a year, month or day, but not after today within the present one."""
    digits = int(quantity.value)
    if quantity.unit == "calendar-year":
        day = date(digits, 12, 31)
    elif quantity.unit == "year-month":
        year, month = divmod(digits, 100)
        day = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    else:
        day = day_of(quantity, today) or today
    return today if day > today and day.year == today.year else day
