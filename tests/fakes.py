"""Scripted stand-ins for the parts that need a model or an index. They record what they were asked."""

from __future__ import annotations

import hashlib
import io
import json
import re
import socket
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from assistant.accounts.passwords import Passwords
from assistant.schema import Block, Document, Draft, Event, Excerpt, Reading, Span, Turn
from assistant.text.tokens import terms


def cheap_passwords() -> Passwords:
    """Passwords whose hash takes a millisecond."""
    from argon2 import PasswordHasher

    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class FakeAssistant:
    """Answers from scripts: for each question a sequence of events, errors to raise and gates to wait at.

    A gate (`threading.Event`) holds the answer until the test sets it or the reader stops it. `asked` records
    the questions, `histories` the turns given with them, `cancelled` those that were stopped or left before their end.
    """

    def __init__(self, scripts: Mapping[str, Sequence[Event | Exception | threading.Event]]) -> None:
        self.scripts = scripts
        self.asked: list[str] = []
        self.histories: list[tuple[Turn, ...]] = []
        self.cancelled: list[str] = []

    def ask(
        self,
        question: str,
        *,
        labels: frozenset[str] = frozenset({"public"}),
        cancel: Callable[[], bool] | None = None,
        history: Sequence[Turn] = (),
    ) -> Iterator[Event]:
        """The scripted events of `question`; KeyError when there is no script for it."""
        self.asked.append(question)
        self.histories.append(tuple(history))
        finished = False
        try:
            for step in self.scripts[question]:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, threading.Event):
                    while not step.wait(0.02):
                        if cancel is not None and cancel():
                            return
                else:
                    yield step
            finished = True
        finally:
            if not finished:
                self.cancelled.append(question)

    def warm_up(self) -> None:
        """Nothing to load."""

    def index_summary(self) -> dict[str, Any]:
        """A small corpus."""
        return {"documents": 21, "chunks": 340, "newest_effective_date": "2026-07-28"}


def tiny_wheel(requirement: str, members: Mapping[str, bytes]) -> tuple[str, bytes]:
    """File name and bytes of a wheel for `name==version` that pip accepts and that holds `members`."""
    name, version = requirement.split("==")
    name = name.replace("-", "_")
    meta = f"{name}-{version}.dist-info"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(path, content)
        archive.writestr(f"{meta}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(
            f"{meta}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{meta}/RECORD", "")
    return f"{name}-{version}-py3-none-any.whl", packed.getvalue()


class FakePypi:
    """Stands in for `fetch_with_pip`: wheels by requirement, and errors to raise once instead of delivering.

    `asked` records the requirements in order.
    """

    def __init__(self, wheels: Mapping[str, Mapping[str, bytes]]) -> None:
        self.wheels = {requirement: tiny_wheel(requirement, wheels[requirement]) for requirement in wheels}
        self.errors: dict[str, BaseException] = {}
        self.asked: list[str] = []

    def __call__(self, requirement: str, into: Path) -> Path:
        self.asked.append(requirement)
        if requirement in self.errors:
            raise self.errors.pop(requirement)
        name, content = self.wheels[requirement]
        (into / name).write_bytes(content)
        return into / name


class FakeHubServer:
    """The Hugging Face hub as an httpx transport: files by repository, LFS headers, byte ranges.

    `down` makes every connection fail; repositories in `gated` answer 401; `break_once` cuts the next body
    after that many bytes. `requests` records method, path and Range.
    """

    def __init__(self, repos: Mapping[str, Mapping[str, bytes]]) -> None:
        self.repos = repos
        self.gated: set[str] = set()
        self.down = False
        self.lfs = True
        self.break_once: int | None = None
        self.requests: list[tuple[str, str, str]] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        wanted = request.headers.get("range", "")
        self.requests.append((request.method, f"{request.url.host}{request.url.path}", wanted))
        if self.down:
            raise httpx.ConnectError("no route to host", request=request)
        repo, _, path = request.url.path.strip("/").partition("/resolve/main/")
        if repo in self.gated:
            return httpx.Response(401)
        content = self.repos.get(repo, {}).get(path)
        if content is None:
            return httpx.Response(404)
        if self.lfs and request.url.host != "storage.example":
            linked = {
                "x-linked-etag": f'"{hashlib.sha256(content).hexdigest()}"',
                "x-linked-size": str(len(content)),
                "location": f"https://storage.example{request.url.path}",
            }
            return httpx.Response(302, headers=linked)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if wanted and start >= len(content):
            return httpx.Response(416)
        stop, self.break_once = self.break_once, None
        return httpx.Response(206 if wanted else 200, stream=_Body(content[start:], stop))


