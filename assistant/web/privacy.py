"""The privacy notice: what is kept, how long, who sees it and how it is deleted."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from assistant.web.account.desk import language_of, theme_of
from assistant.web.account.rendering import View, render_document
from assistant.web.programmes.texts import text as programmes_text
from assistant.web.sources import html_text
from assistant.web.texts import text

if TYPE_CHECKING:
    from assistant.schema import Language
    from assistant.settings import Settings


_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}


def privacy_router(settings: Settings) -> APIRouter:
    """The route `/privacy`."""
    router = APIRouter()

    @router.get("/privacy")
    def privacy(request: Request) -> HTMLResponse:
        language = language_of(request)
        view = View(language, request.url.path, "", request.scope["root_path"], theme_of(request))
        html = render_document(view, text(language, "privacy"), render_privacy(language, settings))
        return HTMLResponse(html, headers=_HEADERS)

    return router


def render_privacy(language: Language, settings: Settings) -> str:
    """The notice as it follows from the settings."""
    keys = ["privacy_kept", "privacy_days" if settings.conversation_days else "privacy_no_days", "privacy_who"]
    keys += ["privacy_audit"] if settings.audit_days else []
    keys += ["privacy_account", "privacy_server" if settings.language_server else "privacy_inside", "privacy_backup"]
    lines = [html_text(language, key, days=settings.conversation_days, audit_days=settings.audit_days) for key in keys]
    lines.append(escape(programmes_text(language, "privacy")))
    if settings.operator:
        lines.append(html_text(language, "privacy_operator", operator=settings.operator))
    body = "".join(f"<p>{line}</p>" for line in lines)
    back = f'<p class="small"><a class="link" href="./">{html_text(language, "privacy_back")}</a></p>'
    return f'<section class="box wide"><h1>{html_text(language, "privacy")}</h1>{body}{back}</section>'
