"""Where the vectors of an index are, which its catalogue knows: in its folder, or on a Chroma server under a name.

An index that is opened with other settings than it was written with is a clear error for a reader; a writer moves it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from assistant.errors import IndexCorrupt, IndexMismatch, IndexMissing, IndexNotWritten
from assistant.index.catalog import Catalog
from assistant.index.homes import FolderHome, SchemaHome
from assistant.index.server import ChromaServer, ServerStore
from assistant.index.vectors import Vectors

VECTORS = "vectors"
#: The catalogue's note of the name under which its vectors are on a server; empty: they are in its folder.
PLACE = "collections"
#: Vectors that are carried over together.
_CARRIED = 1000

_log = logging.getLogger(__name__)


def vectors_for_reading(catalog: Catalog, folder: Path, at: Path, server: ChromaServer | None) -> Vectors:
    """Give the vectors of an index as it was written; `at` is where its files are read. Raises IndexMismatch."""
    name = catalog.database.meta().get(PLACE, "")
    if name and server is None:
        raise IndexMismatch(
            f"The vectors of the index {folder} are on a Chroma server, but chroma_url is not set.",
            "Set it, or run `assistant ingest`, which makes the vectors anew in the index folder.",
        )
    if server is not None and not name:
        raise IndexMismatch(
            f"The vectors of the index {folder} are in its folder, but chroma_url is set.",
            "Run `assistant ingest`, which carries them to the server, or remove chroma_url.",
        )
    return Vectors(ServerStore(server, name)) if server else Vectors(at / VECTORS)


def vectors_for_writing(catalog: Catalog, folder: Path, server: ChromaServer | None) -> Vectors:
    """Give the vectors where the settings want them, and move them there if they are elsewhere.

    From the folder they are carried to the server; from a server that is not named any more they cannot be, and wait
    to be made anew. Stopped halfway, what is missing is made by the run. Raises VectorsAway.
    """
    name = catalog.database.meta().get(PLACE, "")
    if server is None:
        if name:
            _log.warning("The vectors are made anew in %s; the collections %s-… stay on the server.", folder, name)
            catalog.ledger.mark_waiting(list(catalog.ledger.stored()))
            catalog.database.set_meta({PLACE: ""})
        return Vectors(folder / VECTORS)
    if name:
        return Vectors(ServerStore(server, name))
    there = new_vectors(catalog, folder, server)
    if (folder / VECTORS).is_dir():
        here = Vectors(folder / VECTORS)
        carry(catalog.ledger.stored(), here, there)
        here.erase()
    return there


def new_vectors(catalog: Catalog, folder: Path, server: ChromaServer | None) -> Vectors:
    """Give a place for vectors that holds none yet, and note it in the catalogue. Raises VectorsAway."""
    name = secrets.token_hex(6) if server else ""
    there = Vectors(ServerStore(server, name)) if server else Vectors(folder / VECTORS)
    there.ids()  # nothing is changed for a server that is away
    catalog.database.set_meta({PLACE: name})
    return there


def carry(
    stored: Mapping[str, str], here: Vectors, there: Vectors, done: Callable[[list[str]], None] | None = None
) -> None:
    """Copy the vectors `stored`, `{id: access class}`, as far as they are `here`; `done` is told the ids of each part.

    Raises IndexCorrupt, IndexNotWritten, VectorsAway.
    """
    import numpy as np

    by_class: dict[str, list[str]] = {}
    for vector_id, access_class in stored.items():
        by_class.setdefault(access_class, []).append(vector_id)
    for access_class, ids in by_class.items():
        for first in range(0, len(ids), _CARRIED):
            found = here.get(access_class, ids[first : first + _CARRIED])
            if found:
                there.add(access_class, list(found), np.stack(list(found.values())))
                if done is not None:
                    done(list(found))


def name_on_server(home: FolderHome | SchemaHome) -> str:
    """Read under which name the vectors of a catalogue are on a server; empty when it cannot be read."""
    try:
        with closing(home.catalog()) as catalog:
            return catalog.database.meta().get(PLACE, "")
    except (IndexMissing, IndexCorrupt, IndexNotWritten):
        return ""
