"""The catalogue on PostgreSQL: several readers, one writer, breaks, and an index carried there and back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assistant.cli import cli
from assistant.errors import CatalogAway, IndexCorrupt, IndexLocked, IndexMismatch, IndexMissing, SettingsError
from assistant.evaluation.crash import stored
from assistant.index import Index, open_index
from assistant.index.copying import copy_index, put_index
from assistant.index.homes import SchemaHome, schema_name
from assistant.index.postgresql import Connection
from assistant.index.store import write_index
from assistant.index.writer import Holder
from assistant.ingest import ingest
from assistant.ingest.repair import Differences, compare
from assistant.schema import Passage
from assistant.text.tokens import Terms, terms
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.fakes import FakeEmbedder
from tests.pairs import FILES, Pair, used

pytestmark = [pytest.mark.server, pytest.mark.slow]
PUBLIC, EVERYBODY = ["public"], ["public", "staff"]
QUESTIONS = ["153개 기업과 기관", "lockout device pressure", "앵커기업 포스코홀딩스", "가온정밀 제안 예산", "bar 0"]


@pytest.fixture(autouse=True)
def url(postgresql: str) -> Iterator[str]:
    """A database of the test's own; vectors stay in the folder, which is another matter."""
    with used(Pair(url=postgresql)):
        yield postgresql


@pytest.fixture
def folder(corpus: Path, tmp_path: Path) -> Path:
    """An index of `corpus`."""
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([corpus], index, FakeEmbedder())
    return tmp_path / "index"


def found(index: Index, labels: list[str]) -> list[list[tuple[str, float]]]:
    return [index.seen_by(labels).search_words(terms(question), 20) for question in QUESTIONS]


def test_words_are_found_as_in_a_file(folder: Path, url: str, corpus: Path, tmp_path: Path) -> None:
    """The same passages in the same order with the same scores, phrases and codes included."""
    with used(FILES), write_index(tmp_path / "file", FAKE_FINGERPRINT) as file:
        ingest([corpus], file, FakeEmbedder())
        with open_index(folder, FAKE_FINGERPRINT, url=url) as there:
            for labels in (PUBLIC, EVERYBODY, ["unknown"]):
                here, over_there = found(file, labels), found(there, labels)
                assert [list(dict(hits)) for hits in here] == [list(dict(hits)) for hits in over_there]
                scores = [[score for _, score in hits] for hits in here]
                assert scores == [pytest.approx([score for _, score in hits]) for hits in over_there]
                assert any(scores) or labels == ["unknown"]


@pytest.mark.parametrize(
    "words", ["don't 'stop' \\ here", "a'); DROP TABLE lexical; --", "|&!()<->:*", "x\0y", "가" * 3000]
)
def test_what_looks_like_a_query_is_text(folder: Path, corpus: Path, words: str) -> None:
    (corpus / "odd.txt").write_text(f"{words.replace(chr(0), '')} steady", encoding="utf-8")
    with write_index(folder, FAKE_FINGERPRINT) as index:
        ingest([corpus], index, FakeEmbedder())
        asked = Terms((words, "steadi"), (words[:2],), (words,))
        assert {each.split("@")[0] for each, _ in index.seen_by(PUBLIC).search_words(asked, 5)} == {"odd.txt"}
        assert index.seen_by(PUBLIC).document_frequency([words, "steadi"])[0]["steadi"] == 1
        assert index.seen_by(PUBLIC).search_words(Terms(("|",), (), ()), 5) == []


def test_characters_that_postgresql_lacks_leave_places_as_they_are(folder: Path) -> None:
    with write_index(folder, FAKE_FINGERPRINT) as index:
        document = index.seen_by(PUBLIC).documents()[0]
        access_class = index.catalog.visible_classes(PUBLIC)[0]
        passage = Passage("n@0#0", document.document_id, 0, 2, 5, "b\0c")
        index.catalog.put(document, "", access_class, "a\0b\0c", [], [passage])
        assert index.seen_by(PUBLIC).chunks(["n@0#0"])["n@0#0"][0].text == "b\N{REPLACEMENT CHARACTER}c"


def test_one_writes_and_others_are_told_who(folder: Path, url: str) -> None:
    seen: list[Holder | None] = []
    with open_index(folder, FAKE_FINGERPRINT) as reader:
        assert reader.holder() is None
        with write_index(folder, FAKE_FINGERPRINT, who="ingest"):
            now = reader.holder()
            assert now is not None and (now.who, now.pid) == ("ingest", os.getpid())
            assert abs(now.since - time.time()) < 60
            with (
                pytest.raises(IndexLocked, match="Another process"),
                write_index(folder, FAKE_FINGERPRINT, waits=lambda other: bool(seen.append(other))),
            ):
                raise AssertionError
            with write_index(folder.with_name("another"), FAKE_FINGERPRINT):  # in the same database
                pass
        assert reader.holder() is None and seen[0] is not None and seen[0].who == "ingest"


