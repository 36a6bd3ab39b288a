"""Reading untrusted files in worker processes, with limits on time, memory and output.

A reader may hang, eat memory or crash: its worker is ended and replaced, and the file gets a reason. Workers stay
warm (libraries are imported once) and read one file at a time; results come in the order of the paths, and no more
than two files for each worker are under way or waiting to be taken, which bounds the memory here.

Memory is what the worker has resident (VmRSS and its peak, VmHWM): the parent looks every few milliseconds and ends
the worker. A limit in the kernel (RLIMIT_AS, RLIMIT_DATA) becomes an error inside the reader instead, which several
swallow, handing over half a text. What a worker sends is read with an unpickler that knows the schema's values only.
Knows nothing of formats, chunks or the index.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from assistant import schema
from assistant.errors import MetadataError, ReadError, ReaderStopped
from assistant.ingest.more_time import grant_with
from assistant.schema import Draft

#: What a worker calls with the path of a file: `module:function`, `(Path) -> Draft`, raises ReadError.
READER = "assistant.ingest.formats:read"

#: How often the parent looks at a worker's memory and clock, in seconds. A look costs about 20 µs.
_LOOK_S = 0.02
#: What a new worker may take before its first file, in seconds of a core; its imports take half of one.
_START_S = 60.0
#: A file may take so many times its seconds by the wall clock: on a busy machine a worker gets only part of a core.
_PATIENCE = 5
_MB = 2**20

#: First byte of a worker's answer; a draft or an error follows, pickled.
_DRAFT, _ERROR, _NO_MEMORY, _TOO_MUCH = b"d", b"e", b"m", b"l"
#: What it sends before that whenever a reader asks for the time of one more page.
_MORE_TIME = b"+"


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost: seconds of a core, resident memory, and size of what is handed over.

    Every page whose text has to be recognised adds `page_seconds`, for at most `recognised_pages` pages.
    """

    seconds: float = 120.0
    page_seconds: float = 15.0
    recognised_pages: int = 400
    memory_mb: int = 600
    output_mb: int = 64


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_safely(path: Path, limits: Limits | None = None, reader: str = READER) -> Draft:
    """Read one file in a process of its own (about a second to start). Raises ReadError with the reason."""
    with Sandbox(limits, workers=1, reader=reader) as sandbox:
        return sandbox.read(path)


