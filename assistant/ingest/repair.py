"""Comparing an index with itself and with the files it was made of, and mending what differs.

The catalogue is the truth: words and vectors are made again from it, and documents from their files. A document whose
file is gone is removed only while the folder that it was found in is still there: a drive may just not be mounted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import IndexCorrupt, ReadError, VectorsAway
from assistant.index import Index
from assistant.ingest import mounts
from assistant.ingest.embedding import PassageEmbedder, embed_waiting, erase_removed
from assistant.ingest.hashing import hashes, with_labels
from assistant.ingest.labels import Given
from assistant.ingest.pipeline import ingest
from assistant.ingest.progress import Meter, Show
from assistant.ingest.sandbox import Sandbox


@dataclass(slots=True)
class Differences:
    """What does not fit together. Empty everywhere: nothing has to be done.

    `damage` is what SQLite says about the catalogue's file; `unsearchable` chunks are missing in the lexical index and
    `leftover` rows of it belong to no chunk. `vectors_error`: the vector store cannot be read; `vectors_away`: the
    server that keeps it does not answer. `waiting` passages have no vector yet, `lost` were acknowledged and are gone,
    `orphaned` and `stale` vectors belong to no passage. Files have `changed` since they were read, are `gone`, or
    `missing_roots`: their whole folder is. `unerased`: removed documents have left traces on disk.
    """

    damage: str = ""
    unsearchable: int = 0
    leftover: int = 0
    vectors_error: str = ""
    vectors_away: str = ""
    waiting: int = 0
    lost: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    stale: int = 0
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    missing_roots: list[str] = field(default_factory=list)
    unerased: bool = False

    @property
    def in_words(self) -> bool:
        """Whether the lexical index differs from the catalogue."""
        return bool(self.unsearchable or self.leftover)

    @property
    def in_vectors(self) -> bool:
        """Whether the vectors differ from the catalogue."""
        return bool(self.vectors_error or self.vectors_away or self.waiting or self.lost or self.orphaned or self.stale)

    @property
    def in_files(self) -> bool:
        """Whether the documents differ from their files."""
        return bool(self.changed or self.gone or self.missing_roots)


def compare(index: Index, files: bool = True) -> Differences:
    """Compare catalogue, lexical index, vectors and, with `files`, the files themselves (all are read)."""
    found = Differences(damage=index.database.damage())
    if found.damage:
        return found
    found.unsearchable, found.leftover = index.catalog.lexical_differences()
    found.waiting, found.stale = len(index.ledger.waiting()), len(index.ledger.stale())
    found.unerased = index.database.unpurged()
    try:
        differences = index.differences()
        found.lost, found.orphaned = differences["missing"], differences["orphaned"]
    except IndexCorrupt as exc:
        found.vectors_error = exc.message
    except VectorsAway as exc:
        found.vectors_away = str(exc)
    given = Given(index.folder)
    away = mounts.absent(index)
    for path, (_, root, content_hash) in sorted(index.catalog.states().items()) if files else ():
        if not root:  # not made of a file
            continue
        try:
            if with_labels(hashes(Path(path))[1], given.of(Path(path))) != content_hash:
                found.changed.append(path)
        except (FileNotFoundError, NotADirectoryError):
            here = Path(root).is_dir() and not any(Path(path).is_relative_to(folder) for folder in away)
            (found.gone if here else found.missing_roots).append(path)
        except (OSError, ReadError):
            found.changed.append(path)
    return found


def repair(
    index: Index,
    embedder: PassageEmbedder,
    sandbox: Sandbox,
    roots: Sequence[Path] = (),
    show: Show | None = None,
) -> Differences:
    """Mend what `compare` finds in an index that is open for writing; returns what could not be mended.

    Raises IndexCorrupt when the catalogue's own file is damaged: then only a rebuild helps; VectorsAway.
    """
    found = compare(index)
    if found.damage:
        raise IndexCorrupt(f"The catalogue is damaged ({found.damage}).", "Run `assistant ingest --rebuild`.")
    if found.vectors_away:
        index.vectors.ids()  # says so, unless it has come back
    if found.in_words:
        index.catalog.rebuild_lexical()
    if found.vectors_error:
        index.vectors.erase()
        index.ledger.mark_waiting(list(index.ledger.stored()))
    states = index.catalog.states()
    for path in found.gone:
        index.catalog.remove(states[path][0])
    changed = [Path(path) for path in found.changed if Path(path).exists()]
    if changed:
        ingest(changed, index, embedder, roots=_roots(changed, states, roots), executor=sandbox, progress=show)
    else:
        meter = Meter(index, show)
        try:
            index.catalog.link_versions()
            embed_waiting(index, embedder, meter)
        finally:
            meter.end()
    erase_removed(index)
    return compare(index)


def _roots(changed: Sequence[Path], states: dict[str, tuple[str, str, str]], roots: Sequence[Path]) -> list[Path]:
    """The folders below which the changed files have their ids."""
    return [*roots, *dict.fromkeys(Path(states[str(path)][1]) for path in changed)]
