"""Reads the folder of one machine: its values, its chapters, its alarms.

Korean and English stand side by side, ``한국어 // English``, and every figure is a named value,
written once in ``machine.yaml`` and set in as ``{name}``. A value may differ between revisions.
A line that begins with ``[A]`` or ``[B]`` is for that revision only. A name that nobody uses or
that does not exist, or a text without its other language, is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from .errors import SourceError
from .sources import LANGUAGES, read_yaml

BETWEEN_LANGUAGES = " // "
PLACEHOLDER = re.compile(r"\{([a-z0-9_:]+)\}")
ONLY_REVISION = re.compile(r"^\[([A-Z])\] ")
BOLD = re.compile(r"\*\*(.+?)\*\*")
HANGUL = re.compile(r"[가-힣]")


@dataclass(frozen=True)
class Revision:
    """One issue of a manual; from ``effective`` on it holds."""

    version: str
    effective: date


@dataclass(frozen=True)
class Section:
    """A numbered section; ``body`` still holds both languages and placeholders."""

    title: str
    body: str
    name: str = ""


@dataclass(frozen=True)
class Chapter:
    """A numbered chapter."""

    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Machine:
    """Everything that the manuals of one machine are made from."""

    folder: Path
    slug: str
    model: str
    name: str
    document: str
    revisions: tuple[Revision, ...]
    values: Mapping[str, Any]
    changes: tuple[str, ...]
    figure: Mapping[str, Any]
    chapters: tuple[Chapter, ...]
    words: Mapping[str, Mapping[str, Any]]

    def revision_slug(self, revision: Revision) -> str:
        """File name of a revision without language; one issue only needs no suffix."""
        if len(self.revisions) == 1:
            return self.slug
        return f"{self.slug}-rev-{revision.version.lower()}"


def _sections(entries: list[Mapping[str, str]], common: Mapping[str, Any]) -> tuple[Section, ...]:
    found = []
    for entry in entries:
        if "use" in entry:
            if entry["use"] not in common:
                raise SourceError(f"no section {entry['use']!r} in common.yaml")
            shared = common[entry["use"]]
            found.append(Section(shared["title"], shared["body"], entry["use"]))
        else:
            found.append(Section(entry["title"], entry["body"], entry.get("name", "")))
    return tuple(found)


ALARM_HEAD = "| 코드 // Code | 뜻 // Meaning | 원인 // Cause | 조치 // Remedy"


def _alarm_sections(groups: list[Mapping[str, str]]) -> tuple[Section, ...]:
    found = []
    for group in groups:
        rows = [f"| {row}" for row in group["rows"].splitlines() if row.strip()]
        body = "\n".join([f"@table {group['group']}", "@cols 0.72 1.5 2 2.6", ALARM_HEAD, *rows])
        found.append(Section(group["group"], body))
    return tuple(found)


def load_machine(folder: Path) -> Machine:
    """Read ``machine.yaml``, ``chapters.yaml`` and ``alarms.yaml`` of ``folder``."""
    head = read_yaml(folder / "machine.yaml")
    common = read_yaml(folder.parent / "common.yaml")
    alarms = _alarm_sections(read_yaml(folder / "alarms.yaml"))
    chapters = []
    for entry in read_yaml(folder / "chapters.yaml"):
        sections = _sections(entry["sections"], common)
        if entry.get("alarms"):
            sections += alarms
        chapters.append(Chapter(entry["title"], sections))
    return Machine(
        folder=folder,
        slug=head["slug"],
        model=head["model"],
        name=head["name"],
        document=head["document"],
        revisions=tuple(Revision(r["version"], r["effective"]) for r in head["revisions"]),
        values=head["values"],
        changes=tuple(head.get("changes", "").splitlines()),
        figure=head["figure"],
        chapters=tuple(chapters),
        words=read_yaml(folder.parent / "words.yaml"),
    )


def bold(text: str) -> str:
    """Escape ``text`` for the page and set ``**text**`` in bold."""
    return BOLD.sub(r"<b>\1</b>", escape(text, quote=False))


@dataclass
class Wording:
    """Turns source text into the text of one revision in one language; counts the values used."""

    machine: Machine
    revision: Revision
    language: str
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._sections = {
            section.name: f"{chapter_number}.{section_number}"
            for chapter_number, chapter in enumerate(self.machine.chapters, 1)
            for section_number, section in enumerate(chapter.sections, 1)
            if section.name
        }

    @property
    def words(self) -> Mapping[str, Any]:
        """The fixed words of the language."""
        return self.machine.words[self.language]

    def value(self, name: str, version: str | None = None) -> str:
        """The value ``name`` in the given revision (by default the one being written)."""
        if name.startswith("ref:"):
            if name[4:] not in self._sections:
                raise SourceError(f"{self.machine.folder}: no section {name[4:]!r}")
            return self._sections[name[4:]]
        if name == "model":
            return self.machine.model
        if name not in self.machine.values:
            raise SourceError(f"{self.machine.folder}: no value {name!r}")
        self.used.add(name)
        found = self.machine.values[name]
        if isinstance(found, dict):
            found = found[version or self.revision.version]
        return self._pick(str(found))

    def _pick(self, text: str) -> str:
        parts = text.split(BETWEEN_LANGUAGES)
        if len(parts) > 2:
            raise SourceError(f"{self.machine.folder}: more than two languages in {text!r}")
        return parts[LANGUAGES.index(self.language)].strip() if len(parts) == 2 else text.strip()

    def applies(self, line: str) -> str | None:
        """The line without its revision mark, or None when it is for another revision."""
        mark = ONLY_REVISION.match(line)
        if mark is None:
            return line
        return line[mark.end() :] if mark.group(1) == self.revision.version else None

    def text(self, source: str) -> str:
        """One language of ``source`` with the values set in, ready for the page."""
        filled = PLACEHOLDER.sub(lambda found: self.value(found.group(1)), self._pick(source))
        if self.language == "en" and HANGUL.search(filled):
            raise SourceError(f"{self.machine.folder}: no English for {source!r}")
        return bold(filled)

    def sentence(self, source: str) -> str:
        """Like ``text``, for running text, which must exist in Korean too."""
        found = self.text(source)
        if self.language == "ko" and not HANGUL.search(found):
            raise SourceError(f"{self.machine.folder}: no Korean for {source!r}")
        return found
