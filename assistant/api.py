"""The API beside the page: OpenAI-compatible chat, search, documents, health and metrics, with the same access rules.

A program sends a personal token (`Authorization: Bearer …`) and acts for its user, within the token's scopes; without
one it sees public documents, as a reader without a name does. Errors have OpenAI's form.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from assistant import __version__
from assistant.accounts.visitors import ANYONE, Visitor
from assistant.answering.texts import NOT_PHRASED
from assistant.audit import Audit, open_audit, shown_by
from assistant.comparison.compare import changes_of, compare
from assistant.errors import (
    AccountsUnusable,
    AssistantError,
    CatalogAway,
    LineFull,
    QuestionError,
    Stopping,
    VectorsAway,
)
from assistant.finder.finding import find_programmes
from assistant.reading import Reader
from assistant.schema import Answer, Document, Event, Finished, Hit, Language, SentenceReady, Turn
from assistant.text.language import clean_question, detect
from assistant.web.line import Ahead, Asks, Ended, Failed, Line, Ticket

if TYPE_CHECKING:
    from assistant.index import Visible
    from assistant.settings import Settings
    from assistant.web.visitors import Visitors

#: What `/v1/models` calls the whole assistant.
MODEL = "alliance-assistant"

_bearer = HTTPBearer(auto_error=False, description="A personal token: account page, or `assistant users tokens`.")


class Reads(Protocol):
    """What the API needs of the index."""

    def seen_by(self, labels: Iterable[str]) -> Visible:
        """Give the reads of a holder of `labels`."""


class Serves(Asks, Protocol):
    """What the API needs of the assistant."""

    @property
    def index(self) -> Reads:
        """The index."""

    @property
    def reader(self) -> Reader:
        """The reader."""

    def search(self, query: str, *, labels: frozenset[str], top_k: int | None = None) -> list[Hit]:
        """Visible passages, best first."""


class _Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str = Field(max_length=100_000)


class ChatRequest(BaseModel):
    """What of OpenAI's request counts here; sampling parameters and the like are taken and have no effect."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(MODEL, max_length=200)
    messages: list[_Message] = Field(min_length=1, max_length=200)
    stream: bool = False


class SearchRequest(BaseModel):
    """A search for passages."""

    query: str = Field(min_length=1, max_length=20_000)
    top_k: int = Field(10, ge=1, le=100)


class MatchRequest(BaseModel):
    """A firm: a sentence, fields of its profile (`assistant programmes list`), or both; the fields count first."""

    text: str = Field("", max_length=20_000)
    profile: dict[str, str | int | float | bool | None] = Field(default_factory=dict, max_length=100)
    language: Language | None = None


class _Refused(Exception):
    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said


