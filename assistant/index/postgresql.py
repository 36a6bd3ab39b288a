"""Connections to a schema of a PostgreSQL database: several processes read it, one at a time writes.

A reader's statements are transactions of their own, so that it sees what was committed at each of them, and it connects
again after a break. A writer holds an advisory lock on the connection that it writes with: when that breaks, the lock
is gone and nothing more is written.
"""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from assistant.database.locks import WRITING
from assistant.database.server_errors import fields_of, reason_of
from assistant.errors import AssistantError, CatalogAway, IndexCorrupt, IndexLocked, IndexNotWritten, SettingsError
from assistant.index.writer import TRY_S, Holder, Waits

#: Longest wait for an answer, in seconds.
_ANSWER_S = 600
#: The longest name that PostgreSQL does not cut.
_NAME = 63
#: SQLSTATE classes of a server that is full or refuses to write, and of one that goes down.
_REFUSED, _DOWN = ("53", "25006", "42501"), ("57P", "08")

_SESSION = {
    # a machine that vanished holds a lock no longer than a minute
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    # reading all rows costs more than the planner knows: their words have to be unpacked
    "enable_seqscan": "off",
}


@dataclass(frozen=True, slots=True)
class Schema:
    """Where a catalogue is: the SQLAlchemy URL of a database, and the schema in it."""

    url: str = field(repr=False)
    name: str

    @property
    def server(self) -> str:
        """The address, without user and password, for people."""
        try:
            url = make_url(self.url)
        except ArgumentError:
            return "the address in index_url"
        return f"{url.host or 'this machine'}{f':{url.port}' if url.port else ''}/{url.database}"

    @property
    def lock(self) -> int:
        """The schema's half of its lock."""
        return zlib.crc32(self.name.encode()) & 0x7FFF_FFFF


class _Rows:
    """The rows that a statement gave."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = iter([tuple(row) for row in rows])

    def __iter__(self) -> Iterator[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)


class Connection:
    """A connection that runs the SQL of the catalogue; every statement outside a transaction is one of its own."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.in_transaction = False
        self.changes = 0
        #: Whether this connection, and no other, may go on: it holds the lock.
        self.pinned = False
        self._turn = threading.RLock()
        try:
            if make_url(schema.url).get_backend_name() != "postgresql":
                raise SettingsError(
                    "index_url names no PostgreSQL database.",
                    "Write it as postgresql+pg8000://user:password@host/name.",
                )
            # pg8000 alone has a limit for every answer
            options = {"timeout": _ANSWER_S} if make_url(schema.url).get_driver_name() == "pg8000" else {}
            self._engine = create_engine(schema.url, poolclass=NullPool, connect_args=options)
            self._raw: Any = self._connected()
        except (SQLAlchemyError, ImportError, ValueError) as exc:
            raise _away(schema, exc) from exc

    def _connected(self) -> Any:
        try:
            connection = self._engine.raw_connection()
            raw: Any = connection.driver_connection
            connection.detach()
            raw.autocommit = True
            cursor = raw.cursor()
            cursor.execute("SELECT set_config('search_path', %s, false)", (quoted(self.schema.name),))
            for name, value in _SESSION.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        except (self._errors(), SQLAlchemyError, OSError) as exc:
            raise _translated(self.schema, exc, self._lost(exc)) from exc
        return raw

    def _errors(self) -> Any:
        return self._engine.dialect.loaded_dbapi.Error

    @property
    def dialect(self) -> Any:
        """SQLAlchemy's dialect of the server."""
        return self._engine.dialect

    def close(self) -> None:
        """End the connection, and with it the lock; safe to call twice."""
        raw, self._raw = self._raw, None
        if raw is not None:
            with suppress(self._errors(), OSError):
                raw.close()

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> _Rows:
        """Run a statement. Raises CatalogAway, IndexNotWritten, IndexCorrupt."""
        sql = sql.replace("?", "%s") if values else sql
        values = [_storable(each) for each in values]
        self.changes += self.in_transaction
        with self._turn:  # as SQLite does for its own
            return self._executed(sql, values)

    def _executed(self, sql: str, values: Sequence[Any]) -> _Rows:
        for may_try_again in (not (self.pinned or self.in_transaction), False):
            try:
                if self._raw is None:
                    raise CatalogAway("The catalogue is closed.", "Open the index again.")
                cursor = self._raw.cursor()
                cursor.execute(sql, values)
                return _Rows(cursor.fetchall() if cursor.description else ())
            except (self._errors(), OSError) as exc:
                lost = self._lost(exc)
                if not (lost and may_try_again):
                    raise _translated(self.schema, exc, lost) from exc
                with suppress(self._errors(), OSError):
                    self._raw.close()
                self._raw = self._connected()
        raise AssertionError

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> None:
        """Run a statement for each row."""
        for row in rows:
            self.execute(sql, row)

    def _lost(self, exc: BaseException) -> bool:
        """Whether the connection is gone."""
        code = _code(exc)
        gone = self._engine.dialect.is_disconnect(exc, None, None) if isinstance(exc, self._errors()) else False
        return isinstance(exc, OSError) or gone or code.startswith(_DOWN) or type(exc).__name__ == "InterfaceError"


