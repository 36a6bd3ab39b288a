"""Checks one sentence of an answer against the evidence it cites, before anyone sees it.

It knows nothing of the model that wrote the sentence. A figure must stand in the cited evidence with the same value,
unit and bound (`quantities.unsupported`); a name or code must stand in the evidence or the question; most other words
too, unless the evidence is in another language; and the sentence must be in the question's language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.index.tokens import terms
from assistant.language import detect
from assistant.quantities import unsupported
from assistant.schema import Evidence, Language

#: Largest share of a sentence's content words that neither evidence nor question holds. Inflection and joining words
#: differ between a text and its paraphrase; an invented statement brings mostly new words.
_NEW_WORDS = 0.4

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
        words = set(terms(sentence).words)
        new = words - set(terms(f"{text} {question}").words)
        if words and len(new) / len(words) > _NEW_WORDS and len(new) > 1:
            found.append(f"new words {sorted(new)}")
        quotes = " ".join(piece.quote for piece in cited)
        if bool(_NEGATION[language].search(sentence)) != bool(_NEGATION[language].search(quotes)):
            found.append("negation differs")
    return found


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
