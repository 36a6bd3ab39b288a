"""Taking documents out of an index whose file or folder was withdrawn or moved for good."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.errors import PathError
from assistant.index import Index
from assistant.ingest.embedding import drop_stale
from assistant.ingest.names import composed


def withdraw(index: Index, names: Sequence[str]) -> list[str]:
    """Remove the documents that were read from files or folders, or that have these ids; returns their ids.

    What could not be read there is forgotten as well. The files themselves are not touched: while they are there, the
    next `assistant ingest` of their folder reads them again. Raises PathError, before anything is removed, for a name
    that fits nothing.
    """
    catalog, ledger = index.catalog, index.ledger
    states = catalog.states()
    ids = {state[0]: path for path, state in states.items()}
    known = {*states, *ledger.duplicates(), *(failure["file"] for failure in ledger.failures())}
    gone: set[str] = set()
    for name in names:
        place = composed(str(Path(name).resolve()))
        below = {path for path in known if Path(composed(path)).is_relative_to(place)}
        below |= {ids[composed(name)]} if composed(name) in ids else set()
        if not below:
            raise PathError(
                f"The index holds nothing that was read from {name}.",
                "`assistant documents list` shows the ids, `assistant doctor` the folders that are not there.",
            )
        gone |= below
    removed = sorted(states[path][0] for path in gone if path in states)
    with index.database.transaction():
        for document_id in removed:
            catalog.remove(document_id)
        for path in gone:
            ledger.forget_duplicate(path)
            ledger.forget_failure(path)
        for path, (document_id, _) in ledger.duplicates().items():
            if document_id in removed:  # a copy elsewhere: the next run of its folder reads it
                ledger.forget_duplicate(path)
        catalog.link_versions()
    drop_stale(index)
    return removed
