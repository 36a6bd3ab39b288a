"""Symptoms in words: the alarms and procedures of one manual that are about them, as search and the reader find them.

Search looks with the machine's model beside the words, so that this machine's passages come; what of them is offered,
an alarm row or a section, the reader weighs piece by piece. No language model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from assistant.floor.codes import codes_like
from assistant.floor.manual import Alarm, Manual, Section
from assistant.reading import Reader
from assistant.schema import Excerpt, Hit
from assistant.text.tokens import terms
from assistant.tuning import tuning

#: Passages that search brings of all documents, and those of the manual that are looked at.
_SEARCHED, _LOOKED_AT = 60, 8
#: Pieces that are read (an alarm row has about 60 tokens), and those that are offered.
_READ, _OFFERED = 40, 5
#: An excerpt is cut here (characters): a symptom stands in the first lines of a procedure or nowhere.
_LONGEST = 500


class Finds(Protocol):
    """What looking for words needs of the assistant."""

    @property
    def reader(self) -> Reader:
        """The reader."""

    def search(self, query: str, *, labels: frozenset[str], top_k: int | None = None) -> list[Hit]:
        """Visible passages, best first."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An alarm (`key` is its code) or a section (its number). `sure`: the reader holds it for an answer."""

    kind: Literal["alarm", "section"]
    key: str
    title: str
    why: str
    score: float
    sure: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    thing: Alarm | Section
    score: float

    @property
    def excerpt(self) -> Excerpt:
        if isinstance(self.thing, Alarm):
            header = " | ".join(name for name, _ in self.thing.row.cells)
            return Excerpt(self.thing.row.text, "", self.thing.section.heading, header)
        text = " ".join(item.text for item in self.thing.items)[:_LONGEST]
        return Excerpt(text, "", self.thing.heading)


def suggestions(query: str, manual: Manual, model: str, assistant: Finds, labels: frozenset[str]) -> list[Suggestion]:
    """What the words of `query` may be about, best first. A code among them is answered by its alarm alone."""
    if named := _named(query, manual):
        return [_suggestion(_Piece(alarm, 1.0), 1.0, True) for alarm in named]
    hits = [
        hit
        for hit in assistant.search(f"{query} {model}".strip(), labels=labels, top_k=_SEARCHED)
        if hit.document.document_id == manual.document.document_id
    ]
    pieces = _pieces(query, hits[:_LOOKED_AT], manual)[:_READ]
    readings = assistant.reader.read(query, [piece.excerpt for piece in pieces])
    numbers = tuning()
    threshold = numbers.answer[manual.document.language]
    ranked = sorted(
        zip(pieces, readings, strict=True), key=lambda each: -(each[0].score + numbers.weight * each[1].answers)
    )
    return [
        _suggestion(piece, piece.score + numbers.weight * reading.answers, reading.answers >= threshold)
        for piece, reading in ranked[:_OFFERED]
    ]


def _named(query: str, manual: Manual) -> list[Alarm]:
    """The alarms whose codes stand in the words."""
    words = [word for word in query.split() if any(map(str.isdigit, word)) and any(map(str.isalpha, word))]
    found = [codes_like(word, list(manual.alarms)) for word in words]
    return [manual.alarms[code] for codes in found if len(codes) == 1 for code in codes]


def _pieces(query: str, hits: Sequence[Hit], manual: Manual) -> list[_Piece]:
    """Alarm rows and procedures inside the passages, each with its passage's score; then the others by shared words."""
    found: dict[str, _Piece] = {}
    for hit in hits:
        start, end = hit.passage.start, hit.passage.end
        for alarm in manual.alarms.values():
            if alarm.row.start < end and start < alarm.row.end:
                found.setdefault(alarm.code, _Piece(alarm, hit.score))
        for section in _procedures(manual.sections):
            if section.items[0].start < end and start < section.items[-1].end:
                found.setdefault(section.heading, _Piece(section, hit.score))
    least = min((hit.score for hit in hits), default=0.0)
    wanted = _words(query)
    for alarm in sorted(manual.alarms.values(), key=lambda each: -len(wanted & _words(each.row.text))):
        found.setdefault(alarm.code, _Piece(alarm, least))
    return list(found.values())


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    """Morphemes and stems."""
    return frozenset(terms(text).words)


def _procedures(sections: Iterable[Section]) -> list[Section]:
    return [section for section in sections if section.has_steps]


def _suggestion(piece: _Piece, score: float, sure: bool) -> Suggestion:
    thing = piece.thing
    if isinstance(thing, Alarm):
        why = thing.facts[0][1] if thing.facts else ""
        return Suggestion("alarm", thing.code, thing.meaning, why, round(score, 4), sure)
    return Suggestion("section", thing.number or thing.heading, thing.heading, "", round(score, 4), sure)
