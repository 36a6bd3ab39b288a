"""What `assistant doctor` finds in an index, and that `--repair` mends it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.errors import IndexCorrupt
from assistant.index import Index
from assistant.ingest import ingest
from assistant.ingest.repair import Differences, compare, repair
from assistant.ingest.sandbox import Sandbox
from assistant.text.tokens import terms
from tests.conftest import LAUNCH
from tests.fakes import FakeEmbedder

ALL = ["public", "staff"]


def mended(index: Index, embedder: FakeEmbedder) -> Differences:
    with Sandbox(workers=1) as sandbox:
        return repair(index, embedder, sandbox)


def test_a_sound_index_has_no_differences(index: Index) -> None:
    assert compare(index) == Differences()


def test_words_and_vectors_are_made_again(index: Index, embedder: FakeEmbedder) -> None:
    question = terms("153개 기업과 기관")
    best = index.seen_by(ALL).search_words(question, 3)
    with index.database.transaction():
        index.catalog._db.execute("DELETE FROM lexical WHERE rowid = (SELECT min(rowid) FROM lexical)")
        index.catalog._db.execute("INSERT INTO lexical (rowid, words) VALUES (999, 'ghost')")
    stored = index.ledger.stored()
    lost, access = next(iter(stored.items()))
    index.vectors.remove(access, [lost])
    index.vectors.add(access, ["ghost"], embedder.encode_passages([""], ["ghost"]))
    found = compare(index)
    assert (found.unsearchable, found.leftover, found.lost, found.orphaned) == (1, 1, [lost], ["ghost"])
    assert mended(index, embedder) == Differences()
    assert index.seen_by(ALL).search_words(question, 3) == best and index.ledger.stored() == stored


def test_a_vector_store_that_cannot_be_read_is_made_again(index: Index, tmp_path: Path, embedder: FakeEmbedder) -> None:
    stored = index.ledger.stored()
    index.vectors.close()
    (tmp_path / "index" / "vectors" / "chroma.sqlite3").write_bytes(b"not a database")
    assert compare(index).vectors_error
    assert mended(index, embedder) == Differences()
    assert index.ledger.stored() == stored == index.vectors.ids()


def test_changed_and_vanished_files(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "launch.ko.md").write_text(LAUNCH.replace("153개", "160개"), encoding="utf-8")
    (corpus / "lockout.en.md").unlink()
    found = compare(index)
    assert [Path(path).name for path in found.changed] == ["launch.ko.md"]
    assert [Path(path).name for path in found.gone] == ["lockout.en.md"]
    assert mended(index, embedder) == Differences()
    assert "160개" in (index.seen_by(ALL).document_text("launch.ko.md") or ("", ""))[1]
    assert index.seen_by(ALL).document_text("lockout.en.md") is None


def test_documents_whose_folder_is_not_there_stay(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    """A drive that is not mounted must not empty the index."""
    shutil.rmtree(corpus)
    found = mended(index, embedder)
    assert len(found.missing_roots) == 3 and not found.gone
    assert index.seen_by(ALL).counts()["documents"] == 3


def test_a_damaged_catalogue_asks_for_a_rebuild(index: Index, embedder: FakeEmbedder) -> None:
    with index.database.transaction():
        index.catalog._db.execute("UPDATE lexical_data SET block = x'00112233' WHERE id > 10")
    assert compare(index).damage
    with pytest.raises(IndexCorrupt, match="--rebuild"):
        mended(index, embedder)


def test_what_an_interrupted_run_left_is_finished(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "new.txt").write_text("새 문서의 내용입니다.", encoding="utf-8")
    broken = FakeEmbedder()
    broken.fail_after = 0
    with pytest.raises(KeyboardInterrupt):
        ingest([corpus], index, broken)
    assert compare(index).waiting == 1
    assert mended(index, embedder) == Differences()