def test_readers_see_what_was_committed_at_once_and_nothing_before(folder: Path, corpus: Path) -> None:
    (corpus / "welding.txt").write_text("용접 로봇의 토치 케이블은 매주 점검합니다.", encoding="utf-8")
    with open_index(folder, FAKE_FINGERPRINT) as reader, write_index(folder, FAKE_FINGERPRINT) as index:
        before = found(reader, PUBLIC)
        with pytest.raises(ZeroDivisionError), index.database.transaction():
            index.catalog.remove("lockout.en.md")
            assert found(reader, PUBLIC) == before != found(index, PUBLIC)
            raise ZeroDivisionError
        assert found(reader, PUBLIC) == found(index, PUBLIC) == before
        index.catalog.remove("lockout.en.md")
        assert found(reader, PUBLIC) == found(index, PUBLIC) != before


def test_a_reader_connects_again_and_a_writer_does_not(folder: Path, url: str, corpus: Path) -> None:
    with open_index(folder, FAKE_FINGERPRINT) as reader:
        before = found(reader, PUBLIC)
        _cut(url)
        assert found(reader, PUBLIC) == before
        (corpus / "lockout.en.md").unlink()
        with pytest.raises(CatalogAway), write_index(folder, FAKE_FINGERPRINT) as index:
            index.catalog.remove("launch.ko.md")
            _cut(url)  # the lock is gone, and another may have it
            index.catalog.remove("lockout.en.md")
        assert {each.document_id for each in reader.seen_by(PUBLIC).documents()} == {"lockout.en.md"}


def _cut(url: str) -> None:
    """End all other connections, as a server that starts again does."""
    with closing(Connection(SchemaHome(Path("x"), url).schema)) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_server_that_is_away_is_named_and_never_an_empty_result(folder: Path, url: str) -> None:
    nowhere = "postgresql+pg8000://somebody:secret@127.0.0.1:9/nothing"
    with pytest.raises(CatalogAway, match=r"127\.0\.0\.1:9/nothing.*index_url") as caught:
        open_index(folder, FAKE_FINGERPRINT, url=nowhere)
    assert "secret" not in str(caught.value)
    with pytest.raises(SettingsError, match="postgresql"):
        open_index(folder, FAKE_FINGERPRINT, url="sqlite:///x")
    with pytest.raises(CatalogAway, match="index_url"):
        open_index(folder, FAKE_FINGERPRINT, url="no address")
    with pytest.raises(CatalogAway, match="nobody"):
        open_index(folder, FAKE_FINGERPRINT, url=url.rsplit("/", 1)[0] + "/nobody")
    with pytest.raises(IndexMissing, match="index copy"):
        open_index(folder.with_name("another"), FAKE_FINGERPRINT)
    with used(FILES), pytest.raises(IndexMissing):
        open_index(folder, FAKE_FINGERPRINT)


def test_a_catalogue_in_the_folder_is_not_made_a_second_time(corpus: Path, tmp_path: Path) -> None:
    with used(FILES), write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([corpus], index, FakeEmbedder())
    with pytest.raises(IndexMismatch, match="index copy"), write_index(tmp_path / "index", FAKE_FINGERPRINT):
        raise AssertionError


def test_a_reader_follows_an_index_that_is_made_anew(folder: Path, corpus: Path) -> None:
    with open_index(folder, FAKE_FINGERPRINT) as reader:
        assert found(reader, PUBLIC)[1]
        (corpus / "lockout.en.md").unlink()
        with write_index(folder, FAKE_FINGERPRINT, rebuild=True) as index:
            ingest([corpus], index, FakeEmbedder())
        assert not [each for each, _ in found(reader, PUBLIC)[1] if each.startswith("lockout")]
        assert reader.seen_by(PUBLIC).search_vectors(FakeEmbedder().encode_query("153개 기업과 기관"), 1)
        with write_index(folder, {**FAKE_FINGERPRINT, "embedder": "another"}, rebuild=True):
            pass
        with pytest.raises(IndexMismatch, match="Start this program again"):
            found(reader, PUBLIC)


def test_a_damaged_catalogue_is_named(folder: Path) -> None:
    with open_index(folder, FAKE_FINGERPRINT) as index:
        index.catalog._db.execute("DROP TABLE lexical")
        with pytest.raises(IndexCorrupt, match="--rebuild"):
            found(index, PUBLIC)


def test_an_index_is_copied_into_files_and_put_back(folder: Path, url: str, corpus: Path, tmp_path: Path) -> None:
    """What backup and restore do; who reads it goes on with what was put back."""
    with open_index(folder, FAKE_FINGERPRINT) as reader:
        before, whole = found(reader, EVERYBODY), stored(reader)
        copy_index(folder, tmp_path / "copy", url=url)
        (corpus / "lockout.en.md").unlink()
        with write_index(folder, FAKE_FINGERPRINT) as index:
            ingest([corpus], index, FakeEmbedder())
        assert found(reader, EVERYBODY) != before
        with used(FILES), open_index(tmp_path / "copy", FAKE_FINGERPRINT) as copy:
            assert stored(copy) == whole and list(map(len, found(copy, EVERYBODY))) == list(map(len, before))
        put_index(tmp_path / "copy", folder, url=url)
        assert found(reader, EVERYBODY) == before
    with write_index(folder, FAKE_FINGERPRINT) as index:
        assert stored(index) == whole and index.catalog.lexical_differences() == (0, 0)