@contextmanager
def locked(schema: Schema, *, who: str = "", waits: Waits | None = None) -> Iterator[Connection]:
    """Be the one process that writes a catalogue: a connection that holds its lock.

    As `writer_lock` does for a folder. Raises IndexLocked, CatalogAway.
    """
    connection = Connection(schema)
    try:
        while not connection.execute("SELECT pg_try_advisory_lock(?, ?)", (WRITING, schema.lock)).fetchone()[0]:
            if waits is None or not waits(holder_of(schema, connection)):
                raise IndexLocked(
                    f"Another process is writing the index '{schema.name}' in {schema.server}.",
                    "Wait until it has finished, then run this again.",
                )
            time.sleep(TRY_S)
        connection.pinned = True
        note = f"assistant {os.getpid()} {time.time():.0f} {who}"
        connection.execute("SELECT set_config('application_name', ?, false)", (note[:_NAME],))
        yield connection
    finally:
        connection.close()


def holder_of(schema: Schema, connection: Connection) -> Holder | None:
    """Tell who writes; None when nobody does."""
    row = connection.execute(
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = ? AND l.objid = ? AND l.objsubid = 2 "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (WRITING, schema.lock),
    ).fetchone()
    parts = row[0].split(" ", 3) if row and row[0] else []
    if len(parts) != 4 or parts[0] != "assistant":
        return Holder("", 0, time.time()) if row else None
    return Holder(parts[3], int(parts[1]), float(parts[2]))


def quoted(name: str) -> str:
    """Write a name as SQL wants it."""
    return '"' + name.replace('"', '""') + '"'


def _storable(value: Any) -> Any:
    """A value that PostgreSQL takes: it has no NUL characters. Places in texts stay as they are."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) and "\0" in value else value


def _code(exc: BaseException) -> str:
    """SQLSTATE of an error; empty when it has none."""
    return str(getattr(exc, "sqlstate", None) or fields_of(exc).get("C", ""))


def _away(schema: Schema, exc: BaseException) -> CatalogAway:
    return CatalogAway(
        f"The catalogue of the index cannot be reached at {schema.server} ({reason_of(exc)}).",
        "See whether PostgreSQL runs there and lets us in. Correct index_url, or remove it to keep the catalogue in "
        "the index folder.",
    )


def _translated(schema: Schema, exc: BaseException, lost: bool) -> AssistantError:
    code = _code(exc)
    if lost or code.startswith(("28", "3D")):
        return _away(schema, exc)
    if code.startswith(_REFUSED):
        return IndexNotWritten(
            f"The catalogue in {schema.server} cannot be written ({reason_of(exc)}).",
            "Give the server room or our user the right to write, then run `assistant ingest` again: it goes on where "
            "it stopped.",
        )
    return IndexCorrupt(
        f"The catalogue '{schema.name}' in {schema.server} cannot be used ({reason_of(exc)}).",
        "Run `assistant ingest --rebuild` to make the index again from the documents.",
    )
