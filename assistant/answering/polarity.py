"""Negation and modality of what a text states: `must not be removed` is not `must be removed`, nor `may be removed`.

A statement is the word that is affirmed or denied (a verb, the noun of a 하다 verb, the noun before 이다 or 있다) with
whether it is denied and whether it is a duty, a possibility or neither. Korean by morphemes, English by the auxiliary
before the word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant.answering.slots import clause_starts, stem, tokens
from assistant.index.tokens import kiwi, kiwi_lock
from assistant.schema import Language

#: Words of English that carry no statement of their own; a modal or a negation reaches over them.
_IDLE_EN = frozenset(
    """a an the be been being is are was were have has had do does did to of in on at by for from with as and or but
    if it its they them this that these those there than then also only ever always still yet even any all each both
    other such more most less least very so will would which who whose when where while until after before
    """.split()  # noqa: SIM905 - a list of words reads better than a list of quotes
)
_MODAL_EN = {
    "must": "must", "shall": "must", "should": "should", "may": "can", "might": "can", "can": "can", "could": "can",
    "cannot": "can",
}  # fmt: skip
_DUTY_EN = re.compile(r"(?:has|have|had|need|needs|is|are) to$|(?:is|are|be) required to$", re.I)
_NEGATION_EN = frozenset({"not", "no", "never", "cannot", "none", "neither", "nor", "without"})
_WORD_EN = re.compile(r"[A-Za-z]+(?:'[a-z]+)?|\d[\d.,]*|[.;:!?,]")
_NOUNS = ("NNG", "NNP", "NNB", "XR", "SL", "SN", "NR", "NP", "XSN", "SW", "SH")
_DENIED_NOUNS = frozenset({"불가", "불가능", "금지"})


#: Clauses of the source that share nearly as many words with the answer's clause as the best one count as meant.
_NEARLY = 0.2


@dataclass(frozen=True, slots=True)
class Statement:
    """`word` is affirmed or `denied`; `mode` is "must", "should", "can", "do" (an imperative) or "". `start`: where."""

    word: str
    start: int
    denied: bool = False
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """The statements of one clause with its words, and those of the sentence."""

    statements: tuple[Statement, ...]
    words: frozenset[str]
    around: frozenset[str]


def differing(answer: str, sources: Iterable[str], language: Language) -> list[str]:
    """Words whose negation or modality in the answer differs from the clause of the sources that is meant.

    Meant is, among the clauses that state the word, the one that shares most words with the answer.
    """
    known = [clause for source in sources for clause in clauses(source, language)]
    wrong = []
    for clause in clauses(answer, language):
        shares = [(_share(clause.words, other.words) + _share(clause.around, other.around), other) for other in known]
        for said in clause.statements:
            meant = [
                (share, statement)
                for share, other in shares
                for statement in other.statements
                if statement.word == said.word
            ]
            if meant:
                best = max(share for share, _ in meant)
                if not any(_agree(said, other) for share, other in meant if share >= best - _NEARLY):
                    wrong.append(said)
            elif said.denied or said.mode in ("must", "can", "should"):
                # a word that no source states: nothing may be denied of it, or demanded but what its clause demands
                best = max((share for share, _ in shares), default=0.0)
                near = [s for share, other in shares if share >= best - _NEARLY for s in other.statements]
                if said.denied or _family(said.mode) not in {_family(statement.mode) for statement in near}:
                    wrong.append(said)
    return [f"{'not ' if said.denied else ''}{said.mode} {said.word}".strip() for said in wrong]


def differs_across(answer: str, language: Language, sources: Sequence[str], other: Language) -> bool:
    """Whether an answer denies more or less than every sentence of its sources in another language, or demands or
    allows what none of them does."""
    said = statements(answer, language)
    theirs = [statements(source, other) for source in sources]
    denied = [sum(statement.denied for statement in found) for found in theirs]
    mine = sum(statement.denied for statement in said)
    if denied and not min(denied) <= mine <= max(denied):
        return True
    modes = {_family(statement.mode) for found in theirs for statement in found}
    return any(_family(statement.mode) not in modes for statement in said if statement.mode in ("must", "can"))


def _share(words: frozenset[str], other: frozenset[str]) -> float:
    return len(words & other) / len(words) if words else 0.0


def _family(mode: str) -> str:
    return "must" if mode in ("must", "should", "do") else mode


def _agree(one: Statement, other: Statement) -> bool:
    modes = {one.mode, other.mode}
    return one.denied == other.denied and (len(modes) == 1 or modes in ({"", "do"}, {"must", "do"}))


@lru_cache(maxsize=1024)
def clauses(text: str, language: Language) -> tuple[Clause, ...]:
    """The clauses of a text that state something."""
    cuts = clause_starts(text)
    words: dict[int, set[str]] = {}
    for token in tokens(text):
        words.setdefault(bisect_left(cuts, token.start), set()).add(token.key)
    found: dict[int, list[Statement]] = {}
    for statement in statements(text, language):
        found.setdefault(bisect_left(cuts, statement.start), []).append(statement)
    around = frozenset(token.key for token in tokens(text))
    return tuple(Clause(tuple(said), frozenset(words.get(place, ())), around) for place, said in found.items())


def statements(text: str, language: Language) -> tuple[Statement, ...]:
    """The statements of a text, in order."""
    return _korean(text) if language == "ko" else _english(text)


@lru_cache(maxsize=512)
def _english(text: str) -> tuple[Statement, ...]:
    found: list[Statement] = []
    denied, mode = False, ""
    matches = list(_WORD_EN.finditer(text.replace("’", "'")))
    words = [match.group() for match in matches]
    for place, raw in enumerate(words):
        word = raw.lower()
        if word in ".;:!?":
            denied, mode = False, ""
            continue
        if word == ",":
            continue
        if word.endswith("n't"):
            denied, word = True, word.removesuffix("n't")
            mode = "can" if word in ("ca", "could") else mode
            continue
        if word in _NEGATION_EN:
            denied = True
            mode = _MODAL_EN.get(word, mode)
            continue
        before = " ".join(words[max(0, place - 2) : place + 1])
        if _DUTY_EN.search(before):
            mode = "must"
            continue
        if word in _MODAL_EN and not (raw == "May" and place and not _starts(words, place)):
            mode = _MODAL_EN[word]
            continue
        if word in _IDLE_EN:
            continue
        found.append(Statement(stem(word), matches[place].start(), denied, mode))
        denied, mode = False, ""
    return tuple(found)


def _starts(words: Sequence[str], place: int) -> bool:
    return place == 0 or words[place - 1] in ".;:!?"


@lru_cache(maxsize=512)
def _korean(text: str) -> tuple[Statement, ...]:
    with kiwi_lock:
        morphemes = kiwi().tokenize(text)
    forms = [(token.form, token.tag.split("-")[0]) for token in morphemes]
    found: list[Statement] = []
    noun, deny_next = "", False
    for place, (form, tag) in enumerate(forms):
        start = morphemes[place].start
        before = forms[place - 1] if place else ("", "")
        said: Statement | None = None
        if tag in _NOUNS:
            if form in _DENIED_NOUNS and before[1] in _NOUNS and noun:
                found.append(Statement(noun, start, True, "can"))
            elif tag not in ("NNB", "XSN") or form not in ("수", "것", "등"):
                noun = form
        elif tag == "MAG" and form in ("안", "못"):
            deny_next = True
        elif tag in ("XSV", "XSA"):
            said = Statement(noun, start)
        elif tag in ("VCP", "VCN"):
            said = Statement(f"={noun}", start, tag == "VCN")
        elif tag == "VX" and form in ("않", "아니하", "못하", "말") and found:
            found[-1] = replace(found[-1], denied=not found[-1].denied)
        elif form in ("하", "되") and tag in ("VX", "VV") and before[1] == "EC" and found:
            found[-1] = _demanded(found[-1], before[0])
        elif form == "되" and tag == "VV" and before == ("안", "MAG") and found:
            found[-1] = replace(found[-1], denied=True, mode="must")
            deny_next = False
        elif form in ("있", "없") and tag in ("VA", "VV", "VX"):
            if found and ("수", "NNB") in forms[max(0, place - 2) : place]:
                found[-1] = replace(found[-1], denied=found[-1].denied != (form == "없"), mode="can")
            elif tag != "VX":
                said = Statement(f"+{noun}", start, form == "없")
        elif tag in ("VV", "VA"):
            said = Statement(noun if form in ("하", "되") and noun else form, start)
        elif tag == "EF" and re.search(r"시오$|세요$|어라$|아라$", form) and found and not found[-1].mode:
            found[-1] = replace(found[-1], mode="do")
        if said:
            found.append(replace(said, denied=said.denied != deny_next))
            deny_next = False
    return tuple(found)


def _demanded(statement: Statement, ending: str) -> Statement:
    """-어야 하다 is a duty, -어도 되다 a permission."""
    if ending.endswith("야"):
        return replace(statement, mode="must")
    return replace(statement, mode="can") if ending.endswith("도") else statement
