"""The database of accounts: the migrations make the tables, several may open it at once, PostgreSQL does as well."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from assistant.accounts import database
from assistant.accounts.copying import copy_accounts, put_accounts
from assistant.accounts.store import Accounts, open_accounts
from assistant.accounts.tables import metadata
from assistant.errors import AccountError, AccountsUnusable
from assistant.settings import Settings
from tests.accounts.conftest import GOOD
from tests.conftest import PROJECT
from tests.fakes import cheap_passwords


def check_tables(opened: database.Database) -> None:
    with opened.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    opened = database.Database(tmp_path / "a.sqlite3")
    check_tables(opened)
    opened.close()
    database.Database(tmp_path / "a.sqlite3").close()  # and opening again changes nothing
    assert ScriptDirectory(str(Path(database.__file__).with_name("migrations"))).get_heads() == [database.VERSION]


def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    database.Database(tmp_path / "a.sqlite3").close()
    with closing(sqlite3.connect(tmp_path / "a.sqlite3")) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()
    with pytest.raises(AccountsUnusable, match="another version"):
        database.Database(tmp_path / "a.sqlite3")


@pytest.mark.parametrize("url", ["no url", "nothing://x/y", "postgresql+pg8000://x:s3cret@127.0.0.1:9/none"])
def test_a_database_that_cannot_be_had_is_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(AccountsUnusable) as refused:
        open_accounts(Settings(accounts_url=url))
    assert "accounts_url" in str(refused.value) and "s3cret" not in str(refused.value)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite3").write_text("these are no accounts, but a text of some length" * 100)
    with pytest.raises(AccountsUnusable):
        database.Database(tmp_path / "a.sqlite3")


def test_programs_that_start_together_make_one_database(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from assistant.accounts.store import Accounts\n"
        "accounts = Accounts(Path(sys.argv[1])); print(accounts.signing_key()); accounts.users.add(sys.argv[2])"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "a.sqlite3"), name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for name in ("ana", "bora", "chan")
    ]
    said = [process.communicate(timeout=120) for process in running]
    assert all(process.returncode == 0 for process in running), said
    assert len({output for output, _ in said}) == 1
    with closing(Accounts(tmp_path / "a.sqlite3", passwords=cheap_passwords())) as accounts:
        assert [user.name for user in accounts.users.list()] == ["ana", "bora", "chan"]


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the test's own."""
    if not (shutil.which("initdb") and shutil.which("postgres")):
        pytest.skip("no PostgreSQL: initdb and postgres are not in PATH")
    folder = tmp_path_factory.mktemp("postgresql")
    other_user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            other_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(folder, "nobody", "nogroup")
        except (LookupError, OSError):
            pytest.skip("PostgreSQL does not run as root and there is no user 'nobody'")
        for parent in folder.parents[:3]:
            if parent.stat().st_uid == 0 and parent != Path("/tmp"):
                parent.chmod(parent.stat().st_mode | 0o011)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": "/", "text": True}
    made = subprocess.run(
        [*other_user, "initdb", "-D", str(folder / "db"), "-U", "tester", "--auth=trust", "-E", "UTF8"],
        **quiet, timeout=300,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    server = subprocess.Popen(
        [*other_user, "postgres", "-D", str(folder / "db"), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1",
         "-c", "fsync=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    url = f"postgresql+pg8000://tester@127.0.0.1:{port}/postgres"
    try:
        for _ in range(300):
            try:
                database.Database(url).close()
                break
            except AccountsUnusable:
                assert server.poll() is None
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.server
@pytest.mark.slow
def test_postgresql_does_the_same(postgresql: str) -> None:
    opened = database.Database(postgresql)
    check_tables(opened)
    opened.close()
    with closing(Accounts(postgresql, passwords=cheap_passwords())) as accounts:
        user = accounts.users.add("민아", ["staff"])
        accounts.set_password("민아", GOOD)
        secret = accounts.sign_in("민아", GOOD, address="192.0.2.1")
        assert accounts.sessions.visitor(secret).labels == {"public", "staff"}
        with pytest.raises(AccountError):
            accounts.users.add("민아")
        assert accounts.tokens.visitor(accounts.tokens.make(user.id, "script")).name == "민아"
        assert accounts.signing_key() == accounts.signing_key()
        accounts.users.of_provider("https://id.example", "1", "ana", ["member"])
        accounts.open_link(accounts.links.make(user.id, "reset"), "reset", GOOD)
        assert not accounts.sessions.visitor(secret).signed_in
        accounts.users.remove("민아")
        assert [user.name for user in accounts.users.list()] == ["ana"]


@pytest.mark.server
@pytest.mark.slow
def test_accounts_are_copied_out_of_postgresql_and_into_it(postgresql: str, tmp_path: Path) -> None:
    with closing(Accounts(postgresql, passwords=cheap_passwords())) as accounts:
        user = accounts.users.add("보라", ["member"])
        accounts.set_password("보라", GOOD)
        token = accounts.tokens.make(user.id, "script")
        accounts.users.of_provider("https://id.example", "2", "chan", ["member"])
        session = accounts.sign_in("보라", GOOD, address="192.0.2.1")
        before = accounts.users.list()
        assert copy_accounts(postgresql, tmp_path / "copy.sqlite3") == len(before)
        accounts.users.remove("보라")
        accounts.users.add("later")
        put_accounts(tmp_path / "copy.sqlite3", postgresql)
        assert accounts.users.list() == before
        assert accounts.tokens.visitor(token).name == "보라" and not accounts.sessions.visitor(session).signed_in
        assert accounts.sign_in("보라", GOOD, address="192.0.2.1")
    put_accounts(tmp_path / "copy.sqlite3", tmp_path / "file.sqlite3")  # and from there into a file
    with closing(Accounts(tmp_path / "file.sqlite3", passwords=cheap_passwords())) as accounts:
        assert accounts.users.list() == before and accounts.sign_in("보라", GOOD, address="192.0.2.1")
