"""HWP 5, HWPX, DOCX, PPTX and XLSX through dochan: one adapter, because dochan gives one kind of dictionary.

dochan never raises; what it says in `errors` becomes a ReadError here. It has no page numbers for text documents,
so headings are the address there; slides are pages, and sheets are headings.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ReadError
from assistant.ingest.formats import office_container, office_runs
from assistant.ingest.formats.notes import REVISED, Note
from assistant.ingest.formats.office_container import Kind
from assistant.ingest.formats.office_table import Element
from assistant.ingest.formats.office_writer import OfficeWriter
from assistant.ingest.formats.source import Source
from assistant.schema import Draft


@dataclass
class OfficeFormat:
    """One of the formats; all are read in the same way."""

    MEDIA_TYPE: str
    kind: Kind

    def recognises(self, source: Source) -> bool:
        """Whether the container holds this kind of document, whatever its name says."""
        return office_container.kind_of(source.content) == self.kind

    def read(self, source: Source) -> Draft:
        """Headings, paragraphs, list items and tables in order, as a person sees them; notes on what is missing.

        Raises ReadError: encrypted, locked for distribution, damaged, of an older format, or a ZIP bomb.
        """
        office_container.check(source, self.kind)
        writer = OfficeWriter(self.kind)
        parsed, notes = _parsed(source, self.kind)
        writer.document(parsed)
        return writer.builder.build({"title": writer.title, "notes": tuple(notes)})


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


def _parsed(source: Source, kind: Kind) -> tuple[Element, list[Note]]:
    from dochan import Dochan

    from assistant.ingest.formats import hwp5

    # dochan opens a path, and the content may come from an archive or have been prepared
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"document.{kind}"
        content, notes = office_container.prepared(source.content, kind)
        path.write_bytes(content)
        reader_of = hwp5.Reader if kind == "hwp" else Dochan
        try:
            reader = reader_of(str(path), revision_mode="final" if kind == "hwp" else "preserve")
        except ValueError:  # too damaged for the mode; it says what is wrong without it
            reader = reader_of(str(path))
    # of its warnings only one means that text is missing
    errors = [error for error in reader.doc.errors if error.startswith("ERR") or "text omitted" in error]
    revised = [error for error in errors if "revision" in error]
    errors = [error for error in errors if error not in revised]
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
    parsed = reader.to_dict()
    elements = [element for section in parsed["sections"] for element in section["elements"]]
    (office_runs.rewrite if kind in ("hwp", "hwpx") else office_runs.write_formulas)(elements)
    return parsed, [*notes, REVISED] if revised else notes
