"""The routes of the floor page. Each looks at who comes; what they may not see does not exist for them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from assistant.audit import open_audit
from assistant.database.opening import place_of
from assistant.database.tables import CONVERSATIONS
from assistant.errors import QuestionError, TooManyNotes
from assistant.floor.notes import NOTE_CHARS, QUERY_CHARS, FloorNote, FloorNotes, NoteKind, Reason
from assistant.floor.pack import Floor
from assistant.floor.pages import Pages
from assistant.floor.rendering import MEDIA_TYPE
from assistant.schema import Language
from assistant.text.language import clean_question
from assistant.web.account.desk import language_of
from assistant.web.floor.page import POLICY, look, manifest, render_page, worker
from assistant.web.visitors import Visitors

if TYPE_CHECKING:
    from assistant.accounts.visitors import Visitor
    from assistant.floor.pack import Readable
    from assistant.floor.words import Finds
    from assistant.settings import Settings

_FRESH = {"Cache-Control": "no-store"}
_LOOKED_AT = {"Cache-Control": "no-cache"}

Lang = Annotated[Language, Query(alias="lang")]


class Words(BaseModel):
    """A symptom at a machine."""

    machine: str = Field(max_length=200)
    language: Language
    query: str = Field(min_length=1, max_length=QUERY_CHARS)


class Note(BaseModel):
    """What an operator says of what was shown. `id` is the sender's: one that comes twice is kept once."""

    id: str = Field(min_length=16, max_length=64, pattern=r"^[0-9a-f-]+$")
    machine: str = Field(max_length=200)
    language: Language
    kind: NoteKind
    reason: Reason = ""
    query: str = Field("", max_length=QUERY_CHARS)
    note: str = Field("", max_length=NOTE_CHARS)
    written_at: datetime


def floor_router(index: Readable, finds: Finds, pages: Pages, visitors: Visitors, settings: Settings) -> APIRouter:
    """The page, its files and what its script asks for. `pages` are closed with the server."""
    floor, notes = Floor(index, finds), FloorNotes(place_of(CONVERSATIONS, settings), settings.conversation_days)
    audit = open_audit(settings)
    router = APIRouter(on_shutdown=[pages.close, notes.close, audit.close])
    _page_routes(router)

    def visitor(request: Request) -> Visitor:
        return visitors.of(request.cookies, request.url.scheme)

    def note_manual(who: Visitor, machine: str, language: Language) -> None:
        if found := floor.machines(who.labels).get(machine):
            audit.note(who, "/floor/machines", (found.manual(language),))

    @router.get("/floor/machines")
    def machines(request: Request, lang: Lang = "ko") -> JSONResponse:
        who = visitor(request)
        if settings.audit_days:
            listed = floor.machines(who.labels).values()
            audit.note(who, "/floor/machines", [machine.manual(lang) for machine in listed])
        held_for = hashlib.sha256(f"floor {who.user_id}".encode()).hexdigest()[:16]
        return JSONResponse({"who": held_for, "machines": floor.listed(who.labels, lang)}, headers=_FRESH)

    @router.get("/floor/machines/{machine}")
    def machine_pack(request: Request, machine: str, lang: Lang = "ko") -> JSONResponse:
        who = visitor(request)
        found = floor.pack(machine, who.labels, lang)
        if found:
            note_manual(who, machine, lang)
        return JSONResponse(found, headers=_FRESH) if found else _nothing()

    @router.get("/floor/page/{document_id:path}")
    def picture(request: Request, document_id: str, page: Annotated[int, Query(ge=1, le=100_000)]) -> Response:
        who = visitor(request)
        found = pages.picture(document_id, page, who.labels)
        if found is None:
            return _nothing()
        if settings.audit_days and (document := index.seen_by(who.labels).document_text(document_id)):
            audit.note(who, "/floor/page", document[:1])
        size = {"X-Page-Size": f"{found.width:.1f} {found.height:.1f}", "Cache-Control": "private, no-cache"}
        return Response(found.content, media_type=MEDIA_TYPE, headers=size)

    @router.post("/floor/words")
    def words(request: Request, asked: Words) -> JSONResponse:
        try:
            query = clean_question(asked.query, QUERY_CHARS)
        except QuestionError:
            return JSONResponse({"found": []}, headers=_FRESH)
        who = visitor(request)
        found = floor.words(asked.machine, query, who.labels, asked.language)
        if found is None:
            return _nothing()
        note_manual(who, asked.machine, asked.language)
        said = [{"kind": s.kind, "key": s.key, "title": s.title, "why": s.why, "sure": s.sure} for s in found]
        return JSONResponse({"found": said}, headers=_FRESH)

    @router.post("/floor/notes")
    def note(request: Request, said: Note) -> JSONResponse:
        who = visitor(request)
        machine = floor.machines(who.labels).get(said.machine)
        if machine is None:
            return _nothing()
        manual = machine.manual(said.language)
        try:
            received = notes.add(
                FloorNote(
                    id=said.id,
                    machine=said.machine,
                    document_id=manual.document_id,
                    version=manual.version,
                    query=said.query,
                    kind=said.kind,
                    reason=said.reason,
                    note=said.note,
                    language=said.language,
                    user=who.user_id,
                    labels=manual.labels,
                    written_at=said.written_at.astimezone(UTC).isoformat(timespec="seconds"),
                )
            )
        except TooManyNotes as exc:
            return JSONResponse({"detail": str(exc)}, 429, headers=_FRESH)
        return JSONResponse({"received_at": received}, headers=_FRESH)

    return router


def _page_routes(router: APIRouter) -> None:
    @router.get("/floor")
    def page(request: Request) -> HTMLResponse:
        return HTMLResponse(
            render_page(language_of(request)),
            headers={"Content-Security-Policy": POLICY, "X-Frame-Options": "DENY", **_LOOKED_AT},
        )

    @router.get("/floor/look/{name}")
    def file(name: str) -> Response:
        found = look(name)
        return FileResponse(found[0], media_type=found[1], headers=_LOOKED_AT) if found else _nothing()

    @router.get("/floor/manifest.webmanifest")
    def web_manifest(request: Request) -> JSONResponse:
        return JSONResponse(manifest(language_of(request)), media_type="application/manifest+json", headers=_LOOKED_AT)

    @router.get("/floor/worker.js")
    def service_worker() -> Response:
        # what the worker fetches is under the policy of its own file
        headers = {"Service-Worker-Allowed": "../floor", "Content-Security-Policy": POLICY, **_LOOKED_AT}
        return Response(worker(), media_type="text/javascript", headers=headers)


def _nothing() -> JSONResponse:
    said: dict[str, Any] = {"detail": "Not Found"}
    return JSONResponse(said, 404, headers=_FRESH)
