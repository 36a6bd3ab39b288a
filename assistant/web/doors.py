"""Every door of the server, and who may go through. What is not named here does not exist.

Gradio brings routes that this page does not need (files, uploads, a proxy, an editor): they are shut, and so is what a
later version of it adds, until somebody has thought about it. The access matrix in `tests/web` holds this table against
the routes that the server has; `guard.py` stands at the doors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

#: page: anyone, and scripts run there; open: anyone; tab: whoever the tab belongs to; own: the route asks who comes;
#: upload: as own, nobody without an account, and a body that is not held in memory.
Rule = Literal["page", "open", "tab", "own", "upload"]

#: By route, as the server's own route table writes it. Methods are the route's own.
DOORS: Mapping[str, Rule] = {
    # the page and its parts, the same for everyone
    "/": "page",
    "/config": "open",
    "/theme.css": "open",
    "/robots.txt": "open",
    "/favicon.ico": "open",
    "/manifest.json": "open",
    "/assets/{path:path}": "open",
    "/static/{path:path}": "open",
    "/svelte/{path:path}": "open",
    "/look/{name}": "open",
    "/privacy": "open",
    # documents
    "/documents": "own",
    "/documents/compare": "own",
    "/documents/read/{document_id:path}": "own",
    "/documents/file/{document_id:path}": "own",
    "/documents/page/{document_id:path}": "own",
    "/documents/source/{document_id:path}": "own",
    "/rules/compute": "own",
    # the floor page
    "/floor": "open",
    "/floor/look/{name}": "open",
    "/floor/manifest.webmanifest": "open",
    "/floor/worker.js": "open",
    "/floor/machines": "own",
    "/floor/machines/{machine}": "own",
    "/floor/page/{document_id:path}": "own",
    "/floor/words": "own",
    "/floor/notes": "own",
    # the page for staff and for members' own documents
    "/staff": "own",
    "/staff/look/{name}": "open",
    "/staff/state": "own",
    "/staff/documents": "own",
    "/staff/about": "own",
    "/staff/changes": "own",
    "/staff/glossary": "own",
    "/staff/upload": "upload",
    "/staff/uploads": "own",
    "/staff/uploads/{upload}": "own",
    "/staff/uploads/{upload}/page": "own",
    "/staff/uploads/{upload}/publish": "own",
    "/staff/questions": "own",
    "/staff/passages": "own",
    "/staff/notes": "own",
    "/staff/marks": "own",
    "/staff/report": "own",
    # the programme finder's page
    "/programmes": "own",
    "/programmes/look/{name}": "open",
    "/programmes/days/{programme}.ics": "own",
    "/programmes/document/{document_id:path}": "own",
    # what a tab of the page says and hears
    "/gradio_api/app_id": "open",  # asked again and again when the server is away; then the page loads itself anew
    "/gradio_api/queue/join": "tab",
    "/gradio_api/queue/data": "tab",
    "/gradio_api/heartbeat/{session_hash}": "tab",
    "/gradio_api/run/{api_name}": "tab",
    # programs
    "/v1/models": "own",
    "/v1/chat/completions": "own",
    "/v1/search": "own",
    "/v1/programmes/match": "own",
    "/v1/documents": "own",
    "/v1/documents/compare": "own",
    "/v1/documents/{document_id:path}": "own",
    "/v1/openapi.json": "open",
    "/mcp": "own",
    "/healthz": "open",
    "/readyz": "open",
    "/metrics": "own",
    # accounts
    "/sign-in": "own",
    "/sign-in/provider": "own",
    "/sign-in/provider/back": "own",
    "/sign-out": "own",
    "/account": "own",
    "/account/password": "own",
    "/account/sessions": "own",
    "/account/tokens": "own",
    "/account/tokens/{token_id}": "own",
    "/invitation/{secret}": "own",
    "/reset/{secret}": "own",
}
