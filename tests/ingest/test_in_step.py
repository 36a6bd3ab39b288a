"""Index and folder in step: replaced, moved, withdrawn and absent documents, labels of folders, names and litter."""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant.errors import PathError
from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import commands, ingest
from assistant.ingest.repair import compare, repair
from assistant.ingest.sandbox import Sandbox
from assistant.ingest.withdraw import withdraw
from assistant.text.tokens import terms
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder

ALL = ["public", "staff", "company:haneul", "company:maru"]


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def ids(index: Index, *labels: str) -> list[str]:
    """What a holder of these labels sees; everybody holds `public`."""
    return [document.document_id for document in index.seen_by(("public", *labels)).documents()]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Index]:
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as opened:
        yield opened


NOTICE = "마루 설비 지원공고 ({0})\n\n기업당 지원 한도는 {1}이다.\n접수는 온라인으로 한다.\n"


def superseded(index: Index) -> dict[str, str]:
    return {d.document_id: d.superseded_by for d in index.seen_by(ALL).documents() if d.superseded_by}


def test_a_new_document_of_the_same_name_takes_over(empty: Index, tmp_path: Path, embedder: FakeEmbedder) -> None:
    old = write(
        tmp_path / "2025", {"지원공고.txt": NOTICE.format("2025-04-01", "3억원"), "README.md": "# 예전 읽을거리\n\n가"}
    )
    new = write(
        tmp_path / "2026", {"지원공고.txt": NOTICE.format("2026-04-01", "2억원"), "README.md": "# 다른 글\n\n나 다 라"}
    )
    ingest([old], empty, embedder)
    report = ingest([new], empty, embedder)
    (newer,) = [document_id for document_id in report.added if document_id.startswith("지원공고")]
    assert superseded(empty) == {"지원공고.txt": newer}, "other documents of one name are left alone"
    assert report.superseded == [{"document_id": "지원공고.txt", "superseded_by": newer}]
    shutil.rmtree(new)
    withdraw(empty, [str(new)])
    assert superseded(empty) == {}


def test_stated_dates_decide_and_labels_are_kept(empty: Index, tmp_path: Path, embedder: FakeEmbedder) -> None:
    dated = "---\neffective_date: {0}\nlabels: [{1}]\n---\n\n" + NOTICE
    new = write(tmp_path / "a", {"x.md": dated.format("2026-01-01", "public", "2026", "2억원")})
    old = write(tmp_path / "b", {"x.md": dated.format("2025-01-01", "public", "2025", "3억원")})
    ingest([new], empty, embedder)
    ingest([old], empty, embedder)
    assert list(superseded(empty).values()) == ["x.md"]
    write(new, {"x.md": dated.format("2026-01-01", "staff", "2026", "2억원")})
    ingest([new], empty, embedder)
    assert superseded(empty) == {}, "who may not see the newer one does not learn of it"


