"""The lock of an index's one writer, and the note of who holds it: others wait behind it and can say for whom."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.errors import IndexLocked, PathError

LOCK = "writer.lock"
HOLDER = "writer.holder.lock"
#: Between two tries, in seconds.
TRY_S = 0.25


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes: `ingest`, `watch`, `page` … ('' when it did not say), its process, and since when (Unix time)."""

    who: str
    pid: int
    since: float


#: Called between two tries while another one writes, with whoever that is; False gives up.
Waits = Callable[[Holder | None], bool]


def holder(folder: Path) -> Holder | None:
    """Tell who writes the index; None when nobody does, or one that left no note."""
    try:
        noted = Holder(**json.loads((folder / HOLDER).read_text(encoding="utf-8")))
        os.kill(noted.pid, 0)
    except PermissionError:  # it lives, and is another user's
        return noted
    except (OSError, ValueError, TypeError):  # no note, or one of a process that was killed
        return None
    return noted


@contextmanager
def writer_lock(folder: Path, *, who: str = "", waits: Waits | None = None) -> Iterator[None]:
    """Be the one process that writes an index; its folder is made. `who` is what others are told.

    Without `waits` nobody is waited for. Raises IndexLocked, PathError.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise PathError(f"The index folder {folder} cannot be made ({exc.strerror}).", "Choose another.") from exc
    lock = FileLock(folder / LOCK)
    while not lock.is_locked:
        try:
            lock.acquire(timeout=0)
        except Timeout as exc:
            if waits is None or not waits(holder(folder)):
                raise IndexLocked(
                    f"Another process is writing the index {folder}.",
                    "Wait until it has finished, then run this again.",
                ) from exc
            time.sleep(TRY_S)
        except OSError as exc:
            raise PathError(
                f"The index folder {folder} may not be written ({exc.strerror or exc}).",
                "Make it writable, or choose another with --index. It can be read as it is.",
            ) from exc
    try:
        _note(folder, Holder(who, os.getpid(), time.time()))
        yield
    finally:
        with suppress(OSError):
            (folder / HOLDER).unlink(missing_ok=True)
        lock.release()


def _note(folder: Path, now: Holder) -> None:
    ready = folder / "writer.holder.tmp"  # endings that no scan reads: an index may lie among documents
    with suppress(OSError):  # a full disk: then nobody is told, and the lock holds all the same
        ready.write_text(json.dumps(asdict(now)), encoding="utf-8")
        ready.replace(folder / HOLDER)
