"""What runs where: which GPUs there are, and what language model, embedder and reader do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from assistant.operations.findings import Finding
from assistant.settings import Settings
from assistant.weights.devices import Gpu, build_command, build_needs, cores, find_gpus, torch_device

if TYPE_CHECKING:
    from assistant.weights.chat_server import ChatServerModel


def examine_placement(settings: Settings) -> list[Finding]:
    """Findings about the GPU and about each model; a model that cannot be opened is one."""
    gpus = find_gpus()
    names = ", ".join(gpu.name for gpu in gpus)
    found = [Finding("GPU", True, f"found: {names}." if gpus else "none found; everything runs on the processor.")]
    found += _servers(settings) if settings.language_server else [_language_model(settings, gpus)]
    return [*found, _embedder(settings, gpus), _reader(settings), *_chroma(settings)]


def _servers(settings: Settings) -> list[Finding]:
    from assistant.weights.replicas import servers_of

    return [_server(server, settings.language_model) for server in servers_of(settings)]


def _server(server: ChatServerModel, model: str) -> Finding:
    subject = f"Language server {server.url}"
    try:
        names = server.served_models()
    except AssistantError as exc:
        return Finding(subject, False, str(exc))
    if model in names:
        return Finding(subject, True, f"is up and serves {model}.")
    return Finding(subject, False, f"does not serve '{model}'; set language_model to one of {names}.")


def _language_model(settings: Settings, gpus: list[Gpu]) -> Finding:
    from assistant.weights import locate

    subject = f"Language model {settings.language_model}"
    try:
        path = locate(settings.language_model, settings.cache)
    except AssistantError as exc:
        return Finding(subject, False, str(exc))
    try:
        from assistant.weights.language_model import gpu_offload_supported, layers_of

        can = gpu_offload_supported()
        layers = layers_of(path)
    except AssistantError as exc:
        return Finding(subject, False, str(exc))
    except (ImportError, OSError, RuntimeError) as exc:
        return Finding(subject, False, f"llama.cpp cannot be loaded ({exc}). Install llama-cpp-python again.")
    threads = settings.threads or cores()
    here = f"{layers} layers on the processor, {threads} threads"
    if settings.n_gpu_layers == 0:
        return Finding(subject, True, f"{here}, as n_gpu_layers = 0 says; {path}")
    if can:
        asked = settings.n_gpu_layers
        told = f"all {layers}" if asked in (None, -1) or (asked or 0) >= layers else f"{asked} of {layers}"
        return Finding(subject, True, f"{told} layers on the GPU, where its memory suffices; {path}")
    if not gpus:
        return Finding(subject, True, f"{here}; {path}")
    kind = gpus[0].kind
    return Finding(
        subject,
        False,
        f"{here}, though there is a GPU: this llama.cpp was not built for it, or cannot reach it. "
        f"Install {build_needs(kind)}, then run: {build_command(kind)}",
    )


def _embedder(settings: Settings, gpus: list[Gpu]) -> Finding:
    from assistant.weights import locate
    from assistant.weights.fast_embedder import uses_int8

    subject = f"Embedder {settings.embedder}"
    try:
        path = locate(settings.embedder, settings.cache)
    except AssistantError as exc:
        return Finding(subject, False, str(exc))
    try:
        device = torch_device()
    except (ImportError, OSError, RuntimeError) as exc:
        return Finding(subject, False, f"torch cannot be loaded ({exc}). Install it again.")
    if device != "cpu":
        return Finding(subject, True, f"on the GPU ({device}); {path}")
    form = "8 bits" if uses_int8(settings.embedder, settings.cache) else "32 bits"
    if any(gpu.kind == "nvidia" for gpu in gpus):
        return Finding(
            subject,
            False,
            f"on the processor in {form}, though there is a GPU: torch was not built for it, or its driver is too old. "
            "`python -c 'import torch; print(torch.version.cuda)'` shows what it needs; None: install torch from PyPI.",
        )
    return Finding(subject, True, f"on the processor in {form}; {path}")


def _reader(settings: Settings) -> Finding:
    from assistant.answering import open_reader
    from assistant.schema import Excerpt

    subject = f"Reader {settings.reader or 'that comes with us'}"
    try:
        reader = open_reader(settings)
        reader.read("?", [Excerpt("확인")])  # loads the weights and compares them with their card
    except AssistantError as exc:
        return Finding(subject, False, str(exc))
    where = "through sentence-transformers" if settings.reader else "on the processor in 8 bits"
    return Finding(subject, True, f"complete; {where}.")


def _chroma(settings: Settings) -> list[Finding]:
    from assistant.index.server import server_of, version_of

    server = server_of(settings)
    if server is None:
        return []
    subject = f"Chroma server {server.url}"
    try:
        return [Finding(subject, True, f"is up, version {version_of(server)}; it keeps the vectors.")]
    except AssistantError as exc:
        return [Finding(subject, False, str(exc))]
