"""`docs/reference.md`: every command and setting, written from the code that has them; `make reference` renews it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_WIDTH = 100
_HEAD = """\
# Commands and settings

Written from the code by `make reference`; do not edit. A test compares.

## Commands

"""


def reference() -> str:
    """The whole document."""
    return _HEAD + "\n".join(_commands()) + "\n## Settings\n\n" + _SETTINGS + "\n".join(_settings()) + "\n"


_SETTINGS = """\
In `assistant.toml` in the home folder, as an environment variable, or as a flag of the command that has one; the later
wins. Relative paths are taken from the home folder: the one that `ASSISTANT_HOME` names, else the nearest with an
`assistant.toml` at or above the current folder, else the checkout, else the current folder.

| setting | environment | default | meaning |
|---|---|---|---|
"""


def _commands() -> Iterator[str]:
    from assistant.cli import cli

    # With the names that the group sets at run time: click keeps a command's help option once it was made.
    names = cli.context_settings["help_option_names"]
    with click.Context(
        cli, info_name="assistant", max_content_width=_WIDTH, terminal_width=_WIDTH, help_option_names=names
    ) as context:
        yield from _of_group(cli, context)


def _of_group(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        with click.Context(command, info_name=name, parent=context) as inner:
            yield f"### {inner.command_path}\n"
            lines = command.get_help(inner).splitlines()
            yield "".join(f"    {line}\n" if line else "\n" for line in lines)
            if isinstance(command, click.Group):
                yield from _of_group(command, inner)


def _settings() -> Iterator[str]:
    from assistant.settings import Settings

    for name, field in Settings.model_fields.items():
        meaning = (field.description or "").replace("|", "\\|")
        yield f"| `{name}` | `ASSISTANT_{name.upper()}` | {_default(field)} | {meaning} |"


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "comes with us"
    default = field.default
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    if default is None or default == "" or default == {} or default == ():
        return "–"
    return f"`{default.as_posix() if isinstance(default, Path) else default}`"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
