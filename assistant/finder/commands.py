"""`assistant programmes`: which programmes there are, and which fit a firm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.errors import PathError, QuestionError
from assistant.schema import Language

if TYPE_CHECKING:
    from datetime import date

    from assistant.finder.values import Found, Match

_MARKS = {"eligible": ("O", "green"), "depends": ("?", "yellow"), "not": ("X", "red"), "unknown": ("-", "white")}
_WORDS = {
    "eligible": ("신청할 수 있음", "eligible"),
    "depends": ("조건에 따라", "depends"),
    "not": ("지금은 안 됨", "not now"),
    "unknown": ("알 수 없음", "not known"),
}
_LABELS = {
    "taken": ("이렇게 이해했습니다", "Understood"),
    "unsure": ("분명하지 않아 쓰지 않았습니다", "Not clear, so not used"),
    "size": ("기업 규모", "Company size"),
    "ask": ("물어볼 곳", "Ask"),
    "not_known": ("모르는 것", "Not known"),
    "questions": ("답하면 더 정해집니다", "Answering these decides more"),
    "days": ("{count}일 남음", "{count} days left"),
    "past": ("{count}일 지남", "{count} days ago"),
}
_lang = click.option("--lang", type=click.Choice(["ko", "en"]), help="Language of the words (default: the text's).")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def programmes() -> None:
    """Find programmes, loans and insurance that fit a firm; verdicts are rules with their clauses, no model's."""


@programmes.command("list")
@_lang
@_json
def list_programmes(lang: Language | None, as_json: bool) -> None:
    """Show the programmes, and the fields of a firm's profile."""
    from assistant.finder.definition import load_programmes
    from assistant.finder.fields import accepted_words, fields

    language: Language = lang or "ko"
    known = load_programmes().values()
    entries = {name: field.entry for name, field in fields().items()}
    if as_json:
        listed = [
            {
                "programme": each.name,
                "kind": each.kind,
                "title": each.title.of(language),
                "owner": each.owner.of(language),
            }
            for each in known
        ]
        taking = [
            {"field": name, "label": entry.label.of(language), "question": entry.question.of(language),
             "accepted": list(entry.choices) or accepted_words(name, language)}
            for name, entry in entries.items()
        ]  # fmt: skip
        click.echo(json.dumps({"programmes": listed, "fields": taking}, ensure_ascii=False))
        return
    for each in known:
        click.echo(f"{each.name}: {each.title.of(language)} ({each.owner.of(language)})")
    click.echo("")
    for name, entry in entries.items():
        values = ", ".join(entry.choices) or accepted_words(name, language)
        click.echo(f"  --field {name}=  {entry.label.of(language)}: {values}")


@programmes.command("match")
@click.argument("text", required=False, default="")
@click.option("--field", "pairs", multiple=True, metavar="NAME=VALUE", help="A field of the profile; may be repeated.")
@click.option("--as-of", "as_of", metavar="YYYY-MM-DD", help="The day that deadlines count from (default: today).")
@click.option("--ics", type=click.Path(path_type=Path), metavar="FILE", help="Write the days ahead as a calendar file.")
@click.option("--index", type=click.Path(path_type=Path), help="Index folder (default: indexes/default).")
@click.option("--as", "user", metavar="USER", help="Whose access labels to use (see access.toml).")
@_lang
@_json
def match_programmes(
    text: str,
    pairs: tuple[str, ...],
    as_of: str | None,
    ics: Path | None,
    index: Path | None,
    user: str | None,
    lang: Language | None,
    as_json: bool,
) -> None:
    """Say which programmes fit the firm that TEXT describes, such as "창원에 있는 매출 90억 금속가공, 로봇 2대"."""
    from assistant.access import labels_of
    from assistant.answering import open_reader
    from assistant.finder.finding import find_programmes
    from assistant.ingest.opened import open_set_index
    from assistant.settings import load_settings

    profile, today = _pairs(pairs), _day(as_of)
    settings = load_settings(index=index)
    with open_set_index(settings) as opened:
        found = find_programmes(
            opened.seen_by(labels_of(user, settings.access_file)),
            open_reader(settings) if text.strip() else None,
            text=text,
            profile=profile,
            language=lang,
            today=today,
            max_chars=settings.max_question_chars,
        )
    if ics is not None:
        _write_calendar(found, ics)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        _show(found)


def _pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    profile = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise QuestionError(f"--field {pair!r} has no value.", "Write it as --field sales=90억.")
        profile[name.strip()] = value
    return profile


def _day(text: str | None) -> date | None:
    from datetime import date

    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise QuestionError(f"--as-of: {text!r} is no date.", "Write it as 2026-11-22.") from exc


def _write_calendar(found: Match, path: Path) -> None:
    from assistant.finder.days import calendar

    try:
        path.write_bytes(calendar(found))
    except OSError as exc:
        raise PathError(f"The calendar file {path} cannot be written ({exc.strerror}).", "Name another one.") from exc


def _show(found: Match) -> None:
    """Print a match for people: what was understood, a paragraph for each programme, the open questions."""

    def word(name: str) -> str:
        return _LABELS[name][found.language == "en"]

    if found.taken:
        click.echo(f"{word('taken')}: " + ", ".join(f"{entry.label} {entry.words}" for entry in found.taken))
    if found.unsure:
        click.echo(f"{word('unsure')}: {', '.join(found.unsure)}")
    for note in found.size_because:
        click.echo(f"{word('size')}: {note.text}{_ids(note.citations)}")
    for each in found.programmes:
        _show_one(each, found)
    if found.questions:
        click.echo(f"\n{word('questions')}:")
    for question in found.questions:
        click.echo(f"  --field {question.field}=  {question.question} ({question.accepted})")


def _show_one(each: Found, found: Match) -> None:
    language = int(found.language == "en")
    mark, colour = _MARKS[each.verdict]
    click.echo("")
    click.echo(click.style(f"{mark} {each.title} - {_WORDS[each.verdict][language]}", fg=colour, bold=True))
    click.echo(f"  {each.owner}")
    for reason in each.reasons:
        click.echo(f"  {reason.text}{_ids(reason.citations)}")
    for amount in each.amounts:
        click.echo(
            f"  {amount.label}: {amount.text}{f' ({amount.formula})' if amount.formula else ''}{_ids(amount.citations)}"
        )
    for deadline in each.deadlines:
        said = _LABELS["past" if deadline.past else "days"][language].format(count=abs(deadline.days_left))
        click.echo(f"  {deadline.label}: {deadline.day.isoformat()} ({said}){_ids(deadline.citations)}")
    for note in each.notes:
        click.echo(f"  ! {note.text}{_ids(note.citations)}")
    for note in each.not_known:
        click.echo(f"  {_LABELS['not_known'][language]}: {note.text}{_ids(note.citations)}")
    click.echo(f"  {_LABELS['ask'][language]}: {each.ask}")
    if each.reasons and each.reasons[0].citations:
        from assistant.answering.wording import plain

        quote = found.quotes[each.reasons[0].citations[0]]
        click.echo(click.style(f"  “{plain(quote)}” {quote.title} ({quote.effective_date})", dim=True))


def _ids(citations: tuple[str, ...]) -> str:
    return "".join(f" [{name}]" for name in citations)
