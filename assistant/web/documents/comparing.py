"""The page that compares two versions of a document: chosen from those that a reader may see, then what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape

from assistant.comparison.compare import earlier_in
from assistant.comparison.values import Comparison
from assistant.schema import Document
from assistant.web.documents.changes import render_changes
from assistant.web.documents.library import MOST, comparison_address, dated
from assistant.web.documents.rendering import View, render_link
from assistant.web.icons import icon
from assistant.web.sources import render_flags


def pairs_of(documents: Sequence[Document]) -> list[tuple[Document, Document]]:
    """List each document that has a version before it with that one (new, old); newest first."""
    known = {document.document_id: document for document in documents}
    before: defaultdict[str, list[Document]] = defaultdict(list)
    for document in documents:
        before[document.superseded_by].append(document)
        if document.supersedes in known:
            before[document.document_id].append(known[document.supersedes])
    found = [(document, earlier_in(document, before[document.document_id])) for document in documents]
    pairs = [(new, old) for new, old in found if old is not None]
    return sorted(pairs, key=lambda pair: (dated(pair[0]), pair[0].title), reverse=True)


def render_choice(view: View, documents: Sequence[Document], new: Document | None = None) -> str:
    """What can be compared: versions that follow each other, and any two of the `documents`, `new` being chosen."""
    pairs = sorted(pairs_of(documents), key=lambda pair: pair[0].language != view.language)
    rows = "".join(_render_pair(view, *pair) for pair in pairs[:MOST])
    listed = f'<ul class="pairs">{rows}</ul>' if pairs else f'<p class="box">{view.say("no_versions")}</p>'
    missing = f'<p class="seen-note" role="alert">{view.say("no_version_before")}</p>' if new else ""
    return (
        f'{_back(view)}<h1>{view.say("compare")}</h1><p class="soft">{view.say("compare_hint")}</p>{missing}{listed}'
        f"{_render_form(view, documents[:MOST], new) if len(documents) > 1 else ''}"
    )


def render_comparison(view: View, comparison: Comparison) -> str:
    """What changed between two versions."""
    old, new = comparison.old, comparison.new
    table = escape(f"{view.root}/{comparison_address(old.document_id, new.document_id)}&as=csv")
    sides = "".join(
        f"<dt>{view.say(key)}</dt><dd>{render_link(view, each)} {render_flags(each, view.language, force=True)}</dd>"
        for key, each in (("before", old), ("after", new))
    )
    save = (
        f'<a class="btn dense" href="{table}" download>{icon("save")}{view.say("export")}</a>'
        if comparison.changes
        else ""
    )
    other = f'<a class="btn dense" href="{view.root}/documents/compare">{view.say("compare_others")}</a>'
    return (
        f'{_back(view)}<h1>{view.say("compare")}</h1><dl class="sides">{sides}</dl><p class="go">{save}{other}</p>'
        f"{render_changes(comparison, view.language, view.root)}"
    )


def _back(view: View) -> str:
    return f'<p class="small"><a class="link" href="{view.root}/documents">{view.say("back")}</a></p>'


def _render_pair(view: View, new: Document, old: Document) -> str:
    where = escape(f"{view.root}/{comparison_address(old.document_id, new.document_id)}")
    facts = f"{dated(old)} → {dated(new)}" if old.version == new.version else f"{_named(old)} → {_named(new)}"
    return (
        f'<li><a class="link" href="{where}">{escape(new.title)}</a>'
        f'<span class="small soft">{escape(facts)}</span></li>'
    )


def _named(document: Document) -> str:
    return " · ".join(part for part in (document.version, dated(document)) if part) or document.title


def _render_form(view: View, documents: Sequence[Document], new: Document | None) -> str:
    def select(name: str, label: str, chosen: str) -> str:
        options = "".join(
            f'<option value="{escape(each.document_id)}"{" selected" if each.document_id == chosen else ""}>'
            f"{escape(' · '.join(dict.fromkeys((each.title, _named(each)))))}</option>"
            for each in documents
        )
        return (
            f'<label class="field"><span>{view.say(label)}</span><select class="input" name="{name}" required>'
            f'<option value="">{view.say("choose")}</option>{options}</select></label>'
        )

    old, newer = select("old", "before", ""), select("new", "after", new.document_id if new else "")
    return (
        f'<h2>{view.say("compare_any")}</h2><form class="find both" method="get" '
        f'action="{view.root}/documents/compare">{old}{newer}<p class="go"><button class="btn main">'
        f"{view.say('compare_now')}</button></p></form>"
    )
