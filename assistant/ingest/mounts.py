"""Drives that are away: where one was mounted and is not now, an empty folder does not mean that files were deleted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from assistant.index import Index

_KEY = "mounts"


def absent(index: Index, present: Iterable[Path] = ()) -> list[Path]:
    """Give folders at which a drive was mounted when documents were read below them, and none is now.

    One that holds files all the same (`present`) has taken the drive's place.
    """
    kept = json.loads(index.database.meta().get(_KEY, "[]"))
    away = [Path(each) for each in kept if not os.path.ismount(each)]
    files = list(present) if away else []
    return [each for each in away if not any(file.is_relative_to(each) for file in files)]


def remember(index: Index, files: Iterable[Path]) -> None:
    """Keep where drives are mounted around these files, beside those that are away."""

    @cache
    def mounted(folder: Path) -> frozenset[Path]:
        if folder == folder.parent:
            return frozenset()
        here = {folder} if os.path.ismount(folder) else set()
        return frozenset(here) | mounted(folder.parent)

    found: set[Path] = set(absent(index))
    for file in files:
        found |= mounted(file.parent)
    known = json.dumps(sorted(map(str, found)), ensure_ascii=False)
    if known != index.database.meta().get(_KEY, "[]"):
        index.database.set_meta({_KEY: known})
