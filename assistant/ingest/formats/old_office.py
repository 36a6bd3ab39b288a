"""Formats of old office programs (DOC, XLS, PPT, RTF, XLSB, HWP 3): LibreOffice turns them into the new ones.

So they are read like those, with all that is struck out or hidden left out. Without LibreOffice the cells of workbooks
are read by calamine and the text of RTF by striprtf, which do not tell what is hidden or struck out: a note says so.
The others are refused with what to install.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from assistant.errors import ReadError
from assistant.ingest.formats import office_container, soffice
from assistant.ingest.formats.draft import DraftBuilder
from assistant.ingest.formats.notes import Note
from assistant.ingest.formats.office import OfficeFormat
from assistant.ingest.formats.office_container import Kind
from assistant.ingest.formats.office_table import CELL_LIMIT, Element, write_sheet
from assistant.ingest.formats.source import Source
from assistant.ingest.formats.text import write_text
from assistant.schema import Draft

_INSTALL = "Install LibreOffice ({package}), or save it as {target} or PDF."
_PLAIN: Note = {
    "where": "hidden and struck-out text",
    "reason": "without LibreOffice it could not be told from the rest and stands in the text",
    "hint": "Install LibreOffice and ingest the file again, or save it in a newer format.",
}


@dataclass
class OldFormat:
    """One of the formats; `reader` is LibreOffice's name of it, `plain` reads it where LibreOffice is missing."""

    MEDIA_TYPE: str
    suffix: str
    called: str
    reader: str
    target: Kind
    package: str
    plain: Callable[[Source], Draft] | None = None

    def recognises(self, source: Source) -> bool:
        """Whether the content is of this format, whatever its name says."""
        return _is(self.suffix, source.content)

    def read(self, source: Source) -> Draft:
        """What the newer format of the same document says.

        Raises ReadError: encrypted or damaged, or LibreOffice is needed and not installed.
        """
        hint = _INSTALL.format(package=self.package, target=self.target.upper())
        if not soffice.program():
            if self.plain is None:
                raise ReadError(f"{source.name} is {self.called}, which is read through LibreOffice only.", hint)
            return self.plain(source)
        content = soffice.converted(source.content, self.suffix, self.reader, self.target)
        if not content:
            raise ReadError(
                f"{source.name} is {self.called} that LibreOffice could not open: it is encrypted, damaged or "
                f"takes too "
                f"long, or {self.package} is not installed.",
                f"Open it in the program it was made with and save it as {self.target.upper()} or PDF.",
            )
        return OfficeFormat(self.MEDIA_TYPE, self.target).read(replace(source, content=content))


_STREAMS = {"doc": {"WordDocument"}, "ppt": {"PowerPoint Document"}, "xls": {"Workbook", "Book"}}
_BEGINNINGS = {"rtf": b"{\\rtf", "hwp": b"HWP Document File V"}


def _is(suffix: str, content: bytes) -> bool:
    """Whether the content has one of the formats."""
    if suffix in _BEGINNINGS:
        return content.startswith(_BEGINNINGS[suffix])
    if suffix in _STREAMS:
        streams = office_container.streams(content)
        encrypted = streams & {"EncryptionInfo", "EncryptedPackage"}
        return bool(streams & _STREAMS[suffix]) and not encrypted and "FileHeader" not in streams
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "xl/workbook.bin" in archive.namelist()
    except Exception:  # noqa: BLE001 - the reader of containers says what is wrong with it
        return False


def _workbook(source: Source) -> Draft:
    """The visible sheets of a workbook by calamine: values without their formats. Raises ReadError."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.content))
        builder = DraftBuilder()
        for sheet in book.sheets_metadata:
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible:
                rows = book.get_sheet_by_name(sheet.name).to_python(nrows=CELL_LIMIT)
                if sum(len(row) for row in rows) > CELL_LIMIT:
                    raise ReadError(
                        f"{source.name} has sheets of more than {CELL_LIMIT:,} cells.", "Save its sheets as CSV."
                    )
                builder.heading(1, sheet.name)
                table: Element = {"rows": [[_cell(value) for value in row] for row in rows]}
                write_sheet(builder, table, sheet.name, str)
    except (python_calamine.CalamineError, ValueError, OSError) as exc:
        raise ReadError(
            f"{source.name} is a damaged or encrypted workbook ({exc}).", "Save it as XLSX and give that."
        ) from exc
    return builder.build({"notes": (_PLAIN,)})


def _cell(value: Any) -> Element:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        text = str(int(value))
    elif isinstance(value, datetime.datetime):
        text = value.isoformat(" ").removesuffix(" 00:00:00")
    else:
        text = str(value)
    return {"text": text, "paragraphs": [], "row_span": 1, "col_span": 1}


def _rich_text(source: Source) -> Draft:
    """The text of an RTF file by striprtf."""
    from striprtf.striprtf import rtf_to_text

    builder = DraftBuilder()
    write_text(builder, rtf_to_text(source.content.decode("latin-1"), encoding="cp949", errors="replace"))
    return builder.build({"notes": (_PLAIN,)})


_MS = "application/vnd.ms-"
FORMATS = (
    OldFormat("application/msword", "doc", "an old Word document (.doc)", "MS Word 97", "docx", "libreoffice-writer"),
    OldFormat(
        f"{_MS}powerpoint", "ppt", "an old PowerPoint presentation (.ppt)", "MS PowerPoint 97", "pptx",
        "libreoffice-impress",
    ),
    OldFormat(
        f"{_MS}excel", "xls", "an old Excel workbook (.xls)", "MS Excel 97", "xlsx", "libreoffice-calc", _workbook
    ),
    OldFormat(
        f"{_MS}excel.sheet.binary.macroenabled.12", "xlsb", "a binary Excel workbook (.xlsb)",
        "Calc MS Excel 2007 Binary", "xlsx", "libreoffice-calc", _workbook,
    ),
    OldFormat(
        "application/rtf", "rtf", "an RTF document", "Rich Text Format", "docx", "libreoffice-writer", _rich_text
    ),
    OldFormat("application/x-hwp", "hwp", "an HWP 3 document", "writer_MIZI_Hwp_97", "docx", "libreoffice-writer"),
)  # fmt: skip
