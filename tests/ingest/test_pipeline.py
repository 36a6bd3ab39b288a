"""The ingestion run: in step with files, failures listed, and finished by the next run when it was killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import commands, ingest
from assistant.ingest.pipeline import hashes
from assistant.settings import Settings
from assistant.text.tokens import terms
from tests.conftest import FAKE_FINGERPRINT, LAUNCH, PROJECT
from tests.fakes import FakeEmbedder

ALL = ["public", "staff"]


def snapshot(index: Index) -> object:
    """Everything that a reader could see, in a comparable form."""
    texts = [(d, index.seen_by(ALL).document_text(d.document_id)) for d in index.seen_by(ALL).documents()]
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
    text = (index.seen_by(ALL).document_text("launch.ko.md") or (None, ""))[1]
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
    assert {Path(entry["path"]).name for entry in index.ledger.failures()} == {"empty.md", "broken.pdf"}
    (corpus / "empty.md").write_text("이제 내용이 있습니다.", encoding="utf-8")
    (corpus / "broken.pdf").unlink()
    assert ingest([corpus], index, embedder).added == ["empty.md"]
    assert index.ledger.failures() == []


def test_missing_parts_are_listed_until_the_file_changes(
    index: Index, corpus: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def packed(*names: str) -> None:
        with zipfile.ZipFile(corpus / "묶음.zip", "w") as archive:
            for name in names:
                archive.writestr(name, "정상 문서입니다." if name.endswith(".txt") else b"MZ\x90\0program")

    packed("글.txt", "setup.exe")
    report = ingest([corpus], index, embedder)
    (part,) = report.incomplete
    assert report.added == ["묶음.zip"] and not report.failed and "1 incomplete" in report.summary()
    assert part["stage"] == "part" and "setup.exe" in part["reason"] and part["hint"]
    assert ingest([corpus], index, embedder).incomplete == []
    assert [(each["path"], each["stage"]) for each in index.ledger.failures()] == [(part["path"], "part")]

    @contextmanager
    def opened(_: Path | None) -> Iterator[tuple[Index, Settings]]:
        yield index, Settings(access_file=corpus / "no access.toml")

    monkeypatch.setattr(commands, "_open_index", opened)
    listed = CliRunner().invoke(commands.documents, ["list", "--json"])
    missing = {each["document_id"]: each["missing"] for each in json.loads(listed.output)["documents"]}
    assert missing["묶음.zip"] == part["reason"] and missing["launch.ko.md"] == ""
    assert "(in part)" in CliRunner().invoke(commands.documents, ["list"]).output
    assert "setup.exe" in CliRunner().invoke(commands.documents, ["show", "묶음.zip"]).output
    assert "setup.exe" in CliRunner().invoke(commands.documents, ["list", "--failed"]).output
    packed("글.txt")
    assert ingest([corpus], index, embedder).updated == ["묶음.zip"] and index.ledger.failures() == []


def test_a_file_that_turns_bad_keeps_its_last_good_text(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "launch.ko.md").write_text("")
    report = ingest([corpus], index, embedder)
    assert [Path(entry["path"]).name for entry in report.failed] == ["launch.ko.md"]
    assert index.seen_by(ALL).document_text("launch.ko.md") is not None


def test_same_relative_path_in_two_folders(index: Index, corpus: Path, embedder: FakeEmbedder, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "launch.ko.md").write_text("다른 폴더의 문서입니다.", encoding="utf-8")
    report = ingest([other], index, embedder)
    assert len(report.added) == 1 and report.added[0].startswith("launch.ko.md~")
    assert index.seen_by(ALL).document_text("launch.ko.md") is not None
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
        assert again.seen_by(ALL).counts()["waiting"] > 0
        ingest([corpus], again, embedder)
        assert len(embedder.passages) == again.seen_by(ALL).counts()["chunks"] - 16
        killed = snapshot(again)
    with write_index(tmp_path / "b", FAKE_FINGERPRINT) as whole:
        ingest([corpus], whole, FakeEmbedder())
        assert snapshot(whole) == killed


def test_lost_and_orphaned_vectors_are_mended(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    before = snapshot(index)
    vector, access = next(iter(index.ledger.stored().items()))
    index.vectors.remove(access, [vector])
    index.vectors.add(access, ["ghost"], embedder.encode_passages([""], ["ghost"]))
    assert index.differences() == {"missing": [vector], "orphaned": ["ghost"]}
    ingest([corpus], index, embedder)
    assert snapshot(index) == before


def test_a_moved_file_keeps_its_vectors(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    embedder.passages.clear()
    (corpus / "옮긴 폴더").mkdir()
    (corpus / "launch.ko.md").rename(corpus / "옮긴 폴더" / "launch.ko.md")
    report = ingest([corpus], index, embedder)
    assert report.moved == [{"document_id": "옮긴 폴더/launch.ko.md", "before": "launch.ko.md"}]
    assert not (report.added or report.removed or report.updated) and embedder.passages == []
    assert index.seen_by(ALL).document_text("launch.ko.md") is None
    assert index.seen_by(ALL).document_text("옮긴 폴더/launch.ko.md") is not None
    assert index.differences() == {"missing": [], "orphaned": []}


def test_only_changed_passages_are_embedded(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    text = "# 문서\n\n" + "\n\n".join(f"## 제{n}장\n\n" + f"항목 {n}의 내용입니다. " * 40 for n in range(6))
    (corpus / "long.md").write_text(text, encoding="utf-8")
    ingest([corpus], index, embedder)
    embedder.passages.clear()
    (corpus / "long.md").write_text(
        text.replace("항목 3의 내용입니다. ", "항목 3은 바뀌었습니다. ", 1), encoding="utf-8"
    )
    report = ingest([corpus], index, embedder)
    assert report.updated == ["long.md"] and report.embedded == len(embedder.passages) == 1


def test_new_labels_need_no_new_embedding(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    before = len(index.ledger.stored())
    embedder.passages.clear()
    path = corpus / "launch.ko.md"
    path.write_text(path.read_text(encoding="utf-8").replace("labels: [public]", "labels: [staff]"), encoding="utf-8")
    ingest([corpus], index, embedder)
    assert embedder.passages == [] and len(index.ledger.stored()) == before
    nearest = index.seen_by(["staff"]).search_vectors(embedder.encode_query("153개 기업과 기관"), 1)
    assert nearest[0][0].startswith("launch")


def test_duplicates_are_indexed_once_for_each_set_of_labels(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    text = (corpus / "launch.ko.md").read_text(encoding="utf-8")
    (corpus / "copy.md").write_text(text, encoding="utf-8")
    (corpus / "copy for staff.md").write_text(text, encoding="utf-8")
    (corpus / "copy for staff.md.meta.yaml").write_text("labels: [staff]\n", encoding="utf-8")
    report = ingest([corpus], index, embedder)
    assert report.added == ["copy for staff.md"]
    assert [(Path(each["path"]).name, each["document_id"]) for each in report.duplicates] == [
        ("copy.md", "launch.ko.md")
    ]
    assert ingest([corpus], index, embedder).duplicates == report.duplicates
    (corpus / "launch.ko.md").unlink()  # now its copy takes its place
    report = ingest([corpus], index, embedder)
    assert (report.moved, report.duplicates) == ([{"document_id": "copy.md", "before": "launch.ko.md"}], [])
    assert index.seen_by(["public"]).document_text("copy.md") is not None


@pytest.mark.parametrize("labelled_first", [True, False])
def test_a_copy_without_labels_never_widens_them(
    index: Index, corpus: Path, embedder: FakeEmbedder, labelled_first: bool
) -> None:
    content = "가온정밀의 견적은 9억 원입니다."
    (corpus / "b.txt").write_text(content, encoding="utf-8")
    labelled = corpus / ("a.txt" if labelled_first else "c.txt")
    labelled.write_text(content, encoding="utf-8")
    labelled.with_name(f"{labelled.name}.meta.yaml").write_text("labels: [staff]\n", encoding="utf-8")
    report = ingest([corpus], index, embedder)
    assert [each["document_id"] for each in report.duplicates] == [labelled.name]
    assert index.seen_by(["public"]).document_text("b.txt") is None and index.seen_by(["staff"]).document_text(
        labelled.name
    )
    labelled.rename(corpus / "z.txt")  # and its sidecar is left behind
    ingest([corpus], index, embedder)
    for name in ("b.txt", "z.txt", labelled.name):
        assert index.seen_by(["public"]).document_text(name) is None


def test_labels_that_come_later_take_an_open_copy_in(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    (corpus / "open.txt").write_text("가온정밀의 견적은 9억 원입니다.", encoding="utf-8")
    ingest([corpus], index, embedder)
    assert index.seen_by(["public"]).document_text("open.txt") is not None
    (corpus / "secret.txt").write_text("가온정밀의 견적은 9억 원입니다.", encoding="utf-8")
    (corpus / "secret.txt.meta.yaml").write_text("labels: [staff]\n", encoding="utf-8")
    report = ingest([corpus], index, embedder)
    assert report.added == ["secret.txt"] and report.removed == ["open.txt"] and "open.txt" not in report.unchanged
    assert index.seen_by(["public"]).document_text("open.txt") is None
    assert ingest([corpus], index, embedder).duplicates == report.duplicates


@pytest.mark.parametrize("metadata", ["labels: [staff", "labels: []", "lables: [staff]", "labels: [staff]"])
def test_a_document_whose_labels_became_doubtful_is_withheld(
    index: Index, corpus: Path, embedder: FakeEmbedder, metadata: str
) -> None:
    """Its file can no longer be read either, so that nobody knows whether the stored text may still be shown."""
    (corpus / "launch.ko.md").write_text("", encoding="utf-8")
    (corpus / "launch.ko.md.meta.yaml").write_text(metadata, encoding="utf-8")
    report = ingest([corpus], index, embedder)
    assert report.removed == ["launch.ko.md"] and len(report.failed) == 1
    assert index.seen_by(ALL).document_text("launch.ko.md") is None


def test_a_newer_version_marks_the_older(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    def write(name: str, version: str, supersedes: str, labels: str = "public") -> None:
        (corpus / name).write_text(
            f"---\ntitle: 사업 공고\nlanguage: ko\nversion: {version}\n"
            f"supersedes: {supersedes}\nlabels: [{labels}]\n---\n{version} 내용입니다.\n",
            encoding="utf-8",
        )

    def older(name: str) -> str:
        found = index.seen_by(ALL).document_text(name)
        assert found is not None
        return found[0].superseded_by

    write("v1.md", "1.0", "null")
    write("v2.md", "2.0", "v1.md")  # names the document
    write("v3.md", "3.0", "2.0")  # names the version of the same title
    report = ingest([corpus], index, embedder)
    assert report.superseded == [
        {"document_id": "v1.md", "superseded_by": "v2.md"},
        {"document_id": "v2.md", "superseded_by": "v3.md"},
    ]
    assert not ingest([corpus], index, embedder).superseded
    (corpus / "v2.md").unlink()
    write("v3.md", "3.0", "v1.md", labels="staff")  # whoever may not see it must not learn of it
    ingest([corpus], index, embedder)
    assert older("v1.md") == ""


def test_stages_and_hints_of_failures(
    index: Index, corpus: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (corpus / "empty.md").write_text("")
    os.mkfifo(corpus / "pipe")
    (corpus / "link.md").symlink_to("/etc/hostname")
    (corpus / "untokenised.txt").write_text("이 문서는 나뉘지 않습니다.", encoding="utf-8")
    (corpus / "unembedded.txt").write_text("이 문장은 벡터를 얻지 못합니다.", encoding="utf-8")

    class Choosy(FakeEmbedder):
        def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
            if any("벡터" in text for text in texts):
                raise ValueError("no vector for this")
            return super().encode_passages(titles, texts)

    def terms_or_error(text: str) -> object:
        if "나뉘지" in text:
            raise ValueError("no terms for this")
        return terms(text)

    monkeypatch.setattr("assistant.index.lexical.terms", terms_or_error)
    report = ingest([corpus], index, Choosy())
    stages = {Path(each["path"]).name: each["stage"] for each in index.ledger.failures()}
    assert stages == {
        "empty.md": "read", "pipe": "scan", "link.md": "scan", "untokenised.txt": "store", "unembedded.txt": "embed",
    }  # fmt: skip
    assert all(each["reason"] and each["hint"] for each in report.failed) and len(report.failed) == len(stages)
    assert index.seen_by(ALL).document_text("untokenised.txt") is None
    assert index.seen_by(ALL).search_words(terms("벡터"), 5)[0][0].startswith("unembedded")
    assert index.seen_by(ALL).counts()["waiting"] == 1
    monkeypatch.undo()
    ingest([corpus], index, embedder)
    assert {Path(each["path"]).name for each in index.ledger.failures()} == {"empty.md", "pipe", "link.md"}


def test_what_is_below_a_folder_that_cannot_be_opened_stays(
    index: Index, corpus: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (corpus / "closed").mkdir()
    (corpus / "closed" / "a.txt").write_text("닫힌 폴더의 문서입니다.", encoding="utf-8")
    ingest([corpus], index, embedder)
    real = os.scandir

    def refused(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("assistant.ingest.scan.os.scandir", refused)
    report = ingest([corpus], index, embedder)
    assert not report.removed and [each["stage"] for each in report.failed] == ["scan"]
    assert index.seen_by(ALL).document_text("closed/a.txt") is not None


def test_names_of_every_kind(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    names = [
        "이름에 빈칸 (최종).txt",
        unicodedata.normalize("NFD", "자율제조 공고.txt"),
        "로봇🤖.txt",
        "가" * 82 + ".txt",  # 250 bytes: no sidecar could stand beside it
        "a'b\"c;d.txt",
    ]
    for number, name in enumerate(names):
        (corpus / name).write_text(f"{number}번째 문서의 내용입니다.", encoding="utf-8")
    (corpus / os.fsdecode(b"\xb0\xf8\xb0\xed.txt")).write_text("cp949 이름의 문서입니다.", encoding="utf-8")
    report = ingest([corpus], index, embedder)
    assert sorted(report.added) == sorted(unicodedata.normalize("NFC", name) for name in names)
    assert [each["stage"] for each in report.failed] == ["scan"] and "UTF-8" in report.failed[0]["reason"]
    assert not ingest([corpus], index, embedder).added


def test_a_file_that_vanishes_while_it_is_read(
    index: Index, corpus: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (corpus / "brief.txt").write_text("곧 사라질 문서입니다.", encoding="utf-8")

    def vanish(path: Path) -> tuple[str, str]:
        found = hashes(path)
        if path.name == "brief.txt":
            path.unlink()
        return found

    monkeypatch.setattr("assistant.ingest.pipeline.hashes", vanish)
    report = ingest([corpus], index, embedder)
    assert [(Path(each["path"]).name, each["stage"]) for each in report.failed] == [("brief.txt", "read")]
    monkeypatch.undo()
    ingest([corpus], index, embedder)
    assert index.ledger.failures() == []


def test_a_file_whose_reader_was_stopped_is_not_tried_again_before_it_changes(
    index: Index, corpus: Path, embedder: FakeEmbedder
) -> None:
    from assistant.ingest.sandbox import Limits, Sandbox

    (corpus / "crash.txt").write_text("crash", encoding="utf-8")
    for retry, runs in ((True, 1), (False, 0), (True, 1)):
        with Sandbox(Limits(memory_mb=400), workers=1, reader="tests.ingest.unruly:read") as sandbox:
            report = ingest([corpus], index, embedder, executor=sandbox, retry=retry)
            assert [each["stage"] for each in report.failed] == ["read"] and "died" in report.failed[0]["reason"]
            assert sandbox.started == runs


@pytest.mark.embedded
@pytest.mark.slow
def test_kill_9_at_any_moment() -> None:
    """Kills of runs from nothing and of runs that bring an index in step: the next run ends with the right index.

    In a process of its own, because it forks, and a process that has opened Chroma must not fork.
    """
    command = [sys.executable, "-m", "assistant.evaluation.crash", "--kills=6", "--documents=12", "--seed=7", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=900)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["same"] == figures["trials"] == 6 and figures["kills"] >= 4


@pytest.mark.embedded
@pytest.mark.slow
def test_a_disk_that_is_full_at_any_moment() -> None:
    command = [sys.executable, "-m", "assistant.evaluation.full_disk", "--size", "400", "--size", "1000"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=600)
    if done.returncode == 3:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("same index") == 2 and done.stdout.count("cannot be written") == 2
