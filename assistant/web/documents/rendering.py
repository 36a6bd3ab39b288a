"""The documents pages as HTML: the list with its search, and one document to be read. No script is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from assistant.accounts.visitors import Visitor
from assistant.schema import Document, Language
from assistant.web.documents.library import MOST, Listed, Wanted, address, comparison_address, dated
from assistant.web.documents.texts import text
from assistant.web.doors import DOORS
from assistant.web.icons import icon
from assistant.web.navigation import navigation, pages_of, theme_switch
from assistant.web.panes import collection_name
from assistant.web.sources import render_flags
from assistant.web.texts import LANGUAGE_NAMES, LANGUAGES
from assistant.web.texts import text as page_text

_STATES = ("in_force", "superseded")


@dataclass(frozen=True, slots=True)
class View:
    """What every page needs: its language, who reads it, the root of all addresses, and the query of its own.

    `accounts`: whether anybody can sign in.
    """

    language: Language
    visitor: Visitor
    root: str
    query: tuple[tuple[str, str], ...] = ()
    accounts: bool = False

    def say(self, key: str, **values: object) -> str:
        """The text of `key`, escaped."""
        return escape(text(self.language, key, **values))

    def address(self, kind: str, document_id: str) -> str:
        """The address of a document, escaped."""
        return escape(f"{self.root}/{address(kind, document_id)}")


def render_page(view: View, title: str, body: str) -> str:
    """A whole page with the common head."""
    product = escape(page_text(view.language, "name"))
    languages = "".join(
        f'<a href="?{escape(urlencode([*view.query, ("lang", one)]))}" lang="{one}"'
        f"{' aria-current=true' if one == view.language else ''}>{escape(LANGUAGE_NAMES[one])}</a>"
        for one in LANGUAGES
    )
    pages = navigation("documents", view.language, view.visitor.labels, there=pages_of(DOORS), root=view.root)
    look = f"{view.root}/look"
    return (
        f'<!doctype html><html lang="{view.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · {product}</title>"
        f'<script src="{look}/theme.js"></script><link rel="stylesheet" href="{look}/tokens.css">'
        f'<link rel="stylesheet" href="{look}/leaf.css"><link rel="stylesheet" href="{look}/documents.css"></head>'
        f'<body><header class="head"><a class="name" href="{view.root}/">{product}</a>{pages}<div class="end">'
        f'<div class="seg" role="group" aria-label="{view.say("language_name")}">{languages}</div>'
        f"{theme_switch(view.language)}{_account(view)}</div></header><main>{body}</main></body></html>"
    )


def _account(view: View) -> str:
    if not view.accounts:
        return ""
    name = view.visitor.name if view.visitor.signed_in else page_text(view.language, "sign_in")
    href = "account" if view.visitor.signed_in else "sign-in?next=/documents"
    return f'<a class="btn dense bare" href="{view.root}/{href}">{escape(name)}</a>'


# --- the list --------------------------------------------------------------------------------------------------------


def render_list(view: View, documents: Sequence[Document], found: Sequence[Listed], wanted: Wanted) -> str:
    """The list: what is looked for, and what was found of all `documents`."""
    hint = view.say("hint", count=len(documents)) if documents else view.say("empty")
    count = f'<p class="small soft" role="status">{view.say("found", count=len(found))}</p>'
    if documents and not found:
        body = f'<p class="box">{view.say("nothing")}</p>'
    else:
        rows = "".join(_render_row(view, listed) for listed in found[:MOST])
        names = ("title", "collection", "version", "date")
        head = "".join(f'<th scope="col">{view.say(name)}</th>' for name in names) + "<th></th>"
        body = f'<table class="table docs"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        body = count + body if rows else ""
    compare = (
        f'<p><a class="link" href="{view.root}/documents/compare">{view.say("compare")}</a></p>' if documents else ""
    )
    more = f'<p class="small soft">{view.say("most", count=MOST)}</p>' if len(found) > MOST else ""
    return (
        f'<h1>{view.say("documents")}</h1><p class="soft">{hint}</p>{compare}'
        f"{_render_search(view, documents, wanted) if documents else ''}{body}{more}"
    )


def _render_search(view: View, documents: Sequence[Document], wanted: Wanted) -> str:
    def select(name: str, label: str, chosen: str, options: Sequence[tuple[str, str]]) -> str:
        entries = "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(shown)}</option>'
            for value, shown in (("", text(view.language, "all")), *options)
        )
        return (
            f'<label class="field"><span>{view.say(label)}</span><select class="input" name="{name}">{entries}'
            "</select></label>"
        )

    collections = sorted({document.collection for document in documents if document.collection})
    versions = sorted({document.version for document in documents if document.version})
    named = [(name, collection_name(name, view.language)) for name in collections]
    return (
        f'<form class="find" method="get" action="{view.root}/documents" role="search">'
        f'<label class="field wide"><span>{view.say("search")}</span><input class="input" type="search" name="q" '
        f'value="{escape(wanted.words)}" maxlength="200"></label>'
        f"{select('collection', 'collection', wanted.collection, named)}"
        f"{select('version', 'version', wanted.version, [(each, each) for each in versions])}"
        f"{select('state', 'state', wanted.state, [(each, text(view.language, each)) for each in _STATES])}"
        f'<label class="field"><span>{view.say("since")}</span><input class="input" type="date" name="since" '
        f'value="{escape(wanted.since)}"></label><p class="go"><button class="btn main">{view.say("show")}</button>'
        f'<a class="btn bare" href="{view.root}/documents">{view.say("reset")}</a></p></form>'
    )


def _render_row(view: View, listed: Listed) -> str:
    document = listed.document
    in_text = f'<span class="tag note">{view.say("in_text")}</span>' if listed.in_text else ""
    return (
        f'<tr><td class="name"><a href="{view.address("read", document.document_id)}">{escape(document.title)}</a>'
        f'<span class="flags">{render_flags(document, view.language)}{in_text}</span></td>'
        f"<td>{escape(collection_name(document.collection, view.language))}</td><td>{escape(document.version)}</td>"
        f'<td class="nowrap">{escape(dated(document))}</td><td class="num"><a class="btn bare dense" '
        f'href="{view.address("file", document.document_id)}" download aria-label="'
        f'{view.say("download_of", title=document.title)}">{icon("save")}</a></td></tr>'
    )


# --- one document ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """A document to be read: what stands in it as HTML, its neighbours in time, and what can be done with it."""

    document: Document
    body: str
    newer: Document | None
    older: Document | None
    has_file: bool
    pages: int
    as_text: bool


def render_reading(view: View, opened: Opened) -> str:
    """One document: what it is, where it comes from, and all of it."""
    document = opened.document
    version = f"{text(view.language, 'version')} {document.version}" if document.version else ""
    facts = " · ".join(
        escape(part)
        for part in (collection_name(document.collection, view.language), version, dated(document), document.path)
        if part
    )
    sources = "; ".join(document.source)
    source = f'<p class="small soft">{view.say("source")}: {escape(sources)}</p>' if sources else ""
    sample = f'<p class="seen-note">{view.say("sample_note")}</p>' if document.sample else ""
    newer = f'<p class="seen-note">{view.say("newer")} {render_link(view, opened.newer)}</p>' if opened.newer else ""
    older = f'<p class="small">{view.say("older")}: {render_link(view, opened.older)}</p>' if opened.older else ""
    return (
        f'<p class="small"><a class="link" href="{view.root}/documents">{view.say("back")}</a></p>'
        f"<h1>{escape(document.title)} {render_flags(document, view.language, force=True)}</h1>"
        f'<p class="small soft">{facts}</p>{source}{newer}{older}{sample}'
        f'<p class="go">{_render_uses(view, opened)}</p>{opened.body}'
    )


def render_link(view: View, document: Document) -> str:
    """A document by its title and date, leading to where it is read."""
    date = f" ({dated(document)})" if dated(document) else ""
    return f'<a href="{view.address("read", document.document_id)}">{escape(document.title + date)}</a>'


def _render_uses(view: View, opened: Opened) -> str:
    name = opened.document.document_id
    download = (
        f'<a class="btn dense" href="{view.address("file", name)}" download>{icon("save")}{view.say("download")}</a>'
        if opened.has_file
        else ""
    )
    other = ""
    if opened.pages:
        key, query = ("as_pages", "") if opened.as_text else ("as_text", "?view=text")
        other = f'<a class="btn dense" href="{view.address("read", name)}{query}">{view.say(key)}</a>'
    pairs = ((opened.older, opened.document, "changes_here"), (opened.document, opened.newer, "changes_after"))
    changes = "".join(
        f'<a class="btn dense" href="{escape(f"{view.root}/{comparison_address(old.document_id, new.document_id)}")}">'
        f"{view.say(key)}</a>"
        for old, new, key in pairs
        if old and new
    )
    return download + other + changes


def render_leaves(view: View, document: Document, pages: int) -> str:
    """All pages of a document as pictures that the browser asks for when they come into sight."""
    return "".join(
        f'<figure class="leaf" id="page-{number}"><div class="sheet"><img loading="lazy" width="1190" height="1684" '
        f'src="{view.address("page", document.document_id)}?page={number}" '
        f'alt="{view.say("page_of", title=document.title, page=number)}"></div>'
        f"<figcaption>{view.say('page', page=number)}</figcaption></figure>"
        for number in range(1, pages + 1)
    )
