"""The route of the glossary: its terms with their history, for staff alone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from assistant.schema import Document
from assistant.staff.glossary import Revision, terms
from assistant.web.documents.changes import kind_of, words_of
from assistant.web.staff.bench import Bench, told


def add_glossary_route(router: APIRouter, bench: Bench) -> None:
    """Add it."""

    @router.get("/staff/glossary")
    def glossary(request: Request) -> Response:
        seen = bench.assistant.index.seen_by(bench.staff(request).reach.labels)
        found = [
            {
                "name": term.name,
                "section": list(term.section),
                "text": term.text,
                "document": _facts(term.document),
                "revisions": [_told_revision(each) for each in term.revisions],
            }
            for term in terms(seen)
        ]
        return told({"terms": found})


def _facts(document: Document) -> dict[str, str]:
    names = ("document_id", "title", "version", "effective_date", "language")
    return {name: getattr(document, name) for name in names}


def _told_revision(revision: Revision) -> dict[str, Any]:
    change = revision.change
    words = words_of(change.old, change.new)
    return {"old": _facts(revision.old), "new": _facts(revision.new), "kind": kind_of(change), "words": words}
