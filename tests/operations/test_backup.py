"""Backup and restore: everything as it was at one instant, taken while others read and write, put back whole or not."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from assistant.accounts.store import Accounts
from assistant.accounts.visitors import Visitor
from assistant.audit import open_audit
from assistant.cli import cli
from assistant.conversations import open_conversations
from assistant.errors import BackupError, ConversationMissing, IndexLocked, IndexMissing, SignInRefused
from assistant.floor.notes import FloorNotes
from assistant.index import Index
from assistant.index.copying import copy_index, put_index
from assistant.index.store import open_index, write_index
from assistant.index.writer import writer_lock
from assistant.ingest import ingest, opened
from assistant.ingest.labels import Given
from assistant.ingest.repair import Differences, compare
from assistant.operations import archive, restore
from assistant.operations.backup import back_up
from assistant.retrieval import HybridRetriever
from assistant.settings import Settings
from assistant.shelf import listed
from assistant.staff.journal import Entry, Journal
from assistant.text.tokens import terms
from tests.conftest import FAKE_FINGERPRINT, LAUNCH
from tests.database.test_opening import EARLIER
from tests.fakes import FakeEmbedder, cheap_passwords
from tests.floor.test_notes import NOTE
from tests.operations.test_upgrade import STATE
from tests.operations.turns import ANSWER, OPEN, add_turn

GOOD = "correct horse battery"
ALL = ["public", "staff"]


@pytest.fixture(autouse=True)
def _fake_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "fingerprint", lambda *_: FAKE_FINGERPRINT)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    """Another installation, on which nothing is yet."""
    top = tmp_path / "elsewhere"
    return Settings(
        index=top / "indexes" / "default",
        access_file=top / "access.toml",
        conversations=top / "talk" / "conversations.sqlite3",
        audit=top / "audit.sqlite3",
        accounts=top / "accounts.sqlite3",
    )


@pytest.fixture
def used(index: Index, settings: Settings, corpus: Path) -> Iterator[Settings]:
    """An installation with documents, a conversation, users and labels; its index is open for writing."""
    Given(index.folder).give([corpus / "lockout.en.md"], ["staff"])
    settings.access_file.write_text('[users]\nmina = ["staff"]\n', encoding="utf-8")
    with closing(open_conversations(settings)) as store:
        name = store.begin("u1")
    settings.access_file.with_name("conversation").write_text(name)
    add_turn(settings.conversations, name)
    with closing(Accounts(settings.accounts, passwords=cheap_passwords())) as accounts:
        user = accounts.users.add("mina", ["staff", "company:gaon"])
        accounts.set_password("mina", GOOD)
        settings.access_file.with_name("session").write_text(accounts.sign_in("mina", GOOD, address="192.0.2.1"))
        settings.access_file.with_name("token").write_text(accounts.tokens.make(user.id, "script"))
        settings.access_file.with_name("link").write_text(accounts.links.make(user.id, "reset"))
    yield settings


def noted(settings: Settings, name: str) -> str:
    return settings.access_file.with_name(name).read_text()


def hits(folder: Path, embedder: FakeEmbedder) -> list[object]:
    with open_index(folder, FAKE_FINGERPRINT) as index:
        asked = ("153개 기업과 기관", "Stored energy", "예산은 7억")
        return [
            *(index.seen_by(ALL).search_words(terms(each), 3) for each in asked),
            *(index.seen_by(ALL).search_vectors(embedder.encode_query(each), 3) for each in asked),
            index.seen_by(ALL).documents(),
            [index.seen_by(ALL).document_text(document.document_id) for document in index.seen_by(ALL).documents()],
        ]


def test_everything_is_as_it_was(used: Settings, elsewhere: Settings, tmp_path: Path, embedder: FakeEmbedder) -> None:
    made = back_up(used, tmp_path / "one.tar.gz")
    assert made.manifest.counts == {"documents": 3, "passages": 3, "conversations": 1, "users": 1}
    assert made.file.stat().st_mode & 0o777 == 0o600
    restore.restore(made.file, elsewhere)
    assert hits(elsewhere.index, embedder) == hits(used.index, embedder)
    assert json.loads((elsewhere.index / "folder_labels.json").read_text()), "labels given to folders hold on"
    assert elsewhere.access_file.read_text() == used.access_file.read_text()
    with closing(open_conversations(elsewhere)) as store:
        (kept,) = store.turns(noted(used, "conversation"), "u1", frozenset(ALL))
        assert (kept.question, kept.answer, kept.rating, kept.note) == ("얼마인가요?", ANSWER, "down", "짧게")
    assert elsewhere.conversations.stat().st_mode & 0o777 == 0o600
    with closing(Accounts(elsewhere.accounts, passwords=cheap_passwords())) as accounts:
        assert accounts.users.named("mina").groups == ("company:gaon", "staff")
        assert accounts.sign_in("mina", GOOD, address="192.0.2.1")
        assert accounts.tokens.visitor(noted(used, "token")).name == "mina"


def test_the_audit_log_is_in_it(used: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    on = used.model_copy(update={"audit_days": 30})
    with closing(open_audit(on)) as audit:
        for document in ("a.md", "b.md"):
            audit.note(Visitor("u1", "mina", frozenset()), "page", [replace(OPEN, document_id=document)])
        before = list(audit.entries())
    made = back_up(on, tmp_path / "one.tar.gz")
    assert made.manifest.counts["audit entries"] == 2
    elsewhere = elsewhere.model_copy(update={"audit_days": 30})
    with closing(open_audit(elsewhere)) as running:  # which is served meanwhile
        running.note(Visitor("u2", "juno", frozenset()), "page", [OPEN])
        with pytest.raises(BackupError, match=r"audit\.sqlite3"):
            restore.restore(made.file, elsewhere)
        restore.restore(made.file, elsewhere, replace=True)
        assert list(running.entries()) == before
        running.note(Visitor("u2", "juno", frozenset()), "page", [OPEN])
        assert [entry.name for entry in running.entries()] == ["mina", "mina", "juno"]
    assert elsewhere.audit.stat().st_mode & 0o777 == 0o600


@pytest.mark.server
@pytest.mark.slow
def test_from_files_into_postgresql_and_out_of_it(
    used: Settings, elsewhere: Settings, postgresql: str, tmp_path: Path
) -> None:
    """All parts, as they were, and what is written later stands after it."""
    on = {"audit_days": 30}
    used, elsewhere = used.model_copy(update=on), elsewhere.model_copy(update=on)
    server = elsewhere.model_copy(update={"database_url": SecretStr(postgresql)})
    visitor = Visitor("u1", "mina", frozenset())
    published = Entry("publish", "mina", "a.md", "f", "r", "t", ("public",))
    with closing(open_audit(used)) as audit, closing(Journal(used.conversations)) as journal:
        audit.note(visitor, "page", [OPEN])
        journal.note(published)
    with closing(FloorNotes(used.conversations)) as notes:
        notes.add(NOTE)
    restore.restore(back_up(used, tmp_path / "one.tar.gz").file, server)
    assert not elsewhere.conversations.exists() and not elsewhere.audit.exists() and not elsewhere.accounts.exists()
    with pytest.raises(BackupError, match="in the database"):
        restore.restore(tmp_path / "one.tar.gz", server)
    with closing(open_audit(server)) as audit, closing(Journal(postgresql)) as journal:
        audit.note(visitor, "later", [OPEN])
        journal.note(published)
    restore.restore(back_up(server, tmp_path / "two.tar.gz").file, elsewhere, replace=True)
    with closing(open_conversations(elsewhere)) as store:
        (kept,) = store.turns(noted(used, "conversation"), "u1", frozenset(ALL))
        assert (kept.question, kept.answer, kept.rating) == ("얼마인가요?", ANSWER, "down")
    with closing(open_audit(elsewhere)) as audit, closing(Journal(elsewhere.conversations)) as journal:
        assert [entry.door for entry in audit.entries()] == ["page", "later"]
        assert [replace(each, at="") for each in journal.history({"public"})] == [published, published]
    with closing(FloorNotes(elsewhere.conversations)) as notes:
        assert [note.note for note in notes.all({"public"})] == [NOTE.note]
    with closing(Accounts(elsewhere.accounts, passwords=cheap_passwords())) as accounts:
        assert accounts.sign_in("mina", GOOD, address="192.0.2.1")


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(
    used: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    """Its conversations go under a server that runs, as they were written before there were migrations."""
    made = back_up(used, tmp_path / "one.tar.gz")

    def earlier(members: dict[str, bytes]) -> None:
        file = tmp_path / "earlier.sqlite3"
        with closing(sqlite3.connect(file)) as db:
            db.executescript(EARLIER)
        members["conversations.sqlite3"] = file.read_bytes()
        manifest = json.loads(members["manifest.json"])
        manifest["files"]["conversations.sqlite3"] = hashlib.sha256(file.read_bytes()).hexdigest()
        members["manifest.json"] = json.dumps(manifest).encode()

    with closing(open_conversations(elsewhere)) as running:
        restore.restore(repacked(made.file, tmp_path / "two.tar.gz", earlier), elsewhere, replace=True)
        assert [entry.questions for entry in listed(running, "u1")] == [("하나", "둘")]


def test_nobody_comes_back_in_who_signed_out(used: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    made = back_up(used, tmp_path / "one.tar.gz")
    restore.restore(made.file, elsewhere)
    with closing(Accounts(elsewhere.accounts, passwords=cheap_passwords())) as accounts:
        assert not accounts.sessions.visitor(noted(used, "session")).signed_in
        with pytest.raises(Exception, match="link"):
            accounts.open_link(noted(used, "link"), "reset", GOOD)
        with pytest.raises(SignInRefused):
            accounts.sign_in("mina", "wrong", address="192.0.2.1")


def test_taken_while_others_write_it_is_whole(
    index: Index, used: Settings, elsewhere: Settings, corpus: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    """Documents come, change and go, conversations grow and people search, all the time."""
    stop, failed = threading.Event(), []

    def keep_on(work: Callable[[int], None]) -> threading.Thread:
        def run() -> None:
            number = 0
            try:
                while not stop.is_set():
                    number += 1
                    work(number)
            except Exception as exc:  # noqa: BLE001 - shown below
                failed.append(exc)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def write(number: int) -> None:
        (corpus / f"n{number % 7}.md").write_text(f"# 문서 {number}\n\n새 내용 {number}개입니다.", encoding="utf-8")
        (corpus / f"n{(number + 3) % 7}.md").unlink(missing_ok=True)
        ingest([corpus], index, embedder)

    def talk(number: int) -> None:
        with closing(open_conversations(used)) as store:
            add_turn(used.conversations, store.begin("u1"))

    def search(number: int) -> None:
        with open_index(used.index, FAKE_FINGERPRINT) as reading:
            reading.seen_by(ALL).search_words(terms("새 내용"), 3)
            reading.seen_by(ALL).search_vectors(embedder.encode_query("새 내용"), 3)

    threads = [keep_on(work) for work in (write, talk, search)]
    try:
        made = [back_up(used, tmp_path / f"{number}.tar.gz") for number in range(4)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failed
    for backup in made:
        restore.restore(backup.file, elsewhere, replace=True)
        with write_index(elsewhere.index, FAKE_FINGERPRINT) as restored:
            found = compare(restored, files=False)
            assert not (found.damage or found.in_words or found.vectors_error or found.lost)
            assert restored.catalog.size()["documents"] == backup.manifest.counts["documents"]
            assert restored.progress() is None
            ingest([corpus], restored, embedder)
            assert compare(restored) == Differences()
        with closing(sqlite3.connect(elsewhere.conversations)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def found(folder: Path, embedder: FakeEmbedder, questions: list[str]) -> list[list[tuple[str, int, float]]]:
    with open_index(folder, FAKE_FINGERPRINT) as index:
        retriever = HybridRetriever(index, embedder)
        hits = [retriever.search(question, frozenset(ALL), 20) for question in questions]
    return [[(hit.document.document_id, hit.passage.start, hit.score) for hit in each] for each in hits]


def test_a_backup_taken_while_serving_finds_the_same_elsewhere_and_so_does_an_index_made_anew(
    index: Index, used: Settings, elsewhere: Settings, corpus: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    """40 questions, all hits with their scores. The index has grown and shrunk in parts; the one made anew has not."""
    parts = ["펌프", "밸브", "정비", "사업", "비용", "기한", "압력", "센서", "계약", "점검"]
    for first in (0, 15, 30):
        for number in range(first, first + 15):
            said = [
                f"{parts[(number + at) % 10]} {parts[number * 3 % 10]} {number * at} 번째 항목." for at in range(1, 6)
            ]
            (corpus / f"n{number}.md").write_text(f"# 문서 {number}\n\n" + "\n\n".join(said), encoding="utf-8")
        (corpus / f"n{first + 2}.md").unlink()
        ingest([corpus], index, embedder)
    questions = [f"{parts[n % 10]} {parts[(n // 4) % 10]} {n} 번째 항목은?" for n in range(40)]
    before = found(used.index, embedder, questions)
    stop, during = threading.Event(), []

    def serve() -> None:
        while not stop.is_set():
            during.append(found(used.index, embedder, questions))

    serving = threading.Thread(target=serve)
    serving.start()
    made = back_up(used, tmp_path / "one.tar.gz")
    while not during:
        stop.wait(0.05)
    stop.set()
    serving.join()
    assert all(each == before for each in during) and all(len(each) == 20 for each in before)
    restore.restore(made.file, elsewhere)
    assert found(elsewhere.index, embedder, questions) == before
    with write_index(tmp_path / "anew", FAKE_FINGERPRINT) as anew:
        Given(anew.folder).give([corpus / "lockout.en.md"], ["staff"])
        ingest([corpus], anew, embedder)
    assert found(tmp_path / "anew", embedder, questions) == before


def test_who_reads_meanwhile_goes_on_with_what_was_put_back(
    used: Settings, index: Index, corpus: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    made = back_up(used, tmp_path / "one.tar.gz")
    before = hits(used.index, embedder)
    (corpus / "launch.ko.md").write_text(LAUNCH.replace("153개", "999개"), encoding="utf-8")
    (corpus / "lockout.en.md").unlink()
    ingest([corpus], index, embedder)
    conversation = noted(used, "conversation")
    with open_index(used.index, FAKE_FINGERPRINT) as reading, closing(open_conversations(used)) as store:
        assert (
            reading.seen_by(ALL).search_words(terms("999개 기업"), 1)
            and reading.seen_by(ALL).counts()["documents"] == 2
        )
        reading.seen_by(ALL).search_vectors(embedder.encode_query("999개 기업과 기관"), 3)
        store.delete(conversation, "u1")
        index.close()
        with pytest.raises(IndexLocked):  # the fixture still holds the lock, as a run would
            restore.restore(made.file, used, replace=True)
        assert reading.seen_by(ALL).counts()["documents"] == 2, "what is refused changes nothing"
        with pytest.raises(ConversationMissing):
            store.turns(conversation, "u1", frozenset(ALL))
        copy_index(used.index, tmp_path / "copy")  # what restore does once the lock is free
        with tarfile.open(made.file) as packed:
            packed.extractall(tmp_path / "out")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("assistant.index.homes.writer_lock", lambda folder, **_: closing(io.StringIO()))
            put_index(tmp_path / "out" / "index", used.index)
        assert reading.seen_by(ALL).counts()["documents"] == 3
        assert reading.seen_by(ALL).search_vectors(embedder.encode_query("Stored energy"), 3) == before[4]
        assert reading.seen_by(ALL).search_words(terms("153개 기업과 기관"), 3) == before[0]


def test_what_is_there_goes_only_when_that_is_said(used: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    made = back_up(used, tmp_path / "one.tar.gz")
    elsewhere.conversations.parent.mkdir(parents=True)
    elsewhere.conversations.write_bytes(b"")
    with pytest.raises(BackupError, match="something already"):
        restore.restore(made.file, elsewhere)
    assert not elsewhere.index.exists()
    restore.restore(made.file, elsewhere, replace=True)
    assert elsewhere.index.exists()


def repacked(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with other members; the manifest stays first."""
    with tarfile.open(source) as packed:
        members = {each.name: packed.extractfile(each).read() for each in packed}  # type: ignore[union-attr]
    change(members)
    with tarfile.open(target, "w:gz") as packed:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return target


