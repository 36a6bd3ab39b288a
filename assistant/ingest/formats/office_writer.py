"""Writes the elements of office documents, in their order, into a draft: whatever program and format they come from.

Works on the plain dictionaries that dochan makes (`office_table` tells what a table is); our OpenDocument reader makes
the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.ingest.formats import office_table
from assistant.ingest.formats.draft import DraftBuilder, clean
from assistant.ingest.formats.office_container import Kind
from assistant.ingest.formats.office_runs import alternative, notes_in, running
from assistant.ingest.formats.office_table import HEADING_LIMIT, Element
from assistant.ingest.formats.raised import formula
from assistant.ingest.formats.text import LIST_MARKER

_COMMENT = re.compile(r"\s*\[comment: .*\]\s*$", re.DOTALL)
_PICTURE = re.compile(r"!\[(.{0,2000}?)\]\((?:(?:word|ppt|xl)/media/|file:)[^)\n]*\)", re.DOTALL)
#: A line of a table of contents: its page number stands after a tab or dots.
_CONTENTS_LINE = re.compile(r"(?:\t|[.·…]{3,}\s*)\d{1,4}\s*$")
_SENTENCE = re.compile(r"[가-힣]다[.)]*$|[.;,]$")
_CONTENTS = ("목차", "차례", "contents", "tableofcontents")
#: Titles that a program made up.
_MADE_UP_TITLE = re.compile(r"powerpoint|프레젠테이션|word document|제목\s?없음|untitled|^\W*$", re.IGNORECASE)
#: What stands first in a document and is no title: a numbered heading, a form's number, a sentence, a date.
_NO_TITLE = re.compile(r"^(?:[\dⅠ-Ⅻ<\[(■□※]|참고|붙임|별첨|보도자료)|[.?!,:]$|^\W*$")


@dataclass
class OfficeWriter:
    """Writes dochan's elements, in the order of the document. `page` is the slide's number."""

    kind: Kind
    builder: DraftBuilder = field(default_factory=DraftBuilder)
    page: int | None = None
    sheet: str = ""
    own_title: str = ""
    comments: set[str] = field(default_factory=set)
    written_notes: set[int] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    heads: int = 0
    contents_lines: set[str] = field(default_factory=set)

    @property
    def title(self) -> str:
        """What the file calls itself, else one of its first blocks that looks like a title, else nothing."""
        if self.own_title or self.kind == "xlsx":  # a sheet's name says too little
            return self.own_title
        draft = self.builder.build()
        blocks = draft.blocks[self.heads : self.heads + 3]
        first = [draft.text[b.start : b.end] for b in blocks if b.kind in ("heading", "paragraph")]
        return next((text for text in first if 4 <= len(text) <= HEADING_LIMIT and not _NO_TITLE.search(text)), "")

    def document(self, parsed: Element) -> None:
        """Write all sections, what runs along at the head of their pages first and what runs along at the foot last."""
        sections = [each for each in parsed["sections"] if not each.get("provenance", {}).get("hidden")]
        everything = [element for section in sections for element in section["elements"]]
        notes = [element for element in everything if element["type"] == "comment"]
        self.comments = {
            f"[comment {note.get('number')}{text}]" for note in notes for text in (f": {note['text']}", "")
        }
        self.contents_lines = _contents_lines(everything)
        heads, feet = running(everything)
        self.elements(heads)
        self.heads = len(self.builder.build().blocks)
        for section in sections:
            self._section(section, sections)
        self.elements(feet)

    def _section(self, section: Element, sections: Sequence[Element]) -> None:
        where = section.get("provenance", {})
        elements = [element for element in section["elements"] if not self._is_property(element)]
        if self.kind == "xlsx":
            self.sheet = where.get("sheet", "")
            self.builder.heading(1, self.sheet)
        elif self.kind == "pptx":
            elements = self._without_repeated(elements)
            if not elements:  # hidden, or nothing on it
                return
            self.page = where.get("slide")
            title = next((e for e in elements if e["type"] == "paragraph" and e["heading_level"] == 1), None)
            if title is not None:
                elements.remove(title)
            korean = any(re.search("[가-힣]", e.get("text", "")) for each in sections for e in each["elements"])
            number = f"슬라이드 {self.page}" if korean else f"Slide {self.page}"
            self.builder.heading(1, clean(title["text"]) if title else number, self.page)
        self.elements(elements)

    def _without_repeated(self, elements: list[Element]) -> list[Element]:
        """Without what an earlier slide has said already because both have the same layout."""
        kept = []
        for element in elements:
            if "/slideLayouts/" in element.get("provenance", {}).get("path", ""):
                if element["text"] in self.repeated:
                    continue
                self.repeated.add(element["text"])
            kept.append(element)
        return kept

    def _is_property(self, element: Element) -> bool:
        """Whether it is the author or title that dochan puts before the text; the title is kept."""
        if element.get("provenance", {}).get("path") != "docProps/core.xml":
            return False
        if element["heading_level"] and not _MADE_UP_TITLE.search(element["text"]):
            self.own_title = clean(element["text"])
        return True

    def elements(self, elements: Sequence[Element]) -> None:
        """Write elements in order; a paragraph that a note reference tears apart becomes whole again."""
        pending: Element | None = None
        notes: list[Element] = []
        torn = False
        for element in elements:
            kind = element["type"]
            if kind in ("footnote", "endnote"):
                notes.append(element)
                continue
            if kind == "paragraph":
                is_reference = _is_reference(element)
                if pending is not None and (is_reference or torn) and not element["heading_level"]:
                    pending = {**pending, "text": pending["text"] + element["text"]}
                    torn = is_reference
                    continue
                torn = is_reference
            self._finish(pending, notes)
            pending, notes = None, []
            if kind == "paragraph":
                pending = element
            else:
                torn = False
                self._other(element)
        self._finish(pending, notes)

    def _finish(self, paragraph: Element | None, notes: Sequence[Element]) -> None:
        if paragraph is not None:
            self._paragraph(paragraph)
        for note in notes:
            if id(note) not in self.written_notes:
                self.written_notes.add(id(note))
                self.builder.paragraph(f"{note.get('mark', '')} {note['text']}", self.page)

    def _other(self, element: Element) -> None:
        kind = element["type"]
        if kind == "table" and self.kind == "xlsx" and not element.get("caption"):
            office_table.write_sheet(self.builder, element, self.sheet, self._text)
        elif kind == "table":
            office_table.write(self.builder, element, self.page, self._text, self.elements)
            self._finish(None, list(notes_in([element])))
        elif kind == "equation":
            self.builder.paragraph(formula(element["latex"] or element["script"]), self.page)
        elif kind == "image":
            self.builder.paragraph(element.get("caption", {}).get("text", ""), self.page)
            if self.kind in ("hwp", "hwpx"):  # the others name a picture in their text
                self.builder.paragraph(alternative(element.get("alt_text", "")), self.page)

    def _paragraph(self, element: Element) -> None:
        where = element.get("provenance", {}).get("path", "")
        text = self._text(element["text"])
        if "/comments/" in where:
            return
        shown = clean(text)
        level = element["heading_level"] if "/charts/" not in where else 0
        if level and self._is_heading(text):
            self.builder.heading(level + (self.kind in ("pptx", "xlsx")), shown, self.page)
            return
        marker = LIST_MARKER.match(shown)
        if marker:
            depth = min(4, (len(text) - len(text.lstrip())) // 2)
            self.builder.list_item(shown[marker.end() :], self.page, marker=marker[0].strip(), depth=depth)
        else:
            self.builder.paragraph(shown, self.page)

    def _is_heading(self, text: str) -> bool:
        """dochan also takes large letters for headings: covers, contents and whole sentences are none."""
        shown = clean(text)
        if len(shown) > HEADING_LIMIT or _CONTENTS_LINE.search(text) or shown in self.contents_lines:
            self.contents_lines.discard(shown)  # the heading itself comes after its line in the contents
            return False
        return bool(re.search(r"[^\W\d_]", shown)) and not (self.kind in ("hwp", "hwpx") and _SENTENCE.search(shown))

    def _text(self, text: str) -> str:
        for comment in self.comments:
            text = text.replace(comment, "")
        return _PICTURE.sub(lambda found: alternative(found[1]), _COMMENT.sub("", text))


def _is_reference(paragraph: Element) -> bool:
    runs: list[Any] = paragraph["runs"]
    return bool(runs) and all(run.get("note_ref") for run in runs)


def _contents_lines(elements: Sequence[Element]) -> set[str]:
    """Texts that stand below "contents" and again as a heading further down."""
    texts = [clean(e["text"]) if e["type"] == "paragraph" and e["heading_level"] else "" for e in elements]
    for at, text in enumerate(texts):
        if "".join(text.split()).lower() in _CONTENTS:
            after = [each for each in texts[at + 1 :] if each]
            return {each for each in after if after.count(each) > 1}
    return set()
