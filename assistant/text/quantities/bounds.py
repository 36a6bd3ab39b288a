"""Words that bound a figure: 최대, 이상, 미만, 이내, "up to", "no less than", "or more", "may not exceed" …

The words before a figure and those behind it are read one by one, nearest first; a real bound beats "about".
"""

from __future__ import annotations

import re

from assistant.text.quantities.values import Bound

_NOUN_GAP = r"(?:[^\d.,;:!?()\n]{0,48}? )?(?:is|are|was|were|of|at|to|be|:|=)(?: set at| set to| a total of)? ?"
# 최대 지원금은 3억: the noun of an amount may stand between, any other noun takes 최대 for itself.
_AMOUNT_KO = (
    r"(?: ?[가-힣]{0,8}(?:금|금액|액|한도|규모|비율|기간|횟수|율|토크|압력|온도|속도|하중|길이|기한|인원|전류|전압|"
    r"회전수|값|수|용량))?"
    r"(?:은|는|이|가)? ?:? ?"
)
_PER = r"(?:(?:기업|업체|과제|기관|사업|1인|1개사|개사|연|월|건|컨소시엄)(?:당|간)? ?)?(?:총 ?)?"
_MONEY = r"(?:(?:KRW|USD|EUR|US\$|[$€¥£₩￦]) ?)?(?:a total of |the )?"

_NEVER = r"(?:not|never|cannot|can't|no [a-z]{2,16} (?:can|may|must|shall))(?: [a-z]{2,12}){1,3}"

_BEFORE: list[tuple[Bound, str]] = [
    (
        "max",
        r"(?:not|n't|never|cannot|without)(?: to)?(?: be)?(?: exceed(?:ing)?| go beyond| surpass| go over)(?: a "
        r"total of)? ",
    ),
    ("max", r"(?:no|not|never) (?:more|greater|higher|longer|later|larger) than |not exceeding |not over |not above "),
    ("min", r"(?:no|not|never) (?:less|fewer|lower|shorter|earlier|smaller|under|below) than |not (?:under|below) "),
    # "may not last longer than", "no sanction can be imposed later than"
    ("max", rf"{_NEVER} (?:more|greater|higher|longer|later|larger) than "),
    ("min", rf"{_NEVER} (?:less|fewer|lower|shorter|earlier|smaller) than "),
    (
        "max",
        r"less than or equal to |(?:up )?to a maximum of |up to |at most |maximum of |max\.? ?|maximum:? |"
        r"(?<!for )within |at the most |"
        r"capped at |limited to |≤ ?|<= ?|as much as |as many as |as long as |until |by no later than |no later "
        r"than ",
    ),
    (
        "min",
        r"greater than or equal to |at least |minimum of |min\.? |minimum:? |≥ ?|>= ?|a minimum |not later than |"
        r"starting (?:at|from) |"
        r"from at least |upwards? of ",
    ),
    ("less", r"under |below |less than |fewer than |lower than |smaller than |shorter than |(?<![=<-])< ?|short of "),
    (
        "more",
        r"over |above |more than |exceeding |exceeds? |exceeded |greater than |higher than |longer than |larger "
        r"than |"
        r"(?<![-=>])> ?|beyond |in excess of ",
    ),
    (
        "about",
        r"about |around |approximately |approx\.? |roughly |nearly |almost |some |circa |ca\. |~ ?|≈ ?|close "
        r"to |an estimated |"
        r"estimated at ",
    ),
    ("tolerance", r"± ?|\+/- ?|plus or minus "),
    ("max", rf"(?:최대|최고|최장|많아야|길어야|늦어도){_AMOUNT_KO}{_PER}"),
    ("min", rf"(?:최소|최저|최단|적어도){_AMOUNT_KO}{_PER}"),
    ("max", rf"(?:상한|한도|한도액|상한액|기한){_AMOUNT_KO}{_PER}"),
    ("min", rf"(?:하한|하한액){_AMOUNT_KO}{_PER}"),
    ("about", r"(?:약|대략|대충|거의|어림|근|어림잡아) ?"),
    ("max", rf"(?<![A-Za-z])(?:maximum|limit|cap|ceiling|upper limit|deadline) (?:{_NOUN_GAP})?"),
    ("min", rf"(?<![A-Za-z])(?:minimum|lower limit|floor) (?:{_NOUN_GAP})?"),
]
_BEFORE_COMPILED = [
    (bound, re.compile(rf"(?:(?<![A-Za-z])|(?<=\d))(?:{pattern}){_MONEY}$", re.IGNORECASE))
    for bound, pattern in _BEFORE
]
# Words for dates only: "by 20 %" and "from 5 %" are something else.
_BEFORE_DATE: list[tuple[Bound, re.Pattern[str]]] = [
    (
        "max",
        re.compile(
            r"(?<![A-Za-z])(?:by|until|till|before|prior to|up to|through|no later than|not later than|~) "
            r"?$",
            re.IGNORECASE,
        ),
    ),
    ("min", re.compile(r"(?<![A-Za-z])(?:from|since|after|starting|as from|effective) ?$", re.IGNORECASE)),
]
_AFTER_DATE: list[tuple[Bound, re.Pattern[str]]] = [
    ("max", re.compile(r"(?:\([^)]{1,6}\))? ?(?:말|초|중|상반기|하반기)? ?(?:까지|이전|전까지|전에|이내)")),
    ("min", re.compile(r"(?:\([^)]{1,6}\))? ?(?:말|초|중|상반기|하반기)? ?(?:부터|이후|이래|후에)")),
]

