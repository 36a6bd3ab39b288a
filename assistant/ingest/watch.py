"""Keeping an index in step with folders: a run at the start, and one after every burst of changes.

Each run is an ordinary ingestion with all its guarantees, under the writer lock, which is free between runs. What
changes while a run is under way leads to another one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.errors import AssistantError
from assistant.ingest.names import IGNORE_FILE, LABELS_FILE, is_litter, is_passed_over
from assistant.ingest.report import Report

#: A burst of changes is over when nothing has happened for so long, and never lasts longer than the second (ms).
_QUIET_MS = 800
_BURST_MS = 5000


def watch(
    paths: Sequence[Path],
    ignored: Path,
    run: Callable[[bool], Report],
    told: Callable[[Report | AssistantError], None],
    stop: threading.Event | None = None,
) -> None:
    """Call `run` now and after every burst of changes below `paths`, until Ctrl-C (KeyboardInterrupt) or `stop`.

    `ignored` is the index's own folder, which may lie below a path. `run(first)` brings the index in step; `told` gets
    its report, or the error that ended it, after which the next change leads to another try. Raises what the first
    run raises: then nothing would ever go in.
    """
    from watchfiles import Change
    from watchfiles import watch as changes

    inside = ignored.resolve()
    tops = [path.resolve() for path in paths]

    def wanted(_: Change, changed: str) -> bool:
        path = Path(changed)
        hidden = path.name.startswith(".") and path.name not in (IGNORE_FILE, LABELS_FILE)
        around = [part for top in tops if path.is_relative_to(top) for part in path.relative_to(top).parts[:-1]]
        passed_over = any(is_passed_over(part, is_folder=True) for part in around)  # uploads on their way, for one
        return not hidden and not passed_over and not is_litter(path.name) and not path.is_relative_to(inside)

    # the watcher starts before the first run, so that nothing falls between the two
    bursts = changes(
        *(path if path.is_dir() else path.parent for path in paths),
        watch_filter=wanted,
        debounce=_BURST_MS,
        step=_QUIET_MS,
        stop_event=stop or threading.Event(),
        yield_on_timeout=True,
        rust_timeout=200,
        raise_interrupt=True,
    )
    next(bursts, None)
    told(run(True))
    for burst in bursts:
        if not burst:
            continue
        try:
            told(run(False))
        except AssistantError as exc:
            told(exc)
