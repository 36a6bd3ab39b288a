"""The adapter that teaches the shipped language model to answer from quotes; bound to the weights it was trained on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from assistant.errors import ModelError
from assistant.weights.registry import WEIGHTS

FOLDER = Path(__file__).with_name("weights")
FILE, RECORD = "adapter.gguf", "adapter.json"


def adapter_of(weights: str, folder: Path = FOLDER) -> Path | None:
    """The adapter's file for the weights of that name; None for any others, which answer without one.

    Raises ModelError when it is not the file that its record names.
    """
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    known = WEIGHTS.get(weights)
    if known is None or record["weights_sha256"] not in {file.sha256 for file in known.files}:
        return None
    path = folder / FILE
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"
    if found != record["sha256"]:
        raise ModelError(
            f"The adapter {path.name} is not the one that was trained ({found[:12]}, not {record['sha256'][:12]}).",
            "Install the package again, or restore the file from the repository.",
        )
    return path
