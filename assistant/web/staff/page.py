"""The page for staff as HTML: its frame, which the scripts fill; the texts of its reader's language go with it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from assistant.schema import Language
from assistant.web.doors import DOORS
from assistant.web.navigation import ALWAYS, navigation, pages_of, theme_switch
from assistant.web.staff.texts import TEXTS, text
from assistant.web.texts import COLLECTIONS, LANGUAGE_NAMES, LANGUAGES

#: The files of the page, by name, with their media type.
LOOK = Path(__file__).with_name("look")
_TYPES = {".css": "text/css", ".js": "text/javascript"}

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Me:
    """Who reads the page: what its scripts need to know. `audiences`: labels by whom staff can show a document to."""

    name: str
    groups: tuple[str, ...]
    staff: bool
    companies: tuple[str, ...]
    audiences: dict[str, list[str]]
    mark: str
    limit: int


def look(name: str) -> tuple[Path, str] | None:
    """A file of the page with its media type; None when there is none of that name."""
    path = LOOK / name
    return (path, _TYPES[path.suffix]) if path.name in _names() else None


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(path.name for path in LOOK.iterdir() if path.suffix in _TYPES)


def render_page(language: Language, me: Me, root: str) -> str:
    """The page; its scripts fill it. `root` is what all addresses begin with."""
    say = _Say(language)
    tabs = ["documents", "add", *(["glossary", "questions", "notes"] if me.staff else [])]
    counted = {"add", "notes"}
    links = [
        f'<a href="#{tab}" data-view="{tab}" id="tab-{tab}"><span>{say(f"tab_{tab}")}</span>'
        f"{'<i></i>' if tab in counted else ''}</a>"
        for tab in tabs
    ]
    links.insert(2, f'<a href="documents/compare" id="tab-compare">{say("tab_compare")}</a>')
    report = f'<a href="staff/report" id="tab-report" target="_blank" hidden>{say("tab_report")}</a>'
    parts = [
        _documents(say),
        _add(say, me),
        *([_glossary(say), _questions(say), _notes(say)] if me.staff else []),
    ]
    there = ALWAYS | pages_of(DOORS)
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{say("title")}</title>
<link rel="icon" href="favicon.ico"><script src="look/theme.js"></script>
<link rel="stylesheet" href="look/tokens.css"><link rel="stylesheet" href="staff/look/staff.css">
<script type="application/json" id="texts">{_json(TEXTS[language])}</script>
<script type="application/json" id="me">{_json({**asdict(me), "collections": dict(COLLECTIONS[language])})}</script>
<script type="module" src="staff/look/main.js"></script></head>
<body data-view="documents">
<header class="head"><a class="name" href="./">{say("product")}</a>
{navigation("staff", language, me.groups, there=there, root=root)}
<div class="end">{_languages(language, say)}{theme_switch(language)}
<a class="btn dense bare who" href="account">{escape(me.name)}</a></div></header>
<nav class="sub" aria-label="{say("sections")}">{"".join(links)}{report if me.staff else ""}</nav>
<div class="top"><p class="lock" id="lock" role="status" hidden></p><div id="away"></div>
<div id="jobs"></div><p class="unseen" id="said" role="status"></p></div>
{"".join(parts)}
<dialog id="dialog" aria-labelledby="dialog-title"></dialog>
<noscript><p class="page">{say("needs_script")}</p></noscript>
</body></html>
"""


class _Say:
    """The texts of one language, escaped."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language

    def __call__(self, key: str, **values: object) -> str:
        return escape(text(self._language, key, **values))


def _json(value: Any) -> str:
    """A value inside a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _languages(language: Language, say: _Say) -> str:
    buttons = "".join(
        f'<button type="button" data-lang="{one}" lang="{one}" aria-pressed="{str(one == language).lower()}">'
        f"{escape(LANGUAGE_NAMES[one])}</button>"
        for one in LANGUAGES
    )
    return f'<div class="seg lang" role="group" aria-label="{say("language_of_page")}">{buttons}</div>'


def _documents(say: _Say) -> str:
    groups = "".join(
        f'<button type="button" data-group="{name}" aria-pressed="false"></button>'
        for name in ("all", "current", "superseded", "failed", "withdrawn")
    )
    heads = "".join(
        f'<th scope="col"{more}>{say(key)}</th>'
        for key, more in (
            ("status", ""),
            ("document_title", ""),
            ("version", ""),
            ("in_force", ""),
            ("collection", ' class="hide"'),
            ("who_sees", ""),
        )
    )
    return f"""<main class="page" data-view="documents"><h1 class="unseen">{say("tab_documents")}</h1>
<div class="tools">
<input class="input" type="search" id="find" placeholder="{say("find_hint")}" aria-label="{say("find")}">
<select class="input" id="collection" aria-label="{say("collection")}"><option value=""></option></select>
<div class="seg" id="groups" role="group" aria-label="{say("status")}">{groups}</div>
<div class="end"><a class="btn main dense" href="#add">{say("add_documents")}</a></div></div>
<div id="documents-said"></div>
<div class="sheet" id="table"><table class="table docs"><thead><tr>{heads}
<th><span class="unseen">{say("do")}</span></th></tr></thead><tbody id="rows"></tbody></table></div>
<p class="empty" id="none" hidden></p>
<p class="small soft under"><span id="counted"></span>
<button type="button" class="btn dense" id="more" hidden>{say("more")}</button></p></main>"""


