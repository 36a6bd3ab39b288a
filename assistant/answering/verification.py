"""Checks one sentence of an answer against the evidence it cites, before anyone sees it.

It knows nothing of the model that wrote the sentence. In the language of its source a sentence may hold no figure
(value, unit, bound), name, content word, denial, duty or word of degree that the cited evidence lacks, and none in the
place of another. From a source in the other language figures, names, denial and duty are compared, and the place of
the figures as far as the words are known in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.answering.bilingual import names_of, translations
from assistant.answering.binding import exchanged
from assistant.answering.degrees import added
from assistant.answering.polarity import differing, differs_across
from assistant.answering.slots import tokens
from assistant.index.tokens import terms
from assistant.language import detect, sentences
from assistant.quantities import quantities, unsupported, unsupported_identifiers
from assistant.schema import Evidence, Language

#: Words that a paraphrase may bring along: they state nothing. Words of degree are compared by themselves.
_FREE = frozenset(
    """경우 내용 정도 이상 이하 이내 최대 최소 가능 해당 다음 것 수 문서 근거 따르 하 되 있 없 이 가지 위하 대하 말하 보
    나타내 설명 의미 document source accord state say follow mean call also use amount time number
    """.split()  # noqa: SIM905
)
_BEFORE_FIGURE, _BEHIND_FIGURE = 24, 14
#: Kiwi now and then takes a particle or 입니다 for the end of a noun ("목표가").
_GRAMMAR = re.compile(r"(?:[이가은는을를의에로와과도만]|입니다?|이다|였)$")
_NAME = re.compile(r"\b[A-Z][A-Za-z&.-]*[A-Za-z]\b")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+)$")


def sources_of(evidence: Sequence[Evidence]) -> list[str]:
    """The text of cited evidence in which figures may stand: quotes, table headers, headings, titles, dates."""
    return [
        part
        for piece in evidence
        for part in (piece.quote, piece.table_header, *piece.heading_path, piece.title, piece.effective_date)
        if part
    ]


def problems(sentence: str, cited: Sequence[Evidence], question: str, language: Language) -> list[str]:
    """What is wrong with `sentence`, in words for a log; empty when it may be shown."""
    if not cited:
        return ["no citation"]
    sources = sources_of(cited)
    text = " ".join(sources)
    found = [f"figure {quantity.text!r}" for quantity in unsupported(sentence, _as_read(cited))]
    if detect(sentence) not in (language, None):
        found.append("other language")
    known = f"{text} {question}"
    found += [f"name {identifier.text!r}" for identifier in unsupported_identifiers(sentence, [known])]
    source_language = detect(" ".join(piece.quote for piece in cited)) or language
    if source_language != language:
        return found + _across(sentence, cited, text, language, source_language)
    found += [f"name {name!r}" for name in _latin_names(sentence) if name.casefold() not in known.casefold()]
    # The question's words do not count as known: "대기업 70 %" from a source about mid-size firms is a lie made of the
    # question's noun and the source's figure.
    found += [f"new word {word!r}" for word in _new_words(sentence, text)]
    quotes = [quote for piece in cited for quote in (*_statements_of(piece), *_labels_of(piece))]
    found += [f"denied or demanded {word!r}" for word in differing(sentence, quotes, language)]
    found += [f"degree {word!r}" for word in _degrees(sentence, text)]
    return found + [f"exchanged {what}" for what in exchanged(sentence, cited)]


def _as_read(cited: Sequence[Evidence]) -> list[str]:
    """Sources of figures: a table row is read together with its header, which may hold the unit."""
    rows = [f"{piece.table_header}\n{piece.quote}" for piece in cited if piece.table_header]
    return [*rows, *sources_of(cited)]


@lru_cache(maxsize=256)
def _statements_of(piece: Evidence) -> tuple[str, ...]:
    return tuple(piece.quote[start:end] for start, end in sentences(piece.quote))


def _labels_of(piece: Evidence) -> tuple[str, ...]:
    """Headings, title and column names: they affirm their words."""
    return (*piece.table_header.split(" | "), *piece.heading_path, piece.title)


def _across(sentence: str, cited: Sequence[Evidence], text: str, language: Language, other: Language) -> list[str]:
    """What can be checked against a source in the other language."""
    found = [f"name {name!r}" for name in names_of(sentence, language, text)]
    quotes = [quote for piece in cited for quote in _statements_of(piece)]
    if differs_across(sentence, language, quotes, other):
        found.append("denied or demanded")
    if turned := _turned(sentence, text):
        found.append(f"degree {turned}")
    return found + [f"exchanged {what}" for what in exchanged(sentence, cited, translations(language))]


def _turned(sentence: str, text: str) -> list[str]:
    """Words of degree of which the text, in another language, has only the opposite."""
    source = {(token.kind, token.key) for line in text.splitlines() for token in tokens(line)}
    groups = {kind for kind, _ in source} - {"word", "name", "figure"}
    return [
        token.key
        for token in tokens(sentence)
        # particles have no single counterpart: 까지 is until, to, by and up to
        if token.kind in groups and (token.kind, token.key) not in source and not token.key.startswith("-")
    ]


def _new_words(sentence: str, text: str) -> list[str]:
    """Names and other words of the sentence that the text lacks; figures are compared by their value."""
    words = {token.key for line in text.splitlines() for token in tokens(line)}
    folded, joined = text.casefold(), re.sub(r"\s", "", text)
    new = []
    for token in tokens(sentence):
        if token.kind not in ("word", "name") or token.key in words or token.key in _FREE:
            continue
        written = sentence[token.start : token.end].casefold()
        korean = "가" <= token.key[0] <= "힣"
        if (re.sub(r"\s", "", token.key) in joined) if korean else (written in folded):
            continue
        if korean and _GRAMMAR.sub("", token.key) in joined:
            continue
        if not korean and set(terms(written).words) <= words | set(terms(text).words):
            continue
        new.append(written)
    return new


def _degrees(sentence: str, text: str) -> list[str]:
    """Words of degree that the text has less often, but for those that bound a figure: figures are compared so."""
    bounds = [
        (q.start - _BEFORE_FIGURE, q.end + _BEHIND_FIGURE)
        for q in quantities(sentence)
        if q.bound not in ("exact", "about")
    ]
    said = [
        token.key
        for token in tokens(sentence)
        if token.kind not in ("word", "name", "figure") and not any(low <= token.start < high for low, high in bounds)
    ]
    return added(said, (token.key for line in text.splitlines() for token in tokens(line)))


def _latin_names(sentence: str) -> list[str]:
    """Latin-script names inside the sentence."""
    return [m.group() for m in _NAME.finditer(sentence) if not _SENTENCE_START.search(sentence[: m.start()])]