class _Body(httpx.SyncByteStream):
    def __init__(self, content: bytes, stop: int | None) -> None:
        self._content, self._stop = content, stop

    def __iter__(self) -> Iterator[bytes]:
        if self._stop is None:
            yield self._content
            return
        yield self._content[: self._stop]
        raise httpx.ReadError("connection reset")


class FakeEmbedder:
    """Bag of search terms hashed into 64 dimensions: equal words are near, all else is not. Records its input."""

    name = "fake"
    fingerprint = "fake/prompt-1"

    def __init__(self) -> None:
        self.passages: list[str] = []
        self.queries: list[str] = []
        self.fail_after: int | None = None

    @staticmethod
    def _vector(text: str) -> np.ndarray:
        vector = np.full(64, 0.01, dtype=np.float32)
        found = terms(text)
        for word in (*found.words, *found.identifiers):
            vector[int(hashlib.sha1(word.encode()).hexdigest(), 16) % 64] += 1
        return vector / np.linalg.norm(vector)

    def encode_query(self, question: str) -> np.ndarray:
        """One question, shape (64,)."""
        self.queries.append(question)
        return self._vector(question)

    def encode_passages(self, titles: Sequence[str], texts: Sequence[str]) -> np.ndarray:
        """Passages, shape (n, 64). Raises KeyboardInterrupt after `fail_after` passages, as a user would."""
        if self.fail_after is not None and len(self.passages) >= self.fail_after:
            raise KeyboardInterrupt
        self.passages += texts
        return np.stack([self._vector(f"{title} {text}") for title, text in zip(titles, texts, strict=True)])


class FakeStore:
    """What an index tells of documents, from drafts by id; all are seen."""

    def __init__(self, drafts: Mapping[str, Draft]) -> None:
        self.drafts = drafts

    def documents(self) -> list[Document]:
        """All of them."""
        return [Document(name, name, name, "en", ("public",), name, "text/markdown") for name in self.drafts]

    def document_text(self, document_id: str) -> tuple[Document, str] | None:
        """A document with its text."""
        for found in self.documents():
            if found.document_id == document_id:
                return found, self.drafts[document_id].text
        return None

    def blocks(self, document_id: str, start: int, end: int) -> list[Block]:
        """The blocks that overlap `start:end`."""
        draft = self.drafts.get(document_id)
        return [each for each in draft.blocks if each.start < end and each.end > start] if draft else []


class FakeReader:
    """Reads by shared words: an excerpt answers as far as it holds the question's content words, best in one line.

    `answers` scripts probabilities by a part of the text, `spans` the marked words, `readings` whole readings; `doubts`
    are parts of sentences that nothing supports. `asked` and `claims` record what was read.
    """

    fingerprint = "fake-reader"

    def __init__(self) -> None:
        self.answers: dict[str, float] = {}
        self.spans: dict[str, tuple[str, ...]] = {}
        self.readings: dict[str, Reading] = {}
        self.doubts: set[str] = set()
        self.asked: list[str] = []
        self.claims: list[str] = []

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """A reading for each excerpt."""
        self.asked.append(question)
        return [self._reading(question, excerpt) for excerpt in excerpts]

    def supports(self, sentence: str, excerpts: Sequence[Excerpt]) -> list[float]:
        """Sure, unless a part of the sentence is doubted."""
        self.claims.append(sentence)
        return [0.05 if any(part in sentence for part in self.doubts) else 0.95 for _ in excerpts]

    def _reading(self, question: str, excerpt: Excerpt) -> Reading:
        for part, reading in self.readings.items():
            if part in excerpt.text:
                return reading
        wanted = _words(question)
        lines = [(m.start(), m.end(), m.group()) for m in re.finditer(r"[^\n]*\S[^\n]*", excerpt.text)]
        best = max(lines, key=lambda line: (len(wanted & _words(line[2])), -line[0]), default=(0, 0, ""))
        held = len(wanted & _words(f"{excerpt.title} {excerpt.heading} {excerpt.text}"))
        share = held / max(1, len(wanted))
        for part, probability in self.answers.items():
            if part in excerpt.text:
                share = probability
        marked = [
            Span(excerpt.text.index(words), excerpt.text.index(words) + len(words), 0.9)
            for part, spans in self.spans.items()
            if part in excerpt.text
            for words in spans
        ]
        return Reading(share, 0.0, tuple(marked) or (Span(best[0], best[1], 0.9),))


