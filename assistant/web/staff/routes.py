"""The routes of the page for staff. Each looks at who comes; for whom the page is not, it does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from assistant.staff.reach import AUDIENCES
from assistant.staff.staging import FILE_LIMIT
from assistant.web.account.desk import language_of
from assistant.web.staff.bench import Bench, Serves, nothing, told
from assistant.web.staff.documents import add_document_routes
from assistant.web.staff.glossary import add_glossary_route
from assistant.web.staff.page import POLICY, Me, look, render_page
from assistant.web.staff.questions import add_question_routes, open_counts
from assistant.web.staff.uploads import add_upload_routes
from assistant.web.visitors import Visitors

if TYPE_CHECKING:
    from assistant.settings import Settings

_LOOKED_AT = {"Cache-Control": "no-cache"}


def staff_router(assistant: Serves, visitors: Visitors, settings: Settings) -> APIRouter:
    """The page, its files and what its scripts ask for; without accounts nobody is staff, and there is none of it."""
    if visitors.accounts is None:
        return APIRouter()
    bench = Bench(assistant, visitors.accounts, visitors, settings)
    router = APIRouter(on_shutdown=[bench.close])
    _page_routes(router, bench)
    _state_route(router, bench)
    add_document_routes(router, bench)
    add_upload_routes(router, bench)
    add_question_routes(router, bench)
    add_glossary_route(router, bench)
    return router


def _page_routes(router: APIRouter, bench: Bench) -> None:
    @router.get("/staff")
    def page(request: Request) -> Response:
        root = request.scope["root_path"]
        try:
            guest = bench.guest(request)
        except HTTPException:
            if bench.visitors.of(request.cookies, request.url.scheme).signed_in:
                raise
            return Response(status_code=303, headers={"Location": f"{root}/sign-in?next=/staff"})
        secure = bench.visitors.is_secure(request.url.scheme)
        browser = bench.forms.begin(request, secure)
        me = Me(
            name=guest.visitor.name,
            groups=tuple(sorted(guest.visitor.labels)),
            staff=guest.reach.staff,
            companies=guest.reach.companies,
            audiences={name: list(labels) for name, labels in AUDIENCES.items()} if guest.reach.staff else {},
            mark=bench.forms.mark(browser, bench.visitors.secret(request.cookies, request.url.scheme)),
            limit=FILE_LIMIT,
        )
        response = HTMLResponse(
            render_page(language_of(request), me, root),
            headers={"Content-Security-Policy": POLICY, "X-Frame-Options": "DENY", "Cache-Control": "no-store"},
        )
        bench.forms.keep(response, browser, secure)
        return response

    @router.get("/staff/look/{name}")
    def file(name: str) -> Response:
        found = look(name)
        return FileResponse(found[0], media_type=found[1], headers=_LOOKED_AT) if found else nothing()


def _state_route(router: APIRouter, bench: Bench) -> None:
    @router.get("/staff/state")
    def state(request: Request) -> Response:
        """Who writes the index, how far it is, one's own changes, and what waits."""
        guest = bench.guest(request)
        writes, progress = bench.assistant.index.holder(), bench.assistant.index.progress()
        return told(
            {
                "writer": {"who": writes.who, "since": writes.since} if writes else None,
                # how many documents others add is for staff alone
                "progress": progress.to_json() if progress and guest.reach.staff else None,
                "jobs": [job.to_json() for job in bench.jobs.of(guest.owner)],
                "uploads": [each.to_json() for each in bench.staging.list(guest.owner)],
                "open": open_counts(bench, guest) if guest.reach.staff else {},
            }
        )
