"""The routes of the documents. Each looks at who comes; what they may not see does not exist for them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from assistant.audit import open_audit
from assistant.comparison.compare import compare, earlier_version
from assistant.floor.pages import Pages
from assistant.floor.rendering import MEDIA_TYPE
from assistant.schema import Document, Language
from assistant.web.account.desk import LANGUAGE_COOKIE, language_of
from assistant.web.documents.changes import as_csv
from assistant.web.documents.comparing import render_choice, render_comparison
from assistant.web.documents.fragments import render_text
from assistant.web.documents.library import MOST, Library, Wanted, find
from assistant.web.documents.rendering import (
    Opened,
    View,
    render_leaves,
    render_list,
    render_page,
    render_reading,
)
from assistant.web.documents.texts import text
from assistant.web.texts import LANGUAGES

if TYPE_CHECKING:
    from assistant.accounts.visitors import Visitor
    from assistant.floor.pack import Readable
    from assistant.index import Visible
    from assistant.settings import Settings
    from assistant.web.visitors import Visitors

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_PAGE = {"Content-Security-Policy": _POLICY, "X-Frame-Options": "DENY", "Cache-Control": "no-store"}
_FRESH = {"Cache-Control": "no-store"}
#: Whatever a file holds, no browser is to run it here.
_FILE = {"Cache-Control": "private, no-cache", "Content-Security-Policy": "default-src 'none'; sandbox"}
_PICTURE = {"Cache-Control": "private, no-cache"}

Lang = Annotated[Language, Query(alias="lang")]
Words = Annotated[str, Query(max_length=200)]
Name = Annotated[str, Query(max_length=2000)]
Places = Annotated[list[str], Query(max_length=60)]


def documents_router(index: Readable, pages: Pages, visitors: Visitors, settings: Settings) -> APIRouter:
    """The list, the reading view, and what the chat page shows of a source."""
    library, audit = Library(index, pages), open_audit(settings)
    router = APIRouter(on_shutdown=[audit.close])

    def visitor(request: Request) -> Visitor:
        return visitors.of(request.cookies, request.url.scheme)

    def view(request: Request) -> View:
        query = tuple((name, value) for name, value in request.query_params.items() if name != "lang")
        root, accounts = request.scope["root_path"], visitors.accounts is not None
        return View(language_of(request), visitor(request), root, query, accounts)

    def note(who: Visitor, door: str, document_id: str) -> None:
        if settings.audit_days and (found := library.seen_by(who.labels).document_text(document_id)):
            audit.note(who, f"/documents/{door}", found[:1])

    @router.get("/documents")
    def listed(
        request: Request,
        q: Words = "",
        collection: Words = "",
        version: Words = "",
        state: Words = "",
        since: Words = "",
    ) -> HTMLResponse:
        shown = view(request)
        seen = library.seen_by(shown.visitor.labels)
        wanted = Wanted(q.strip(), collection, version, state, _day(since))
        found = find(seen, wanted)
        audit.note(shown.visitor, "/documents", [each.document for each in found[:MOST]])
        body = render_list(shown, seen.documents(), found, wanted)
        return _page(request, shown, text(shown.language, "documents"), body)

    @router.get("/documents/compare")
    def compared(
        request: Request, new: Name = "", old: Name = "", form: Annotated[str, Query(alias="as")] = ""
    ) -> Response:
        """What changed from `old` to `new`; without `old`, since the version before."""
        shown = view(request)
        seen = library.seen_by(shown.visitor.labels)
        stored = seen.document_text(new) if new else None
        chosen = stored[0] if stored else None
        before = old or (earlier.document_id if chosen and (earlier := earlier_version(chosen, seen)) else "")
        comparison = compare(before, new, seen) if chosen and before else None
        if comparison:
            audit.note(shown.visitor, "/documents/compare", (comparison.old, comparison.new))
            if form == "csv":
                saved = {**_FRESH, "Content-Disposition": "attachment; filename=changes.csv"}
                return Response(as_csv(comparison, shown.language), media_type="text/csv", headers=saved)
            body, status = render_comparison(shown, comparison), 200
        elif (new and not chosen) or (old and new):
            body, status = f'<p class="box">{shown.say("gone")}</p>', 404
        else:
            offered = [each.document for each in find(seen, Wanted())]
            audit.note(shown.visitor, "/documents/compare", offered)
            body, status = render_choice(shown, offered, chosen), 200
        return _page(request, shown, text(shown.language, "compare"), body, status)

    @router.get("/documents/read/{document_id:path}")
    def read(request: Request, document_id: str, view_as: Annotated[str, Query(alias="view")] = "") -> HTMLResponse:
        shown = view(request)
        seen = library.seen_by(shown.visitor.labels)
        opened = _open(library, seen, shown, document_id, as_text=view_as == "text")
        if opened is None:
            title = text(shown.language, "documents")
            return _page(request, shown, title, f'<p class="box">{shown.say("gone")}</p>', 404)
        told_of = (opened.document, opened.newer, opened.older)  # of the last two the titles
        audit.note(shown.visitor, "/documents/read", [each for each in told_of if each])
        return _page(request, shown, opened.document.title, render_reading(shown, opened))

    @router.get("/documents/file/{document_id:path}")
    def file(request: Request, document_id: str) -> Response:
        who = visitor(request)
        found = library.file(document_id, who.labels)
        if found is None:
            return Response(status_code=404, headers=_FRESH)
        note(who, "file", document_id)
        name = f"attachment; filename*=UTF-8''{quote(found.name)}"
        return FileResponse(
            found, media_type="application/octet-stream", headers={**_FILE, "Content-Disposition": name}
        )

    @router.get("/documents/page/{document_id:path}")
    def picture(request: Request, document_id: str, page: Annotated[int, Query(ge=1, le=100_000)]) -> Response:
        who = visitor(request)
        found = pages.picture(document_id, page, who.labels)
        if found is None:
            return Response(status_code=404, headers=_FRESH)
        note(who, "page", document_id)
        return Response(found.content, media_type=MEDIA_TYPE, headers=_PICTURE)

    @router.get("/documents/source/{document_id:path}")
    def source(request: Request, document_id: str, now: Words, at: Places, lang: Lang = "ko") -> HTMLResponse:
        who = visitor(request)
        html = library.source(document_id, who.labels, at, now, lang, f"{request.scope['root_path']}/")
        if html is None:
            return HTMLResponse(f'<p class="seen-note">{text(lang, "gone")}</p>', 404, headers=_FRESH)
        note(who, "source", document_id)
        return HTMLResponse(html, headers=_FRESH)

    return router


def _page(request: Request, view: View, title: str, body: str, status: int = 200) -> HTMLResponse:
    response = HTMLResponse(render_page(view, title, body), status, headers=_PAGE)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, view.language, max_age=365 * 86_400, samesite="lax", path="/")
    return response


def _open(library: Library, seen: Visible, view: View, document_id: str, *, as_text: bool) -> Opened | None:
    """A document with all of its pages, or with all of its text."""
    stored = seen.document_text(document_id)
    if stored is None:
        return None
    document, words = stored
    blocks = seen.blocks(document_id, 0, len(words))
    drawn = document.path.lower().endswith(".pdf")
    pages = max((block.page or 0 for block in blocks), default=0) if drawn else 0
    has_file = library.file(document_id, seen.labels) is not None
    as_text = as_text or not (pages and has_file)
    newer = seen.document_text(document.superseded_by) if document.superseded_by else None
    older: Document | None = earlier_version(document, seen)
    body = render_text(blocks, words, label=document.title) if as_text else render_leaves(view, document, pages)
    return Opened(document, body, newer[0] if newer else None, older, has_file, pages if has_file else 0, as_text)


def _day(written: str) -> str:
    """A day as it is compared; '' for what is none."""
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        return ""
