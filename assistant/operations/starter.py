"""Laying out a folder to run in: the starter documents, a settings file, a place for indexes.

What was laid is noted with its SHA-256, so that a later version brings its documents in step and leaves alone whatever
somebody has changed since.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import PathError
from assistant.settings import SETTINGS_FILE, shipped

#: In the corpus folder; hidden files are no documents.
_NOTE = ".starter.json"
#: What belongs to making the documents and not to them.
_MAKING = ("_sources", "__pycache__", _NOTE)

_SETTINGS = """\
# Settings of this folder. Relative paths are taken from here; `assistant` run in or below it finds them, from elsewhere
# with ASSISTANT_HOME. All settings with what they mean: docs/reference.md. Each can also be given as ASSISTANT_<NAME>.

# host = "127.0.0.1"                  # address of the page; behind a proxy leave it
# port = 7860
# public_url = "https://ask.example"  # the address that readers use
# operator = "AI 팀, ai@example.kr"   # who runs this; stands in the privacy notice
# conversation_days = 365             # conversations and ratings are deleted after so many days; 0: never
"""


@dataclass(slots=True)
class Laid:
    """What was done: paths below the folder."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    settings: bool = False


def lay(target: Path) -> Laid:
    """Lay the starter documents, a settings file and a folder for indexes into `target`; safe to repeat.

    Documents that nobody has touched are brought in step with this version; changed ones are `kept`. Raises PathError.
    """
    source, corpus = shipped("corpus"), target / "corpus"
    if corpus.exists() and corpus.samefile(source):
        raise PathError(f"{corpus} is where the starter documents come from.", "Name another folder.")
    try:
        corpus.mkdir(parents=True, exist_ok=True)
        (target / "indexes").mkdir(mode=0o700, exist_ok=True)
        laid = _documents(source, corpus)
        if not (target / SETTINGS_FILE).exists():
            (target / SETTINGS_FILE).write_text(_SETTINGS, encoding="utf-8")
            laid.settings = True
    except OSError as exc:
        raise PathError(
            f"{exc.filename or target} cannot be written ({exc.strerror or exc}).", "Choose another folder."
        ) from exc
    return laid


def _documents(source: Path, corpus: Path) -> Laid:
    laid, before, now = Laid(), _noted(corpus / _NOTE), {}
    for name in _names(source):
        new, file = _digest(source / name), corpus / name
        now[name] = new
        old = _digest(file) if file.is_file() else None
        if old == new or (old is None and name in before):  # as it should be, or taken out by somebody
            continue
        if old is not None and old != before.get(name):
            laid.kept.append(name)
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, file)
        (laid.added if old is None else laid.updated).append(name)
    for name in sorted(before.keys() - now.keys()):
        file = corpus / name
        if file.is_file() and _digest(file) == before[name]:
            file.unlink()
            laid.removed.append(name)
    (corpus / _NOTE).write_text(json.dumps(now, ensure_ascii=False, indent=1), encoding="utf-8")
    return laid


def _names(source: Path) -> Iterator[str]:
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_file() and not set(name.parts) & set(_MAKING):
            yield name.as_posix()


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _noted(file: Path) -> dict[str, str]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise PathError(f"{file} cannot be read ({exc}).", "Remove it: changed documents are then kept.") from exc
