"""What 0.1.0 left behind is used as it is: index, conversations, settings. Its files were made by its own code."""

from __future__ import annotations

import re
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.access import PUBLIC
from assistant.conversations import Conversations, open_conversations
from assistant.errors import IndexLocked, IndexMismatch, SettingsError
from assistant.index.migrations import READ_AGAIN
from assistant.index.store import fingerprint, open_index, write_index
from assistant.index.writer import writer_lock
from assistant.ingest import ingest
from assistant.ingest.repair import compare
from assistant.settings import Settings, load_settings
from assistant.text.tokens import terms
from assistant.web.rendering import render_conversation
from assistant.web.texts import text as page_text
from assistant.web.turns import ShownTurn
from tests.conftest import FAKE_FINGERPRINT, LAUNCH, LOCKOUT, SECRET
from tests.fakes import FakeEmbedder

STATE = Path(__file__).with_name("state") / "0.1.0.tar.gz"
WAS_READ_FROM = "/tmp/alliance-0.1.0/documents"
ALL = ["public", "staff"]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder `indexes` of 0.1.0; its documents lie beside it and not where 0.1.0 read them."""
    with tarfile.open(STATE) as packed:
        packed.extractall(tmp_path)
    return tmp_path / "indexes"


def moved_to(folder: Path, index: Path) -> Path:
    """Write the documents into `folder`, and let the index say that they were read from there."""
    folder.mkdir()
    texts = {"launch.ko.md": LAUNCH, "copy.md": LAUNCH, "lockout.en.md": LOCKOUT, "proposal.ko.md": SECRET}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    with closing(sqlite3.connect(index / "catalog.sqlite3")) as db, db:
        for table in ("documents", "duplicates"):
            for column in ("path", "root"):
                replaced = f"UPDATE {table} SET {column} = replace({column}, ?, ?)"
                db.execute(replaced, (WAS_READ_FROM, str(folder)))
    return folder


def test_an_index_of_0_1_0_answers_at_once(old: Path, embedder: FakeEmbedder) -> None:
    question = "153개 기업과 기관이 참여"
    with open_index(old / "default", FAKE_FINGERPRINT) as index:
        assert index.seen_by(ALL).counts() == {"documents": 3, "chunks": 3, "waiting": 0}
        assert index.seen_by([PUBLIC]).counts()["documents"] == 2, "labels hold"
        assert index.seen_by(ALL).search_words(terms(question), 1)[0][0].startswith("copy.md@")
        assert index.seen_by(ALL).search_vectors(embedder.encode_query(question), 1)[0][0].startswith("copy.md@")
        paths = [document.path for document in index.seen_by(ALL).documents()]
        assert paths == ["copy.md", "lockout.en.md", "proposal.ko.md"]
        found = index.seen_by(ALL).document_text("copy.md")
        assert found and index.seen_by(ALL).blocks("copy.md", 0, len(found[1]))[0].turns == ()
    with open_index(old / "default", FAKE_FINGERPRINT) as index:
        assert {part: index.database.meta()[part] for part in FAKE_FINGERPRINT} == FAKE_FINGERPRINT


def test_an_index_of_0_1_0_that_may_not_be_written_is_read_all_the_same(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.index.store.is_writable", lambda folder: False)
    before = (old / "default" / "catalog.sqlite3").read_bytes()
    with open_index(old / "default", FAKE_FINGERPRINT) as index:
        assert index.seen_by(ALL).counts()["documents"] == 3
    assert (old / "default" / "catalog.sqlite3").read_bytes() == before


def test_while_another_process_writes_it_nothing_is_changed(old: Path) -> None:
    with writer_lock(old / "default"), pytest.raises(IndexLocked):
        open_index(old / "default", FAKE_FINGERPRINT)


def test_the_next_ingestion_reads_the_files_again_and_keeps_the_vectors(
    old: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    documents = moved_to(tmp_path / "documents", old / "default")
    with write_index(old / "default", FAKE_FINGERPRINT) as index:
        assert len(compare(index).changed) == 3
        report = ingest([documents], index, embedder)
        assert sorted(report.updated) == ["copy.md", "lockout.en.md", "proposal.ko.md"] and report.embedded == 0
        assert [each["document_id"] for each in report.duplicates] == ["copy.md"]
        assert not any(state[2].startswith(READ_AGAIN) for state in index.catalog.states().values())
        again = ingest([documents], index, embedder)
        assert len(again.unchanged) == 3 and not again.updated
        assert not compare(index).in_files


def test_documents_of_a_checkout_that_moved_stay_the_same_documents(
    old: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    moved_to(tmp_path / "before", old / "default")
    (tmp_path / "before").rename(tmp_path / "after")
    with write_index(old / "default", FAKE_FINGERPRINT) as index:
        report = ingest([tmp_path / "after"], index, embedder)
        assert {each["document_id"] for each in report.moved} >= {"lockout.en.md", "proposal.ko.md"}
        assert index.seen_by(ALL).counts()["documents"] == 3 and report.embedded == 0


def test_documents_whose_files_are_away_stay(old: Path, tmp_path: Path, embedder: FakeEmbedder) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.md").write_text("새 문서입니다.", encoding="utf-8")
    with write_index(old / "default", FAKE_FINGERPRINT) as index:
        ingest([tmp_path / "new"], index, embedder)
        assert index.seen_by(ALL).counts()["documents"] == 4


def test_an_index_that_cannot_be_brought_up_to_date_names_the_whole_command(old: Path) -> None:
    other = fingerprint("another-embedder/prompt-1", "test-chunker")
    with pytest.raises(IndexMismatch) as refused:
        open_index(old / "default", other)
    assert f"assistant ingest --rebuild {WAS_READ_FROM}" in refused.value.hint


def test_conversations_of_0_1_0_are_shown_as_they_were(old: Path, settings: Settings) -> None:
    file = old / "conversations.sqlite3"
    with closing(sqlite3.connect(file)) as db:
        name = db.execute("SELECT conversation FROM turns").fetchone()[0]
    here = {"conversations": file, "conversation_days": 0}
    for _ in range(2):  # brought up to date, then as it is
        with closing(open_conversations(settings.model_copy(update=here))) as store:
            turns = store.turns(name, "", ALL)
            assert [kept.question for kept in turns][:2] == ["회원은 몇 곳인가요?", "거절된 질문"]
            assert (turns[0].rating, turns[0].note) == ("up", "도움이 됐어요")
            assert [kept.answer.status for kept in turns if kept.answer] == [
                "answered", "refused", "computed", "evidence_only", "asked_back",
            ]  # fmt: skip
            assert "7억" in str(turns[0]) and "7억" not in str(store.turns(name, "", [PUBLIC]))
            assert "/tmp/alliance" not in str(turns), "no folder of the server is told"
            shown = re.sub("<[^>]+>", "", render_conversation([ShownTurn.of(kept) for kept in turns], "ko"))
            assert "153개입니다." in shown and page_text("ko", "status_refused") in shown
            assert store.history(name, "", ALL)


def test_a_conversation_of_0_1_0_in_which_nothing_was_asked_counts_from_now(old: Path) -> None:
    file = old / "conversations.sqlite3"
    with closing(Conversations(file, max_turns=9, max_chars=99_999, days=1, clock=lambda: datetime.now(UTC))):
        pass
    with closing(sqlite3.connect(file)) as db:
        begun = [row[0] for row in db.execute("SELECT begun_at FROM conversations")]
    assert begun and all(begun)


RETIRED = ["reranker", "evidence_tokens", "answer_odds", "accounts_url"]


@pytest.mark.parametrize("name", RETIRED)
def test_a_variable_of_a_setting_that_is_gone_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"ASSISTANT_{name.upper()}", "x")
    with pytest.raises(SettingsError, match=f"no setting ASSISTANT_{name.upper()} any more"):
        load_settings()


@pytest.mark.parametrize("name", RETIRED)
def test_a_setting_that_is_gone_is_named_with_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assistant.toml").write_text(f'{name} = "x"\n')
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    with pytest.raises(SettingsError, match=f"no setting '{name}' any more") as refused:
        load_settings()
    assert str(tmp_path / "assistant.toml") in refused.value.hint