class Sandbox:
    """Workers that read files. They start when they are needed and end with the `with` block, however it ends.

    There are min(cores, `workers`) of them at most, one for each core when it is None.
    """

    def __init__(self, limits: Limits | None = None, workers: int | None = None, reader: str = READER) -> None:
        self.limits = limits or Limits()
        self.workers = max(1, min(usable_cores(), workers or usable_cores()))
        self._reader = reader
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._started: set[_Worker] = set()
        self._closed = False
        #: Processes that were started so far.
        self.started = 0

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers at once; files under way fail with a ReadError."""
        with self._lock:
            self._closed = True
            started, self._started = self._started, set()
        for worker in started:
            worker.end()

    def read(self, path: Path) -> Draft:
        """Read one file in a free worker. Safe to call from several threads. Raises ReadError."""
        worker = self._take()
        try:
            return worker.read(path, self.limits)
        finally:
            self._give_back(worker)

    def read_all(self, paths: Iterable[Path]) -> Iterator[Draft | ReadError]:
        """Read files in parallel: for each path, in order, its draft or the error. `paths` is taken as it is needed."""
        waiting: deque[Future[Draft]] = deque()
        remaining = iter(paths)
        threads = ThreadPoolExecutor(max_workers=self.workers, thread_name_prefix="read")
        try:
            while True:
                while len(waiting) < 2 * self.workers and (path := next(remaining, None)) is not None:
                    waiting.append(threads.submit(self.read, path))
                if not waiting:
                    return
                try:
                    outcome: Draft | ReadError = waiting.popleft().result()
                except ReadError as exc:
                    outcome = exc
                yield outcome
        finally:
            left_early = bool(waiting)  # then nobody takes the rest
            threads.shutdown(wait=False, cancel_futures=True)
            if left_early:
                self._end_busy()

    def _end_busy(self) -> None:
        with self._lock:
            busy = self._started - set(self._idle)
        for worker in busy:
            worker.end()

    def _take(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise RuntimeError("the sandbox is closed")
            while self._idle:
                if (worker := self._idle.pop()).alive:
                    return worker
                self._started.discard(worker)
            worker = _Worker(self._reader, self.limits)
            self.started += 1
            self._started.add(worker)
            return worker

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if worker.fit(self.limits) and not self._closed:
                self._idle.append(worker)
                return
            self._started.discard(worker)
        worker.end()


class _Worker:
    """One process that reads one file at a time."""

    def __init__(self, reader: str, limits: Limits) -> None:
        self._connection, theirs = Pipe()
        command = "import sys; from assistant.ingest.sandbox import serve; serve(*sys.argv[1:])"
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS"), "1")
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", command, str(theirs.fileno()), reader, json.dumps(asdict(limits))],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent, which ends its workers itself
                env={**os.environ, **one_thread, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        self._ready = self._ended = False

    def read(self, path: Path, limits: Limits) -> Draft:
        """Have a file read. Raises ReadError; the worker may be dead afterwards (see `fit`)."""
        name = path.name
        try:
            if not self._ready:
                self._answer(_START_S, limits, f"The reader of {name} took too long to start")
                self._ready = True
            self._connection.send_bytes(os.fsencode(path))
            answer = self._answer(limits.seconds, limits, f"{name} took too long to read")
            if answer == _NO_MEMORY or self._resident("VmHWM") > limits.memory_mb:
                raise _Exceeded
        except _Exceeded:
            self.end()
            raise ReaderStopped(
                f"{name} needed more than {limits.memory_mb} MB of memory.",
                "Split the file, or raise `reading_memory_mb` in the settings.",
            ) from None
        except (EOFError, OSError) as exc:
            raise self._death(name) from exc
        return _opened(answer, name, limits)

    def _answer(self, seconds: float, limits: Limits, too_late: str) -> bytes:
        """What the worker sends within `seconds` of a core, and more if it asks."""
        began, worked, pages = time.monotonic(), self._worked_s(), 0
        while True:
            if self._connection.poll(_LOOK_S):
                answer = self._connection.recv_bytes(limits.output_mb * _MB + 1)
                if answer != _MORE_TIME:
                    return answer
                pages += 1
            if self._resident("VmRSS") > limits.memory_mb:
                raise _Exceeded
            allowed = seconds + limits.page_seconds * min(pages, limits.recognised_pages)
            wall = time.monotonic() - began
            if self._worked_s() - worked > allowed or wall > _PATIENCE * allowed:
                self.end()
                hint = "Split the file, or raise `reading_seconds` in the settings."
                raise ReaderStopped(f"{too_late}: more than {allowed:g} s.", hint)

    def _death(self, name: str) -> ReaderStopped:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)  # its end of the pipe closes a moment before it is gone
        self.end()
        status = self._process.returncode
        how = f"signal {-status}" if status < 0 else f"exit code {status}"
        return ReaderStopped(
            f"{name} could not be read: the reader's process died ({how}).",
            "The file is probably damaged: open it in its program and save it again.",
        )

    def _worked_s(self) -> float:
        """Seconds of a core that the process has used; 0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return 0.0
        fields = status.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _resident(self, field: str) -> int:
        """VmRSS or VmHWM (its peak) in MB; 0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            return 0
        _, _, rest = status.partition(f"{field}:")
        return int(rest.split(maxsplit=1)[0]) // 1024 if rest else 0

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def fit(self, limits: Limits) -> bool:
        """Whether it may read another file: alive, and not fat from the last one."""
        return self._ready and self.alive and self._resident("VmRSS") < limits.memory_mb // 2

    def end(self) -> None:
        """Kill the process and whatever it started; safe to call twice and from another thread."""
        if self._ended:
            return
        self._ended = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class _Exceeded(Exception):
    """The worker holds more memory than it may."""


class _SchemaUnpickler(pickle.Unpickler):
    """Builds the schema's values and plain Python ones; a worker that was taken over can send nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        found = getattr(schema, name, None) if module == schema.__name__ else None
        if not isinstance(found, type) or found.__module__ != schema.__name__:
            raise pickle.UnpicklingError(f"{module}.{name} is no value of the schema")
        return found


