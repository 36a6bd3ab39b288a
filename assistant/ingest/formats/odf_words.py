"""The words of an OpenDocument paragraph as they look: nothing struck out or hidden, figures in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.ingest.formats.odf_styles import DRAW, OFFICE, SLIDES, SVG, TABLE, TEXT, Look, Styles, whole
from assistant.ingest.formats.office_table import Element
from assistant.ingest.formats.raised import lowered, raised

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

#: Not part of the text: what was deleted, remarks, forms, and indexes that only repeat headings.
SKIPPED = {
    f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{OFFICE}annotation-end", f"{OFFICE}forms",
    f"{TEXT}table-of-content", f"{TEXT}alphabetical-index", f"{TEXT}illustration-index", f"{TEXT}sequence-decls",
    f"{SLIDES}notes", f"{TABLE}named-expressions", f"{TEXT}bibliography", f"{TEXT}user-index", f"{TEXT}object-index",
    f"{TEXT}placeholder", f"{TEXT}number", f"{TEXT}hidden-text", f"{TEXT}meta-field-hidden", f"{SVG}title",
    f"{SVG}desc", f"{TABLE}tracked-changes", f"{TABLE}content-validations",
}  # fmt: skip
#: Fields that count pages.
_PAGES = {f"{TEXT}page-number", f"{TEXT}page-count", f"{TEXT}page-continuation", f"{SLIDES}page-number"}
#: What is drawn beside or between the words.
SHAPES = {
    f"{DRAW}{name}"
    for name in (
        "frame",
        "custom-shape",
        "g",
        "control",
        "rect",
        "ellipse",
        "polygon",
        "line",
        "path",
        "connector",
        "caption",
    )
}


@dataclass
class Words:
    """Reads paragraphs; `notes` and `floating` wait for the end of theirs.

    `on_paper`: white words can be told from words on a coloured ground (not so on slides).
    """

    name: str
    styles: Styles
    controls: dict[str, str] = field(default_factory=dict)
    on_paper: bool = True
    notes: list[Element] = field(default_factory=list)
    floating: list[Node] = field(default_factory=list)

    def elements(self, parent: Node) -> Iterator[Element]:
        """What stands in a node, in order."""
        raise NotImplementedError

    def inline(self, node: Node, look: Look) -> str:
        """Text of a paragraph as it looks; notes and frames in it are put aside."""
        if node.tag == f"{TEXT}span":
            look = self.styles.look("text", node.get(f"{TEXT}style-name")).over(look)
        parts = [self._seen(node.text or "", look, node)]
        for child in node:
            special = _SPECIAL.get(child.tag) if isinstance(child.tag, str) else None
            if special is not None:
                parts.append(special(child))
            elif child.tag == f"{TEXT}note":
                if not (look.struck or look.hidden):
                    parts.append(self._note(child))
            elif child.tag in SHAPES:
                self.floating.append(child)
            elif child.tag == f"{TEXT}ruby":
                base, above = child.find(f"{TEXT}ruby-base"), child.find(f"{TEXT}ruby-text")
                shown = "".join(above.itertext()) if above is not None else ""
                parts.append((self.inline(base, look) if base is not None else "") + (f"({shown})" if shown else ""))
            elif isinstance(child.tag, str) and child.tag not in SKIPPED and child.tag not in _PAGES:
                parts.append(self.inline(child, look))
            parts.append(self._seen(child.tail or "", look, node))
        return "".join(parts)

    def _seen(self, text: str, look: Look, node: Node) -> str:
        if not text or look.struck or look.hidden or look.tiny:
            return ""
        if look.white and not look.filled and self.on_paper and not self._on_color(node):
            return ""
        if look.place == "superscript":
            return raised(text)
        return lowered(text) if look.place == "subscript" else text

    def _on_color(self, node: Node) -> bool:
        for ancestor in node.iterancestors():
            if ancestor.tag in SHAPES:
                return True  # a shape may have any colour
            family = {f"{TABLE}table-cell": "table-cell", f"{TABLE}table-row": "table-row", f"{TABLE}table": "table"}
            kind = family.get(str(ancestor.tag))
            if kind and self.styles.look(kind, ancestor.get(f"{TABLE}style-name")).filled:
                return True
        return False

    def _note(self, node: Node) -> str:
        """Put the note aside; its mark."""
        body, citation = node.find(f"{TEXT}note-body"), node.find(f"{TEXT}note-citation")
        number = "".join(citation.itertext()).strip() if citation is not None else ""
        mark = raised(f"{number})") if number.isdecimal() else f"[{number}]" if number.isalnum() else number
        if body is not None:
            inside = type(self)(self.name, self.styles, self.controls, self.on_paper)
            text = " ".join(text_of(element) for element in inside.elements(body))
            self.notes.append({"type": "footnote", "mark": mark, "text": text})
        return mark


_SPECIAL: dict[str, Callable[[Any], str]] = {
    f"{TEXT}s": lambda node: " " * whole(node.get(f"{TEXT}c"), 1),
    f"{TEXT}tab": lambda node: "\t",
    f"{TEXT}line-break": lambda node: "\n",
}


def text_of(element: Element) -> str:
    """The text of an element without its notes; a table is a line a row."""
    if element["type"] == "table":
        return "\n".join(" ".join(cell["text"] for cell in row) for row in element["rows"])
    return "" if element["type"] == "footnote" else str(element.get("text", ""))
