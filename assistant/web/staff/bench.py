"""What the routes of the page for staff share: the parts behind them, who comes, and whether a form is one of ours."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from fastapi import HTTPException, Request, Response
from fastapi.responses import JSONResponse

from assistant.audit import open_audit
from assistant.database.opening import place_of
from assistant.database.tables import CONVERSATIONS
from assistant.errors import ReadError
from assistant.floor.notes import FloorNotes
from assistant.floor.rendering import RENDERER
from assistant.index.server import server_of
from assistant.ingest.sandbox import Limits, Sandbox
from assistant.staff.changes import Changes
from assistant.staff.groups import Groups
from assistant.staff.jobs import Jobs
from assistant.staff.journal import Entry, Journal
from assistant.staff.listing import Listing, Row
from assistant.staff.reach import Reach, reach_of
from assistant.staff.shelf import Shelf
from assistant.staff.staging import Staging
from assistant.web.account.forms import Forms
from assistant.web.visitors import Visitors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant.accounts.store import Accounts
    from assistant.accounts.visitors import Visitor
    from assistant.audit import Labelled
    from assistant.index import Index
    from assistant.ingest.embedding import PassageEmbedder
    from assistant.schema import Hit
    from assistant.settings import Settings
    from assistant.staff.groups import QueryEmbedder

#: Which header a script puts the mark of its page into.
FORM_HEADER = "x-form"
_FRESH = {"Cache-Control": "no-store"}
#: What showing one page of an upload may cost.
_PICTURE = Limits(seconds=20.0, memory_mb=400, output_mb=16)


class Serves(Protocol):
    """What is needed of the assistant."""

    @property
    def index(self) -> Index:
        """Its index."""

    @property
    def embedder(self) -> Any:
        """What makes vectors of questions and passages."""

    def search(self, query: str, *, labels: frozenset[str], top_k: int | None = None) -> list[Hit]:
        """Find passages."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody for whom the page exists."""

    visitor: Visitor
    reach: Reach

    @property
    def owner(self) -> str:
        """Whose uploads and changes these are."""
        return self.visitor.user_id


class Bench:
    """The parts behind the routes."""

    def __init__(self, assistant: Serves, accounts: Accounts, visitors: Visitors, settings: Settings) -> None:
        self.assistant = assistant
        self.visitors = visitors
        self.settings = settings
        self.forms = Forms(accounts.signing_key())
        self.shelf = Shelf(settings.uploads)
        limits = Limits(settings.reading_seconds, settings.reading_memory_mb)
        self._reading, self._drawing = Sandbox(limits, workers=1), Sandbox(_PICTURE, workers=1, reader=RENDERER)
        self.staging = Staging(self.shelf, self._reading)
        self.kept_at = place_of(CONVERSATIONS, settings)
        self.journal = Journal(self.kept_at)
        self.notes = FloorNotes(self.kept_at)
        embedder = cast("PassageEmbedder", assistant.embedder)
        self.changes = Changes(self.shelf, self.journal, embedder, self._reading, [settings.corpus])
        self.jobs = Jobs(assistant.index, server_of(settings))
        self.listing = Listing(assistant.index, self.shelf)
        self.groups = Groups(cast("QueryEmbedder", assistant.embedder))
        self._audit = open_audit(settings)

    def close(self) -> None:
        """End what runs."""
        self.jobs.close()
        self.staging.close()
        for each in (self._reading, self._drawing, self.journal, self.notes, self._audit):
            each.close()

    # --- who comes ------------------------------------------------------------------------------------------------

    def guest(self, request: Request) -> Guest:
        """Who comes. Raises HTTPException 404 for everybody for whom the page does not exist."""
        visitor = self.visitors.of(request.cookies, request.url.scheme)
        reach = reach_of(visitor.labels) if visitor.signed_in else None
        if reach is None:
            raise HTTPException(404, "Not Found", _FRESH)
        return Guest(visitor, reach)

    def writer(self, request: Request) -> Guest:
        """Who comes to change something, from a page of ours. Raises HTTPException 404, and 403 for another form."""
        guest = self.guest(request)
        secret = self.visitors.secret(request.cookies, request.url.scheme)
        mark = request.headers.get(FORM_HEADER, "")
        if not self.forms.fits(request, self.visitors.is_secure(request.url.scheme), secret, mark):
            raise HTTPException(403, "form", _FRESH)
        return guest

    def staff(self, request: Request) -> Guest:
        """Who comes, of the staff. Raises HTTPException 404, for members as well."""
        guest = self.guest(request)
        if not guest.reach.staff:
            raise HTTPException(404, "Not Found", _FRESH)
        return guest

    def note(self, guest: Guest, door: str, shown: Iterable[Labelled]) -> None:
        """Note in the audit log what of documents somebody was shown at `door`, an address below `/staff`."""
        self._audit.note(guest.visitor, f"/staff/{door}", shown)

    # --- documents ------------------------------------------------------------------------------------------------

    def history(self, guest: Guest) -> Sequence[Entry]:
        """What was done to documents within reach."""
        return self.journal.history(guest.reach.labels)

    def row(self, guest: Guest, key: str) -> Row | None:
        """A line of the list, if it is within reach."""
        return self.listing.row(guest.reach, self.history(guest), key)

    def picture(self, file: Path, number: int) -> tuple[bytes, str] | None:
        """A page of an upload as WebP, with its size in points; None when there is no such page."""
        try:
            draft = self._drawing.read(file / str(number))
        except ReadError:
            return None
        return base64.b64decode(draft.text), f"{draft.metadata['width']:.1f} {draft.metadata['height']:.1f}"


def told(value: Any, status: int = 200) -> JSONResponse:
    """An answer that nobody keeps."""
    return JSONResponse(value, status, headers=_FRESH)


def refused(status: int, key: str, reason: str = "", hint: str = "") -> JSONResponse:
    """Why something is not done: `key` of the page's texts, else `reason` and `hint` in their own words."""
    return told({"detail": key, "reason": reason, "hint": hint}, status)


def nothing() -> Response:
    """What is not there, or not theirs."""
    return told({"detail": "Not Found"}, 404)


def as_script(value: Any) -> str:
    """A value inside a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
