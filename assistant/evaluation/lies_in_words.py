"""Lies in words: another name, a comparative turned round, a negation more or less, a duty for a permission.

Shares no code with the verifier: names are found with expressions of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.evaluation.lies_in_figures import Change, enumerated, put
from assistant.evaluation.rephrase import Right
from assistant.text.tokens import kiwi, kiwi_lock

_NAME_EN = re.compile(
    r"(?<![A-Za-z])(?:[A-Z][A-Za-z&.]*[A-Za-z]|[A-Z]{2,})(?:[ -](?:of (?=[A-Z])|and (?=[A-Z])|the (?=[A-Z]))?"
    r"(?:[A-Z][A-Za-z&.]*[A-Za-z]|[A-Z]{2,}))*"
)
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,4}-?\d{2,5}(?![A-Za-z0-9])")
_NO_NAME = frozenset(
    """The A An It In On This That These They Its By For From To If When While KRW Each As At All There Under Of With
    Without Which Where Who Some Many Such After Before Since Our Your Machine Number Item Level Source Article Articles
    Act Decree Table Section No Not Wait Do Set Check Use January February March April May June July August September
    October November December""".split()  # noqa: SIM905 - a list of words reads better than a list of quotes
)
_SUFFIX = re.compile(
    r"(?:기업|분과|부처|은행|공단|공사|재단|협회|센터|연구원|연구소|진흥원|위원회|대학교|전자|자동차|중공업|홀딩스|기관|"
    r"얼라이언스|지방자치단체|정부|사업|과제|업종)$"
)


def _names_ko(text: str) -> list[str]:
    """Proper nouns and compounds that name an organisation, programme or kind of company."""
    with kiwi_lock:
        tokens = kiwi().tokenize(text)
    names: list[str] = []
    start, end, proper = 0, -1, False
    for token in [*tokens, None]:
        inside = token is not None and token.tag.split("-")[0] in ("NNG", "NNP", "XPN", "XSN", "SL", "SN")
        if token is not None and inside and token.start == end:
            end, proper = token.start + token.len, proper or token.tag in ("NNP", "SL")
            continue
        if end > start:
            word = text[start:end]
            if (
                (proper or _SUFFIX.search(word))
                and len(word) > 1
                and not word.isdigit()
                and re.search(r"[가-힣]|[A-Z]", word)
            ):
                names.append(word)
        if token is not None and inside:
            start, end, proper = token.start, token.start + token.len, token.tag in ("NNP", "SL")
        else:
            start, end, proper = 0, -1, False
    return [
        name
        for name in names
        if re.search(r"[가-힣]|[A-Z]{2}", name) and not re.fullmatch(r"KRW|MPa|[A-Z]{1,4}\d+", name)
    ]


def _names_en(text: str) -> list[str]:
    return [
        name
        for match in _NAME_EN.finditer(text)
        if (name := match.group()) and name.split()[0] not in _NO_NAME and len(name) > 2
        if " " in name or name.isupper() or re.search(r"[a-z,] $", text[: match.start()])
    ]


def another_name(right: Right) -> Iterator[Change]:
    """Another name of the evidence in a name's place, or two names of the answer exchanged."""
    names = _names_en if right.language == "en" else _names_ko
    evidence = "\n".join(piece.quote for piece in right.cited)
    mine = [name for name in dict.fromkeys(names(right.text)) if right.text.count(name) == 1]
    for name in mine:
        place = right.text.index(name)
        for other in dict.fromkeys([*names(evidence), *_CODE.findall(evidence)]):
            if other in right.text or name in other or _alike(name, other) or re.search(r"\d", name + other):
                continue
            if (
                enumerated(between := evidence_between(evidence, name, other))
                or between.strip() in ("(", "")
                or "(" in between
            ):
                continue
            yield right.text[:place] + other + right.text[place + len(name) :], f"{name} → {other}"
    codes = list(dict.fromkeys(_CODE.findall(evidence)))
    for match in _CODE.finditer(right.text):
        for other in codes:
            if other not in right.text:
                yield put(right.text, match, other)


def evidence_between(evidence: str, one: str, other: str) -> str:
    """What stands between two names in the evidence, whichever comes first."""
    a, b = evidence.find(one), evidence.find(other)
    if a < 0 or b < 0:
        return ""
    first, second, length = (a, b, len(one)) if a < b else (b, a, len(other))
    return evidence[first + length : second]


def _alike(one: str, other: str) -> bool:
    """Whether one name may be a form of the other ("HMGMA", "HMGMA plant")."""
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    return short in long or long.split()[0] == short.split()[0]


def _pairs(*pairs: tuple[str, str]) -> list[tuple[re.Pattern[str], str, str]]:
    found = []
    for one, other in pairs:
        for a, b in ((one, other), (other, one)):
            shown = re.sub(r"\(\?[!<=][^)]*\)", "", a)
            found.append(
                (
                    re.compile(a if "(?" in a else rf"(?<![A-Za-z]){a}(?![A-Za-z])" if a.isascii() else a),
                    shown,
                    re.sub(r"\(\?[!<=][^)]*\)", "", b),
                )
            )
    return found


