"""`assistant floor`: what the floor page shows, at the terminal; and the labels that open it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import MachineMissing
from assistant.schema import Language

if TYPE_CHECKING:
    from assistant.floor.pack import Floor
    from assistant.settings import Settings

_index = click.option("--index", type=click.Path(path_type=Path), help="Index folder (default: indexes/default).")
_user = click.option("--as", "user", metavar="USER", help="Whose access labels to use (see access.toml).")
_lang = click.option(
    "--lang", type=click.Choice(["ko", "en"]), default="ko", show_default=True, help="Language of the manual."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def floor() -> None:
    """Look up alarm codes of machines, and print the QR codes that open the floor page."""


@floor.command()
@_index
@_user
@_lang
@_json
def machines(index: Path | None, user: str | None, lang: Language, as_json: bool) -> None:
    """List the machines that have a manual."""
    settings, labels = _opened(index, user)
    with _floor(settings) as found:
        listed = found.listed(labels, lang)
    if as_json:
        click.echo(json.dumps({"machines": listed}, ensure_ascii=False))
        return
    for each in listed:
        click.echo(f"{each['machine']}  {each['name']} {each['model']}, {each['version']}, {each['since']}")


@floor.command()
@click.argument("machine")
@click.argument("code")
@_index
@_user
@_lang
@_json
def lookup(machine: str, code: str, index: Path | None, user: str | None, lang: Language, as_json: bool) -> None:
    """Show what MACHINE's manual says of an alarm CODE, however loosely it is typed."""
    settings, labels = _opened(index, user)
    with _floor(settings) as found:
        looked_up = found.look_up(machine, code, labels, lang)
        if looked_up is None:
            raise _missing(machine, found, labels)
    pack, codes = looked_up
    alarms = [alarm for alarm in pack["alarms"] if alarm["code"] in codes]
    if as_json:
        about = {name: value for name, value in pack.items() if name not in ("alarms", "sections", "groups")}
        wanted = {key for alarm in alarms for name in ("first", "sections", "further") for key in alarm[name]}
        sections = {key: value for key, value in pack["sections"].items() if key in wanted}
        click.echo(json.dumps({**about, "alarms": alarms, "sections": sections}, ensure_ascii=False))
        return
    if len(alarms) == 1:
        _show(pack, alarms[0])
    for alarm in alarms if len(alarms) > 1 else ():
        click.echo(f"{alarm['code']}  {alarm['meaning']}")
    if not alarms:
        click.echo(f"No alarm of {pack['name']} {pack['model']} is like {code!r}.")


@floor.command()
@click.option("--machine", help="Only this machine.")
@click.option("--url", metavar="BASE", help="Address of the server (default: public_url, else http://host:port).")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for one SVG a machine.")
@_index
@_user
def qr(machine: str | None, url: str | None, out: Path, index: Path | None, user: str | None) -> None:
    """Write labels to print: a QR code for each machine that opens the floor page with it chosen."""
    from assistant.floor.labels import label, write_label

    settings, labels = _opened(index, user)
    base = url or (str(settings.public_url) if settings.public_url else f"http://{settings.host}:{settings.port}")
    with _floor(settings) as found:
        by_language = {lang: {m["machine"]: m for m in found.listed(labels, lang)} for lang in _LANGUAGES}
        if machine is not None and machine not in by_language["ko"]:
            raise _missing(machine, found, labels)
    for name, about in by_language["ko"].items():
        if machine in (None, name):
            names = {lang: by_language[lang][name]["name"] for lang in _LANGUAGES}
            click.echo(write_label(out, name, label(name, names, about["model"], base)))
    if not base.startswith("https://"):
        click.echo(
            "These addresses are plain HTTP: phones then keep nothing for the time when the server is away. "
            "docs/floor.md says how a plant gives itself a certificate.",
            err=True,
        )


_LANGUAGES: tuple[Language, ...] = ("ko", "en")


def _opened(index: Path | None, user: str | None) -> tuple[Settings, frozenset[str]]:
    from assistant.access import labels_of
    from assistant.settings import load_settings

    settings = load_settings(index=index)
    return settings, labels_of(user, settings.access_file)


@contextmanager
def _floor(settings: Settings) -> Iterator[Floor]:
    """The floor over the index of `settings`; codes need no model."""
    from assistant.floor.pack import Floor
    from assistant.ingest.opened import open_set_index

    with open_set_index(settings) as index:
        yield Floor(index)


def _missing(machine: str, found: Floor, labels: frozenset[str]) -> MachineMissing:
    known = ", ".join(found.machines(labels)) or "none"
    return MachineMissing(f"There is no manual of a machine {machine!r}.", f"Machines: {known}.")


def _show(pack: dict[str, Any], alarm: dict[str, Any]) -> None:
    """Print one alarm: warnings, remedy, procedures."""
    click.echo(click.style(f"{alarm['code']}  {alarm['meaning']}", bold=True))
    for warning in alarm["warnings"]:
        click.echo(click.style(f"{warning['sign']}: {warning['text']}", fg="red"))
    for name, text in (*alarm["facts"], alarm["remedy"]):
        click.echo(f"{name}: {text}")
    for value in alarm["values"]:
        click.echo(
            f"{value['name']}: {value['value']}  " + "; ".join(f"{name}: {text}" for name, text in value["rest"])
        )
    for key in (*alarm["first"], *alarm["sections"]):
        section = pack["sections"][key]
        click.echo(click.style(f"\n{section['heading']}", bold=True))
        for item in section["items"]:
            click.echo(
                f"{item['sign'] + ('.' if item['kind'] == 'step' else ':')} " * bool(item["sign"]) + item["text"]
            )
    page = f", p. {alarm['row']['page']}" if alarm["row"]["page"] else ""
    click.echo(click.style(f"\n{pack['title']} ({pack['since']}){page}", dim=True))
