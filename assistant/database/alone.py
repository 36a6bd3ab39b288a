"""A job that one process does at a time, for as long as it likes: others stand by and take over when it has ended.

The lock is an advisory one in PostgreSQL where the settings name a database, which machines share; else a file's.
Either is free as soon as its holder is gone, however it ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from assistant.database.locks import NAMED
from assistant.database.opening import Database, place_of
from assistant.database.tables import CONVERSATIONS
from assistant.errors import PathError

if TYPE_CHECKING:
    from assistant.settings import Settings

#: Between two tries of who stands by, in seconds.
_TRY_S = 1.0


@contextmanager
def alone(settings: Settings, name: str, file: Path, stands_by: Callable[[], None]) -> Iterator[None]:
    """Be the one process that does `name`, or waits to be; `stands_by` is called once where another one does it.

    `file`: the lock where there is no database. Raises PathError.
    """
    where = place_of(CONVERSATIONS, settings)
    with _in_database(where, name) if isinstance(where, str) else _in_file(file) as taken:
        if not taken():
            stands_by()
            while not taken():
                time.sleep(_TRY_S)
        yield


@contextmanager
def _in_database(url: str, name: str) -> Iterator[Callable[[], bool]]:
    lock = text("SELECT pg_try_advisory_lock(:ours, hashtext(:name))")

    def taken() -> bool:
        with database.told():
            return bool(connection.execute(lock, {"ours": NAMED, "name": name}).scalar_one())

    with closing(Database(url, CONVERSATIONS)) as database, closing(database.connect()) as connection:
        try:
            yield taken
        finally:
            connection.invalidate()  # closed, not put back into the pool: it holds the lock


@contextmanager
def _in_file(file: Path) -> Iterator[Callable[[], bool]]:
    from filelock import FileLock, Timeout

    lock = FileLock(file)

    def taken() -> bool:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as exc:
            raise PathError(f"{file} may not be written ({exc.strerror or exc}).", "Make it writable.") from exc
        return True

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise PathError(f"The folder {file.parent} cannot be made ({exc.strerror}).", "Choose another.") from exc
    try:
        yield taken
    finally:
        lock.release()
