"""A language model behind an OpenAI-compatible server: vLLM, llama-server, `python -m llama_cpp.server`.

The same interface as `LlamaCppModel`: messages and a grammar in, text out; greedy. Used only when the settings name a
server, and then nothing is sent anywhere else: no redirect is followed and no proxy of the environment is used.

What such servers disagree about is found out by asking once and kept: a grammar (`grammar` of llama.cpp,
`structured_outputs` of vLLM) is left out when the server refuses the field; without it the reply is parsed and checked
all the same. The tokenizer is replaced, where there is none, as `count_tokens` says.
"""

from __future__ import annotations

import contextlib
import math
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from assistant.errors import ModelAway, ModelError
from assistant.weights.chat_replies import (
    choice_of,
    estimated_tokens,
    events_of,
    garbage,
    json_of,
    said_in,
    token_count,
)
from assistant.weights.watch import Watch

#: Fields beyond OpenAI's that a strict server answers with one of these: they are then left out.
_REFUSES_FIELDS = (400, 422)
#: Of llama-server and vLLM; of llama-cpp-python.
_TOKENIZERS = ("/tokenize", "/extras/tokenize/count")

#: A server that works and refuses this one request; with any other error another server may answer.
_REFUSED = (400, 413, 422)

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Patience:
    """Longest waits in seconds: to connect, for the first token (a busy server reads a long prompt before), and for
    each further one.
    """

    connect: float = 5.0
    first: float = 180.0
    further: float = 60.0


