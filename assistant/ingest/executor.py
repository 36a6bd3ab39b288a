"""Where the files of a run are read: processes of this machine (`Sandbox`), or those of a cluster (`Cluster`).

What is read, in which order, and what then goes into the index is the run's own affair, wherever it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from assistant.errors import ReadError
from assistant.schema import Draft


class Executor(Protocol):
    """Reads many files at the same time, none of which can take it down."""

    def read_all(self, paths: Iterable[Path]) -> Iterator[Draft | ReadError]:
        """Give for each path, in order, its draft or the error. `paths` is taken as it is needed."""
