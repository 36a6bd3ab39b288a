"""Finding passages: dense and lexical search, fused, inside the asker's access labels."""

from assistant.retrieval.hybrid import HybridRetriever

__all__ = ["HybridRetriever"]
