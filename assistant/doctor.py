"""Examines an installation: Python, model files, GPU, index. Changes nothing."""

from __future__ import annotations

import platform
import sys
from dataclasses import asdict, dataclass
from typing import Any

from assistant.errors import AssistantError, IndexStateError
from assistant.settings import Settings

_GPU_BUILDS = (
    'CUDA: CMAKE_ARGS="-DGGML_CUDA=on"; Metal (macOS, on by default): CMAKE_ARGS="-DGGML_METAL=on"; '
    'Vulkan: CMAKE_ARGS="-DGGML_VULKAN=on"; each before '
    "`.venv/bin/pip install --force-reinstall --no-deps --no-binary llama-cpp-python llama-cpp-python==0.3.36`."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined."""

    subject: str
    ok: bool
    message: str

    def to_json(self) -> dict[str, Any]:
        """Plain form for `assistant doctor --json`."""
        return asdict(self)


def examine(settings: Settings) -> list[Finding]:
    """Examine everything; a broken part is a finding, never an exception."""
    found = [Finding("Python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.machine()}")]
    found += [_weights(name, settings) for name in (settings.language_model, settings.embedder)]
    found.append(_gpu(settings))
    found += _index(settings)
    return found


def _weights(name: str, settings: Settings) -> Finding:
    from assistant.weights import locate

    try:
        return Finding(f"Weights {name}", True, f"complete in {locate(name, settings.cache)}")
    except AssistantError as exc:
        return Finding(f"Weights {name}", False, str(exc))


def _gpu(settings: Settings) -> Finding:
    try:
        from assistant.weights.language_model import gpu_offload_supported

        supported = gpu_offload_supported()
    except (ImportError, OSError, RuntimeError) as exc:
        return Finding("GPU", False, f"llama.cpp cannot be loaded ({exc}). Run `make setup`.")
    if supported and settings.n_gpu_layers != 0:
        layers = "all" if settings.n_gpu_layers in (None, -1) else settings.n_gpu_layers
        return Finding("GPU", True, f"used by the language model ({layers} layers).")
    if supported:
        return Finding("GPU", True, "llama.cpp could use one, but n_gpu_layers is 0.")
    return Finding("GPU", True, f"not used: this llama.cpp is a CPU build. To build for a GPU: {_GPU_BUILDS}")


def _index(settings: Settings) -> list[Finding]:
    from assistant.index import fingerprint, open_index
    from assistant.ingest.chunking import CHUNKER
    from assistant.weights.embedder import embedder_fingerprint

    subject = f"Index {settings.index}"
    try:
        with open_index(settings.index, fingerprint(embedder_fingerprint(settings.embedder), CHUNKER)) as index:
            states = index.catalog.chunk_states()
            waiting = sum(not embedded for _, embedded in states.values())
            differences = index.differences()
            failures = index.catalog.failures()
    except IndexStateError as exc:
        return [Finding(subject, False, str(exc))]
    documents = len({chunk_id.rsplit("@", 1)[0] for chunk_id in states})
    found = [Finding(subject, True, f"{documents} documents, {len(states)} passages.")]
    if waiting or differences["missing"] or differences["orphaned"]:
        found.append(
            Finding(
                "Vectors",
                False,
                f"{waiting} passages wait for their vector, {len(differences['missing'])} lost it, "
                f"{len(differences['orphaned'])} vectors belong to no passage. Run `assistant ingest`.",
            )
        )
    else:
        found.append(Finding("Vectors", True, "every passage has its vector."))
    if failures:
        found.append(
            Finding("Failed files", False, f"{len(failures)} could not be read: `assistant documents list --failed`.")
        )
    return found
