"""`assistant ingest`, `assistant watch` and `assistant documents list | show`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from assistant.errors import AssistantError
    from assistant.index import Index
    from assistant.ingest.cluster import Cluster
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
    """What `ingest` and `watch` share: settings, embedder and executor, loaded once; a run takes the writer lock."""

    def __init__(self, paths: Sequence[Path | str], index: Path | None) -> None:
        from assistant.errors import PathError
        from assistant.ingest.cluster import Cluster
        from assistant.ingest.precomputed import PrecomputedEmbedder, load_vectors, vectors_file
        from assistant.ingest.sandbox import Limits, Sandbox
        from assistant.ingest.scan import scan
        from assistant.settings import load_settings
        from assistant.weights.embedder import SentenceEmbedder

        self.settings = load_settings(index=index)
        if not paths and not self.settings.corpus.exists():
            raise PathError(
                f"There is no folder {self.settings.corpus}.",
                "`assistant init FOLDER` lays the starter documents; run this there, or name your own folder.",
            )
        own = [self.settings.corpus, *([self.settings.uploads] if self.settings.uploads.is_dir() else [])]
        self.paths = [self._located(path) for path in paths] or own
        next(scan(self.paths), None)  # a wrong path is refused before an index folder is made
        limits = Limits(self.settings.reading_seconds, self.settings.reading_memory_mb)
        embedder: Any = SentenceEmbedder(self.settings.embedder, self.settings.cache, self.settings.threads)
        self.executor: Sandbox | Cluster = Sandbox(limits, self.settings.reading_workers)
        if self.settings.ray:
            make = partial(SentenceEmbedder, self.settings.embedder, self.settings.cache)
            workers = self.settings.reading_workers
            embedder = self.executor = Cluster(self.settings.ray, make, embedder.fingerprint, limits, workers)
        self.vectors_file = vectors_file(self.settings.corpus, self.settings.embedder)
        self.embedder: PrecomputedEmbedder = PrecomputedEmbedder(
            embedder, load_vectors(self.vectors_file, embedder.fingerprint)
        )

    def _located(self, path: Path | str) -> Path:
        """The file or folder, or the copy of what an address names."""
        from assistant.ingest.objects import fetch, is_address
        from assistant.ingest.scan import located

        if isinstance(path, str) and is_address(path):
            return fetch(path, self.settings.fetched)
        return located(Path(path))

    def run(
        self,
        who: str,
        *,
        rebuild: bool = False,
        retry: bool = True,
        show: Show | None = None,
        labels: Sequence[str] = (),
    ) -> Report:
        from assistant.ingest.opened import write_set_index
        from assistant.ingest.pipeline import ingest as bring_in_step
        from assistant.ingest.progress import told_once

        with write_set_index(self.settings, rebuild=rebuild, who=who, waits=told_once()) as opened:
            return bring_in_step(
                self.paths,
                opened,
                self.embedder,
                roots=[self.settings.corpus],
                progress=show,
                executor=self.executor,
                retry=retry,
                labels=labels,
            )


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--rebuild", is_flag=True, help="Empty the index first (needed after a change of embedder).")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="LABEL",
    help="Only holders of it see these paths and all below; may be repeated. Kept for later runs; `public` lifts it.",
)
@click.option("--save-vectors", "save", is_flag=True, hidden=True, help="Write the corpus's vectors (`make vectors`).")
@_index
@_json
def ingest(
    paths: tuple[str, ...], rebuild: bool, labels: tuple[str, ...], save: bool, index: Path | None, as_json: bool
) -> None:
    """Bring the index in step with files and folders (default: the corpus, and what was uploaded).

    A PATH may be the address of an object store, such as s3://bucket/folder: what lies there is copied first.
    Whoever may see what lies in a folder can also be written into a file `.labels.yaml` in it: `labels: [name]`.
    Exits with 2 when some files could not go in; `assistant documents list --failed` names them with the reason.
    """
    from assistant.ingest.precomputed import save_vectors
    from assistant.ingest.progress import terminal

    ingestion = _Ingestion(paths, index)
    with ingestion.executor:
        report = ingestion.run("ingest", rebuild=rebuild, show=terminal(), labels=labels)
    if save:
        save_vectors(ingestion.vectors_file, ingestion.embedder.fingerprint, ingestion.embedder.used)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        click.echo(report.summary())
        for failure in (*report.failed, *report.incomplete):
            click.echo(f"  {_failure_line(failure)}", err=True)
        if report.away:
            click.echo(
                f"  {len(report.away)} documents were kept although their files are not there: the drive that held them"
                " is not mounted. If they were withdrawn: `assistant documents withdraw FOLDER`.",
                err=True,
            )
    if report.failed:
        sys.exit(2)


@click.command()
@click.argument("paths", nargs=-1, type=_path, metavar="[PATH]...")
@_index
@_json
def watch(paths: tuple[Path, ...], index: Path | None, as_json: bool) -> None:
    """Keep the index in step with files and folders until Ctrl-C; one line for each run."""
    from assistant.database.alone import alone
    from assistant.ingest.progress import terminal
    from assistant.ingest.watch import watch as keep_in_step

    ingestion = _Ingestion(paths, index)
    show = terminal() if sys.stderr.isatty() else None
    folder = ingestion.settings.index.absolute()
    try:
        with (
            alone(ingestion.settings, f"watch {folder}", folder / "watch.lock", _stands_by),
            ingestion.executor,
        ):
            keep_in_step(
                ingestion.paths,
                ingestion.settings.index,
                lambda first: ingestion.run("watch", retry=first, show=show),
                _teller(as_json),
            )
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)


def _stands_by() -> None:
    click.echo("Another `assistant watch` keeps this index in step. Standing by.", err=True)


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
    """List and show the documents of an index, and take withdrawn ones out."""


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
            rows = [{name: entry[name] for name in names} for entry in opened.ledger.failures()]
        else:
            missing = _missing_parts(opened)
            visible = opened.seen_by(labels_of(user, settings.access_file)).documents()
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
    from assistant.ingest.names import composed

    with _open_index(index) as (opened, settings):
        found = opened.seen_by(labels_of(user, settings.access_file)).document_text(composed(document_id))
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


@documents.command("withdraw")
@click.argument("names", nargs=-1, required=True, metavar="PATH_OR_ID...")
@_index
@_json
def documents_withdraw(names: tuple[str, ...], index: Path | None, as_json: bool) -> None:
    """Take documents out of the index: those read from a file or folder (it need not be there any more), or by id.

    The files are not touched; a folder that is still there is read again by the next `assistant ingest` of it.
    """
    from assistant.ingest.opened import write_set_index
    from assistant.ingest.progress import told_once
    from assistant.ingest.withdraw import withdraw
    from assistant.settings import load_settings

    settings = load_settings(index=index)
    with _open_index(index):
        pass  # a missing index is an error, not made
    with write_set_index(settings, who="withdraw", waits=told_once()) as opened:
        removed = withdraw(opened, names)
    if as_json:
        click.echo(json.dumps({"withdrawn": removed}, ensure_ascii=False))
        return
    for document_id in removed:
        click.echo(document_id)
    click.echo(f"{len(removed):,} withdrawn.")


def _failure_line(failure: dict[str, Any]) -> str:
    return f"{failure['path']} ({failure['stage']}): {failure['reason']} {failure['hint']}".rstrip()


def _missing_parts(opened: Index) -> dict[str, str]:
    """Which parts of documents could not be read, and why, by document id."""
    states = opened.catalog.states()
    parts = [each for each in opened.ledger.failures() if each["stage"] == "part" and each["file"] in states]
    return {states[each["file"]][0]: each["reason"] for each in parts}


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
        "missing": missing.get(document.document_id, ""),
    }


@contextmanager
def _open_index(index: Path | None) -> Iterator[tuple[Index, Settings]]:
    from assistant.ingest.opened import open_set_index
    from assistant.settings import load_settings

    settings = load_settings(index=index)
    with open_set_index(settings) as opened:
        yield opened, settings
