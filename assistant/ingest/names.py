"""Names of files: compared in one form, and which of them are no documents.

A Mac writes Hangul decomposed, Linux and Windows composed: to the eye the names are the same, and so they are here.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePath

import pathspec

#: Metadata of the file of the same name beside it.
SIDECAR_SUFFIX = ".meta.yaml"
#: What a folder's documents are not (gitignore syntax), and whose everything below a folder is.
IGNORE_FILE = ".assistantignore"
LABELS_FILE = ".labels.yaml"

#: What systems and programs leave in folders, lower case; the same with an ending.
_LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "$recycle.bin", "system volume information",
           "lost+found", "@eadir", "#recycle"}  # fmt: skip
_ENDINGS = (
    ".tmp",
    ".temp",
    ".lock",
    ".lck",
    ".swp",
    ".swo",
    ".part",
    ".partial",
    ".crdownload",
    ".download",
    "~",
    ".lnk",
)


def composed(name: str) -> str:
    """Give a name in the form in which names are compared (NFC)."""
    return unicodedata.normalize("NFC", name)


def is_litter(name: str) -> bool:
    """Tell whether a file or folder of this name is left over from a system or a program at work: never a document."""
    lower = name.lower()
    emacs = lower.startswith("#") and lower.endswith("#") and len(lower) > 1
    return lower in _LITTER or lower.startswith("~$") or lower.endswith(_ENDINGS) or emacs


def is_passed_over(name: str, is_folder: bool) -> bool:
    """Tell whether a name is hidden, litter, a folder beginning with "_", or metadata of another file."""
    return (
        name.startswith(".") or is_litter(name) or (is_folder and name.startswith("_")) or name.endswith(SIDECAR_SUFFIX)
    )


def sidecar_of(path: Path) -> Path | None:
    """Give the metadata file of a document, whichever form its name has; None if there is none."""
    name = path.name + SIDECAR_SUFFIX
    for form in dict.fromkeys((name, composed(name), unicodedata.normalize("NFD", name))):
        beside = path.with_name(form)
        try:
            if beside.exists() or beside.is_symlink():
                return beside
        except OSError:  # a name that is too long: then nobody can have written it
            continue
    return None


def rules_of(text: str) -> pathspec.GitIgnoreSpec:
    """Give the rules of an ignore file. Raises ValueError."""
    return pathspec.GitIgnoreSpec.from_lines(composed(text.removeprefix("\ufeff")).splitlines())


def ignores(rules: pathspec.GitIgnoreSpec, below: PurePath, is_folder: bool) -> bool:
    """Tell whether the rules of a folder name a file or folder, given by its path below it."""
    return rules.match_file(composed(below.as_posix()) + ("/" if is_folder else ""))
