"""Routes of uploads: receive a file, tell what was read of it, show its pages, publish or discard it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from assistant.errors import ChangeRefused, MetadataError, PathError, TooMuch
from assistant.floor.rendering import MEDIA_TYPE
from assistant.ingest.frontmatter import validated
from assistant.web.bodies import Refused
from assistant.web.staff.bench import Bench, Guest, nothing, refused, told

if TYPE_CHECKING:
    from assistant.index import Index
    from assistant.index.visible import Visible
    from assistant.schema import Document

#: Files that one person may send at a time.
_AT_A_TIME = 4
#: Documents that have at least this share of their words in common may be versions of one another.
_ALIKE = 0.5
_OFFERED = 3


class Facts(BaseModel):
    """What an upload is, as somebody has confirmed it. `audience`: who may see it."""

    title: str = Field(min_length=1, max_length=300)
    version: str = Field("", max_length=100)
    effective_date: str = Field(max_length=10)
    language: str = Field("", max_length=2)
    collection: str = Field("", max_length=100)
    supersedes: str = Field("", max_length=2000)
    audience: str = Field(max_length=100)


class _Sending:
    """Who sends how many files at the moment."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one(self, owner: str) -> Iterator[None]:
        with self._lock:
            if self._count[owner] >= _AT_A_TIME:
                raise TooMuch("Too many files arrive at once.", "Send them one after the other.")
            self._count[owner] += 1
        try:
            yield
        finally:
            with self._lock:
                self._count[owner] -= 1


def add_upload_routes(router: APIRouter, bench: Bench) -> None:
    """Add them."""
    sending = _Sending()

    @router.post("/staff/upload")
    async def upload(request: Request, name: Annotated[str, Query(max_length=1000)]) -> Response:
        """One file, as it is, in the body; nothing of it is kept before it is known whose it is."""
        guest = await anyio.to_thread.run_sync(bench.writer, request)
        try:
            with sending.one(guest.owner):
                return told(await _receive(bench, guest, request, name), 201)
        except TooMuch as exc:
            return refused(413, "error_too_much", exc.message, exc.hint)
        except PathError as exc:
            return refused(422, "error_name", exc.message, exc.hint)
        except Refused as exc:
            return refused(exc.status, "error_too_much", exc.said)
        except ClientDisconnect:
            return nothing()  # nobody hears it

    @router.get("/staff/uploads")
    def uploads(request: Request) -> Response:
        guest = bench.guest(request)
        return told({"uploads": [each.to_json() for each in bench.staging.list(guest.owner)]})

    @router.get("/staff/uploads/{upload}")
    def seen(request: Request, upload: str) -> Response:
        guest = bench.guest(request)
        read = bench.staging.seen(guest.owner, upload)
        if read is None or "reason" in read:
            return nothing()
        within = bench.assistant.index.seen_by(guest.reach.labels)
        alike, same = _alike(bench.staging.text(guest.owner, upload), within), _same(within, read["hash"])
        bench.note(guest, "uploads", [*(each for _, each in alike), *([same] if same else [])])
        kept = {name: value for name, value in read.items() if name != "hash"}
        earlier = [{"key": each.document_id, "title": each.title, "share": round(share, 2)} for share, each in alike]
        return told({**kept, "earlier": earlier, "same": same.title if same else ""})

    @router.delete("/staff/uploads/{upload}")
    def discard(request: Request, upload: str) -> Response:
        guest = bench.writer(request)
        return told({}) if bench.staging.discard(guest.owner, upload) else nothing()

    @router.get("/staff/uploads/{upload}/page")
    def page(request: Request, upload: str, page: Annotated[int, Query(ge=1, le=100_000)]) -> Response:
        guest = bench.guest(request)
        file = bench.staging.file(guest.owner, upload)
        read = bench.staging.seen(guest.owner, upload) or {}
        picture = bench.picture(file, page) if file and read.get("media_type") == "application/pdf" else None
        if picture is None:
            return nothing()
        size = {"X-Page-Size": picture[1], "Cache-Control": "private, no-store"}
        return Response(picture[0], media_type=MEDIA_TYPE, headers=size)

    @router.post("/staff/uploads/{upload}/publish")
    def publish(request: Request, upload: str, facts: Facts) -> Response:
        guest = bench.writer(request)
        file = bench.staging.file(guest.owner, upload)
        read = bench.staging.seen(guest.owner, upload)
        if file is None or read is None or "reason" in read:
            return nothing()
        try:
            metadata = _metadata(bench, guest, facts)
        except MetadataError as exc:
            return refused(422, "error_facts", exc.message, exc.hint)
        except ChangeRefused as exc:
            return refused(422, exc.key, exc.message, exc.hint)

        def make(index: Index) -> str:
            if not file.is_file():
                raise ChangeRefused("error_gone", "The upload was discarded meanwhile.")
            return bench.changes.publish(index, file, metadata, guest.visitor.name)

        kind = "replace" if facts.supersedes else "publish"
        return told(bench.jobs.add(guest.owner, kind, metadata["title"], make).to_json(), 202)


