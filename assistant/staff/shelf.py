"""The folder of uploads: where a document's file goes, and the files beside it that `assistant ingest` reads too.

    uploads/NAME, uploads/NAME.meta.yaml        a document and what it is
    uploads/company/<name>/…                    a company's; `.labels.yaml` there binds whatever a file says of itself
    uploads/.assistantignore                    what was withdrawn and stays on the shelf
    uploads/_staging/<user>/<id>/               what was not published; a name with "_" is passed over by a scan

A metadata file is in its place before its document is, so that no document is ever there without its labels.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from assistant.errors import PathError
from assistant.ingest.frontmatter import sidecar
from assistant.ingest.names import (
    IGNORE_FILE,
    LABELS_FILE,
    SIDECAR_SUFFIX,
    composed,
    is_litter,
    sidecar_of,
)
from assistant.staff.reach import STAFF, company_in

STAGING = "_staging"
#: Longest name of a file, in bytes, so that a metadata file's name fits as well.
_LONGEST = 180
_GITIGNORE = str.maketrans({each: f"\\{each}" for each in "\\*?[]!# "})


class Shelf:
    """The folder that the setting `uploads` names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def staging(self, owner: str) -> Path:
        """The folder of what `owner` has uploaded and not published."""
        return self.folder / STAGING / owner

    def holds(self, path: Path) -> bool:
        """Whether a document's file lies on this shelf."""
        return path.is_relative_to(self.folder.resolve()) and STAGING not in path.parts

    def put(self, file: Path, metadata: Mapping[str, Any]) -> Path:
        """Move `file` to its place, with `metadata` beside it; returns the place. Raises PathError."""
        try:
            folder = self._folder_for(metadata["labels"])
            place = _free(folder / file.name)
            _write(_beside(place), yaml.safe_dump(dict(metadata), allow_unicode=True, sort_keys=False))
            shutil.move(file, place)
        except OSError as exc:
            raise _unwritable(self.folder, exc) from exc
        return place

    def _folder_for(self, labels: Sequence[str]) -> Path:
        folder = self.folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if company := company_in(labels):
            folder = folder / "company" / company
            folder.mkdir(parents=True, exist_ok=True)
            bound = folder / LABELS_FILE
            if not bound.exists():
                _write(bound, yaml.safe_dump({"labels": [f"company:{company}", STAFF]}, allow_unicode=True))
        return folder

    def relabel(self, path: Path, labels: Sequence[str]) -> Path:
        """Write labels beside a document and return its place: on this shelf it moves with them. Raises PathError."""
        try:
            metadata = {**sidecar(path), "labels": list(labels)}
            if self.holds(path) and (folder := self._folder_for(labels)) != path.parent:
                place = _free(folder / path.name)
                _write(_beside(place), yaml.safe_dump(metadata, allow_unicode=True, sort_keys=False))
                shutil.move(path, place)
                if old := sidecar_of(path):
                    old.unlink()
                return place
            _write(sidecar_of(path) or _beside(path), yaml.safe_dump(metadata, allow_unicode=True, sort_keys=False))
        except OSError as exc:
            raise _unwritable(path.parent, exc) from exc
        return path

    def ignore(self, path: Path) -> None:
        """Have every scan pass a file over. Raises PathError."""
        try:
            _write(path.parent / IGNORE_FILE, "\n".join([*_lines(path.parent), _rule(path)]) + "\n")
        except OSError as exc:
            raise _unwritable(path.parent, exc) from exc

    def heed(self, path: Path) -> None:
        """Take back `ignore`. Raises PathError."""
        try:
            left = [line for line in _lines(path.parent) if line != _rule(path)]
            _write(path.parent / IGNORE_FILE, "".join(f"{line}\n" for line in left))
        except OSError as exc:
            raise _unwritable(path.parent, exc) from exc

    def ignored(self, path: Path) -> bool:
        """Whether `ignore` holds for a file that is still there."""
        return path.is_file() and _rule(path) in _lines(path.parent)

    def remove(self, path: Path) -> None:
        """Delete a document's file with what lies beside it. Raises PathError."""
        if not self.holds(path):
            raise PathError(f"{path.name} is not among the uploads.", "Remove it where it lies.")
        try:
            beside = sidecar_of(path)
            path.unlink(missing_ok=True)  # first, so that it is never there without its labels
            if beside is not None:
                beside.unlink(missing_ok=True)
            if _rule(path) in _lines(path.parent):
                self.heed(path)
        except OSError as exc:
            raise _unwritable(path.parent, exc) from exc


def safe_name(typed: str) -> str:
    """The name under which an uploaded file is kept: no folders, nothing hidden, of a length that every disk takes.

    Raises PathError for one that no document can have.
    """
    name = composed(typed).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(each for each in name if unicodedata.category(each)[0] != "C").strip().lstrip("._ ").rstrip(". ")
    stem, dot, ending = name.rpartition(".")
    while len(name.encode()) > _LONGEST:
        stem, dot, ending = (stem or ending)[:-1], dot if stem else "", ending if stem else ""
        name = f"{stem}{dot}{ending}"
    if not name or is_litter(name) or name.endswith(SIDECAR_SUFFIX):
        raise PathError(f"{typed[:100]!a} cannot be the name of a document.", "Rename the file.")
    return name


def _beside(path: Path) -> Path:
    return path.with_name(path.name + SIDECAR_SUFFIX)


def _free(path: Path) -> Path:
    """`path`, or the same with a number that is free."""
    place, number = path, 1
    while place.exists() or _beside(place).exists():
        number += 1
        place = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return place


def _rule(path: Path) -> str:
    """The line of an ignore file that names one file of its folder."""
    name = composed(path.name)
    if not name.isprintable():
        raise PathError(f"{name!a} has a name that cannot be written into {IGNORE_FILE}.", "Rename the file.")
    return f"/{name.translate(_GITIGNORE)}"


def _lines(folder: Path) -> list[str]:
    file = folder / IGNORE_FILE
    return file.read_text(encoding="utf-8-sig").splitlines() if file.is_file() else []


def _write(file: Path, text: str) -> None:
    """Write a file at once: whoever reads it meanwhile reads the old one or the new one."""
    ready = file.with_name(f".{file.name[:60]}.new")
    ready.write_text(text, encoding="utf-8")
    ready.replace(file)


def _unwritable(folder: Path, exc: OSError) -> PathError:
    return PathError(
        f"The folder {folder.name} cannot be written ({exc.strerror or exc}).",
        "Whoever runs the server can make it writable, or make room on the disk.",
    )