def _opened(answer: bytes, name: str, limits: Limits) -> Draft:
    """The draft in a worker's answer. Raises ReadError."""
    kind, content = answer[:1], answer[1:]
    if answer == _TOO_MUCH:
        raise ReadError(f"{name} holds more than {limits.output_mb} MB of text.", "Split the file.")
    try:
        value = _SchemaUnpickler(io.BytesIO(content)).load()
        if kind == _ERROR:
            about_metadata, message, hint = value
            raise (MetadataError if about_metadata else ReadError)(message, hint)
        if not isinstance(value, Draft):
            raise TypeError(f"{type(value).__name__} is no draft")
    except (pickle.UnpicklingError, TypeError, ValueError, AttributeError, EOFError, IndexError) as exc:
        raise ReadError(
            f"{name} could not be read: the reader handed over something unexpected ({exc}).", "Report this file."
        ) from exc
    return value


# --- in the worker ----------------------------------------------------------------------------------------------


def serve(descriptor: str, reader: str, limits: str) -> None:
    """A worker's life: read what is asked for until the parent is gone. `limits` is the JSON form of Limits."""
    import resource

    allowed = Limits(**json.loads(limits))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold the documents' text
    with contextlib.suppress(OSError):  # should the machine run out of memory, this process goes first (Linux)
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    module, _, function = reader.partition(":")
    read = getattr(importlib.import_module(module), function)
    connection = Connection(int(descriptor))
    threading.Thread(target=_leave_with_parent, args=(connection,), daemon=True).start()

    def watch_clock() -> None:
        signal.alarm(int(2 * _PATIENCE * allowed.seconds) + 10)  # should the parent be gone while native code hangs

    def ask() -> None:
        connection.send_bytes(_MORE_TIME)
        watch_clock()

    grant_with(ask)
    connection.send_bytes(b"ready")
    with contextlib.suppress(EOFError, OSError):
        while True:
            path = Path(os.fsdecode(connection.recv_bytes()))
            watch_clock()
            answer = _outcome(read, path, allowed)
            signal.alarm(0)
            connection.send_bytes(answer)


def _outcome(read: Callable[[Path], Draft], path: Path, limits: Limits) -> bytes:
    try:
        packed = _DRAFT + pickle.dumps(read(path), protocol=5)
        return packed if len(packed) <= limits.output_mb * _MB else _TOO_MUCH
    except Exception as exc:  # noqa: BLE001 - whatever a file does to a reader, the others are read
        if _out_of_memory(exc):
            return _NO_MEMORY
        if isinstance(exc, ReadError):
            return _ERROR + pickle.dumps((isinstance(exc, MetadataError), exc.message, exc.hint))
        reason = f"{path.name} could not be read ({type(exc).__name__}: {exc})."
        return _ERROR + pickle.dumps((False, reason, "Save it again or in another format."))


def _out_of_memory(exc: BaseException | None) -> bool:
    """Whether a MemoryError is behind `exc`."""
    while exc is not None and not isinstance(exc, MemoryError):
        exc = exc.__cause__ or exc.__context__
    return exc is not None


def _leave_with_parent(connection: Connection) -> None:
    """End this process when the parent's end of the connection closes, also in the middle of a file."""
    watch = select.poll()
    watch.register(connection.fileno(), 0)  # nothing but the hang-up
    watch.poll()
    os._exit(1)
