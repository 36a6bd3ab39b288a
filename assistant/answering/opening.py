"""Opens the assistant with the parts that the settings name: index, embedder, reader, language model."""

from __future__ import annotations

from assistant.answering.ask import Assistant
from assistant.answering.say import ChatModel
from assistant.reading import Reader
from assistant.settings import Settings


def open_assistant(settings: Settings) -> Assistant:
    """The assistant over the index of `settings`. Raises WeightsMissing, ReaderError, IndexMissing, IndexMismatch, …"""
    from assistant.ingest.opened import open_set_index
    from assistant.retrieval import HybridRetriever
    from assistant.weights.embedder import SentenceEmbedder

    reader = open_reader(settings)
    index = open_set_index(settings)
    embedder = SentenceEmbedder(settings.embedder, settings.cache, settings.threads)
    retriever = HybridRetriever(index, embedder)
    return Assistant(index, retriever, reader, open_language_model(settings), embedder, settings)


def open_reader(settings: Settings) -> Reader:
    """The shipped reader, or the cross-encoder that the settings name. Raises ReaderError when it is not there."""
    if settings.reader:
        from assistant.reading.cross_encoder import CrossEncoderReader

        return CrossEncoderReader(settings.reader)
    from assistant.reading.reader import TrainedReader

    return TrainedReader(threads=settings.threads)


def open_language_model(settings: Settings) -> ChatModel:
    """The model of this machine, or the one on the servers that the settings name."""
    if settings.language_server:
        from assistant.weights.replicas import Replicas, servers_of

        return Replicas(
            servers_of(settings), at_once=settings.model_concurrency, pause_s=settings.language_pause_seconds
        )
    from assistant.answering.adapter import adapter_of
    from assistant.weights.language_model import LlamaCppModel

    return LlamaCppModel(
        settings.language_model,
        settings.cache,
        context_tokens=settings.context_tokens,
        n_gpu_layers=settings.n_gpu_layers,
        threads=settings.threads,
        adapter=adapter_of(settings.language_model),
    )