def create_api(assistant: Serves, line: Line, visitors: Visitors, settings: Settings) -> FastAPI:
    """The API as an app of its own, to be mounted at `/v1`."""
    audit = open_audit(settings)
    api = FastAPI(title="Alliance Assistant", version=__version__, docs_url=None, redoc_url=None)
    errors: dict[int | str, dict[str, Any]] = {
        status: {"description": said, "content": {"application/json": {"schema": {"type": "object"}}}}
        for status, said in {
            400: "The request cannot be understood.",
            401: "The token is not valid.",
            403: "The token lacks the scope.",
            404: "There is no such thing for this user.",
            422: "The question or query cannot be used.",
            429: "Too many questions wait.",
            500: "The question could not be answered.",
            503: "The assistant cannot be used now.",
        }.items()
    }

    def holder_of(scope: str) -> Any:
        def known(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Visitor:
            if credentials is None:
                return ANYONE
            visitor = visitors.accounts.tokens.visitor(credentials.credentials) if visitors.accounts else ANYONE
            if not visitor.signed_in:
                raise _Refused(401, "The token is not valid. Make one on your account page.")
            if scope not in (visitor.scopes or ()):
                raise _Refused(403, f"The token lacks the scope '{scope}'.")
            return visitor

        return Depends(known)

    for_asking, for_searching, for_reading = map(holder_of, ("ask", "search", "documents"))

    @api.exception_handler(_Refused)
    async def refuse(_: Request, exc: _Refused) -> JSONResponse:
        return _error(exc.status, str(exc))

    @api.exception_handler(RequestValidationError)
    async def refuse_form(_: Request, exc: RequestValidationError) -> JSONResponse:
        first = exc.errors()[0]
        return _error(400, f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}")

    @api.exception_handler(AssistantError)
    async def refuse_use(_: Request, exc: AssistantError) -> JSONResponse:
        return _error(_status(exc), _said(exc))

    @api.get("/models", responses=errors)
    def models() -> dict[str, Any]:
        """The models: one, the whole assistant."""
        return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "alliance"}]}

    @api.post("/chat/completions", responses=errors, response_model=None)
    async def chat(
        asked: ChatRequest, request: Request, visitor: Visitor = for_asking
    ) -> dict[str, Any] | StreamingResponse:
        """Answer the last message of the user; the earlier ones are the conversation.

        Beside OpenAI's fields the answer has `assistant`: status, sentences with their citations, citations with the
        document's own words and place, related passages, `whom` to ask by the id of one of them, conflicts. A stream
        carries it in its last event.
        """
        question, history = _conversation(asked.messages)
        question = clean_question(question, settings.max_question_chars)
        ticket = line.join(question, visitor.labels, history, owner=_owner(visitor, request))
        events = _noted(_events(ticket, request), audit, visitor)
        if asked.stream:
            return StreamingResponse(_stream(line, ticket, events), media_type="text/event-stream")
        try:
            async for event in events:
                if isinstance(event, Finished):
                    return _completion(event.answer)
        finally:
            line.leave(ticket)
        raise _Refused(503, "The question was stopped.")

    @api.post("/search", responses=errors)
    def search(asked: SearchRequest, visitor: Visitor = for_searching) -> dict[str, Any]:
        """The passages that match best, with their place in the document's stored text."""
        query = clean_question(asked.query, settings.max_question_chars)
        hits = assistant.search(query, labels=visitor.labels, top_k=asked.top_k)
        audit.note(visitor, "/v1/search", [hit.document for hit in hits])
        return {"hits": [_hit(hit) for hit in hits]}

    @api.post("/programmes/match", responses=errors)
    def match_programmes(asked: MatchRequest, visitor: Visitor = for_asking) -> dict[str, Any]:
        """Which programmes, loans and insurance fit a firm, each verdict with its clause and quote. Nothing is stored.

        `profile` of the answer shows what was understood; `questions` are those whose answers decide more.
        """
        found = find_programmes(
            assistant.index.seen_by(visitor.labels),
            assistant.reader,
            text=asked.text,
            profile=asked.profile,
            language=asked.language,
            max_chars=settings.max_question_chars,
        )
        audit.note(visitor, "/v1/programmes/match", found.quotes.values())
        return found.to_json()

    @api.get("/documents", responses=errors)
    def documents(visitor: Visitor = for_reading) -> dict[str, Any]:
        """The documents that the user may see."""
        listed = assistant.index.seen_by(visitor.labels).documents()
        audit.note(visitor, "/v1/documents", listed)
        return {"documents": [_document(each) for each in listed]}

    @api.get("/documents/compare", responses=errors)
    def compared(new: str, old: str = "", visitor: Visitor = for_reading) -> dict[str, Any]:
        """What changed from `old` (without it: from the version before) to `new`, with the exact words of both."""
        seen = assistant.index.seen_by(visitor.labels)
        found = compare(old, new, seen) if old else None
        if not old and (document := seen.document_text(new)):
            found = changes_of(document[0], seen)
            if found is None:
                raise _Refused(404, "There is no earlier version of this document.")
        if found is None:
            raise _Refused(404, "There is no such document.")
        audit.note(visitor, "/v1/documents/compare", (found.old, found.new))
        return found.to_json()

    @api.get("/documents/{document_id:path}", responses=errors)
    def document(document_id: str, visitor: Visitor = for_reading) -> dict[str, Any]:
        """One document with the stored text that citations count in."""
        found = assistant.index.seen_by(visitor.labels).document_text(document_id)
        if found is None:
            raise _Refused(404, "There is no such document.")
        audit.note(visitor, "/v1/documents/{document_id}", found[:1])
        return {**_document(found[0]), "text": found[1]}

    return api


