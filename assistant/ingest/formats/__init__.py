"""Reading a file: its format is decided by what it holds, never by its name.

A new format is one module with `MEDIA_TYPE`, `recognises(source)` and `read(source)`, and one entry in `FORMATS`. One
that holds documents of its own says `IS_CONTAINER = True`, and its `read` is also given the function that reads a part.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Protocol, cast

from assistant.errors import ReadError
from assistant.ingest import frontmatter, labels
from assistant.ingest.formats import (
    archive,
    delimited,
    epub,
    html,
    image,
    mail,
    markdown,
    msg,
    odf,
    office,
    old_office,
    pdf,
    text,
)
from assistant.ingest.formats.containers import DEPTH_LIMIT, ReadPart
from assistant.ingest.formats.draft import clean
from assistant.ingest.formats.source import Source
from assistant.schema import Draft

#: Larger files are refused (bytes), and larger style sheets are not looked at.
SIZE_LIMIT = 200 * 1024 * 1024
_LARGEST_OTHER = 2_000_000


class Format(Protocol):
    """A reader module."""

    MEDIA_TYPE: str

    def recognises(self, source: Source) -> bool:
        """Whether the content is of this format."""

    def read(self, source: Source) -> Draft:
        """The draft, with whatever metadata the file holds. Raises ReadError."""


class Container(Protocol):
    """A reader module of files that hold documents."""

    MEDIA_TYPE: str
    IS_CONTAINER: bool

    def recognises(self, source: Source) -> bool:
        """Whether the content is of this format."""

    def read(self, source: Source, read_part: ReadPart) -> Draft:
        """The draft of all parts; "part_labels" in its metadata are those that the parts have in common."""


#: In the order in which they are asked; plain text takes what no other format recognises.
FORMATS: tuple[Format | Container, ...] = (
    archive,
    *odf.FORMATS,
    epub,
    msg,
    *old_office.FORMATS,
    *office.FORMATS,
    image,
    pdf,
    mail,
    html,
    markdown,
    delimited,
    text,
)

#: Beginnings of formats that cannot be read: their names and what to do.
_SAVE_AS = "Save it as PDF, DOCX, HWPX or text."
_UNPACK = "Unpack it and give the files in it."
_UNSUPPORTED = (
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"EGGA", "an EGG archive", _UNPACK),
    (b"ALZ\x01", "an ALZ archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", _UNPACK),
    (b"%!PS", "a PostScript document", "Convert it to PDF."),
    (b"\x7fELF", "a program", _SAVE_AS),
    (b"MZ\x90", "a program", _SAVE_AS),
    (b"SQLite format 3\0", "a database", _SAVE_AS),
)


def read(path: Path) -> Draft:
    """Read a file into a draft with checked metadata (see `frontmatter.validated`), plus "media_type" and "notes".

    "title" falls back to what the file calls itself, then to its name. "notes" tells which parts of the file are
    missing, why, and what to do (see `notes.Note`); empty when it was read completely. "closed" holds the drafts of
    parts that are for fewer readers than the rest (see `containers`). Raises ReadError with the reason and what to do:
    missing, empty, too large, unknown, damaged or encrypted file, or one without any text.
    """
    beside = frontmatter.sidecar(path)
    around = [labels.of_folders(path), labels.stated(beside, path.name)]
    whole = labels.together(around, "the folders", path.name)
    draft = read_source(Source(path, _content(path), labels=whole, other=partial(_other, path.parent)))
    metadata = frontmatter.validated(frontmatter.merged(draft.metadata, beside), path.name)
    own = metadata["labels"] if metadata["labels_stated"] else ()
    if bound := labels.together([around[0], own, draft.metadata.get("part_labels", ())], "the folders", path.name):
        metadata.update(labels=bound, labels_stated=True)
    metadata["title"] = clean(metadata["title"]) or clean(path.stem)
    kept = {name: draft.metadata[name] for name in ("media_type", "notes", "closed") if name in draft.metadata}
    return Draft(draft.text, draft.blocks, {**metadata, **kept})


def read_source(source: Source) -> Draft:
    """Read what a file, a member of an archive or an attachment holds, with the metadata found inside.

    Raises ReadError.
    """
    for magic, name, hint in _UNSUPPORTED:
        if source.content.startswith(magic):
            raise ReadError(f"{source.name} is {name}, which cannot be read.", hint)
    chosen = next(each for each in FORMATS if each.recognises(source))
    try:
        draft = _read_as(chosen, source)
    except RecursionError as exc:
        raise ReadError(f"{source.name} is nested too deeply to be read.", "Save it in a simpler form.") from exc
    except (ReadError, MemoryError):
        raise
    except Exception as exc:  # parsers of broken files raise anything; the other files must still go in
        raise ReadError(
            f"{source.name} could not be read ({type(exc).__name__}: {exc}).", "Save it again or in another format."
        ) from exc
    if not draft.blocks:
        raise ReadError(f"{source.name} holds no text.", "Check that this is the right file.")
    kept = {"notes": (), **draft.metadata, "media_type": chosen.MEDIA_TYPE}
    return Draft(draft.text, draft.blocks, kept)


def _read_as(chosen: Format | Container, source: Source) -> Draft:
    if not getattr(chosen, "IS_CONTAINER", False):
        return cast(Format, chosen).read(source)
    if source.depth > DEPTH_LIMIT:
        raise ReadError(f"{source.name} is nested more than {DEPTH_LIMIT} deep.", "Unpack it and give the files in it.")
    return cast(Container, chosen).read(source, read_source)


def _other(folder: Path, name: str) -> bytes:
    """A style sheet that a page in `folder` refers to: a small regular file there, below, or in the folder above."""
    try:
        wanted = (folder / name).resolve()
        inside = wanted.is_relative_to(folder.resolve().parent) and wanted.suffix.lower() == ".css"
        return wanted.read_bytes() if inside and wanted.is_file() and wanted.stat().st_size <= _LARGEST_OTHER else b""
    except (OSError, ValueError):
        return b""


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > SIZE_LIMIT:
            raise ReadError(
                f"{path.name} has {size / 2**20:.0f} MB; the limit is {SIZE_LIMIT / 2**20:.0f} MB.",
                "Split it into smaller files.",
            )
        if path.is_dir():
            raise ReadError(f"{path.name} is a folder, not a file.", "Give the files in it.")
        content = path.read_bytes()
    except OSError as exc:
        raise ReadError(
            f"{path.name} cannot be opened: {exc.strerror or exc}.", "Check that the file exists and may be read."
        ) from exc
    if not content.strip(b" \t\r\n\0"):
        raise ReadError(f"{path.name} is empty.", "Check that it was copied completely.")
    return content