async def _receive(bench: Bench, guest: Guest, request: Request, name: str) -> dict[str, Any]:
    size = int(request.headers["content-length"])
    if size == 0:
        raise PathError(f"{name[:100]!a} is empty.", "Check that it was copied completely.")
    upload, place = await anyio.to_thread.run_sync(bench.staging.begin, guest.owner, name, size)
    arriving = place.with_name(".arriving")
    got = 0
    try:
        async with await anyio.open_file(arriving, "wb") as file:
            async for part in request.stream():
                got += len(part)
                await file.write(part)
        if got != size:
            raise PathError(f"{place.name} did not arrive completely.", "Send it again.")
        await anyio.Path(arriving).rename(place)
    except BaseException:  # also when the browser goes away
        bench.staging.discard(guest.owner, upload)
        raise
    bench.staging.received(guest.owner, upload)
    return {"id": upload, "name": place.name}


def _metadata(bench: Bench, guest: Guest, facts: Facts) -> dict[str, Any]:
    """What is written beside the document. Raises MetadataError, ChangeRefused."""
    labels = guest.reach.labels_for(facts.audience)
    if labels is None:
        raise ChangeRefused("error_audience", "It must be said who may see it.")
    names = ("title", "version", "effective_date", "language", "collection", "supersedes")
    given = {name: getattr(facts, name).strip() for name in names}
    metadata = {**{name: value for name, value in given.items() if value}, "labels": list(labels)}
    checked = validated(metadata, facts.title)
    if not checked["title"] or not checked["effective_date"]:
        raise ChangeRefused("error_facts", "Title and date are needed.")
    if facts.supersedes:
        row = bench.row(guest, facts.supersedes)
        if row is None or row.document is None or "replace" not in row.may:
            raise ChangeRefused("error_gone", "There is no such document to replace.")
    return metadata


def _alike(text: str, seen: Visible) -> list[tuple[float, Document]]:
    """The documents in force that say mostly the same, with how much: those that this one may take the place of."""
    words = set(text.split())
    found: list[tuple[float, Document]] = []
    for document in seen.documents() if words else ():
        stored = seen.document_text(document.document_id) if not document.superseded_by else None
        if stored:
            other = set(stored[1][: len(text) + 1000].split())
            share = 2 * len(words & other) / max(len(words) + len(other), 1)
            if share >= _ALIKE:
                found.append((share, document))
    return sorted(found, key=lambda each: -each[0])[:_OFFERED]


def _same(seen: Visible, digest: str) -> Document | None:
    """A document of the very same bytes."""
    for document in seen.documents():
        placed = seen.document_file(document.document_id)
        if placed and placed[1] == digest:
            return document
    return None
