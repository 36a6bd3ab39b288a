"""The files of a container as a folder: metadata beside them, labels of folders, ignore rules and litter.

What protects a file in a folder protects it in an archive or a message as well.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import pathspec

from assistant.errors import MetadataError, ReadError
from assistant.ingest import frontmatter, labels
from assistant.ingest.formats.containers import Parts
from assistant.ingest.formats.source import decode
from assistant.ingest.names import (
    IGNORE_FILE,
    LABELS_FILE,
    SIDECAR_SUFFIX,
    composed,
    ignores,
    is_passed_over,
    rules_of,
)

#: Longer files of metadata are of no use (bytes), nor are longer style sheets.
_LIMIT = 100_000
_LARGEST_OTHER = 2_000_000
#: Members that belong to pages and are no documents.
_OF_PAGES = (".css", ".js", ".mjs", ".map", ".woff", ".woff2", ".ttf", ".otf", ".eot")
_PROTECTS = "what protects it cannot be read"
_HINT = "Unpack it, correct the files of metadata and give the folder."


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a container: its name with "/" between folders, its size, and how to get its content.

    `content` returns at most as many bytes as it is given, and raises ReadError with a reason and what to do.
    """

    name: str
    content: Callable[[int], bytes]

    @property
    def path(self) -> PurePosixPath:
        """The name in the form in which names are compared."""
        return PurePosixPath(composed(self.name.replace("\\", "/")).lstrip("/"))


class PackedFolder:
    """Adds the documents among the members of a container to its parts."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members
        self._sidecars = {each.path: each for each in members if each.path.name.endswith(SIDECAR_SUFFIX)}
        self._used: set[PurePosixPath] = set()
        self._rules: list[tuple[PurePosixPath, pathspec.GitIgnoreSpec | None]] = []
        self._labels: list[tuple[PurePosixPath, labels.Labels | None]] = []
        for each in members:
            if each.path.name == IGNORE_FILE:
                self._rules.append((each.path.parent, self._rules_in(each)))
            elif each.path.name == LABELS_FILE:
                self._labels.append((each.path.parent, self._labels_in(each)))

    def add_to(self, parts: Parts, limit: int) -> None:
        """Read every document; `limit` is what their contents may hold together, in bytes."""
        has_pages = any(member.path.suffix.lower() in (".html", ".htm", ".xhtml") for member in self._members)
        for member in self._members:
            path = member.path
            beside = self._sidecars.get(path.with_name(path.name + SIDECAR_SUFFIX)) if path.name else None
            if beside is not None:
                self._used.add(beside.path)
            if self._passed_over(path) or (has_pages and path.suffix.lower() in _OF_PAGES):
                continue
            try:
                known = self._metadata(beside)
                around = self._around(path)
            except (MetadataError, labels.Apart):
                parts.withhold(_PROTECTS, _HINT)
                continue
            try:
                content = member.content(limit)
            except ReadError as exc:
                parts.leave_out(member.name, exc.message, exc.hint, known, around)
                continue
            limit -= len(content)
            parts.add(member.name, content, known, around, partial(self._other, path.parent))
        for _ in self._sidecars.keys() - self._used:
            parts.withhold("it is metadata that belongs to no file", "Give it the name of its file and .meta.yaml.")

    def _other(self, folder: PurePosixPath, name: str) -> bytes:
        """A member that another one, in `folder`, refers to by its path."""
        wanted = PurePosixPath(posixpath.normpath(folder / composed(name)))
        member = next((each for each in self._members if each.path == wanted), None)
        try:
            return member.content(_LARGEST_OTHER) if member is not None else b""
        except ReadError:
            return b""

    def _passed_over(self, path: PurePosixPath) -> bool:
        folders = [parent for parent in path.parents if parent.name]
        if is_passed_over(path.name, False) or any(is_passed_over(folder.name, True) for folder in folders):
            return True
        for base, rules in self._rules:
            if path.is_relative_to(base):
                if rules is None:
                    return True
                below = [(path.relative_to(base), False)]
                below += [
                    (each.relative_to(base), True) for each in folders if each.is_relative_to(base) and each != base
                ]
                if any(ignores(rules, each, is_folder) for each, is_folder in below):
                    return True
        return False

    def _metadata(self, sidecar: Member | None) -> dict[str, Any]:
        return frontmatter.parse(self._text(sidecar), sidecar.name) if sidecar else {}

    def _around(self, path: PurePosixPath) -> labels.Labels:
        sets = []
        for base, found in self._labels:
            if path.is_relative_to(base):
                if found is None:
                    raise MetadataError(_PROTECTS, _HINT)
                sets.append(found)
        return labels.meet(*sets)

    def _text(self, member: Member) -> str:
        try:
            return decode(member.content(_LIMIT), member.name).removeprefix("\ufeff")
        except ReadError as exc:
            raise MetadataError(exc.message, exc.hint) from exc

    def _rules_in(self, member: Member) -> pathspec.GitIgnoreSpec | None:
        try:
            return rules_of(self._text(member))
        except (MetadataError, ValueError):
            return None

    def _labels_in(self, member: Member) -> labels.Labels | None:
        try:
            return labels.of_file(self._text(member), member.name)
        except MetadataError:
            return None