class MarkingReader:
    """Marks scripted words for single questions, and supports scripted sentences; nothing else is stated or follows.

    `marks`: words of the text by a part of the question; `follows`: sentences.
    """

    fingerprint = "marking-reader"

    def __init__(self, marks: Mapping[str, str], follows: Iterable[str] = ()) -> None:
        self.marks = dict(marks)
        self.follows = set(follows)

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """A sure reading where the question is scripted."""
        return [self._reading(question, excerpt.text) for excerpt in excerpts]

    def supports(self, sentence: str, excerpts: Sequence[Excerpt]) -> list[float]:
        """Sure of what is scripted."""
        return [0.95 if sentence in self.follows else 0.02 for _ in excerpts]

    def _reading(self, question: str, text: str) -> Reading:
        for part, words in self.marks.items():
            if part in question and words in text:
                start = text.index(words)
                return Reading(0.95, 0.0, (Span(start, start + len(words), 0.95),))
        return Reading(0.02, 0.0, ())


def _words(text: str) -> set[str]:
    found = terms(text)
    return {*found.words, *found.identifiers}


class FakeLanguageModel:
    """Replies from a script (`{part of the question: reply}`), else with the wanted sources word for word.

    In a scripted reply `{0}`, `{1}` … stand for the ids that were offered, in order. `prompts` and `grammars` record
    what was asked.
    """

    name = "fake-model"
    taught = True

    def __init__(self, replies: Mapping[str, str] | None = None) -> None:
        self.replies = dict(replies or {})
        self.doubts: set[str] = set()
        self.refuses: set[str] = set()
        self.prompts: list[str] = []
        self.grammars: list[str | None] = []

    def count_tokens(self, text: str) -> int:
        """One token per two characters."""
        return len(text) // 2 + 1

    def warm_up(self, messages: Sequence[dict[str, str]]) -> None:
        """Nothing to load."""

    def log_odds(self, messages: Sequence[dict[str, str]], beginnings: Sequence[str], against: str) -> float | None:
        """Sure of `against` for a reply that holds a part named in `doubts`, or a question one in `refuses`."""
        if not self.taught:
            return None
        if messages[-2]["role"] == "assistant":
            return -9.0 if any(part in messages[-2]["content"] for part in self.doubts) else 9.0
        return -9.0 if any(part in messages[-1]["content"].rsplit("\n", 1)[-1] for part in self.refuses) else 0.0

    def generate(
        self,
        messages: Sequence[dict[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        """The scripted reply in pieces of three characters."""
        prompt = messages[-1]["content"]
        self.prompts.append(prompt)
        self.grammars.append(grammar)
        sources = re.findall(r"^\[(\w+)\] (.*)$", prompt, re.M)
        wanted = [name for name, _ in sources]
        reply = "\n".join(f"[{name}] {text}" for name, text in sources)
        for part, scripted in self.replies.items():
            if part in prompt.rsplit("\n", 1)[-1]:
                reply = scripted.format(*wanted)
        for first in range(0, len(reply), 3):
            if cancel and cancel():
                return
            yield reply[first : first + 3]


class FakeChatServer:
    """An OpenAI-compatible server as an httpx transport. `requests` records path and JSON body (None for a GET).

    It writes `pieces`, one event each, and ends with `finish`. `strict` refuses fields beyond OpenAI's; `tokenizer`
    is the path of its tokenizer, which counts characters; `replies` are whole responses (or errors)
    by path that come first.
    """

    def __init__(self, pieces: Sequence[str] = ("yes",), *, finish: str = "stop", strict: bool = False) -> None:
        self.pieces = list(pieces)
        self.finish = finish
        self.strict = strict
        self.tokenizer = ""
        self.replies: dict[str, httpx.Response | Exception] = {}
        self.requests: list[tuple[str, Any]] = []
        self.headers: list[httpx.Headers] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        body = json.loads(request.content) if request.content else None
        self.requests.append((path, body))
        self.headers.append(request.headers)
        if reply := self.replies.get(path):
            if isinstance(reply, Exception):
                raise reply
            return reply
        if path == "/v1/models":
            return httpx.Response(200, json={"data": [{"id": "small"}]})
        if path == self.tokenizer:
            text = body["input"] if path.startswith("/extras") else body["content"]
            return httpx.Response(200, json={"count": len(text)} if "extras" in path else {"tokens": list(text)})
        if path != "/v1/chat/completions":
            return httpx.Response(404, json={"detail": "Not Found"})
        beyond = [name for name in ("grammar", "structured_outputs", "chat_template_kwargs") if name in body]
        if self.strict and beyond:
            return httpx.Response(400, json={"error": {"message": f"Unrecognized argument: {beyond[0]}"}})
        if body.get("stream"):
            return httpx.Response(200, text="".join(self._events()), headers={"content-type": "text/event-stream"})
        choice = {"message": {"content": self.pieces[0]}, "finish_reason": "length"}
        return httpx.Response(200, json={"choices": [choice]})

    def _events(self) -> Iterator[str]:
        deltas: list[dict[str, str]] = [{"role": "assistant"}, *({"content": piece} for piece in self.pieces)]
        yield ": ping\n\n"
        for delta in deltas:
            yield f"data: {json.dumps({'choices': [{'delta': delta, 'finish_reason': None}]}, ensure_ascii=False)}\n\n"
        yield f"data: {json.dumps({'choices': [{'delta': {}, 'finish_reason': self.finish}]})}\n\n"
        yield f"data: {json.dumps({'choices': [], 'usage': {'total_tokens': 9}})}\n\ndata: [DONE]\n\n"


class FakeChatHost:
    """An OpenAI-compatible server on a port of this machine, in place of a real one that can be slow or die.

    It writes the last message of the prompt back, word for word, `pause_s` before each word. `silent_before` and
    `silent_after`: it says nothing more before the first word, or after it, until it is closed; `dies`: it breaks the
    connection after the first word; `status`: it refuses all. `asked` counts prompts, `most` how many were answered at
    once at the most.
    """

    def __init__(self) -> None:
        self.pause_s, self.status = 0.0, 200
        self.silent_before = self.silent_after = self.dies = False
        self.asked = self.most = self.now = self.broken_off = 0
        self._lock, self._closed = threading.Lock(), threading.Event()
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Nothing on the terminal."""

            def do_GET(self) -> None:
                host._reply(self, json.dumps({"data": [{"id": "small"}]}))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                host._chat(self, body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop answering: whoever connects is refused."""
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def _reply(self, handler: BaseHTTPRequestHandler, text: str) -> None:
        content = text.encode()
        handler.send_response(self.status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _chat(self, handler: BaseHTTPRequestHandler, body: Mapping[str, Any]) -> None:
        with self._lock:
            self.asked += 1
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            if self.status != 200:
                self._reply(handler, json.dumps({"error": {"message": "not now"}}))
            else:
                self._write(handler, body["messages"][-1]["content"].split())
        except OSError:
            with self._lock:
                self.broken_off += 1
        finally:
            with self._lock:
                self.now -= 1

    def _write(self, handler: BaseHTTPRequestHandler, words: Sequence[str]) -> None:
        def send(line: str) -> None:
            handler.wfile.write(f"{len(line.encode()):x}\r\n{line}\r\n".encode())
            handler.wfile.flush()

        def event(delta: Mapping[str, str], finish: str | None = None) -> None:
            send(f"data: {json.dumps({'choices': [{'delta': delta, 'finish_reason': finish}]})}\n\n")

        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        event({"role": "assistant"})
        for number, word in enumerate(words):
            if (self.silent_before and not number) or (self.silent_after and number):
                while not self._closed.wait(0.05):
                    send(": still here\n\n")
                return
            if self.dies and number:
                handler.connection.shutdown(socket.SHUT_RDWR)
                return
            self._closed.wait(self.pause_s)
            event({"content": word + " "})
        event({}, "stop")
        send("data: [DONE]\n\n")
        handler.wfile.write(b"0\r\n\r\n")
