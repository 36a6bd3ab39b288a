"""A copy of what lies in an object store, for ingestion: S3, Google Cloud Storage, Azure, and what else fsspec opens.

Everything below an address is brought into a folder, sidecars, label and ignore files included, so that what holds for
folders holds for stores. Only what changed is fetched; what is gone there goes here. Labels come before what they
protect, and leave after it. Knows nothing of formats and of the index.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from assistant.errors import PathError
from assistant.ingest.names import LABELS_FILE, SIDECAR_SUFFIX

#: What a copy knows of each object that it holds; the scan passes over hidden files.
_MARKS_FILE = ".fetched.json"
_PART = ".part"
#: Stores that obstore opens, for fsspec.
_OBSTORE = ("s3", "gs", "az")
#: What stores tell that changes with an object, the surest first.
_MARKS = ("e_tag", "ETag", "etag", "md5Hash", "sha256", "LastModified", "mtime", "updated", "created")


def is_address(text: str) -> bool:
    """Tell whether a path names an object store: `s3://bucket/folder`."""
    return re.match(r"[a-z][a-z0-9+.-]+://", text) is not None


def fetch(address: str, copies: Path) -> Path:
    """Bring the copy of what lies below `address` in step with it; gives its folder, one of `copies`.

    A run that is stopped is finished by the next. Raises PathError when the store cannot be read, or holds nothing
    there; the copy then stays as it was, or holds part of what is new.
    """
    with _told(address):
        import fsspec

        if address.startswith(tuple(f"{each}://" for each in _OBSTORE)):
            from obstore.fsspec import register

            register(_OBSTORE)
        store, top = fsspec.core.url_to_fs(address)
        store.invalidate_cache()
        there = dict(_objects(store, top.rstrip("/")))
    if not there:
        raise PathError(f"Nothing lies at {_shown(address)}.", "Check the address and its rights.")
    folder = copies / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', top).strip('-.')}-{_short(store.unstrip_protocol(top))}"
    folder.mkdir(parents=True, exist_ok=True)
    known: dict[str, str] = _marks(folder)
    try:
        for name in sorted(there, key=_labels_first):
            path, mark = there[name]
            if mark and known.get(name) == mark and (folder / name).is_file():
                continue
            known.pop(name, None)
            with _told(address):
                _take(store, path, folder / name)
            known[name] = mark
        for name in sorted(set(_held(folder)) - there.keys(), key=_labels_first, reverse=True):
            (folder / name).unlink()
            known.pop(name, None)
    finally:
        ready = folder / f"{_MARKS_FILE}{_PART}"
        ready.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        ready.replace(folder / _MARKS_FILE)
    return folder


def _objects(store: Any, top: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Names below `top`, each with its path in the store and what changes with its content. Raises PathError."""
    for path, about in store.find(top, detail=True).items():
        name = str(path).removeprefix(top).lstrip("/") or PurePosixPath(str(path)).name
        if name.endswith("/") or about.get("type") == "directory":  # a store's stand-in for a folder
            continue
        if ".." in PurePosixPath(name).parts or "\\" in name or "\0" in name:
            raise PathError(f"The store holds an object with a name that no file can have: {name!a}.", "Rename it.")
        yield name, (str(path), _mark(about))


def _mark(about: Mapping[str, Any]) -> str:
    """What changes with an object; empty where its store tells nothing, so that it is fetched each time."""
    told = next((str(about[name]) for name in _MARKS if about.get(name)), "")
    return f"{about.get('size')} {told}" if told else ""


def _take(store: Any, path: str, file: Path) -> None:
    """Fetch one object: whole, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{_short(file.name)}{_PART}")
    store.get_file(path, os.fspath(part))
    part.replace(file)


def _held(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and path.name != _MARKS_FILE:
            yield path.relative_to(folder).as_posix()


def _marks(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / _MARKS_FILE).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):  # then all is fetched again
        return {}


def _labels_first(name: str) -> tuple[bool, str]:
    last = PurePosixPath(name).name
    return not (last == LABELS_FILE or last.endswith(SIDECAR_SUFFIX)), name


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _shown(address: str) -> str:
    """The address without a password in it."""
    return re.sub(r"//[^/@]*@", "//", address)


@contextlib.contextmanager
def _told(address: str) -> Iterator[None]:
    try:
        yield
    except PathError:
        raise
    except ImportError as exc:
        raise PathError(
            f"{_shown(address)} cannot be opened: {exc}.",
            "For S3, Google Cloud Storage and Azure: `pip install 'alliance-assistant[objects]'`.",
        ) from exc
    except Exception as exc:  # each store's library has errors of its own
        raise PathError(
            f"{_shown(address)} cannot be read ({type(exc).__name__}: {exc}).",
            "Check the address, and the key that the store's own settings give.",
        ) from exc
