"""The catalogue's database, opened, written all or nothing, mended, and cleared of what is gone.

`FileDatabase` is a SQLite file; `postgresql.py` has the same in a schema of a server. Their `db` takes the same SQL,
with question marks. Knows the tables, not what their rows mean: `Catalog` and `Ledger` share it.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from assistant.errors import IndexCorrupt, IndexNotWritten
from assistant.index import migrations
from assistant.index.lexical import Fts5, Lexical
from assistant.index.rows import marks

#: Segments that the lexical index may have at the end of a run: a search reads all of them (docs/log.md).
_SEGMENTS = 8

SCHEMA_VERSION = "5"
_SET = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


class Rows(Protocol):
    """What a statement gives: tuples, in turn or all that are left."""

    def __iter__(self) -> Iterator[Any]: ...
    def fetchone(self) -> Any: ...  # noqa: D102
    def fetchall(self) -> list[Any]: ...  # noqa: D102


class Statements(Protocol):
    """What runs SQL that SQLite and PostgreSQL read alike."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Rows:
        """Run a statement."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> object:
        """Run a statement for each row."""


class Database(ABC):
    """One open catalogue; `db` runs statements. Not safe for use from several threads at once."""

    db: Any  # Statements; a file's is SQLite's own connection, which costs nothing in between

    @abstractmethod
    def close(self) -> None:
        """Release it; safe to call twice."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Write all or nothing of what happens inside; may be nested. Raises IndexNotWritten when that is refused."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """Read everything inside as it is at one instant; nothing is written meanwhile."""

    @abstractmethod
    def state(self) -> Any:
        """Give a value that changes with every write, of this connection or of another."""

    @abstractmethod
    def lexical(self) -> Lexical:
        """Give the lexical index."""

    @abstractmethod
    def purge(self) -> bool:
        """Erase what removed documents left; False while readers hold on to it."""

    @abstractmethod
    def tidy(self) -> None:
        """Leave the catalogue as searches want it, at the end of a run."""

    @abstractmethod
    def damage(self) -> str:
        """Tell what is wrong with the stored form; empty when it is sound, or that is the server's own affair."""

    def clear(self) -> None:
        """Remove all rows; readers see the old ones until the transaction ends."""
        from assistant.index.tables import TABLES

        with self.transaction():
            for table in reversed(TABLES):
                self.db.execute(f"DELETE FROM {table}")

    @abstractmethod
    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, with all columns of a table in their order."""

    def next_id(self, table: str) -> int:
        """Give the number of the next row: there is one writer."""
        return self.count(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")

    # --- meta ---------------------------------------------------------------------------------------------

    def meta(self) -> dict[str, str]:
        """Read all key–value pairs (fingerprint parts and `generation`)."""
        return dict(self.db.execute("SELECT key, value FROM meta"))

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Write key–value pairs."""
        with self.transaction():
            self.db.executemany(_SET, list(values.items()))

    def unpurged(self) -> bool:
        """Tell whether documents were removed since the last `purge`."""
        return self.db.execute("SELECT 1 FROM meta WHERE key = 'unpurged'").fetchone() is not None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read all rows of a query, for comparing whole catalogues."""
        return list(self.db.execute(query).fetchall())

    def count(self, query: str, values: Sequence[Any] = ()) -> int:
        """Read the one number that a query gives."""
        return int(self.db.execute(query, values).fetchone()[0])


class FileDatabase(Database):
    """A SQLite file."""

    db: sqlite3.Connection

    def __init__(self, path: Path, *, create: bool) -> None:
        try:
            self.db = sqlite3.connect(
                path if create else f"file:{path}?mode=rw", uri=not create, timeout=30, check_same_thread=False
            )
            self.db.execute("PRAGMA foreign_keys = ON")
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA secure_delete = ON")
            if create:
                self._make()
            self.db.execute("SELECT 1 FROM meta, chunks, lexical LIMIT 1")
        except sqlite3.DatabaseError as exc:
            raise _unusable(path, exc) from exc

    def _make(self) -> None:
        from sqlalchemy.dialects import sqlite

        from assistant.index.tables import indexed_by, made_by

        dialect = sqlite.dialect()
        for statement in made_by(dialect):
            self.db.execute(statement)
        migrations.upgrade(self)
        for statement in indexed_by(dialect):
            self.db.execute(statement)

    def close(self) -> None:  # noqa: D102 - as in Database, here and below
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:  # noqa: D102
        if self.db.in_transaction:
            yield
            return
        try:
            with self.db:
                self.db.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.OperationalError as exc:  # full, read-only or failing disk; locked for too long
            raise IndexNotWritten(
                f"The catalogue cannot be written ({exc}).",
                "Make room on the disk or mend it, then run `assistant ingest` again: it goes on where it stopped.",
            ) from exc

    @contextmanager
    def snapshot(self) -> Iterator[None]:  # noqa: D102
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            self.db.rollback()

    def state(self) -> tuple[int, int]:  # noqa: D102
        return self.db.execute("PRAGMA data_version").fetchone()[0], self.db.total_changes

    def lexical(self) -> Lexical:  # noqa: D102
        return Fts5(self)

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:  # noqa: D102
        from assistant.index.tables import TABLES

        columns = TABLES[table]
        names = ", ".join(f'"{name}"' for name in columns)
        self.db.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks(columns)})", rows)

    def purge(self) -> bool:
        """Erase what removed documents left in the lexical index and the log; False while readers hold on to it.

        Freed pages are overwritten at once (`secure_delete`); the lexical index keeps deleted terms until its segments
        are merged, and the log keeps old pages until it is cut.
        """
        with self.transaction():
            self.db.execute("INSERT INTO lexical (lexical) VALUES ('optimize')")
        if self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            return False
        with self.transaction():
            self.db.execute("DELETE FROM meta WHERE key = 'unpurged'")
        return True

    def tidy(self) -> None:
        """Make the lexical index one segment where runs have left many: a search reads them all."""
        if self.count("SELECT count(DISTINCT segid) FROM lexical_idx") > _SEGMENTS:
            with self.transaction():
                self.db.execute("INSERT INTO lexical (lexical) VALUES ('optimize')")

    def damage(self) -> str:
        """Tell what SQLite finds wrong with the file; empty when it is sound."""
        try:
            self.db.execute("INSERT INTO lexical (lexical) VALUES ('integrity-check')")
            found = self.db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as exc:
            return "" if "locked" in str(exc) else str(exc)
        finally:
            self.db.rollback()
        return "" if found == "ok" else str(found)


def _unusable(path: Path, exc: sqlite3.DatabaseError) -> IndexCorrupt | IndexNotWritten:
    """The error that says what to do about a file that cannot be opened."""
    if exc.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return IndexNotWritten(
            f"The catalogue {path.name} cannot be opened ({exc}).", "Make room on the disk, then try again."
        )
    if exc.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return IndexNotWritten(
            f"The catalogue {path.name} cannot be opened ({exc}).", "Check the permissions of the index folder."
        )
    return IndexCorrupt(
        f"The catalogue {path.name} cannot be read ({exc}).",
        "Run `assistant ingest --rebuild` to make the index again from the documents.",
    )
