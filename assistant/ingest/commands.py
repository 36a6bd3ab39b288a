"""`assistant ingest`, `assistant watch` and `assistant documents list | show`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from assistant.errors import AssistantError
    from assistant.index import Index
    from assistant.ingest.precomputed import PrecomputedEmbedder
    from assistant.ingest.progress import Show
    from assistant.ingest.report import Report
    from assistant.ingest.sandbox import Sandbox
    from assistant.settings import Settings

_path = click.Path(path_type=Path)
_index = click.option("--index", type=_path, help="Index folder (default: indexes/default).")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_user = click.option("--as", "user", metavar="USER", help="Whose access labels to use (see access.toml).")


class _Ingestion:
    """What `ingest` and `watch` share: settings, embedder and sandbox, loaded once; a run takes the writer lock."""

    def __init__(self, paths: tuple[Path, ...], index: Path | None) -> None:
        from assistant.index import fingerprint
        from assistant.ingest.chunking import CHUNKER
        from assistant.ingest.precomputed import PrecomputedEmbedder, load_vectors, vectors_file
        from assistant.ingest.scan import scan
        from assistant.settings import load_settings
        from assistant.weights.embedder import SentenceEmbedder

        self.settings = load_settings(index=index)
        self.paths = list(paths) or [self.settings.corpus]
        next(scan(self.paths), None)  # a wrong path is refused before an index folder is made
        embedder = SentenceEmbedder(self.settings.embedder, self.settings.cache, self.settings.threads)
        self.expected = fingerprint(embedder.fingerprint, CHUNKER)
        self.vectors_file = vectors_file(self.settings.corpus, self.settings.embedder)
        self.embedder: PrecomputedEmbedder = PrecomputedEmbedder(
            embedder, load_vectors(self.vectors_file, embedder.fingerprint)
        )

    def sandbox(self) -> Sandbox:
        from assistant.ingest.sandbox import Limits, Sandbox

        limits = Limits(self.settings.reading_seconds, self.settings.reading_memory_mb)
        return Sandbox(limits, self.settings.reading_workers)

    def run(self, sandbox: Sandbox, *, rebuild: bool = False, retry: bool = True, show: Show | None = None) -> Report:
        from assistant.index.store import write_index
        from assistant.ingest.pipeline import ingest as bring_in_step

        with write_index(self.settings.index, self.expected, rebuild=rebuild) as opened:
            return bring_in_step(
                self.paths,
                opened,
                self.embedder,
                roots=[self.settings.corpus],
                progress=show,
                sandbox=sandbox,
                retry=retry,
            )


@click.command()
@click.argument("paths", nargs=-1, type=_path, metavar="[PATH]...")
@click.option("--rebuild", is_flag=True, help="Empty the index first (needed after a change of embedder).")
@click.option("--save-vectors", "save", is_flag=True, hidden=True, help="Write the corpus's vectors (`make vectors`).")
@_index
@_json
def ingest(paths: tuple[Path, ...], rebuild: bool, save: bool, index: Path | None, as_json: bool) -> None:
    """Bring the index in step with files and folders (default: the corpus that comes with the assistant).

    Exits with 2 when some files could not go in; `assistant documents list --failed` names them with the reason.
    """
    from assistant.ingest.precomputed import save_vectors
    from assistant.ingest.progress import terminal

    ingestion = _Ingestion(paths, index)
    with ingestion.sandbox() as sandbox:
        report = ingestion.run(sandbox, rebuild=rebuild, show=terminal())
    if save:
        save_vectors(ingestion.vectors_file, ingestion.embedder.fingerprint, ingestion.embedder.used)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        click.echo(report.summary())
        for failure in (*report.failed, *report.incomplete):
            click.echo(f"  {_failure_line(failure)}", err=True)
    if report.failed:
        sys.exit(2)


@click.command()
@click.argument("paths", nargs=-1, type=_path, metavar="[PATH]...")
@_index
@_json
def watch(paths: tuple[Path, ...], index: Path | None, as_json: bool) -> None:
    """Keep the index in step with files and folders until Ctrl-C; one line for each run."""
    from assistant.ingest.progress import terminal
    from assistant.ingest.watch import watch as keep_in_step

    ingestion = _Ingestion(paths, index)
    show = terminal() if sys.stderr.isatty() else None
    try:
        with ingestion.sandbox() as sandbox:
            keep_in_step(
                ingestion.paths,
                ingestion.settings.index,
                lambda first: ingestion.run(sandbox, retry=first, show=show),
                _teller(as_json),
            )
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)


def _teller(as_json: bool) -> Callable[[Report | AssistantError], None]:
    """Prints one line for a run: its report or the error that ended it."""
    from assistant.ingest.report import Report

    def tell(outcome: Report | AssistantError) -> None:
        at = time.strftime("%Y-%m-%d %H:%M:%S")
        if as_json:
            values = outcome.to_json() if isinstance(outcome, Report) else {"error": str(outcome)}
            click.echo(json.dumps({"at": at, **values}, ensure_ascii=False))
        else:
            click.echo(f"{at}  {outcome.summary() if isinstance(outcome, Report) else f'Error: {outcome}'}")
        sys.stdout.flush()

    return tell


@click.group()
def documents() -> None:
    """List and show the documents of an index."""


@documents.command("list")
@click.option("--failed", is_flag=True, help="Files, and parts of files, that are missing: why, and what to do.")
@_index
@_user
@_json
def documents_list(failed: bool, index: Path | None, user: str | None, as_json: bool) -> None:
    """List the documents."""
    from assistant.access import labels_of

    with _open_index(index) as (opened, settings):
        if failed:
            names = ("path", "stage", "reason", "hint")
            rows = [{name: entry[name] for name in names} for entry in opened.catalog.failures()]
        else:
            missing = _missing_parts(opened)
            visible = opened.documents(labels_of(user, settings.access_file))
            rows = [_document_row(each, missing) for each in visible]
    if as_json:
        click.echo(json.dumps({"failed" if failed else "documents": rows}, ensure_ascii=False))
        return
    for row in rows:
        if failed:
            click.echo(_failure_line(row))
        else:
            part = "  (in part)" if row["missing"] else ""
            click.echo(f"{row['document_id']:<60} {row['effective_date']:<10}  {row['title']}{part}")


@documents.command("show")
@click.argument("document_id")
@click.option("--text", "only_text", is_flag=True, help="Print the stored text, exactly.")
@_index
@_user
@_json
def documents_show(document_id: str, only_text: bool, index: Path | None, user: str | None, as_json: bool) -> None:
    """Show one document; citations' offsets count in its stored text."""
    from assistant.access import labels_of
    from assistant.errors import PathError

    with _open_index(index) as (opened, settings):
        found = opened.document_text(document_id, labels_of(user, settings.access_file))
        missing = _missing_parts(opened)
    if found is None:
        raise PathError(f"There is no document '{document_id}'.", "`assistant documents list` shows the ids.")
    document, text = found
    if as_json:
        row = {**_document_row(document, missing), **({"text": text} if only_text else {})}
        click.echo(json.dumps(row, ensure_ascii=False))
    elif only_text:
        sys.stdout.write(text)
    else:
        for name, value in _document_row(document, missing).items():
            click.echo(f"{name:<15} {value}")


