"""Follow-up questions made self-contained, by rules, in Korean and English.

Three cases, decided by the words of the question and of the talk:

- It *refers*: a pronoun, an ellipsis ("and for mid-size firms?", "그럼 조치는?"), a correction ("I meant the mini
  type"), or no word that names a thing. What it leaves out is taken from the turn before.
- It *goes on*: it stands alone and shares words with the talk. It is left as it is; the talk is searched beside it.
- It is a *new topic*: nothing of the talk is used.

Knows the turns (questions, answers and the titles of what they cite), no index and no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from assistant.index.tokens import holds, nouns, terms
from assistant.language import detect
from assistant.quantities import YEAR
from assistant.retrieval.contrasts import exchanged
from assistant.retrieval.reference_words import (
    ASKING,
    ATTRIBUTES,
    BARE,
    CORRECTION,
    JOINED,
    LEAD,
    POINTS,
    SWITCH,
    TOPIC_END,
    VERBLESS,
)
from assistant.schema import Language, Turn

#: Words of a topic that are carried on.
_TOPIC_WORDS = 6
#: How much of the talk is searched beside a question: turns, and characters in all.
_TALK_TURNS = 4
_TALK_CHARS = 300

_HANGUL = re.compile("[가-힣]")
_ACRONYM = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z&]*(?:-[A-Z]+)*[A-Z](?![A-Za-z0-9])")
#: "AI 팩토리 몫은요?" asks of one thing what was asked of another.
_ELLIPSIS = re.compile(r"^(?:\S+ ){0,3}\S+[은는]요\s*[?~]*$")
#: A condition at the end of an English question, which "and for a trade secret?" replaces.
_CONDITION = re.compile(r" (?:if|when|in case|for|with|in|under) (?!(?:total|all|cash|general)\b)[^?.]+\?$", re.I)


def self_contained(question: str, history: Sequence[Turn]) -> str:
    """`question` with what it leaves out filled in from the turn before; itself when it leaves nothing out."""
    if not history:
        return question
    before = history[-1]
    if _asked_language(question):
        return before.standalone
    if term := _corrected(question):
        return exchanged(before.standalone, term) or _with_topic(before, term)
    asked = _without_joint(question)
    term = _only_a_term(question, asked)
    if term and (changed := exchanged(before.standalone, term)):
        return changed
    if not _ELLIPSIS.search(asked) and not _refers(question):
        return question
    if re.match(r"(?:for|if|when|in case|with|under) ", asked, re.I) and len(asked.split()) <= 8:
        changed = _CONDITION.sub(f" {asked}", before.standalone)
        if changed != before.standalone:
            return changed
    return _with_topic(before, asked)


def wordings(question: str, standalone: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """What is searched beside `standalone`: the question as typed, with the last source's title, and the talk so far.

    Empty for a new topic.
    """
    changed = standalone != question
    if not history or not (changed or _goes_on(question, history)):
        return ()
    typed = (question,) if changed else ()
    return (*typed, f"{_title(history)}: {question}", _talk(history))


def answer_language(question: str, history: Sequence[Turn]) -> Language | None:
    """The language to answer in; None when the question is in neither Korean nor English."""
    if history and (asked := _asked_language(question)):
        return asked
    if history and not any(char.isalpha() for char in question):
        return history[-1].language  # "2025?"
    return detect(question)


def _asked_language(question: str) -> Language | None:
    return next((language for language, pattern in SWITCH.items() if pattern.match(question)), None)


def _without_joint(question: str) -> str:
    return JOINED.sub("", LEAD.sub("", question)).strip() or question


def _refers(question: str) -> bool:
    asked = LEAD.sub("", question).strip()
    return bool(not asked or JOINED.match(asked) or POINTS.search(asked) or BARE.match(asked) or not _names(asked))


def _names(text: str) -> list[str]:
    """Words that name something, as they are written: codes, acronyms, years, and nouns that do more than ask."""
    codes = [_as_written(text, code) for code in terms(text).identifiers]
    whole = [*codes, *_ACRONYM.findall(text), *YEAR.findall(text)]
    parts = "".join(whole).casefold()
    found = [word for noun in nouns(text) if not _asks(word := _as_written(text, noun))]
    kept = [word for word in found if word.casefold() not in parts]
    return sorted(dict.fromkeys((*whole, *kept)), key=text.find)


def _asks(word: str) -> bool:
    word = word.casefold()
    if len(word) < 2 or word in ASKING or word.removesuffix("s") in ASKING:
        return True
    compound = bool(_HANGUL.match(word))  # 접수기한
    return compound and any(word[:cut] in ASKING and _asks(word[cut:]) for cut in range(2, len(word) - 1))


def _as_written(text: str, word: str) -> str:
    """The word as the text has it, with what belongs to it: 유형1, not 유형; 이의신청, not 신청."""
    found = re.search(rf"(?<![가-힣])[가-힣]{{0,4}}{re.escape(word)}\d*|{re.escape(word)}\d*", text, re.I)
    return found[0] if found else word


def _holds(text: str, word: str) -> bool:
    return holds(text, word.casefold()) if terms(word).words else word.casefold() in text.casefold()


def _corrected(question: str) -> str:
    """What a correction says was meant; empty when the question is none."""
    found = CORRECTION.match(LEAD.sub("", question))
    term = next((part for part in found.groups() if part), "") if found else ""
    return re.sub(r"^(?:(?:the|an?|about|for|is|was) )+", "", term, flags=re.I) if len(term.split()) <= 6 else ""


def _only_a_term(question: str, asked: str) -> str:
    """The one thing that an ellipsis names: "mid-size firms" in "and for mid-size firms?"."""
    words = asked.split()
    if _HANGUL.search(asked):
        return TOPIC_END.sub("", asked).strip() if VERBLESS.search(asked) and len(words) <= 4 else ""
    term = re.sub(r"^(?:(?:for|in|with|under|of|about|at|on|if|the|an?|it|it's|is|was|are) )+", "", asked, flags=re.I)
    term = term.rstrip("?.! ")
    short = len(term.split()) <= 3
    return term if short and (asked != question or term != asked.rstrip("?.! ") or len(words) <= 2) else ""


def _with_topic(before: Turn, asked: str) -> str:
    """`asked` behind the topic of the turn before, within the length that a question may have."""
    topic = before.standalone.rstrip("?.! ") if BARE.match(asked) else _topic(before, asked)
    return f"{topic}: {asked}" if topic else asked


def _topic(before: Turn, asked: str) -> str:
    """What the turn was about: the words of its question that its sources' titles hold, else all that name a thing."""
    words = [word for word in _names(before.standalone) if not _holds(asked, word)]
    if YEAR.search(asked):
        words = [word for word in words if not YEAR.fullmatch(word)]
    titles = " ".join(" ".join((piece.title, *piece.heading_path)) for piece in before.cited[:2])
    named = [word for word in words if titles and _holds(titles, word)] or words
    chosen = named[:_TOPIC_WORDS]
    if not chosen:
        return ""
    text, chosen = before.standalone, [_with_attribute(before.standalone, word) for word in chosen]
    phrase = chosen[0]
    for left, right in pairwise(chosen):
        together = re.search(rf"{re.escape(left)}([ -]){re.escape(right)}", text)
        phrase += (together[1] if together else " " if _HANGUL.search(right) else ", ") + right
    return phrase


def _with_attribute(text: str, word: str) -> str:
    """An English name with what follows it at once: "grace period", "SME limits"."""
    found = re.search(rf"{re.escape(word)} ([a-z]+)", text)
    return found[0] if found and found[1].removesuffix("s") in ATTRIBUTES else word


def _goes_on(question: str, history: Sequence[Turn]) -> bool:
    return any(_holds(f"{_talk(history)} {_title(history)}", word) for word in _names(question))


def _title(history: Sequence[Turn]) -> str:
    cited = next((turn.cited for turn in reversed(history) if turn.cited), ())
    return cited[0].title if cited else _topic(history[-1], "")


def _talk(history: Sequence[Turn]) -> str:
    said = " ".join(f"{turn.standalone} {turn.answer}" for turn in history[-_TALK_TURNS:])
    return said[-_TALK_CHARS:]
