"""What stands around the talk: the head, the list of conversations, the pane of sources, two small dialogs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from assistant.accounts.visitors import ANYONE, Visitor
from assistant.ingest.progress import clock
from assistant.schema import Language
from assistant.shelf import TITLE_CHARS, Entry
from assistant.web.doors import DOORS
from assistant.web.icons import icon
from assistant.web.navigation import navigation, pages_of, theme_switch
from assistant.web.sources import html_text
from assistant.web.texts import COLLECTIONS, LANGUAGE_NAMES, LANGUAGES, text

#: Conversations of so many days are listed apart.
_RECENT = timedelta(days=7)


def render_header(
    language: Language, summary: Mapping[str, Any], visitor: Visitor = ANYONE, *, accounts: bool = False
) -> str:
    """The name, the pages, the languages, light and dark, the account; and how far a run is that adds documents.

    `summary` is `Assistant.index_summary()`; `accounts`: whether anybody can sign in.
    """
    switch = "".join(
        f'<button type="button" data-speak="{one}" lang="{one}" aria-pressed="{str(one == language).lower()}">'
        f"{escape(LANGUAGE_NAMES[one])}</button>"
        for one in LANGUAGES
    )
    pages = navigation("chat", language, visitor.labels, there=pages_of(DOORS), root=".")
    return (
        f'<header class="head" lang="{language}">{_button("drawer", "list", "conversations", language, "burger")}'
        f'<span class="name">{html_text(language, "name")}</span>{pages}<div class="end">'
        f'<div class="seg lang" role="group" aria-label="{html_text(language, "language")}">{switch}</div>'
        f"{theme_switch(language)}{_account(language, visitor) if accounts else ''}</div>"
        f"</header>{render_progress(language, summary)}"
    )


def _button(do: str, sign: str, key: str, language: Language, extra: str = "") -> str:
    said = html_text(language, key)
    return (
        f'<button type="button" class="btn bare dense {extra}" data-do="{do}" aria-label="{said}" title="{said}">'
        f"{icon(sign)}</button>"
    )


def _account(language: Language, visitor: Visitor) -> str:
    if visitor.signed_in:
        said = html_text(language, "account", name=visitor.name)
        return f'<a class="btn dense bare account" href="account" aria-label="{said}">{escape(visitor.name)}</a>'
    return f'<a class="btn dense bare account" href="sign-in">{html_text(language, "sign_in")}</a>'


def render_progress(language: Language, summary: Mapping[str, Any]) -> str:
    """How far a run is that is writing the index, and what cannot be found by meaning yet; nothing when all is done."""
    said = []
    if run := summary.get("progress"):
        counts = {"done": f"{run['done']:,}", "total": f"{run['total']:,}"}
        said.append(text(language, "indexing_read" if run["stage"] == "read" else "indexing_embed", **counts))
        if run["remaining_s"] is not None:
            rate, left = f"{run['rate']:.1f}", clock(run["remaining_s"])
            said.append(text(language, "indexing_left", rate=rate, left=left))
    if waiting := summary.get("waiting"):
        said.append(text(language, "indexing_waiting", waiting=f"{waiting:,}"))
    return f'<p class="indexing" role="status">{escape(" ".join(said))}</p>' if said else ""


# --- conversations ---------------------------------------------------------------------------------------------------


def render_rail(language: Language, entries: Sequence[Entry], here: str, visitor: Visitor = ANYONE) -> str:
    """The conversations of a reader by age, with a box to find one; for a phone also what its head has no room for."""
    find = html_text(language, "find_conversation")
    now = datetime.now(UTC)
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(_age(entry, now), []).append(entry)
    rows = "".join(
        f"<li><h3>{html_text(language, key)}</h3></li>{''.join(_render_row(language, one, here) for one in group)}"
        for key, group in groups.items()
    )
    listed = f'<ul class="talks">{rows}</ul><p class="small soft none" hidden>{html_text(language, "none_found")}</p>'
    empty = f'<p class="small soft">{html_text(language, "no_conversations")}</p>'
    search = f'<input class="input small" type="search" data-find placeholder="{find}" aria-label="{find}">'
    return (
        f'<aside class="rail" lang="{language}" aria-label="{html_text(language, "conversations")}">'
        f"{navigation('chat', language, visitor.labels, there=pages_of(DOORS), root='.')}"
        f'<button type="button" class="btn main" data-do="new">{icon("plus")}'
        f"<span>{html_text(language, 'clear')}</span></button>{search + listed if entries else empty}"
        f'<p class="foot"><a class="link small" href="privacy">{html_text(language, "privacy")}</a>'
        f"{theme_switch(language)}</p></aside>"
    )


def _age(entry: Entry, now: datetime) -> str:
    last = datetime.fromisoformat(entry.last)
    if last.astimezone().date() == now.astimezone().date():
        return "today"
    return "last_days" if now - last < _RECENT else "earlier"


def _render_row(language: Language, entry: Entry, here: str) -> str:
    current = entry.id == here
    menu = "".join(
        f'<button type="button" role="menuitem" data-do="{do}"{" class=del" if do == "delete" else ""}>'
        f"{html_text(language, key)}</button>"
        for do, key in (("rename", "rename"), ("export", "export"), ("print", "print"), ("delete", "delete"))
        if current or do in ("rename", "export", "delete")
    )
    words = " ".join((entry.title, *entry.questions)).lower()
    return (
        f'<li class="row{" here" if current else ""}" data-id="{escape(entry.id)}" data-words="{escape(words)}">'
        f'<button type="button" class="title" data-do="open"{" aria-current=true" if current else ""}>'
        f'{escape(entry.title)}</button><button type="button" class="more" data-do="menu" aria-haspopup="menu" '
        f'aria-expanded="false" aria-label="{html_text(language, "conversation_menu", title=entry.title)}">'
        f'{icon("more")}</button><div class="menu" role="menu" hidden>{menu}</div></li>'
    )


# --- sources ---------------------------------------------------------------------------------------------------------


def render_source_pane(language: Language, summary: Mapping[str, Any]) -> str:
    """The frame of the pane of sources: the script fills it; without an answer it shows what there is to ask about."""

    def tool(do: str, sign: str, key: str, extra: str = "") -> str:
        return _button(do, sign, key, language, extra)

    def link(do: str, sign: str, key: str) -> str:
        said = html_text(language, key)
        return (
            f'<a class="btn bare dense" data-link="{do}" href="documents" aria-label="{said}" title="{said}">'
            f"{icon(sign)}</a>"
        )

    return (
        f'<aside class="src" lang="{language}" aria-label="{html_text(language, "sources")}">'
        f'<header><h2 id="sources-title">{html_text(language, "sources")}</h2>{tool("close", "x", "close", "shut")}'
        f'</header><div class="docs" id="docs"></div><div class="tools" hidden>'
        f"{tool('prev', 'prev', 'citation_before')}"
        f'<span id="at" class="nowrap" role="status" data-said="{html_text(language, "citation_of")}"></span>'
        f'{tool("next", "next", "citation_after")}<span id="where" class="soft nowrap"></span>'
        f"{tool('smaller', 'minus', 'smaller', 'gap')}{tool('larger', 'plus', 'larger')}"
        f"{link('read', 'open', 'read_whole')}{link('file', 'save', 'download')}</div>"
        f'<div class="view" id="view" tabindex="0" aria-label="{html_text(language, "source_view")}" '
        f'data-failed="{html_text(language, "source_failed")}" '
        f'data-opening="{html_text(language, "source_opening")}"></div>'
        f'<div class="shelf">{_render_collections(language, summary)}</div></aside>'
        f'<div class="shade" data-do="close"></div><div class="pop" id="pop" role="tooltip" hidden></div>'
        f"{_render_dialogs(language)}"
    )


def _render_collections(language: Language, summary: Mapping[str, Any]) -> str:
    found: Mapping[str, int] = summary.get("collections", {})
    rows = "".join(
        f'<li><a class="link" href="documents?collection={escape(name)}">{escape(collection_name(name, language))}</a>'
        f'<span class="soft">{count}</span></li>'
        for name, count in sorted(found.items())
    )
    newest = summary.get("newest_effective_date", "")
    said = f'<p class="small soft">{html_text(language, "corpus_newest", date=newest)}</p>' if newest else ""
    title = html_text(language, "corpus", documents=summary.get("documents", 0))
    return f'<h2 class="h">{title}</h2><ul class="cols">{rows}</ul>{said}'


def collection_name(name: str, language: Language) -> str:
    """What a collection is called; one that we do not know, by its folder."""
    return COLLECTIONS[language].get(name) or name or text(language, "no_collection")


def _render_dialogs(language: Language) -> str:
    """Asking for a new name, and whether to delete; the safe button comes first."""
    # not a button that submits: Enter in the field is to save
    cancel = f'<button type="button" class="btn" data-do="cancel">{html_text(language, "cancel")}</button>'
    return (
        f'<dialog id="renaming" class="box" aria-label="{html_text(language, "rename")}"><form method="dialog">'
        f'<label class="field"><span>{html_text(language, "new_name")}</span><input class="input" name="title" '
        f'maxlength="{TITLE_CHARS}" autocomplete="off"></label><p class="line">{cancel}'
        f'<button class="btn main" value="yes">{html_text(language, "save")}</button></p></form></dialog>'
        f'<dialog id="deleting" class="box no" aria-label="{html_text(language, "delete")}"><form method="dialog">'
        f'<p>{html_text(language, "delete_sure")}</p><p class="small"><b data-title></b></p><p class="line">{cancel}'
        f'<button class="btn stop" value="yes">{html_text(language, "delete_now")}</button></p></form></dialog>'
    )
