"""ZIP archives: every member that can be read is a part of one document, below a heading with its name."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import partial

from assistant.errors import ReadError
from assistant.ingest.formats import office_container
from assistant.ingest.formats.containers import COUNT_LIMIT, TOTAL_LIMIT, Parts, ReadPart
from assistant.ingest.formats.draft import DraftBuilder
from assistant.ingest.formats.packed_folder import Member, PackedFolder
from assistant.ingest.formats.source import Source
from assistant.schema import Draft

MEDIA_TYPE = "application/zip"
IS_CONTAINER = True

_UTF_8_NAME = 0x800
_ENCRYPTED = 0x1
#: Extra field with the name in UTF-8, and the checksum of the name that it stands for.
_UNICODE_PATH = 0x7075
_CHUNK = 2**20
_PACK_AGAIN = "Pack it again, or unpack it and give the files in it."
_PASSWORD = "it is encrypted with a password"


def recognises(source: Source) -> bool:
    """Recognise a ZIP file that is no office document."""
    return office_container.is_plain_zip(source.content)


def read(source: Source, read_part: ReadPart) -> Draft:
    """Read all members that can be read, in order; metadata: notes on the others, labels of the parts.

    Raises ReadError: damaged, encrypted, a ZIP bomb, or nothing in it can be read.
    """
    builder = DraftBuilder()
    parts = Parts(source, builder, read_part, separate=True)
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            office_container.refuse_bomb(source, entries)
            if len(entries) > COUNT_LIMIT:
                raise ReadError(
                    f"{source.name} holds {len(entries):,} files; the limit is {COUNT_LIMIT:,}.",
                    "Unpack it and give the folder.",
                )
            members = [Member(member_name(entry), partial(_content, archive, entry)) for entry in entries]
            PackedFolder(members).add_to(parts, TOTAL_LIMIT)
            parts.finish()
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
    return builder.build(parts.metadata())


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """The content of a member. Raises ReadError with the reason."""
    if entry.flag_bits & _ENCRYPTED:
        raise ReadError(_PASSWORD, "Pack it again without a password.")
    try:
        content = _unpacked(archive, entry, limit)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as exc:
        raise ReadError(f"it is damaged ({exc})", _PACK_AGAIN) from exc
    except Exception as exc:  # zlib and lzma have errors of their own
        if type(exc).__module__ not in ("zlib", "lzma", "_lzma"):
            raise
        raise ReadError(f"it is damaged ({exc})", _PACK_AGAIN) from exc
    if content is None:
        raise ReadError(f"the archive unpacks to more than {TOTAL_LIMIT // 2**20} MB", _PACK_AGAIN)
    return content


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
    """Give the member's name. Windows in Korean writes it in cp949, which Python takes for cp437."""
    name = entry.filename
    if not entry.flag_bits & _UTF_8_NAME:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return name
        if found := _unicode_path(entry.extra, raw):
            return found
        for encoding in ("utf-8", "cp949"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return name


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """The name in the extra field for it, where that belongs to this name; else an empty string."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) > 5 and struct.unpack_from("<I", field, 1)[0] == zlib.crc32(raw):
            return field[5:].decode("utf-8", errors="replace")
        at += 4 + size
    return ""
