"""Ray's machines as one executor and one embedder: they read files and embed passages, one process here writes.

Each file is a Ray task: the process that runs it has a reading process of its own under the usual limits (`sandbox`),
so that a file never takes a worker down; a worker or machine that is lost is replaced, and its files are read again.
Passages go to actors, one for each GPU, or for each machine where there is none. Nothing is committed there: whatever
is lost, the index holds what this process has written, and the next run goes on.

Every machine needs the same version of the assistant, and sees the documents and the model files at the same paths.
"""

from __future__ import annotations

import functools
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import __version__
from assistant.errors import AssistantError, ClusterError, ReadError, ReaderStopped
from assistant.ingest.embedding import PassageEmbedder
from assistant.ingest.sandbox import READER, Limits, Sandbox, usable_cores
from assistant.schema import Draft

if TYPE_CHECKING:
    import numpy as np

#: An address that starts Ray on this machine, for this run only.
LOCAL = "local"

#: A file whose worker is lost so often is given up, and embedding that loses so many actors without getting on.
_LOSSES = 3
#: Passages that an actor embeds at a time, and how many such pieces each is given in one batch.
_PIECE = 16
_PIECES = 4

#: Makes an embedder that computes with so many threads.
MakeEmbedder = Callable[[int], PassageEmbedder]


