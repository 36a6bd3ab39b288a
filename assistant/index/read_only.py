"""An index that may not be written: reading needs small files beside it, so it is read from a copy."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.errors import IndexNotWritten
from assistant.index.embedded import DATABASE
from assistant.index.homes import CATALOG
from assistant.index.places import VECTORS
from assistant.index.writer import HOLDER, LOCK

_log = logging.getLogger(__name__)


def is_writable(folder: Path) -> bool:
    """Tell whether an index can be used where it lies."""
    files = (folder, folder / CATALOG, folder / VECTORS, folder / VECTORS / DATABASE)
    return all(os.access(each, os.W_OK) for each in files if each.exists())


def copied_for_reading(folder: Path) -> TemporaryDirectory[str]:
    """Copy an index into a temporary folder, to be read there. Raises IndexNotWritten."""
    copy: TemporaryDirectory[str] = TemporaryDirectory(prefix="assistant-index-", ignore_cleanup_errors=True)
    try:
        for entry in folder.iterdir():
            if entry.name not in (LOCK, HOLDER):
                target = Path(copy.name) / entry.name
                if entry.is_dir():
                    shutil.copytree(entry, target, copy_function=shutil.copyfile)
                else:
                    shutil.copyfile(entry, target)
        for each in (Path(copy.name), *Path(copy.name).rglob("*")):
            each.chmod(0o700 if each.is_dir() else 0o600)
    except OSError as exc:
        copy.cleanup()
        raise IndexNotWritten(
            f"The index {folder} may not be written, and a copy for reading cannot be made ({exc}).",
            "Make it readable, make room in the temporary folder, or make the index folder writable.",
        ) from exc
    _log.warning("The index %s may not be written; a copy of it is read.", folder)
    return copy
