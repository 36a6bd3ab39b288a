"""Files that somebody has uploaded and not published: received up to a limit, read in the sandbox, shown to them alone.

Each lies in a folder of its own whose name cannot be guessed, with what was read of it beside it. Nothing here is a
document yet, and no scan goes there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import PathError, ReadError, TooMuch
from assistant.ingest.formats.draft import clean
from assistant.ingest.sandbox import Sandbox
from assistant.schema import Draft
from assistant.staff.shelf import Shelf, safe_name

#: Largest file, in bytes; most files of one person that wait at a time, and their bytes together.
FILE_LIMIT = 100 * 2**20
MOST_FILES = 40
MOST_BYTES = 10 * FILE_LIMIT
#: Bytes that stay free on the disk.
_SPARE = 512 * 2**20
#: What nobody has published for so long goes, in seconds.
_KEPT_S = 7 * 86_400
#: Characters and blocks of what was read that are shown, and characters that are compared with other documents.
_SHOWN_CHARS, _SHOWN_BLOCKS, _COMPARED_CHARS = 300_000, 4000, 400_000
_READ, _TEXT = ".read.json", ".read.txt"
_ID = re.compile(r"[A-Za-z0-9_-]{22}")

#: What a file can say of itself and a person can correct.
FACTS = (
    "title",
    "version",
    "date",
    "effective_date",
    "supersedes",
    "language",
    "collection",
    "source",
    "sample",
    "pair",
)


@dataclass(frozen=True, slots=True)
class Staged:
    """An uploaded file. `state`: reading, ready or failed (then `reason` and `hint`, in the readers' own words)."""

    id: str
    name: str
    size: int
    state: str
    pages: int = 0
    tables: int = 0
    reason: str = ""
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """The plain form."""
        return asdict(self)


class Staging:
    """What waits to be published. Safe for several threads; files are read one at a time."""

    def __init__(self, shelf: Shelf, sandbox: Sandbox) -> None:
        self._shelf = shelf
        self._sandbox = sandbox
        self._reading: set[str] = set()
        self._lock = threading.Lock()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="read-uploads")

    def close(self) -> None:
        """End reading."""
        self._reader.shutdown(wait=False, cancel_futures=True)

    def begin(self, owner: str, name: str, size: int) -> tuple[str, Path]:
        """A place for a file of `size` bytes: its id, and where to write it. Raises PathError, TooMuch."""
        kept = safe_name(name)
        if size > FILE_LIMIT:
            raise TooMuch(f"{kept} is larger than {FILE_LIMIT // 2**20} MB.", "Split it into smaller files.")
        here = self._shelf.staging(owner)
        self._forget_old(here)
        waiting = list(here.glob("*/*")) if here.is_dir() else []
        if len({file.parent for file in waiting}) >= MOST_FILES:
            raise TooMuch(f"{MOST_FILES} files wait already.", "Publish or discard some of them first.")
        if sum(file.stat().st_size for file in waiting if file.is_file()) + size > MOST_BYTES:
            raise TooMuch("The files that wait are too large together.", "Publish or discard some of them first.")
        try:
            here.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(here).free < size + _SPARE:
                raise TooMuch("The disk of the server is nearly full.", "Whoever runs the server can make room.")
            upload = secrets.token_urlsafe(16)
            (here / upload).mkdir(mode=0o700)
        except OSError as exc:
            raise PathError(f"The folder of uploads cannot be written ({exc.strerror or exc}).", "") from exc
        return upload, here / upload / kept

    def received(self, owner: str, upload: str) -> None:
        """The file is there: have it read."""
        with self._lock:
            if upload not in self._reading:
                self._reading.add(upload)
                self._reader.submit(self._read, owner, upload)

    def discard(self, owner: str, upload: str) -> bool:
        """Remove an upload; False when there is none of this id for this owner."""
        folder = self._folder(owner, upload)
        if folder is None:
            return False
        shutil.rmtree(folder, ignore_errors=True)
        return True

    def list(self, owner: str) -> list[Staged]:
        """What waits, oldest first; what a server that was stopped left unread is read again."""
        here = self._shelf.staging(owner)
        folders = [each for each in here.iterdir() if _ID.fullmatch(each.name)] if here.is_dir() else []
        arrived = [(stat.st_mtime, folder) for folder in folders if (stat := _stat_in(folder))]
        return [staged for _, folder in sorted(arrived) if (staged := self._staged(owner, folder))]

    def file(self, owner: str, upload: str) -> Path | None:
        """Where an upload lies; None when there is none of this id for this owner."""
        folder = self._folder(owner, upload)
        return _file_in(folder) if folder else None

    def seen(self, owner: str, upload: str) -> dict[str, Any] | None:
        """What was read of an upload: `facts`, `stated` (their names), `blocks`, `hash`; None when not read (yet)."""
        folder = self._folder(owner, upload)
        return _noted(folder) if folder else None

    def text(self, owner: str, upload: str) -> str:
        """The text that was read, for comparing."""
        folder = self._folder(owner, upload)
        with suppress(OSError):
            return (folder / _TEXT).read_text(encoding="utf-8") if folder else ""
        return ""

    def _folder(self, owner: str, upload: str) -> Path | None:
        folder = self._shelf.staging(owner) / upload
        return folder if owner and _ID.fullmatch(upload) and folder.is_dir() else None

    def _staged(self, owner: str, folder: Path) -> Staged | None:
        file, stat = _file_in(folder), _stat_in(folder)
        if file is None or stat is None:
            return None
        noted, size = _noted(folder), stat.st_size
        if noted is None:
            self.received(owner, folder.name)
            return Staged(folder.name, file.name, size, "reading")
        if "reason" in noted:
            return Staged(folder.name, file.name, size, "failed", reason=noted["reason"], hint=noted["hint"])
        return Staged(folder.name, file.name, size, "ready", noted["pages"], noted["tables"])

    def _read(self, owner: str, upload: str) -> None:
        folder = self._shelf.staging(owner) / upload
        try:
            file = _file_in(folder)
            if file is None or _noted(folder) is not None:
                return
            try:
                draft = self._sandbox.read(file)
                with file.open("rb") as opened:
                    digest = hashlib.file_digest(opened, "sha256").hexdigest()
                (folder / _TEXT).write_text(draft.text[:_COMPARED_CHARS], encoding="utf-8")
                noted = _what_was_read(draft, file, digest)
            except ReadError as exc:
                noted = {"reason": exc.message, "hint": exc.hint}
            (folder / f"{_READ}.new").write_text(json.dumps(noted, ensure_ascii=False), encoding="utf-8")
            (folder / f"{_READ}.new").replace(folder / _READ)
        except (OSError, RuntimeError):  # it was discarded meanwhile, or the server stops
            return
        finally:
            with self._lock:
                self._reading.discard(upload)

    def _forget_old(self, here: Path) -> None:
        for folder in here.iterdir() if here.is_dir() else ():
            if time.time() - folder.stat().st_mtime > _KEPT_S:
                shutil.rmtree(folder, ignore_errors=True)


