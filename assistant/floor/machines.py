"""The machines that have a manual: documents of the collection `manuals`, told apart by their names.

Languages and revisions of one manual are files of one name (`cnc-lathe-rev-b.ko.pdf`, `cnc-lathe-rev-a.en.pdf`). The
revision in force is the newest by its date that no other document supersedes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from assistant.schema import Document, Language

COLLECTION = "manuals"

#: What ends a file's name and tells a revision or a language, not a machine.
_LANGUAGE = re.compile(r"[._-](?:ko|en)$", re.I)
_REVISION = re.compile(r"[ ._-]*(?:revision|rev|version|ver|v|개정)[ ._-]*(?:[a-z]|\d+(?:\.\d+)*)$", re.I)
#: A model as nameplates print it: EXM-TL260.
_MODEL = re.compile(r"(?<![A-Za-z0-9-])(?=[A-Z0-9-]*\d)[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)+(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with the manuals in force, and those before them, by language. `name` is the part of its address."""

    name: str
    manuals: Mapping[Language, Document]
    older: Mapping[Language, tuple[Document, ...]] = field(default_factory=dict)

    def manual(self, language: Language) -> Document:
        """The manual in force, in `language` where there is one."""
        return self.manuals.get(language) or next(iter(self.manuals.values()))

    def before(self, manual: Document) -> Document | None:
        """The revision before `manual`, in its language."""
        return next(iter(self.older.get(manual.language, ())), None)


def machines(documents: Iterable[Document]) -> dict[str, Machine]:
    """The machines among the `documents` that somebody may see, by name."""
    found: dict[str, dict[Language, list[Document]]] = {}
    for document in documents:
        if document.collection == COLLECTION:
            by_language = found.setdefault(_name(document), {})
            by_language.setdefault(document.language, []).append(document)
    return {name: _machine(name, by_language) for name, by_language in sorted(found.items())}


def _machine(name: str, by_language: Mapping[Language, Sequence[Document]]) -> Machine:
    manuals: dict[Language, Document] = {}
    older: dict[Language, tuple[Document, ...]] = {}
    for language, documents in by_language.items():
        newest, *rest = sorted(
            documents, key=lambda each: (not each.superseded_by, each.effective_date, each.version), reverse=True
        )
        manuals[language], older[language] = newest, tuple(rest)
    return Machine(name, manuals, older)


def _name(document: Document) -> str:
    path = PurePosixPath(document.document_id)
    stem = _REVISION.sub("", _LANGUAGE.sub("", path.stem)) or path.stem
    folders = [part for part in path.parent.parts if part != COLLECTION]
    return re.sub(r"[^0-9a-z가-힣]+", "-", "-".join((*folders, stem)).lower()).strip("-") or "machine"


def called(manual: Document) -> tuple[str, str]:
    """What people call a machine and its model, from its manual's title; the model is '' where the title has none."""
    model = _MODEL.search(manual.title)
    if model is None:
        return manual.title.split(",")[0].strip(), ""
    before = manual.title[: model.start()].strip(" ,·-–")
    return before or manual.title[model.end() :].split(",")[0].strip() or model[0], model[0]
