"""Kills an ingestion with SIGKILL at random moments and looks whether the next run ends with the right index.

`python -m assistant.evaluation.crash --kills 40`. Every other trial builds an index from nothing; the others bring a
finished one in step after documents were changed, moved, copied, removed and given other labels. A trial: copy the
state before, start the run in a process of its own, kill it, run again without disturbance, compare everything that
is stored with what an undisturbed run leaves, and let the comparison of `assistant doctor` look at it. The embedder
is a hash of the text, so that the time goes into the pipeline; moments are drawn evenly over the length of the
undisturbed run, with a fixed seed. All work is done in forked processes, which share the loaded libraries: the one
that forks never opens an index, because the vector store's threads would not survive. Not for Windows.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import IndexCorrupt
from assistant.index import Index, fingerprint
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.ingest.repair import Differences, compare
from assistant.text.tokens import terms

if TYPE_CHECKING:
    import numpy as np

_EXPECTED = fingerprint("hash/1", "any")
_DIMENSIONS = 32


@dataclass(frozen=True, slots=True)
class Trial:
    """One kill: when (seconds after the start), what was under way, whether it came before the end, and the outcome."""

    number: int
    kind: str
    after_s: float
    killed: bool
    stage: str
    same: bool
    what_differs: str


class HashEmbedder:
    """A deterministic vector from a text's SHA-256, at no cost."""

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Vectors of shape (len(texts), 32), unit length."""
        import numpy as np

        digests = [hashlib.sha256(f"{t}\x00{x}".encode()).digest() for t, x in zip(titles, texts, strict=True)]
        rows = np.stack([np.frombuffer(digest, dtype=np.uint8).astype(np.float32) - 127.5 for digest in digests])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def write_documents(folder: Path, corpus: Path, count: int) -> None:
    """The `count` smallest Markdown documents of `corpus`, and one file that cannot be read."""
    folder.mkdir(parents=True)
    for path in sorted(sorted(corpus.rglob("*.md"), key=lambda each: (each.stat().st_size, each.name))[:count]):
        shutil.copyfile(path, folder / path.name)
    (folder / "empty.md").write_bytes(b"")


def change_documents(folder: Path) -> None:
    """Change, move, copy, remove and relabel a part of the documents."""
    names = sorted(path for path in folder.glob("*.md") if path.stat().st_size)
    for path in names[0::6]:
        path.write_text(
            f"{path.read_text(encoding='utf-8')}\n\n추가된 문장입니다. One more sentence.\n", encoding="utf-8"
        )
    (folder / "moved").mkdir()
    for path in names[1::6]:
        path.rename(folder / "moved" / path.name)
    for path in names[2::6]:
        shutil.copyfile(path, folder / f"copy of {path.name}")
    for path in names[3::6]:
        path.unlink()
    for path in names[4::6]:
        path.with_name(f"{path.name}.meta.yaml").write_text("labels: [staff]\n", encoding="utf-8")


def contents(folder: Path) -> dict[str, Any]:
    """Everything that an index stores, in a form that can be compared; row numbers and times are left out."""
    with write_index(folder, _EXPECTED) as index:
        return stored(index) | {"doctor": compare(index) == Differences()}


def stored(index: Index) -> dict[str, Any]:
    """Documents with text and blocks, chunks with their words, vectors, failures and duplicates of an open index."""
    read = index.database.rows
    vectors = {}
    for vector_id, access_class in sorted(index.vectors.ids().items()):
        found = index.vectors.get(access_class, [vector_id])[vector_id]
        vectors[vector_id] = (access_class, [round(float(value), 5) for value in found])
    return {
        "documents": read(
            "SELECT document_id, root, path, access_class, content_hash, file_hash, labels_stated, replaced_by, text, "
            "record FROM documents ORDER BY document_id"
        ),
        "blocks": read(
            "SELECT d.document_id, b.start, b.end, b.kind, b.page, b.heading_path, b.table_header, b.boxes "
            "FROM blocks b JOIN documents d ON d.id = b.document ORDER BY 1, 2"
        ),
        "chunks": read(
            "SELECT c.chunk_id, c.start, c.end, c.page, c.heading_path, c.table_header, c.access_class, c.vector_id, "
            "l.title, l.headings, l.words, l.bigrams, l.identifiers "
            "FROM chunks c LEFT JOIN lexical l ON l.rowid = c.id ORDER BY 1"
        ),
        "words": read("SELECT count(*) FROM lexical"),
        "acknowledged": read("SELECT vector_id, access_class FROM stored_vectors ORDER BY 1"),
        "vectors": vectors,
        "failures": read("SELECT path, stage, reason, hint FROM failures ORDER BY 1"),
        "duplicates": read("SELECT path, content_hash, document_id FROM duplicates ORDER BY 1"),
        "progress": read("SELECT record FROM progress"),
        "unpurged": read("SELECT value FROM meta WHERE key = 'unpurged'"),
    }


def run_trials(
    kills: int, corpus: Path, work: Path, *, documents: int = 24, seed: int = 1, tell: Callable[[Trial], None]
) -> list[Trial]:
    """`kills` trials in the folder `work`; `tell` gets each as it ends."""
    terms("한국어 분석기")  # loaded once, before the processes are forked
    before, after, base = work / "before", work / "after", work / "base"
    write_documents(before, corpus, documents)
    finished(run, _placed(before, work), base)
    shutil.copytree(before, after)
    change_documents(after)
    settings: dict[str, tuple[Path, Path | None]] = {"from nothing": (before, None), "in step": (after, base)}
    wanted: dict[str, tuple[float, dict[str, Any]]] = {}
    for kind, (source, start) in settings.items():
        whole = work / f"whole {kind}"
        source = _placed(source, work)
        wanted[kind] = (_undisturbed(source, start, whole), finished(contents, whole))
    rng = random.Random(seed)
    trials = []
    for number in range(kills):
        kind = list(settings)[number % 2]
        source, start = settings[kind]
        length, right = wanted[kind]
        trial = _trial(number, kind, _placed(source, work), start, work / "killed", rng.uniform(0, length), right)
        trials.append(trial)
        tell(trial)
    return trials


def _placed(source: Path, work: Path) -> Path:
    """The documents under the same path for every trial, since an index stores paths."""
    place = work / "in place"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place)
    return place


def _undisturbed(source: Path, start: Path | None, folder: Path) -> float:
    if start is not None:
        shutil.copytree(start, folder)
    began = time.monotonic()
    finished(run, source, folder)
    return time.monotonic() - began


def _trial(
    number: int, kind: str, source: Path, start: Path | None, folder: Path, after_s: float, right: dict[str, Any]
) -> Trial:
    shutil.rmtree(folder, ignore_errors=True)
    if start is not None:
        shutil.copytree(start, folder)
    child, _ = _forked(run, source, folder)
    child.join(after_s)
    child.kill()
    child.join()
    stage = _stage(folder)
    finished(run, source, folder)
    found = finished(contents, folder)
    differs = [name for name in right if found[name] != right[name]]
    return Trial(number, kind, round(after_s, 3), child.exitcode != 0, stage, not differs, ", ".join(differs))


def _stage(folder: Path) -> str:
    """What the killed run had last noted about itself."""
    import sqlite3

    try:
        with sqlite3.connect(f"file:{folder / 'catalog.sqlite3'}?mode=ro", uri=True) as database:
            row = database.execute("SELECT record FROM progress").fetchone()
    except sqlite3.Error:
        return "start"
    return str(json.loads(row[0])["stage"]) if row else "start or end"


def _forked(function: Callable[..., Any], *arguments: Path) -> tuple[BaseProcess, Connection]:
    """Start `function` in a process of its own; what it returns comes through the connection."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=lambda: there.send(function(*arguments)))
    child.start()
    there.close()
    return child, here


