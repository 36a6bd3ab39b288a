"""The routes of accounts: what a form sends becomes a call of `Accounts`, what comes of it a page or a redirect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import FileResponse

from assistant.accounts.links import Purpose
from assistant.accounts.tokens import SCOPES
from assistant.accounts.visitors import Visitor
from assistant.errors import AccountError, AccountMissing, LinkExpired, SignInRefused
from assistant.web.account.desk import Desk, address_of, here_only, status_of
from assistant.web.account.forms import FIELD
from assistant.web.account.rendering import render_account, render_link, render_notice, render_sign_in
from assistant.web.account.sso import add_sso_routes, provider_of
from assistant.web.account.texts import text
from assistant.web.visitors import Visitors

if TYPE_CHECKING:
    from assistant.settings import Settings

_WEB = Path(__file__).resolve().parent.parent
_LOOKS = {
    "tokens.css": _WEB / "tokens.css",
    "account.css": Path(__file__).with_name("style.css"),
    **{path.name: path for path in (_WEB / "look").iterdir()},
}

Typed = Annotated[str, Form()]
Mark = Annotated[str, Form(alias=FIELD)]


def account_router(visitors: Visitors, settings: Settings) -> APIRouter:
    """The routes; without accounts only the stylesheets."""
    router = APIRouter()

    @router.get("/look/{name}")
    def look(name: str) -> Response:
        path = _LOOKS.get(name)
        return FileResponse(path, headers={"Cache-Control": "no-cache"}) if path else Response(status_code=404)

    if visitors.accounts is not None:
        desk = Desk(visitors.accounts, visitors, settings)
        _sign_in_routes(router, desk)
        _link_routes(router, desk)
        _account_routes(router, desk)
        if provider := provider_of(settings):
            add_sso_routes(router, desk, provider)
    return router


def _sign_in_routes(router: APIRouter, desk: Desk) -> None:
    def form(request: Request, *, error: str = "", name: str = "", goes_to: str = "/", status: int = 200) -> Response:
        view, browser = desk.view(request)
        provider = desk.settings.oidc_name if desk.settings.oidc_issuer else ""
        html = render_sign_in(view, error=error, name=name, goes_to=goes_to, provider=provider)
        return desk.page(request, browser, html, status)

    @router.get("/sign-in")
    def show(request: Request, next: str = "/") -> Response:
        if desk.visitor(request).signed_in:
            return desk.lead_to(request, "/account")
        return form(request, goes_to=here_only(next))

    @router.post("/sign-in")
    def sign_in(
        request: Request, name: Typed = "", password: Typed = "", goes_to: Typed = "/", mark: Mark = ""
    ) -> Response:
        goes_to = here_only(goes_to)
        if not desk.fits(request, mark):
            error = text(desk.language(request), "error_form")
            return form(request, error=error, name=name[:64], goes_to=goes_to, status=403)
        try:
            secret = desk.accounts.sign_in(name, password, address=address_of(request), replaces=desk.secret(request))
        except AccountError as exc:
            said = desk.sentence(request, exc)
            return form(request, error=said, name=name[:64], goes_to=goes_to, status=status_of(exc))
        return desk.enter(request, desk.lead_to(request, goes_to), secret)

    @router.post("/sign-out")
    def sign_out(request: Request, mark: Mark = "") -> Response:
        if not desk.fits(request, mark):
            return desk.lead_to(request, "/account")
        desk.accounts.sessions.end(desk.secret(request))
        return desk.leave(request, desk.lead_to(request, "/sign-in"))


def _link_routes(router: APIRouter, desk: Desk) -> None:
    def show(request: Request, purpose: Purpose, secret: str, *, error: str = "", status: int = 200) -> Response:
        view, browser = desk.view(request)
        try:
            _, name = desk.accounts.links.owner(secret, purpose)
        except LinkExpired as exc:
            return desk.page(request, browser, render_notice(view, purpose, desk.sentence(request, exc)), 404)
        return desk.page(request, browser, render_link(view, purpose, name, error=error), status)

    def accept(request: Request, purpose: Purpose, secret: str, new: str, again: str, mark: str) -> Response:
        language = desk.language(request)
        if not desk.fits(request, mark):
            return show(request, purpose, secret, error=text(language, "error_form"), status=403)
        if new != again:
            return show(request, purpose, secret, error=text(language, "error_not_same"), status=422)
        try:
            session = desk.accounts.open_link(secret, purpose, new, replaces=desk.secret(request))
        except AccountError as exc:
            return show(request, purpose, secret, error=desk.sentence(request, exc), status=status_of(exc))
        return desk.enter(request, desk.lead_to(request, "/"), session)

    @router.get("/invitation/{secret}")
    def show_invitation(request: Request, secret: str) -> Response:
        return show(request, "invitation", secret)

    @router.post("/invitation/{secret}")
    def accept_invitation(
        request: Request, secret: str, new: Typed = "", again: Typed = "", mark: Mark = ""
    ) -> Response:
        return accept(request, "invitation", secret, new, again, mark)

    @router.get("/reset/{secret}")
    def show_reset(request: Request, secret: str) -> Response:
        return show(request, "reset", secret)

    @router.post("/reset/{secret}")
    def accept_reset(request: Request, secret: str, new: Typed = "", again: Typed = "", mark: Mark = "") -> Response:
        return accept(request, "reset", secret, new, again, mark)


def _account_routes(router: APIRouter, desk: Desk) -> None:
    def show(
        request: Request,
        visitor: Visitor,
        *,
        done: str = "",
        made: str = "",
        status: int = 200,
        session: str | None = None,
        **errors: str,
    ) -> Response:
        view, browser = desk.view(request, session)
        html = render_account(
            view,
            visitor,
            desk.accounts.tokens.of(visitor.user_id),
            errors={form: said for form, said in errors.items() if said},
            done=text(view.language, done) if done else "",
            made=made,
            has_password=desk.accounts.users.named(visitor.name).has_password,
        )
        return desk.page(request, browser, html, status)

    def checked(request: Request, mark: str) -> tuple[Visitor, Response | None]:
        """Who comes, and the answer when it is nobody or the form is not ours."""
        visitor = desk.visitor(request)
        if not visitor.signed_in:
            return visitor, desk.lead_to(request, "/sign-in?next=/account")
        if not desk.fits(request, mark):
            error = text(desk.language(request), "error_form")
            return visitor, show(request, visitor, password=error, status=403)
        return visitor, None

    @router.get("/account")
    def account(request: Request) -> Response:
        visitor = desk.visitor(request)
        return show(request, visitor) if visitor.signed_in else desk.lead_to(request, "/sign-in?next=/account")

    @router.post("/account/password")
    def change(request: Request, old: Typed = "", new: Typed = "", again: Typed = "", mark: Mark = "") -> Response:
        visitor, refused = checked(request, mark)
        if refused:
            return refused
        if new != again:
            return show(request, visitor, password=text(desk.language(request), "error_not_same"), status=422)
        try:
            secret = desk.accounts.change_password(visitor.user_id, old, new, address=address_of(request))
        except AccountError as exc:
            key = "error_old_password" if isinstance(exc, SignInRefused) else ""
            return show(request, visitor, password=desk.sentence(request, exc, key), status=status_of(exc))
        return desk.enter(request, show(request, visitor, done="password_changed", session=secret), secret)

    @router.post("/account/sessions")
    def sign_out_everywhere(request: Request, mark: Mark = "") -> Response:
        visitor, refused = checked(request, mark)
        if refused:
            return refused
        desk.accounts.sessions.end_all(visitor.user_id)
        return desk.leave(request, desk.lead_to(request, "/sign-in"))

    @router.post("/account/tokens")
    def make_token(
        request: Request,
        token_name: Typed = "",
        scopes: Annotated[list[str] | None, Form()] = None,
        days: Typed = "",
        mark: Mark = "",
    ) -> Response:
        visitor, refused = checked(request, mark)
        if refused:
            return refused
        limit = int(days) if days.isascii() and days.isdigit() and 0 < int(days[:6]) <= 3650 else None
        try:
            if days and limit is None:
                raise AccountError("The number of days is not one.", "Use 1 to 3650, or none.")
            wanted = [scope for scope in scopes or [] if scope in SCOPES]
            made = desk.accounts.tokens.make(visitor.user_id, token_name, wanted, limit)
        except AccountError:
            return show(request, visitor, tokens=text(desk.language(request), "error_token"), status=422)
        return show(request, visitor, made=made)

    @router.post("/account/tokens/{token_id}")
    def revoke_token(request: Request, token_id: str, mark: Mark = "") -> Response:
        visitor, refused = checked(request, mark)
        if refused:
            return refused
        try:
            desk.accounts.tokens.revoke(visitor.user_id, token_id)
        except AccountMissing:
            return show(request, visitor, tokens=text(desk.language(request), "error_no_token"), status=404)
        return show(request, visitor, done="token_revoked")
