"""The cache of model files: `<cache>/models/<name>/…`. Reads and checks; never touches the network.

A file `verified.json` in a model's folder records the size and SHA-256 of every file that was checked. With
it, a start compares sizes only (a truncated file is noticed, two gigabytes are not read again).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from assistant.errors import PathError, WeightsCorrupt, WeightsMissing
from assistant.weights.registry import WeightFile, Weights, find

State = Literal["ready", "missing", "partial", "damaged"]

RECORD = "verified.json"
PULL = "Run `assistant weights pull`."


def folder_of(name: str, cache: Path) -> Path:
    """Where the files of the model `name` are kept."""
    return cache.expanduser() / "models" / name


def staging_of(name: str, cache: Path) -> Path:
    """Where an unfinished download of the model `name` is kept."""
    return cache.expanduser() / "models" / f".{name}.partial"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def locate(name: str, cache: Path) -> Path:
    """The path to load: the folder of an embedder, the .gguf file of a language model.

    `name` is a name of the registry or the path of an existing .gguf file (taken as it is). Raises
    WeightsMissing when a file is absent and WeightsCorrupt when its size or, on the first look, its SHA-256
    is not the pinned one.
    """
    if name.lower().endswith(".gguf"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise WeightsMissing(f"There is no model file at {path}.", "Correct the path.")
        return path
    weights = find(name)
    folder = folder_of(name, cache)
    record = read_record(folder)
    for file in weights.files:
        _check_size(weights, file, folder, record)
    if not _covers(record, weights):
        # Files that were copied here by hand: check them once, then remember.
        _check_hashes(weights, folder, {})
        _remember(weights, folder)
    return folder if weights.role == "embedder" else folder / weights.files[0].path


def verify(names: Sequence[str], cache: Path) -> None:
    """Read every file of the models again and compare its SHA-256.

    Raises WeightsMissing or WeightsCorrupt; a damaged model is no longer taken for verified, so that the next
    pull repairs it.
    """
    for name in names:
        weights = find(name)
        folder = folder_of(name, cache)
        record = read_record(folder)
        try:
            for file in weights.files:
                _check_size(weights, file, folder, record)
            _check_hashes(weights, folder, record)
        except WeightsCorrupt:
            (folder / RECORD).unlink(missing_ok=True)
            raise
        if not _covers(record, weights):
            _remember(weights, folder)


def state(name: str, cache: Path) -> State:
    """What is in the cache, by sizes alone: nothing is hashed."""
    weights = find(name)
    folder = folder_of(name, cache)
    record = read_record(folder)
    try:
        for file in weights.files:
            _check_size(weights, file, folder, record)
    except WeightsMissing:
        return "partial" if staging_of(name, cache).exists() else "missing"
    except WeightsCorrupt:
        return "damaged"
    return "ready"


def read_record(folder: Path) -> dict[str, WeightFile]:
    """The files that were verified in `folder`; empty without a readable record."""
    try:
        entries = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {path: WeightFile(path, entry["size"], entry["sha256"]) for path, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_record(folder: Path, files: Sequence[WeightFile]) -> None:
    """Record that `files` (size and SHA-256 known) are verified. Replaces the record in one step."""
    entries = {file.path: {"size": file.size, "sha256": file.sha256} for file in files}
    fresh = folder / f".{RECORD}.new"
    fresh.write_text(json.dumps(entries, indent=1), encoding="utf-8")
    fresh.replace(folder / RECORD)


def _check_size(weights: Weights, file: WeightFile, folder: Path, record: dict[str, WeightFile]) -> None:
    known = file if file.sha256 else record.get(file.path)
    target = folder / file.path
    # A hub-only file without a record has nothing to be compared with: it counts as not there.
    if known is None or not target.is_file():
        raise WeightsMissing(f"The model {weights.name} is not in the cache ({target}).", PULL)
    size = target.stat().st_size
    if size != known.size:
        raise WeightsCorrupt(
            f"{target} has {size} bytes instead of {known.size}: the file is damaged or cut off.",
            f"Run `assistant weights pull {weights.name}` to fetch it again.",
        )


def _check_hashes(weights: Weights, folder: Path, record: dict[str, WeightFile]) -> None:
    bad = []
    for file in weights.files:
        wanted = file.sha256 or record[file.path].sha256
        if sha256_of(folder / file.path) != wanted:
            bad.append(file.path)
    if bad:
        raise WeightsCorrupt(
            f"SHA-256 differs from the pinned one in {folder}: {', '.join(bad)}.",
            f"Run `assistant weights pull {weights.name}` to fetch it again.",
        )


def _covers(record: dict[str, WeightFile], weights: Weights) -> bool:
    """Whether the record speaks of exactly the bytes that the registry wants today."""
    return all(file.path in record and file.sha256 in (None, record[file.path].sha256) for file in weights.files)


def _remember(weights: Weights, folder: Path) -> None:
    try:
        write_record(folder, weights.files)
    except PermissionError:  # a shared cache that is read-only: it is checked again next time
        return
    except OSError as exc:
        raise PathError(f"{folder} cannot be written: {exc}.", "Check the disk.") from exc