class ChatServerModel:
    """A chat model named `name` on the server at `url` (with or without `/v1`); `key` is sent as a bearer token.

    `transport` takes the place of the network in tests. Every method raises ModelAway when the server is down, too
    slow, or answers what cannot be read, and ModelError when it refuses this request. Safe for several threads.
    """

    def __init__(
        self,
        name: str,
        url: str,
        key: str = "",
        *,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.name = name
        self._patience = patience or Patience()
        self.url = url.rstrip("/").removesuffix("/v1")
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(self._patience.first, connect=self._patience.connect, pool=None),
            verify=ssl.create_default_context(),  # the machine's own certificates: such servers are often internal
            trust_env=False,
            transport=transport,
        )
        self._takes_fields = True
        self._tokenizers: tuple[str, ...] = _TOKENIZERS

    # --- what answering uses ----------------------------------------------------------------------------------

    def count_tokens(self, text: str) -> int:
        """Length of `text` by the server's tokenizer (llama-server, vLLM, llama-cpp-python), else at most too high."""
        fields = dict.fromkeys(("content", "prompt", "input"), text)  # each server reads its own
        body = {"model": self.name, **fields, "add_special": False, "add_special_tokens": False}
        for path in self._tokenizers:
            try:
                response = self._client.post(path, json=body)
            except httpx.HTTPError as exc:
                raise self._down(exc) from exc
            if response.is_success and (count := token_count(response)) is not None:
                self._tokenizers = (path,)
                return count
            if response.status_code in (200, 404, 405):  # it never will
                self._tokenizers = tuple(other for other in self._tokenizers if other != path)
        return estimated_tokens(text)

    def generate(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        """Yield the reply piece by piece; leaving it, or `cancel`, closes the connection, which stops the server.

        A reply that was cut off has at least `max_tokens` pieces, as with llama.cpp: a server may send several tokens
        in one piece, so empty ones make up for them.
        """
        body = self._body(messages, max_tokens, grammar) | {"stream": True}
        until = time.monotonic() + self._patience.first
        pieces = 0
        try:
            with (
                self._stream(body) as response,
                Watch(response, until, cancel) as watch,
            ):
                for event in events_of(response, self.url):
                    if cancel and cancel():
                        return
                    choice = choice_of(event, self.url)
                    if choice is None:
                        continue
                    delta = choice.get("delta") or {}
                    if any(value for name, value in delta.items() if name != "role"):
                        watch.heard(self._patience.further)
                    if piece := delta.get("content"):
                        pieces += 1
                        watch.heard(math.inf)  # whoever reads along may take its time
                        yield piece
                        watch.heard(self._patience.further)
                    if choice.get("finish_reason") == "length":
                        yield from [""] * (max_tokens - pieces)
        except ModelAway:
            if not (cancel and cancel()):
                raise

    def warm_up(self, messages: Sequence[Message]) -> None:
        """Have the server read a prompt, so that it keeps the part that does not change."""
        response = self._post(self._body(messages, 1))
        if not response.is_success:
            self._raise(response)

    def log_odds(self, messages: Sequence[Message], beginnings: Sequence[str], against: str) -> None:
        """Not known: a server's model was not taught to be asked so."""

    def served_models(self) -> list[str]:
        """Names of the models that the server offers."""
        try:
            response = self._client.get("/v1/models", timeout=self._patience.connect)
        except httpx.HTTPError as exc:
            raise self._down(exc) from exc
        if not response.is_success:
            self._raise(response)
        try:
            return [str(model["id"]) for model in json_of(response, self.url)["data"]]
        except (KeyError, TypeError) as exc:
            raise garbage(self.url, response.text) from exc

    # --- requests ---------------------------------------------------------------------------------------------

    def _body(self, messages: Sequence[Message], max_tokens: int, grammar: str | None = None) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.name,
            "messages": list(messages),
            "max_tokens": max_tokens,
            "temperature": 0,
            "seed": 0,
        }
        if self._takes_fields:
            body["chat_template_kwargs"] = {"enable_thinking": False}  # Qwen3 and others think aloud otherwise
            if grammar:
                body |= {"grammar": grammar, "structured_outputs": {"grammar": grammar}}
        return body

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        """The answer of the server as it is, read to the end."""
        try:
            response = self._client.post("/v1/chat/completions", json=body)
            if response.status_code in _REFUSES_FIELDS and (plain := self._without_fields(body, response.text)):
                response = self._client.post("/v1/chat/completions", json=plain)
        except httpx.HTTPError as exc:
            raise self._down(exc) from exc
        return response

    @contextlib.contextmanager
    def _stream(self, body: dict[str, Any]) -> Iterator[httpx.Response]:
        """A successful answer, to be read as it comes."""
        try:
            with self._client.stream("POST", "/v1/chat/completions", json=body) as response:
                if response.is_success:
                    yield response
                    return
                response.read()
            plain = self._without_fields(body, response.text) if response.status_code in _REFUSES_FIELDS else None
            if plain is None:
                self._raise(response)
            with self._client.stream("POST", "/v1/chat/completions", json=plain) as response:
                if not response.is_success:
                    response.read()
                    self._raise(response)
                yield response
        except httpx.HTTPError as exc:
            raise self._down(exc) from exc

    def _without_fields(self, body: dict[str, Any], complaint: str) -> dict[str, Any] | None:
        """`body` without the fields that not every server takes; None when it is not about them."""
        extra = {"grammar", "structured_outputs", "chat_template_kwargs"} & body.keys()
        if not extra or not any(name in complaint for name in (*extra, "extra", "unrecognized", "Unrecognized")):
            return None
        self._takes_fields = False
        return {name: value for name, value in body.items() if name not in extra}

    # --- failures ---------------------------------------------------------------------------------------------

    def _down(self, exc: httpx.HTTPError) -> ModelAway:
        if isinstance(exc, httpx.TimeoutException) and not isinstance(exc, httpx.ConnectTimeout):
            return ModelAway(
                f"The language server {self.url} did not answer in time.",
                "It may be busy or too small; ask again later.",
            )
        return ModelAway(
            f"The language server {self.url} cannot be reached ({exc or type(exc).__name__}).",
            "Start it, or correct language_server in the settings.",
        )

    def _raise(self, response: httpx.Response) -> None:
        status, said = response.status_code, said_in(response)
        if status in (401, 403):
            hint = "Give its key in the environment: ASSISTANT_LANGUAGE_KEY."
        elif status == 404:
            hint = f"Correct language_server, or language_model: the names are listed at {self.url}/v1/models."
        elif status in (429, 503):
            hint = "It is busy or still loading; ask again in a moment."
        elif re.search(r"context|too long|maximum.*(token|length)", said, re.I):
            hint = "Start the server with a longer context."
        else:
            hint = "See the server's own log."
        kind = ModelError if status in _REFUSED else ModelAway
        raise kind(f"The language server {self.url} refused with {status}: {said or 'no reason given'}.", hint)
