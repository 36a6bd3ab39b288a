"""Copies of an index as it is at one instant, taken while others read and write it, and put in another's place.

A copy is what a killed process would have left at that instant: the next ingestion goes on from there. Folders of
documents are not part of it; what the catalogue knows of them is.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from assistant.errors import PathError
from assistant.index.carrying import carry_catalogue
from assistant.index.embedded import DATABASE, EmbeddedStore
from assistant.index.homes import CATALOG, FolderHome, SchemaHome, home_of
from assistant.index.places import VECTORS

#: Longest wait for another process's write, in seconds.
_PATIENCE_S = 60.0


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite file as it is at one instant; `target`, if there is one, is replaced in one transaction.

    Raises PathError.
    """
    try:
        if not target.exists():
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE_S)) as old,
            closing(sqlite3.connect(target, timeout=_PATIENCE_S)) as new,
        ):
            old.backup(new)
    except (OSError, sqlite3.Error) as exc:
        raise PathError(
            f"{source} cannot be copied to {target} ({exc}).", "Check permissions and room on both disks."
        ) from exc


def copy_index(folder: Path, into: Path, *, url: str = "") -> None:
    """Copy the index of `folder` to files in the new folder `into`. Searches wait while vectors are copied.

    `url`: where its catalogue is, if not in the folder. Raises IndexMissing, PathError, CatalogAway.
    """
    home = home_of(folder, url)
    if not home.exists():
        home.catalog()  # which says so
    try:
        into.mkdir(mode=0o700)
        with EmbeddedStore(folder / VECTORS).held():  # nothing is added or removed before the catalogue is copied too
            if (folder / VECTORS).is_dir():
                _copy_store(folder / VECTORS, into / VECTORS)
            if url:
                _copy_rows(home, FolderHome(into))
            else:
                copy_database(folder / CATALOG, into / CATALOG)
        for file in beside(folder):
            shutil.copyfile(file, into / file.name)
    except OSError as exc:
        raise PathError(f"The index {folder} cannot be copied ({exc}).", "Check permissions and room on disk.") from exc
    with closing(sqlite3.connect(into / CATALOG)) as db, db:
        db.execute("DELETE FROM progress")  # the run that goes on there is none of the copy's


def put_index(copy: Path, folder: Path, *, url: str = "") -> None:
    """Put a copy, which is used up, in the place of the index in `folder`, also while that is read.

    Both must lie on one file system. `url`: where the catalogue of the index is, if not in the folder. Stopped halfway
    it can be done again. Raises IndexLocked, PathError, CatalogAway.
    """
    home = home_of(folder, url)
    with home.writing():
        old = folder / ".replaced"
        try:
            shutil.rmtree(old, ignore_errors=True)
            _count_on(copy / CATALOG, home)
            with EmbeddedStore(folder / VECTORS).held():
                if (folder / VECTORS).exists():
                    (folder / VECTORS).rename(old)
                if (copy / VECTORS).exists():
                    (copy / VECTORS).rename(folder / VECTORS)
                # into the file and not instead of it: who has it open goes on with what it holds now
                if url:
                    _copy_rows(FolderHome(copy), home)
                else:
                    copy_database(copy / CATALOG, folder / CATALOG)
            for file in beside(folder):
                file.unlink()
            for file in beside(copy):
                file.rename(folder / file.name)
            shutil.rmtree(old, ignore_errors=True)
        except OSError as exc:
            raise PathError(
                f"The index {folder} cannot be replaced ({exc}).", "Check its permissions, then run this again."
            ) from exc


def _copy_rows(source: FolderHome | SchemaHome, target: FolderHome | SchemaHome) -> None:
    """Put the rows of a catalogue in the place of another's, in one transaction; the caller holds the target's lock."""
    with closing(source.catalog()) as old, closing(target.catalog(create=True)) as new, new.database.transaction():
        new.database.clear()
        carry_catalogue(old.database, new.database)


def _count_on(new: Path, home: FolderHome | SchemaHome) -> None:
    """Give the new catalogue a generation that the old one never had: a reader then looks at the vectors anew."""
    counts = []
    for each in (FolderHome(new.parent), home):
        if each.exists():
            with closing(each.catalog()) as catalog:
                counts.append(int(catalog.ledger.generation()))
    with closing(sqlite3.connect(new)) as db, db:
        db.execute("INSERT OR REPLACE INTO meta VALUES ('generation', ?)", (str(max(counts, default=0) + 1),))


def _copy_store(source: Path, target: Path) -> None:
    """Chroma's folder, whose database others may have open."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(f"{DATABASE}*"))
    if (source / DATABASE).is_file():
        copy_database(source / DATABASE, target / DATABASE)


def beside(folder: Path) -> list[Path]:
    """List what is kept beside catalogue and vectors, such as the labels given to folders."""
    return sorted(file for file in folder.glob("*.json") if file.is_file())
