"""A language model behind an OpenAI-compatible server: vLLM, llama-server, `python -m llama_cpp.server`.

The same interface as `LlamaCppModel`: messages and a grammar in, text out; greedy. Used only when the settings name a
server, and then nothing is sent anywhere else: no redirect is followed and no proxy of the environment is used.

What such servers disagree about is found out by asking once and kept: a grammar (`grammar` of llama.cpp,
`structured_outputs` of vLLM) is left out when the server refuses the field; without it the reply is parsed and checked
all the same. Log probabilities and the tokenizer are replaced, where there are none, as `log_odds` and `count_tokens`
say.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx

from assistant.errors import ModelError

#: Seconds to connect, and to wait for the next token: a busy server reads a long prompt before it writes.
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 180.0
#: Most alternatives that OpenAI and vLLM give for a token.
_TOP = 20
#: Log odds when a server tells only what it wrote, not how sure it was.
_SURE = 5.0
#: Tokens that hold either word of `log_odds`.
_WORD_TOKENS = 4
#: Fields beyond OpenAI's that a strict server answers with one of these: they are then left out.
_REFUSES_FIELDS = (400, 422)
#: Of llama-server and vLLM; of llama-cpp-python.
_TOKENIZERS = ("/tokenize", "/extras/tokenize/count")

_ESTIMATE = re.compile(r" ?[A-Za-z]?[a-z]{1,2}|\s|\S")

Message = dict[str, str]


class ChatServerModel:
    """A chat model named `name` on the server at `url` (with or without `/v1`); `key` is sent as a bearer token.

    `transport` takes the place of the network in tests. Every method raises ModelError when the server is down,
    refuses, or answers what cannot be read. Safe for several threads.
    """

    def __init__(self, name: str, url: str, key: str = "", *, transport: httpx.BaseTransport | None = None) -> None:
        self.name = name
        self.url = url.rstrip("/").removesuffix("/v1")
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
            verify=ssl.create_default_context(),  # the machine's own certificates: such servers are often internal
            trust_env=False,
            transport=transport,
        )
        self._takes_fields = True
        self._gives_logprobs = True
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
            if response.is_success and (count := _token_count(response)) is not None:
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
        pieces = 0
        with self._stream(body) as response:
            for event in _events(response, self.url):
                if cancel and cancel():
                    return
                choice = _choice(event, self.url)
                if choice is None:
                    continue
                if piece := (choice.get("delta") or {}).get("content"):
                    pieces += 1
                    yield piece
                if choice.get("finish_reason") == "length":
                    yield from [""] * (max_tokens - pieces)

    def warm_up(self, messages: Sequence[Message]) -> None:
        """Have the server read a prompt, so that it keeps the part that does not change."""
        response = self._post(self._body(messages, 1))
        if not response.is_success:
            self._raise(response)

    def log_odds(self, messages: Sequence[Message], first: str, second: str) -> float:
        """How much rather the reply begins with `first` than with `second` (natural logarithm).

        From the log probabilities of the first token; a word that is not among the best alternatives counts as the
        least of them. Where the server gives none, the model is made to write one of the two words, which gives
        plus or minus 5; 0 when it writes neither.
        """
        if self._gives_logprobs:
            body = self._body(messages, 1) | {"logprobs": True, "top_logprobs": _TOP}
            response = self._post(body)
            if response.is_success and (top := _top_logprobs(_json(response, self.url))):
                return _odds(top, first, second)
            if not response.is_success and "logprobs" not in response.text:
                self._raise(response)
            self._gives_logprobs = False
        rules = f"root ::= {json.dumps(first, ensure_ascii=False)} | {json.dumps(second, ensure_ascii=False)}"
        reply = "".join(self.generate(messages, max_tokens=_WORD_TOKENS, grammar=rules)).strip().casefold()
        for word, odds in ((first, _SURE), (second, -_SURE)):
            if reply and (reply.startswith(word.casefold()) or word.casefold().startswith(reply)):
                return odds
        return 0.0

    def served_models(self) -> list[str]:
        """Names of the models that the server offers."""
        try:
            response = self._client.get("/v1/models", timeout=_CONNECT_SECONDS)
        except httpx.HTTPError as exc:
            raise self._down(exc) from exc
        if not response.is_success:
            self._raise(response)
        try:
            return [str(model["id"]) for model in _json(response, self.url)["data"]]
        except (KeyError, TypeError) as exc:
            raise _garbage(self.url, response.text) from exc

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

    def _down(self, exc: httpx.HTTPError) -> ModelError:
        if isinstance(exc, httpx.TimeoutException) and not isinstance(exc, httpx.ConnectTimeout):
            return ModelError(
                f"The language server {self.url} did not answer in time.",
                "It may be busy or too small; ask again later.",
            )
        return ModelError(
            f"The language server {self.url} cannot be reached ({exc or type(exc).__name__}).",
            "Start it, or correct language_server in the settings.",
        )

    def _raise(self, response: httpx.Response) -> None:
        status, said = response.status_code, _said(response)
        if status in (401, 403):
            hint = "Give its key in the environment: ASSISTANT_LANGUAGE_KEY."
        elif status == 404:
            hint = f"Correct language_server, or language_model: the names are listed at {self.url}/v1/models."
        elif status in (429, 503):
            hint = "It is busy or still loading; ask again in a moment."
        elif re.search(r"context|too long|maximum.*(token|length)", said, re.I):
            hint = "Start the server with a longer context, or lower evidence_tokens in the settings."
        else:
            hint = "See the server's own log."
        raise ModelError(f"The language server {self.url} refused with {status}: {said or 'no reason given'}.", hint)


def estimated_tokens(text: str) -> int:
    """Upper estimate of the tokens of `text`: one for three small letters or any other sign, two beyond ASCII.

    Meant for budgets. On the starter corpus it is never below the count of the Qwen 2.5 tokenizer.
    """
    return sum(1 if match.group().isascii() else 2 for match in _ESTIMATE.finditer(text))


def _events(response: httpx.Response, url: str) -> Iterator[Any]:
    """The JSON objects of a server-sent stream. Raises ModelError when it ends before it says so."""
    finished = False
    for line in response.iter_lines():
        if not line.startswith("data:"):
            if line.startswith(("{", "<")):  # a page or an error in place of a stream
                raise _garbage(url, line)
            continue
        content = line.removeprefix("data:").strip()
        if content == "[DONE]":
            return
        try:
            event = json.loads(content)
            finished = finished or bool(event.get("choices") and event["choices"][0].get("finish_reason"))
        except (ValueError, AttributeError, LookupError, TypeError) as exc:
            raise _garbage(url, content) from exc
        yield event
    if not finished:
        raise ModelError(
            f"The language server {url} broke off in the middle of its reply.",
            "Ask again; if it stays so, the prompt may be longer than its context: see the server's own log.",
        )


def _choice(event: dict[str, Any], url: str) -> dict[str, Any] | None:
    """The first choice of a stream event; None for events that carry none (usage, the role)."""
    if "error" in event:
        raise ModelError(f"The language server {url} failed: {_short(event['error'])}.", "See the server's own log.")
    choices = event.get("choices")
    return choices[0] if choices else None


def _json(response: httpx.Response, url: str) -> Any:
    try:
        return response.json()
    except ValueError as exc:
        raise _garbage(url, response.text) from exc


def _garbage(url: str, text: str) -> ModelError:
    return ModelError(
        f"The language server {url} answered what is not OpenAI's protocol: {_short(text)}.",
        "Check that language_server in the settings names an OpenAI-compatible server.",
    )


def _said(response: httpx.Response) -> str:
    """The reason in an error reply, on one line."""
    try:
        content = response.json()
        reason = content.get("error", content.get("detail", content)) if isinstance(content, dict) else content
        return _short(reason.get("message", reason) if isinstance(reason, dict) else reason)
    except ValueError:
        return _short(response.text)


def _short(said: object) -> str:
    return " ".join(str(said).split())[:200].rstrip(".")


def _top_logprobs(reply: Any) -> list[tuple[bytes, float]]:
    """The best first tokens of a reply as bytes, with their log probabilities; empty when it holds none."""
    try:
        top = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        return [
            (bytes(entry["bytes"]) if entry.get("bytes") else entry["token"].encode(), float(entry["logprob"]))
            for entry in top
        ]
    except (LookupError, TypeError, ValueError, AttributeError):
        return []


def _odds(top: Sequence[tuple[bytes, float]], first: str, second: str) -> float:
    """Log odds of beginning with `first` against `second`; a token that begins both says nothing."""
    one, other = first.encode(), second.encode()
    starts = [token.strip() for token, _ in top]  # bytes: a token may end inside a character
    if not any(start and (one.startswith(start) or other.startswith(start)) for start in starts):
        one, other, starts = one.lower(), other.lower(), [start.lower() for start in starts]  # it writes "Yes"
    weights = [0.0, 0.0]
    for start, (_, logprob) in zip(starts, top, strict=True):
        if start and one.startswith(start) != other.startswith(start):
            weights[other.startswith(start)] += math.exp(logprob)
    least = min(logprob for _, logprob in top)
    found = [math.log(weight) if weight > 0 else least for weight in weights]
    return found[0] - found[1]


def _token_count(response: httpx.Response) -> int | None:
    try:
        reply = response.json()
        return int(reply["count"]) if "count" in reply else len(reply["tokens"])
    except (ValueError, TypeError, LookupError):
        return None
