"""Books in EPUB: their chapters, in the order in which they are read, by the reader of web pages."""

from __future__ import annotations

import io
import posixpath
import urllib.parse
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from assistant.errors import ReadError
from assistant.ingest.formats import html, office_container
from assistant.ingest.formats.docx import parsed
from assistant.ingest.formats.draft import DraftBuilder, clean
from assistant.ingest.formats.notes import Note
from assistant.ingest.formats.source import Source
from assistant.schema import Draft

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

MEDIA_TYPE = "application/epub+zip"

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_CHAPTERS = ("application/xhtml+xml", "text/html")
_TITLE, _DATE = "{http://purl.org/dc/elements/1.1/}title", "{http://purl.org/dc/elements/1.1/}date"
_SAVE = "Open it in the program it was made with, save it again, or save it as PDF."


def recognises(source: Source) -> bool:
    """A ZIP container that calls itself a book, or has a book's table of parts."""
    if not source.content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            if "mimetype" in archive.namelist():
                with archive.open("mimetype") as stream:
                    return stream.read(64).strip() == MEDIA_TYPE.encode()
            return False
    except Exception:  # noqa: BLE001 - a damaged container may raise anything; others say what is wrong with it
        return False


def read(source: Source) -> Draft:
    """All chapters of the book; notes on those that cannot be read. Metadata: title.

    Raises ReadError: damaged, protected, a ZIP bomb, or without chapters.
    """
    builder, notes = DraftBuilder(), list[Note]()
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            office_container.refuse_bomb(source, archive.infolist())
            names = set(archive.namelist())
            protected = _protected(archive) if _ENCRYPTION in names else set[str]()
            package, folder = _package(archive)
            for name in _spine(package, folder):
                if name in protected:
                    raise ReadError(f"{source.name} is protected against copying.", "Give a copy without protection.")
                try:
                    other = partial(_other, archive, posixpath.dirname(name))
                    page = replace(source, path=PurePosixPath(name), content=archive.read(name), other=other)
                    draft = html.read(page)
                except (ReadError, KeyError) as exc:
                    reason = exc.message if isinstance(exc, ReadError) else "it is missing in the container"
                    notes.append({"where": name, "reason": reason, "hint": _SAVE})
                    continue
                builder.part("", draft)
    except ReadError:
        raise
    except Exception as exc:  # zipfile, zlib and lxml all have errors of their own
        raise ReadError(f"{source.name} is a damaged EPUB book ({type(exc).__name__}: {exc}).", _SAVE) from exc
    title = clean(package.findtext(f".//{_TITLE}") or "")
    return builder.build({"title": title, "notes": tuple(notes)})


def _other(archive: zipfile.ZipFile, folder: str, name: str) -> bytes:
    """A style sheet of the book; empty where there is none that can be read."""
    try:
        return archive.read(posixpath.normpath(posixpath.join(folder, name)))
    except (KeyError, OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile):
        return b""


def _package(archive: zipfile.ZipFile) -> tuple[Node, str]:
    """The list of the book's parts, and the folder that their names start from. Raises ValueError."""
    container = parsed(archive.read(_CONTAINER))
    root = next(container.iter("{*}rootfile"), None) if container is not None else None
    name = root.get("full-path", "") if root is not None else ""
    package = parsed(archive.read(name))
    if package is None:
        raise ValueError(f"{name} is damaged")
    return package, posixpath.dirname(name)


def _spine(package: Node, folder: str) -> list[str]:
    """Names of the chapters, in the order in which they are read."""
    parts = {
        item.get("id", ""): posixpath.normpath(posixpath.join(folder, urllib.parse.unquote(item.get("href", ""))))
        for item in package.iter("{*}item")
        if item.get("media-type") in _CHAPTERS and "nav" not in item.get("properties", "").split()
    }
    order = [each.get("idref", "") for each in package.iter("{*}itemref")]
    return [parts[each] for each in order if each in parts]


def _protected(archive: zipfile.ZipFile) -> set[str]:
    """Names of the parts that are encrypted (fonts often are, which does not matter)."""
    listed = parsed(archive.read(_ENCRYPTION))
    if listed is None:
        return set()
    return {urllib.parse.unquote(each.get("URI", "")) for each in listed.iter("{*}CipherReference")}