def _add(say: _Say, me: Me) -> str:
    hint = say("drop_here", size=me.limit // 2**20)
    return f"""<main class="page" data-view="add" hidden><h1 class="unseen">{say("tab_add")}</h1>
<div id="add-said"></div>
<p class="box note small" id="replaces" hidden><span></span>
<button type="button" class="btn dense bare">{say("cancel")}</button></p>
<div class="drop" id="drop"><span>{hint}</span><input type="file" id="choose" multiple hidden>
<button type="button" class="btn dense" id="choose-button">{say("choose_files")}</button></div>
<details class="write" id="write"><summary>{say("write_here")}</summary>
<label class="field"><span>{say("document_title")}</span><input class="input" id="write-title" maxlength="200"></label>
<label class="field"><span>{say("write_text")}</span>
<textarea class="input" id="write-text" rows="8"></textarea></label>
<p class="small soft">{say("write_hint")}</p><div id="write-said"></div>
<button type="button" class="btn" id="write-add">{say("write_add")}</button></details>
<p class="empty" id="nothing-yet">{say("nothing_waits")}</p>
<ul class="files" id="files" aria-label="{say("files")}"></ul>
<div class="up" id="look" hidden>
<section class="box pv" id="leaf-pane"><header><h2>{say("page")}</h2>
<button type="button" class="btn bare dense" id="page-back" aria-label="{say("page_before")}">‹</button>
<span id="page-number"></span>
<button type="button" class="btn bare dense" id="page-on" aria-label="{say("page_after")}">›</button></header>
<div class="in" tabindex="0" role="region" aria-label="{say("page")}">
<figure class="leaf" id="leaf"></figure></div></section>
<section class="box pv" id="read-pane"><header><h2>{say("what_was_read")}</h2><span class="soft" id="read-facts"></span>
</header><div class="in read" id="read" tabindex="0" role="region" aria-label="{say("what_was_read")}"></div></section>
{_facts(say, me)}</div></main>"""


def _facts(say: _Say, me: Me) -> str:
    """The form of what an upload is."""
    if me.staff:
        options = "".join(f'<option value="{name}">{say(f"choose_{name}")} ({name})</option>' for name in me.audiences)
        who = (
            f'<label class="field"><span>{say("who_sees")}</span><select class="input" name="audience" required>'
            f'<option value="">{say("choose")}</option>{options}<option value="company:">{say("who_company")}</option>'
            f"</select><small>{say('label_needed')}</small><small id='suggested'></small></label>"
            f'<label class="field" hidden><span>{say("company_name")}</span><input class="input" name="company" '
            f'autocomplete="off" autocapitalize="none" placeholder="{say("company_example")}"></label>'
        )
    else:
        options = "".join(
            f'<option value="{escape(each)}">{escape(each.removeprefix("company:"))}</option>' for each in me.companies
        )
        who = (
            f'<label class="field"><span>{say("who_sees")}</span><select class="input" name="audience">{options}'
            f"</select><small>{say('only_you')}</small><small id='suggested'></small></label>"
        )
    languages = "".join(f'<option value="{one}">{escape(LANGUAGE_NAMES[one])}</option>' for one in LANGUAGES)
    return f"""<form class="box meta" id="facts" autocomplete="off"><h2>{say("what_it_is")}</h2>
<p class="box maybe small" id="same" hidden></p>
<label class="field"><span>{say("document_title")}</span><textarea class="input" name="title" rows="2" required
 maxlength="300"></textarea><small id="from-title"></small></label>
<div class="two"><label class="field"><span>{say("version")}</span><input class="input" name="version" maxlength="100">
<small id="from-version"></small></label>
<label class="field"><span>{say("in_force")}</span><input class="input" name="effective_date" required maxlength="10"
 placeholder="2026-02-02" inputmode="numeric"><small id="from-effective_date"></small></label></div>
<label class="field"><span>{say("replaces")}</span>
<select class="input" name="supersedes"><option value=""></option></select></label>
<p class="small" id="follows" role="status"></p>
{who}
<details><summary class="small">{say("more_facts")}</summary><div class="two">
<label class="field"><span>{say("language_of_document")}</span><select class="input" name="language">
<option value="">{say("from_text")}</option>{languages}</select></label>
<label class="field"><span>{say("collection")}</span><input class="input" name="collection" maxlength="100"></label>
</div></details>
<div id="facts-said"></div><p class="small soft" id="missing"></p>
<div class="two"><button type="button" class="btn" id="discard">{say("discard")}</button>
<button class="btn main" id="publish" disabled>{say("publish")}</button></div></form>"""


def _glossary(say: _Say) -> str:
    return f"""<main class="page narrow" data-view="glossary" hidden><div class="tools"><h1>{say("tab_glossary")}</h1>
<input class="input" type="search" id="term" placeholder="{say("find_term")}" aria-label="{say("find_term")}"></div>
<p class="soft small">{say("glossary_hint")}</p><div id="glossary-said"></div>
<p class="empty" id="no-terms" hidden></p><ul class="sheet terms" id="terms-list"></ul></main>"""


def _questions(say: _Say) -> str:
    return f"""<main class="page" data-view="questions" hidden><div id="questions-said"></div>
<p class="empty" id="no-questions" hidden>{say("no_questions")}</p>
<div class="un" id="questions-body" hidden>
<section class="sheet groups"><div class="cap"><h1>{say("grouped")}</h1></div>
<ul id="groups-list"></ul></section><section class="sheet det" id="detail"></section></div></main>"""


def _notes(say: _Say) -> str:
    return f"""<main class="page narrow" data-view="notes" hidden><h1>{say("tab_notes")}</h1>
<p class="soft small">{say("notes_hint")}</p><div id="notes-said"></div>
<p class="empty" id="no-notes" hidden>{say("no_notes")}</p><ul class="sheet notes" id="notes-list"></ul></main>"""
