"""Turns the nodes of an OpenDocument file into the elements that the office writer knows, as a person sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.errors import ReadError
from assistant.ingest.formats.odf_styles import (
    DRAW,
    OFFICE,
    SLIDES,
    SVG,
    TABLE,
    TEXT,
    Level,
    marker,
    whole,
)
from assistant.ingest.formats.odf_words import SHAPES, SKIPPED, Words, text_of
from assistant.ingest.formats.office_runs import alternative
from assistant.ingest.formats.office_table import CELL_LIMIT, Element

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

#: A row that repeats more often than this is there for its format.
_REPEATS = 200
_CELL_STYLE = f"{TABLE}default-cell-style-name"


@dataclass
class Reader(Words):
    """Reads the parts of one file; `unread` counts formulas without a result."""

    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    cells: int = 0
    unread: int = 0

    def sections(self, body: Node, kind: str) -> Iterator[Element]:
        """Sheets, slides, or the one text; none that is hidden."""
        if kind == "text":
            yield {"provenance": {}, "elements": list(self.elements(body))}
        elif kind == "spreadsheet":
            for table in body.iterchildren(f"{TABLE}table"):
                if self.styles.says("table", table.get(f"{TABLE}style-name"), f"{TABLE}display") != "false":
                    name = table.get(f"{TABLE}name", "")
                    yield {"provenance": {"sheet": name}, "elements": [self.table(table)]}
        else:
            for number, slide in enumerate(body.iterchildren(f"{DRAW}page"), start=1):
                hidden = self.styles.says("drawing-page", slide.get(f"{DRAW}style-name"), f"{SLIDES}visibility")
                if hidden != "hidden":
                    yield {"provenance": {"slide": number}, "elements": self._slide(slide)}

    def _slide(self, slide: Node) -> list[Element]:
        found: list[Element] = []
        for frame in sorted(slide.iterchildren(), key=_place):  # as they are read, not as they were drawn
            elements = list(self.elements_of([frame]))
            if frame.get(f"{SLIDES}class") == "title" and elements:
                elements = [paragraph(" ".join(element.get("text", "") for element in elements), level=1)]
            found += elements
        return found

    def elements(self, parent: Node) -> Iterator[Element]:
        """What stands in a node, in order."""
        yield from self.elements_of(parent)

    def elements_of(self, nodes: Any) -> Iterator[Element]:
        """What nodes say, in order."""
        for node in nodes:
            if not isinstance(node.tag, str) or node.tag in SKIPPED or node.get(f"{TEXT}display") == "none":
                continue
            if node.tag in (f"{TEXT}p", f"{TEXT}h"):
                level = whole(node.get(f"{TEXT}outline-level"), 1) if node.tag == f"{TEXT}h" else 0
                yield from self.paragraph(node, self._outline(node, level) if level else "", level)
            elif node.tag == f"{TEXT}list":
                yield from self.numbered(node, 1, node.get(f"{TEXT}style-name", ""))
            elif node.tag == f"{TABLE}table":
                yield self.table(node)
            elif node.tag == f"{DRAW}control":
                yield from self._said(self.controls.get(node.get(f"{DRAW}control", ""), ""))
            else:  # sections, frames, text boxes, groups
                yield from self.elements(node)
                if node.tag in SHAPES:
                    yield from self._said(self._alternative(node))

    def paragraph(self, node: Node, number: str, level: int) -> Iterator[Element]:
        """The paragraph, then its notes and what floats beside it."""
        look = self.styles.look("paragraph", node.get(f"{TEXT}style-name"))
        for cell in node.iterancestors(f"{TABLE}table-cell"):
            look = look.over(self.styles.look("table-cell", cell.get(f"{TABLE}style-name")))
            break
        hidden = any(mark.get(f"{TEXT}is-hidden", "true") == "true" for mark in node.iter(f"{TEXT}hidden-paragraph"))
        text = "" if hidden else self.inline(node, look)
        if text.strip():
            yield paragraph(number + text, level)
        notes, self.notes = self.notes, []
        floating, self.floating = self.floating, []
        yield from notes
        yield from self.elements_of(floating)

    def _said(self, text: str) -> Iterator[Element]:
        if text.strip():
            yield paragraph(text)

    def _alternative(self, node: Node) -> str:
        parts = (node.findtext(f"{SVG}title") or "", node.findtext(f"{SVG}desc") or "")
        return alternative(" ".join(part for part in parts if part))

    def _outline(self, node: Node, level: int) -> str:
        """The number of a heading, where headings are numbered."""
        if level not in self.styles.outline or node.get(f"{TEXT}is-list-header") == "true":
            return ""
        return self._count("\0outline", self.styles.outline, level, whole(node.get(f"{TEXT}start-value"), -1))

    def _count(self, key: str, levels: dict[int, Level], level: int, start: int = -1) -> str:
        counts = self.counts.setdefault(key, {})
        counts[level] = start if start >= 0 else counts.get(level, levels[level].start - 1) + 1
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        return marker(level, levels, counts)

    def numbered(self, node: Node, level: int, style: str) -> Iterator[Element]:
        """Items with their numbers; a list may go on with the numbers of an earlier one."""
        levels = self.styles.lists.get(style, {})
        goes_on = node.get(f"{TEXT}continue-numbering") == "true" or node.get(f"{TEXT}continue-list")
        if not goes_on and level == 1:
            self.counts[style] = {}
        for item in node:
            if item.tag not in (f"{TEXT}list-item", f"{TEXT}list-header"):
                continue
            number = ""
            if item.tag == f"{TEXT}list-item" and any(child.tag != f"{TEXT}list" for child in item):
                start = whole(item.get(f"{TEXT}start-value"), -1)
                number = self._count(style, levels, level, start) if level in levels else "- "
            indent = "  " * (level - 1)
            for child in item:
                if child.tag == f"{TEXT}list":
                    yield from self.numbered(child, level + 1, child.get(f"{TEXT}style-name") or style)
                elif child.tag in (f"{TEXT}p", f"{TEXT}h"):
                    heading = whole(child.get(f"{TEXT}outline-level"), 1) if child.tag == f"{TEXT}h" else 0
                    shown = self._outline(child, heading) or (number if level in levels else "") if heading else ""
                    yield from self.paragraph(child, shown if heading else indent + number, heading)
                    number = ""

    def table(self, table: Node) -> Element:
        """All visible rows; what is repeated without any text (the empty rest of a sheet) stands once."""
        hidden = self._hidden_columns(table)
        self._style_cells(table)
        rows: list[list[Element]] = []
        visible: list[bool] = []
        tops: list[tuple[int, Element]] = []
        for row in table.iter(f"{TABLE}table-row"):
            if next(row.iterancestors(f"{TABLE}table")) is not table:
                continue
            repeated = whole(row.get(f"{TABLE}number-rows-repeated"), 1)
            if _is_hidden(row, table):
                visible += [False] * min(repeated, _REPEATS)
                continue
            cells = self.row(row, hidden)
            times = min(repeated, _REPEATS) if any(cell["text"].strip() for cell in cells) else 1
            tops += [(len(visible), cell) for cell in cells if cell["row_span"] > 1]
            visible += [True] * times
            self.cells += times * len(cells)
            if self.cells > CELL_LIMIT:
                raise ReadError(
                    f"{self.name} has tables of more than {CELL_LIMIT:,} cells.", "Save its sheets as CSV, or split it."
                )
            rows += [cells] * times
        for top, cell in tops:  # hidden rows are no part of a merged cell
            cell["row_span"] = max(1, sum(visible[top : top + cell["row_span"]]))
        return {"type": "table", "rows": rows}

    def _style_cells(self, table: Node) -> None:
        """Give cells without a style that of their row or column."""
        defaults: list[str] = []
        for column in table.iter(f"{TABLE}table-column"):
            if next(column.iterancestors(f"{TABLE}table")) is table:
                times = min(whole(column.get(f"{TABLE}number-columns-repeated"), 1), 1024)
                defaults += [column.get(_CELL_STYLE, "")] * times
        for row in table.iter(f"{TABLE}table-row"):
            own, at = row.get(_CELL_STYLE, ""), 0
            if not (own or any(defaults)) or next(row.iterancestors(f"{TABLE}table")) is not table:
                continue
            for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                default = own or (defaults[at] if at < len(defaults) else "")
                if default and cell.get(f"{TABLE}style-name") is None:
                    cell.set(f"{TABLE}style-name", default)
                at += min(whole(cell.get(f"{TABLE}number-columns-repeated"), 1), 1024)

    def _hidden_columns(self, table: Node) -> set[int]:
        found: set[int] = set()
        at = 0
        for column in table.iter(f"{TABLE}table-column"):
            if next(column.iterancestors(f"{TABLE}table")) is table:
                times = min(whole(column.get(f"{TABLE}number-columns-repeated"), 1), 1024)
                if _is_hidden(column, table):
                    found.update(range(at, at + times))
                at += times
        return found

    def row(self, row: Node, hidden: set[int]) -> list[Element]:
        """Visible cells up to the last one with text."""
        cells: list[Element] = []
        at = 0
        for node in row:
            if node.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                continue
            inside = list(self.elements(node))
            text = "\n".join(text_of(element) for element in inside)
            if not text.strip() and not inside:
                text = node.get(f"{OFFICE}value") or node.get(f"{OFFICE}date-value") or ""
                self.unread += node.get(f"{TABLE}formula") is not None and not text
            width = whole(node.get(f"{TABLE}number-columns-spanned"), 1)
            cell: Element = {
                "text": text,
                "paragraphs": inside,
                "row_span": whole(node.get(f"{TABLE}number-rows-spanned"), 1),
                "col_span": max(1, width - sum(at <= column < at + width for column in hidden)),
            }
            times = min(whole(node.get(f"{TABLE}number-columns-repeated"), 1), 1024)
            cells += [cell] * sum(column not in hidden for column in range(at, at + times))
            at += times
        while cells and not cells[-1]["text"].strip() and cells[-1]["col_span"] == 1:
            cells.pop()
        return cells


def _place(frame: Node) -> tuple[float, float]:
    """Where a frame stands on a slide, from the top and from the left (cm)."""
    units = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72}

    def length(name: str) -> float:
        text = frame.get(f"{SVG}{name}", "") if isinstance(frame.tag, str) else ""
        try:
            return round(float(text[:-2]) * units.get(text[-2:], 1.0), 1)
        except ValueError:
            return 0.0

    return length("y"), length("x")


def _is_hidden(node: Node, table: Node) -> bool:
    """Whether a row or column, or the group around it, is hidden or filtered away."""
    if node.get(f"{TABLE}visibility", "visible") != "visible":
        return True
    for group in node.iterancestors(f"{TABLE}table-row-group", f"{TABLE}table-column-group"):
        if group.get(f"{TABLE}display") == "false" and next(group.iterancestors(f"{TABLE}table")) is table:
            return True
    return False


def paragraph(text: str, level: int = 0) -> Element:
    """A paragraph, or a heading of a level from 1."""
    return {"type": "paragraph", "text": text, "heading_level": level, "runs": []}