_PAREN = r"(?:\([^()\n]{0,24}\))?"
_THAN = r"보다 ?(?:[가-힣]{1,3} )?"
_P = r"(?:을|를|이|가|은|는|의)? ?"
_AFTER: list[tuple[Bound, str]] = [
    (
        "max",
        rf"{_P}(?:초과|상회)(?:하여|해|하지|하여서|해서|할|하면|되지|될)(?:서)?(?:는|도)? ?(?:수 ?(?:없|는 없)|"
        rf"않|아니|안|못|말)",
    ),
    ("max", rf"{_P}넘(?:을 수 ?없|지 ?(?:않|못|아니|말)|어서는 ?(?:안|아니)|으면 ?안)"),
    ("min", rf"{_P}미만(?:이어서는|이면|일 수는?|으로|이 ?되어서는|이 ?되지)? ?(?:안|아니|않|없|못)"),
    ("min", r" ?(?:이상|以上|을 ?웃도|를 ?웃도)"),
    ("max", r" ?(?:이하|이내|한도|내에서|안에|안으로|범위|까지|상한)|(?:을|를) ?(?:한도|상한)|의 ?(?:범위|한도)"),
    (
        "less",
        rf" ?(?:미만|에 ?못 ?미|을 ?밑도|를 ?밑도)|{_THAN}(?:짧|작|적은|적게|적으|낮|느|이르|이른)|"
        r" ?아래(?=[ 가이면로서입인일,.)]|$)",
    ),
    (
        "more",
        rf"{_P}(?:초과|상회)|(?:을|를|이|가)? ?넘|{_THAN}(?:길|긴|크|큰|커|많|높|늦|빠르)",
    ),
    ("about", r" ?(?:가량|정도|안팎|내외|남짓|쯤|수준|에 육박|에 ?가까|에 ?달하는 ?정도|전후|여 ?(?=[가-힣]))"),
    (
        "max",
        r"(?: of [a-z ]{1,30}?| in [a-z ]{1,30}?)?,? (?:or|and) (?:less|fewer|below|under|lower|shorter|smaller|"
        r"earlier)(?![A-Za-z])",
    ),
    (
        "min",
        r"(?: of [a-z ]{1,30}?| in [a-z ]{1,30}?)?,? (?:or|and) (?:more|above|over|higher|greater|longer|larger|"
        r"later|older|upwards?)(?![A-Za-z])",
    ),
    (
        "max",
        r",? (?:at (?:the )?(?:most|latest)|max(?:imum)?(?![A-Za-z])|is the (?:maximum|limit|cap|ceiling|upper "
        r"limit))",
    ),
    ("min", r",? (?:at (?:the )?least|min(?:imum)?(?![A-Za-z])|is the (?:minimum|lower limit))"),
    ("min", r" ?\+(?![\d/])"),
]
_AFTER_COMPILED = [(bound, re.compile(_PAREN + pattern, re.IGNORECASE)) for bound, pattern in _AFTER]
# "12학점 이상", "12 credits or more": the bound stands behind a noun that is no known unit.
_UNKNOWN_NOUN = re.compile(
    r"[가-힣]{1,6}(?= ?(?:이상|이하|미만|초과|이내))| ?[A-Za-z]+(?= (?:or|and) (?:more|less|fewer|above|below|over|"
    r"under|higher|lower)\b)"
)
_FROM_AMOUNT = re.compile(r" ?부터")


def bound_of(
    folded: str, start: int, end: int, *, calendar: bool = False, duration: bool = False, bare: bool = False
) -> Bound:
    """Read the bound that the words around `folded[start:end]` put on the figure there. `bare`: no known unit."""
    noun = _UNKNOWN_NOUN.match(folded, end) if bare else None
    end = noun.end() if noun else end
    found: list[Bound] = []
    if calendar:
        found += [b for b, pattern in _BEFORE_DATE if pattern.search(folded, max(0, start - 24), start)]
        found += [b for b, pattern in _AFTER_DATE if pattern.match(folded, end)]
    position = start
    for _ in range(3):
        for bound, pattern in [] if calendar else _BEFORE_COMPILED:
            match = pattern.search(folded, max(0, position - 72), position)
            # "over four years" is a period, not a bound
            if match and not (duration and match[0].lower().strip() == "over"):
                found.append(bound)
                position = match.start()
                break
        else:
            break
    if not calendar:
        for bound, pattern in _AFTER_COMPILED:
            match = pattern.match(folded, end)
            if match:
                found.append(bound)
                break
        else:
            if not duration and _FROM_AMOUNT.match(folded, end):
                found.append("min")
    strict = [bound for bound in found if bound != "about"]
    # 최장 10년을 넘는다: what stands behind is the predicate and has the last word
    return strict[-1] if strict else found[0] if found else "exact"
