"""How much faster two Ray workers read than one: files a second, after a first file each.

    python -m assistant.evaluation.cluster [--workers 1,2] [FOLDER]

Ray is started on this machine for each number of workers, one core each; every file below FOLDER (default: the corpus)
is read once. Nothing is written, no model runs. On a machine that does other things the figures say nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from assistant.errors import PathError, ReadError
from assistant.ingest.cluster import LOCAL, Cluster
from assistant.ingest.embedding import PassageEmbedder
from assistant.ingest.sandbox import usable_cores
from assistant.ingest.scan import scan
from assistant.settings import load_settings


def seconds(paths: Sequence[Path], workers: int) -> float:
    """Measure how long `workers` take to read the files, in seconds; Ray's start and their imports are not counted."""
    with Cluster(LOCAL, _none, "", workers=workers) as cluster:
        list(cluster.read_all([paths[0]] * 4 * workers))
        began = time.monotonic()
        failed = [each for each in cluster.read_all(paths) if isinstance(each, ReadError)]
        took = time.monotonic() - began
    if failed:
        click.echo(f"  {len(failed)} files could not be read, the first: {failed[0]}", err=True)
    return took


def _none(threads: int) -> PassageEmbedder:
    raise AssertionError("nothing is embedded here")


@click.command(help=__doc__)
@click.argument("folder", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--workers", default="1,2", show_default=True, help="Numbers of workers, separated by commas.")
def main(folder: Path | None, workers: str) -> None:
    """Print one line for each number of workers."""
    numbers = [int(each) for each in workers.split(",")]
    if max(numbers) > usable_cores():
        raise PathError(f"This process may use {usable_cores()} cores.", "Give fewer --workers, or free more cores.")
    paths = [found.path for found in scan([folder or load_settings().corpus]) if not found.failure]
    if not paths:
        raise PathError(f"There are no files in {folder}.", "Give a folder with documents.")
    first = 0.0
    for number in numbers:
        took = seconds(paths, number)
        first = first or took
        rate = len(paths) / took
        click.echo(
            f"{number} workers: {len(paths)} files in {took:.1f} s, {rate:.1f}/s, {first / took:.2f} times the first"
        )


if __name__ == "__main__":
    main()
