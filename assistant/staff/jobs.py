"""The line of changes that the page makes to the index: one after the other, each behind the index's own lock.

While `assistant ingest` or `watch` holds the lock, a change waits and says for whom.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from assistant.errors import AssistantError, ChangeRefused
from assistant.index import Index
from assistant.index.server import ChromaServer
from assistant.index.store import BUILT_WITH, write_index
from assistant.index.writer import Holder

State = Literal["waiting", "running", "done", "failed"]
#: Ended changes that are remembered.
_KEPT = 200

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """A change. `kind` and `title` say which; `key` names why it failed, `reason` and `hint` say so in words."""

    id: str
    owner: str
    kind: str
    title: str
    state: State = "waiting"
    behind: str = ""
    since: float = 0.0
    document_id: str = ""
    key: str = ""
    reason: str = ""
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """The plain form, without whose it is."""
        return {name: value for name, value in asdict(self).items() if name != "owner"}


#: Makes a change in an index that is open for writing; returns the id of the document that came of it ('' for none).
Change = Callable[[Index], str]


class Jobs:
    """Makes changes one at a time, in a thread of its own that ends with `close`."""

    def __init__(self, reading: Index, server: ChromaServer | None = None) -> None:
        """`reading`: the server's own index, which tells the folder and what it was built with.

        `server`: where its vectors are, if not in the folder.
        """
        self._reading = reading
        self._server = server
        self._waiting: queue.SimpleQueue[tuple[Job, Change] | None] = queue.SimpleQueue()
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, owner: str, kind: str, title: str, change: Change) -> Job:
        """Put a change in the line."""
        job = Job(secrets.token_urlsafe(12), owner, kind, title)
        with self._lock:
            self._jobs[job.id] = job
            for old in [each.id for each in self._jobs.values() if each.state in ("done", "failed")][:-_KEPT]:
                del self._jobs[old]
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="staff-changes", daemon=True)
                self._thread.start()
        self._waiting.put((job, change))
        return job

    def of(self, owner: str) -> list[Job]:
        """The changes that somebody asked for, oldest first."""
        with self._lock:
            return [each for each in self._jobs.values() if each.owner == owner]

    def close(self) -> None:
        """Make no more changes; one that is being made ends first, as it would at the terminal."""
        self._closed.set()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _work(self) -> None:
        while (taken := self._waiting.get()) is not None:
            job, change = taken
            if not self._closed.is_set():
                self._make(job, change)

    def _make(self, job: Job, change: Change) -> None:
        def wait(holder: Holder | None) -> bool:
            job.behind, job.since = (holder.who, holder.since) if holder else ("", time.time())
            return not self._closed.is_set()

        try:
            if self._reading.is_copy:
                raise ChangeRefused("error_read_only", "The index may not be written.", "See `assistant doctor`.")
            with write_index(
                self._reading.folder,
                self._built_with(),
                server=self._server,
                url=self._reading.home.url,
                who="page",
                waits=wait,
            ) as index:
                job.state = "running"
                job.document_id = change(index)
            job.state = "done"
        except AssistantError as exc:
            job.key = exc.key if isinstance(exc, ChangeRefused) else ""
            job.reason, job.hint, job.state = exc.message, exc.hint, "failed"
        except Exception as exc:
            log.exception("A change of the page failed.")
            job.reason, job.state = f"{type(exc).__name__}", "failed"

    def _built_with(self) -> dict[str, str]:
        with self._reading.held() as catalog:
            meta = catalog.database.meta()
        return {part: meta[part] for part in BUILT_WITH}
