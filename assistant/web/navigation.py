"""The way between the pages: one bar for every page, with the pages that there are and that are for its reader."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape
from typing import Literal

from assistant.access import PUBLIC
from assistant.schema import Language
from assistant.web.icons import icon
from assistant.web.texts import text

Page = Literal["chat", "programmes", "documents", "floor", "staff"]

#: Address below the root, and what a page is called.
_PAGES: Mapping[Page, tuple[str, Mapping[Language, str]]] = {
    "chat": ("", {"ko": "질문", "en": "Ask"}),
    "programmes": ("programmes", {"ko": "지원사업 찾기", "en": "Find programmes"}),
    "documents": ("documents", {"ko": "문서", "en": "Documents"}),
    "floor": ("floor", {"ko": "현장", "en": "Floor"}),
    "staff": ("staff", {"ko": "문서 관리", "en": "Manage documents"}),
}
_CALLED: Mapping[Language, str] = {"ko": "쪽", "en": "Pages"}
#: Pages that are there in any case; the others are where their routes are.
ALWAYS: frozenset[Page] = frozenset({"chat", "documents"})
#: Groups that work with machines, and with documents; a firm's own people manage the firm's documents.
_AT_MACHINES, _WITH_DOCUMENTS, _FIRM = {"operator", "staff", "admin"}, {"staff", "admin"}, "company:"


def navigation(
    active: str,
    language: Language,
    groups: Collection[str] = (),
    *,
    there: Collection[str] = ALWAYS,
    root: str = "",
) -> str:
    """Make the bar: `active` is the page that is open, `groups` are its reader's, `there` the pages that have a route.

    `root` is what all addresses begin with ('.' for a page at the root itself).
    """
    links = "".join(
        f'<a href="{escape(root)}/{path}"{" aria-current=page" if name == active else ""}>{escape(names[language])}</a>'
        for name, (path, names) in _PAGES.items()
        if name in there and _is_for(name, set(groups))
    )
    return f'<nav class="pages" aria-label="{_CALLED[language]}">{links}</nav>'


def pages_of(paths: Collection[str]) -> frozenset[Page]:
    """Tell which pages have a route among `paths`."""
    return frozenset(name for name, (path, _) in _PAGES.items() if f"/{path}" in paths)


def _is_for(page: Page, groups: set[str]) -> bool:
    if page == "floor":  # a machine's own tablet is nobody in particular
        return groups <= {PUBLIC} or bool(groups & _AT_MACHINES)
    if page == "staff":
        return bool(groups & _WITH_DOCUMENTS) or any(group.startswith(_FIRM) for group in groups)
    return True


def theme_switch(language: Language) -> str:
    """Make the button between light and dark, of which `look/theme.js` takes care; without a script it is not shown."""
    said = escape(text(language, "theme"))
    return (
        f'<button type="button" class="btn bare dense theme" data-do="theme" aria-label="{said}" title="{said}">'
        f"{icon('moon')}</button>"
    )
