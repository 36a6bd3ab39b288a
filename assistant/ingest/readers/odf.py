"""OpenDocument texts, spreadsheets and presentations (ODT, ODS, ODP).

The content is turned into the same plain dictionaries that the office reader writes, so that tables, sheets and slides
look alike whatever program they were made with.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.errors import ReadError
from assistant.ingest.readers import office_container
from assistant.ingest.readers.office import OfficeWriter
from assistant.ingest.readers.office_container import Kind
from assistant.ingest.readers.office_table import CELL_LIMIT, Element
from assistant.ingest.readers.source import Source
from assistant.schema import Draft

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_MIME = b"application/vnd.oasis.opendocument."
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_SLIDES = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"

#: Not part of the text: what was deleted, remarks, forms, and indexes that only repeat headings.
_SKIPPED = {
    f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TEXT}table-of-content",
    f"{_TEXT}alphabetical-index", f"{_TEXT}illustration-index", f"{_TEXT}sequence-decls", f"{_SLIDES}notes",
    f"{_TABLE}named-expressions", f"{_TEXT}bibliography", f"{_TEXT}user-index", f"{_TEXT}object-index",
}  # fmt: skip
#: A row that repeats more often than this is there for its format.
_REPEATS = 200


@dataclass
class OpenDocumentFormat:
    """One of the three; `kind` is the office format that it is written like."""

    MEDIA_TYPE: str
    body: str
    kind: Kind

    def recognises(self, source: Source) -> bool:
        """A ZIP container whose first member says so."""
        return mime_type(source.content).startswith(_MIME + self.body.encode())

    def read(self, source: Source) -> Draft:
        """Headings, paragraphs, numbered lists and tables in order; hidden sheets are left out.

        Raises ReadError: encrypted, damaged, too large, or a ZIP bomb.
        """
        content, styles, meta = _members(source)
        body = content.find(f"{_OFFICE}body/{_OFFICE}{self.body}")
        if body is None:
            raise ReadError(
                f"{source.name} is a damaged OpenDocument file (no {self.body} in it).", "Save it again and give that."
            )
        writer = OfficeWriter(self.kind)
        title = next((node.text for node in meta.iter(_TITLE) if node.text), "") if meta is not None else ""
        writer.own_title = " ".join(title.split())
        reader = _Reader(source.name, _numberings(content, styles), _hidden(content))
        writer.document({"sections": list(reader.sections(body, self.body))})
        return writer.builder.build({"title": writer.title})


_NAME = "application/vnd.oasis.opendocument."
FORMATS = (
    OpenDocumentFormat(f"{_NAME}text", "text", "docx"),
    OpenDocumentFormat(f"{_NAME}spreadsheet", "spreadsheet", "xlsx"),
    OpenDocumentFormat(f"{_NAME}presentation", "presentation", "pptx"),
)


def mime_type(content: bytes) -> bytes:
    """What the container calls itself: its first member, not compressed, is named "mimetype"."""
    if content[:4] != b"PK\x03\x04" or content[30:38] != b"mimetype":
        return b""
    start = 38 + int.from_bytes(content[28:30], "little")
    return content[start : start + 64]


def _members(source: Source) -> tuple[Node, Node | None, Node | None]:
    """Content, styles and properties. Raises ReadError."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            office_container.refuse_bomb(source, archive.infolist())
            names = archive.namelist()
            manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
            if b"encryption-data" in manifest:
                raise ReadError(f"{source.name} is encrypted with a password.", "Save a copy without a password.")
            found = [
                _parsed(archive.read(name), source) if name in names else None
                for name in ("content.xml", "styles.xml", "meta.xml")
            ]
    except ReadError:
        raise
    except Exception as exc:  # zipfile, zlib and lxml all have errors of their own
        raise ReadError(
            f"{source.name} is a damaged OpenDocument file ({exc}).",
            "Open it in the program it was made with, save it again and give that.",
        ) from exc
    if found[0] is None:
        raise ReadError(f"{source.name} is an OpenDocument file without content.", "Save it again and give that.")
    return found[0], found[1], found[2]


