"""A sentence of an answer: its figures strong, and the numbers of its sources glued to its last word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from assistant.schema import Language, Quote, Sentence
from assistant.text.quantities import quantities
from assistant.text.quantities.values import CALENDAR
from assistant.web.sources import html_text, render_chip
from assistant.web.turns import ShownTurn

#: Makes the chips of the sources with these ids.
Chips = Callable[[Sequence[str]], str]

#: What is not broken; a date (longer ones name several days).
_TOGETHER, _DATE = '<span class="nowrap">{}</span>', 16
#: A sentence's last word stays with its chips up to this length.
_WORD = 24


def chips_of(turn: ShownTurn, language: Language) -> Chips:
    """The chips of a turn: a source keeps its number for the whole answer."""
    return chips_by({one.id: (number, one) for number, one in enumerate(turn.sources, start=1)}, turn.number, language)


def chips_by(numbered: Mapping[str, tuple[int, Quote]], turn: int, language: Language) -> Chips:
    """Chips of sources that have been numbered, by id."""

    def render(citations: Sequence[str]) -> str:
        return "".join(
            render_chip(turn, numbered[cited][0], numbered[cited][1].title, language)
            for cited in dict.fromkeys(citations)
            if cited in numbered
        )

    return render


def render_sentence(sentence: Sentence, chips: Chips) -> str:
    """A sentence with its sources."""
    marks = chips(sentence.citations)
    whole = strong(sentence.text)
    before, space, last = sentence.text.rpartition(" ")
    glued = len(last) <= _WORD and "\n" not in last and whole == strong(before + space) + escape(last)
    if not glued:
        return f'<span class="sentence">{whole}{marks}</span>'
    return f'<span class="sentence">{strong(before + space)}<span class="nowrap">{escape(last)}{marks}</span></span>'


def glued(words: str, marks: str) -> str:
    """Words with the numbers of their sources, which stay with the last one."""
    before, space, last = words.rpartition(" ")
    return f'{escape(before + space)}<span class="nowrap">{escape(last)}{marks}</span>'


def render_check(sentences: Sequence[Sentence], chips: Chips, language: Language) -> str:
    """What has to be checked before one relies on the answer; nothing without sentences."""
    if not sentences:
        return ""
    said = " ".join(render_sentence(sentence, chips) for sentence in sentences)
    return f'<p class="unsure"><b>{html_text(language, "check_first")}</b><span>{said}</span></p>'


def strong(words: str) -> str:
    """Amounts and measures in bold; these and dates on one line each."""
    return _marked(words, "<strong>{}</strong>")


def unbroken(words: str) -> str:
    """Amounts, measures and dates on one line each."""
    return _marked(words, _TOGETHER)


def _marked(words: str, measure: str) -> str:
    parts, at = [], 0
    for found in quantities(words):
        if found.start >= at and found.unit:
            date = found.unit in CALENDAR
            if date and len(found.text) > _DATE:
                continue
            parts.append(
                f"{escape(words[at : found.start])}{(_TOGETHER if date else measure).format(escape(found.text))}"
            )
            at = found.end
    return "".join(parts) + escape(words[at:])
