"""A manual as an operator uses it: alarm rows by code, sections with warnings and steps, rows of values.

Read from the index's stored blocks, so every text here is a slice of the stored text. What a table is, its form tells:
rows that begin with an alarm code are alarms, whatever their columns are called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from assistant.answering.wording import is_step, is_warning
from assistant.index import Visible
from assistant.schema import Block, Box, Document
from assistant.text.quantities import quantities
from assistant.text.table_rows import Row

ItemKind = Literal["warning", "step", "text", "row"]
Rank = Literal["danger", "warning", "caution"]

#: An alarm code as machines show it: TA0107, E-204, RJ5111.
CODE = re.compile(r"[A-Z]{1,4}-?\d{2,5}[A-Z]?")
_MENTIONED = re.compile(rf"(?<![A-Za-z0-9-])({CODE.pattern})(?![A-Za-z0-9-])")
_NUMBER = re.compile(r"\d+(?:\.\d+)+(?=\.?\s)")
_STEP = re.compile(r"\s*(\d{1,2})[.)]\s+")
#: How a manual names another of its sections.
_REFERENCE = re.compile(r"(\d+(?:\.\d+)+)\s*절|(?:sections?|sect\.|clause|§)\s*(\d+(?:\.\d+)+)", re.I)
_RANKS: dict[str, Rank] = {
    **dict.fromkeys(("위험", "danger"), "danger"),
    **dict.fromkeys(("경고", "warning"), "warning"),
    **dict.fromkeys(("주의", "caution"), "caution"),
}
_SIGNAL = re.compile(rf"\W*({'|'.join(_RANKS)})\b\W*", re.I)


@dataclass(frozen=True, slots=True)
class Item:
    """One warning, step, paragraph or table row: the slice `start:end` of the stored text, and where it stands.

    `sign` is the signal word or the step's number as printed, `text` what follows it; `cells` are a row's columns with
    their names.
    """

    kind: ItemKind
    text: str
    start: int
    end: int
    page: int | None
    boxes: tuple[Box, ...]
    sign: str = ""
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def rank(self) -> Rank:
        """How grave a warning is."""
        return _RANKS.get(self.sign.casefold(), "warning")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading, in the document's order. `chapter`: the heading above it."""

    heading: str
    chapter: str
    page: int | None
    items: tuple[Item, ...]

    @property
    def number(self) -> str:
        """The section's number as printed, or ''."""
        found = _NUMBER.match(self.heading)
        return found[0] if found else ""

    @property
    def warnings(self) -> tuple[Item, ...]:
        """All warnings, in order."""
        return tuple(item for item in self.items if item.kind == "warning")

    @property
    def has_steps(self) -> bool:
        """Whether it is a procedure."""
        return any(item.kind == "step" for item in self.items)

    def references(self) -> list[str]:
        """Numbers of the sections that it names."""
        return references(" ".join(item.text for item in self.items))


@dataclass(frozen=True, slots=True)
class Alarm:
    """A row of an alarm table. `facts`: the columns between meaning and remedy, with their names."""

    code: str
    meaning: str
    facts: tuple[tuple[str, str], ...]
    remedy: tuple[str, str]
    row: Item
    section: Section


@dataclass(frozen=True, slots=True)
class Value:
    """A table row that gives a value with its unit, and names alarms: `name`, `main` and the `rest` of its columns."""

    name: str
    main: tuple[str, str]
    rest: tuple[tuple[str, str], ...]
    row: Item
    section: Section
    codes: frozenset[str]


