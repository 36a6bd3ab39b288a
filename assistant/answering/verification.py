"""Checks one sentence of an answer against the evidence it cites, before anyone sees it.

It knows nothing of the model that wrote the sentence. A figure must stand in the cited evidence with the same value,
unit and bound (`quantities.unsupported`) and beside the same word; every other content word must stand there too,
unless the evidence is in another language; and the sentence must be in the question's language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.index.tokens import holds, nouns, terms
from assistant.language import detect
from assistant.quantities import Quantity, quantities, unsupported
from assistant.schema import Evidence, Language

#: Words that a paraphrase may bring along: they state nothing.
_FREE = frozenset(
    """경우 내용 정도 이상 이하 이내 최대 최소 가능 해당 다음 것 수 문서 근거 따르 하 되 있 없 이 가지 위하 대하 말하 보
    나타내 설명 의미 document source accord state say follow mean call also use amount time number
    """.split()  # noqa: SIM905
)

_NAME = re.compile(r"\b[A-Z][A-Za-z&.-]*[A-Za-z]\b")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+)$")
_NEGATION = {
    "ko": re.compile(r"않|못하|아니|없[다습으었는]|금지|불가"),
    "en": re.compile(r"\b(not|no|never|cannot|none|neither|nor|without|n't)\b|n't\b", re.I),
}


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
    found = [f"figure {quantity.text!r}" for quantity in unsupported(sentence, sources)]
    if detect(sentence) not in (language, None):
        found.append("other language")
    text = " ".join(sources)
    source_language = detect(" ".join(piece.quote for piece in cited))
    found += [f"name {name!r}" for name in _unknown_names(sentence, f"{text} {question}", source_language)]
    if source_language == language:
        # The question's words do not count as known: "대기업 70 %" from a source about mid-size firms is a lie
        # made of the question's noun and the source's figure.
        known = set(terms(text).words) | _FREE
        verbs = [word for word in terms(sentence).words if word not in known and word not in text.casefold()]
        if new := [*(word for word in _content(sentence) if not holds(text, word)), *verbs]:
            found.append(f"new words {new}")
        quotes = " ".join(piece.quote for piece in cited)
        if bool(_NEGATION[language].search(sentence)) != bool(_NEGATION[language].search(quotes)):
            found.append("negation differs")
        if misplaced := _misplaced(sentence, [part for piece in cited for part in (piece.quote, piece.table_header)]):
            found.append(f"figure of another thing {misplaced}")
    return found


_CLAUSE = re.compile(r"[,;·/\n|]|(?<=[가-힣])(?:고|며|지만)\s|\b(?:and|but|while|whereas)\b")


def _misplaced(sentence: str, sources: Sequence[str]) -> list[str]:
    """Figures whose clause in the sentence names something that no clause with that figure names in the sources.

    "중견기업 56 %" fails against "중견기업이 23%, 중소기업이 56%": each figure keeps the nearest word before it.
    """
    segments = [segment for source in sources for segment in _segments(source)]
    found = []
    for segment in _segments(sentence):
        for quantity in quantities(segment):
            before = _content(segment[: quantity.start])
            holders = [s for s in segments if any(_same(quantity, other) for other in quantities(s))]
            if before and holders and not any(holds(holder, before[-1]) for holder in holders):
                found.append(f"{before[-1]} {quantity.text}")
    return found


def _content(text: str) -> list[str]:
    """Nouns of a text that state something."""
    return [word for word in nouns(text) if word not in _FREE]


def _segments(text: str) -> list[str]:
    """Clauses of a text; a comma inside a number does not cut."""
    return [part for part in _CLAUSE.split(re.sub(r"(?<=\d),(?=\d)", "", text)) if part and part.strip()]


def _same(one: Quantity, other: Quantity) -> bool:
    return one.value == other.value and one.unit == other.unit


def _unknown_names(sentence: str, known: str, source_language: str | None) -> list[str]:
    """Identifiers, and Latin-script names inside the sentence, that the known text does not hold."""
    folded = known.casefold()
    found = [
        name for name in terms(sentence).identifiers if name not in terms(known).identifiers and name not in folded
    ]
    if source_language == "en" or detect(sentence) == "ko":
        for match in _NAME.finditer(sentence):
            starts = _SENTENCE_START.search(sentence[: match.start()])
            if not starts and match.group().casefold() not in folded:
                found.append(match.group())
    return found
