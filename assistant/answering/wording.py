"""Quotes as text: in an answer, in the prompt, and where only a quote's own words will do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering.texts import TRANSLATED
from assistant.schema import Language, Quote
from assistant.text.language import detect
from assistant.text.table_rows import Row

#: Longer quotes (characters) are not paraphrased.
_LONG = 420
_BULLET = re.compile(r"^[-*•·]\s+")
_NUMBERED = re.compile(r"\s*\d{1,2}[.)]\s")
#: The signal words of warning signs (ISO 3864-2, ANSI Z535), as manuals print them.
_SIGNAL = re.compile(r"^\W*(경고|주의|위험|warning|danger|caution)\b", re.I)


def is_step(text: str) -> bool:
    """Whether a text begins with the number of a step."""
    return bool(_NUMBERED.match(text))


def is_warning(text: str) -> bool:
    """Whether a text begins with a signal word."""
    return bool(_SIGNAL.match(text))


def verbatim(quote: Quote) -> bool:
    """Whether a quote is shown as it stands: steps, warnings, several lines, long texts."""
    text = quote.quote.strip()
    return "\n" in text or len(text) > _LONG or is_step(text) or is_warning(text)


def as_prompt(quotes: Sequence[Quote]) -> str:
    """Quotes as the language model reads them: a heading line where it changes, then `[id] text`."""
    lines: list[str] = []
    heading = ""
    for quote in quotes:
        path = " > ".join(dict.fromkeys((quote.title, *quote.heading_path[-1:])))
        current = f"# {path}" + (f" ({quote.effective_date})" if quote.effective_date else "")
        if current != heading:
            lines.append(current)
            heading = current
        lines.append(f"[{quote.id}] " + " / ".join(display(quote).splitlines()))
    return "\n".join(lines)


def display(quote: Quote) -> str:
    """A quote as text of an answer: rows with their column names, list items without bullets, else as it is."""
    lines = [_BULLET.sub("", " ".join(line.split())) for line in quote.quote.splitlines() if line.strip()]
    if quote.table_header:
        lines = [labelled_row(quote.table_header, line) for line in lines]
    return "\n".join(lines)


def plain(quote: Quote) -> str:
    """The answering words of a quote as a plain statement: of a row its name and the marked cells, else the quote."""
    if not quote.table_header or quote.span is None or "\n" in quote.quote.strip():
        return display(quote)
    row = Row.of(quote.table_header, quote.quote)
    if row is None or len(row.cells) < 2:
        return display(quote)
    marked = row.touched(quote.span[0] - quote.start, quote.span[1] - quote.start)
    if not marked or marked[0] == 0:
        return display(quote)
    values = "; ".join(f"{row.names[number]}: {row.cells[number].strip()}" for number in marked)
    return f"{row.names[0]} {row.cells[0].strip()} – {values}"


def with_original(sentence: str, quotes: Sequence[Quote], language: Language) -> str:
    """A checked sentence; with the words of its sources behind it when those are in the other language."""
    foreign = [" ".join(display(quote).split()) for quote in quotes if detect(quote.quote) not in (language, None)]
    if not foreign or any(verbatim(quote) for quote in quotes):
        return sentence
    return TRANSLATED[language].format(text=sentence, original=" / ".join(foreign))


def labelled_row(header: str, line: str) -> str:
    """Write a table row with its column names: `분과: 자동차; 앵커기업: 현대자동차, 기아`."""
    row = Row.of(header, line)
    return "; ".join(f"{name}: {cell}" for name, cell in row.pairs) if row else f"{header}: {line}"