class Manual:
    """One manual, taken apart once."""

    def __init__(self, document: Document, text: str, blocks: Sequence[Block]) -> None:
        self.document = document
        self.sections = tuple(_sections(text, blocks))
        #: By number; the first one wins where a number comes twice.
        self.by_number = {section.number: section for section in reversed(self.sections) if section.number}
        self.alarms = {alarm.code: alarm for alarm in _alarms(self.sections)}
        self.values = tuple(_values(self.sections, self.alarms))

    def groups(self) -> list[tuple[str, str]]:
        """The letters that codes begin with, each with the name of its table, in the manual's order."""
        names: dict[str, str] = {}
        for alarm in self.alarms.values():
            names.setdefault(letters_of(alarm.code), alarm.section.heading)
        plain = [re.sub(r"\s*[(（][^)）]*[)）]\s*$", "", _title(heading)).split() for heading in names.values()]
        last = {words[-1] for words in plain if words}
        if len(last) == 1 and len(plain) > 1 and all(len(words) > 1 for words in plain):
            plain = [words[:-1] for words in plain]  # each table is called "… alarms"
        return [(letters, " ".join(words)) for letters, words in zip(names, plain, strict=True)]


def open_manual(seen: Visible, document_id: str) -> Manual | None:
    """Take a manual apart that the asker may see, else None."""
    stored = seen.document_text(document_id)
    if stored is None:
        return None
    return Manual(stored[0], stored[1], seen.blocks(document_id, 0, len(stored[1])))


def references(text: str) -> list[str]:
    """Numbers of sections that a text names, each once, in order."""
    return list(dict.fromkeys(one or other for one, other in _REFERENCE.findall(text)))


def letters_of(code: str) -> str:
    """The letters that a code begins with."""
    return re.sub(r"[^A-Z].*", "", code)


def _title(heading: str) -> str:
    return _NUMBER.sub("", heading, count=1).lstrip(". ") if _NUMBER.match(heading) else heading


def _sections(text: str, blocks: Sequence[Block]) -> Iterator[Section]:
    for path, group in groupby(blocks, key=lambda block: block.heading_path):
        run = list(group)
        items = tuple(
            _item(text, block)
            for block in run
            if block.kind != "heading" and not (block.kind == "table_row" and not block.table_header)
        )
        if path and items:
            yield Section(path[-1], path[-2] if len(path) > 1 else "", run[0].page, items)


def _item(text: str, block: Block) -> Item:
    words = " ".join(text[block.start : block.end].split())
    place = (block.start, block.end, block.page, block.boxes)
    if block.kind == "table_row":
        row = Row.of(block.table_header, words)
        named = row.pairs if row else (("", words),)
        return Item("row", words, *place, cells=named)
    if is_warning(words) and (signal := _SIGNAL.match(words)):
        return Item("warning", words[signal.end() :], *place, sign=signal[1])
    if is_step(words) and (number := _STEP.match(words)):
        return Item("step", words[number.end() :], *place, sign=number[1])
    return Item("text", words, *place)


def _alarms(sections: Iterable[Section]) -> Iterator[Alarm]:
    for section in sections:
        for row in section.items:
            if len(row.cells) >= 2 and CODE.fullmatch(row.cells[0][1].strip()):
                (_, code), (_, meaning), *rest = row.cells
                remedy = rest.pop() if rest else ("", "")
                yield Alarm(code.strip(), meaning, tuple(rest), remedy, row, section)


def _values(sections: Iterable[Section], alarms: dict[str, Alarm]) -> Iterator[Value]:
    for section in sections:
        for row in section.items:
            named = [frozenset(_MENTIONED.findall(text)) & alarms.keys() for _, text in row.cells]
            codes = frozenset[str]().union(*named)
            if not codes or named[0] or quantities(row.cells[0][1]):
                continue
            others = [cell for cell, inside in zip(row.cells[1:], named[1:], strict=True) if not inside]
            main = next((cell for cell in others if _begins_with_unit(cell[1])), None)
            if main:
                rest = tuple(cell for cell in others if cell != main)
                yield Value(row.cells[0][1], main, rest, row, section, codes)


def _begins_with_unit(text: str) -> bool:
    first = next(iter(quantities(text)), None)
    return first is not None and first.start == 0 and bool(first.unit)