_COMPARATIVES = {
    "ko": _pairs(
        ("이상(?= |인|의|이|입|을|을|,|\\.|\\))", "이하"), ("최대", "최소"), ("초과(?= |하|인)", "미만"),
        ("이내", "이후"),
        ("이전", "이후"), ("(?<= )전에", "뒤에"), ("증가", "감소"), ("높", "낮"), ("늘었", "줄었"), ("늘어", "줄어"),
        ("까지(?= |입)", "부터"), ("많은(?= )", "적은"), ("넘는", "못 미치는"), ("먼저", "나중에"),
    ),
    "en": _pairs(
        ("at least", "at most"), ("up to", "at least"), ("more than", "less than"), ("or more", "or less"),
        ("above", "below"), ("over(?= [K\\d])", "under"), ("before", "after"), ("within", "after"),
        ("increase[sd]?", "decreased"), ("raised", "lowered"), ("higher", "lower"), ("until", "from"),
        ("maximum", "minimum"), ("earlier", "later"), ("by(?= 20\\d\\d)", "from(?= 20\\d\\d)"), ("longer", "shorter"),
    ),
}  # fmt: skip


def turned_comparative(right: Right) -> Iterator[Change]:
    """이하 for 이상, before for after."""
    for pattern, shown, other in _COMPARATIVES[right.language]:
        for match in pattern.finditer(right.text):
            yield right.text[: match.start()] + other + right.text[match.end() :], f"{shown} → {other}"


_NOT_EN = re.compile(
    r"(?<![A-Za-z])(is|are|was|were|can|may|must|should|will|has|have|had|does|do)(?= (?!not|no\b)[a-z])"
)
_NEGATED_KO = [
    (re.compile(r"(?<=[가-힣])입니다(?=\.|$)"), "이 아닙니다"), (re.compile(r"있습니다(?=\.|$)"), "없습니다"),
    (re.compile(r"합니다(?=\.|$)"), "하지 않습니다"), (re.compile(r"됩니다(?=\.|$)"), "되지 않습니다"),
    (re.compile(r"하였습니다(?=\.|$)"), "하지 않았습니다"), (re.compile(r"했습니다(?=\.|$)"), "하지 않았습니다"),
    (re.compile(r"되었습니다(?=\.|$)"), "되지 않았습니다"), (re.compile(r"였습니다(?=\.|$)"), "가 아니었습니다"),
    (re.compile(r"한다(?=\.|$)"), "하지 않는다"), (re.compile(r"된다(?=\.|$)"), "되지 않는다"),
    (re.compile(r"하였다(?=\.|$)"), "하지 않았다"), (re.compile(r"있다(?=\.|$)"), "없다"),
    (re.compile(r"(?<=[가-힣])이다(?=\.|$)"), "이 아니다"), (re.compile(r"하십시오(?=\.|$)"), "하지 마십시오"),
]  # fmt: skip
_AFFIRMED_KO = [
    (re.compile(r"하지 않습니다"), "합니다"), (re.compile(r"되지 않습니다"), "됩니다"),
    (re.compile(r"없습니다"), "있습니다"),
    (re.compile(r"[이가] 아닙니다"), "입니다"), (re.compile(r"하지 않은"), "한"), (re.compile(r"하지 않는"), "하는"),
    (re.compile(r"지 않았습니다"), "었습니다"), (re.compile(r"없다(?=\.|$)"), "있다"),
    (re.compile(r"하지 마십시오"), "하십시오"),
    (re.compile(r"(?<=[가-힣])[이가] 아니라"), "이고"), (re.compile(r"(?<= )안 됩니다"), "됩니다"),
    (re.compile(r"할 수 없"), "할 수 있"),
]  # fmt: skip


def added_negation(right: Right) -> Iterator[Change]:
    """A denial where the answer affirms."""
    if right.language == "en":
        for match in _NOT_EN.finditer(right.text):
            yield right.text[: match.end()] + " not" + right.text[match.end() :], f"{match[1]} → {match[1]} not"
        return
    for pattern, other in _NEGATED_KO:
        for match in pattern.finditer(right.text):
            if not right.text[: match.start()].endswith(("지 ", "수 없", "하여야 ", "해야 ")):
                yield right.text[: match.start()] + other + right.text[match.end() :], f"{match.group()} → {other}"


def removed_negation(right: Right) -> Iterator[Change]:
    """An affirmation where the answer denies."""
    if right.language == "en":
        for match in re.finditer(
            r" not(?= )|(?<=can)not(?= )|(?<= )no(?= [a-z])|(?<=[a-z])n't|(?<= )without(?= )", right.text
        ):
            other = {"no": "a", "without": "with"}.get(match.group(), "")
            yield right.text[: match.start()] + other + right.text[match.end() :], f"{match.group().strip()} → {other}"
        return
    for pattern, other in _AFFIRMED_KO:
        for match in pattern.finditer(right.text):
            yield right.text[: match.start()] + other + right.text[match.end() :], f"{match.group()} → {other}"


_MODAL = {
    "ko": _pairs(
        ("할 수 있습니다", "해야 합니다"), ("할 수 있다", "해야 한다"), ("받을 수 있습니다", "받아야 합니다"),
        ("하여야 합니다", "할 수 있습니다"), ("될 수 있습니다", "되어야 합니다"), ("해야 하며", "할 수 있으며"),
        ("어야 합니다", "을 수도 있습니다"),
    ),
    "en": _pairs(("may", "must"), ("can", "must"), ("should", "may"), ("has to", "may"), ("have to", "may")),
}  # fmt: skip


def another_modality(right: Right) -> Iterator[Change]:
    """A duty for a permission, or the other way round."""
    for pattern, shown, other in _MODAL[right.language]:
        for match in pattern.finditer(right.text):
            if match.group() == "must" and other == "can":
                continue
            yield right.text[: match.start()] + other + right.text[match.end() :], f"{shown} → {other}"
