"""Ingestion on a Ray cluster: the plain pipeline's index, also when files, workers, machines or the head are lost."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import ClusterError, ReaderStopped
from assistant.index.progress import RunProgress
from assistant.index.store import write_index
from assistant.ingest import cluster, ingest
from assistant.ingest.cluster import Cluster, MakeEmbedder
from assistant.ingest.sandbox import Limits
from assistant.schema import Draft
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.ingest.test_pipeline import snapshot

ray = pytest.importorskip("ray", reason="Ray is an extra: pip install 'alliance-assistant[ray]'")
pytestmark = [pytest.mark.server, pytest.mark.slow]

#: Of each machine that is played here.
SMALL = {"num_cpus": 1, "object_store_memory": 80 * 2**20}


class Hashed:
    """A vector of 64 from the text's own hash: an actor that loads nothing starts at once and needs no memory."""

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        both = zip(titles, texts, strict=True)
        digests = b"".join(hashlib.sha512(f"{title}\n{text}".encode()).digest() for title, text in both)
        vectors = np.frombuffer(digests, dtype=np.uint8).reshape(len(texts), 64).astype(np.float32) + 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class Picky(Hashed):
    """Cannot embed what is said of seven firms."""

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        if any("회원사 7곳" in text for text in texts):
            raise ValueError("seven")
        return super().encode_passages(titles, texts)


def hashed(threads: int) -> Hashed:
    return Hashed()


def picky(threads: int) -> Picky:
    return Picky()


