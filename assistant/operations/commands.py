"""`assistant init | backup | restore | audit | index`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from assistant.operations.archive import Manifest

_path = click.Path(path_type=Path)
_index = click.option("--index", type=_path, help="Index folder (default: indexes/default).")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("folder", type=_path)
def init(folder: Path) -> None:
    """Lay a FOLDER to run in: the starter documents, a settings file, a place for indexes.

    After an upgrade it brings the starter documents in step; what you changed or removed stays as it is.
    """
    from assistant.operations.starter import lay

    laid = lay(folder)
    for verb, names in (("added", laid.added), ("brought in step", laid.updated), ("removed", laid.removed)):
        if names:
            click.echo(f"{len(names):,} files of the starter documents {verb} in {folder / 'corpus'}.")
    for name in laid.kept:
        click.echo(f"  kept, because it was changed here: {name}", err=True)
    if not laid.settings:
        click.echo("Run `assistant ingest` to bring the index in step.")
        return
    click.echo(f"Settings: {folder / 'assistant.toml'}")
    click.echo("Next, in that folder:")
    click.echo("    assistant weights pull   # model files, 2.3 GB, once")
    click.echo("    assistant ingest         # index the documents")
    click.echo("    assistant serve          # open the page")


@click.command()
@click.argument("target", type=_path)
@click.option("--keep", type=click.IntRange(1), help="TARGET is a folder: remove all but the newest so many.")
@_index
@_json
def backup(target: Path, keep: int | None, index: Path | None, as_json: bool) -> None:
    """Write index, conversations, users and the audit log into one file, also while the assistant serves.

    TARGET is the file, or a folder in which it is named by the time. It holds what people asked and every document's
    text: keep it where the index may lie.
    """
    from assistant.errors import BackupError
    from assistant.operations.backup import back_up
    from assistant.settings import load_settings

    if keep and not target.is_dir():
        raise BackupError(f"{target} is no folder.", "--keep removes older backups of a folder; make it first.")
    made = back_up(load_settings(index=index), target, keep)
    if as_json:
        _print(made.manifest, file=str(made.file), size=made.size, removed=[str(each) for each in made.removed])
        return
    click.echo(f"{made.file}  {made.size / 1e6:,.1f} MB: {_counts(made.manifest)}.")
    for each in made.removed:
        click.echo(f"  removed: {each}")


@click.command()
@click.argument("file", type=_path)
@click.option("--replace", is_flag=True, help="What is there goes, parts that the backup lacks aside.")
@click.option("--check", "only_check", is_flag=True, help="Read and compare the whole backup; change nothing.")
@_index
@_json
def restore(file: Path, replace: bool, only_check: bool, index: Path | None, as_json: bool) -> None:
    """Put the backup FILE where the settings say, also while the assistant serves; everybody signs in again.

    Exits with 2 when its index was built by a version or embedder that does not fit; the rest is put back then.
    """
    from assistant.operations import restore as restoring
    from assistant.settings import load_settings

    settings = load_settings(index=index)
    done = restoring.check(file, settings) if only_check else restoring.restore(file, settings, replace=replace)
    if as_json:
        _print(done.manifest, checked_only=only_check, index_unusable=done.unusable)
    else:
        said = "is sound" if only_check else "was put back"
        click.echo(f"The backup of {done.manifest.made_at} {said}: {_counts(done.manifest)}.")
    if done.unusable:
        click.echo(f"Its index {'cannot be used' if only_check else 'was left out'}. {done.unusable}", err=True)
        sys.exit(2)


@click.command()
@click.option("--user", default="", help="Of this user alone, by name or id.")
@click.option("--document", default="", help="About this document alone, by id.")
@click.option("--since", type=click.DateTime(), help="From this day on, in UTC.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each entry.")
def audit(user: str, document: str, since: datetime | None, as_json: bool) -> None:
    """Show who was shown which documents, when and where, oldest first.

    Kept when `audit_days` is set. Entries hold ids and labels, never words of documents, questions or answers.
    """
    from assistant.audit import read_audit
    from assistant.settings import load_settings

    settings = load_settings()
    if not settings.audit_days:
        click.echo("The audit log is off: set `audit_days` to the days that entries are to be kept.", err=True)
    for entry in read_audit(settings, user=user, document=document, since=since.isoformat() if since else ""):
        if as_json:
            shown = [{"document_id": name, "labels": labels} for name, labels in entry.documents]
            click.echo(json.dumps({**asdict(entry), "documents": shown}, ensure_ascii=False))
        else:
            shown_in_words = ", ".join(f"{name} [{' '.join(labels)}]" for name, labels in entry.documents)
            click.echo(f"{entry.at}  {entry.name or '(anyone)'}  {entry.door}  {shown_in_words}")


@click.group()
def index() -> None:
    """Copy an index between files and servers."""


@index.command()
@click.option("--from", "source", type=_path, metavar="FOLDER", help="From the files in FOLDER to where it is set.")
@click.option("--into", type=_path, metavar="FOLDER", help="From where it is set to files in FOLDER.")
@_index
def copy(source: Path | None, into: Path | None, index: Path | None) -> None:
    """Copy catalogue and vectors, whichever of index_url and chroma_url are set, while both are read.

    Nothing is computed anew, nothing is removed, and the place that is copied to must have no index yet.
    """
    from assistant.errors import PathError
    from assistant.operations.moving import copy_from, copy_into
    from assistant.settings import load_settings

    if (source is None) == (into is None):
        raise PathError("Give either --from or --into.", "Example: assistant index copy --from indexes/default")
    settings = load_settings(index=index)
    counts = copy_from(source, settings) if source else copy_into(into, settings) if into else {}
    click.echo(f"Copied: {', '.join(f'{number:,} {name}' for name, number in counts.items())}.")


def _counts(manifest: Manifest) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in manifest.counts.items())


def _print(manifest: Manifest, **more: Any) -> None:
    told = {name: value for name, value in asdict(manifest).items() if name != "files"}
    click.echo(json.dumps({**told, **more}, ensure_ascii=False))
