"""PostgreSQL for the tests: one server of their own, and an empty database for each; skipped where it is not there."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
import sqlalchemy.exc


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of the tests' own, less the name of a database."""
    if not (shutil.which("initdb") and shutil.which("postgres")):
        pytest.skip("no PostgreSQL: initdb and postgres are not in PATH")
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:  # every user reaches it, unlike pytest's own
        yield from _served(Path(folder))


def _served(folder: Path) -> Iterator[str]:
    other_user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            other_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(folder, "nobody", "nogroup")
        except (LookupError, OSError):
            pytest.skip("PostgreSQL does not run as root and there is no user 'nobody'")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = subprocess.run(
        [*other_user, "initdb", "-D", str(folder / "db"), "-U", "tester", "--auth=trust", "-E", "UTF8", "--no-sync"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", text=True, timeout=300,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    server = subprocess.Popen(
        [*other_user, "postgres", "-D", str(folder / "db"), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1",
         "-c", "fsync=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None
            time.sleep(0.1)
        yield f"postgresql+pg8000://tester@127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)  # whoever is connected is cut off
        server.wait(60)


@pytest.fixture
def postgresql(postgresql_server: str) -> str:
    """The URL of an empty database of the test's own."""
    return new_database(postgresql_server)


def new_database(server: str) -> str:
    """The URL of an empty database."""
    name = f"t{uuid.uuid4().hex}"
    for _ in range(100):
        engine = sqlalchemy.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
            break
        except sqlalchemy.exc.SQLAlchemyError:  # it is starting up
            time.sleep(0.1)
        finally:
            engine.dispose()
    return f"{server}/{name}"


@pytest.fixture(params=["file", pytest.param("postgresql", marks=[pytest.mark.server, pytest.mark.slow])])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store is to keep its rows: each of the two kinds of databases."""
    return tmp_path / "kept.sqlite3" if request.param == "file" else str(request.getfixturevalue("postgresql"))