def cluster_at(address: str, make: MakeEmbedder = hashed, **given: Any) -> Cluster:
    return Cluster(address, make, "hashed", **given)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two machines of one core, played by processes of this one."""
    from ray.cluster_utils import Cluster as Machines

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patched.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path_factory.mktemp("ray") / "token"))
        patched.setenv("RAY_AUTH_MODE", "disabled")
        patched.setenv("RAY_gcs_rpc_server_reconnect_timeout_s", "5")  # a lost head is noticed soon
        patched.setenv("RAY_worker_niceness", "0")  # or a busy machine gives them nothing
        patched.setenv("RAY_memory_monitor_refresh_ms", "0")  # a full machine is not what is tested
        patched.setenv("PYTHONPATH", str(PROJECT))
        played = Machines(initialize_head=True, head_node_args={**SMALL, "include_dashboard": False})
        played.add_node(**SMALL)
        yield played
        ray.shutdown()
        played.shutdown()


def files(folder: Path, count: int = 12) -> Path:
    """A folder of short documents, each of two passages."""
    folder.mkdir()
    for number in range(count):
        text = f"# 문서 {number}\n\n## 대상\n\n회원사 {number}곳이 참여합니다.\n\n## Limit\n\nAt most {number} firms.\n"
        (folder / f"{number:02}.md").write_text(text, encoding="utf-8")
    return folder


def plain(folder: Path, place: Path) -> object:
    """What the processes of this machine make of a folder."""
    with write_index(place, FAKE_FINGERPRINT) as index:
        assert not ingest([folder], index, Hashed()).failed
        return snapshot(index)


def test_the_index_is_that_of_the_plain_pipeline(machines: Any, tmp_path: Path) -> None:
    part = PROJECT / "corpus" / "rules"
    seen: list[RunProgress] = []
    with write_index(tmp_path / "ray", FAKE_FINGERPRINT) as index, cluster_at(machines.address) as executor:
        report = ingest([part], index, executor, executor=executor, progress=seen.append)
        assert len(report.added) > 5 and not report.failed
        assert snapshot(index) == plain(part, tmp_path / "plain")
        again = ingest([part], index, executor, executor=executor)
        assert len(again.unchanged) == len(report.added) and not again.embedded
    for stage in ("read", "embed"):
        assert [each.done for each in seen if each.stage == stage][-1] == next(
            e.total for e in seen if e.stage == stage
        )


def test_a_file_takes_no_worker_down(machines: Any, tmp_path: Path) -> None:
    orders = ["good", "crash", "leave", "eat 300", "hang", "refuse", "good"]
    paths = [tmp_path / f"{number}.txt" for number in range(len(orders))]
    for path, order in zip(paths, orders, strict=True):
        path.write_text(f"{order}\n", encoding="utf-8")
    limits = Limits(seconds=3, memory_mb=200)
    with cluster_at(machines.address, limits=limits, reader="tests.ingest.unruly:read") as executor:
        first, crash, left, fat, hung, refused, last = executor.read_all(paths)
    assert isinstance(first, Draft) and isinstance(last, Draft)
    assert isinstance(crash, ReaderStopped) and "signal 11" in crash.message
    assert isinstance(left, ReaderStopped) and "exit code 3" in left.message
    assert isinstance(fat, ReaderStopped) and "200 MB" in fat.message
    assert isinstance(hung, ReaderStopped) and "too long" in hung.message
    assert not isinstance(refused, ReaderStopped | Draft) and refused.hint == "Check it."


@pytest.mark.parametrize("stage", ["read", "embed"])
def test_a_lost_machine_is_done_without(machines: Any, tmp_path: Path, stage: str) -> None:
    folder, lost = files(tmp_path / "documents", 40), machines.add_node(**SMALL)
    killed: list[str] = []

    def kill(numbers: RunProgress) -> None:
        if numbers.stage == stage and not killed and (stage == "embed" or numbers.done > 3):
            killed.append(stage)
            machines.remove_node(lost, allow_graceful=False)

    with write_index(tmp_path / "ray", FAKE_FINGERPRINT) as index, cluster_at(machines.address) as executor:
        assert executor.batch  # the machines are counted while all are there
        report = ingest([folder], index, executor, executor=executor, progress=kill)
        assert killed and not report.failed and len(report.added) == 40
        assert snapshot(index) == plain(folder, tmp_path / "plain")


def test_a_killed_worker_is_replaced(machines: Any, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.txt").write_text(f"rest 2\n{number}", encoding="utf-8")
    killed: list[int] = []

    def kill(numbers: RunProgress) -> None:
        if numbers.stage == "read" and numbers.done >= 1 and not killed:
            for pid in reading(machines):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    restful = cluster_at(machines.address, reader="tests.ingest.unruly:read")
    with write_index(tmp_path / "ray", FAKE_FINGERPRINT) as index, restful as executor:
        report = ingest([folder], index, executor, executor=executor, progress=kill)
        assert killed, "no file was being read"
        assert not report.failed and report.added == [f"{number}.txt" for number in range(8)]
        assert index.differences() == {"missing": [], "orphaned": []}


def reading(machines: Any) -> list[int]:
    """Processes that read a file right now, on all machines that are played here."""
    raylets = [str(node.all_processes["raylet"][0].process.pid) for node in machines.list_all_nodes()]
    found = subprocess.run(["pgrep", "-P", ",".join(raylets), "-f", "^ray::_read"], capture_output=True, text=True)
    return [int(each) for each in found.stdout.split()]


def test_a_passage_that_cannot_be_embedded_is_listed(machines: Any, tmp_path: Path) -> None:
    folder = files(tmp_path / "documents")
    with (
        write_index(tmp_path / "ray", FAKE_FINGERPRINT) as index,
        cluster_at(machines.address, picky) as executor,
    ):
        report = ingest([folder], index, executor, executor=executor)
        (failed,) = report.failed
        assert (failed["path"], failed["stage"]) == ("07.md", "embed") and "ValueError: seven" in failed["reason"]
        assert len(index.ledger.waiting()) == 1


def test_a_machine_that_does_not_see_the_file_is_named(machines: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("# 문서\n\n내용입니다.\n", encoding="utf-8")
    opened = os.open(tmp_path / "mine.md", os.O_RDONLY)
    os.dup2(opened, 900)  # a path that only this process has
    try:
        with cluster_at(machines.address) as executor, pytest.raises(ClusterError, match="does not see") as told:
            list(executor.read_all([Path("/proc/self/fd/900")]))
    finally:
        os.close(900)
        os.close(opened)
    assert "same place" in told.value.hint


def test_another_version_is_refused(machines: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "__version__", "0.0.1")
    with cluster_at(machines.address) as executor, pytest.raises(ClusterError, match=r"this one 0\.0\.1"):
        list(executor.read_all([files(tmp_path / "documents", 1) / "00.md"]))


RUN = """
import sys
from pathlib import Path
from assistant.index.store import write_index
from assistant.ingest import ingest
from tests.conftest import FAKE_FINGERPRINT
from tests.ingest.test_cluster import cluster_at

def show(numbers):
    print(numbers.stage, numbers.done, flush=True)

folder, place, address = sys.argv[1:]
with write_index(Path(place), FAKE_FINGERPRINT) as index, cluster_at(address) as executor:
    ingest([Path(folder)], index, executor, executor=executor, progress=show)
"""


def test_after_the_head_is_lost_the_next_run_goes_on(machines: Any, tmp_path: Path) -> None:
    """Last: it ends the cluster. What was committed stays, and the plain pipeline finishes it."""
    folder, place = files(tmp_path / "documents", 200), tmp_path / "ray"
    with subprocess.Popen(
        [sys.executable, "-c", RUN, folder, place, machines.address], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if line.split()[0] == "read" and int(line.split()[1]) >= 20:
                break
        machines.head_node.kill_gcs_server()
        machines.head_node.kill_raylet()
        rest = run.stdout.read()
    assert run.returncode != 0 and "embed" not in rest
    with write_index(place, FAKE_FINGERPRINT) as index:
        report = ingest([folder], index, Hashed())
        assert report.unchanged and report.added and not report.failed
        assert index.differences() == {"missing": [], "orphaned": []}
        assert snapshot(index) == plain(folder, tmp_path / "plain")
