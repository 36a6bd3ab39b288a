"""`assistant index copy`: an index carried between the files of a folder and the servers that the settings name."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from assistant.errors import PathError
from assistant.index import Index
from assistant.index.carrying import carry_catalogue
from assistant.index.copying import beside
from assistant.index.homes import FolderHome, SchemaHome, home_of, url_of
from assistant.index.places import carry, name_on_server, new_vectors
from assistant.index.server import ChromaServer, server_of
from assistant.ingest.opened import open_set_index
from assistant.settings import Settings


def copy_from(folder: Path, settings: Settings) -> dict[str, int]:
    """Copy the index in the files of `folder` to where `settings` keep theirs, which has none; returns what it counts.

    Vectors are carried, not computed. Raises IndexMissing, IndexMismatch, IndexLocked, PathError, CatalogAway,
    VectorsAway.
    """
    server = server_of(settings)
    source = settings if name_on_server(FolderHome(folder)) else settings.model_copy(update={"chroma_url": None})
    with open_set_index(source, folder) as index:
        return _copied(index, home_of(settings.index, url_of(settings)), server)


def copy_into(folder: Path, settings: Settings) -> dict[str, int]:
    """Copy the index that `settings` name to files in the new `folder`. Returns and raises as `copy_from` does."""
    with open_set_index(settings) as index:
        return _copied(index, FolderHome(folder), None)


def _copied(index: Index, target: FolderHome | SchemaHome, server: ChromaServer | None) -> dict[str, int]:
    with target.writing(who="index copy"):
        if target.exists():
            raise PathError(f"There is an index already in {target.told}.", "Choose another place, or remove it.")
        with closing(target.catalog(create=True)) as catalog, index.held() as source:
            with catalog.database.transaction():
                # a vector is noted once it is there: of a copy that was stopped, the next run makes the rest
                carry_catalogue(source.database, catalog.database, without=("stored_vectors",))
                vectors = new_vectors(catalog, target.folder, server)
            with closing(vectors):
                carry(source.ledger.stored(), index.vectors, vectors, catalog.ledger.mark_embedded)
            catalog.database.tidy()
            if index.folder != target.folder:
                for file in beside(index.folder):
                    shutil.copyfile(file, target.folder / file.name)
            return catalog.size() | {"vectors": len(catalog.ledger.stored())}
