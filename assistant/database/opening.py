"""Opening a database, bringing its tables up to date, and telling its errors in a sentence."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from assistant.database.locks import NAMED
from assistant.database.server_errors import reason_of
from assistant.database.tables import Part
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.settings import Settings

_MIGRATIONS = Path(__file__).with_name("migrations")
_PATIENCE_S = 30


def place_of(part: Part, settings: Settings) -> Path | str:
    """Where the settings keep a part: the database at a URL, else a file of its own."""
    return settings.database_url.get_secret_value() or Path(getattr(settings, part.name))


class Database:
    """One part, made or upgraded when it is opened. Safe for several threads and processes."""

    def __init__(self, where: Path | str, part: Part) -> None:
        """Open the SQLite file (Path), made when there is none, or the database at a SQLAlchemy URL (str).

        Raises the part's error.
        """
        self._where = where
        self._part = part
        self._closed = False
        self._turn = threading.Lock() if isinstance(where, Path) else nullcontext()
        try:
            self._engine = _file_engine(where) if isinstance(where, Path) else _servers.take(where)
        except (OSError, SQLAlchemyError, ImportError) as exc:
            raise self.error("opened", exc) from exc
        try:
            self._upgrade()
        except SQLAlchemyError as exc:
            self.close()
            raise self.error("opened", exc) from exc
        except BaseException:
            self.close()
            raise

    @contextmanager
    def begin(self, alone: str = "") -> Iterator[Connection]:
        """A transaction: kept when the block ends, undone when it fails. Raises the part's error.

        `alone`: no other block of that name runs meanwhile, in any process, so that what is read in it still holds
        when something is written.
        """
        with self.told(), self._turn if alone else nullcontext(), self._engine.begin() as connection:
            if alone:
                _wait_for(connection, alone)
            yield connection

    @contextmanager
    def clean_up(self) -> Iterator[Connection | None]:
        """A transaction for what is to be done now and then; None while another process of PostgreSQL's is at it."""
        with self.begin() as connection:
            if connection.dialect.name == "postgresql":
                lock = text("SELECT pg_try_advisory_xact_lock(:ours, hashtext(:name))")
                named = {"ours": NAMED, "name": f"clean-up of {self._part.name}"}
                yield connection if connection.execute(lock, named).scalar_one() else None
            else:
                yield connection

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raise what the database raises inside the block as the part's error."""
        try:
            yield
        except SQLAlchemyError as exc:
            raise self.error("used", exc) from exc

    def connect(self) -> Connection:
        """A connection of the caller's own, each statement a transaction of its own. Raises the part's error."""
        with self.told():
            return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Release the database."""
        closed, self._closed = self._closed, True
        if isinstance(self._where, Path):
            self._engine.dispose()
        elif not closed:
            _servers.give_back(self._where)

    def _upgrade(self) -> None:
        if self._part.version in self._versions():
            return
        with self._engine.begin() as connection:
            _wait_for(connection, "migrations")
            self._migrate(connection)

    def _versions(self) -> set[str]:
        with self._engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return set()
            return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())

    def _migrate(self, connection: Connection) -> None:
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, f"{self._part.name}@head")
        except CommandError as exc:
            raise self._part.error(
                f"The {self._part.called} were written by another version of the assistant.", "Start the newer version."
            ) from exc

    def error(self, verb: str, exc: BaseException) -> AssistantError:
        """Tell in a sentence what the database said."""
        is_file = isinstance(self._where, Path)
        where = f" in {self._where}" if is_file else ""
        return self._part.error(
            f"The {self._part.called}{where} cannot be {verb} ({reason_of(exc)}).",
            f"See the settings `{self._part.name}` and `database_url`."
            if is_file
            else "See the setting `database_url`.",
        )


def _wait_for(connection: Connection, name: str) -> None:
    """Wait until no other transaction has this name: SQLite has one writer at a time anyway."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:ours, hashtext(:name))"), {"ours": NAMED, "name": name})


def _file_engine(file: Path) -> Engine:
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    file.chmod(0o600)
    return _engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": _PATIENCE_S})


def _engine(url: URL, **options: Any) -> Engine:
    engine = create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # what is deleted is overwritten, and a write-ahead log would keep it
    for pragma in ("foreign_keys = ON", "secure_delete = ON", "journal_mode = DELETE"):
        connection.execute(f"PRAGMA {pragma}")


@dataclass
class _Server:
    engine: Engine
    holders: int = 0


class _Servers:
    """One pool of connections for each database server, however many parts of this process are in it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, _Server] = {}

    def take(self, url: str) -> Engine:
        with self._lock:
            if url not in self._known:
                self._known[url] = _Server(_engine(make_url(url), pool_pre_ping=True))
            self._known[url].holders += 1
            return self._known[url].engine

    def give_back(self, url: str) -> None:
        with self._lock:
            server = self._known[url]
            server.holders -= 1
            if not server.holders:
                del self._known[url]
                server.engine.dispose()


_servers = _Servers()
