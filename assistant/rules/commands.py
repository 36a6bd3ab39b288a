"""`assistant check`: the rules from the command line, one subcommand for each rule, its options from the rule file."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import QuestionError
from assistant.schema import Language

if TYPE_CHECKING:
    from assistant.rules.definition import Rule
    from assistant.rules.values import Clause, Line, Result


def _rules() -> dict[str, Rule]:
    from assistant.rules.definition import load_rules

    return load_rules()


class _Check(click.Group):
    """Makes a subcommand of each rule file when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_rules())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        rule = _rules().get(name)
        return _command(rule) if rule else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _rules():
            raise QuestionError(f"There is no rule {args[0]!r}.", f"Rules: {', '.join(_rules())}.")
        return super().resolve_command(ctx, args)


@click.group(cls=_Check, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--list", "listing", is_flag=True, help="Show the rules, their inputs and their clauses.")
@click.option("--lang", type=click.Choice(["ko", "en"]), default="ko", show_default=True, help="Language of the words.")
@click.pass_context
def check(ctx: click.Context, as_json: bool, listing: bool, lang: Language) -> None:
    """Work out a money or eligibility rule for a case, with its clauses; no model is used.

    Example: assistant check share --size sme --total 10억
    """
    if listing:
        _list(as_json, lang)
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _command(rule: Rule) -> click.Command:
    from assistant.rules.engine import evaluate
    from assistant.rules.inputs import accepted, parse

    options: list[click.Parameter] = [
        click.Option([f"--{entry.name.replace('_', '-')}", entry.name], help=f"{entry.label.en}: {accepted(entry).en}")
        for entry in rule.inputs.values()
    ]
    options += [
        click.Option(["--as-of", "as_of"], help="The date whose rules apply (default: today).", metavar="YYYY-MM-DD"),
        click.Option(["--json", "as_json"], is_flag=True, help="Print JSON."),
        click.Option(["--lang"], type=click.Choice(["ko", "en"]), help="Language of the words (default: ko)."),
        click.Argument(["pairs"], nargs=-1, metavar="[INPUT=VALUE]..."),
    ]

    def run(
        pairs: tuple[str, ...], as_of: str | None, as_json: bool, lang: Language | None, **given: str | None
    ) -> None:
        context = click.get_current_context().parent
        above = context.params if context else {}
        texts = {**{name: text for name, text in given.items() if text is not None}, **_pairs(rule, pairs)}
        inputs = {name: parse(rule.inputs[name], text) for name, text in texts.items()}
        result = evaluate(rule.name, inputs, _day(as_of))
        if as_json or above.get("as_json"):
            click.echo(json.dumps(result.to_json(), ensure_ascii=False))
        else:
            show(result, lang or above.get("lang", "ko"))

    return click.Command(rule.name, params=options, callback=run, help=f"{rule.title.en}. {rule.title.ko}.")


def _pairs(rule: Rule, pairs: tuple[str, ...]) -> dict[str, str]:
    """`size=sme` beside `--size sme`."""
    texts = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or name not in rule.inputs:
            raise QuestionError(f"{pair!r} is no input of {rule.name}.", f"Inputs: {', '.join(rule.inputs)}.")
        texts[name] = text
    return texts


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise QuestionError(f"--as-of: {text!r} is no date.", "Write it as 2026-11-22.") from exc


def show(result: Result, language: Language) -> None:
    """Print a result for people: lines, warnings, then the clauses with their documents."""
    click.echo(f"{result.title.of(language)} ({result.as_of.isoformat()})")
    for line in result.lines:
        click.echo(f"  {line.text.of(language)}{_marks(result, line)}")
    for entry in result.missing:
        click.echo(f"  ? {entry.question.of(language)} --{entry.name.replace('_', '-')}: {entry.accepted.of(language)}")
    for line in result.warnings:
        click.echo(f"  ! {line.text.of(language)}{_marks(result, line)}")
    for number, clause in enumerate(result.clauses.values(), 1):
        cite, source = clause.cite.of(language), clause.source.of(language)
        click.echo(f"  [{number}] {cite}; {source}; {_place(clause, language)}")


def _place(clause: Clause, language: Language) -> str:
    return f"{clause.document_id(language)} › {clause.heading.of(language)}"


def _marks(result: Result, line: Line) -> str:
    order = list(result.clauses)
    return "".join(f" [{order.index(name) + 1}]" for name in line.clauses)


def _list(as_json: bool, language: Language) -> None:
    from assistant.rules.inputs import accepted

    rules = _rules().values()
    if as_json:
        click.echo(json.dumps([_described(rule) for rule in rules], ensure_ascii=False))
        return
    for rule in rules:
        click.echo(f"{rule.name}: {rule.title.of(language)}")
        for entry in rule.inputs.values():
            option = f"{'*' if entry.required else ' '} --{entry.name.replace('_', '-')}"
            click.echo(f"  {option}  {entry.label.of(language)}: {accepted(entry).of(language)}")
        for version in rule.versions:
            until = version.until.isoformat() if version.until else ""
            click.echo(f"    {version.since.isoformat()}~{until}  {version.note.of(language)}")
        for clause in rule.clauses.values():
            click.echo(f"    - {clause.cite.of(language)} ({_place(clause, language)})")


def _described(rule: Rule) -> dict[str, Any]:
    from assistant.rules.inputs import accepted

    return {
        "rule": rule.name,
        "title": {"ko": rule.title.ko, "en": rule.title.en},
        "inputs": [
            {
                "name": entry.name,
                "kind": entry.kind,
                "required": entry.required,
                "label": {"ko": entry.label.ko, "en": entry.label.en},
                "accepted": list(entry.choices) or accepted(entry).en,
            }
            for entry in rule.inputs.values()
        ],
        "versions": [
            {
                "since": version.since.isoformat(),
                "until": version.until.isoformat() if version.until else None,
                "known": version.known,
                "note": {"ko": version.note.ko, "en": version.note.en},
            }
            for version in rule.versions
        ],
        "clauses": [clause.to_json() for clause in rule.clauses.values()],
    }