def test_the_command_copies_there_and_back(
    url: str, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.ingest.opened._expected", lambda settings: FAKE_FINGERPRINT)
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_INDEX_URL", url)
    with used(FILES), write_index(tmp_path / "files", FAKE_FINGERPRINT) as index:
        ingest([corpus], index, FakeEmbedder())
        whole = stored(index)
        (tmp_path / "files" / "given.json").write_text("{}", encoding="utf-8")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["index", "copy", *arguments, "--index", str(tmp_path / "there")])

    done = run("--from", str(tmp_path / "files"))
    assert done.exit_code == 0 and "3 documents" in done.output, done.output
    assert (tmp_path / "there" / "given.json").is_file() and not (tmp_path / "there" / "catalog.sqlite3").exists()
    with open_index(tmp_path / "there", FAKE_FINGERPRINT) as there:
        assert stored(there) == whole and compare(there) == Differences()
    assert run("--into", str(tmp_path / "back")).exit_code == 0
    with used(FILES), open_index(tmp_path / "back", FAKE_FINGERPRINT) as back:
        assert stored(back) == whole
    again = run("--into", str(tmp_path / "back"))
    assert again.exit_code == 1 and "already" in again.output
    assert "either" in run().output


@pytest.fixture
def both(servers: Pair, url: str) -> Iterator[None]:
    """Vectors on the Chroma server, too."""
    with used(Pair(servers.chroma, url)):
        yield


_WRITER = (
    "import json, sys; sys.path.insert(0, sys.argv[1])\n"
    "from pathlib import Path\n"
    "from assistant.index.store import write_index\n"
    "from assistant.ingest import ingest\n"
    "from tests.conftest import FAKE_FINGERPRINT\n"
    "from tests.fakes import FakeEmbedder\n"
    "print('ready', flush=True)\n"
    "for root in json.loads(sys.argv[3]):\n"
    "    with write_index(Path(sys.argv[2]), FAKE_FINGERPRINT, who='test', waits=lambda holder: True) as index:\n"
    "        report = ingest([Path(root)], index, FakeEmbedder(), roots=[Path(root)])\n"
    "        assert not report.failed, report.failed\n"
)


def _writer(folder: Path, roots: list[Path]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(PROJECT), str(folder), json.dumps([str(each) for each in roots])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _documents(root: Path, count: int) -> Path:
    root.mkdir()
    for number in range(count):
        text = "\n\n".join(f"{root.name} {number} paragraph {part}: valve R-{number}{part}." for part in range(4))
        (root / f"{root.name}{number}.txt").write_text(text, encoding="utf-8")
    return root


def test_two_processes_that_write_lose_and_double_nothing(both: None, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    roots = {name: [_documents(tmp_path / f"{name}{part}", 4) for part in range(3)] for name in ("one", "two")}
    writers = [_writer(folder, each) for each in roots.values()]
    assert [each.wait(300) for each in writers] == [0, 0]
    with write_index(folder, FAKE_FINGERPRINT) as index:
        assert compare(index) == Differences()
        assert len(index.seen_by(PUBLIC).documents()) == 24 and index.seen_by(PUBLIC).counts()["waiting"] == 0
        passages = index.database.rows("SELECT chunk_id FROM chunks")
        assert len(passages) == len(set(passages)) == len(index.vectors.ids())


def _rows_of(table: str, folder: Path, url: str) -> int:
    """How many rows others see; 0 while there is no table."""
    with closing(Connection(SchemaHome(folder, url).schema)) as connection, suppress(IndexCorrupt):
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    return 0


def test_a_killed_writer_leaves_an_index_that_the_next_run_finishes(both: None, url: str, tmp_path: Path) -> None:
    root = _documents(tmp_path / "many", 30)
    with write_index(tmp_path / "whole", FAKE_FINGERPRINT) as index:
        ingest([root], index, FakeEmbedder(), roots=[root])
        whole = stored(index)
    victim = tmp_path / "victim"
    killed = 0
    for table, number in (("meta", 1), ("documents", 3), ("chunks", 10), ("documents", 25), ("stored_vectors", 1)):
        writer = _writer(victim, [root])
        while writer.poll() is None and _rows_of(table, victim, url) < number:
            time.sleep(0.02)
        killed += writer.poll() is None
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    assert killed >= 4  # the last one may be faster than we
    with write_index(victim, FAKE_FINGERPRINT, waits=lambda holder: True) as index:  # its lock goes with its connection
        ingest([root], index, FakeEmbedder(), roots=[root])
        assert compare(index) == Differences() and stored(index) == whole


def test_schemas_are_called_like_folders(tmp_path: Path) -> None:
    assert schema_name(tmp_path / "default") == "index default" != schema_name(tmp_path / "other")
    assert len(schema_name(tmp_path / ("길" * 60)).encode()) <= 63  # PostgreSQL would cut it
