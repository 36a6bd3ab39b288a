"""Fills a disk during an ingestion and looks whether the next run, with room again, ends with the right index.

`python -m assistant.evaluation.full_disk [--size KB …]`. The index lies on a small disk in memory (tmpfs), which is
really full at some point: in the catalogue, in its log or in the vector store, by its size. Needs the right to mount
(root on Linux); ends with 3 where there is none. See `crash` for the documents, the embedder and the comparison.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from assistant.errors import AssistantError
from assistant.evaluation.crash import contents, finished, run, write_documents
from assistant.text.tokens import terms

#: An index of 16 small documents takes about 1,100 KB while it is written.
_SIZES = (150, 300, 500, 700, 900, 1000)
_ROOM = "64m"
_NO_RIGHT = 3


def _attempt(source: Path, folder: Path) -> str:
    """What the run says when it ends early; empty when it went through."""
    try:
        run(source, folder)
    except AssistantError as exc:
        return exc.message
    return ""


@contextmanager
def _disk(place: Path, size_kb: int) -> Iterator[None]:
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "none", str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(sizes: Sequence[int], corpus: Path, work: Path) -> Iterator[tuple[int, str, bool]]:
    """For each size in KB: what the run on the small disk said, and whether the next one made the right index."""
    terms("한국어 분석기")  # loaded once, before the processes are forked
    source, place = work / "documents", work / "disk"
    write_documents(source, corpus, 16)
    finished(run, source, work / "whole")
    right = finished(contents, work / "whole")
    for size in sizes:
        with _disk(place, size):
            said = finished(_attempt, source, place / "index")
            subprocess.run(["mount", "-o", f"remount,size={_ROOM}", str(place)], check=True)
            finished(run, source, place / "index")
            yield size, said, finished(contents, place / "index") == right


@click.command()
@click.option("--size", "sizes", multiple=True, type=click.IntRange(min=50), help="Size of a disk in KB.")
def main(sizes: tuple[int, ...]) -> None:
    """Ingest onto disks that are too small; exits with 1 unless every next run ends with the same index."""
    from assistant.settings import load_settings

    differ = 0
    with tempfile.TemporaryDirectory() as work:
        try:
            for size, said, same in fill(sizes or _SIZES, load_settings().corpus, Path(work)):
                click.echo(f"{size:6,} KB: {said or 'there was room'} Then: {'same index' if same else 'DIFFERS'}")
                differ += not same
        except (OSError, subprocess.CalledProcessError) as exc:
            click.echo(f"No disk can be mounted here ({exc}).", err=True)
            sys.exit(_NO_RIGHT)
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
