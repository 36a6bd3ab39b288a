"""ZIP archives: every member that can be read is a part of one document, below a heading with its name."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath

from assistant.errors import ReadError
from assistant.ingest.frontmatter import SIDECAR_SUFFIX
from assistant.ingest.readers import office_container
from assistant.ingest.readers.containers import COUNT_LIMIT, TOTAL_LIMIT, Parts
from assistant.ingest.readers.draft import DraftBuilder
from assistant.ingest.readers.source import Source
from assistant.schema import Draft

MEDIA_TYPE = "application/zip"

_UTF_8_NAME = 0x800
_ENCRYPTED = 0x1
_CHUNK = 2**20
_PACK_AGAIN = "Pack it again, or unpack it and give the files in it."


def recognises(source: Source) -> bool:
    """A ZIP file that is no office document."""
    return office_container.is_plain_zip(source.content)


def read(source: Source) -> Draft:
    """All members that can be read, in the order of the archive; metadata: notes on the others.

    Raises ReadError: damaged, encrypted, a ZIP bomb, or nothing in it can be read.
    """
    builder = DraftBuilder()
    parts = Parts(source, builder)
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            office_container.refuse_bomb(source, entries)
            if len(entries) > COUNT_LIMIT:
                raise ReadError(
                    f"{source.name} holds {len(entries):,} files; the limit is {COUNT_LIMIT:,}.",
                    "Unpack it and give the folder.",
                )
            _members(archive, entries, parts)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as exc:
        raise ReadError(f"{source.name} is a damaged ZIP archive ({exc}).", "Copy it again, or pack it again.") from exc
    if not parts.read:
        if not parts.notes:
            raise ReadError(f"{source.name} is an empty ZIP archive.", "Check that this is the right file.")
        first = parts.notes[0]
        if all(note["reason"] == _PASSWORD for note in parts.notes):
            raise ReadError(f"{source.name} is encrypted with a password.", first["hint"])
        raise ReadError(
            f"{source.name} holds nothing that can be read; {first['where']}: {first['reason']}", first["hint"]
        )
    return builder.build({"notes": tuple(parts.notes)})


_PASSWORD = "it is encrypted with a password"


def _members(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], parts: Parts) -> None:
    left = TOTAL_LIMIT
    for entry in entries:
        name = member_name(entry)
        if _is_litter(name):
            continue
        if entry.flag_bits & _ENCRYPTED:
            parts.leave_out(name, _PASSWORD, "Pack it again without a password.")
            continue
        try:
            content = _unpacked(archive, entry, left)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as exc:
            parts.leave_out(name, f"it is damaged ({exc})", _PACK_AGAIN)
            continue
        except Exception as exc:  # zlib and lzma have errors of their own
            if type(exc).__module__ not in ("zlib", "lzma", "_lzma"):
                raise
            parts.leave_out(name, f"it is damaged ({exc})", _PACK_AGAIN)
            continue
        if content is None:
            parts.leave_out(name, f"the archive unpacks to more than {TOTAL_LIMIT // 2**20} MB", _PACK_AGAIN)
            continue
        left -= len(content)
        parts.add(name, content)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes | None:
    """The member's content, None if it is longer than the limit: the sizes that an archive states may be false."""
    found = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            found += chunk
            if len(found) > limit:
                return None
    return bytes(found)


def member_name(entry: zipfile.ZipInfo) -> str:
    """The member's name. Windows in Korean writes it in cp949, which Python takes for cp437."""
    name = entry.filename
    if not entry.flag_bits & _UTF_8_NAME:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return name
        for encoding in ("utf-8", "cp949"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return name


def _is_litter(name: str) -> bool:
    """What operating systems leave in archives, and metadata that belongs to a file beside it."""
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return hidden or path.name in ("Thumbs.db", "desktop.ini") or name.endswith(SIDECAR_SUFFIX)
