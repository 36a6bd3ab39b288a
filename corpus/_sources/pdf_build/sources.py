"""Finds the sources and reads their front matter.

A Markdown source is ``<collection>/<slug>.<lang>.md``; a manual is a folder ``manuals/<machine>/``.
Front matter goes unchanged into the file ``<name>.pdf.meta.yaml`` beside the PDF.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import SourceError

LANGUAGES = ("ko", "en")
MANUALS = "manuals"
FENCE = "---"
REQUIRED = ("title", "language", "collection", "pair", "version", "date", "effective_date")
ORDERED = (*REQUIRED, "supersedes", "superseded_by", "labels", "source")


@dataclass(frozen=True)
class BuiltDocument:
    """One file to be: its path below ``corpus/``, its metadata and its bytes."""

    path: str
    metadata: Mapping[str, Any]
    content: bytes

    @property
    def sidecar(self) -> str:
        """The text of the metadata file that lies beside the document."""
        return yaml.safe_dump(dict(self.metadata), allow_unicode=True, sort_keys=False, width=96)


def read_yaml(path: Path) -> Any:
    """Read one YAML file; a syntax error names the file."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise SourceError(f"{path}: not readable as YAML: {exc}") from exc


def split_front_matter(path: Path) -> tuple[dict[str, Any], str]:
    """Return the front matter and the text below it.

    Raises SourceError when the front matter is missing, incomplete, or at odds with the path.
    """
    text = path.read_text(encoding="utf-8")
    if not text.startswith(FENCE + "\n") or f"\n{FENCE}\n" not in text:
        raise SourceError(f"{path}: no front matter between two lines of {FENCE}")
    head, body = text[len(FENCE) + 1 :].split(f"\n{FENCE}\n", 1)
    try:
        metadata = yaml.safe_load(head)
    except yaml.YAMLError as exc:
        raise SourceError(f"{path}: front matter is not YAML: {exc}") from exc
    if not isinstance(metadata, dict):
        raise SourceError(f"{path}: front matter is not a set of keys")
    missing = [key for key in REQUIRED if metadata.get(key) in (None, "")]
    if missing:
        raise SourceError(f"{path}: front matter lacks {', '.join(missing)}")
    collection, language = path.parent.name, path.name.split(".")[-2]
    if (metadata["collection"], metadata["language"]) != (collection, language):
        raise SourceError(f"{path}: front matter says another collection or language than the path")
    return metadata, body


def ordered_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata with the common keys first, in their usual order."""
    keys = [key for key in ORDERED if key in metadata]
    keys += [key for key in metadata if key not in ORDERED]
    return {key: metadata[key] for key in keys}


def markdown_sources(root: Path) -> list[Path]:
    """All ``<collection>/<slug>.<lang>.md`` below ``root``, sorted."""
    found = [
        path
        for path in root.glob("*/*.md")
        if path.name.lower() != "readme.md" and not path.parent.name.startswith((".", "_"))
    ]
    odd = [path for path in found if path.name.split(".")[-2] not in LANGUAGES]
    if odd:
        raise SourceError(f"{odd[0]}: name must end in .ko.md or .en.md")
    return sorted(found)


def manual_folders(root: Path) -> list[Path]:
    """All machine folders below ``root/manuals``, sorted."""
    return sorted(path.parent for path in (root / MANUALS).glob("*/machine.yaml"))
