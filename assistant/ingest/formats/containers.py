"""Documents inside documents: members of an archive, attachments of a message. Each is read like a file of its own.

A container is one document, so it is for those who may see the container and every part that is in it: the labels of
the parts narrow those of the whole. A part whose labels have none in common with the rest is left out, and is not
named to those who may see the rest. The files of an archive have nothing to do with one another: where some of them
are for everybody who may see the archive, each one that is not becomes a document of its own ("closed"), which closes
nothing but itself. A message and what is attached to it are one thing, and its text often says what the attachment
says: they are closed together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from assistant.errors import MetadataError, ReadError
from assistant.ingest import frontmatter
from assistant.ingest.formats.draft import DraftBuilder, clean
from assistant.ingest.formats.notes import Note
from assistant.ingest.formats.source import Other, Source
from assistant.ingest.labels import Apart, Labels, meet, stated
from assistant.schema import Draft

#: An archive in a message in an archive is opened; what is below is named.
DEPTH_LIMIT = 2
#: All parts of one file together (bytes, number).
TOTAL_LIMIT = 200 * 2**20
COUNT_LIMIT = 1000

#: Reads a part like a file: `formats.read_source`.
ReadPart = Callable[[Source], Draft]

_APART = ("its labels and those of the rest have none in common", "Unpack it and give each file with its labels.")
_IN_PART = ("some of it could not be read", "Unpack it and give the file by itself.")
_BAD_LABELS = ("its metadata cannot be used", "Unpack it and correct the metadata.")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A part of an archive that was read, its metadata, and the labels that bind it."""

    number: int
    name: str
    draft: Draft
    labels: Labels
    metadata: Mapping[str, Any]


@dataclass
class Parts:
    """Writes the parts of a file into its draft, and keeps what must be said about those that could not be read.

    `labels` are those of the whole as far as parts have been read; none: nothing was stated. `separate`: the parts are
    files of their own, written when all are known (`finish`).
    """

    source: Source
    builder: DraftBuilder
    read_part: ReadPart
    separate: bool = False
    notes: list[Note] = field(default_factory=list)
    read: int = 0
    labels: Labels = ()
    _number: int = 0
    _waiting: list[_Waiting] = field(default_factory=list)
    _closed: list[_Waiting] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.labels = self.source.labels

    def add(
        self,
        name: str,
        content: bytes,
        beside: Mapping[str, Any] | None = None,
        around: Labels = (),
        other: Other | None = None,
    ) -> None:
        """Read a part and write it below a heading with its name.

        `beside`: metadata of a file beside it; `around`: labels of the folders that it lies in, inside the container;
        `other`: gives the files that it refers to.
        """
        name = clean(name) or "?"
        self._number += 1
        try:
            bound = meet(around, stated(beside or {}, name))
            inside = meet(self.labels, bound)
        except (Apart, MetadataError) as exc:
            self._withhold(*(_APART if isinstance(exc, Apart) else _BAD_LABELS))
            return
        if not content.strip(b" \t\r\n\0"):
            self._leave_out(name, "it is empty", "Check that it was packed completely.", bound)
            return
        try:
            draft = self.read_part(Source(PurePath(name), content, self.source.depth + 1, inside, other))
            known = frontmatter.merged(draft.metadata, beside or {})
            own = meet(bound, stated(known, name), draft.metadata.get("part_labels", ()))
            narrowed = meet(self.labels, own)
        except (Apart, MetadataError) as exc:
            self._withhold(*(_APART if isinstance(exc, Apart) else _BAD_LABELS))
            return
        except ReadError as exc:
            self._leave_out(name, exc.message, exc.hint, bound)
            return
        for each in draft.metadata.get("closed", ()):
            inside_it = f"{name}/{each.metadata['name']}"
            self._closed.append(_Waiting(self._number, inside_it, each, each.metadata["labels"], each.metadata))
        if self.separate:
            self._waiting.append(_Waiting(self._number, name, draft, own, frontmatter.validated(known, name)))
        else:
            self._write(name, draft, narrowed)

    def finish(self) -> None:
        """Write the parts that wait: all that are for everybody who may see the whole; if none is, all together.

        The others are closed.
        """
        whole = self.labels
        some_are_open = any(meet(whole, each.labels) == whole for each in self._waiting)
        for each in self._waiting:
            try:
                narrowed: Labels | None = meet(self.labels, each.labels)
            except Apart:
                narrowed = None
            if narrowed is None or (some_are_open and narrowed != whole):
                self._closed.append(replace(each, labels=meet(whole, each.labels)))
            else:
                self._write(each.name, each.draft, narrowed)
        self._waiting.clear()

    def _write(self, name: str, draft: Draft, labels: Labels) -> None:
        self.labels = labels
        self.read += 1
        self.builder.part(name, draft)
        for note in draft.metadata.get("notes", ()):
            where = f"{name} › {note['where']}"
            self.notes.append({"where": where, "reason": note["reason"], "hint": note["hint"]})

    def bind(self, labels: Labels) -> None:
        """Narrow the labels of the whole by what the container states of itself. Raises Apart."""
        self.labels = meet(self.labels, labels)

    def leave_out(
        self, name: str, reason: str, hint: str, beside: Mapping[str, Any] | None = None, around: Labels = ()
    ) -> None:
        """Note a part that is missing from the draft."""
        self._number += 1
        try:
            bound = meet(around, stated(beside or {}, name))
        except (Apart, MetadataError):
            self._withhold(reason, hint)
        else:
            self._leave_out(name, reason, hint, bound)

    def withhold(self, reason: str, hint: str) -> None:
        """Note a part that is missing, without its name."""
        self._number += 1
        self._withhold(reason, hint)

    def metadata(self) -> dict[str, Any]:
        """What the draft of a container says about its parts; "closed" are drafts of their own."""
        closed = tuple(self._closed_drafts())
        found = {"notes": tuple(self.notes), **({"part_labels": self.labels} if self.labels else {})}
        return {**found, **({"closed": closed} if closed else {})}

    def _closed_drafts(self) -> Iterator[Draft]:
        """The parts for fewer readers, with their metadata: labels, and "name", the path inside the container."""
        taken: Counter[str] = Counter()
        for each in self._closed:
            try:
                bound = each.labels if self.separate else meet(self.labels, each.labels)
            except Apart:
                self._withhold(*_APART, each.number)
                continue
            if each.draft.metadata.get("notes"):
                self._withhold(*_IN_PART, each.number)
            name = "/".join(part for part in re.split(r"[/\\]", each.name) if part not in ("", ".", "..")) or "?"
            taken[name] += 1
            known = {
                "title": clean(str(each.metadata.get("title") or "")) or clean(PurePath(name).stem),
                "name": f"{name} ({taken[name]})" if taken[name] > 1 else name,
                "labels": bound,
                "labels_stated": True,
                "media_type": each.draft.metadata["media_type"],
                "notes": (),
            }
            yield Draft(each.draft.text, each.draft.blocks, {**each.metadata, **known})

    def _leave_out(self, name: str, reason: str, hint: str, bound: Labels) -> None:
        """Name it only to those who may see it: the labels of the whole may still be wider."""
        try:
            named = meet(self.labels, bound) == self.labels
        except Apart:
            named = False
        if named:
            self.notes.append({"where": name, "reason": reason, "hint": hint})
        else:
            self._withhold("it could not be read", "Unpack it and give the file by itself.")

    def _withhold(self, reason: str, hint: str, number: int = 0) -> None:
        self.notes.append({"where": f"part {number or self._number}", "reason": reason, "hint": hint})
