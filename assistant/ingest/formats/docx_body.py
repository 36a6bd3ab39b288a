"""The main part of a Word document: numbers before paragraphs, notes in their place, the headers that are shown."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.formats.docx_numbers import Numbers
from assistant.ingest.formats.docx_seen import become_text, cut
from assistant.ingest.formats.docx_styles import Styles
from assistant.ingest.formats.list_numbers import number
from assistant.ingest.formats.raised import raised

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@dataclass
class Body:
    """Arranges the main part of one document, after `docx_seen` has left in all parts what a person sees of them."""

    w: str
    styles: Styles
    numbers: Numbers
    even_headers: bool = False
    notes: dict[tuple[str, str], Node] = field(default_factory=dict)
    note_counts: dict[str, int] = field(default_factory=dict)

    def load_notes(self, kind: str, root: Node) -> None:
        """Keep the notes of word/footnotes.xml or word/endnotes.xml (`kind`: "footnote", "endnote")."""
        for note in root.iterchildren(f"{self.w}{kind}"):
            self.notes[kind, note.get(f"{self.w}id", "")] = note

    def arrange(self, root: Node) -> None:
        """Number the paragraphs of the main part, put its notes in place, and drop headers that are never shown."""
        w = self.w
        for section in root.iter(f"{w}sectPr"):
            for reference in [*section.iterchildren(f"{w}headerReference", f"{w}footerReference")]:
                kind = reference.get(f"{w}type", "default")
                if (kind == "first" and section.find(f"{w}titlePg") is None) or (
                    kind == "even" and not self.even_headers
                ):
                    cut(reference)
        for paragraph in list(root.iter(f"{w}p")):
            self._number(paragraph)
        for kind in ("footnote", "endnote"):
            for reference in list(root.iter(f"{w}{kind}Reference")):
                self._note(kind, reference)

    def _number(self, paragraph: Node) -> None:
        w = self.w
        properties = paragraph.find(f"{w}pPr")
        own = properties.find(f"{w}numPr") if properties is not None else None
        named = properties.find(f"{w}pStyle") if properties is not None else None
        name, level = "", -1
        chain = self.styles.chain(named.get(f"{w}val", "") if named is not None else self.styles.paragraph)
        for numbering in [own, *(style.find(f"{w}pPr/{w}numPr") for style in chain)]:
            if numbering is None:
                continue
            listed, at = numbering.find(f"{w}numId"), numbering.find(f"{w}ilvl")
            if not name and listed is not None:
                name = listed.get(f"{w}val", "")
            if level < 0 and at is not None and at.get(f"{w}val", "").isdecimal():
                level = int(at.get(f"{w}val", "0"))
        if own is not None and properties is not None:
            properties.remove(own)
        marker = self.numbers.marker(name, max(level, 0)) if name else ""
        if marker and any((text.text or "").strip() for text in paragraph.iter(f"{w}t")):
            run = paragraph.makeelement(f"{w}r", None, None)
            text = paragraph.makeelement(f"{w}t", None, None)
            text.text = f"{marker} "
            run.append(text)
            paragraph.insert(1 if properties is not None else 0, run)

    def _note(self, kind: str, reference: Node) -> None:
        """Write a note's mark where its reference stands, and its text behind the paragraph or table around it."""
        w = self.w
        note = self.notes.get((kind, reference.get(f"{w}id", "")))
        run = reference.getparent()
        if note is None or run is None:
            return
        custom = reference.get(f"{w}customMarkFollows") in ("1", "true", "on")
        if custom:
            mark = "".join(node.text or "" for node in run.iterchildren(f"{w}t"))
            run.remove(reference)
        else:
            self.note_counts[kind] = self.note_counts.get(kind, 0) + 1
            count = self.note_counts[kind]
            mark = raised(f"{count})") if kind == "footnote" else f"[{number(count, 'roman')}]"
            become_text(reference, w, mark)
        top = run
        for ancestor in run.iterancestors():
            if ancestor.tag in (f"{w}body", f"{w}hdr", f"{w}ftr"):
                break
            if ancestor.tag in (f"{w}p", f"{w}tbl"):
                top = ancestor
        behind = top
        while (after := behind.getnext()) is not None and after.get("note") == "1":
            behind = after
        for at, block in enumerate([*note.iterchildren(f"{w}p", f"{w}tbl")]):
            placed = copy.deepcopy(block)
            for link in placed.iter(f"{w}hyperlink"):
                link.attrib.pop(f"{_R}id", None)  # it belongs to another part
            placed.set("note", "1")
            if at == 0 and placed.tag == f"{w}p":
                first = placed.makeelement(f"{w}r", None, None)
                text = placed.makeelement(f"{w}t", None, None)
                text.text = f"{mark} "
                first.append(text)
                placed.insert(1 if placed.find(f"{w}pPr") is not None else 0, first)
            behind.addnext(placed)
            behind = placed
