"""Finding the files to read, and the id that each document gets.

Skipped: hidden files, folders whose name begins with "_", `*.meta.yaml`, and what a folder's
`.assistantignore` names (gitignore syntax).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pathspec

from assistant.errors import PathError, ReadError
from assistant.ingest.frontmatter import SIDECAR_SUFFIX

IGNORE_FILE = ".assistantignore"

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


def shown(path: Path) -> str:
    """A path as text that can be stored and printed."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def scan(paths: Sequence[Path], roots: Sequence[Path] = ()) -> Iterator[Found]:
    """List files and folders, folders sorted by name; a file that is reached twice is listed once.

    A document id is the file's path below the one of `roots` (such as the corpus folder) that holds it, else
    below the given folder; for a file given by itself, its name. Raises PathError, before anything is listed,
    if a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise PathError(f"{path} does not exist.", "Check the path.")
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
                document_id = unicodedata.normalize("NFC", shown(file.relative_to(root)))
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
    for entry in entries:
        path = folder / entry.name
        is_folder = entry.is_dir()
        if _skipped(entry.name, is_folder) or _ignored(path, is_folder, rules):
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


def _skipped(name: str, is_folder: bool) -> bool:
    return name.startswith(".") or (is_folder and name.startswith("_")) or name.endswith(SIDECAR_SUFFIX)


def _rules(folder: Path) -> _Rules:
    file = folder / IGNORE_FILE
    if not file.is_file():
        return ()
    try:
        spec = pathspec.GitIgnoreSpec.from_lines(file.read_text(encoding="utf-8-sig").splitlines())
    except (OSError, ValueError) as exc:
        raise PathError(f"{file} cannot be used: {exc}.", "Correct it; the syntax is that of .gitignore.") from exc
    return ((folder, spec),)


def _ignored(path: Path, is_folder: bool, rules: _Rules) -> bool:
    mark = "/" if is_folder else ""
    return any(spec.match_file(path.relative_to(base).as_posix() + mark) for base, spec in rules)
