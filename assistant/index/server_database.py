"""The catalogue in a schema of a PostgreSQL database: the same tables, with a GIN index for words."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from assistant.errors import AssistantError, IndexMissing
from assistant.index import migrations
from assistant.index.database import Database
from assistant.index.gin import Gin
from assistant.index.lexical import Lexical
from assistant.index.postgresql import Connection, Schema, quoted
from assistant.index.rows import marks
from assistant.index.tables import TABLES, indexed_by, made_by

#: Values in one statement: the protocol allows 65,535.
_VALUES = 20_000
#: Numbers of rows that differ by less are near enough.
_NEAR = 0.8
_BUMP = (
    "INSERT INTO meta (key, value) VALUES ('written', '1') "
    "ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)"
)


class ServerDatabase(Database):
    """A schema of a PostgreSQL database."""

    db: Connection

    def __init__(self, schema: Schema, *, create: bool, over: Connection | None = None) -> None:
        """Open it, `over` a connection that holds its lock if that is given; `create` makes what is missing.

        Raises IndexMissing, CatalogAway, IndexNotWritten.
        """
        self.schema = schema
        self.db = over or Connection(schema)
        self._is_own = over is None
        try:
            if create:
                self._make()
            elif not _is_there(self.db):
                raise IndexMissing(
                    f"There is no index '{schema.name}' in {schema.server}.",
                    "Run `assistant ingest` first, or carry one there with `assistant index copy`.",
                )
        except BaseException:
            self.close()
            raise

    def _make(self) -> None:
        if _is_there(self.db) and self.meta().get("schema") not in migrations.STEPS:
            return
        with self.transaction(bump=False):
            self.db.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(self.schema.name)}")
            for statement in made_by(self.db.dialect):
                self.db.execute(statement)
            migrations.upgrade(self)
            for statement in indexed_by(self.db.dialect):
                self.db.execute(statement)
            self.db.execute("ALTER TABLE lexical ALTER COLUMN packed SET STORAGE MAIN")
            if "made" not in self.meta():
                self.set_meta({"made": secrets.token_hex(8)})

    def close(self) -> None:  # noqa: D102 - as in Database, here and below
        if self._is_own:
            self.db.close()

    @contextmanager
    def transaction(self, *, bump: bool = True) -> Iterator[None]:
        """Write all or nothing of what happens inside; may be nested. `bump`: others are told that it was written."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN")
        self.db.in_transaction = True
        try:
            if bump:
                self.db.execute(_BUMP)
            yield
            self.db.execute("COMMIT")
        except BaseException:
            with suppress(AssistantError):
                self.db.execute("ROLLBACK")
            raise
        finally:
            self.db.in_transaction = False

    @contextmanager
    def snapshot(self) -> Iterator[None]:  # noqa: D102
        self.db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        self.db.in_transaction = True
        try:
            yield
        finally:
            with suppress(AssistantError):
                self.db.execute("ROLLBACK")
            self.db.in_transaction = False

    def state(self) -> tuple[Any, ...]:  # noqa: D102
        written = self.db.execute("SELECT value FROM meta WHERE key IN ('made', 'written') ORDER BY key").fetchall()
        return (*written, self.db.changes)

    def lexical(self) -> Lexical:  # noqa: D102
        return Gin(self)

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:  # noqa: D102
        columns = TABLES[table]
        names, one = ", ".join(f'"{name}"' for name in columns), f"({marks(columns)})"
        together = _VALUES // len(columns)
        for first in range(0, len(rows), together):
            part = rows[first : first + together]
            self.db.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([one] * len(part))}",
                [value for row in part for value in row],
            )

    def purge(self) -> bool:
        """Have the server reuse the room of what was removed; its log and its copies are the server's own affair."""
        for table in TABLES:
            self.db.execute(f"VACUUM {table}")
        with self.transaction():
            self.db.execute("DELETE FROM meta WHERE key = 'unpurged'")
        return True

    def tidy(self) -> None:
        """Have the server know how many rows there are, if it is far off: then it may search slowly."""
        believed = self.count("SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE oid = to_regclass('chunks')")
        if not _NEAR * believed <= self.count("SELECT count(*) FROM chunks") <= believed / _NEAR:
            for table in TABLES:
                self.db.execute(f"VACUUM (ANALYZE) {table}")

    def damage(self) -> str:  # noqa: D102
        return ""

    def clear(self) -> None:
        """Remove all rows; readers see the old ones until the transaction ends, and then that it is another."""
        with self.transaction():
            super().clear()
            self.set_meta({"made": secrets.token_hex(8)})


def _is_there(connection: Connection) -> bool:
    found = connection.execute("SELECT to_regclass(?)", (f"{quoted(connection.schema.name)}.lexical",)).fetchone()
    return found[0] is not None
