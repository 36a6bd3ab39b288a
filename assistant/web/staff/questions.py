"""Routes of what readers and operators leave behind: unanswered questions, bad ratings, notes; and the evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from assistant.conversations import judged_in
from assistant.errors import QuestionError
from assistant.floor.notes import FloorNote
from assistant.staff.groups import Group, key_of, open_ones
from assistant.web.staff.bench import Bench, Guest, nothing, told

#: Passages that are shown near a question.
_NEAREST = 3
_DAYS = 30
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


class Mark(BaseModel):
    """How far something is: a note that maintenance has seen, a question that was dealt with."""

    kind: Literal["note", "question"]
    key: str = Field(max_length=100)
    state: Literal["", "seen", "wrong", "asked", "written"]


def add_question_routes(router: APIRouter, bench: Bench) -> None:
    """Add them; all are for staff alone."""
    notes = bench.notes

    @router.get("/staff/questions")
    def questions(request: Request) -> Response:
        guest = bench.staff(request)
        found = open_ones(_groups(bench, guest), bench.journal.marks("question"))
        return told({"days": _DAYS, "groups": [{**group.to_json(), "state": state} for group, state in found]})

    @router.get("/staff/passages")
    def passages(request: Request, question: Annotated[str, Query(max_length=2000)]) -> Response:
        """The passages nearest to a question, as they would be found today."""
        guest = bench.staff(request)
        try:
            hits = bench.assistant.search(question, labels=guest.reach.labels, top_k=_NEAREST)
        except QuestionError:
            hits = []
        bench.note(guest, "passages", [hit.document for hit in hits])
        found = [
            {
                "text": hit.passage.text,
                "title": hit.document.title,
                "section": list(hit.passage.heading_path),
                "date": hit.document.effective_date,
            }
            for hit in hits
        ]
        return told({"passages": found})

    @router.get("/staff/notes")
    def floor_notes(request: Request) -> Response:
        guest = bench.staff(request)
        seen = bench.journal.marks("note")
        found = notes.all(guest.reach.labels)
        bench.note(guest, "notes", found)  # each says what was looked up in a manual
        return told({"notes": [_told_note(each, seen) for each in found]})

    @router.post("/staff/marks")
    def mark(request: Request, said: Mark) -> Response:
        guest = bench.writer(request)
        bench.staff(request)
        if said.kind == "note":
            known = {each.id for each in notes.all(guest.reach.labels)}
            keys = [said.key] if said.key in known else []
        else:
            group = next((each for each in _groups(bench, guest) if each.key == said.key), None)
            keys = [key_of(each.question) for each in group.asked] if group else []
        if not keys:
            return nothing()
        bench.journal.mark(said.kind, keys, said.state, guest.visitor.name)
        return told({})

    @router.get("/staff/report")
    def report(request: Request) -> Response:
        """The report that `assistant eval --report` wrote beside the conversations, if there is one."""
        bench.staff(request)
        file = _report(bench)
        if not file.is_file():
            return nothing()
        return HTMLResponse(file.read_text(encoding="utf-8"), headers={"Content-Security-Policy": _POLICY})


def open_counts(bench: Bench, guest: Guest) -> dict[str, Any]:
    """How much waits: notes that maintenance has not seen; and whether there is a report."""
    seen = bench.journal.marks("note")
    calls = [each for each in bench.notes.all(guest.reach.labels) if each.kind == "call"]
    return {"notes": sum(each.id not in seen for each in calls), "report": _report(bench).is_file()}


def _report(bench: Bench) -> Path:
    return bench.settings.conversations.with_name("evaluation.html")


def _groups(bench: Bench, guest: Guest) -> list[Group]:
    return bench.groups.of(judged_in(bench.kept_at, guest.reach.labels, _DAYS))


def _told_note(note: FloorNote, seen: dict[str, tuple[str, str]]) -> dict[str, Any]:
    names = ("id", "machine", "version", "query", "kind", "reason", "note", "language", "written_at")
    state, at = seen.get(note.id, ("", ""))
    return {**{name: getattr(note, name) for name in names}, "state": state, "seen_at": at}
