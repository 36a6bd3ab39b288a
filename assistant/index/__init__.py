"""The index on disk: a SQLite catalogue with the lexical index, and vectors in Chroma.

An index folder holds `catalog.sqlite3`, `vectors/` and `writer.lock`. The catalogue is the truth: what it does
not hold is never shown, and what the vectors lack is made again by the next ingestion.
"""

from assistant.index.store import Index, fingerprint, open_index

__all__ = ["Index", "fingerprint", "open_index"]
