"""Opening the database of accounts, bringing its tables up to date, and telling its errors in a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.exc import NoSuchModuleError as NoSuchDialect

from assistant.errors import AccountsUnusable

#: The newest of `migrations/versions`. A test compares.
VERSION = "0002"

_MIGRATIONS = Path(__file__).with_name("migrations")
#: Name of the lock that programs starting together take in PostgreSQL, an arbitrary number.
_LOCK = 7_316_402
_PATIENCE_S = 30
_HINT = "See the settings `accounts` and `accounts_url`."


class Database:
    """One database of accounts, made or upgraded when it is opened. Safe for several threads and processes."""

    def __init__(self, where: Path | str) -> None:
        """Open the SQLite file (Path), made when there is none, or the database at a SQLAlchemy URL (str)."""
        self._file = where if isinstance(where, Path) else None
        try:
            self._engine = self._opened(where)
            self._upgrade()
        except (OSError, SQLAlchemyError, ImportError) as exc:
            raise AccountsUnusable(f"The accounts cannot be opened ({_reason(exc)}).", _HINT) from exc

    def _opened(self, where: Path | str) -> Engine:
        if isinstance(where, Path):
            where.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(where, os.O_CREAT | os.O_RDWR, 0o600))
            where.chmod(0o600)
            engine = create_engine(URL.create("sqlite", database=str(where)), connect_args={"timeout": _PATIENCE_S})
            event.listen(engine, "connect", _prepare_sqlite)
            return engine
        try:
            return create_engine(make_url(where), pool_pre_ping=True)
        except (ArgumentError, NoSuchDialect) as exc:
            raise AccountsUnusable(
                "The setting accounts_url is not the URL of a database.",
                "For PostgreSQL: postgresql+pg8000://user:password@host/database.",
            ) from exc

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: kept when the block ends, undone when it fails. Raises AccountsUnusable."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as exc:
            raise AccountsUnusable(f"The accounts cannot be used ({_reason(exc)}).", _HINT) from exc

    def close(self) -> None:
        """Release the database."""
        self._engine.dispose()

    def _upgrade(self) -> None:
        if self._version() == VERSION:
            return
        from filelock import FileLock

        lock = FileLock(f"{self._file}.lock", timeout=_PATIENCE_S) if self._file else nullcontext()
        with lock, self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _migrate(connection)

    def _version(self) -> str | None:
        with self._engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as exc:
        raise AccountsUnusable(
            "The accounts were written by another version of the assistant.", "Start the newer version."
        ) from exc


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _reason(exc: BaseException) -> str:
    """The database's own words, without statement and values, which may hold a digest."""
    return str(getattr(exc, "orig", None) or exc).splitlines()[0][:200]