def _file_in(folder: Path) -> Path | None:
    with suppress(OSError):
        return next((each for each in folder.iterdir() if not each.name.startswith(".")), None)
    return None


def _stat_in(folder: Path) -> os.stat_result | None:
    """Size and time of an upload's file; None when it was taken up or discarded meanwhile."""
    with suppress(OSError):
        return file.stat() if (file := _file_in(folder)) else None
    return None


def _noted(folder: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads((folder / _READ).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _what_was_read(draft: Draft, file: Path, digest: str) -> dict[str, Any]:
    """What the page shows of a draft; facts that the file states itself are told from those that were filled in."""
    facts = {name: draft.metadata.get(name, "") for name in FACTS}
    named = facts["title"] == clean(file.stem)
    blocks, chars = [], 0
    for block in draft.blocks[:_SHOWN_BLOCKS]:
        chars += block.end - block.start
        if chars > _SHOWN_CHARS:
            break
        blocks.append(
            {
                "kind": block.kind,
                "text": draft.text[block.start : block.end],
                "level": len(block.heading_path),
                "page": block.page,
                "header": block.table_header,
                "boxes": block.boxes,
            }
        )
    return {
        "facts": facts,
        "stated": [name for name in FACTS if facts[name] and not (name == "title" and named)],
        "labels": list(draft.metadata["labels"]) if draft.metadata.get("labels_stated") else [],
        "media_type": draft.metadata["media_type"],
        "notes": [dict(each) for each in draft.metadata.get("notes", ())],
        "pages": max((block.pages(block.start, block.end)[1] or 0 for block in draft.blocks), default=0),
        "tables": len({(each.heading_path, each.table_header) for each in draft.blocks if each.table_header}),
        "blocks": blocks,
        "cut": len(blocks) < len(draft.blocks),
        "hash": digest,
    }
