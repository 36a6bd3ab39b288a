"""The index: a catalogue with the lexical index, in SQLite or PostgreSQL, and vectors in Chroma.

An index folder holds `catalog.sqlite3`, `vectors/`, `writer.lock` and a note of who holds it, as far as these are not
on servers. The catalogue is the truth: what it does not hold is never shown, and what the vectors lack is made again by
the next ingestion.
"""

from assistant.index.store import Index, fingerprint, open_index
from assistant.index.visible import Visible

__all__ = ["Index", "Visible", "fingerprint", "open_index"]
