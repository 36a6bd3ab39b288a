"""The ZIP and OLE containers of office documents: which kind one holds, whether it may be opened, and its preparation.

Preparation leaves in each container what a person sees of the document: dochan would keep the rest as well.
"""

from __future__ import annotations

import io
import zipfile
from typing import Literal

from assistant.errors import ReadError
from assistant.ingest.formats import docx, hwpx_seen, pptx_seen, xlsx_seen
from assistant.ingest.formats.notes import REVISED, Note, without_results
from assistant.ingest.formats.source import Source

Kind = Literal["hwp", "hwpx", "docx", "pptx", "xlsx", "other"]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: A container may hold this much once unpacked (bytes), in this many files.
UNPACKED_LIMIT = 400 * 2**20
_FILE_LIMIT = 10_000
#: Smaller containers may be compressed as well as they like; larger ones not more than so many times.
_SMALL = 40 * 2**20
_RATIO_LIMIT = 100

#: Members that no plain archive has.
_PARTS = ("mimetype", "word/document.xml", "xl/workbook.xml", "ppt/presentation.xml", "Contents/header.xml")

_FOLDERS: tuple[tuple[str, Kind], ...] = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))


def kind_of(content: bytes) -> Kind | None:
    """What a container holds ("other": nothing that can be read), None if it is no container."""
    if content.startswith(_OLE):
        return "hwp" if "FileHeader" in streams(content) else "other"
    if not content.startswith(_ZIP):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                with archive.open("mimetype") as stream:
                    if stream.read(64).strip() == b"application/hwp+zip":
                        return "hwpx"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return "other"
    kinds = {kind for folder, kind in _FOLDERS if any(name.startswith(folder) for name in names)}
    return kinds.pop() if "[Content_Types].xml" in names and len(kinds) == 1 else "other"


def check(source: Source, kind: Kind) -> None:
    """Raise ReadError with the reason if the container is of no use or dangerous to unpack."""
    if source.content.startswith(_OLE):
        if kind == "other":
            _refuse_ole(source)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as exc:
        raise ReadError(
            f"{source.name} is a damaged ZIP container ({exc}).", "Copy it again, or save it again where it was made."
        ) from exc
    if any(entry.flag_bits & 1 for entry in entries):
        raise ReadError(f"{source.name} is encrypted.", "Save a copy without a password.")
    refuse_bomb(source, entries)
    if kind == "other":
        raise ReadError(
            f"{source.name} is a ZIP container, but not a DOCX, PPTX, XLSX or HWPX file.",
            "Unpack it and give the files in it, or save the document as DOCX, HWPX or PDF.",
        )


def is_plain_zip(content: bytes) -> bool:
    """Whether it is a ZIP archive and no container of an office document, complete or not."""
    if not content.startswith(_ZIP) or kind_of(content) != "other":
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return False
    return "[Content_Types].xml" not in names and not any(
        name in _PARTS or name.startswith("META-INF/") for name in names
    )


def refuse_bomb(source: Source, entries: list[zipfile.ZipInfo]) -> None:
    """Raise ReadError if the entries would unpack to far more than an honest file holds."""
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(1, len(source.content))
    if len(entries) > _FILE_LIMIT or unpacked > UNPACKED_LIMIT or (unpacked > _SMALL and ratio > _RATIO_LIMIT):
        raise ReadError(
            f"{source.name} would unpack to {unpacked / 2**20:,.0f} MB in {len(entries):,} files, "
            f"{ratio:,.0f} times its size, and was not opened.",
            "Check where it comes from; if it is genuine, split it or save it as PDF.",
        )


def prepared(content: bytes, kind: Kind) -> tuple[bytes, list[Note]]:
    """The content as dochan should see it, and notes on what it lacks; unchanged where there is nothing to prepare."""
    if kind == "xlsx":
        seen, missing = xlsx_seen.as_seen(content)
        return seen, [without_results(missing)] if missing else []
    if kind == "docx":
        return docx.as_seen(content), []
    if kind == "pptx":
        return pptx_seen.as_seen(content), []
    if kind == "hwpx":
        seen, endless = hwpx_seen.as_seen(content)
        return seen, [REVISED] if endless else []
    return content, []


def streams(content: bytes) -> set[str]:
    """Names of the streams at the top of an OLE container; none if it is damaged, or no such container."""
    if not content.startswith(_OLE):
        return set()

    from dochan import cfb

    try:
        with cfb.OleFileIO(io.BytesIO(content)) as ole:
            return {path[0] for path in ole.listdir()}
    except Exception:  # noqa: BLE001 - a damaged container may raise anything
        return set()


def _refuse_ole(source: Source) -> None:
    if streams(source.content) & {"EncryptionInfo", "EncryptedPackage"}:
        raise ReadError(f"{source.name} is encrypted with a password.", "Save a copy without a password.")
    raise ReadError(
        f"{source.name} is a damaged or unknown OLE container (HWP 5, DOC, XLS or PPT).",
        "Open it in the program it was made with and save it as HWPX, DOCX or PDF.",
    )
