"""Routes of documents: the list, what a change would do, and the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from assistant.conversations import answers_citing
from assistant.errors import ChangeRefused
from assistant.staff.journal import REASON_CHARS, Entry
from assistant.staff.listing import Row
from assistant.web.staff.bench import Bench, Guest, nothing, refused, told

if TYPE_CHECKING:
    from assistant.index import Index
    from assistant.staff.jobs import Change as Made

Key = Annotated[str, Query(max_length=2000)]


class Wanted(BaseModel):
    """A change of one document. `audience`: who is to see it, of relabelling."""

    action: Literal["withdraw", "restore", "delete", "relabel"]
    key: str = Field(max_length=2000)
    reason: str = Field("", max_length=REASON_CHARS)
    audience: str = Field("", max_length=100)


def add_document_routes(router: APIRouter, bench: Bench) -> None:
    """Add them."""

    @router.get("/staff/documents")
    def documents(request: Request) -> Response:
        guest = bench.guest(request)
        rows = bench.listing.rows(guest.reach, bench.history(guest))
        bench.note(guest, "documents", [row for row in rows if row.document or row.entry])
        return told({"rows": [row.to_json() for row in rows]})

    @router.get("/staff/about")
    def about(request: Request, key: Key) -> Response:
        """What somebody should know before changing a document: how many answers show it, and what was done to it."""
        guest = bench.guest(request)
        row = bench.row(guest, key)
        if row is None:
            return nothing()
        bench.note(guest, "about", [row])
        done = [each for each in bench.history(guest) if each.document_id == row.key]
        told_of = [
            {"at": each.at, "action": each.action, "reason": each.reason, "who": each.who if guest.reach.staff else ""}
            for each in done
        ]
        return told({"answers": answers_citing(bench.kept_at, row.key), "history": told_of})

    @router.post("/staff/changes")
    def change(request: Request, wanted: Wanted) -> Response:
        guest = bench.writer(request)
        row = bench.row(guest, wanted.key)
        if row is None or wanted.action not in row.may:
            return nothing()
        labels = guest.reach.labels_for(wanted.audience) if wanted.action == "relabel" else ()
        if labels is None:
            return refused(422, "error_audience")
        made = _change(bench, guest, row, wanted, labels)
        return told(bench.jobs.add(guest.owner, wanted.action, row.title, made).to_json(), 202)


def _change(bench: Bench, guest: Guest, row: Row, wanted: Wanted, labels: tuple[str, ...]) -> Made:
    """The change as it is made when the index is free; by then the document may be gone or another one's."""
    who, why, changes = guest.visitor.name, wanted.reason, bench.changes

    def make(index: Index) -> str:
        if row.document is not None:
            still = index.seen_by(guest.reach.labels).document_file(row.key)
            if still is None or still[0] != row.path:
                raise ChangeRefused("error_gone", "The document has changed meanwhile.", "Look at the list again.")
        if wanted.action == "delete":
            entry = Entry("delete", who, row.key, "", "", row.title, row.labels)
            return changes.delete(index, row.key, row.path, entry, why)
        if wanted.action == "restore" and row.entry is not None:
            return changes.restore(index, row.entry, who)
        if row.document is None:
            return ""
        if wanted.action == "relabel":
            return changes.relabel(index, row.document, row.path, labels, who, why)
        return changes.withdraw(index, row.document, row.path, who, why)

    return make
