"""Routes of documents: the list, what a change would do, the change, and what changed between two versions."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from assistant.comparison.compare import compare, earlier_version
from assistant.conversations import answers_citing
from assistant.errors import ChangeRefused
from assistant.staff.journal import REASON_CHARS, Entry
from assistant.staff.listing import Row
from assistant.text.table_rows import cells_of
from assistant.web.staff.bench import Bench, Guest, nothing, refused, told

if TYPE_CHECKING:
    from assistant.comparison.values import Change
    from assistant.index import Index
    from assistant.schema import Quote
    from assistant.staff.jobs import Change as Made

Key = Annotated[str, Query(max_length=2000)]
_WORDS = re.compile(r"\s+|\d+(?:[.,]\d+)*|[^\W\d]+|[^\w\s]")


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

    @router.get("/staff/compare")
    def compared(request: Request, new: Key, old: Key = "") -> Response:
        """What changed; without `old`, since the version before."""
        guest = bench.guest(request)
        seen = bench.assistant.index.seen_by(guest.reach.labels)
        found = seen.document_text(new)
        if found is None:
            return nothing()
        before = old
        if not before and (earlier := earlier_version(found[0], seen)):
            before = earlier.document_id
        comparison = compare(before, new, seen) if before else None
        if comparison is None:
            return nothing()
        bench.note(guest, "compare", (comparison.old, comparison.new))
        facts = ("document_id", "title", "version", "effective_date")
        return told(
            {
                "old": {name: getattr(comparison.old, name) for name in facts},
                "new": {name: getattr(comparison.new, name) for name in facts},
                "counts": {kind: comparison.count(kind) for kind in ("changed", "added", "removed")},
                "moved": len(comparison.moved),
                "unchanged": comparison.unchanged,
                "changes": [told_change(each) for each in comparison.changes],
            }
        )


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


# --- what changed ------------------------------------------------------------------------------------------------


def told_change(change: Change) -> dict[str, Any]:
    """A change as the page shows it: its place, the words of both sides, the figures that differ."""
    piece = change.new or change.old
    place: dict[str, Any] = {}
    if piece is not None:
        place = {
            "item": _item(change),
            "section": list(piece.heading_path),
            "page": piece.pages,
            "header": piece.table_header,
        }
    values = [
        {"old": each.old.text if each.old else "", "new": each.new.text if each.new else ""} for each in change.values
    ]
    return {"kind": change.kind, **place, "values": values, "words": _words(change.old, change.new)}


def _item(change: Change) -> str:
    """What a row of a table is about: its first cell with letters that no differing figure stands in."""
    piece = change.new or change.old
    figures = [side.text for each in change.values for side in (each.old, each.new) if side]
    cells = cells_of(piece.quote) if piece else ()
    named = (each for each in cells if any(map(str.isalpha, each)) and not any(one in each for one in figures))
    return next(named, cells[0] if cells else "")


def _words(old: Quote | None, new: Quote | None) -> list[list[str]]:
    """`[["=", text], ["-", text], ["+", text]]`: how the old words become the new ones."""
    if old is None or new is None:
        return [["+" if old is None else "-", (new or old).quote]] if new or old else []  # type: ignore[union-attr]
    before, after = _WORDS.findall(old.quote), _WORDS.findall(new.quote)
    found: list[list[str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(["=", "".join(before[a:b])])
            continue
        if b > a:
            found.append(["-", "".join(before[a:b])])
        if d > c:
            found.append(["+", "".join(after[c:d])])
    return found
