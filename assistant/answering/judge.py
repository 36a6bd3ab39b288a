"""The one judge: do the passages that were read answer the question? Product and evaluation ask the same function.

A calibrated probability decides, beside gates that code can prove: each code that is asked for stands in what would be
told, each year too unless the document carries it, and what is told was in force at the time asked about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from assistant.reading.probability import logit, sigmoid
from assistant.schema import Found, Question, Verdict
from assistant.text.quantities import quantities
from assistant.tuning import Tuning

#: An answer rests on at most so many passages.
_TOLD = 3
#: What states something is told before what says that it is not known, if it is about as sure to answer.
_AS_SURE = 0.8
#: So sure, beside one in the other language, must a passage in the question's language be to be told instead.
_TWIN = 0.6
#: Log odds of `unknown`, with the sign changed, from which they count.
_DENIES = 2.0
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")


def judge(question: Question, found: Sequence[Found], tuning: Tuning) -> Verdict:
    """Decide on `found` (best first)."""
    if _far(question, found, tuning.near):
        return Verdict("refuse", 0.0, (), tuple(found))
    fit = _in_force(question, [each for each in found if _holds_codes(question, [each], every=False)])
    least = tuning.answer[question.language]
    probability = max((_without_doubt(each, tuning.doubt) for each in fit), default=0.0)
    silent = [each for each in fit if each.reading.answers >= least and each.reading.unknown >= tuning.unknown]
    known = [each for each in fit if _without_doubt(each, tuning.doubt) >= least and each not in silent]
    if silent and (not known or known[0].reading.answers < _AS_SURE * silent[0].reading.answers):
        return Verdict("unknown", probability, (silent[0],), tuple(found))
    told = _told(_own_language_first(question, known), least, tuning.offered)
    if not told:
        return Verdict("refuse", probability, (), tuple(found))
    if not _holds_codes(question, told, every=True):
        return Verdict("refuse", 0.0, (), tuple(found))
    return Verdict("answer", probability, told, tuple(found))


def _without_doubt(found: Found, doubt: float) -> float:
    """The probability that a passage answers, less what speaks for its saying that the asked thing is not so."""
    unknown = max(0.0, logit(found.reading.unknown) + _DENIES)
    return sigmoid(logit(found.reading.answers) - doubt * unknown)


def _far(question: Question, found: Sequence[Found], near: float) -> bool:
    """Whether the nearest passage speaks of something else altogether; a code makes a short, odd-looking question."""
    cosines = [each.hit.similarity for each in found if each.hit.similarity is not None]
    return bool(cosines) and not question.codes and max(cosines) < near


def _own_language_first(question: Question, found: Sequence[Found]) -> list[Found]:
    """The best passage in the question's language first, if it answers about as surely: a twin needs no translation."""
    own = [each for each in found if each.hit.document.language == question.language]
    if not own or own[0].reading.answers < _TWIN * found[0].reading.answers:
        return list(found)
    return [own[0], *(each for each in found if each is not own[0])]


def _told(found: Sequence[Found], least: float, further: float) -> tuple[Found, ...]:
    """The best passage, and further ones that answer as surely and add something: a second fact, another operand.

    What a calculation needs is a part of the answer only, so `least` is enough for it.
    """
    told = list(found[:1])
    needed = least if any(each.reading.operation not in ("", "none") for each in told) else further
    for each in found[1:]:
        if len(told) == _TOLD:
            break
        if each.reading.answers < needed or not each.reading.spans:
            continue
        if each.hit.document.language != told[0].hit.document.language:
            continue  # the same told in the other language
        if not _adds(each, told):
            continue
        told.append(each)
    return tuple(told)


def _adds(one: Found, told: Iterable[Found]) -> bool:
    """Whether the marked words of `one` say anything that those of `told` do not."""
    mine, known = _said(one), [_said(each) for each in told]
    return not any(mine <= theirs for theirs in known)


def _said(found: Found) -> frozenset[object]:
    """What is marked in a passage: figures by value and unit, else the words themselves."""
    said: set[object] = set()
    for span in found.reading.spans:
        words = found.hit.passage.text[span.start : span.end]
        values = {(quantity.value, quantity.unit) for quantity in quantities(words)}
        said |= values or {re.sub(r"\W", "", words).casefold()}
    return frozenset(said)


def _text_of(found: Found) -> str:
    """All that is said in and of a passage, in one form: without spaces, folded."""
    document, passage = found.hit.document, found.hit.passage
    parts = (document.title, document.version, *passage.heading_path, passage.table_header, passage.text)
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", " ".join(parts))).casefold()


def _holds_codes(question: Question, found: Sequence[Found], *, every: bool) -> bool:
    """Whether the passages hold the codes that are asked for: one of them, or `every` one."""
    codes = [code for code in question.codes if not _ORDINAL.fullmatch(code)]
    if not codes or not found:
        return True
    text = " ".join(map(_text_of, found))
    held = [_held(code, text) for code in codes]
    return all(held) if every else any(held)


def _held(code: str, text: str) -> bool:
    """Whether a text holds a code, also one in the plural: "the M10s"."""
    return code in text or (code.endswith("s") and code[-2:-1].isdigit() and code[:-1] in text)


def _in_force(question: Question, found: Sequence[Found]) -> list[Found]:
    """Without superseded passages where the document that replaced theirs answers too, unless the past is named.

    The past is named by a year before the newer document took effect.
    """
    here = {each.hit.document.document_id: each.hit.document for each in found if each.reading.answers >= 0.5}
    kept = []
    for each in found:
        newer = here.get(each.hit.document.superseded_by)
        past = newer is not None and any(str(year) < newer.effective_date[:4] for year in question.years)
        if newer is None or past:
            kept.append(each)
    return kept
