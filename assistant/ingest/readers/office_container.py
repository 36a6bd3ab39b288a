"""The ZIP and OLE containers of office documents: which kind one holds, whether it may be opened, and its preparation.

Preparation changes what dochan does not: the numbering that a DOCX paragraph inherits from its style is written into
the paragraph, the numbers of HWPX lists before their text, and the formulas of a XLSX are taken out, so that their
last values remain.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Literal

from assistant.errors import ReadError
from assistant.ingest.readers import hwpx_numbers
from assistant.ingest.readers.source import Source

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
#: Streams that tell what an OLE container is: the name, and what to do with it.
_OLD_FORMATS = (
    ("WordDocument", "an old Word document (.doc)", "Save it as DOCX or PDF."),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt)", "Save it as PPTX or PDF."),
    ("Workbook", "an old Excel workbook (.xls)", "Save it as XLSX or CSV."),
    ("Book", "an old Excel workbook (.xls)", "Save it as XLSX or CSV."),
    ("__properties_version1.0", "an Outlook message (.msg)", "Save it as PDF or text."),
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FORMULA = re.compile(rb"<((?:\w+:)?)f(?:\s[^>]*?)?(?:/>|>.*?</\1f>)", re.DOTALL)


def kind_of(content: bytes) -> Kind | None:
    """What a container holds ("other": nothing that can be read), None if it is no container."""
    if content.startswith(_OLE):
        return "hwp" if "FileHeader" in _streams(content) else "other"
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


def prepared(content: bytes, kind: Kind) -> bytes:
    """The content as dochan should see it; unchanged where there is nothing to prepare."""
    if kind == "xlsx":
        return _rewritten(content, lambda name: name.startswith("xl/worksheets/"), lambda data: _FORMULA.sub(b"", data))
    if kind == "docx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            styles = archive.read("word/styles.xml") if "word/styles.xml" in archive.namelist() else b""
        if b"<w:numPr" in styles:
            return _rewritten(content, lambda name: name == "word/document.xml", lambda data: _numbered(data, styles))
    if kind == "hwpx":
        return hwpx_numbers.written_out(content)
    return content


def _streams(content: bytes) -> set[str]:
    """Names of the streams at the top of an OLE container; none if it is damaged."""
    from dochan import cfb

    try:
        with cfb.OleFileIO(io.BytesIO(content)) as ole:
            return {path[0] for path in ole.listdir()}
    except Exception:  # noqa: BLE001 - a damaged container may raise anything
        return set()


def _refuse_ole(source: Source) -> None:
    streams = _streams(source.content)
    if streams & {"EncryptionInfo", "EncryptedPackage"}:
        raise ReadError(f"{source.name} is encrypted with a password.", "Save a copy without a password.")
    for stream, name, hint in _OLD_FORMATS:
        if stream in streams:
            raise ReadError(f"{source.name} is {name}, which cannot be read.", hint)
    raise ReadError(
        f"{source.name} is a damaged or unknown OLE container (HWP 5, DOC, XLS or PPT).",
        "Open it in the program it was made with and save it as HWPX, DOCX or PDF.",
    )


def _rewritten(content: bytes, concerned: Callable[[str], bool], change: Callable[[bytes], bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(target, "w") as copy:
        for entry in archive.infolist():
            data = archive.read(entry)
            copy.writestr(entry.filename, change(data) if concerned(entry.filename) else data)
    return target.getvalue()


def _numbered(document: bytes, styles: bytes) -> bytes:
    """Give each paragraph the numbering of its style (or of the style that one is based on), unless it has its own."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        body, sheet = etree.fromstring(document, parser), etree.fromstring(styles, parser)
    except etree.XMLSyntaxError:
        return document  # dochan says what is wrong with it
    by_id = {style.get(f"{_W}styleId"): style for style in sheet.iter(f"{_W}style")}
    for paragraph in body.iter(f"{_W}p"):
        properties = paragraph.find(f"{_W}pPr")
        named = properties.find(f"{_W}pStyle") if properties is not None else None
        if properties is None or named is None or properties.find(f"{_W}numPr") is not None:
            continue
        style, seen = by_id.get(named.get(f"{_W}val")), set()
        while style is not None and style not in seen:
            seen.add(style)
            number = style.find(f"{_W}pPr/{_W}numPr")
            if number is not None:
                properties.append(etree.fromstring(etree.tostring(number)))
                break
            parent = style.find(f"{_W}basedOn")
            style = by_id.get(parent.get(f"{_W}val")) if parent is not None else None
    return bytes(etree.tostring(body, xml_declaration=True, encoding="UTF-8", standalone=True))
