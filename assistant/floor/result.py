"""One glance at an alarm or a section: what stands on the page, in the order in which it has to be read.

Warnings come first, gravest first; then the remedy, then procedures whole and in the document's order. A remedy that
needs lockout, itself or by a section that it names, brings the warnings of the lockout procedure to the top.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assistant.floor.manual import Alarm, Item, Manual, Section, Value, references

#: The words for lockout, as the rules that ask for it print them (29 CFR 1910.147; 안전보건규칙 제92조).
_LOCKOUT = re.compile(r"잠금|잠그|잠가|lock(?:s|ed)?\s*-?\s*out|\bLOTO\b|\block\s+L\d", re.I)
_GRAVEST = {"danger": 0, "warning": 1, "caution": 2}


def alarm_result(manual: Manual, alarm: Alarm, before: Manual | None) -> dict[str, Any]:
    """What an operator reads for `alarm`, as JSON. `before`: the manual's previous revision."""
    named = _named(manual, references(alarm.remedy[1]))
    general = [each for each in manual.sections if each.has_steps and each.chapter == alarm.section.chapter]
    linked = _named(manual, [number for section in named for number in section.references()])
    lockout = lockout_of(manual)
    locks = lockout is not None and (bool(_LOCKOUT.search(alarm.remedy[1])) or lockout in [*named, *linked])
    main = [*named, *(each for each in general if each not in named)]
    further = [*linked, *_named(manual, [number for section in general for number in section.references()])]
    values = [value for value in manual.values if alarm.code in value.codes]
    return {
        "code": alarm.code,
        "meaning": alarm.meaning,
        "facts": [list(fact) for fact in alarm.facts],
        "remedy": list(alarm.remedy),
        "row": place(alarm.row),
        "section": alarm.section.heading,
        "warnings": warnings([*([lockout] if locks and lockout else []), *main]),
        "first": [lockout.number or lockout.heading] if locks and lockout and lockout not in main else [],
        "sections": [_key(each) for each in main],
        "further": [_key(each) for each in _once(further) if each not in main and not (locks and each == lockout)],
        "values": [value_of(value, before) for value in values],
        "changes": _changes(alarm, before),
    }


def section_result(section: Section) -> dict[str, Any]:
    """A section as JSON: everything that stands in it, in order."""
    return {
        "heading": section.heading,
        "chapter": section.chapter,
        "page": section.page,
        "items": [
            {
                "kind": item.kind,
                "text": item.text,
                "sign": item.sign,
                **({"rank": item.rank} if item.kind == "warning" else {}),
                **({"cells": [list(cell) for cell in item.cells]} if item.cells else {}),
                **place(item),
            }
            for item in section.items
        ],
        "further": section.references(),
    }


def sections_of(manual: Manual) -> dict[str, dict[str, Any]]:
    """The sections with steps or warnings, by number (by heading where they have none)."""
    return {_key(each): section_result(each) for each in manual.sections if each.has_steps or each.warnings}


def lockout_of(manual: Manual) -> Section | None:
    """The procedure of locking out: the first one that is called so."""
    return next((each for each in manual.sections if each.has_steps and _LOCKOUT.search(each.heading)), None)


def warnings(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """The warnings of `sections`, gravest first, each once."""
    found = {
        item.text: {"rank": item.rank, "sign": item.sign, "text": item.text, "section": section.heading, **place(item)}
        for section in sections
        for item in section.warnings
    }
    return sorted(found.values(), key=lambda each: _GRAVEST[str(each["rank"])])


def place(item: Item) -> dict[str, Any]:
    """Where an item stands: `start:end` of the stored text, page, and the boxes of its lines."""
    return {"start": item.start, "end": item.end, "page": item.page, "boxes": [list(box) for box in item.boxes]}


def value_of(value: Value, before: Manual | None) -> dict[str, Any]:
    """A value as JSON: its name, the value, what else its row says; and what it was in the revision before."""
    old = _row_before(value, before)
    cells = (value.main, *value.rest)
    return {
        "name": value.name,
        "value": value.main[1],
        "rest": [list(cell) for cell in value.rest],
        "before": [[name, old[name]] for name, text in cells if old.get(name, text) != text],
        "section": value.section.heading,
        **place(value.row),
    }


def _changes(alarm: Alarm, before: Manual | None) -> list[list[str]]:
    """Columns of an alarm that the revision before had otherwise: name, and what stood there."""
    old = before.alarms.get(alarm.code) if before else None
    if old is None:
        return []
    cells = dict(old.row.cells)
    return [[name, cells[name]] for name, text in alarm.row.cells if cells.get(name, text) != text]


def _row_before(value: Value, before: Manual | None) -> Mapping[str, str]:
    names = [name for name, _ in value.row.cells]
    for old in before.values if before else ():
        if old.name == value.name and [name for name, _ in old.row.cells] == names:
            return dict(old.row.cells)
    return {}


def _key(section: Section) -> str:
    return section.number or section.heading


def _named(manual: Manual, numbers: Sequence[str]) -> list[Section]:
    return _once(manual.by_number[number] for number in numbers if number in manual.by_number)


def _once(sections: Iterable[Section]) -> list[Section]:
    return list({each.heading: each for each in sections}.values())