def other_content(members: dict[str, bytes]) -> None:
    members["conversations.sqlite3"] = members["conversations.sqlite3"].replace(b"SQLite", b"SQLitE")


def one_less(members: dict[str, bytes]) -> None:
    del members["accounts.sqlite3"]


def one_more(members: dict[str, bytes]) -> None:
    members["../outside"] = b"x"


def a_name_that_leads_outside(members: dict[str, bytes]) -> None:
    manifest = json.loads(members["manifest.json"])
    manifest["files"]["../../outside"] = "0" * 64
    members["manifest.json"] = json.dumps(manifest).encode()
    members["../../outside"] = b"x"


def another_format(members: dict[str, bytes]) -> None:
    members["manifest.json"] = members["manifest.json"].replace(b'"format": 1', b'"format": 99')


def no_manifest(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


@pytest.mark.parametrize(
    "change", [other_content, one_less, one_more, a_name_that_leads_outside, another_format, no_manifest]
)
def test_a_backup_that_was_changed_is_refused_before_anything_is(
    change: Callable[[dict[str, bytes]], None], used: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    made = back_up(used, tmp_path / "one.tar.gz")
    with pytest.raises(BackupError):
        restore.restore(repacked(made.file, tmp_path / "two.tar.gz", change), elsewhere)
    assert not list(tmp_path.rglob("outside"))
    assert not elsewhere.index.exists() and not elsewhere.conversations.exists() and not elsewhere.accounts.exists()
    assert not list(elsewhere.index.parent.glob(".restore-*"))


@pytest.mark.parametrize("content", [b"", b"no archive at all" * 99])
def test_what_is_no_backup_is_one_sentence(content: bytes, elsewhere: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(content)
    with pytest.raises(BackupError, match=r"x\.tar\.gz"):
        restore.restore(tmp_path / "x.tar.gz", elsewhere)
    with pytest.raises(BackupError, match="no file"):
        restore.restore(tmp_path / "none", elsewhere)


def test_one_that_was_cut_off_is_refused(used: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    made = back_up(used, tmp_path / "one.tar.gz")
    made.file.write_bytes(made.file.read_bytes()[:-2000])
    with pytest.raises(BackupError):
        restore.check(made.file, elsewhere)


def test_no_backup_is_overwritten_and_nothing_is_left_of_one_that_failed(
    used: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    with pytest.raises(BackupError, match="already"):
        back_up(used, folder / "mine")
    with pytest.raises(BackupError, match="No backup can be made"):
        back_up(used, tmp_path / "nowhere" / "x")
    monkeypatch.setattr(archive.tarfile.TarFile, "add", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(BackupError, match="full"):
        back_up(used, folder)
    assert [each.name for each in folder.iterdir()] == ["mine"] and (folder / "mine").read_text() == "mine"


def test_of_many_only_the_newest_stay_and_other_files_are_not_touched(used: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in (
        "alliance-assistant-20250101T000000Z.tar.gz",
        "alliance-assistant-20250102T000000Z.tar.gz",
        "a.tar.gz",
    ):
        (folder / name).write_bytes(b"")
    made = back_up(used, folder, keep=2)
    assert sorted(each.name for each in folder.iterdir()) == sorted(
        ["a.tar.gz", "alliance-assistant-20250102T000000Z.tar.gz", made.file.name]
    )
    assert [each.name for each in made.removed] == ["alliance-assistant-20250101T000000Z.tar.gz"]


def test_an_index_of_another_embedder_stays_out_and_the_rest_goes_in(
    used: Settings, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = back_up(used, tmp_path / "one.tar.gz")
    monkeypatch.setattr(opened, "fingerprint", lambda *_: {**FAKE_FINGERPRINT, "embedder": "another/prompt-1"})
    done = restore.restore(made.file, elsewhere)
    assert (
        "another/prompt-1" in done.unusable
        and "--rebuild" in done.unusable
        and str(tmp_path / ".") not in (done.unusable.partition("Run")[0])
    )
    assert not (elsewhere.index / "catalog.sqlite3").exists() and elsewhere.conversations.exists()


def test_a_backup_of_what_0_1_0_left_is_brought_up_to_date(elsewhere: Settings, tmp_path: Path) -> None:
    with tarfile.open(STATE) as packed:
        packed.extractall(tmp_path / "old")
    old = tmp_path / "old" / "indexes"
    before = Settings(
        index=old / "default",
        conversations=old / "conversations.sqlite3",
        accounts=old / "none.sqlite3",
        access_file=old / "none.toml",
    )
    made = back_up(before, tmp_path / "one.tar.gz")
    assert made.manifest.index["schema"] == "3" and "users" not in made.manifest.counts
    assert not restore.restore(made.file, elsewhere).unusable
    with open_index(elsewhere.index, FAKE_FINGERPRINT) as index:
        assert index.seen_by(ALL).counts()["documents"] == 3
    assert not elsewhere.accounts.exists()


def test_without_an_index_there_is_nothing_to_back_up(elsewhere: Settings, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        back_up(elsewhere, tmp_path / "one.tar.gz")
    assert not list(tmp_path.glob("*.tar.gz")) and not list(tmp_path.glob(".backup-*"))


def test_the_commands(used: Settings, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def environment(settings: Settings) -> dict[str, str]:
        names = ("index", "conversations", "accounts", "access_file")
        return {f"ASSISTANT_{name.upper()}": str(getattr(settings, name)) for name in names}

    def run(settings: Settings, *arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, list(arguments), env=environment(settings))
        return done.exit_code, done.output

    code, said = run(used, "backup", str(tmp_path / "one.tar.gz"))
    assert code == 0 and "3 documents" in said and "1 users" in said
    assert run(used, "backup", str(tmp_path / "two.tar.gz"), "--keep", "3")[0] == 1
    code, said = run(elsewhere, "restore", str(tmp_path / "one.tar.gz"), "--check", "--json")
    assert code == 0 and json.loads(said)["counts"]["documents"] == 3 and not elsewhere.index.exists()
    assert run(elsewhere, "restore", str(tmp_path / "one.tar.gz"))[0] == 0
    code, said = run(elsewhere, "restore", str(tmp_path / "one.tar.gz"))
    assert code == 1 and "--replace" in said
    monkeypatch.setattr(opened, "fingerprint", lambda *_: {**FAKE_FINGERPRINT, "embedder": "another/prompt-1"})
    code, said = run(elsewhere, "restore", str(tmp_path / "one.tar.gz"), "--replace")
    assert code == 2 and "--rebuild" in said
    with writer_lock(elsewhere.index):
        pass  # it was given back