def _parsed(content: bytes, source: Source) -> Node:
    from lxml import etree

    head = content[:2000].lower()
    if b"<!entity" in head:
        raise ReadError(f"{source.name} declares XML entities, which no office program writes.", "Save it again.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)
    return etree.fromstring(content, parser)


def _numberings(content: Node, styles: Node | None) -> dict[str, dict[int, tuple[str, str, int]]]:
    """Of each list style the numbered levels: number format, what stands after the number, and where it starts."""
    found: dict[str, dict[int, tuple[str, str, int]]] = {}
    for root in (styles, content):
        for style in root.iter(f"{_TEXT}list-style") if root is not None else ():
            levels: dict[int, tuple[str, str, int]] = {}
            for level in style.iter(f"{_TEXT}list-level-style-number"):
                form = level.get(f"{_STYLE}num-format", "")
                if form:
                    start = _whole(level.get(f"{_TEXT}start-value"), 1)
                    levels[_whole(level.get(f"{_TEXT}level"), 1)] = (form, level.get(f"{_STYLE}num-suffix", ""), start)
            found[style.get(f"{_STYLE}name", "")] = levels
    return found


def _hidden(content: Node) -> set[str]:
    """Names of the styles whose tables are not shown."""
    return {
        style.get(f"{_STYLE}name", "")
        for style in content.iter(f"{_STYLE}style")
        for shown in style.iter(f"{_STYLE}table-properties")
        if shown.get(f"{_TABLE}display") == "false"
    }


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else otherwise


@dataclass
class _Reader:
    """Turns nodes into elements. `notes` and `floating` wait for the end of their paragraph."""

    name: str
    numberings: dict[str, dict[int, tuple[str, str, int]]]
    hidden: set[str]
    notes: list[Element] = field(default_factory=list)
    floating: list[Node] = field(default_factory=list)
    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    cells: int = 0

    def sections(self, body: Node, kind: str) -> Iterator[Element]:
        """Sheets, slides, or the one text."""
        if kind == "text":
            yield {"provenance": {}, "elements": list(self.elements(body))}
            return
        if kind == "spreadsheet":
            for table in body.iterchildren(f"{_TABLE}table"):
                if table.get(f"{_TABLE}style-name") not in self.hidden:
                    name = table.get(f"{_TABLE}name", "")
                    yield {"provenance": {"sheet": name}, "elements": [self.table(table)]}
            return
        for number, slide in enumerate(body.iterchildren(f"{_DRAW}page"), start=1):
            found: list[Element] = []
            for frame in slide.iterchildren():
                elements = list(self.elements(frame))
                if frame.get(f"{_SLIDES}class") == "title" and elements:
                    text = " ".join(element.get("text", "") for element in elements)
                    elements = [_paragraph(text, level=1)]
                found += elements
            yield {"provenance": {"slide": number}, "elements": found}

    def elements(self, parent: Node) -> Iterator[Element]:
        """What stands in a node, in order."""
        for node in parent:
            if node.tag in _SKIPPED or not isinstance(node.tag, str):
                continue
            if node.tag in (f"{_TEXT}p", f"{_TEXT}h"):
                level = _whole(node.get(f"{_TEXT}outline-level"), 1) if node.tag == f"{_TEXT}h" else 0
                yield from self.paragraph(node, "", level)
            elif node.tag == f"{_TEXT}list":
                yield from self.numbered(node, 1, node.get(f"{_TEXT}style-name", ""))
            elif node.tag == f"{_TABLE}table":
                yield self.table(node)
            else:  # sections, frames, text boxes, groups
                yield from self.elements(node)

    def paragraph(self, node: Node, marker: str, level: int) -> Iterator[Element]:
        """The paragraph, then its notes and what floats beside it."""
        text = self.inline(node)
        if text.strip():
            yield _paragraph(marker + text, level)
        notes, self.notes = self.notes, []
        floating, self.floating = self.floating, []
        yield from notes
        for frame in floating:
            yield from self.elements(frame)

    def numbered(self, node: Node, level: int, style: str) -> Iterator[Element]:
        """Items with their numbers; a list may go on with the numbers of an earlier one."""
        form = self.numberings.get(style, {}).get(level)
        key = (style, level)
        goes_on = node.get(f"{_TEXT}continue-numbering") == "true" or node.get(f"{_TEXT}continue-list")
        number = self.counts.get(key, 0) if goes_on and form else (form[2] - 1 if form else 0)
        for item in node:
            if item.tag not in (f"{_TEXT}list-item", f"{_TEXT}list-header"):
                continue
            marker = ""
            if item.tag == f"{_TEXT}list-item" and any(child.tag != f"{_TEXT}list" for child in item):
                number = _whole(item.get(f"{_TEXT}start-value"), number + 1)
                marker = _marker(number, form) if form else "- "
            indent = "  " * (level - 1)
            for child in item:
                if child.tag == f"{_TEXT}list":
                    yield from self.numbered(child, level + 1, child.get(f"{_TEXT}style-name") or style)
                elif child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
                    heading = _whole(child.get(f"{_TEXT}outline-level"), 1) if child.tag == f"{_TEXT}h" else 0
                    yield from self.paragraph(child, "" if heading else indent + marker, heading)
                    marker = ""
        self.counts[key] = number

    def table(self, table: Node) -> Element:
        """All rows; what is repeated without any text (the empty rest of a sheet) stands once."""
        rows: list[list[Element]] = []
        for row in table.iter(f"{_TABLE}table-row"):
            if next(row.iterancestors(f"{_TABLE}table")) is not table:
                continue
            cells = self.row(row)
            repeated = _whole(row.get(f"{_TABLE}number-rows-repeated"), 1)
            times = min(repeated, _REPEATS) if any(cell["text"].strip() for cell in cells) else 1
            self.cells += times * len(cells)
            if self.cells > CELL_LIMIT:
                raise ReadError(
                    f"{self.name} has tables of more than {CELL_LIMIT:,} cells.", "Save its sheets as CSV, or split it."
                )
            rows += [cells] * times
        return {"type": "table", "rows": rows}

    def row(self, row: Node) -> list[Element]:
        """Cells up to the last one with text."""
        cells: list[Element] = []
        for node in row:
            if node.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            inside = list(self.elements(node))
            text = "\n".join(_text_of(element) for element in inside)
            if not text.strip() and not inside:
                text = node.get(f"{_OFFICE}value") or node.get(f"{_OFFICE}date-value") or ""
            cell: Element = {
                "text": text,
                "paragraphs": inside,
                "row_span": _whole(node.get(f"{_TABLE}number-rows-spanned"), 1),
                "col_span": _whole(node.get(f"{_TABLE}number-columns-spanned"), 1),
            }
            times = _whole(node.get(f"{_TABLE}number-columns-repeated"), 1)
            cells += [cell] * min(times, 1024)
        while cells and not cells[-1]["text"].strip() and cells[-1]["col_span"] == 1:
            cells.pop()
        return cells

    def inline(self, node: Node) -> str:
        """Text of a paragraph; notes and frames in it are put aside."""
        parts = [node.text or ""]
        for child in node:
            special = _SPECIAL.get(child.tag) if isinstance(child.tag, str) else None
            if special is not None:
                parts.append(special(child))
            elif child.tag == f"{_TEXT}note":
                self._note(child)
            elif child.tag in (f"{_DRAW}frame", f"{_DRAW}custom-shape", f"{_DRAW}g"):
                self.floating.append(child)
            elif child.tag not in _SKIPPED and isinstance(child.tag, str):
                parts.append(self.inline(child))
            parts.append(child.tail or "")
        return "".join(parts)

    def _note(self, node: Node) -> None:
        body = node.find(f"{_TEXT}note-body")
        mark = node.find(f"{_TEXT}note-citation")
        citation = "".join(mark.itertext()) if mark is not None else ""
        if body is not None:
            text = " ".join(_text_of(element) for element in _Reader(self.name, {}, set()).elements(body))
            self.notes.append({"type": "footnote", "number": citation, "text": text})


_SPECIAL: dict[str, Callable[[Any], str]] = {
    f"{_TEXT}s": lambda node: " " * _whole(node.get(f"{_TEXT}c"), 1),
    f"{_TEXT}tab": lambda node: "\t",
    f"{_TEXT}line-break": lambda node: "\n",
}


def _paragraph(text: str, level: int = 0) -> Element:
    return {"type": "paragraph", "text": text, "heading_level": level, "runs": []}


def _text_of(element: Element) -> str:
    if element["type"] == "table":
        return "\n".join(" ".join(cell["text"] for cell in row) for row in element["rows"])
    return str(element.get("text", ""))


def _marker(number: int, form: tuple[str, str, int]) -> str:
    """The number as the list shows it."""
    style, suffix, _ = form
    if style in ("a", "A") and number <= 26:
        shown = chr(ord(style) + number - 1)
    elif style in ("i", "I"):
        shown = _roman(number) if style == "I" else _roman(number).lower()
    elif style.startswith(("가", "ㄱ")) and number <= 14:
        shown = ("가나다라마바사아자차카타파하" if style[0] == "가" else "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ")[number - 1]
    else:
        shown = str(number)
    return f"{shown}{suffix or '.'} "


def _roman(number: int) -> str:
    text = ""
    for value, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value and len(text) < 20:
            text, number = text + letters, number - value
    return text
