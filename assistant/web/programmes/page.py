"""The page as HTML: the empty one with sentence and short form, and the one with verdicts. Works without a script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from assistant.finder.fields import fields
from assistant.finder.values import VERDICTS, Match
from assistant.web.doors import DOORS
from assistant.web.navigation import navigation, pages_of, theme_switch
from assistant.web.programmes.cards import Card
from assistant.web.programmes.firm import QUICK, SORTS, Firm, Sent
from assistant.web.programmes.inputs import render_input, render_keep, wrong_key
from assistant.web.programmes.order import ordered
from assistant.web.programmes.parts import Page, icon
from assistant.web.programmes.side import render_side
from assistant.web.programmes.texts import EXAMPLES
from assistant.web.texts import LANGUAGE_NAMES, LANGUAGES

#: The files of the page, by name, with their media type.
LOOK = Path(__file__).with_name("look")
TYPES = {".css": "text/css", ".js": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def render_document(page: Page, main: str, *, title: str) -> str:
    """A whole page around `main`."""
    say, root = page.say, page.root
    languages = "".join(
        f'<a href="?lang={one}" lang="{one}" data-language{" aria-current=true" if one == page.language else ""}>'
        f"{escape(LANGUAGE_NAMES[one])}</a>"
        for one in LANGUAGES
    )
    here = f"{root}/programmes"
    entry = ""
    if page.account is not None:
        signed_in = ("account", escape(page.account))
        href, said = signed_in if page.account else ("sign-in?next=/programmes", say("sign_in"))
        entry = f'<a class="btn dense bare" href="{root}/{href}">{said}</a>'
    return f"""<!doctype html>
<html lang="{page.language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {say("product")}</title>
<script src="{root}/look/theme.js"></script>
<link rel="stylesheet" href="{root}/look/tokens.css"><link rel="stylesheet" href="{here}/look/programmes.css">
<script type="module" src="{here}/look/programmes.js"></script></head>
<body data-finding="{say("finding")}" data-away="{say("away")}">
<header class="head"><a class="name" href="{root}/">{say("product")}</a>
{navigation("programmes", page.language, page.groups, there=pages_of(DOORS), root=root)}
<div class="end"><div class="seg" role="group" aria-label="{say("language")}">{languages}</div>{
        theme_switch(page.language)
    }{entry}</div></header>
<p class="unseen" role="status" id="status"></p>
{main}
</body></html>
"""


def render_start(page: Page, sent: Sent, *, error: str = "", wrong: tuple[str, ...] = ()) -> str:
    """The empty page. `error` is a sentence about what was sent, `wrong` names the fields that cannot be used."""
    say = page.say
    examples = "".join(
        f'<button type="button" data-example>{escape(each)}</button>' for each in EXAMPLES[page.language]
    )
    form = "".join(
        f'<div class="field" id="field-{name}"><span id="label-{name}">{_label(page, name)}</span>'
        f"{render_input(page, name, sent.typed.get(name, ''), wrong=name in wrong)}</div>"
        for name in QUICK
    )
    invalid = ' aria-invalid="true" aria-describedby="said"' if error and not wrong else ""
    return (
        f'<main class="page"><section class="start"><h1>{say("title")}</h1><p class="soft">{say("intro")}</p>'
        f'<form method="post" action="{page.root}/programmes" data-ask>{_alert(page, error, wrong)}'
        f'<textarea class="input" name="text" rows="3" aria-label="{say("describe")}" '
        f'placeholder="{say("describe_hint")}"{invalid}>{escape(sent.text)}</textarea>'
        f'<div class="go"><p class="small soft">{say("both_languages")}</p>'
        f'<button class="btn main">{say("find")}</button></div>'
        f'<div class="egs" hidden><p class="small soft">{say("examples")}</p>{examples}</div>'
        f'<details class="more" id="quick"{" open" if sent.typed or error else ""}><summary>{say("short_form")}'
        f'</summary><div class="form">{form}</div><p class="small soft">{say("short_form_hint")}</p>'
        f'<div class="go"><button class="btn main">{say("find")}</button></div></details>'
        f"{render_keep(page, sent.kept)}</form></section></main>"
    )


def render_wrong(page: Page, sent: Sent, firm: Firm) -> str:
    """The page of a firm of which a value cannot be used: nothing is decided before it is corrected."""
    return (
        f'<main class="page"><h1 class="unseen">{page.say("title")}</h1><div class="grid">'
        f"{render_side(page, sent, None, firm.wrong)}"
        f'<section class="results">{_alert(page, page.say("cannot_use"), firm.wrong)}</section></div></main>'
    )


def render_results(page: Page, sent: Sent, match: Match) -> str:
    """The firm and its verdicts."""
    say = page.say
    count: Mapping[str, int] = {
        verdict: sum(found.verdict == verdict for found in match.programmes) for verdict in VERDICTS
    }
    total = len(match.programmes)
    notice = f'<p class="box note">{say("no_clauses")}</p>' if count["unknown"] == total else ""
    cards = "".join(Card(page, found, match).render() for found in ordered(match.programmes, sent.sort))
    summary = say("summary", count=total, eligible=count["eligible"], depends=count["depends"], no=count["not"])
    return (
        f'<main class="page"><h1 class="unseen">{say("title")}</h1><div class="grid">{render_side(page, sent, match)}'
        f'<section class="results" aria-labelledby="result"><div class="sum"><h2 id="result" tabindex="-1" '
        f'data-summary="{summary}">{say("result", count=total)}</h2><button type="button" class="btn dense" id="print" '
        f"hidden>{icon('print')}{say('print')}</button>{_filter(page, sent, count, total)}{_sort(page, sent)}</div>"
        f"{notice}"
        f'<div class="cards">{cards}</div><p class="small soft foot">{say("foot", date=match.as_of)}</p>'
        "</section></div></main>"
    )


def _filter(page: Page, sent: Sent, count: Mapping[str, int], total: int) -> str:
    """Verdicts to choose from; the style sheet hides the other cards."""
    chosen = sent.show if count.get(sent.show) else ""
    choices = [("", page.say("all"), total)]
    choices += [(name, page.say(f"short_{name}"), number) for name, number in count.items()]
    buttons = "".join(
        f'<label><input type="radio" form="firm" name="show" value="{value}"{" checked" if value == chosen else ""}>'
        f"<span>{label} {number}</span></label>"
        for value, label, number in choices
        if number
    )
    return f'<div class="seg filter" role="radiogroup" aria-label="{page.say("filter")}">{buttons}</div>'


def _sort(page: Page, sent: Sent) -> str:
    options = "".join(
        f'<option value="{name}"{" selected" if name == sent.sort else ""}>{page.say(f"sort_{name}")}</option>'
        for name in SORTS
    )
    return (
        f'<label class="sort"><span>{page.say("sort")}</span><select class="input" name="sort" form="firm">{options}'
        f'</select></label><noscript><button class="btn dense" form="firm">{page.say("apply")}</button></noscript>'
    )


def _alert(page: Page, error: str, wrong: tuple[str, ...]) -> str:
    """What is wrong with what was sent, with the way to each field."""
    if not error:
        return ""
    links = "".join(
        f'<li><a class="link" href="#field-{name}">{_label(page, name)}</a>: '
        f"{page.say(wrong_key(fields()[name].entry))}</li>"
        for name in wrong
    )
    return f'<div class="box no" role="alert" id="said"><p>{error}</p>{f"<ul>{links}</ul>" if links else ""}</div>'


def _label(page: Page, name: str) -> str:
    return escape(fields()[name].entry.label.of(page.language))
