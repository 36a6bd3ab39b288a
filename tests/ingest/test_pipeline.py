"""The ingestion run: in step with files, failures listed, and finished by the next run when it was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import ingest
from tests.conftest import FAKE_FINGERPRINT, LAUNCH, PROJECT
from tests.fakes import FakeEmbedder

ALL = ["public", "staff"]


def snapshot(index: Index) -> object:
    """Everything that a reader could see, in a comparable form."""
    texts = [(d, index.document_text(d.document_id, ALL)) for d in index.documents(ALL)]
    return texts, sorted(index.catalog.chunk_states().items()), sorted(index.vectors.ids().items())


def test_unchanged_changed_and_removed(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    again = ingest([corpus], index, embedder)
    assert sorted(again.unchanged) == ["launch.ko.md", "lockout.en.md", "proposal.ko.md"]
    assert not (again.added or again.updated or again.removed or again.failed)
    (corpus / "launch.ko.md").write_text(LAUNCH.replace("153개", "160개"), encoding="utf-8")
    (corpus / "lockout.en.md").unlink()
    (corpus / "새 문서.txt").write_text("에너지 절감 목표는 10%입니다.", encoding="cp949")
    report = ingest([corpus], index, embedder)
    assert (report.added, report.updated, report.removed) == (["새 문서.txt"], ["launch.ko.md"], ["lockout.en.md"])
    text = (index.document_text("launch.ko.md", ALL) or (None, ""))[1]
    assert "160개" in text and "153개" not in text
    assert index.differences() == {"missing": [], "orphaned": []}


def test_a_bad_file_is_listed_and_the_others_go_in(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "empty.md").write_text("")
    (corpus / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that a reader could use")
    (corpus / "good.txt").write_text("정상 문서입니다.", encoding="utf-8")
    report = ingest([corpus], index, embedder)
    assert report.added == ["good.txt"]
    assert {Path(entry["path"]).name for entry in report.failed} == {"empty.md", "broken.pdf"}
    assert all(entry["reason"] for entry in report.failed)
    assert {Path(entry["path"]).name for entry in index.catalog.failures()} == {"empty.md", "broken.pdf"}
    (corpus / "empty.md").write_text("이제 내용이 있습니다.", encoding="utf-8")
    (corpus / "broken.pdf").unlink()
    assert ingest([corpus], index, embedder).added == ["empty.md"]
    assert index.catalog.failures() == []


def test_a_file_that_turns_bad_keeps_its_last_good_text(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "launch.ko.md").write_text("")
    report = ingest([corpus], index, embedder)
    assert [Path(entry["path"]).name for entry in report.failed] == ["launch.ko.md"]
    assert index.document_text("launch.ko.md", ALL) is not None


def test_same_relative_path_in_two_folders(index: Index, corpus: Path, embedder: FakeEmbedder, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "launch.ko.md").write_text("다른 폴더의 문서입니다.", encoding="utf-8")
    report = ingest([other], index, embedder)
    assert len(report.added) == 1 and report.added[0].startswith("launch.ko.md~")
    assert index.document_text("launch.ko.md", ALL) is not None
    assert not ingest([corpus], index, embedder).removed


def test_interrupted_while_embedding_is_finished_by_the_next_run(
    corpus: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    for number in range(40):
        (corpus / f"extra{number}.txt").write_text(f"문서 번호 {number} 내용입니다.", encoding="utf-8")
    broken = FakeEmbedder()
    broken.fail_after = 16
    with pytest.raises(KeyboardInterrupt), write_index(tmp_path / "a", FAKE_FINGERPRINT) as first:
        ingest([corpus], first, broken)
    with write_index(tmp_path / "a", FAKE_FINGERPRINT) as again:
        assert again.counts(ALL)["waiting"] > 0
        ingest([corpus], again, embedder)
        assert len(embedder.passages) == again.counts(ALL)["chunks"] - 16
        killed = snapshot(again)
    with write_index(tmp_path / "b", FAKE_FINGERPRINT) as whole:
        ingest([corpus], whole, FakeEmbedder())
        assert snapshot(whole) == killed


def test_lost_and_orphaned_vectors_are_mended(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    before = snapshot(index)
    access, chunk_id = next((a, i) for i, (a, _) in index.catalog.chunk_states().items())
    index.vectors.remove(access, [chunk_id])
    index.vectors.add(access, ["ghost@0#0"], embedder.encode_passages([""], ["ghost"]))
    assert index.differences() == {"missing": [chunk_id], "orphaned": ["ghost@0#0"]}
    ingest([corpus], index, embedder)
    assert snapshot(index) == before


@pytest.mark.slow
def test_kill_9_at_any_moment(tmp_path: Path) -> None:
    """Ten kills at different moments of one ingestion: the next run ends with the same index."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(60):
        (folder / f"d{number}.md").write_text(f"# 문서 {number}\n\n" + f"항목 {number} 값은 {number}%입니다.\n\n" * 20)
    with write_index(tmp_path / "whole", FAKE_FINGERPRINT) as whole:
        ingest([folder], whole, FakeEmbedder())
        expected = snapshot(whole)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from assistant.index.store import write_index\n"
        "from assistant.ingest import ingest\n"
        "from tests.conftest import FAKE_FINGERPRINT\n"
        "from tests.fakes import FakeEmbedder\n"
        "import assistant.index.tokens as t; t.terms('준비')\n"
        "print('ready', flush=True)\n"
        "with write_index(Path(sys.argv[3]), FAKE_FINGERPRINT) as index:\n"
        "    ingest([Path(sys.argv[2])], index, FakeEmbedder())\n"
    )
    killed = 0
    for delay in (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.2, 1.6):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(PROJECT), str(folder), str(tmp_path / "killed")], stdout=subprocess.PIPE
        )
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(delay)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed > 0
    with write_index(tmp_path / "killed", FAKE_FINGERPRINT) as last:
        ingest([folder], last, FakeEmbedder())
        assert snapshot(last) == expected
