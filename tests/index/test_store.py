"""The index: labels inside every read, one writer, and the fingerprint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import IndexCorrupt, IndexLocked, IndexMismatch, IndexMissing
from assistant.index import Index, open_index
from assistant.index.store import access_class_of, write_index
from assistant.index.tokens import terms
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.fakes import FakeEmbedder

PUBLIC = ["public"]


def test_stored_text_and_chunks_agree(index: Index) -> None:
    for document in index.documents(["public", "staff"]):
        _, text = index.document_text(document.document_id, ["public", "staff"]) or (None, "")
        ids = [i for i in index.catalog.chunk_states() if i.startswith(document.document_id)]
        for chunk, _ in index.chunks(ids, ["public", "staff"]).values():
            assert text[chunk.start : chunk.end] == chunk.text


def test_a_label_that_is_not_held_hides_everything(index: Index, embedder: FakeEmbedder) -> None:
    question = "가온정밀 제안 예산 7억"
    for labels in (PUBLIC, ["unknown"], [], ["company:other"]):
        assert all(d.title != "가온정밀 제안서" for d in index.documents(labels))
        assert index.document_text("proposal.ko.md", labels) is None
        assert index.blocks("proposal.ko.md", 0, 10_000, labels) == []
        secret = [i for i in index.catalog.chunk_states() if i.startswith("proposal")]
        assert secret and index.chunks(secret, labels) == {}
        found = dict(index.search_words(terms(question), labels, 50))
        found |= dict(index.search_vectors(embedder.encode_query(question), labels, 50))
        assert not set(secret) & set(found)
        _, total = index.document_frequency(["7억"], labels)
        assert total == index.counts(labels)["chunks"] < len(index.catalog.chunk_states())
    for labels in (["staff"], ["company:gaon"]):
        assert index.document_text("proposal.ko.md", labels) is not None
        assert index.search_words(terms(question), labels, 5)[0][0].startswith("proposal")
        assert index.search_vectors(embedder.encode_query(question), labels, 5)[0][0].startswith("proposal")


def test_relabelling_moves_a_document_out_of_sight(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    from assistant.ingest import ingest

    path = corpus / "launch.ko.md"
    path.write_text(path.read_text(encoding="utf-8").replace("labels: [public]", "labels: [staff]"), encoding="utf-8")
    report = ingest([corpus], index, embedder)
    assert report.updated == ["launch.ko.md"]
    assert index.document_text("launch.ko.md", PUBLIC) is None
    hits = index.search_vectors(embedder.encode_query("153개 기업"), PUBLIC, 50)
    assert not [i for i, _ in hits if i.startswith("launch")]
    assert index.differences() == {"missing": [], "orphaned": []}


def test_codes_are_found_whole(index: Index) -> None:
    assert terms("알람 SV0401과 R-101, 제92조 제2항").identifiers == ("sv0401", "r-101", "제92조제2항")


def test_fingerprint_mismatch_names_the_command(index: Index, tmp_path: Path) -> None:
    index.close()
    for key in FAKE_FINGERPRINT:
        with pytest.raises(IndexMismatch, match=r"ingest --rebuild"):
            open_index(tmp_path / "index", {**FAKE_FINGERPRINT, key: "another"})


def test_writing_into_an_index_of_another_embedder_is_refused_until_it_is_rebuilt(tmp_path: Path) -> None:
    with write_index(tmp_path / "i", FAKE_FINGERPRINT):
        pass
    other = {**FAKE_FINGERPRINT, "embedder": "another"}
    with pytest.raises(IndexMismatch, match=r"ingest --rebuild"), write_index(tmp_path / "i", other):
        pass
    with write_index(tmp_path / "i", other, rebuild=True) as rebuilt:
        assert rebuilt.catalog.meta()["embedder"] == "another"


def test_missing_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="assistant ingest"):
        open_index(tmp_path / "nothing", FAKE_FINGERPRINT)
    assert not (tmp_path / "nothing").exists()


def test_damaged_catalogue_is_named(index: Index, tmp_path: Path) -> None:
    index.close()
    for name in ("catalog.sqlite3-wal", "catalog.sqlite3-shm"):
        (tmp_path / "index" / name).unlink(missing_ok=True)
    (tmp_path / "index" / "catalog.sqlite3").write_bytes(b"not a database, certainly" * 100)
    with pytest.raises(IndexCorrupt, match="--rebuild"):
        open_index(tmp_path / "index", FAKE_FINGERPRINT)


def test_one_writer(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from assistant.errors import IndexLocked\n"
        "from assistant.index.store import write_index\n"
        "from tests.conftest import FAKE_FINGERPRINT\n"
        "try:\n"
        "    with write_index(Path(sys.argv[2]), FAKE_FINGERPRINT): print('opened')\n"
        "except IndexLocked: print('locked')\n"
    )

    def another() -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, str(PROJECT), str(tmp_path / "i")], capture_output=True, text=True
        )
        return done.stdout.strip() or done.stderr

    with write_index(tmp_path / "i", FAKE_FINGERPRINT):
        assert another() == "locked"
    assert another() == "opened"
    with write_index(tmp_path / "i", FAKE_FINGERPRINT):
        pass


def test_access_class_ignores_order() -> None:
    assert access_class_of(["a", "b"]) == access_class_of(["b", "a", "a"]) != access_class_of(["a"])
    assert issubclass(IndexLocked, Exception)
