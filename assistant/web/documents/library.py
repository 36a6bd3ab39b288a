"""What a reader may see of the documents: found by words and conditions, opened at a place, as pages or as text.

Everything is read through what the reader's labels admit; what they do not admit is the same as what is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from assistant.floor.pages import Pages
from assistant.schema import Block, Document, Language
from assistant.text.tokens import terms
from assistant.web.documents.fragments import render_leaf, render_text
from assistant.web.documents.places import Place, places_of
from assistant.web.documents.texts import text as said

if TYPE_CHECKING:
    from assistant.floor.pack import Readable
    from assistant.index import Visible

#: Passages that a search of texts looks at, and documents that a list shows.
_PASSAGES, MOST = 200, 200
#: A document with more text (characters) is shown around the cited place only; so much of it.
_LONG, _AROUND = 60_000, 15_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in the list. Empty: not asked for. `state`: in_force or superseded; `since` is ISO 8601."""

    words: str = ""
    collection: str = ""
    version: str = ""
    state: str = ""
    since: str = ""

    def admits(self, document: Document) -> bool:
        """Whether a document meets the conditions, the words aside."""
        state = "superseded" if document.superseded_by else "in_force"
        return (
            self.collection in ("", document.collection)
            and self.version in ("", document.version)
            and self.state in ("", state)
            and (not self.since or (document.effective_date or document.date) >= self.since)
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A document in the list; `in_text`: the words stand in its text, not in its title."""

    document: Document
    in_text: bool = False


def dated(document: Document) -> str:
    """The date that counts for a document (ISO 8601, or '')."""
    return document.effective_date or document.date


def find(seen: Visible, wanted: Wanted) -> list[Listed]:
    """Find documents: those with the words in their title first, then those with them in their text; newest first."""
    admitted = [document for document in seen.documents() if wanted.admits(document)]
    admitted.sort(key=lambda document: (dated(document), document.title), reverse=True)
    words = wanted.words.casefold().split()
    if not words:
        return [Listed(document) for document in admitted]
    named = [each for each in admitted if all(word in f"{each.title} {each.path}".casefold() for word in words)]
    known = {document.document_id for document in named}
    chunks = [chunk for chunk, _ in seen.search_words(terms(wanted.words), _PASSAGES)]
    owners = seen.owners(chunks)
    held = dict.fromkeys(owners[chunk].document_id for chunk in chunks if chunk in owners)
    by_id = {document.document_id: document for document in admitted}
    return [
        *(Listed(document) for document in named),
        *(Listed(by_id[name], in_text=True) for name in held if name in by_id and name not in known),
    ]


def address(kind: str, document_id: str) -> str:
    """The address of a document below the root: `read`, `file`, `page` or `source`."""
    return f"documents/{kind}/{quote(document_id)}"


def comparison_address(old: str, new: str) -> str:
    """The address below the root of what changed from one document to another, by their ids."""
    return f"documents/compare?{urlencode({'old': old, 'new': new})}"


class Library:
    """Opens documents for readers."""

    def __init__(self, index: Readable, pages: Pages) -> None:
        self._index = index
        self._pages = pages

    def seen_by(self, labels: Iterable[str]) -> Visible:
        """Give the reads of a holder of `labels`."""
        return self._index.seen_by(labels)

    def file(self, document_id: str, labels: Iterable[str]) -> Path | None:
        """The file of a document, if it is still where it was read."""
        found = self.seen_by(labels).document_file(document_id)
        return found[0] if found and found[0].is_file() else None

    def source(
        self, document_id: str, labels: frozenset[str], at: Sequence[str], now: str, language: Language, root: str = ""
    ) -> str | None:
        """The cited place `now` of a document, with all places `at` marked; None when there is none to be seen."""
        seen = self.seen_by(labels)
        stored = seen.document_text(document_id)
        if stored is None:
            return None
        document, text = stored
        places, current = places_of(at, text), next(iter(places_of([now], text)), None)
        notes = [] if current else ["changed"]
        body, where = "", ""
        if current:
            body, where = self._leaves(document, text, labels, places, current, language, root)
            if not body and where and document.path.lower().endswith(".pdf"):
                notes.append("no_page_picture")
        if not body:
            body, cut = self._text(document, text, seen, places, current)
            notes += ["cut"] if cut else []
        read = f"{root}{address('read', document_id)}{f'#page-{where}' if where else ''}"
        file = f"{root}{address('file', document_id)}" if self.file(document_id, labels) else ""
        label = said(language, "page", page=where) if where else _heading(seen, document_id, current)
        warned = "".join(f'<p class="seen-note">{escape(said(language, note))}</p>' for note in notes)
        return (
            f'<div class="seen" data-where="{escape(label)}" data-read="{escape(read)}" data-file="{escape(file)}">'
            f"{warned}{body}</div>"
        )

    def _leaves(
        self,
        document: Document,
        text: str,
        labels: frozenset[str],
        places: Sequence[Place],
        now: Place,
        language: Language,
        root: str,
    ) -> tuple[str, str]:
        """The pages that `now` stands on, all places marked, and the first one's number; empty where it has none."""
        seen = self.seen_by(labels)
        blocks = seen.blocks(document.document_id, now.start, now.end)
        numbers = sorted(
            {page for block in blocks for page in block.pages(now.start, now.end) if page is not None},
        )
        if not numbers:
            return "", ""
        shown = []
        around = _blocks_of(seen, document.document_id, places)
        for number in range(numbers[0], numbers[-1] + 1):
            picture = self._pages.picture(document.document_id, number, labels)
            if picture is None:
                return "", str(numbers[0])
            path = f"{root}{address('page', document.document_id)}?page={number}"
            shown.append(render_leaf(picture, path, number, document.title, around, text, places, now, language))
        return "".join(shown), str(numbers[0])

    def _text(
        self, document: Document, text: str, seen: Visible, places: Sequence[Place], now: Place | None
    ) -> tuple[str, bool]:
        """The text with the places marked, and whether only a part of it is shown."""
        start, end = 0, len(text)
        if len(text) > _LONG:
            middle = now.start if now else 0
            start, end = max(0, middle - _AROUND), middle + _AROUND
        blocks = seen.blocks(document.document_id, start, end)
        return render_text(blocks, text, places, now), end - start < len(text)


def _heading(seen: Visible, document_id: str, now: Place | None) -> str:
    blocks = seen.blocks(document_id, now.start, now.end) if now else []
    return blocks[0].heading_path[-1] if blocks and blocks[0].heading_path else ""


def _blocks_of(seen: Visible, document_id: str, places: Sequence[Place]) -> list[Block]:
    found = {block.start: block for place in places for block in seen.blocks(document_id, place.start, place.end)}
    return [found[start] for start in sorted(found)]
