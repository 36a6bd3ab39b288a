"""A closed part of an open archive: found by those who hold its label, and by nobody else, as long as it is there."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.ingest.repair import compare
from assistant.ingest.withdraw import withdraw
from assistant.text.tokens import terms
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder

EVERYBODY, HANEUL, MARU, STAFF = ["public"], ["public", "company:haneul"], ["public", "company:maru"], ["staff"]
CLOSED = "---\ntitle: 하늘 단가표\nlabels: [company:haneul, staff]\n---\n\n하늘기계 납품 단가는 {}만원입니다."
ARCHIVE, PART = "묶음.zip", "묶음.zip/하늘/단가.md"


def pack(folder: Path, price: int = 431, **more: str) -> Path:
    path = folder / ARCHIVE
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("안내.txt", "공개 안내입니다.")
        if price:
            archive.writestr("하늘/단가.md", CLOSED.format(price))
        for name, text in more.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    return tmp_path / "documents"


def found(index: Index, labels: list[str], embedder: FakeEmbedder, query: str = "하늘기계 납품 단가") -> set[str]:
    """Documents that either search brings, all passages taken."""
    seen = index.seen_by(labels)
    hits = [*seen.search_words(terms(query), 99), *seen.search_vectors(embedder.encode_query(query), 99)]
    return {document.document_id for document in seen.owners([hit for hit, _ in hits]).values()}


def test_only_holders_of_its_label_find_it(index: Index, folder: Path, embedder: FakeEmbedder) -> None:
    pack(folder)
    report = ingest([folder], index, embedder)
    assert report.added == [ARCHIVE] and not report.incomplete and not index.ledger.failures()
    for labels in (HANEUL, STAFF):
        assert PART in found(index, labels, embedder)
        document, text = index.seen_by(labels).document_text(PART) or (None, "")
        assert document and (document.path, document.title) == (PART, "하늘 단가표")
        assert document.labels == ("company:haneul", "staff") and "431만원" in text and "안내" not in text
    for labels in (EVERYBODY, MARU):
        assert found(index, labels, embedder) == {ARCHIVE}
        assert [each.document_id for each in index.seen_by(labels).documents()] == [ARCHIVE]
        assert index.seen_by(labels).document_text(PART) is None and index.seen_by(labels).counts()["documents"] == 1
        assert "431" not in (index.seen_by(labels).document_text(ARCHIVE) or (None, ""))[1]
        assert index.seen_by(labels).document_file(PART) is None
    assert not (index.seen_by(HANEUL).document_file(PART) or (Path(), ""))[0].exists(), "it is no file to be served"


def test_it_goes_with_its_archive(index: Index, folder: Path, embedder: FakeEmbedder, tmp_path: Path) -> None:
    path = pack(folder)
    ingest([folder], index, embedder)
    again = ingest([folder], index, embedder)
    assert again.unchanged == [ARCHIVE] and not again.changed and PART in found(index, HANEUL, embedder)
    assert not compare(index).in_files and not compare(index).in_vectors

    pack(folder, 432)
    assert ingest([folder], index, embedder).updated == [ARCHIVE]
    assert "432만원" in (index.seen_by(HANEUL).document_text(PART) or (None, ""))[1]

    path.rename(folder / "새이름.zip")
    ingest([folder], index, embedder)
    held = [each.document_id for each in index.seen_by(HANEUL).documents()]
    assert held == ["새이름.zip", "새이름.zip/하늘/단가.md"]

    (folder / "새이름.zip").rename(path)
    pack(folder, 0)
    ingest([folder], index, embedder)
    assert len(index.seen_by(HANEUL).documents()) == 1 and "단가" not in str(index.seen_by(HANEUL).documents())

    pack(folder)
    ingest([folder], index, embedder)
    path.unlink()
    ingest([folder], index, embedder)
    assert not index.seen_by([*HANEUL, *STAFF]).documents() and index.differences() == {"missing": [], "orphaned": []}
    pack(folder)
    ingest([folder], index, embedder)
    withdraw(index, [str(path)])
    assert not index.seen_by([*HANEUL, *STAFF]).documents()


def test_labels_given_to_the_folder_bind_it_too(index: Index, folder: Path, embedder: FakeEmbedder) -> None:
    pack(folder)
    ingest([folder], index, embedder)
    ingest([folder], index, embedder, labels=["staff", "company:maru"])
    assert index.seen_by(HANEUL).documents() == [] and index.seen_by(EVERYBODY).documents() == []
    assert [each.labels for each in index.seen_by(STAFF).documents()] == [("staff", "company:maru"), ("staff",)]
    assert [each.document_id for each in index.seen_by(MARU).documents()] == [ARCHIVE]
    ingest([folder], index, embedder, labels=["company:maru"])
    assert [each.document_id for each in index.seen_by(MARU).documents()] == [ARCHIVE]
    assert index.seen_by([*HANEUL, *STAFF]).documents() == [], "nobody may see what both close"


def test_parts_with_labels_of_their_own_each(index: Index, folder: Path, embedder: FakeEmbedder) -> None:
    other = "---\nlabels: [company:maru]\n---\n\n마루산업 납품 단가는 77만원입니다."
    pack(folder, **{"마루.md": other})
    ingest([folder], index, embedder)
    assert found(index, HANEUL, embedder) == {ARCHIVE, PART}
    assert found(index, MARU, embedder) == {ARCHIVE, f"{ARCHIVE}/마루.md"}
    assert index.seen_by(HANEUL).document_text(f"{ARCHIVE}/마루.md") is None


def test_a_passage_that_cannot_be_embedded_is_told_of_the_archive(
    index: Index, folder: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise RuntimeError("too hot")

    pack(folder)
    monkeypatch.setattr(embedder, "encode_passages", fail)
    ingest([folder], index, embedder)
    assert {each["path"] for each in index.ledger.failures()} == {ARCHIVE}
    assert "단가" not in str(index.ledger.failures())
