"""The documents of `corpus/` as the tests of this folder see them: metadata without reading, and the text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant.ingest import frontmatter
from assistant.ingest.formats import read
from assistant.ingest.scan import scan
from assistant.schema import Draft

PROJECT = Path(__file__).resolve().parents[2]
CORPUS = PROJECT / "corpus"
#: Reading all PDFs takes a minute; the tests that need these few are part of the quick run.
QUICK_PDFS = ("cnc-lathe-rev-a.ko.pdf", "lockout-tagout.en.pdf")


@dataclass(frozen=True)
class Listed:
    """A document that `scan` finds; `metadata` is checked, `given` is what stands in the file."""

    document_id: str
    path: Path
    given: dict[str, Any]
    metadata: dict[str, Any]

    @property
    def collection(self) -> str:
        return self.document_id.split("/")[0]

    @property
    def is_slow(self) -> bool:
        return self.path.suffix == ".pdf" and self.path.name not in QUICK_PDFS


@cache
def documents() -> tuple[Listed, ...]:
    """All documents in order of their id. A document that cannot be read at all has no metadata here."""
    listed = []
    for found in scan([CORPUS], [CORPUS]):
        inside: dict[str, Any] = {}
        if found.path.suffix == ".md":
            inside, _ = frontmatter.split(found.path.read_text(encoding="utf-8"), found.path.name)
        given = frontmatter.merged(inside, frontmatter.sidecar(found.path))
        listed.append(Listed(found.document_id, found.path, given, frontmatter.validated(given, found.path.name)))
    return tuple(listed)


@cache
def draft(path: Path) -> Draft:
    """The document as the product reads it; read once for all tests."""
    return read(path)
