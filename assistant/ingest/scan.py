"""Finding the files to read, and the id that each document gets.

Skipped: hidden files, folders whose name begins with "_", what systems and programs leave behind, `*.meta.yaml`, and
what a folder's `.assistantignore` names (gitignore syntax). Names are compared in one form, whatever system wrote them.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pathspec

from assistant.errors import PathError, ReadError
from assistant.index.rows import told
from assistant.ingest.names import (
    IGNORE_FILE,
    LABELS_FILE,
    SIDECAR_SUFFIX,
    composed,
    ignores,
    is_litter,
    is_passed_over,
    rules_of,
    sidecar_of,
)

_Rules = tuple[tuple[Path, pathspec.GitIgnoreSpec], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read, or a file or folder that must not be (a link that leaves the folder): `failure` says why."""

    path: Path
    document_id: str
    root: Path
    failure: ReadError | None = None

    @property
    def shown_path(self) -> str:
        """The path as text; bytes that are no UTF-8 are replaced."""
        return shown(self.path)

    @property
    def told_path(self) -> str:
        """The path below the folder that was given: what people are told."""
        return told(self.shown_path, str(self.root))


def shown(path: Path) -> str:
    """Write a path as text that can be stored and printed."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def located(path: Path) -> Path:
    """Give the path as it stands on the disk, where only the form of its letters differs from what was typed."""
    forms = (path, Path(composed(str(path))), Path(unicodedata.normalize("NFD", str(path))))
    return next((each for each in forms if each.exists()), path)


def scan(paths: Sequence[Path], roots: Sequence[Path] = ()) -> Iterator[Found]:
    """List files and folders, folders sorted by name; a file that is reached twice is listed once.

    A document id is the file's path below the one of `roots` (such as the corpus folder) that holds it, else
    below the given folder; for a file given by itself, its name. Raises PathError, before anything is listed,
    if a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise PathError(
                f"{path} does not exist.",
                "Check the path. If it was withdrawn or moved for good, `assistant documents withdraw PATH` takes its "
                "documents out of the index; if it is only away for a while, they stay.",
            )
        if not (path.is_dir() or path.is_file()):
            raise PathError(f"{path} is neither a file nor a folder.", "Give a file or a folder.")
    known = [root.resolve() for root in roots]
    return _listed([path.resolve() for path in paths], known)


def _listed(paths: Sequence[Path], roots: Sequence[Path]) -> Iterator[Found]:
    seen: set[Path] = set()
    for path in paths:
        folder = path if path.is_dir() else path.parent
        for file, failure in _walk(path, folder, _rules_above(path, roots)) if path.is_dir() else [(path, None)]:
            if file not in seen:
                seen.add(file)
                root = next((each for each in roots if file.is_relative_to(each)), folder)
                document_id = composed(shown(file.relative_to(root)))
                yield Found(file, document_id, root, failure)


def _rules_above(folder: Path, roots: Sequence[Path]) -> _Rules:
    """What the ignore files between a root and a folder below it say, so that a part is read like the whole."""
    root = next((each for each in roots if folder != each and folder.is_relative_to(each)), None)
    if root is None:
        return ()
    above = [parent for parent in reversed(folder.parents) if parent.is_relative_to(root)]
    return tuple(rule for parent in above for rule in _rules(parent))


def _walk(folder: Path, top: Path, rules: _Rules) -> Iterator[tuple[Path, ReadError | None]]:
    rules = (*rules, *_rules(folder))
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as exc:
        yield folder, ReadError(f"The folder {folder.name} cannot be opened: {exc.strerror}.", "Check its permissions.")
        return
    for name in _without_file(folder, entries):
        reason = f"{shown(Path(composed(name)))} belongs to no file, so its labels protect nothing."
        hint = f"Give it its document's name and {SIDECAR_SUFFIX}, or remove it; a folder's labels: {LABELS_FILE}."
        yield folder / name, ReadError(reason, hint)
    for entry in entries:
        path = folder / entry.name
        is_folder = entry.is_dir()
        if is_passed_over(entry.name, is_folder) or _ignored(path, is_folder, rules):
            continue
        if shown(path) != str(path):  # such a name cannot be stored
            yield path, ReadError(f"The name {shown(Path(entry.name))} is not UTF-8.", "Rename it.")
        elif entry.is_symlink() and not path.resolve().is_relative_to(top):
            yield path, ReadError(f"{path.name} is a link that leaves the folder.", "Copy the file into the folder.")
        elif entry.is_symlink() and not path.exists():
            yield path, ReadError(f"{path.name} is a link to nothing.", "Remove the link or restore the file.")
        elif is_folder:
            if not entry.is_symlink():  # what it points to is below `top` and is found there
                yield from _walk(path, top, rules)
        elif entry.is_file():
            yield path, None
        else:
            yield path, ReadError(f"{path.name} is a pipe, socket or device, not a file.", "Remove it or hide it.")


def _without_file(folder: Path, entries: Sequence[os.DirEntry[str]]) -> list[str]:
    """Names of metadata files that no file of the folder takes."""
    suffixed = [entry.name for entry in entries if entry.name.endswith(SIDECAR_SUFFIX)]
    sidecars = {name for name in suffixed if not name.startswith(".") and not is_litter(name)}
    if not sidecars:
        return []
    files = [entry.name for entry in entries if not (entry.name.endswith(SIDECAR_SUFFIX) or entry.is_dir())]
    taken = {sidecar_of(folder / name) for name in files}
    return sorted(sidecars - {beside.name for beside in taken if beside is not None})


def _rules(folder: Path) -> _Rules:
    file = folder / IGNORE_FILE
    if not file.is_file():
        return ()
    try:
        spec = rules_of(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as exc:
        raise PathError(f"{file} cannot be used: {exc}.", "Correct it; the syntax is that of .gitignore.") from exc
    return ((folder, spec),)


def _ignored(path: Path, is_folder: bool, rules: _Rules) -> bool:
    return any(ignores(spec, path.relative_to(base), is_folder) for base, spec in rules)
