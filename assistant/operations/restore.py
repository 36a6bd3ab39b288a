"""Restore: puts a backup where the settings say, also while the assistant serves.

The file is read and compared as a whole before anything is changed. Each part is changed in one transaction; a restore
that was stopped can be done again.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from assistant.accounts.copying import put_accounts
from assistant.database.copying import count_rows, put_part
from assistant.database.opening import place_of
from assistant.database.tables import ACCOUNTS, PARTS
from assistant.errors import BackupError, IndexMismatch
from assistant.index.copying import put_index
from assistant.index.homes import home_of, url_of
from assistant.ingest.opened import open_set_index
from assistant.operations.archive import Manifest, read_archive
from assistant.operations.backup import ACCESS, INDEX, file_of
from assistant.settings import Settings


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. `unusable`: why the backup's index was not, empty if it was."""

    manifest: Manifest
    unusable: str = ""


def check(source: Path, settings: Settings) -> Restored:
    """Read a backup and say what it holds, without changing anything. Raises BackupError."""
    with _Taken(source, settings) as taken:
        return Restored(taken.manifest, taken.unusable)


def restore(source: Path, settings: Settings, *, replace: bool = False) -> Restored:
    """Put the backup `source` where `settings` say. What is there goes only with `replace`.

    An index that this version cannot use stays out, the rest goes in. Raises BackupError, IndexLocked, PathError,
    AccountsUnusable.
    """
    if not replace and (there := _there(settings)):
        raise BackupError(
            f"There is something already: {', '.join(there)}.",
            "Make a backup of it, then run this again with --replace.",
        )
    with _Taken(source, settings) as taken:
        if not taken.unusable:
            put_index(taken.folder / INDEX, settings.index, url=url_of(settings))
        for part in PARTS:
            copy, where = taken.folder / file_of(part), place_of(part, settings)
            if not copy.is_file():
                continue
            if part is ACCOUNTS:
                put_accounts(copy, where)
            else:
                put_part(part, copy, where)
        if (access := taken.folder / ACCESS).is_file():
            shutil.copyfile(access, settings.access_file)
        return Restored(taken.manifest, taken.unusable)


def _there(settings: Settings) -> list[str]:
    found = [str(settings.index)] if home_of(settings.index, url_of(settings)).exists() else []
    found += [str(settings.access_file)] if settings.access_file.exists() else []
    for part in PARTS:
        where = place_of(part, settings)
        if isinstance(where, Path):
            found += [str(where)] if where.exists() else []
        elif count_rows(part, where, part.tables[0]):
            found.append(f"{part.called} in the database")
    return found


class _Taken:
    """A backup taken out beside the index, for as long as the `with` block runs."""

    def __init__(self, source: Path, settings: Settings) -> None:
        if not source.is_file():
            raise BackupError(f"There is no file {source}.", "Name a file that `assistant backup` made.")
        try:
            settings.index.parent.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix=".restore-", dir=settings.index.parent))
        except OSError as exc:
            raise BackupError(
                f"{settings.index.parent} cannot be written ({exc.strerror or exc}).", "Make it writable."
            ) from exc
        try:
            self.manifest = read_archive(source, self.folder)
            self.unusable = _unusable(self.folder / INDEX, settings)
        except BaseException:
            self._remove()
            raise

    def __enter__(self) -> _Taken:
        return self

    def __exit__(self, *exc: object) -> None:
        self._remove()

    def _remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _unusable(index: Path, settings: Settings) -> str:
    """Why this version cannot use an index; one of an earlier version is brought up to date."""
    try:
        open_set_index(settings, index).close()
    except IndexMismatch as exc:
        return str(exc).replace(str(index), "of the backup")
    return ""