def test_a_withdrawn_folder_is_taken_out_by_a_step_that_is_named(
    empty: Index, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    kept = write(tmp_path / "kept", {"a.txt": "남는 문서입니다."})
    gone = write(tmp_path / "철회", {"b.txt": "보조율은 55%이다.", "c/d.txt": "둘째 문서입니다.", "e.bin": ""})
    write(kept, {"copy.txt": "둘째 문서입니다."})
    ingest([gone], empty, embedder)
    ingest([kept], empty, embedder)
    shutil.rmtree(gone)
    with pytest.raises(PathError) as caught:
        ingest([gone], empty, embedder)
    assert "documents withdraw" in caught.value.hint
    with Sandbox() as sandbox:
        assert len(repair(empty, embedder, sandbox).missing_roots) == 2
    assert ids(empty) == ["a.txt", "b.txt", "c/d.txt"]
    with pytest.raises(PathError, match="nothing"):
        withdraw(empty, [str(gone), "no such.txt"])
    assert withdraw(empty, [str(gone)]) == ["b.txt", "c/d.txt"]
    assert ids(empty) == ["a.txt"] and not empty.seen_by(ALL).search_words(terms("보조율"), 5)
    assert not empty.ledger.failures() and not compare(empty).missing_roots and not empty.database.unpurged()
    ingest([kept], empty, embedder)
    assert ids(empty) == ["a.txt", "copy.txt"], "the copy takes its place"
    assert withdraw(empty, [unicodedata.normalize("NFD", "copy.txt")]) == ["copy.txt"]


@pytest.mark.parametrize("below", ["", "share"])
def test_an_absent_drive_empties_nothing(
    empty: Index, tmp_path: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    drive = tmp_path / "given" / below
    write(drive, {"a.txt": "글 하나입니다.", "b/c.txt": "글 둘입니다."})
    write(tmp_path / "given", {"own.txt": "바깥 글입니다."} if below else {})
    mounted = {str(drive)}
    monkeypatch.setattr(os.path, "ismount", lambda path: str(path) in mounted)
    given = tmp_path / "given"
    ingest([given], empty, embedder)
    before = ids(empty)
    mounted.clear()
    shutil.rmtree(drive)
    drive.mkdir()
    report = ingest([given], empty, embedder)
    assert not report.removed and len(report.away) == 2 and "2 away" in report.summary() and ids(empty) == before
    with Sandbox() as sandbox:
        assert len(repair(empty, embedder, sandbox).missing_roots) == 2 and ids(empty) == before
    write(drive, {"a.txt": "글 하나입니다."})
    mounted.add(str(drive))
    assert len(ingest([given], empty, embedder).removed) == 1, "what is deleted on a drive that is there goes"
    shutil.rmtree(drive)
    drive.mkdir()
    assert len(ingest([given], empty, embedder).removed) == 1


def test_labels_of_folders(empty: Index, tmp_path: Path, embedder: FakeEmbedder) -> None:
    folder = write(
        tmp_path / "d",
        {"a.txt": "공개 글입니다.", "제안/b.txt": "예산은 7억원입니다.", "제안/.labels.yaml": "labels: [staff]\n"},
    )
    ingest([folder], empty, embedder)
    assert ids(empty) == ["a.txt"] and ids(empty, "staff") == ["a.txt", "제안/b.txt"]
    assert ingest([folder / "제안"], empty, embedder, roots=[folder]).unchanged == ["제안/b.txt"]
    write(folder, {"제안/.labels.yaml": "labels: [company:maru]\n"})
    assert ingest([folder], empty, embedder).updated == ["제안/b.txt"] and ids(empty, "staff") == ["a.txt"]
    write(folder, {"제안/.labels.yaml": "labels: [Company]\n"})
    report = ingest([folder], empty, embedder)
    assert report.removed == ["제안/b.txt"] and [each["path"] for each in report.failed] == ["제안/b.txt"]
    (folder / "제안" / ".labels.yaml").unlink()
    ingest([folder], empty, embedder)
    assert ids(empty) == ["a.txt", "제안/b.txt"] and compare(empty).changed == []


def test_labels_given_with_the_command(tmp_path: Path, embedder: FakeEmbedder) -> None:
    folder = write(
        tmp_path / "d", {"b.txt": "예산은 7억원입니다.", "c.md": "---\nlabels: [company:maru]\n---\n글입니다."}
    )
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        report = ingest([folder], index, embedder, labels=["staff"])
        assert ids(index) == [] and ids(index, "staff") == ["b.txt"]
        assert [each["path"] for each in report.failed] == ["c.md"] and "none in common" in report.failed[0]["reason"]
        write(folder, {"b.txt": "예산은 8억원입니다.", "new.txt": "새 제안입니다."})
        ingest([folder], index, embedder)
        assert ids(index) == [] and ids(index, "staff") == ["b.txt", "new.txt"] and compare(index).changed == []
    with write_index(tmp_path / "index", FAKE_FINGERPRINT, rebuild=True) as index:
        ingest([folder], index, embedder)
        assert ids(index) == [], "an index made anew keeps them"
        ingest([folder / "b.txt"], index, embedder, labels=["staff"])
        ingest([folder], index, embedder, labels=["public"])
        assert ids(index) == ["new.txt"] and ids(index, "company:maru") == ["c.md", "new.txt"]


def test_names_of_a_mac(empty: Index, tmp_path: Path, embedder: FakeEmbedder) -> None:
    def files(form: str, *names: str) -> None:
        for name in names:
            content = (
                "labels: [staff]\n"
                if name.endswith(".yaml")
                else "초안*\n"
                if name.startswith(".")
                else f"{name} 글, {form}."
            )
            write(tmp_path / form, {unicodedata.normalize(form, name): content})

    for mine, theirs in (("NFD", "NFC"), ("NFC", "NFD")):
        folder = tmp_path / mine
        files(mine, "단가.txt", "초안_예산.txt", "안내.txt")
        for name, content in {"단가.txt.meta.yaml": "labels: [staff]\n", ".assistantignore": "초안*\n"}.items():
            write(folder, {unicodedata.normalize(theirs, name): unicodedata.normalize(theirs, content)})
        report = ingest([folder], empty, embedder)
        assert not report.failed
        assert sorted(each.partition("~")[0] for each in report.added) == ["단가.txt", "안내.txt"]
    assert {each.partition("~")[0] for each in ids(empty)} == {"안내.txt"}


def test_metadata_that_belongs_to_no_file_is_named(empty: Index, tmp_path: Path, embedder: FakeEmbedder) -> None:
    folder = write(tmp_path / "d", {"제안.pdf.txt": "글입니다.", "제안.pdf.meta.yaml": "labels: [staff]\n"})
    write(folder, {"그림/사진.txt": "글.", "그림/사진.txt.meta.yaml": "title: 사진\n", ".assistantignore": "그림/\n"})
    report = ingest([folder], empty, embedder)
    (failure,) = report.failed
    assert failure["path"] == "제안.pdf.meta.yaml" and "belongs to no file" in failure["reason"] and failure["hint"]
    (folder / "제안.pdf.meta.yaml").rename(folder / "제안.pdf.txt.meta.yaml")
    assert not ingest([folder], empty, embedder).failed and not empty.ledger.failures() and ids(empty) == []


def test_a_moved_folder_keeps_its_documents_and_vectors(empty: Index, tmp_path: Path, embedder: FakeEmbedder) -> None:
    old = write(tmp_path / "old", {"a.txt": "글 하나입니다.", "b/c.txt": "글 둘입니다."})
    ingest([old], empty, embedder)
    old.rename(tmp_path / "new")
    embedder.passages.clear()
    report = ingest([tmp_path / "new"], empty, embedder)
    assert len(report.moved) == 2 and embedder.passages == [] and not compare(empty).in_files
    assert ids(empty) == ["a.txt", "b/c.txt"]


def test_an_unreadable_file_in_a_folder_that_got_labels_is_withheld(
    empty: Index, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    folder = write(tmp_path / "d", {"a.txt": "예산은 7억원입니다."})
    ingest([folder], empty, embedder)
    write(folder, {"a.txt": "", ".labels.yaml": "labels: [staff]\n"})
    assert ingest([folder], empty, embedder).removed == ["a.txt"] and ids(empty) == []


def test_metadata_beside_a_folder_is_named(empty: Index, tmp_path: Path, embedder: FakeEmbedder) -> None:
    folder = write(tmp_path / "d", {"제안/a.txt": "글.", "제안.meta.yaml": "labels: [staff]\n"})
    (failure,) = ingest([folder], empty, embedder).failed
    assert failure["path"] == "제안.meta.yaml" and ".labels.yaml" in failure["hint"]


def test_litter_is_passed_over_in_silence(empty: Index, tmp_path: Path, embedder: FakeEmbedder) -> None:
    litter = ["~$공고.docx", ".~lock.공고.odt#", ".DS_Store", "Thumbs.db", "desktop.ini", "a.tmp", "~WRL1.tmp", "b.swp",
              "c.txt~", "#d.txt#", "e.part", "__MACOSX/._a.txt", "$RECYCLE.BIN/x.txt", "@eaDir/y.txt"]  # fmt: skip
    folder = write(tmp_path / "d", {"글.txt": "글입니다.", **dict.fromkeys(litter, "x")})
    report = ingest([folder], empty, embedder)
    assert report.added == ["글.txt"] and not report.failed


def test_people_are_told_paths_inside_the_folder(
    empty: Index, tmp_path: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "비밀 서버 폴더", {"a/글.txt": "글입니다.", "a/빈.txt": "", "a/글 2.txt": "글입니다."})
    report = ingest([folder], empty, embedder)
    told = [json.dumps(report.to_json(), ensure_ascii=False)]
    (document,) = empty.seen_by(["public"]).documents()
    assert document.path == document.document_id == "a/글 2.txt"
    assert [each["path"] for each in report.failed] == ["a/빈.txt"]
    assert report.duplicates == [{"path": "a/글.txt", "document_id": "a/글 2.txt"}]

    class Opened:
        def __enter__(self) -> object:
            from assistant.settings import Settings

            return empty, Settings(access_file=tmp_path / "none.toml")

        def __exit__(self, *exc: object) -> None:
            pass

    monkeypatch.setattr(commands, "_open_index", lambda _: Opened())
    for arguments in (["list", "--json"], ["list", "--failed", "--json"], ["show", "a/글 2.txt", "--json"], ["list"]):
        told.append(CliRunner().invoke(commands.documents, arguments).output)
    assert "a/빈.txt" in told[2] and not any("비밀 서버 폴더" in each for each in told)
