"""The server's app: a guard around the account pages and the Gradio page. Opens no port."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from assistant.errors import AccountError
from assistant.web.stopping import InFlight
from assistant.web.visitors import Visitors

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI, Request, Response

    from assistant.settings import Settings

log = logging.getLogger(__name__)

#: Adds doors for programs to an app.
Programs: TypeAlias = "Callable[[FastAPI, Visitors, Settings], None]"


def create_app(
    page: gr.Blocks,
    visitors: Visitors,
    settings: Settings,
    programs: Programs | None = None,
    in_flight: InFlight | None = None,
    **gradio: str | int,
) -> FastAPI:
    """Make the app that serves `page` to `visitors`; `programs` adds the doors for programs that have a token.

    `in_flight` counts its requests. `gradio`: further options of `mount_gradio_app`.
    """
    from fastapi import FastAPI
    from gradio import mount_gradio_app

    from assistant.web.account.routes import account_router
    from assistant.web.guard import Guard
    from assistant.web.page import mount_options
    from assistant.web.privacy import privacy_router

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(account_router(visitors, settings))
    app.include_router(privacy_router(settings))
    app.add_exception_handler(AccountError, _cannot_now)
    if programs:
        programs(app, visitors, settings)
    mount_gradio_app(app, page, path="/", **gradio, **mount_options())
    app.add_middleware(Guard, settings=settings, visitors=visitors, in_flight=in_flight)
    return app


async def _cannot_now(request: Request, exc: Exception) -> Response:
    """The page that is shown when the accounts cannot be used; the reason is for the log alone."""
    from fastapi.responses import HTMLResponse

    from assistant.web.account.desk import language_of, theme_of
    from assistant.web.account.rendering import View, render_notice
    from assistant.web.account.texts import text

    log.error("%s", exc)
    view = View(language_of(request), request.url.path, "", request.scope["root_path"], theme_of(request))
    return HTMLResponse(render_notice(view, "sign_in", text(view.language, "error_accounts")), 503)


def open_visitors(settings: Settings) -> Visitors:
    """The visitors whose accounts the settings name. Raises AccountsUnusable."""
    from assistant.accounts.store import open_accounts

    secure = settings.public_url is not None and settings.public_url.scheme == "https"
    return Visitors(open_accounts(settings), secure=secure)