def add_health(app: FastAPI, assistant: Serves, line: Line, visitors: Visitors) -> None:
    """Add `/healthz` (it runs), `/readyz` (it can answer) and `/metrics` (for staff's tokens) to `app`.

    While the server stops, `/readyz` says that it is draining.
    """
    from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    Gauge("assistant_questions_waiting", "Questions in the line", registry=registry).set_function(lambda: line.length)
    Gauge("assistant_questions_asked", "Questions since the start", registry=registry).set_function(lambda: line.taken)

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> Response:
        if line.draining:
            return PlainTextResponse("draining", 503)
        try:
            assistant.index_summary()
            if visitors.accounts:
                visitors.accounts.sessions.lives("")
        except AssistantError:
            return PlainTextResponse("not ready", 503)
        return PlainTextResponse("ready")

    @app.get("/metrics", include_in_schema=False)
    def metrics(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Response:
        visitor = ANYONE
        if credentials and visitors.accounts:
            visitor = visitors.accounts.tokens.visitor(credentials.credentials)
        if "metrics" not in (visitor.scopes or ()) or visitor.labels.isdisjoint({"staff", "admin"}):
            return PlainTextResponse("A token of staff with the scope 'metrics' is needed.", 401)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


# --- events into OpenAI's form ---------------------------------------------------------------------------------------


async def _events(ticket: Ticket, request: Request) -> AsyncIterator[Event]:
    """The events of a question; ends when the client has gone. Raises what the assistant raised."""
    while True:
        try:
            report = await asyncio.wait_for(ticket.next(), timeout=1)
        except TimeoutError:
            if await request.is_disconnected():
                return
            continue
        match report:
            case Failed(error):
                told = isinstance(error, AssistantError)
                raise error if told else _Refused(500, "The question could not be answered.")
            case Ended():
                return
            case Ahead():
                pass
            case event:
                yield event


async def _noted(events: AsyncIterator[Event], audit: Audit, visitor: Visitor) -> AsyncIterator[Event]:
    async for event in events:
        audit.note(visitor, "/v1/chat/completions", shown_by(event))
        yield event


async def _stream(line: Line, ticket: Ticket, events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Server-sent events: the sentences as they are verified, then the citations."""
    name, written = _new_name(), False

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        head = {"id": name, "object": "chat.completion.chunk", "created": int(time.time()), "model": MODEL}
        return f"data: {json.dumps({**head, 'choices': [choice], **more}, ensure_ascii=False)}\n\n"

    yield chunk({"role": "assistant", "content": ""})
    try:
        async for event in events:
            if isinstance(event, SentenceReady):
                yield chunk({"content": ("\n" if written else "") + event.sentence.text})
                written = True
            elif isinstance(event, Finished):
                if not written:
                    yield chunk({"content": event.answer.answer})
                elif event.answer.status == "quotes_only":
                    yield chunk({"content": "\n" + NOT_PHRASED[event.answer.language]})
                yield chunk({}, "stop", assistant=event.answer.to_json())
    except (AssistantError, _Refused) as exc:
        said = _said(exc) if isinstance(exc, AssistantError) else str(exc)
        yield f"data: {json.dumps(_error_body(said, 'server_error'), ensure_ascii=False)}\n\n"
    finally:
        line.leave(ticket)
    yield "data: [DONE]\n\n"


def _completion(answer: Answer) -> dict[str, Any]:
    return {
        "id": _new_name(),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": MODEL,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": answer.answer}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        "assistant": answer.to_json(),
    }


def _conversation(messages: list[_Message]) -> tuple[str, tuple[Turn, ...]]:
    """The question, and the turns before it. What a client says that we answered brings no evidence along."""
    said = [message for message in messages if message.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise _Refused(400, "messages: the last one must be the user's.")
    turns = [
        Turn(before.content, before.content, detect(before.content) or "ko", "answered", after.content)
        for before, after in pairwise(said)
        if (before.role, after.role) == ("user", "assistant")
    ]
    return said[-1].content, tuple(turns)


def _hit(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "chunk_id": passage.chunk_id,
        "document_id": hit.document.document_id,
        "title": hit.document.title,
        "page": passage.page,
        "heading_path": list(passage.heading_path),
        "score": round(hit.score, 4),
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
    }


def _document(document: Document) -> dict[str, Any]:
    names = ("document_id", "title", "language", "version", "effective_date", "superseded_by")
    return {name: getattr(document, name) for name in names}


def _new_name() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"


def _owner(visitor: Visitor, request: Request) -> str:
    """By which name one asker is told from others in the line; nameless ones by their address."""
    return visitor.user_id or (request.client.host if request.client else "")


def _status(error: AssistantError) -> int:
    if isinstance(error, LineFull):
        return 429
    return (
        422
        if isinstance(error, QuestionError)
        else 503
        if isinstance(error, AccountsUnusable | CatalogAway | Stopping | VectorsAway)
        else 500
    )


def _said(error: AssistantError) -> str:
    """What a program is told: the sentence about its own question or the line, else no more than that it failed."""
    told = isinstance(error, QuestionError | LineFull | Stopping)
    return str(error) if told else "The question could not be answered. The server's log says why."


def _error(status: int, said: str) -> JSONResponse:
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "invalid_request_error" if status < 500 else "server_error")
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(_error_body(said, kind), status, headers)


def _error_body(said: str, kind: str) -> dict[str, Any]:
    return {"error": {"message": said, "type": kind, "param": None, "code": None}}
