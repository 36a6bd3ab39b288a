"""Opening a part: the migrations make the tables, several may open it at once, earlier versions' files go on."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from assistant.accounts.store import Accounts, open_accounts
from assistant.audit import open_audit
from assistant.conversations import open_conversations
from assistant.database import opening
from assistant.database.opening import Database
from assistant.database.tables import (
    ACCOUNTS,
    AUDIT,
    CONVERSATIONS,
    LINE,
    PARTS,
    Part,
    conversations,
    metadata,
    turns,
)
from assistant.errors import AssistantError, PathError
from assistant.settings import Settings
from tests.conftest import PROJECT
from tests.fakes import cheap_passwords

BAD = ["no url", "nothing://x/y", "postgresql+pg8000://x:s3cret@127.0.0.1:9/none"]


def check_tables(opened: Database, *parts: Part, but: tuple[str, ...] = ()) -> None:
    """The tables are there as the code has them, and none of another part; `but`: differences that mean nothing."""
    wanted = sqlalchemy.MetaData()
    for part in parts:
        for table in part.tables:
            table.to_metadata(wanted)
    with opened.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), wanted)
    kinds = [each[0][0] if isinstance(each, list) else each[0] for each in differences]
    assert [kind for kind in kinds if kind not in but] == [], differences


def test_every_table_belongs_to_one_part_whose_newest_migration_is_known() -> None:
    every = (*PARTS, LINE)
    assert sorted(table.name for part in every for table in part.tables) == sorted(metadata.tables)
    scripts = ScriptDirectory(str(Path(opening.__file__).with_name("migrations")))
    for part in every:
        assert scripts.get_revision(f"{part.name}@head").revision == part.version
    assert sorted(scripts.get_heads()) == sorted(part.version for part in every)


@pytest.mark.parametrize("part", [*PARTS, LINE], ids=lambda part: part.name)
def test_the_migrations_make_the_tables_that_the_code_uses(part: Part, tmp_path: Path) -> None:
    for _ in range(2):  # and opening it again changes nothing
        with closing(Database(tmp_path / "a.sqlite3", part)) as opened:
            check_tables(opened, part)
    assert (tmp_path / "a.sqlite3").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["a.sqlite3"]


@pytest.mark.server
@pytest.mark.slow
def test_all_parts_lie_in_one_postgresql_database_over_one_pool(postgresql: str) -> None:
    with (
        closing(Database(postgresql, ACCOUNTS)) as accounts,
        closing(Database(postgresql, CONVERSATIONS)) as talk,
        closing(Database(postgresql, AUDIT)) as audit,
        closing(Database(postgresql, LINE)) as line,
    ):
        check_tables(audit, *PARTS, LINE)
        assert accounts._engine is talk._engine is audit._engine is line._engine
        refused_with = pytest.raises(PathError, match=r"cannot be used \(duplicate key[^{}]*\)")
        with refused_with as refused, talk.begin() as connection:
            connection.execute(sqlalchemy.insert(conversations), [{"id": "s3cret", "user": ""}] * 2)
        assert "s3cret" not in str(refused.value)
        talk.close()
        talk.close()
        check_tables(audit, *PARTS, LINE)
    assert postgresql not in opening._servers._known


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_newer_database_is_not_touched(part: Part, tmp_path: Path) -> None:
    Database(tmp_path / "a.sqlite3", part).close()
    with closing(sqlite3.connect(tmp_path / "a.sqlite3")) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.commit()
    before = (tmp_path / "a.sqlite3").read_bytes()
    with pytest.raises(part.error, match="another version"):
        Database(tmp_path / "a.sqlite3", part)
    assert (tmp_path / "a.sqlite3").read_bytes() == before


@pytest.mark.parametrize("url", BAD)
@pytest.mark.parametrize("opens", [open_accounts, open_conversations, open_audit])
def test_a_database_that_cannot_be_had_is_one_sentence_without_the_password(opens: object, url: str) -> None:
    with pytest.raises(AssistantError) as refused:
        opens(Settings(database_url=url))  # type: ignore[operator]
    assert "database_url" in str(refused.value) and "s3cret" not in str(refused.value)
    assert url not in opening._servers._known


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_file_that_is_no_database_is_one_sentence_that_names_it(part: Part, tmp_path: Path) -> None:
    (tmp_path / "a.sqlite3").write_text("this is no database, but a text of some length" * 100)
    with pytest.raises(part.error, match=r"a\.sqlite3.*not a database"):
        Database(tmp_path / "a.sqlite3", part)


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


# --- files of before there were migrations ----------------------------------------------------------------------------

#: As the stores made their tables themselves.
EARLIER = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, begun_at TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '')
    WITHOUT ROWID;
CREATE TABLE turns (
    conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    asked_at TEXT NOT NULL, record TEXT NOT NULL, rating TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '', PRIMARY KEY (conversation, number)) WITHOUT ROWID;
CREATE TABLE floor_notes (
    id TEXT PRIMARY KEY, received_at TEXT NOT NULL, written_at TEXT NOT NULL, machine TEXT NOT NULL,
    document_id TEXT NOT NULL, version TEXT NOT NULL, query TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
    note TEXT NOT NULL, language TEXT NOT NULL, user TEXT NOT NULL, labels TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX floor_notes_machine ON floor_notes(machine, received_at);
CREATE TABLE staff_history (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, document_id TEXT NOT NULL,
    file TEXT NOT NULL, root TEXT NOT NULL, title TEXT NOT NULL, labels TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX staff_history_document ON staff_history(document_id, number);
CREATE TABLE staff_marks (
    kind TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (kind, key)) WITHOUT ROWID;
INSERT INTO conversations VALUES ('c', 'u1', '2026-11-01T00:00:00.000+00:00', '이름');
INSERT INTO turns VALUES
    ('c', 1, '2026-11-01T00:00:00.000+00:00', '{"question": "하나", "answer": {"status": "refused"}}', 'up', '', ''),
    ('c', 2, '2026-11-01T00:00:01.000+00:00', '{"question": "둘", "answer": null}', '', '', '');
INSERT INTO floor_notes VALUES ('n', 't', 't', 'm', 'd', '', 'q', 'call', '', '', 'ko', '', 'public');
INSERT INTO staff_history VALUES (7, 't', 'mina', 'publish', 'd', 'f', 'r', 't', '["public"]', '');
INSERT INTO staff_marks VALUES ('note', 'n', 'seen', 'mina', 't');
"""
EARLIER_AUDIT = """
CREATE TABLE shown (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, user TEXT NOT NULL, name TEXT NOT NULL, door TEXT NOT NULL,
    documents TEXT NOT NULL);
CREATE INDEX shown_at ON shown(at);
INSERT INTO shown VALUES (3, '2026-11-01T00:00:00+00:00', 'u1', 'mina', 'page', '[["d", ["public"]]]');
"""


