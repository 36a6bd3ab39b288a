"""Where the catalogue of an index is: a file in its folder, or a schema of a PostgreSQL database.

Either way the index is named by its folder, which keeps what is not in the catalogue: labels given to folders, and the
vectors where they are on no server. On a database the schema is called like the folder, so that machines whose index
folders are called alike share one index, and several indexes share one database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import IndexMissing, PathError
from assistant.index.catalog import Catalog
from assistant.index.writer import Holder, Waits, holder, writer_lock

if TYPE_CHECKING:
    from assistant.index.postgresql import Connection, Schema
    from assistant.settings import Settings

CATALOG = "catalog.sqlite3"
#: Names of schemas have at most so many bytes; longer folder names are told by their hash.
_LONGEST = 50


def url_of(settings: Settings) -> str:
    """Read in which database the settings keep catalogues; empty: in the index folder."""
    return settings.index_url.get_secret_value()


def home_of(folder: Path, url: str = "") -> FolderHome | SchemaHome:
    """Tell where the catalogue of the index `folder` is: in the database at `url`, or in the folder."""
    return SchemaHome(folder, url) if url else FolderHome(folder)


class FolderHome:
    """A SQLite file in the index folder."""

    #: Whether a reader sees an index that is made anew at once, and not only when it is complete.
    is_live = False
    url = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def told(self) -> str:
        """Name the place for people."""
        return str(self.folder)

    def exists(self) -> bool:
        """Whether there is a catalogue."""
        return (self.folder / CATALOG).is_file()

    def catalog(self, *, create: bool = False) -> Catalog:
        """Open the catalogue; `create`: make it, or bring it up to date, while `writing`. Raises IndexMissing."""
        if not create and not self.exists():
            raise IndexMissing(
                f"There is no index in {self.folder}.", "Run `assistant ingest` first, or name one with --index."
            )
        return Catalog(self.folder / CATALOG, create=create)

    def writing(self, *, who: str = "", waits: Waits | None = None) -> AbstractContextManager[None]:
        """Be the one process that writes. Raises IndexLocked, PathError."""
        return writer_lock(self.folder, who=who, waits=waits)

    def holder(self) -> Holder | None:
        """Tell who writes; None when nobody does, or one that left no note."""
        return holder(self.folder)

    def made(self, catalog: Catalog) -> Any:
        """Give a value that changes when the catalogue is made anew; None while there is none."""
        try:
            return (self.folder / CATALOG).stat().st_ino
        except OSError:
            return None

    def erase(self) -> None:
        """Remove the catalogue, while `writing`. Who reads it goes on with what it has open."""
        for name in (CATALOG, f"{CATALOG}-wal", f"{CATALOG}-shm"):
            (self.folder / name).unlink(missing_ok=True)


class SchemaHome:
    """A schema of a PostgreSQL database, called like the index folder."""

    is_live = True

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self._held: Connection | None = None

    @property
    def told(self) -> str:
        """Name the place for people."""
        return f"{self.schema.server}, schema '{self.schema.name}'"

    @property
    def schema(self) -> Schema:
        """The schema."""
        from assistant.index.postgresql import Schema

        return Schema(self.url, schema_name(self.folder))

    def exists(self) -> bool:
        """Whether there is a catalogue. Raises CatalogAway."""
        try:
            self.catalog().close()
        except IndexMissing:
            return False
        return True

    def catalog(self, *, create: bool = False) -> Catalog:
        """Open the catalogue; `create`: make it, or bring it up to date, while `writing`.

        Raises IndexMissing, CatalogAway.
        """
        from assistant.index.server_database import ServerDatabase

        return Catalog(ServerDatabase(self.schema, create=create, over=self._held))

    @contextmanager
    def writing(self, *, who: str = "", waits: Waits | None = None) -> Iterator[None]:
        """Be the one process that writes. Raises IndexLocked, CatalogAway, PathError."""
        from assistant.index.postgresql import locked

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise PathError(
                f"The index folder {self.folder} cannot be made ({exc.strerror}).", "Choose another."
            ) from exc
        with locked(self.schema, who=who, waits=waits) as self._held:
            try:
                yield
            finally:
                self._held = None

    def holder(self) -> Holder | None:
        """Tell who writes; None when nobody does. Raises CatalogAway."""
        from contextlib import closing

        from assistant.index.postgresql import Connection, holder_of

        with closing(Connection(self.schema)) as connection:
            return holder_of(self.schema, connection)

    def made(self, catalog: Catalog) -> Any:
        """Give a value that changes when the catalogue is made anew."""
        row = catalog.database.db.execute("SELECT value FROM meta WHERE key = 'made'").fetchone()
        return row[0] if row else None

    def erase(self) -> None:
        """Remove the catalogue, while `writing`."""
        from assistant.index.server_database import ServerDatabase

        ServerDatabase(self.schema, create=True, over=self._held).clear()


def schema_name(folder: Path) -> str:
    """Name the schema of an index folder."""
    name = folder.absolute().name
    if len(name.encode()) > _LONGEST:
        name = hashlib.sha256(name.encode()).hexdigest()[:32]
    return f"index {name}"
