"""Numbers of our advisory locks in PostgreSQL, arbitrary ones: kinds that share a database must not share a number."""

from __future__ import annotations

#: Blocks and jobs that one process does at a time; the other half of a lock is its name's hash.
NAMED = 7_316_402
#: Web processes that live; the other half is the process' own number.
PRESENT = 7_316_403
#: Whoever writes an index; the other half is its schema's.
WRITING = 7_316_404