class Cluster:
    """The cluster at `address` (host:port, `auto`: the one that this machine belongs to, or LOCAL), within `with`.

    An `Executor` and a `PassageEmbedder`; `workers` is how many files LOCAL reads at the same time (None: one for
    each core). Entering it and every method raises ClusterError when the cluster is away or cannot be used.
    """

    def __init__(
        self,
        address: str,
        make_embedder: MakeEmbedder,
        fingerprint: str,
        limits: Limits | None = None,
        workers: int | None = None,
        reader: str = READER,
    ) -> None:
        self.fingerprint = fingerprint
        self._address = address
        self._make_embedder = make_embedder
        self._limits = limits or Limits()
        self._workers = min(usable_cores(), workers or usable_cores())
        self._reader = reader
        self._actors: list[Any] = []

    def __enter__(self) -> Cluster:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
        try:
            import ray
        except ImportError as exc:
            raise ClusterError("Ray is not installed.", "Run `pip install 'alliance-assistant[ray]'`.") from exc
        local = {"num_cpus": self._workers, "include_dashboard": False} if self._address == LOCAL else {}
        try:
            ray.init(self._address, log_to_driver=False, configure_logging=False, **local)
        except (ConnectionError, RuntimeError, ValueError, OSError) as exc:
            raise ClusterError(
                f"The Ray cluster '{self._address}' cannot be used: {exc}.",
                "Correct `ray` in the settings, or start it: `ray start --head --disable-usage-stats`.",
            ) from exc
        return self

    def __exit__(self, *exc: object) -> None:
        import ray

        self._actors.clear()
        ray.shutdown()

    # --- reading ----------------------------------------------------------------------------------------------

    def read_all(self, paths: Iterable[Path]) -> Iterator[Draft | ReadError]:
        """Read files on all machines: for each path, in order, its draft or the error.

        No more than two files for each core of the cluster are under way or waiting to be taken.
        """
        import ray

        read = ray.remote(num_cpus=1, max_retries=_LOSSES)(_read)
        waiting: deque[tuple[Path, Any]] = deque()
        remaining = iter(paths)
        try:
            while True:
                while len(waiting) < 2 * _cores() and (path := next(remaining, None)) is not None:
                    waiting.append((path, read.remote(os.fsencode(path), self._limits, self._reader, __version__)))
                if not waiting:
                    return
                yield self._draft(*waiting.popleft())
        finally:
            for _, left in waiting:
                ray.cancel(left, force=True)

    def _draft(self, path: Path, reading: Any) -> Draft | ReadError:
        import ray
        from ray import exceptions as failures

        try:
            outcome: Draft | ReadError | _Unseen = ray.get(reading)
        except failures.RayTaskError as exc:
            raise exc.cause if isinstance(exc.cause, AssistantError) else _lost(exc) from exc
        except (
            failures.WorkerCrashedError,
            failures.NodeDiedError,
            failures.OutOfMemoryError,
            failures.ObjectLostError,
        ):
            return ReaderStopped(
                f"{path.name} could not be read: the machine or process that read it was lost {_LOSSES + 1} times.",
                "Run the command again.",
            )
        except failures.RayError as exc:
            raise _lost(exc) from exc
        if not isinstance(outcome, _Unseen):
            return outcome
        if not path.exists():
            return ReadError(
                f"{path.name} disappeared while it was being read.", "Run the command again if it is back."
            )
        raise ClusterError(
            f"The machine {outcome.machine} does not see {path}.",
            "Mount the folder at the same place on every machine of the cluster.",
        )

    # --- embedding --------------------------------------------------------------------------------------------

    @property
    def batch(self) -> int:
        """Passages that it takes at once, so that every actor has something to do."""
        return _PIECE * _PIECES * len(_places())

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Passages with their titles, shape (len(texts), dimensions); what a lost actor had is given to another."""
        import numpy as np
        import ray
        from ray import exceptions as failures

        found: dict[int, np.ndarray] = {}
        waiting = list(range(0, len(texts), _PIECE))
        running: dict[Any, tuple[int, Any]] = {}
        losses = 0
        while waiting or running:
            busy = [actor for _, actor in running.values()]
            for actor in [each for each in self._ready() if each not in busy][: len(waiting)]:
                first = waiting.pop(0)
                piece = slice(first, first + _PIECE)
                running[actor.encode.remote(list(titles[piece]), list(texts[piece]))] = (first, actor)
            (done,), _ = ray.wait(list(running), num_returns=1)
            first, actor = running.pop(done)
            try:
                found[first] = ray.get(done)
                losses = 0
            except failures.RayTaskError as exc:
                raise exc.cause or exc from exc  # as the embedder raised it: a passage may be to blame
            except failures.RayError as exc:
                losses += 1
                if losses > _LOSSES:
                    raise _lost(exc) from exc
                self._actors.remove(actor)
                waiting.insert(0, first)
        return np.concatenate([found[first] for first in sorted(found)])

    def _ready(self) -> list[Any]:
        """Actors, started anew where none is left."""
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        if not self._actors:
            embedding = ray.remote(num_cpus=0)(_Embedding)
            for node, threads, gpus in _places():
                there = NodeAffinitySchedulingStrategy(node, soft=False)
                placed = embedding.options(num_gpus=gpus, scheduling_strategy=there)
                self._actors.append(placed.remote(self._make_embedder, threads, __version__))
        return self._actors


def _places() -> list[tuple[str, int, int]]:
    """Where embedding can go on: a machine's id, the threads there, and 1 for a GPU. Raises ClusterError."""
    import ray

    found: list[tuple[str, int, int]] = []
    for node in ray.nodes():
        cores, gpus = (int(node["Resources"].get(kind, 0)) for kind in ("CPU", "GPU"))
        if node["Alive"] and (cores or gpus):
            found += [(node["NodeID"], max(1, cores // (gpus or 1)), min(1, gpus))] * (gpus or 1)
    if not found:
        raise ClusterError("No machine of the Ray cluster has a core to embed with.", "`ray status` shows them.")
    return found


def _cores() -> int:
    import ray

    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def _lost(exc: Exception) -> ClusterError:
    return ClusterError(
        f"The Ray cluster could not do what it was asked ({str(exc).strip().splitlines()[-1]}).",
        "What was committed is kept: run the command again when the cause is mended; `ray status` shows the machines.",
    )


# --- on the machines of the cluster -------------------------------------------------------------------------------


class _Unseen:
    """There is no such file on this machine."""

    def __init__(self) -> None:
        self.machine = socket.gethostname()


class _Embedding:
    """An actor: one embedder, loaded once."""

    def __init__(self, make_embedder: MakeEmbedder, threads: int, version: str) -> None:
        _must_be(version)
        self._embedder = make_embedder(threads)

    def encode(self, titles: list[str], texts: list[str]) -> np.ndarray:
        """See `PassageEmbedder.encode_passages`."""
        return self._embedder.encode_passages(titles, texts)


def _read(path: bytes, limits: Limits, reader: str, version: str) -> Draft | ReadError | _Unseen:
    _must_be(version)
    file = Path(os.fsdecode(path))
    if not file.exists():
        return _Unseen()
    try:
        return _sandbox(limits, reader).read(file)
    except ReadError as exc:
        return exc


@functools.cache
def _sandbox(limits: Limits, reader: str) -> Sandbox:
    """The reading process of this worker, kept for its next file; it ends with the worker."""
    return Sandbox(limits, workers=1, reader=reader)


def _must_be(version: str) -> None:
    if version != __version__:
        raise ClusterError(
            f"The machine {socket.gethostname()} has version {__version__} of the assistant, this one {version}.",
            "Install the same version on every machine of the cluster.",
        )
