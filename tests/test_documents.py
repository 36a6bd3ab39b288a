"""The documents for people: links lead somewhere, what they name exists, the reference of commands is current."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from assistant import __version__
from assistant.cli import cli
from assistant.settings import Settings
from tests.conftest import PROJECT

GUIDES = [*PROJECT.glob("*.md"), *sorted((PROJECT / "docs").glob("*.md"))]
READ = [guide for guide in GUIDES if guide.name not in ("log.md", "reference.md")]
DEPLOY = sorted(file for file in (PROJECT / "deploy").iterdir() if file.is_file())
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
_COMMAND = re.compile(r"(?:^|[\s`/&(])assistant ([a-z][^`\n#&|;)]*)")


def names(path: Path) -> str:
    return path.name


def code(guide: Path) -> Iterator[str]:
    """Indented lines and what stands between backticks."""
    for line in guide.read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            yield line.strip()
        else:
            yield from re.findall(r"`([^`]+)`", line)


def commands(text: str) -> Iterator[list[str]]:
    """The words after each `assistant ` in a piece of code."""
    for found in _COMMAND.findall(text):
        words = shlex.split(re.sub("…|'|\"(?=]$)", " ", found), comments=True)
        if words and words[0] in cli.list_commands(click.Context(cli)):
            yield words
        elif words:
            raise AssertionError(f"there is no command '{words[0]}': {text}")


def check(words: list[str]) -> None:
    """Every word that is a command is one, and every option is the command's."""
    command: click.Command = cli
    context = click.Context(cli)
    for word in words:
        if word.startswith("-"):
            known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
            assert word.split("=")[0] in {*known, "--help"}, f"assistant {' '.join(words)}: no {word}"
        elif isinstance(command, click.Group) and (inner := command.get_command(context, word)):
            command = inner


@pytest.mark.parametrize("guide", GUIDES, ids=names)
def test_links_lead_somewhere(guide: Path) -> None:
    for target in _LINK.findall(guide.read_text(encoding="utf-8")):
        assert (guide.parent / target).exists(), f"{guide.name}: {target}"


@pytest.mark.parametrize("guide", [*READ, *DEPLOY], ids=names)
def test_commands_and_their_options_exist(guide: Path) -> None:
    pieces = code(guide) if guide.suffix == ".md" else guide.read_text(encoding="utf-8").splitlines()
    for piece in pieces:
        if not piece.startswith(("COPY", "# Alliance")):  # a folder and a name, not the command
            for words in commands(re.sub(r"^(Exec\w+=)?\S*/bin/assistant", "assistant", piece)):
                check(words)


@pytest.mark.parametrize("guide", [*READ, *DEPLOY], ids=names)
def test_settings_and_make_targets_exist(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    tools = {"ASSISTANT_TEST_MOTO_SERVER", "ASSISTANT_TEST_LLAMA_SERVER"}
    known = {f"ASSISTANT_{name.upper()}" for name in Settings.model_fields} | {"ASSISTANT_HOME"} | tools
    assert set(re.findall(r"\bASSISTANT_[A-Z_]+\b", text)) - {"ASSISTANT_"} <= known
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {target for piece in re.findall(r"`make ([a-z -]+)|^    make ([a-z-]+)", text, re.M) for target in piece}
    assert {word for target in named for word in target.split()} <= targets


def test_the_reference_is_what_the_code_says() -> None:
    # in a process of its own: click keeps of a command what another test made of it
    command = [sys.executable, "-m", "assistant.reference"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, encoding="utf-8")
    written = (PROJECT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert written == done.stdout, "run `make reference`"


def test_the_readme_is_one_screen_longer_than_its_promises() -> None:
    _, _, after = (PROJECT / "README.md").read_text(encoding="utf-8").partition("\n## Two commands")
    assert len(after.splitlines()) <= 60


def test_the_changelog_knows_this_version() -> None:
    assert f"\n## {__version__}\n" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_what_a_container_is_built_from_is_there_and_not_ignored() -> None:
    kept = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied: set[str] = set()
    for line in (PROJECT / "deploy" / "Containerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied |= set(line.split()[1:-1])
    assert copied and copied <= kept
    assert all((PROJECT / name).exists() for name in copied)
