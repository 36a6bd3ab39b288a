"""From files to an index: scan, read, chunk, commit text, embed, commit vectors."""

from assistant.ingest.pipeline import Report, ingest

__all__ = ["Report", "ingest"]
