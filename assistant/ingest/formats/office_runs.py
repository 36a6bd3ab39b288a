"""What a person sees of the runs that dochan reads from Hancom documents: nothing struck out, figures in their place.

Works on dochan's dictionaries, in which each run says whether it is struck out, raised, lowered, or a note's mark. A
cell's text is composed anew from its paragraphs, as dochan did from the runs as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.ingest.formats.draft import clean
from assistant.ingest.formats.raised import formula, lowered, raised

Element = dict[str, Any]

#: dochan goes no deeper.
_DEEPEST = 64
#: Descriptions of pictures that a program made up: Hancom's, Word's, a file's name, a number.
_MADE_UP = re.compile(
    r"^[\w ]{1,12}입니다\.(?:\s|$)|원본 그림의 이름|자동 생성|automatically generated|AI-generated|AI 生成|"
    r"\.(?:png|jpe?g|gif|bmp|emf|wmf|tiff?|svg|webp)\s*$|^(?:(?:그림|사진|개체|picture|image|graphic|object|shape)\s*\d*\s*)*$",
    re.IGNORECASE,
)


def alternative(text: str) -> str:
    """The description of a picture, in brackets, if a person wrote it; else nothing."""
    shown = clean(text)
    return f" [{shown}] " if shown and not _MADE_UP.search(shown) else ""


def running(elements: Sequence[Element]) -> tuple[list[Element], list[Element]]:
    """What headers say, and what footers say: each paragraph once, and none that only repeats one of the body."""
    said = {clean(element.get("text", "")) for element in elements if element["type"] == "paragraph"}
    found: tuple[list[Element], list[Element]] = ([], [])
    for element in elements:
        for part in element["elements"] if element["type"] in ("header", "footer") else ():
            text = clean("\n".join(_texts([part], 0)))
            if re.search(r"[^\W\d_]", text) and text not in said:
                said.add(text)
                found[element["type"] == "footer"].append(part)
    return found


def write_formulas(elements: Sequence[Element], depth: int = 0) -> None:
    """Write the powers in formulas that stand within paragraphs as characters, also in the cells of tables."""
    for element in elements if depth < _DEEPEST else ():
        for run in element.get("runs", ()):
            if run.get("equation"):
                run["text"] = formula(run["text"])
                element["text"] = "".join(each["text"] for each in element["runs"])
        for inside in _inside(element):
            write_formulas(inside, depth + 1)
        for row in element.get("rows", ()):
            for cell in row:
                if any(run.get("equation") for part in cell["paragraphs"] for run in part.get("runs", ())):
                    cell["text"] = "\n".join(_texts(cell["paragraphs"], depth))


def rewrite(elements: Sequence[Element]) -> None:
    """Change the texts of elements, and of all inside them, into what is seen. Notes are numbered by kind."""
    marks: dict[int, str] = {}
    counts: dict[str, int] = {}
    for note in notes_in(elements):
        counts[note["type"]] = counts.get(note["type"], 0) + 1
        note["mark"] = marks[note.get("number", 0)] = raised(f"{counts[note['type']]})")
    for element in elements:
        _rewrite(element, marks, 0)


def notes_in(elements: Sequence[Element], depth: int = 0) -> Iterator[Element]:
    """Footnotes and endnotes among elements and inside them, in order."""
    for element in elements if depth < _DEEPEST else ():
        if element["type"] in ("footnote", "endnote"):
            yield element
        for inside in _inside(element):
            yield from notes_in(inside, depth + 1)


def _inside(element: Element) -> Iterator[list[Element]]:
    """Lists of elements in an element."""
    for row in element.get("rows", ()):
        for cell in row:
            yield cell["paragraphs"]
    yield element.get("elements", [])
    yield element.get("caption", {}).get("elements", [])


def _rewrite(element: Element, marks: dict[int, str], depth: int) -> None:
    if depth > _DEEPEST:
        return
    for run in element.get("runs", ()):
        run["text"] = _seen(run, marks)
    if element["type"] == "paragraph":
        element["text"] = "".join(run["text"] for run in element["runs"])
    for inside in _inside(element):
        for each in inside:
            _rewrite(each, marks, depth + 1)
    for row in element.get("rows", ()):
        for cell in row:
            cell["text"] = "\n".join(_texts(cell["paragraphs"], depth))
    if "elements" in element:
        element["text"] = "\n".join(_texts(element["elements"], depth))
    if "caption" in element:
        element["caption"]["text"] = "\n".join(_texts(element["caption"]["elements"], depth))


def _seen(run: Element, marks: dict[int, str]) -> str:
    text = str(run["text"])
    if run.get("strikeout"):
        return ""
    if run.get("note_ref"):
        return marks.get(run["note_ref"], text)
    if run.get("equation"):
        return formula(text)
    if run.get("superscript"):
        return raised(text)
    return lowered(text) if run.get("subscript") else text


def _texts(elements: Sequence[Element], depth: int) -> list[str]:
    """The texts of a cell, header or note; a table inside is a line a row, its cells parted by tabs."""
    found: list[str] = []
    for element in elements if depth < _DEEPEST else ():
        kind = element["type"]
        if kind == "paragraph":
            found.append(element["text"])
        elif kind == "table":
            rows = (
                "\t".join(text for cell in row if not cell.get("merged_away") for text in [cell["text"]] if text)
                for row in element["rows"]
            )
            found.append("\n".join(row for row in rows if row))
        elif kind == "equation":
            found.append(formula(element["latex"] or element["script"]))
        elif kind == "image":
            found.append(alternative(element.get("alt_text", "")))
    return [text for text in found if text]