def made(file: Path, script: str) -> Path:
    with closing(sqlite3.connect(file)) as db:
        db.executescript(script)
    return file


def test_what_the_stores_made_themselves_goes_on(tmp_path: Path) -> None:
    # that keys are never NULL went without saying, and SQLAlchemy does not read what stands at the column
    written_otherwise = ("modify_nullable", "remove_fk", "add_fk")
    with closing(Database(made(tmp_path / "talk.sqlite3", EARLIER), CONVERSATIONS)) as opened:
        check_tables(opened, CONVERSATIONS, but=written_otherwise)
        with opened.begin() as connection:
            counts = [len(connection.execute(sqlalchemy.select(table)).all()) for table in CONVERSATIONS.tables]
            questions = connection.execute(sqlalchemy.select(turns.c.question, turns.c.status)).all()
            title = connection.execute(sqlalchemy.select(conversations.c.title)).scalar()
            connection.execute(sqlalchemy.delete(conversations))
            assert connection.execute(sqlalchemy.select(turns)).all() == [], "turns go with their conversation"
    assert counts == [1, 2, 1, 1, 1] and questions == [("하나", "refused"), ("둘", "")] and title == "이름"
    with closing(Database(made(tmp_path / "audit.sqlite3", EARLIER_AUDIT), AUDIT)) as opened:
        check_tables(opened, AUDIT, but=written_otherwise)
        with opened.begin() as connection:
            assert [row.number for row in connection.execute(sqlalchemy.select(AUDIT.tables[0]))] == [3]


def test_an_upgrade_that_is_stopped_halfway_has_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = made(tmp_path / "talk.sqlite3", EARLIER.replace('{"question": "둘", "answer": null}', "cut"))
    with pytest.raises(ValueError, match="Expecting value"):
        Database(file, CONVERSATIONS)
    with closing(sqlite3.connect(file)) as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = {row[1] for row in db.execute("PRAGMA table_info(turns)")}
    assert "alembic_version" not in tables and "question" not in columns
