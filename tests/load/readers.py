"""Readers of the chat page who ask, reload and look, as the page's script would speak to the server for them."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import httpx

#: The id of a conversation.
_ID = re.compile(r"[\w-]{43}")
#: How long one answer may take before it counts as an error (seconds).
PATIENCE_S = 600.0


@dataclass
class Asked:
    """One question: in which conversation, whether the server has taken it, and seconds to evidence and to the end."""

    question: str
    conversation: str
    taken: bool = False
    evidence_s: float | None = None
    end_s: float | None = None
    reloads: int = 0


@dataclass
class Figures:
    """What all readers saw."""

    asked: list[Asked] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Reader:
    """One reader with a browser of his own. `titles`: what is seen of the evidence of each question."""

    def __init__(self, base: str, handlers: Mapping[str, int], titles: Mapping[str, str], figures: Figures) -> None:
        # as browsers do, a request that meets a connection that is just being closed must not fail: none is kept
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.AsyncClient(base_url=base, timeout=PATIENCE_S, limits=limits, verify=False)
        self._handlers = handlers
        self._titles = titles
        self._figures = figures
        self._tab = self._known = ""

    async def close(self) -> None:
        """Close the browser."""
        await self._http.aclose()

    async def open(self, conversation: str = "") -> list[Any]:
        """Open the page in a fresh tab that remembers `conversation`; what it shows."""
        self._tab, self._known = uuid.uuid4().hex, conversation
        return await self._say("open_page", "ko", conversation)

    async def _say(self, handler: str, *values: Any) -> list[Any]:
        answer = await self._http.post("/gradio_api/run/predict", json=self._body(handler, *values))
        answer.raise_for_status()
        return list(answer.json()["data"])

    def _body(self, handler: str, *values: Any) -> dict[str, Any]:
        number = self._handlers[handler]
        # the session stays on the server; what the tab remembers comes last
        known = [] if handler == "open_page" else [self._known]
        return {"fn_index": number, "data": [None, *values, *known], "session_hash": self._tab, "event_data": None}

    async def _follow(self) -> AsyncIterator[str]:
        """What the page is told of the question that is being answered, up to its end."""
        joined = await self._http.post("/gradio_api/queue/join", json=self._body("follow"))
        joined.raise_for_status()
        async with self._http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._tab}) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if not line.startswith("data: "):
                    continue
                said = json.loads(line[6:])
                if said["msg"] in ("process_generating", "process_completed"):
                    if not said.get("success", True):
                        raise RuntimeError("an event of the page failed")
                    yield json.dumps(said["output"], ensure_ascii=False)
                if said["msg"] == "process_completed":
                    return

    async def ask(self, question: str, chance: random.Random, reloading: float) -> Asked:
        """Ask in a new conversation and look until the end; reload in between with the chance `reloading`."""
        shown = await self._say("clear")
        conversation = next(
            found[0] for each in shown if isinstance(each, str) and (found := _ID.match(each.split(" ")[0]))
        )
        one, self._known = Asked(question, conversation), conversation
        self._figures.asked.append(one)
        start = time.monotonic()
        await self._say("begin", question)
        one.taken = True
        title = json.dumps(escape(self._titles.get(question, "")), ensure_ascii=False)[1:-1]
        while True:
            leaves = time.monotonic() + chance.uniform(1, 8) if chance.random() < reloading else None
            try:
                async with asyncio.timeout(leaves - time.monotonic() if leaves else PATIENCE_S):
                    async for said in self._follow():
                        if one.evidence_s is None and title and title in said:
                            one.evidence_s = time.monotonic() - start
                break
            except TimeoutError:
                if leaves is None:
                    raise
            one.reloads += 1
            shown = str(await self.open(conversation))
            if escape(question) not in shown:
                self._figures.errors.append("a reload does not show the question")
            if one.evidence_s is None and title and title in shown:
                one.evidence_s = time.monotonic() - start
        one.end_s = time.monotonic() - start
        return one

    async def go_on(self, questions: list[str], until: float, chance: random.Random, thinking_s: float) -> None:
        """Ask one question after another until the time `until`; what goes wrong is noted."""
        first = True
        while time.monotonic() < until:
            if not first:
                await asyncio.sleep(chance.uniform(0.5, 1.5) * thinking_s)
                if time.monotonic() > until:
                    return
            first = False
            try:
                await self.ask(chance.choice(questions), chance, reloading=0.2)
            except (httpx.HTTPError, RuntimeError, TimeoutError, KeyError, ValueError) as exc:
                self._figures.errors.append(f"{type(exc).__name__}: {exc}")
                await self.open()
