"""HWP 5, HWPX, DOCX, PPTX and XLSX through dochan: one adapter, because dochan gives one kind of dictionary.

dochan never raises; what it says in `errors` becomes a ReadError here. It has no page numbers for text documents,
so headings are the address there; slides are pages, and sheets are headings.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.errors import ReadError
from assistant.ingest.readers import office_container, office_table
from assistant.ingest.readers.draft import DraftBuilder, clean
from assistant.ingest.readers.office_container import Kind
from assistant.ingest.readers.office_table import HEADING_LIMIT, Element
from assistant.ingest.readers.source import Source
from assistant.ingest.readers.text import LIST_MARKER
from assistant.schema import Draft

_COMMENT = re.compile(r"\s*\[comment: .*\]\s*$", re.DOTALL)
_PICTURE = re.compile(r"!\[.{0,2000}?\]\((?:word|ppt|xl)/media/[^)\n]*\)", re.DOTALL)
#: A line of a table of contents: its page number stands after a tab or dots.
_CONTENTS_LINE = re.compile(r"(?:\t|[.·…]{3,}\s*)\d{1,4}\s*$")
_SENTENCE = re.compile(r"[가-힣]다[.)]*$|[.;,]$")
_CONTENTS = ("목차", "차례", "contents", "tableofcontents")
#: Titles that a program made up.
_MADE_UP_TITLE = re.compile(r"powerpoint|프레젠테이션|word document|제목\s?없음|untitled|^\W*$", re.IGNORECASE)
#: What stands first in a document and is no title: a numbered heading, a form's number, a sentence, a date.
_NO_TITLE = re.compile(r"^(?:[\dⅠ-Ⅻ<\[(■□※]|참고|붙임|별첨|보도자료)|[.?!,:]$|^\W*$")


@dataclass
class OfficeFormat:
    """One of the formats; all are read in the same way."""

    MEDIA_TYPE: str
    kind: Kind

    def recognises(self, source: Source) -> bool:
        """Whether the container holds this kind of document, whatever its name says."""
        return office_container.kind_of(source.content) == self.kind

    def read(self, source: Source) -> Draft:
        """Headings, paragraphs, list items and tables in order; hidden sheets and slides are left out.

        Raises ReadError: encrypted, locked for distribution, damaged, of an older format, or a ZIP bomb.
        """
        office_container.check(source, self.kind)
        writer = OfficeWriter(self.kind)
        writer.document(_parsed(source, self.kind))
        return writer.builder.build({"title": writer.title})


_OOXML = "application/vnd.openxmlformats-officedocument."
FORMATS = (
    OfficeFormat("application/x-hwp", "hwp"),
    OfficeFormat("application/hwp+zip", "hwpx"),
    OfficeFormat(f"{_OOXML}wordprocessingml.document", "docx"),
    OfficeFormat(f"{_OOXML}presentationml.presentation", "pptx"),
    OfficeFormat(f"{_OOXML}spreadsheetml.sheet", "xlsx"),
    # takes every other container and says why it cannot be read
    OfficeFormat("application/octet-stream", "other"),
)


def _parsed(source: Source, kind: Kind) -> Element:
    from dochan import Dochan

    # dochan opens a path, and the content may come from an archive or have been prepared
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"document.{kind}"
        path.write_bytes(office_container.prepared(source.content, kind))
        reader = Dochan(str(path))
    # of its warnings only one means that text is missing
    errors = [error for error in reader.doc.errors if error.startswith("ERR") or "text omitted" in error]
    header = reader.doc.file_header
    if any("암호" in error or "encrypt" in error.lower() for error in errors):
        raise ReadError(
            f"{source.name} is encrypted with a password or DRM.", "Save a copy without a password and give that."
        )
    if getattr(header, "is_distribution", False):
        raise ReadError(
            f"{source.name} is locked for distribution (배포용 문서): its author forbade copying.",
            "Ask its author for an unlocked copy (HWPX or PDF).",
        )
    if errors:
        reason = errors[0].partition(":")[2].strip()
        raise ReadError(
            f"{source.name} is a damaged {kind.upper()} file ({reason}).",
            "Open it in the program it was made with, save it again and give that.",
        )
    return reader.to_dict()


@dataclass
class OfficeWriter:
    """Writes dochan's elements, in the order of the document. `page` is the slide's number."""

    kind: Kind
    builder: DraftBuilder = field(default_factory=DraftBuilder)
    page: int | None = None
    sheet: str = ""
    own_title: str = ""
    comments: set[str] = field(default_factory=set)
    contents_lines: set[str] = field(default_factory=set)

    @property
    def title(self) -> str:
        """What the file calls itself, else one of its first blocks that looks like a title, else nothing."""
        if self.own_title or self.kind == "xlsx":  # a sheet's name says too little
            return self.own_title
        draft = self.builder.build()
        first = [draft.text[b.start : b.end] for b in draft.blocks[:3] if b.kind in ("heading", "paragraph")]
        return next((text for text in first if 4 <= len(text) <= HEADING_LIMIT and not _NO_TITLE.search(text)), "")

    def document(self, parsed: Element) -> None:
        """Write all sections; running headers and footers only where there is nothing else."""
        sections = [each for each in parsed["sections"] if not each.get("provenance", {}).get("hidden")]
        everything = [element for section in sections for element in section["elements"]]
        notes = [element for element in everything if element["type"] == "comment"]
        self.comments = {
            f"[comment {note.get('number')}{text}]" for note in notes for text in (f": {note['text']}", "")
        }
        self.contents_lines = _contents_lines(everything)
        for section in sections:
            self._section(section, sections)
        if not self.builder.build().blocks:
            for element in everything:
                if element["type"] in ("header", "footer"):
                    self.elements(element["elements"])

    def _section(self, section: Element, sections: Sequence[Element]) -> None:
        where = section.get("provenance", {})
        elements = [element for element in section["elements"] if not self._is_property(element)]
        if self.kind == "xlsx":
            self.sheet = where.get("sheet", "")
            self.builder.heading(1, self.sheet)
        elif self.kind == "pptx":
            self.page = where.get("slide")
            title = next((e for e in elements if e["type"] == "paragraph" and e["heading_level"] == 1), None)
            if title is not None:
                elements.remove(title)
            korean = any(re.search("[가-힣]", e.get("text", "")) for each in sections for e in each["elements"])
            number = f"슬라이드 {self.page}" if korean else f"Slide {self.page}"
            self.builder.heading(1, clean(title["text"]) if title else number, self.page)
        self.elements(elements)

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
            number = f"[{note['number']}] " if "number" in note else ""
            self.builder.paragraph(number + note["text"], self.page)

    def _other(self, element: Element) -> None:
        kind = element["type"]
        if kind == "table" and self.kind == "xlsx" and not element.get("caption"):
            office_table.write_sheet(self.builder, element, self.sheet, self._text)
        elif kind == "table":
            office_table.write(self.builder, element, self.page, self._text, self.elements)
        elif kind == "equation":
            self.builder.paragraph(element["latex"] or element["script"], self.page)
        elif kind == "image":
            self.builder.paragraph(element.get("caption", {}).get("text", ""), self.page)

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
        return _PICTURE.sub("", _COMMENT.sub("", text))


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
