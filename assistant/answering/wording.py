"""Evidence as text: in an answer, in the prompt, and where only its own words will do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering.focus import step_or_warning
from assistant.answering.texts import TRANSLATED
from assistant.language import detect
from assistant.schema import Evidence, Language

#: Longer pieces (characters) are not paraphrased.
_LONG = 300
_DUTY = re.compile(r"[해하][여서]?야 ?[하합한]|금지|안 됩니다|안 된다|\b(?:must|shall|may not|prohibited)\b", re.I)
_MEASURE = re.compile(
    r"\d\s?(?:N·m|kgf|MPa|kPa|bar|°C|℃|°F|mm|μm|rpm|min-1|kW|Hz|[VALg]|kg|mL|cSt)(?![A-Za-z])|\bISO VG\b"
)
_PART = re.compile(r",\s|\b(?:and|or)\b|(?<=[가-힣])(?:고|며|거나)\s|·")
_BULLET = re.compile(r"^[-*•·]\s+")


def verbatim(piece: Evidence) -> bool:
    """Whether a piece is shown as it stands and never paraphrased.

    Steps, warnings, rows of limits and torques, what has several lines, and several duties in one sentence: a
    paraphrase drops some of them.
    """
    text = piece.quote.strip()
    duties = len(_DUTY.findall(text))
    several_duties = duties > 1 or (duties == 1 and len(_PART.findall(text)) > 1)
    limits = bool(piece.table_header) and bool(_MEASURE.search(text))
    return step_or_warning(text) or "\n" in text or several_duties or limits or len(text) > _LONG


def as_prompt(evidence: Sequence[Evidence]) -> str:
    """Evidence as the language model reads it: a heading line where it changes, then `[id] text`."""
    lines: list[str] = []
    heading = ""
    for piece in evidence:
        path = " > ".join(dict.fromkeys((piece.title, *piece.heading_path[-1:])))
        current = f"# {path}" + (f" ({piece.effective_date})" if piece.effective_date else "")
        if current != heading:
            lines.append(current)
            heading = current
        lines.append(f"[{piece.id}] " + " / ".join(display(piece).splitlines()))
    return "\n".join(lines)


def display(piece: Evidence) -> str:
    """Evidence as text of an answer: table rows with their column names, list items without bullets, else as it is."""
    lines = [_BULLET.sub("", " ".join(line.split())) for line in piece.quote.splitlines() if line.strip()]
    if piece.table_header:
        lines = [labelled_row(piece.table_header, line) for line in lines]
    return "\n".join(lines)


def with_original(sentence: str, piece: Evidence, language: Language) -> str:
    """A checked sentence of the model; with the words of its source behind it when those are in the other language.

    What no check of figures, names and denials can tell, a reader then sees.
    """
    if detect(piece.quote) in (language, None):
        return sentence
    return TRANSLATED[language].format(text=sentence, original=" ".join(display(piece).split()))


def labelled_row(header: str, row: str) -> str:
    """A table row with its column names: `분과: 자동차; 앵커기업: 현대자동차, 기아`."""
    names, cells = header.split(" | "), row.split(" | ")
    if len(names) != len(cells):
        return f"{header}: {row}"
    return "; ".join(f"{name}: {cell}" for name, cell in zip(names, cells, strict=True))