def finished(function: Callable[..., Any], *arguments: Path) -> Any:
    """What `function` returns, from a process that nobody kills. Raises IndexCorrupt when that fails."""
    child, result = _forked(function, *arguments)
    try:
        return result.recv()
    except EOFError as exc:
        raise IndexCorrupt("A run that nobody killed has failed.", "Its error stands above.") from exc
    finally:
        child.join()


def run(source: Path, folder: Path) -> None:
    """Bring the index in `folder` in step with `source`, with vectors that cost nothing."""
    with write_index(folder, _EXPECTED) as index:
        ingest([source], index, HashEmbedder())


@click.command()
@click.option("--kills", type=click.IntRange(min=1), default=40, show_default=True)
@click.option("--documents", type=click.IntRange(min=6), default=24, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(kills: int, documents: int, seed: int, as_json: bool) -> None:
    """Kill an ingestion at random moments; exits with 1 unless every next run ends with the same index."""
    from assistant.settings import load_settings

    def tell(trial: Trial) -> None:
        if not as_json:
            outcome = "same index" if trial.same else f"DIFFERS: {trial.what_differs}"
            when = f"killed after {trial.after_s:6.3f} s" if trial.killed else "ended before the kill  "
            click.echo(f"{trial.number + 1:3} {trial.kind:<12} {when} ({trial.stage}): {outcome}")

    with tempfile.TemporaryDirectory() as work:
        trials = run_trials(kills, load_settings().corpus, Path(work), documents=documents, seed=seed, tell=tell)
    same, killed = sum(trial.same for trial in trials), sum(trial.killed for trial in trials)
    if as_json:
        click.echo(json.dumps({"kills": killed, "trials": len(trials), "same": same}))
    else:
        click.echo(f"{killed} of {len(trials)} runs were killed before their end; {same} times the same index.")
    if same < len(trials):
        sys.exit(1)


if __name__ == "__main__":
    main()