def _failure_line(failure: dict[str, Any]) -> str:
    return f"{failure['path']} ({failure['stage']}): {failure['reason']} {failure['hint']}".rstrip()


def _missing_parts(opened: Index) -> dict[str, str]:
    """Which parts of documents could not be read, and why, by path."""
    return {each["path"]: each["reason"] for each in opened.catalog.failures() if each["stage"] == "part"}


def _document_row(document: Any, missing: dict[str, str]) -> dict[str, Any]:
    names = (
        "document_id", "title", "language", "collection", "version", "date", "effective_date", "supersedes",
        "superseded_by", "labels", "source", "path", "media_type", "sample", "content_hash",
    )  # fmt: skip
    row = {name: getattr(document, name) for name in names}
    return {
        **row,
        "labels": list(document.labels),
        "source": list(document.source),
        "missing": missing.get(document.path, ""),
    }


@contextmanager
def _open_index(index: Path | None) -> Iterator[tuple[Index, Settings]]:
    from assistant.index import fingerprint, open_index
    from assistant.ingest.chunking import CHUNKER
    from assistant.settings import load_settings
    from assistant.weights.embedder import embedder_fingerprint

    settings = load_settings(index=index)
    with open_index(settings.index, fingerprint(embedder_fingerprint(settings.embedder), CHUNKER)) as opened:
        yield opened, settings
