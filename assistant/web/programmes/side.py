"""The firm beside its verdicts: what was understood, each fact correctable in place, and what would decide more."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.finder.fields import fields, parse_profile, words_of
from assistant.finder.values import Ask, Match
from assistant.web.programmes.firm import QUICK, Sent, firm_of
from assistant.web.programmes.inputs import render_input, render_keep
from assistant.web.programmes.parts import Page, icon, render_from, render_quote

#: Questions that are shown at once.
_ASKED = 4
#: Programmes that are named as decided by a question.
_NAMED = 2


def render_side(page: Page, sent: Sent, match: Match | None, wrong: Sequence[str] = ()) -> str:
    """Give the form of the firm. `match` is None where a value could not be used: then nothing was decided."""
    say = page.say
    hidden = f'<input type="hidden" name="said" value="{escape(sent.said)}">'
    hidden += f'<input type="hidden" name="unsure" value="{",".join(sent.unsure)}">'
    said = f'<p class="said">“{escape(sent.said)}”</p>' if sent.said else ""
    asked = [*sent.unsure, *(ask.field for ask in match.questions if ask.field not in sent.unsure)] if match else []
    left = [name for name in dict.fromkeys((*QUICK, *fields())) if name not in sent.typed and name not in asked]
    others = "".join(_row(page, name) for name in left)
    return (
        f'<aside class="firm" aria-label="{say("understood")}">'
        f'<form id="firm" method="post" action="{page.root}/programmes" data-ask>{hidden}{said}'
        f'<section><h2>{say("understood")}</h2><p class="tiny soft">{say("understood_hint")}</p>'
        f'<ul class="facts">{_facts(page, sent, wrong)}{_size(page, sent, match)}</ul></section>'
        f"{_asks(page, sent, match, asked)}{render_keep(page, sent.kept)}"
        f'<details class="more"><summary>{say("other_fields")}</summary><div class="rows">{others}'
        f'<button class="btn main">{say("apply")}</button></div></details></form>'
        f'<details class="more anew"><summary>{say("anew")}</summary>'
        f'<form method="post" action="{page.root}/programmes" data-ask><textarea class="input" name="text" rows="3" '
        f'aria-label="{say("describe")}">{escape(sent.said)}</textarea>'
        f'{_still_kept(page, sent)}<button class="btn main">{say("find")}</button></form></details></aside>'
    )


def _still_kept(page: Page, sent: Sent) -> str:
    """A firm that is written anew takes the place of the one that is kept."""
    return '<input type="hidden" name="keep" value="keep">' if page.account and sent.kept else ""


def _facts(page: Page, sent: Sent, wrong: Sequence[str]) -> str:
    known = parse_profile(firm_of(sent).profile)
    words = {name: words_of(name, value, page.language) for name, value in known.items()}
    return "".join(
        _fact(page, name, value, words.get(name, value), wrong=name in wrong) for name, value in sent.typed.items()
    )


def _fact(page: Page, name: str, value: str, words: str, *, wrong: bool) -> str:
    """A fact that opens to be corrected; it works without a script."""
    label = escape(fields()[name].entry.label.of(page.language))
    return (
        f'<li id="field-{name}"><details{" open" if wrong else ""}><summary id="fact-{name}"><span class="k" '
        f'id="label-{name}">{label}</span><b>{escape(words)}</b><span class="unseen">{page.say("correct")}</span>'
        f'{icon("pen")}</summary><div class="edit">{render_input(page, name, value, wrong=wrong)}'
        f'<button class="btn main dense">{page.say("apply")}</button></div></details></li>'
    )


def _size(page: Page, sent: Sent, match: Match | None) -> str:
    """The size that counted, with the steps and clauses by which it was found."""
    if match is None or "size" in sent.typed:
        return ""
    words = words_of("size", match.size, page.language) if match.size else page.text("size_unknown")
    head = f'<span class="k">{page.say("size")}</span><b>{escape(words)}</b>'
    if not match.size_because:
        return f'<li class="plain">{head}</li>'
    steps = "".join(f"<li>{escape(note.text)}</li>" for note in match.size_because)
    cited = dict.fromkeys(name for note in match.size_because for name in note.citations)
    quotes = "".join(f"{render_quote(match.quotes[name])}{render_from(page, match.quotes[name])}" for name in cited)
    return (
        f'<li><details><summary id="fact-of-size">{head}<span class="tiny link">{page.say("size_why")}</span></summary>'
        f'<div class="because"><ul>{steps}</ul>{quotes}</div></details></li>'
    )


def _asks(page: Page, sent: Sent, match: Match | None, asked: Sequence[str]) -> str:
    if match is None or not asked:
        return ""
    known = {ask.field: ask for ask in match.questions}
    titles = {found.programme: found.title for found in match.programmes}
    rows = [_ask(page, name, known.get(name), titles, unclear=name in sent.unsure) for name in asked]
    shown, folded = rows[:_ASKED], rows[_ASKED:]
    fold = (
        f'<details class="more"><summary>{page.say("more_questions", count=len(folded))}</summary>'
        f'<ul class="asks">{"".join(folded)}</ul></details>'
        if folded
        else ""
    )
    return (
        f'<details class="more" open data-fold><summary><h2>{page.say("decides_more")} ({len(rows)})</h2></summary>'
        f'<ul class="asks">{"".join(shown)}</ul>{fold}'
        f'<button class="btn apply">{page.say("apply")}</button></details>'
    )


def _ask(page: Page, name: str, ask: Ask | None, titles: dict[str, str], *, unclear: bool) -> str:
    entry = fields()[name].entry
    gain = page.say("unclear") if unclear else _gain(page, ask, titles)
    return (
        f'<li id="field-{name}"><span id="label-{name}">{escape(entry.question.of(page.language))}</span>'
        f'<span class="gain">{gain}</span>{render_input(page, name, "", pressed=True)}</li>'
    )


def _gain(page: Page, ask: Ask | None, titles: dict[str, str]) -> str:
    if ask is None or not ask.programmes:
        return page.say("figures")
    named = [titles[name] for name in ask.programmes]
    if len(named) <= _NAMED:
        return page.say("decides", programmes=", ".join(named))
    first = ", ".join(named[:_NAMED])
    return page.say("decides", programmes=page.text("and_more", first=first, count=len(named) - _NAMED))


def _row(page: Page, name: str) -> str:
    label = escape(fields()[name].entry.label.of(page.language))
    field = render_input(page, name, "")
    return f'<div class="field" id="field-{name}"><span id="label-{name}">{label}</span>{field}</div>'
