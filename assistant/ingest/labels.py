"""Labels that hold for more than one file: of folders, of containers, and those given on the command line.

A document that lies in another thing is seen by those who may see both: where sets of labels meet, what they have in
common remains. `public` is held by everybody, so it binds nothing. An empty set means that nothing was stated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from assistant.access import PUBLIC
from assistant.errors import MetadataError
from assistant.ingest import frontmatter
from assistant.ingest.names import LABELS_FILE

Labels = tuple[str, ...]

_GIVEN_FILE = "folder_labels.json"


class Apart(Exception):
    """Sets of labels have none in common: nobody could see what carries both."""


def meet(*sets: Sequence[str]) -> Labels:
    """Give the labels that are in all sets that bind, in the order of the first; none if none of them binds.

    Raises Apart if they have none in common.
    """

    def both(first: Labels, second: Labels) -> Labels:
        if not first or not second:
            return first or second
        common = tuple(label for label in first if label in second)
        if not common:
            raise Apart
        return common

    return reduce(both, (tuple(each) for each in sets if PUBLIC not in each), ())


def stated(raw: Mapping[str, Any], where: str) -> Labels:
    """Give the labels that metadata state, checked; none if they state none. Raises MetadataError."""
    checked = frontmatter.validated(raw, where)  # also where it states none: the key may be misspelt
    return tuple(checked["labels"]) if checked["labels_stated"] else ()


def of_file(text: str, where: str) -> Labels:
    """Give the labels in a folder's file. Raises MetadataError, also if there are none."""
    found = stated(frontmatter.parse(text.removeprefix("\ufeff"), where), where)
    if not found:
        raise MetadataError(f"{where} names no labels.", "Write `labels: [name]`, or remove the file.")
    return found


def folder_files(path: Path) -> Iterator[Path]:
    """Give the label files of the folders around a file, outermost first."""
    for folder in reversed(path.absolute().parents):
        file = folder / LABELS_FILE
        if file.exists() or file.is_symlink():
            yield file


def of_folders(path: Path) -> Labels:
    """Give the labels of the folders around a file. Raises MetadataError when they cannot be used together."""
    sets = []
    for file in folder_files(path):
        where = f"{file.parent.name}/{LABELS_FILE}"
        try:
            sets.append(of_file(file.read_text(encoding="utf-8"), where))
        except (OSError, UnicodeDecodeError) as exc:
            raise MetadataError(f"{where} cannot be read: {exc}.", "Make it readable; save it as UTF-8.") from exc
    return together(sets, "the folders", path.name)


def together(sets: Iterable[Sequence[str]], whose: str, name: str) -> Labels:
    """Find what sets of labels have in common, as `meet` does. Raises MetadataError that says what to do."""
    try:
        return meet(*sets)
    except Apart as exc:
        raise MetadataError(
            f"The labels of {whose} around {name} and its own have none in common, so nobody could see it.",
            "Name one of the outer labels in the inner ones too, or move the file.",
        ) from exc


class Given:
    """Labels given to folders and files with `assistant ingest --label`, kept with the index for every later run."""

    def __init__(self, index_folder: Path) -> None:
        self._file = index_folder / _GIVEN_FILE
        try:
            self._kept: dict[str, list[str]] = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._kept = {}
        except (OSError, ValueError) as exc:
            raise MetadataError(
                f"{self._file.name} in the index folder cannot be read ({exc}).",
                "Remove it and give the labels again with `assistant ingest FOLDER --label NAME`.",
            ) from exc

    def give(self, paths: Iterable[Path], labels: Sequence[str]) -> None:
        """Keep labels for these paths and all below them; `public` takes them back. Raises MetadataError."""
        checked = stated({"labels": list(labels)}, "--label")
        for path in paths:
            if PUBLIC in checked:
                self._kept.pop(str(path.resolve()), None)
            else:
                self._kept[str(path.resolve())] = list(checked)
        ready = self._file.with_suffix(".new")
        ready.write_text(json.dumps(self._kept, ensure_ascii=False, indent=1), encoding="utf-8")
        ready.replace(self._file)

    def of(self, path: Path) -> Labels:
        """Give the labels given to a file or a folder around it. Raises MetadataError if they have none in common."""
        around = [self._kept[key] for key in (str(path), *map(str, path.parents)) if key in self._kept]
        return together(reversed(around), "the folders", path.name)
