"""The index: labels inside every read, one writer, and the fingerprint."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from assistant.errors import IndexCorrupt, IndexLocked, IndexMismatch, IndexMissing, IndexNotWritten
from assistant.index import Index, Visible, open_index
from assistant.index.store import access_class_of, write_index
from assistant.index.vectors import Vectors
from assistant.ingest import ingest
from assistant.text.tokens import terms
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.usefixtures("pair")
PUBLIC = ["public"]


def test_stored_text_and_chunks_agree(index: Index) -> None:
    everything = index.seen_by(["public", "staff"])
    for document in everything.documents():
        _, text = everything.document_text(document.document_id) or (None, "")
        ids = [i for i in index.catalog.chunk_states() if i.startswith(document.document_id)]
        for chunk, _ in everything.chunks(ids).values():
            assert text[chunk.start : chunk.end] == chunk.text


def test_a_label_that_is_not_held_hides_everything(index: Index, embedder: FakeEmbedder) -> None:
    question = "가온정밀 제안 예산 7억"
    for visible in map(index.seen_by, (PUBLIC, ["unknown"], [], ["company:other"])):
        assert all(d.title != "가온정밀 제안서" for d in visible.documents())
        assert visible.document_text("proposal.ko.md") is None
        assert visible.blocks("proposal.ko.md", 0, 10_000) == []
        secret = [i for i in index.catalog.chunk_states() if i.startswith("proposal")]
        assert secret and visible.chunks(secret) == visible.owners(secret) == {}
        assert visible.terms_of(secret) == {}
        found = dict(visible.search_words(terms(question), 50))
        found |= dict(visible.search_vectors(embedder.encode_query(question), 50))
        assert not set(secret) & set(found)
        _, total = visible.document_frequency(["7억"])
        assert total == visible.counts()["chunks"] < len(index.catalog.chunk_states())
    for visible in map(index.seen_by, (["staff"], ["company:gaon"])):
        assert {d.document_id for d in visible.owners(secret).values()} == {"proposal.ko.md"}
        assert visible.document_text("proposal.ko.md") is not None
        assert visible.search_words(terms(question), 5)[0][0].startswith("proposal")
        assert visible.search_vectors(embedder.encode_query(question), 5)[0][0].startswith("proposal")


def test_relabelling_moves_a_document_out_of_sight(index: Index, corpus: Path, embedder: FakeEmbedder) -> None:
    from assistant.ingest import ingest

    visible, name = index.seen_by(PUBLIC), "launch.ko.md"
    question, vector = terms("153개 기업"), embedder.encode_query("153개 기업")

    def seen() -> list[object]:
        found = {i for i, _ in (*visible.search_words(question, 50), *visible.search_vectors(vector, 50))}
        own = [i for i in index.catalog.chunk_states() if i.startswith(name)]
        return [
            [each for each in visible.documents() if each.document_id == name],
            visible.document_text(name),
            visible.blocks(name, 0, 10_000),
            found & set(own),
            visible.chunks(own),
            visible.owners(own),
            visible.terms_of(own),
        ]

    before = visible.counts()["chunks"], visible.document_frequency(["153"])[1]
    assert all(seen()) and before[0] == before[1]
    path = corpus / name
    path.write_text(path.read_text(encoding="utf-8").replace("labels: [public]", "labels: [staff]"), encoding="utf-8")
    report = ingest([corpus], index, embedder)
    assert report.updated == [name]
    assert not any(seen())
    assert visible.counts()["chunks"] == visible.document_frequency(["153"])[1] < before[0]
    assert index.differences() == {"missing": [], "orphaned": []}


def test_nothing_is_read_without_labels() -> None:
    names = [name for name, member in vars(Index).items() if not name.startswith("_") and callable(member)]
    takes = {name for name in names if "labels" in inspect.signature(getattr(Index, name)).parameters}
    assert takes == {"seen_by"}
    assert not set(names) & {name for name in vars(Visible) if not name.startswith("_")}


@pytest.mark.embedded
def test_many_small_additions_are_merged_at_the_end_of_a_run(tmp_path: Path) -> None:
    segments = "SELECT count(DISTINCT segid) FROM lexical_idx"
    with write_index(tmp_path / "i", FAKE_FINGERPRINT) as index:
        with index.database.transaction():
            index.catalog._db.execute("INSERT INTO lexical (lexical, rank) VALUES ('automerge', 0)")
        for number in range(12):
            with index.database.transaction():
                index.catalog._db.execute("INSERT INTO lexical (rowid, words) VALUES (?, 'valve')", (number,))
        assert index.database.rows(segments)[0][0] == 12
    with open_index(tmp_path / "i", FAKE_FINGERPRINT) as index:
        assert index.database.rows(segments)[0][0] == 1
        assert index.database.rows("SELECT count(*) FROM lexical WHERE lexical MATCH 'valve'")[0][0] == 12


def test_owners_are_the_documents_as_they_are_now(index: Index) -> None:
    some = next(i for i in index.catalog.chunk_states() if i.startswith("launch.ko.md"))
    assert index.seen_by(PUBLIC).owners([some, "gone@0#0"]) == {some: index.seen_by(PUBLIC).chunks([some])[some][1]}
    with index.database.transaction():
        record = index.database.rows("SELECT record FROM documents WHERE document_id = 'launch.ko.md'")[0][0]
        changed = json.dumps({**json.loads(record), "superseded_by": "new.md"})
        index.catalog._db.execute("UPDATE documents SET record = ? WHERE document_id = 'launch.ko.md'", (changed,))
    assert index.seen_by(PUBLIC).owners([some])[some].superseded_by == "new.md"


def test_codes_are_found_whole(index: Index) -> None:
    assert terms("알람 SV0401과 R-101, 제92조 제2항").identifiers == ("sv0401", "r-101", "제92조제2항")


def test_fingerprint_mismatch_names_the_command(index: Index, tmp_path: Path) -> None:
    index.close()
    for key in FAKE_FINGERPRINT.keys() - {"tokenizer"}:
        with pytest.raises(IndexMismatch, match=r"ingest --rebuild"):
            open_index(tmp_path / "index", {**FAKE_FINGERPRINT, key: "another"})


def test_words_that_another_tokenizer_found_are_found_anew(
    corpus: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    with write_index(tmp_path / "i", FAKE_FINGERPRINT) as index:
        ingest([corpus], index, embedder)
        before = index.seen_by(PUBLIC).search_words(terms("153개 기업"), 3)
        index.database.set_meta({"tokenizer": "another"})
        with index.database.transaction():
            index.catalog._db.execute("UPDATE lexical SET words = 'other', bigrams = '', identifiers = ''")
    with open_index(tmp_path / "i", FAKE_FINGERPRINT) as opened:
        assert before and opened.seen_by(PUBLIC).search_words(terms("153개 기업"), 3) == before
        assert opened.database.meta()["tokenizer"] == FAKE_FINGERPRINT["tokenizer"]


def test_writing_into_an_index_of_another_embedder_is_refused_until_it_is_rebuilt(tmp_path: Path) -> None:
    with write_index(tmp_path / "i", FAKE_FINGERPRINT):
        pass
    other = {**FAKE_FINGERPRINT, "embedder": "another"}
    with pytest.raises(IndexMismatch, match=r"ingest --rebuild"), write_index(tmp_path / "i", other):
        pass
    with write_index(tmp_path / "i", other, rebuild=True) as rebuilt:
        assert rebuilt.database.meta()["embedder"] == "another"


def test_missing_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="assistant ingest"):
        open_index(tmp_path / "nothing", FAKE_FINGERPRINT)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.embedded
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


_READER = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from pathlib import Path\n"
    "from assistant.index import open_index\n"
    "from assistant.text.tokens import terms\n"
    "from tests.conftest import FAKE_FINGERPRINT\n"
    "from tests.fakes import FakeEmbedder\n"
    "with open_index(Path(sys.argv[2]), FAKE_FINGERPRINT) as index:\n"
    "    for question in sys.stdin:\n"
    "        words = index.seen_by(['public']).search_words(terms(question), 1)\n"
    "        near = index.seen_by(['public']).search_vectors(FakeEmbedder().encode_query(question), 1)\n"
    "        print(*[(found or [('nothing', 0)])[0][0].split('@')[0] for found in (words, near)], flush=True)\n"
)


@contextmanager
def reading(folder: Path) -> Iterator[Callable[[str], list[str]]]:
    """Another process with the index open: the first document by words and by meaning for each question."""
    with subprocess.Popen(
        [sys.executable, "-c", _READER, str(PROJECT), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:

        def found(question: str) -> list[str]:
            assert reader.stdin is not None and reader.stdout is not None
            reader.stdin.write(f"{question}\n")
            reader.stdin.flush()
            return reader.stdout.readline().split()

        yield found
        assert reader.stdin is not None
        reader.stdin.close()


def test_another_process_sees_new_documents_and_vectors(index: Index, corpus: Path, tmp_path: Path) -> None:
    """A reader that was open all the time finds what a later run added: by its words at once, by meaning after it."""
    from assistant.ingest import ingest

    with reading(tmp_path / "index") as found:
        assert found("lockout device pressure") == ["lockout.en.md", "lockout.en.md"]
        (corpus / "welding.txt").write_text("용접 로봇의 토치 케이블은 매주 점검합니다.", encoding="utf-8")

        class Asking(FakeEmbedder):
            def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
                during.append(found("용접 토치 케이블 점검")[0])
                return super().encode_passages(titles, texts)

        during: list[str] = []
        ingest([corpus], index, Asking())
        assert during == ["welding.txt"]
        assert found("용접 토치 케이블 점검") == ["welding.txt", "welding.txt"]


@pytest.mark.embedded
def test_another_process_keeps_the_old_index_while_it_is_made_anew_and_then_takes_the_new_one(
    corpus: Path, tmp_path: Path
) -> None:
    from assistant.ingest import ingest

    folder = tmp_path / "again"
    with write_index(folder, FAKE_FINGERPRINT) as first:
        ingest([corpus], first, FakeEmbedder())
    with reading(folder) as found:
        assert found("lockout device pressure") == ["lockout.en.md", "lockout.en.md"]
        (corpus / "lockout.en.md").unlink()
        (corpus / "welding.txt").write_text("용접 로봇의 토치 케이블은 매주 점검합니다.", encoding="utf-8")
        with write_index(folder, FAKE_FINGERPRINT, rebuild=True) as second:
            assert found("lockout device pressure")[0] == "lockout.en.md"
            ingest([corpus], second, FakeEmbedder())
        assert found("용접 토치 케이블 점검") == ["welding.txt", "welding.txt"]
        assert "lockout.en.md" not in found("lockout device pressure")


@pytest.mark.embedded
def test_vectors_that_cannot_be_read_are_no_error_while_a_run_is_under_way(index: Index, tmp_path: Path) -> None:
    from assistant.index.progress import RunProgress

    index.vectors.close()
    (tmp_path / "index" / "vectors" / "chroma.sqlite3").write_bytes(b"half written")
    question = FakeEmbedder().encode_query("153개 기업")
    with open_index(tmp_path / "index", FAKE_FINGERPRINT) as reader:
        with pytest.raises(IndexCorrupt, match="--repair"):
            reader.seen_by(PUBLIC).search_vectors(question, 5)
        index.ledger.set_progress(RunProgress("embed", 1, 9, 1.0, 8.0, time.time()).record())
        assert reader.seen_by(PUBLIC).search_vectors(question, 5) == []
        assert reader.seen_by(PUBLIC).search_words(terms("153개 기업"), 5)
        assert (reader.progress() or index).to_json()["remaining_s"] == 8.0  # type: ignore[union-attr]
        index.ledger.set_progress(RunProgress("embed", 1, 9, 1.0, 8.0, time.time() - 3600).record())
        assert reader.progress() is None  # that run has died


@pytest.mark.embedded
def test_removed_and_relabelled_documents_leave_nothing_on_disk(
    index: Index, corpus: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    """Neither text nor ids nor vectors are in any file of the index: database, log, Chroma's queue and graphs."""
    from assistant.ingest import ingest

    secret = "기밀문구나라마바사 CONFIDENTIALMARKER"
    for name, labels in (("gone-secretname.md", "staff"), ("relabelled-secretname.md", "public")):
        (corpus / name).write_text(
            f"---\ntitle: {secret}\nlabels: [{labels}]\n---\n\n# {secret}\n\n" + f"{secret} {name} 12345. \n\n" * 30,
            encoding="utf-8",
        )
    ingest([corpus], index, embedder)
    states = index.catalog.chunk_states()
    ids = [i for i in states if "secretname" in i]
    vectors = {
        vector: index.vectors.get(access, [vector])[vector].tobytes()
        for vector, access in index.ledger.stored().items()
        if "CONFIDENTIALMARKER" in index.catalog.passages([vector])[vector][1].title
    }
    sought = ["CONFIDENTIALMARKER", "confidentialmarker", "기밀문구", "나라마바", "secretname", *ids, *vectors]
    needles = [word.encode() for word in sought] + [row[8:64] for row in vectors.values()]

    def kept() -> set[bytes]:
        files = [path for path in (tmp_path / "index").rglob("*") if path.is_file()]
        contents = [path.read_bytes() for path in files]
        return {needle for needle in needles if any(needle in content for content in contents)}

    assert ids and vectors and len(kept()) > len(needles) // 2
    (corpus / "gone-secretname.md").unlink()
    (corpus / "relabelled-secretname.md").unlink()
    ingest([corpus], index, embedder)
    assert kept() == set()
    assert not index.database.unpurged() and index.differences() == {"missing": [], "orphaned": []}
    nearest = index.seen_by(PUBLIC).search_vectors(embedder.encode_query("153개 기업과 기관"), 1)
    assert nearest[0][0].startswith("launch")


