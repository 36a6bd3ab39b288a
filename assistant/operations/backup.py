"""Backup: index, conversations, accounts, audit log as each is at one instant, in one file, while the assistant serves.

Left out are files that lie elsewhere anyway: documents' own files, model files, `assistant.toml` (which may hold keys).
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant import __version__
from assistant.accounts.copying import copy_accounts
from assistant.database.copying import copy_part, count_rows
from assistant.database.opening import place_of
from assistant.database.tables import ACCOUNTS, AUDIT, CONVERSATIONS, PARTS, Part, conversations, shown
from assistant.errors import BackupError
from assistant.index.copying import copy_index
from assistant.index.homes import CATALOG, url_of
from assistant.index.store import BUILT_WITH
from assistant.operations.archive import FORMAT, Manifest, digests, write_archive
from assistant.settings import Settings

INDEX, ACCESS = "index", "access.toml"
_OURS = re.compile(r"alliance-assistant-\d{8}T\d{6}Z\.tar\.gz")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made. `removed`: older ones that went for it."""

    file: Path
    size: int
    manifest: Manifest
    removed: tuple[Path, ...] = ()


def back_up(settings: Settings, target: Path, keep: int | None = None) -> Backup:
    """Make a backup of what `settings` name: the new file `target`, or one named by the time in the folder `target`.

    `keep`: of those so named in the folder only the newest stay. Raises BackupError, IndexMissing, PathError,
    AccountsUnusable.
    """
    now = datetime.now(UTC)
    folder = target if target.is_dir() else target.parent
    file = target / f"alliance-assistant-{now:%Y%m%dT%H%M%SZ}.tar.gz" if target.is_dir() else target
    if file.exists():
        raise BackupError(f"{file} is there already.", "Choose another name; no backup is overwritten.")
    try:
        staging = Path(tempfile.mkdtemp(prefix=".backup-", dir=folder))
    except OSError as exc:
        raise BackupError(
            f"No backup can be made in {folder} ({exc.strerror or exc}).", "Make the folder, or choose another."
        ) from exc
    try:
        manifest = _staged(settings, staging, now)
        write_archive(staging, file, manifest)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Backup(file, file.stat().st_size, manifest, _thinned(folder, keep) if keep else ())


def _staged(settings: Settings, staging: Path, now: datetime) -> Manifest:
    copy_index(settings.index, staging / INDEX, url=url_of(settings))
    built, counts = _looked_at(staging / INDEX / CATALOG)
    for part in PARTS:
        where, copy = place_of(part, settings), staging / file_of(part)
        if isinstance(where, str) or where.is_file():
            name, number = _copied(part, where, copy)
            counts[name] = number
    if settings.access_file.is_file():
        shutil.copyfile(settings.access_file, staging / ACCESS)
    for left in staging.rglob("*"):
        if left.name.endswith((".lock", "-wal", "-shm")):
            left.unlink()
    made_at = now.isoformat(timespec="seconds")
    return Manifest(FORMAT, __version__, made_at, built, counts, digests(staging))


def file_of(part: Part) -> str:
    """What a backup calls the file of a part."""
    return f"{part.name}.sqlite3"


def _copied(part: Part, where: Path | str, copy: Path) -> tuple[str, int]:
    """Copy a part; what it is counted by, and how many there are."""
    if part is ACCOUNTS:
        return "users", copy_accounts(where, copy)
    copy_part(part, where, copy)
    if part is CONVERSATIONS:
        return "conversations", count_rows(part, copy, conversations)
    return "audit entries", count_rows(AUDIT, copy, shown)


def _looked_at(catalog: Path) -> tuple[dict[str, str], dict[str, int]]:
    """What the copied index was built with and how much is in it. Raises BackupError when it is damaged."""
    with closing(sqlite3.connect(catalog)) as db:
        if (found := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise BackupError(f"The index is damaged ({found}).", "See `assistant doctor`; nothing was backed up.")
        db.execute("PRAGMA journal_mode = DELETE")  # one file; whoever opens it next sets its own
        meta = dict(db.execute("SELECT key, value FROM meta"))
    built = {key: meta[key] for key in BUILT_WITH if key in meta}
    counts = {"documents": _count(catalog, "documents"), "passages": _count(catalog, "chunks")}
    return built, counts


def _count(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _thinned(folder: Path, keep: int) -> tuple[Path, ...]:
    ours = sorted(file for file in folder.iterdir() if _OURS.fullmatch(file.name))
    for file in ours[:-keep]:
        file.unlink(missing_ok=True)
    return tuple(ours[:-keep])
