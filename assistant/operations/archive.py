"""The file of a backup: a compressed tar with a manifest first, which names every other file with its SHA-256.

Only what the manifest names is ever taken out, as a plain file, below the folder that was given.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from assistant.errors import BackupError

MANIFEST = "manifest.json"
#: Changes when an earlier version could not read a backup of this one.
FORMAT = 1
_NAME = re.compile(r"[\w.-]+(/[\w.-]+)*")
#: Longest manifest, in bytes.
_LONGEST = 64 * 2**20
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `files`: SHA-256 by name; `made_at`: ISO 8601 in UTC; `counts`: for people.

    `index`: what the index was built with, empty when there was none.
    """

    format: int
    version: str
    made_at: str
    index: Mapping[str, str]
    counts: Mapping[str, int]
    files: Mapping[str, str]


def write_archive(folder: Path, target: Path, manifest: Manifest) -> None:
    """Write all files of `folder` with their manifest to the new file `target`, for its owner's eyes only.

    It appears under its name when it is complete. Raises BackupError.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as tar:
                (folder / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), "utf-8")
                for name in (MANIFEST, *sorted(manifest.files)):
                    tar.add(folder / name, name, recursive=False, filter=_nobodys)
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(target)
    except OSError as exc:
        raise BackupError(
            f"The backup {target} cannot be written ({exc.strerror or exc}).", "Check permissions and room on the disk."
        ) from exc
    finally:
        part.unlink(missing_ok=True)


def read_archive(source: Path, into: Path) -> Manifest:
    """Take everything out of a backup into the folder `into`, compared with the manifest. Raises BackupError."""
    try:
        with tarfile.open(source, "r|gz") as tar:
            members = iter(tar)
            first = next(members, None)
            if first is None or first.name != MANIFEST or first.size > _LONGEST:
                raise BackupError(f"{source} is no backup of the assistant.", "It begins with no manifest.")
            manifest = _manifest(_opened(tar, first).read())
            left = dict(manifest.files)
            for member in members:
                expected = left.pop(member.name, None)
                if expected is None or not member.isfile():
                    raise BackupError(f"{source} holds '{member.name}', which its manifest does not name.", _DAMAGED)
                if _taken(_opened(tar, member), into / PurePosixPath(member.name)) != expected:
                    raise BackupError(f"'{member.name}' in {source} is not what was put in.", _DAMAGED)
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError) as exc:
        raise BackupError(f"{source} cannot be read ({exc}).", _DAMAGED) from exc
    if left:
        raise BackupError(f"{source} lacks '{min(left)}'.", _DAMAGED)
    return manifest


_DAMAGED = "Use another backup: this one is damaged or was not made by `assistant backup`."


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below `folder`, by name. Raises BackupError for a name that no backup may hold."""
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            name = file.relative_to(folder).as_posix()
            if not _NAME.fullmatch(name):
                raise BackupError(f"A file is called '{name}', which a backup cannot hold.", "Rename or remove it.")
            with file.open("rb") as opened:
                found[name] = hashlib.file_digest(opened, "sha256").hexdigest()
    return found


def _manifest(said: bytes) -> Manifest:
    values: dict[str, Any] = json.loads(said)
    if values["format"] != FORMAT:
        raise BackupError(
            f"The backup was made by version {values['version']}, which this one cannot read.", "Install that or newer."
        )
    names = values["files"]
    if not all(_NAME.fullmatch(name) and ".." not in PurePosixPath(name).parts for name in names):
        raise ValueError("a name in its manifest leads outside")
    return Manifest(**values)


def _opened(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    opened = tar.extractfile(member)
    if opened is None:
        raise ValueError(f"{member.name} is no file")
    return opened


def _taken(source: IO[bytes], target: Path) -> str:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        while block := source.read(_BLOCK):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whoever restores it owns the files; names of this machine's users are nobody's business."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
