"""What the server has beside the chat page: documents, floor, programmes, staff, API, MCP server, health, metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fastapi import FastAPI

from assistant.api import Serves, add_health, create_api
from assistant.floor.pages import Pages
from assistant.mcp.serving import add_mcp
from assistant.web.documents.routes import documents_router
from assistant.web.floor.routes import floor_router
from assistant.web.line import Line
from assistant.web.money import money_router
from assistant.web.programmes.routes import programmes_router
from assistant.web.staff.bench import Serves as ServesStaff
from assistant.web.staff.routes import staff_router

if TYPE_CHECKING:
    from assistant.index import Index
    from assistant.settings import Settings
    from assistant.web.app import Programs
    from assistant.web.visitors import Visitors


class Offers(Serves, ServesStaff, Protocol):
    """What all these doors need of the assistant."""

    @property
    def index(self) -> Index:
        """The index."""


def programs(assistant: Offers, line: Line) -> Programs:
    """Make what adds these doors to the server's app; all ask the same assistant, in the same line."""

    def add(app: FastAPI, visitors: Visitors, settings: Settings) -> None:
        pages = Pages(assistant.index)
        app.include_router(floor_router(assistant.index, assistant, pages, visitors, settings))
        app.include_router(documents_router(assistant.index, pages, visitors, settings))
        app.include_router(money_router(assistant.index, visitors, settings))
        app.include_router(programmes_router(assistant, visitors, settings))
        app.include_router(staff_router(assistant, visitors, settings))
        app.mount("/v1", create_api(assistant, line, visitors, settings))
        add_health(app, assistant, line, visitors)
        add_mcp(app, assistant, line, visitors.accounts, settings)

    return add
