"""OpenDocument texts, spreadsheets and presentations (ODT, ODS, ODP).

The content is turned into the same plain dictionaries that the office reader writes, so that tables, sheets and slides
look alike whatever program they were made with.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import ReadError
from assistant.ingest.formats import office_container
from assistant.ingest.formats.notes import Note, without_results
from assistant.ingest.formats.odf_form import controls
from assistant.ingest.formats.odf_reader import Reader, paragraph
from assistant.ingest.formats.odf_styles import DRAW, OFFICE, SLIDES, STYLE, Styles
from assistant.ingest.formats.office_container import Kind
from assistant.ingest.formats.office_table import Element
from assistant.ingest.formats.office_writer import OfficeWriter
from assistant.ingest.formats.source import Source
from assistant.schema import Draft

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_MIME = b"application/vnd.oasis.opendocument."
_TITLE = "{http://purl.org/dc/elements/1.1/}title"


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
        """Headings, paragraphs, numbered lists and tables in order, as a person sees them.

        Raises ReadError: encrypted, damaged, too large, or a ZIP bomb.
        """
        content, styles, meta = _members(source)
        body = content.find(f"{OFFICE}body/{OFFICE}{self.body}")
        if body is None:
            raise ReadError(
                f"{source.name} is a damaged OpenDocument file (no {self.body} in it).", "Save it again and give that."
            )
        writer = OfficeWriter(self.kind)
        title = next((node.text for node in meta.iter(_TITLE) if node.text), "") if meta is not None else ""
        writer.own_title = " ".join(title.split())
        reader = Reader(source.name, Styles.of(styles, content), controls(body), self.body != "presentation")
        sections = list(reader.sections(body, self.body))
        if sections and styles is not None and self.body != "spreadsheet":
            sections[0]["elements"] += _running(source.name, styles, content, body)
        writer.document({"sections": sections})
        notes: list[Note] = [without_results(reader.unread)] if reader.unread else []
        return writer.builder.build({"title": writer.title, "notes": tuple(notes)})


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


def _running(name: str, styles: Node, content: Node, body: Node) -> list[Element]:
    """Headers and footers of the page styles in use, and what stands on every slide."""
    reader = Reader(name, Styles.of(styles), on_paper=False)
    masters = {each.get(f"{STYLE}name", ""): each for each in styles.iter(f"{STYLE}master-page")}
    used = {"Standard"} | {page.get(f"{DRAW}master-page-name", "") for page in body.iter(f"{DRAW}page")}
    for style in [*styles.iter(f"{STYLE}style"), *content.iter(f"{STYLE}style")]:
        used.add(style.get(f"{STYLE}master-page-name", ""))
    used |= {masters[each].get(f"{STYLE}next-style-name", "") for each in used if each in masters}
    found: list[Element] = []
    for each, master in masters.items():
        for part in master if each in used else ():
            kind = str(part.tag).removeprefix(STYLE).partition("-")[0]
            if kind in ("header", "footer") and part.get(f"{STYLE}display") != "false":
                found.append(_along(kind, list(reader.elements(part))))
            elif part.get(f"{SLIDES}class") is None and part.get(f"{SLIDES}placeholder") != "true":
                found.append(_along("header", list(reader.elements_of([part]))))
    for declared in [*body.iterchildren(f"{SLIDES}header-decl"), *body.iterchildren(f"{SLIDES}footer-decl")]:
        kind = "header" if declared.tag == f"{SLIDES}header-decl" else "footer"
        found.append(_along(kind, [paragraph("".join(declared.itertext()))]))
    return found


def _along(kind: str, elements: list[Element]) -> Element:
    texts = (
        element["text"]
        if element["type"] == "paragraph"
        else " ".join(cell["text"] for row in element.get("rows", ()) for cell in row)
        for element in elements
    )
    return {"type": kind, "text": "\n".join(texts), "elements": elements}
