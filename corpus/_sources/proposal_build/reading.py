"""Gives the text of a built file back, so that two files can be compared by what they say."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from xml.etree import ElementTree

from openpyxl import load_workbook

PARTS = re.compile(r"word/(?:document|header\d*)\.xml|Contents/section\d+\.xml")


def _office_text(content: bytes) -> str:
    """One line for each paragraph of a DOCX or HWPX file, cells of tables included."""
    lines: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in sorted(filter(PARTS.fullmatch, archive.namelist())):
            for element in ElementTree.fromstring(archive.read(name)).iter():
                kind = element.tag.rpartition("}")[2]
                if kind == "p":
                    lines.append("")
                elif kind == "t" and lines:
                    lines[-1] += element.text or ""
    return "\n".join(lines)


def _sheet_text(content: bytes) -> str:
    """One line for each cell: sheet, place, value, number format."""
    workbook = load_workbook(io.BytesIO(content))
    return "\n".join(
        f"{sheet.title} {cell.coordinate} {cell.value!r} {cell.number_format}"
        for sheet in workbook
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    )


READERS: Mapping[str, Callable[[bytes], str]] = {".docx": _office_text, ".hwpx": _office_text, ".xlsx": _sheet_text}
