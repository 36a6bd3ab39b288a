"""The routes of the programme finder's page. Each looks at who comes; nothing of a firm is logged.

Stored it is only with the account of who is signed in and has ticked so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from assistant.accounts.firms import KeptFirm
from assistant.accounts.visitors import Visitor
from assistant.audit import open_audit
from assistant.errors import QuestionError
from assistant.finder.days import calendar
from assistant.finder.fields import fields
from assistant.finder.finding import find_programmes
from assistant.finder.matching import match
from assistant.reading import Reader
from assistant.text.language import clean_question
from assistant.web.account.desk import LANGUAGE_COOKIE, language_of
from assistant.web.programmes.firm import QUICK, Sent, firm_of, sent_of, understood
from assistant.web.programmes.page import LOOK, POLICY, TYPES, render_document, render_results, render_start
from assistant.web.programmes.page import render_wrong as render_wrong_firm
from assistant.web.programmes.parts import Page
from assistant.web.programmes.place import render_place
from assistant.web.texts import LANGUAGES
from assistant.web.visitors import Visitors

if TYPE_CHECKING:
    from assistant.index import Visible
    from assistant.settings import Settings

_FRESH = {"Cache-Control": "no-store"}


class Reads(Protocol):
    """What the page needs of the index."""

    def seen_by(self, labels: Iterable[str]) -> Visible:
        """Give the reads of a holder of `labels`."""


class Serves(Protocol):
    """What the page needs of the assistant."""

    @property
    def index(self) -> Reads:
        """The index."""

    @property
    def reader(self) -> Reader:
        """The reader."""


async def _form(request: Request) -> dict[str, Any]:
    """What a form sent; of a name that comes twice the last."""
    return dict(await request.form(max_files=0, max_fields=200))


_Sent = Annotated[dict[str, Any], Depends(_form)]


def programmes_router(assistant: Serves, visitors: Visitors, settings: Settings) -> APIRouter:
    """The page, its files, the calendar of a programme and the place of a quote in its document."""
    router = APIRouter()
    desk = _Desk(assistant, visitors, settings)

    @router.get("/programmes")
    def start(request: Request) -> HTMLResponse:
        kept = desk.kept(desk.visitor(request))
        page = desk.page(request)
        return desk.find(request, kept) if kept else desk.answer(request, page, render_start(page, Sent()))

    @router.post("/programmes")
    def find(request: Request, form: _Sent) -> HTMLResponse:
        return desk.find(request, sent_of(form, settings.max_question_chars))

    @router.get("/programmes/look/{name}")
    def look(name: str) -> Response:
        path = next((each for each in LOOK.iterdir() if each.name == name and each.suffix in TYPES), None)
        if path is None:
            return _nothing()
        return FileResponse(path, media_type=TYPES[path.suffix], headers={"Cache-Control": "no-cache"})

    @router.get("/programmes/days/{programme}.ics")
    def days(request: Request, programme: str) -> Response:
        found = match({}, desk.seen_by(request), desk.page(request).language, date.today())
        own = [each for each in found.programmes if each.programme == programme]
        if not any(not deadline.past for each in own for deadline in each.deadlines):
            return _nothing()
        headers = {**_FRESH, "Content-Disposition": f'attachment; filename="{own[0].programme}.ics"'}
        return Response(calendar(replace(found, programmes=tuple(own))), media_type="text/calendar", headers=headers)

    @router.get("/programmes/document/{document_id:path}")
    def place(
        request: Request,
        document_id: str,
        start: Annotated[int, Query(ge=0, le=2**31)] = 0,
        end: Annotated[int, Query(ge=0, le=2**31)] = 0,
    ) -> Response:
        page = desk.page(request)
        seen = desk.seen_by(request)
        found = render_place(page, seen, document_id, start, end)
        if found and settings.audit_days and (document := seen.document_text(document_id)):
            desk.audit.note(desk.visitor(request), "/programmes/document", document[:1])
        return desk.answer(request, page, found[1], title=found[0]) if found else _nothing()

    return router


class _Desk:
    """What the routes share: who comes, in which language, and how a page is given back."""

    def __init__(self, assistant: Serves, visitors: Visitors, settings: Settings) -> None:
        self._assistant = assistant
        self._visitors = visitors
        self._settings = settings
        self.audit = open_audit(settings)

    def visitor(self, request: Request) -> Visitor:
        """Who comes."""
        return self._visitors.of(request.cookies, request.url.scheme)

    def page(self, request: Request) -> Page:
        """What every part of the page needs."""
        visitor = self.visitor(request)
        account = None if self._visitors.accounts is None else visitor.name
        return Page(language_of(request), request.scope["root_path"], account, visitor.labels)

    def seen_by(self, request: Request) -> Visible:
        """What may be shown to who comes."""
        return self._assistant.index.seen_by(self.visitor(request).labels)

    def kept(self, visitor: Visitor) -> Sent | None:
        """The firm that who comes has stored."""
        if self._visitors.accounts is None or not visitor.signed_in:
            return None
        firm = self._visitors.accounts.firms.of(visitor.user_id)
        # a later version may have other fields
        known = {name: value for name, value in firm.fields.items() if name in fields()} if firm else {}
        return Sent(said=firm.said, typed=known) if firm and known else None

    def _settle(self, visitor: Visitor, sent: Sent, shown: Sent) -> Sent:
        """Store the firm, or delete what is stored, as who comes has said; of anyone nothing is ever stored.

        Gives `shown` with whether this firm is the stored one.
        """
        if self._visitors.accounts is None or not visitor.signed_in:
            return replace(shown, kept=False)
        firms, firm = self._visitors.accounts.firms, KeptFirm(shown.said, shown.typed)
        if sent.kept:
            firms.keep(visitor.user_id, firm)
        elif sent.asked:
            firms.forget(visitor.user_id)
        return replace(shown, kept=firms.of(visitor.user_id) == firm)

    def find(self, request: Request, sent: Sent) -> HTMLResponse:
        """Read what was sent and give the verdicts, or say what is wrong with it."""
        page = self.page(request)
        firm = firm_of(sent)
        if firm.wrong and not sent.text and (sent.said or not set(firm.wrong) <= set(QUICK)):
            return self.answer(request, page, render_wrong_firm(page, sent, firm))
        error = self._error(page, sent, firm.wrong, bool(firm.profile))
        if not error:
            found = find_programmes(
                self.seen_by(request),
                self._assistant.reader if sent.text else None,
                text=sent.text,
                profile=firm.profile,
                language=page.language,
                max_chars=self._settings.max_question_chars,
                said=sent.said,
                unsure=sent.unsure,
            )
            if found.taken:
                taken = {entry.field: entry.value for entry in found.taken}
                shown = understood(sent, taken, found.unsure, found.text)
                shown = self._settle(self.visitor(request), sent, shown)
                self.audit.note(self.visitor(request), "/programmes", found.quotes.values())
                return self.answer(request, page, render_results(page, shown, found))
            error = page.say("nothing_read")
        return self.answer(request, page, render_start(page, sent, error=error, wrong=firm.wrong))

    def _error(self, page: Page, sent: Sent, wrong: tuple[str, ...], stated: bool) -> str:
        """What is wrong with what was sent, in the reader's language; "" where nothing is."""
        limit = self._settings.max_question_chars
        if wrong:
            return page.say("cannot_use")
        if not sent.text:
            return "" if stated else page.say("empty")
        try:
            clean_question(sent.text, limit)
        except QuestionError:
            return page.say("too_long", limit=f"{limit:,}") if len(sent.text) > limit else page.say("no_words")
        return ""

    def answer(self, request: Request, page: Page, main: str, *, title: str = "") -> HTMLResponse:
        """A page around `main` that nobody keeps or frames."""
        html = render_document(page, main, title=escape(title) or page.say("title"))
        response = HTMLResponse(html, headers={"Content-Security-Policy": POLICY, **_FRESH})
        if request.query_params.get("lang") in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, page.language, max_age=365 * 86_400, samesite="lax", path="/")
        return response


def _nothing() -> JSONResponse:
    return JSONResponse({"detail": "Not Found"}, 404, headers=_FRESH)
