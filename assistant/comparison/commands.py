"""`assistant documents compare`: what changed between two versions, on the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from assistant.comparison.values import Change, Comparison
    from assistant.schema import Document


@click.command("compare")
@click.argument("names", nargs=-1, required=True, metavar="[OLD] NEW")
@click.option("--index", type=click.Path(path_type=Path), help="Index folder (default: indexes/default).")
@click.option("--as", "user", metavar="USER", help="Whose access labels to use (see access.toml).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(names: tuple[str, ...], index: Path | None, user: str | None, as_json: bool) -> None:
    """Show what changed from document OLD to document NEW: values, steps, clauses and rows.

    Without OLD, the version that NEW supersedes is taken. Renumbered, moved and reflowed text is no change.
    """
    from assistant.access import labels_of
    from assistant.comparison.compare import compare as compare_two
    from assistant.comparison.compare import earlier_version
    from assistant.errors import PathError
    from assistant.ingest.names import composed
    from assistant.ingest.opened import open_set_index
    from assistant.settings import load_settings

    if len(names) > 2:
        raise click.UsageError("Give one document or two.")
    settings = load_settings(index=index)
    labels = labels_of(user, settings.access_file)
    with open_set_index(settings) as opened:
        seen = opened.seen_by(labels)
        found = [(name, seen.document_text(composed(name))) for name in names]
        for name, stored in found:
            if stored is None:
                raise PathError(f"There is no document '{name}'.", "`assistant documents list` shows the ids.")
        documents = [stored[0] for _, stored in found if stored is not None]
        if len(documents) == 1:
            earlier = earlier_version(documents[0], seen)
            if earlier is None:
                raise PathError(
                    f"No document is known that '{names[0]}' supersedes.", "Name both: assistant documents compare A B"
                )
            documents.insert(0, earlier)
        comparison = compare_two(documents[0].document_id, documents[1].document_id, seen)
    assert comparison is not None
    if as_json:
        click.echo(json.dumps(comparison.to_json(), ensure_ascii=False))
    else:
        _show(comparison)


def _show(comparison: Comparison) -> None:
    click.echo(f"{_titled(comparison.old)}\n→ {_titled(comparison.new)}")
    counts = ", ".join(f"{comparison.count(kind)} {kind}" for kind in ("changed", "added", "removed"))
    click.echo(f"{counts}; {len(comparison.moved)} moved and {comparison.unchanged} pieces the same.")
    section: tuple[str, ...] | None = None
    for change in comparison.changes:
        if change.piece.heading_path != section:
            section = change.piece.heading_path
            click.echo("\n" + click.style(" > ".join(section), bold=True))
        _show_change(change)


def _show_change(change: Change) -> None:
    for mark, color, quote in (("-", "red", change.old), ("+", "green", change.new)):
        if quote is not None:
            page = f"  (p. {quote.pages})" if quote.pages else ""
            click.echo(click.style(f"  {mark} {' '.join(quote.quote.split())}", fg=color) + click.style(page, dim=True))
    if change.values:
        texts = [[side.text if side else "–" for side in (value.old, value.new)] for value in change.values]
        click.echo("      " + ", ".join(" → ".join(pair) for pair in texts))


def _titled(document: Document) -> str:
    return f"{document.title}{f' ({document.effective_date})' if document.effective_date else ''}"
