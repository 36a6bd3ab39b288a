"""From files to an index: scan, read, chunk, commit text, embed, commit vectors.

The run is imported when it is asked for: `assistant --help` and the processes that read files do without it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.ingest.pipeline import Report, ingest

__all__ = ["Report", "ingest"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from assistant.ingest import pipeline

    return getattr(pipeline, name)
