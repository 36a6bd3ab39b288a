"""The routes of single sign-on: out to the provider, and back with a session."""

from __future__ import annotations

import logging
from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from assistant.accounts.oidc import Provider, Started
from assistant.errors import AccountError, SignOnFailed
from assistant.settings import Settings
from assistant.web.account.desk import Desk, here_only, status_of
from assistant.web.account.rendering import render_sign_in
from assistant.web.account.texts import text

#: Seconds that a person may take at the provider.
_PATIENCE_S = 600
_COOKIE = "assistant-provider"

log = logging.getLogger(__name__)


def provider_of(settings: Settings) -> Provider | None:
    """The provider that the settings name, if they do."""
    if settings.oidc_issuer is None:
        return None
    return Provider(
        str(settings.oidc_issuer).rstrip("/"),
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        scope=settings.oidc_scope,
        groups_claim=settings.oidc_groups_claim,
        groups=settings.oidc_groups,
    )


def add_sso_routes(router: APIRouter, desk: Desk, provider: Provider) -> None:
    """Add the two routes of `provider` to `router`."""
    from itsdangerous import BadSignature, URLSafeTimedSerializer

    notes = URLSafeTimedSerializer(desk.accounts.signing_key(), salt="provider")
    name = desk.settings.oidc_name

    def back(request: Request) -> str:
        base = str(desk.settings.public_url or request.base_url).rstrip("/")
        return f"{base}/sign-in/provider/back"

    def refused(request: Request, error: AccountError) -> Response:
        log.warning("%s", error)
        view, browser = desk.view(request)
        key = "error_sso" if isinstance(error, SignOnFailed) else "error_sso_account"
        said = text(view.language, key, provider=name)
        response = desk.page(request, browser, render_sign_in(view, error=said, provider=name), status_of(error))
        response.delete_cookie(_COOKIE, path=_path(request))
        return response

    @router.get("/sign-in/provider")
    def leave(request: Request, next: str = "/") -> Response:
        try:
            address, started = provider.begin(back(request))
        except SignOnFailed as exc:
            return refused(request, exc)
        response = RedirectResponse(address, 303)
        response.set_cookie(
            _COOKIE,
            notes.dumps({**asdict(started), "next": here_only(next)}),
            max_age=_PATIENCE_S,
            httponly=True,
            secure=desk.secure(request),
            samesite="lax",
            path=_path(request),
        )
        return response

    @router.get("/sign-in/provider/back")
    def come_back(request: Request) -> Response:
        try:
            noted = notes.loads(request.cookies.get(_COOKIE, ""), max_age=_PATIENCE_S)
            goes_to = here_only(noted.pop("next"))
            returned = f"{back(request)}?{request.url.query}"
            identity = provider.finish(returned, Started(**noted), back(request))
            user = desk.accounts.users.of_provider(identity.issuer, identity.subject, identity.name, identity.groups)
            if user.disabled:
                raise AccountError(f"The account of {user.name} is shut.", "See `assistant users disable --enable`.")
        except BadSignature:
            return refused(request, SignOnFailed("The browser did not leave for the provider from here.", "Try again."))
        except AccountError as exc:
            return refused(request, exc)
        secret = desk.accounts.sessions.begin(user.id, desk.secret(request))
        response = desk.enter(request, desk.lead_to(request, goes_to), secret)
        response.delete_cookie(_COOKIE, path=_path(request))
        return response


def _path(request: Request) -> str:
    """Where the browser shows its note of having left."""
    return f"{request.scope['root_path']}/sign-in"