@pytest.mark.embedded
def test_a_reader_that_holds_on_delays_the_erasure(index: Index, corpus: Path, tmp_path: Path) -> None:
    import sqlite3

    from assistant.ingest import ingest

    index.catalog._db.execute("PRAGMA busy_timeout = 50")
    reader = sqlite3.connect(tmp_path / "index" / "catalog.sqlite3")
    reader.execute("BEGIN")
    reader.execute("SELECT text FROM documents").fetchone()
    (corpus / "proposal.ko.md").unlink()
    ingest([corpus], index, FakeEmbedder())
    assert index.database.unpurged()
    reader.close()
    ingest([corpus], index, FakeEmbedder())
    assert not index.database.unpurged()


@pytest.mark.embedded
def test_a_full_disk_is_named_and_the_next_run_goes_on(corpus: Path, tmp_path: Path) -> None:
    from assistant.ingest import ingest

    (corpus / "big.txt").write_text("\n\n".join(f"{n}번째 문단의 내용입니다." for n in range(3000)), encoding="utf-8")
    with write_index(tmp_path / "full", FAKE_FINGERPRINT) as full:
        pages = full.catalog._db.execute("PRAGMA page_count").fetchone()[0]
        full.catalog._db.execute(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(IndexNotWritten, match=r"full.*go"):
            ingest([corpus], full, FakeEmbedder())
        assert full.seen_by(PUBLIC).document_text("big.txt") is None
    with write_index(tmp_path / "full", FAKE_FINGERPRINT) as full:
        with (
            patch.object(Vectors, "_collection", side_effect=OSError(28, "No space left on device")),
            pytest.raises(IndexNotWritten, match="No space left"),
        ):
            ingest([corpus], full, FakeEmbedder())
        assert (
            full.seen_by(PUBLIC).counts()["waiting"] > 0 and full.seen_by(PUBLIC).document_text("big.txt") is not None
        )
        ingest([corpus], full, FakeEmbedder())
        assert full.seen_by(PUBLIC).counts()["waiting"] == 0 and full.progress() is None
