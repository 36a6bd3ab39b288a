"""Examines an installation: Python, model files, GPU, index and its files; `repair` mends the index."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError, IndexStateError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.ingest.repair import Differences

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
    found.append(_server(settings) if settings.language_server else _weights(settings.language_model, settings))
    found.append(_weights(settings.embedder, settings))
    found.append(_gpu(settings))
    found += _index(settings)
    return found


def _weights(name: str, settings: Settings) -> Finding:
    from assistant.weights import locate

    try:
        return Finding(f"Weights {name}", True, f"complete in {locate(name, settings.cache)}")
    except AssistantError as exc:
        return Finding(f"Weights {name}", False, str(exc))


def _server(settings: Settings) -> Finding:
    from assistant.weights.chat_server import ChatServerModel

    server = ChatServerModel(
        settings.language_model, str(settings.language_server), settings.language_key.get_secret_value()
    )
    subject = f"Language server {server.url}"
    try:
        names = server.served_models()
    except AssistantError as exc:
        return Finding(subject, False, str(exc))
    if settings.language_model in names:
        return Finding(subject, True, f"serves {settings.language_model}.")
    return Finding(subject, False, f"does not serve '{settings.language_model}'; set language_model to one of {names}.")


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
    from assistant.ingest.repair import compare
    from assistant.weights.embedder import embedder_fingerprint

    subject = f"Index {settings.index}"
    try:
        with open_index(settings.index, fingerprint(embedder_fingerprint(settings.embedder), CHUNKER)) as index:
            size, progress = index.catalog.size(), index.progress()
            failures = [each for each in index.catalog.failures() if each["stage"] != "part"]
            differences = compare(index)
    except IndexStateError as exc:
        return [Finding(subject, False, str(exc))]
    if differences.damage:
        return [
            Finding(subject, False, f"its file is damaged ({differences.damage}). Run `assistant ingest --rebuild`.")
        ]
    found = [Finding(subject, True, f"{size['documents']:,} documents, {size['chunks']:,} passages.")]
    if progress:
        names = {"read": "documents are read", "embed": "passages have their vector"}
        run = f"a run is under way: {progress.done:,} of {progress.total:,} {names[progress.stage]}."
        return [*found, Finding("Ingestion", True, f"{run} Ask again when it has ended.")]
    found += _compared(differences)
    if failures:
        found.append(
            Finding("Failed files", False, f"{len(failures)} could not go in: `assistant documents list --failed`.")
        )
    return found


def _compared(differences: Differences) -> list[Finding]:
    """Findings about words, vectors, files and traces."""
    mend = "Run `assistant doctor --repair`."
    words = f"{differences.unsearchable} passages are not in it, {differences.leftover} rows belong to no passage."
    vectors = differences.vectors_error or (
        f"{differences.waiting} passages wait for their vector, {len(differences.lost)} lost it, "
        f"{len(differences.orphaned) + differences.stale} vectors belong to no passage."
    )
    files = f"{len(differences.changed)} changed since they were read, {len(differences.gone)} are gone."
    found = [
        Finding("Lexical index", False, f"{words} {mend}")
        if differences.in_words
        else Finding("Lexical index", True, "every passage can be found by its words."),
        Finding("Vectors", False, f"{vectors} {mend}")
        if differences.in_vectors
        else Finding("Vectors", True, "every passage has its vector."),
        Finding("Files", False, f"{files} {mend} {_few([*differences.changed, *differences.gone])}")
        if differences.changed or differences.gone
        else Finding("Files", True, "every document is as its file."),
    ]
    if differences.missing_roots:
        missing = differences.missing_roots
        found.append(Finding("Folders", False, f"{len(missing)} documents' folder is not there. {_few(missing)}"))
    if differences.unerased:
        found.append(Finding("Removed documents", False, f"traces are still on disk. {mend}"))
    return found


def _few(paths: Sequence[str]) -> str:
    return f"First: {', '.join(paths[:3])}."


def mend(settings: Settings) -> None:
    """Mend the index: words and vectors from the catalogue, documents from their files. Raises IndexStateError."""
    from assistant.index import fingerprint
    from assistant.index.store import write_index
    from assistant.ingest.chunking import CHUNKER
    from assistant.ingest.precomputed import PrecomputedEmbedder, load_vectors, vectors_file
    from assistant.ingest.progress import terminal
    from assistant.ingest.repair import repair
    from assistant.ingest.sandbox import Limits, Sandbox
    from assistant.weights.embedder import SentenceEmbedder

    embedder = SentenceEmbedder(settings.embedder, settings.cache, settings.threads)
    stored = load_vectors(vectors_file(settings.corpus, settings.embedder), embedder.fingerprint)
    limits = Limits(settings.reading_seconds, settings.reading_memory_mb)
    with (
        Sandbox(limits, settings.reading_workers) as sandbox,
        write_index(settings.index, fingerprint(embedder.fingerprint, CHUNKER)) as index,
    ):
        repair(index, PrecomputedEmbedder(embedder, stored), sandbox, [settings.corpus], terminal())
