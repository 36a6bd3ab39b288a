"""Vectors on a Chroma server: found as in a folder, errors that say what to do, and mending after a break."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from assistant.errors import IndexCorrupt, IndexMismatch, VectorsAway
from assistant.evaluation.crash import stored
from assistant.index import Index, open_index, server
from assistant.index.places import PLACE
from assistant.index.server import ChromaServer, ServerStore, server_of
from assistant.index.store import access_class_of, write_index
from assistant.index.vectors import Vectors
from assistant.ingest import ingest
from assistant.ingest.repair import Differences, compare, repair
from assistant.ingest.sandbox import Sandbox
from assistant.retrieval import HybridRetriever
from assistant.settings import Settings, load_settings
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.fakes import FakeChatHost, FakeEmbedder
from tests.index.chroma_run import ChromaRun

PUBLIC = ["public"]
EVERYBODY = ["public", "staff"]
QUESTIONS = ["153개 기업과 기관", "lockout device pressure", "앵커기업 포스코홀딩스", "가온정밀 제안 예산"]
ONE, OTHER = (access_class_of([label]) for label in ("public", "staff"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaRun]:
    run = ChromaRun(tmp_path_factory.mktemp("chroma"))
    run.start()
    yield run
    run.kill()


@pytest.fixture
def chroma(running: ChromaRun) -> ChromaServer:
    return running.server


def nothing_left(index: Index) -> bool:
    return compare(index) == Differences()


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


@pytest.mark.server
def test_vectors_are_added_found_and_removed_in_batches(chroma: ChromaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ServerStore(chroma, "batches")
    store.batch = 3
    monkeypatch.setattr(server, "_LISTED", 1)
    vectors = Vectors(store)
    assert vectors.search(unit(1, 0), [ONE], 5) == [] and vectors.ids() == {}
    ids = [f"v{number}" for number in range(8)]
    rows = np.stack([unit(1, number) for number in range(8)])
    vectors.add(ONE, ids, rows)
    vectors.add(OTHER, ["w"], rows[:1])
    assert vectors.ids() == {**dict.fromkeys(ids, ONE), "w": OTHER}
    got = vectors.get(ONE, [*ids, "absent"])
    assert list(got) and all(np.allclose(got[each], row) for each, row in zip(ids, rows, strict=True))
    found = vectors.search(unit(1, 0), [ONE], 3)
    assert [name for name, _ in found] == ["v0", "v1", "v2"] and found[0][1] == pytest.approx(1, abs=1e-5)
    assert {name for name, _ in vectors.search(unit(1, 0), [ONE, OTHER], 2)} == {"v0", "w"}
    vectors.remove(ONE, [*ids[:5], "absent"])
    assert vectors.ids() == {**dict.fromkeys(ids[5:], ONE), "w": OTHER}
    vectors.purge()
    vectors.erase()
    assert vectors.ids() == {}


@pytest.mark.server
def test_an_index_on_a_server_finds_what_one_in_a_folder_finds(
    chroma: ChromaServer, corpus: Path, index: Index, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    folder = tmp_path / "there"
    with write_index(folder, FAKE_FINGERPRINT, server=chroma) as there:
        ingest([corpus], there, embedder)
        assert nothing_left(there)
    with open_index(folder, FAKE_FINGERPRINT, server=chroma) as there:
        for labels in (PUBLIC, EVERYBODY, ["unknown"]):
            for question in QUESTIONS:
                vector = embedder.encode_query(question)
                here = index.seen_by(labels).search_vectors(vector, 5)
                found = there.seen_by(labels).search_vectors(vector, 5)
                assert dict(found) == pytest.approx(dict(here), abs=1e-4)
                hits = [
                    HybridRetriever(each, embedder).search(question, frozenset(labels), 5) for each in (index, there)
                ]
                assert [hit.passage.chunk_id for hit in hits[0]] == [hit.passage.chunk_id for hit in hits[1]]
        secret = there.seen_by(PUBLIC).search_vectors(embedder.encode_query("가온정밀 제안 예산"), 50)
        assert not [name for name, _ in secret if name.startswith("proposal")]
    assert not list(folder.glob("vectors*"))  # neither files nor a lock of the embedded store


@pytest.mark.server
def test_documents_that_change_go_or_get_other_labels_leave_nothing_behind(
    chroma: ChromaServer, corpus: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    with write_index(tmp_path / "there", FAKE_FINGERPRINT, server=chroma) as index:
        ingest([corpus], index, embedder)
        (corpus / "lockout.en.md").unlink()
        launch = corpus / "launch.ko.md"
        launch.write_text(launch.read_text(encoding="utf-8").replace("[public]", "[staff]"), encoding="utf-8")
        ingest([corpus], index, embedder)
        assert nothing_left(index) and not index.database.unpurged()
        assert index.seen_by(PUBLIC).search_vectors(embedder.encode_query("153개 기업"), 5) == []
        assert index.seen_by(["staff"]).search_vectors(embedder.encode_query("153개 기업과 기관"), 1)


@pytest.mark.server
def test_indexes_share_a_server_and_a_rebuild_touches_only_its_own(
    chroma: ChromaServer, corpus: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    with write_index(tmp_path / "one", FAKE_FINGERPRINT, server=chroma) as one:
        ingest([corpus], one, embedder)
    with write_index(tmp_path / "two", FAKE_FINGERPRINT, server=chroma) as two:
        ingest([corpus], two, embedder)
        name = two.database.meta()[PLACE]
    with write_index(tmp_path / "two", FAKE_FINGERPRINT, rebuild=True, server=chroma) as two:
        assert two.database.meta()[PLACE] == name and two.vectors.ids() == {}
    with write_index(tmp_path / "one", FAKE_FINGERPRINT, server=chroma) as one:
        assert nothing_left(one) and one.vectors.ids()


@pytest.mark.server
def test_vectors_are_carried_from_the_folder_to_the_server_and_settings_that_differ_are_named(
    chroma: ChromaServer, corpus: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "moved"
    with write_index(folder, FAKE_FINGERPRINT) as index:
        ingest([corpus], index, FakeEmbedder())
    with pytest.raises(IndexMismatch, match=r"in its folder.*assistant ingest"):
        open_index(folder, FAKE_FINGERPRINT, server=chroma)

    class Idle(FakeEmbedder):
        def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
            raise AssertionError("nothing has to be embedded again")

    with write_index(folder, FAKE_FINGERPRINT, server=chroma) as index:
        ingest([corpus], index, Idle())
        assert nothing_left(index) and not (folder / "vectors").exists()
    with pytest.raises(IndexMismatch, match=r"chroma_url is not set"):
        open_index(folder, FAKE_FINGERPRINT)
    with write_index(folder, FAKE_FINGERPRINT) as index:  # and back
        ingest([corpus], index, FakeEmbedder())
        assert nothing_left(index) and (folder / "vectors").exists()
    open_index(folder, FAKE_FINGERPRINT).close()


@pytest.mark.server
def test_what_is_lost_or_left_over_on_the_server_is_named_and_mended(
    chroma: ChromaServer, corpus: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    with write_index(tmp_path / "i", FAKE_FINGERPRINT, server=chroma) as index, Sandbox() as sandbox:
        ingest([corpus], index, embedder)
        public, secret = access_class_of(PUBLIC), access_class_of(["staff"])
        index.vectors.add(secret, ["orphan"], np.ones((1, embedder.encode_query("x").size), dtype=np.float32))
        client = index.vectors._client
        client.delete_collection(f"{index.database.meta()[PLACE]}-class-{public}")
        index.vectors.reopen()
        with pytest.raises(IndexCorrupt, match="--repair"):
            index.seen_by(PUBLIC).search_vectors(embedder.encode_query("153개 기업"), 5)
        found = compare(index)
        assert found.lost and found.orphaned == ["orphan"]
        assert repair(index, embedder, sandbox) == Differences()
        assert index.seen_by(PUBLIC).search_vectors(embedder.encode_query("153개 기업"), 5)


@pytest.mark.server
@pytest.mark.slow
def test_a_server_that_dies_in_the_middle_of_a_run_is_named_and_the_next_run_goes_on(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_ATTEMPTS", 2)
    run = ChromaRun(tmp_path / "store")
    try:
        chroma = run.start()

        class Killing(FakeEmbedder):
            def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
                run.kill()
                return super().encode_passages(titles, texts)

        with write_index(tmp_path / "i", FAKE_FINGERPRINT, server=chroma) as index:
            with pytest.raises(VectorsAway, match="cannot be reached") as caught:
                ingest([corpus], index, Killing())
            assert chroma.url in caught.value.message and "chroma run" in caught.value.hint
            assert compare(index).vectors_away and index.seen_by(PUBLIC).counts()["waiting"] > 0
            run.start()
            ingest([corpus], index, FakeEmbedder())
            assert nothing_left(index)
            run.kill()
            with pytest.raises(VectorsAway):  # never an empty result
                index.seen_by(PUBLIC).search_vectors(FakeEmbedder().encode_query("153개 기업"), 5)
            run.folder = tmp_path / "another, empty"
            run.start()
            ingest([corpus], index, FakeEmbedder())  # the vectors are made again
            assert nothing_left(index)
    finally:
        run.kill()


_RUN = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from pathlib import Path\n"
    "from assistant.evaluation.crash import HashEmbedder\n"
    "from assistant.index.server import ChromaServer\n"
    "from assistant.index.store import write_index\n"
    "from assistant.ingest import ingest\n"
    "from tests.conftest import FAKE_FINGERPRINT\n"
    "print('begun', flush=True)\n"
    "with write_index(Path(sys.argv[3]), FAKE_FINGERPRINT, server=ChromaServer(sys.argv[4])) as index:\n"
    "    ingest([Path(sys.argv[2])], index, HashEmbedder())\n"
)


@pytest.mark.server
@pytest.mark.slow
def test_a_run_that_is_killed_at_any_moment_ends_with_the_same_index_at_the_next(
    chroma: ChromaServer, corpus: Path, tmp_path: Path
) -> None:
    for number in range(40):
        (corpus / f"{number}.txt").write_text(f"{number}번째 설비의 점검 기록입니다. " * 40, encoding="utf-8")

    def run(folder: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _RUN, str(PROJECT), str(corpus), str(folder), chroma.url]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        return process

    def contents(folder: Path) -> dict[str, Any]:
        with write_index(folder, FAKE_FINGERPRINT, server=chroma) as index:
            assert nothing_left(index)
            return stored(index)

    began = time.monotonic()
    assert run(tmp_path / "whole").wait() == 0
    length = time.monotonic() - began
    right = contents(tmp_path / "whole")
    assert len(right["vectors"]) > 40
    draw = random.Random(1)
    for trial in range(5):
        folder = tmp_path / f"killed {trial}"
        killed = run(folder)
        time.sleep(draw.uniform(0, length))
        killed.kill()
        killed.wait()
        assert run(folder).wait() == 0
        assert contents(folder) == right


# ---- without a server


def test_a_server_that_is_not_there_is_named_before_anything_is_changed(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_ATTEMPTS", 2)
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([corpus], index, FakeEmbedder())
    away = ChromaServer("http://127.0.0.1:9")
    with (
        pytest.raises(VectorsAway, match=r"127\.0\.0\.1:9 .*chroma run --path FOLDER --host 127\.0\.0\.1 --port 9"),
        write_index(tmp_path / "index", FAKE_FINGERPRINT, server=away),
    ):
        pass
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as same:
        assert nothing_left(same)


def test_a_server_that_accepts_and_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_ATTEMPTS", 2)
    monkeypatch.setattr(server, "_CONNECT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(VectorsAway, match="cannot be reached"):
            Vectors(ServerStore(ChromaServer(url), "x")).ids()


def test_what_may_pass_is_tried_again_and_what_will_not_is_not() -> None:
    def answering(status: int) -> httpx.HTTPStatusError:
        request = httpx.Request("GET", "http://h")
        return httpx.HTTPStatusError("no", request=request, response=httpx.Response(status, request=request))

    def plain(cause: Exception) -> Exception:  # as chromadb raises it
        try:
            try:
                raise cause
            except httpx.HTTPStatusError:
                raise Exception("busy") from None
        except Exception as exc:  # noqa: BLE001
            return exc

    for error, calls in (
        (httpx.ConnectError("refused"), 3),
        (plain(answering(503)), 3),
        (plain(answering(429)), 3),
        (plain(answering(400)), 1),
        (ValueError("no"), 1),
    ):
        made: list[int] = []

        def flaky(error: Exception = error, made: list[int] = made) -> str:
            made.append(1)
            if len(made) < 3:
                raise error
            return "done"

        if calls == 3:
            assert server._patiently(flaky) == "done"
        else:
            with pytest.raises(type(error)):
                server._patiently(flaky)
        assert len(made) == calls


@pytest.mark.parametrize(("status", "said"), [(401, "ASSISTANT_CHROMA_KEY"), (404, "no Chroma server.*chroma_url")])
def test_a_server_that_asks_for_a_key_or_is_another_one_is_named(status: int, said: str) -> None:
    host = FakeChatHost()
    host.status = status
    try:
        with pytest.raises(VectorsAway, match=said):
            Vectors(ServerStore(ChromaServer(host.url), "x")).ids()
    finally:
        host.close()


def test_settings_name_the_server_and_keys_stay_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    assert server_of(Settings()) is None
    monkeypatch.setenv("ASSISTANT_CHROMA_KEY", "s3cret")
    monkeypatch.setenv("ASSISTANT_CHROMA_HEADERS", '{"X-Site": "h1dden"}')
    settings = load_settings(chroma_url="http://vectors.example:8000/", chroma_database="alliance")
    there = server_of(settings)
    assert there is not None and there.url == "http://vectors.example:8000" and there.database == "alliance"
    assert there.sent() == {"Authorization": "Bearer s3cret", "X-Site": "h1dden"}
    assert not any(word in repr((settings, there)) for word in ("s3cret", "h1dden"))
    cloud = server_of(load_settings(chroma_url="https://api.trychroma.com"))
    assert cloud is not None and cloud.sent()["x-chroma-token"] == "s3cret" and ServerStore(cloud, "x").batch == 300


def test_doctor_tells_that_the_server_is_away(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.operations.placement import _chroma

    monkeypatch.setattr(server, "_ATTEMPTS", 1)
    assert _chroma(settings) == []
    (found,) = _chroma(settings.model_copy(update={"chroma_url": "http://127.0.0.1:9"}))
    assert not found.ok and "cannot be reached" in found.message and "127.0.0.1:9" in found.subject
