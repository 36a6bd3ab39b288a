"""The OpenAI-compatible backend: what it asks, what it makes of every kind of reply, and a real local server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.answering.replies import Line
from assistant.answering.say import Speaker
from assistant.errors import ModelError
from assistant.schema import Quote
from assistant.settings import Settings, load_settings
from assistant.weights.chat_replies import estimated_tokens
from assistant.weights.chat_server import ChatServerModel
from assistant.weights.replicas import Replicas, servers_of
from tests.conftest import PROJECT
from tests.fakes import FakeChatServer, FakeReader

CHAT = "/v1/chat/completions"
ASKED = [{"role": "user", "content": "최대 얼마인가요?"}]
GRAMMAR = 'root ::= "yes"'


def model(server: FakeChatServer, url: str = "http://model.example:8000/v1", key: str = "") -> ChatServerModel:
    return ChatServerModel("small", url, key, transport=server.transport)


# ---- generation


def test_pieces_come_as_they_are_sent() -> None:
    server = FakeChatServer(["있음\n", "[k3v] 최", "대 100억 원입니다."])
    assert list(model(server).generate(ASKED, max_tokens=50, grammar=GRAMMAR)) == server.pieces
    ((path, body),) = server.requests
    assert path == CHAT and body["model"] == "small" and body["messages"] == ASKED and body["stream"]
    assert body["temperature"] == 0 and body["max_tokens"] == 50
    assert body["grammar"] == body["structured_outputs"]["grammar"] == GRAMMAR


@pytest.mark.parametrize("url", ["http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/"])
def test_the_address_may_end_in_v1(url: str) -> None:
    server = FakeChatServer()
    list(model(server, url).generate(ASKED, max_tokens=5))
    assert server.requests[0][0] == CHAT


def test_a_server_that_refuses_the_grammar_is_asked_without_it_from_then_on() -> None:
    server = FakeChatServer(["yes"], strict=True)
    asked = model(server)
    assert list(asked.generate(ASKED, max_tokens=5, grammar=GRAMMAR)) == ["yes"]
    assert list(asked.generate(ASKED, max_tokens=5, grammar=GRAMMAR)) == ["yes"]
    assert ["grammar" in body for _, body in server.requests] == [True, False, False]
    assert set(server.requests[1][1]) <= {"model", "messages", "max_tokens", "temperature", "seed", "stream"}


def test_a_reply_that_is_cut_off_counts_as_long_as_allowed() -> None:
    server = FakeChatServer(["yes\n[k3v] At mo", "st 100"], finish="length")
    pieces = list(model(server).generate(ASKED, max_tokens=20))
    assert "".join(pieces) == "yes\n[k3v] At most 100" and len(pieces) == 20
    piece = Quote("k3v", "a.md", "T", "a.md", "", "", None, (), "At most 100 won.", 0, 16)
    speaker = Speaker(model(server), FakeReader(), PROJECT / "prompts", 20, 0.0, 0.6, 0.8)
    assert list(speaker.write(ASKED, [piece])) == []  # "At most 100" may have gone on with "million"


def test_lines_that_do_not_keep_the_form_are_left_to_the_evidence() -> None:
    server = FakeChatServer(["Sure! It is 100.\n", "[zzz] Other.\n[k3v] At most 100 won."], strict=True)
    piece = Quote("k3v", "a.md", "T", "a.md", "", "", None, (), "At most 100 won.", 0, 16)
    lines = list(Speaker(model(server), FakeReader(), PROJECT / "prompts", 99, 0.0, 0.6, 0.8).write(ASKED, [piece]))
    assert lines == [Line(("k3v",), "At most 100 won.")]


def test_cancel_stops_the_reading() -> None:
    server = FakeChatServer(["a", "b", "c"])
    seen: list[str] = []
    for piece in model(server).generate(ASKED, max_tokens=9, cancel=lambda: len(seen) == 1):
        seen.append(piece)
    assert seen == ["a"]


def test_the_key_goes_into_the_header_only() -> None:
    server = FakeChatServer()
    list(model(server, key="s3cret").generate(ASKED, max_tokens=5))
    assert server.headers[0]["authorization"] == "Bearer s3cret"
    assert "s3cret" not in str(server.requests)
    server.replies[CHAT] = httpx.Response(401, json={"error": {"message": "no"}})
    with pytest.raises(ModelError, match="ASSISTANT_LANGUAGE_KEY") as caught:
        list(model(server, key="s3cret").generate(ASKED, max_tokens=5))
    assert "s3cret" not in str(caught.value)


# ---- failures: each names the server and what to do


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (httpx.ConnectError("connection refused"), "cannot be reached"),
        (httpx.ConnectTimeout("slow"), "cannot be reached"),
        (httpx.ReadTimeout("slow"), "in time"),
        (httpx.RemoteProtocolError("peer closed"), "cannot be reached"),
        (httpx.Response(404, json={"error": {"message": "no model small"}}), "v1/models"),
        (httpx.Response(503, text="Loading model"), "busy or still loading"),
        (httpx.Response(400, json={"error": {"message": "maximum context length is 512 tokens"}}), "longer context"),
        (httpx.Response(500, text="<html>oops</html>"), "oops"),
        (httpx.Response(302, headers={"location": "http://elsewhere.example/"}), "302"),
        (httpx.Response(200, text="<html>hello</html>"), "not OpenAI's protocol"),
        (httpx.Response(200, json={"choices": []}), "not OpenAI's protocol"),
        (httpx.Response(200, text="data: {broken\n\n"), "not OpenAI's protocol"),
        (httpx.Response(200, text='data: {"choices": "many"}\n\n'), "not OpenAI's protocol"),
        (httpx.Response(200, text="data: 7\n\n"), "not OpenAI's protocol"),
        (httpx.Response(200, text='data: {"error": {"message": "out of memory"}}\n\n'), "out of memory"),
        (httpx.Response(200, text='data: {"choices": [{"delta": {"content": "ye"}}]}\n\n'), "broke off"),
        (httpx.Response(200, text=""), "broke off"),
    ],
)
def test_a_failure_is_named_and_never_an_empty_reply(reply: httpx.Response | Exception, said: str) -> None:
    server = FakeChatServer()
    server.replies[CHAT] = reply
    with pytest.raises(ModelError, match=said) as caught:
        list(model(server).generate(ASKED, max_tokens=5))
    assert "model.example" in caught.value.message and caught.value.hint
    assert all(path == CHAT for path, _ in server.requests)  # nothing is sent anywhere else


def test_a_server_that_is_down_has_no_token_count() -> None:
    server = FakeChatServer()
    server.replies = dict.fromkeys((CHAT, "/tokenize", "/v1/models"), httpx.ConnectError("refused"))
    for call in (
        lambda: model(server).count_tokens("text"),
        lambda: model(server).warm_up(ASKED),
        lambda: model(server).served_models(),
    ):
        with pytest.raises(ModelError, match="cannot be reached"):
            call()


# ---- tokens


@pytest.mark.parametrize("path", ["/tokenize", "/extras/tokenize/count"])
def test_the_server_counts_tokens_where_it_can(path: str) -> None:
    server = FakeChatServer()
    server.tokenizer = path
    asked = model(server)
    assert [asked.count_tokens("다섯 글자"), asked.count_tokens("x" * 300)] == [5, 300]
    assert [asked for asked, _ in server.requests][-2:] == [path, path]


def test_without_a_tokenizer_the_count_is_estimated_and_not_asked_again() -> None:
    server = FakeChatServer()
    asked = model(server)
    for _ in range(3):
        assert asked.count_tokens("최대 100억") == estimated_tokens("최대 100억") >= 8
    assert len(server.requests) == 2


def test_a_busy_tokenizer_is_asked_again() -> None:
    server = FakeChatServer()
    server.tokenizer = "/tokenize"
    server.replies["/tokenize"] = httpx.Response(503)
    asked = model(server)
    assert asked.count_tokens("abc") == 1
    server.replies.clear()
    assert asked.count_tokens("abc") == 3


# ---- settings


def test_no_server_is_used_unless_the_settings_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.answering import open_language_model
    from assistant.weights.language_model import LlamaCppModel

    monkeypatch.setattr(LlamaCppModel, "__init__", lambda *args, **options: None)
    assert isinstance(open_language_model(Settings()), LlamaCppModel)
    monkeypatch.setenv("ASSISTANT_LANGUAGE_KEY", "s3cret")
    chosen = load_settings(language_server="http://127.0.0.1:9/v1", language_model="small")
    assert "s3cret" not in repr(chosen)
    opened = open_language_model(chosen)
    assert isinstance(opened, Replicas) and opened.name == "small"
    (there,) = servers_of(chosen)
    assert there.url == "http://127.0.0.1:9" and there.name == "small"
    assert there._client.headers["authorization"] == "Bearer s3cret" and not there._client.trust_env


# ---- a real server


SMALL = "qwen2.5-coder-0.5b-instruct"


@pytest.fixture(scope="module")
def gguf() -> Path:
    from assistant.weights import locate

    try:
        return locate(SMALL, Settings().cache)
    except Exception as exc:  # noqa: BLE001 - whatever the reason, there is nothing to serve
        pytest.skip(f"the small model is not here: {exc}")


@pytest.fixture(scope="module")
def real_server(gguf: Path) -> Iterator[str]:
    """`python -m llama_cpp.server` with the small model, with log probabilities."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(gguf), "--model_alias", "small"]
    command += [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--n_ctx",
        "768",
        "--n_batch",
        "256",
        "--n_threads",
        "1",
        "--n_threads_batch",
        "1",
    ]
    command += ["--logits_all", "true", "--interrupt_requests", "false", "--verbose", "false"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))
    url = f"http://127.0.0.1:{port}/v1"
    try:
        for _ in range(600):
            if process.poll() is not None:
                pytest.skip("llama_cpp.server does not start (its extra packages are in requirements-dev)")
            try:
                ChatServerModel("small", url).served_models()
                break
            except ModelError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.model
@pytest.mark.slow
def test_a_real_server_counts_and_writes_within_the_grammar(real_server: str, gguf: Path) -> None:
    from assistant.weights.language_model import LlamaCppModel

    there = ChatServerModel("small", real_server)
    here = LlamaCppModel(SMALL, Settings().cache, context_tokens=1024, n_gpu_layers=0, threads=1)
    assert there.served_models() == ["small"]
    text = "선도프로젝트 하나에는 최대 100억 원이 지원됩니다. SV0401"
    assert here.count_tokens(text) <= there.count_tokens(text) <= here.count_tokens(text) + 1 <= estimated_tokens(text)

    rules = 'root ::= "있음\\n[k3v] " text\ntext ::= [^\\n\\[\\]]+\n'
    asked = [{"role": "user", "content": f"다음 글을 한 문장으로 다시 쓰십시오. {text}"}]
    pieces = list(there.generate(asked, max_tokens=24, grammar=rules))
    assert "".join(pieces).startswith("있음\n[k3v] ") and "\ufffd" not in "".join(pieces)
    with pytest.raises(ModelError, match="context"):
        list(there.generate([{"role": "user", "content": text * 60}], max_tokens=24))
    with pytest.raises(ModelError, match="cannot be reached"):
        list(ChatServerModel("small", "http://127.0.0.1:1/v1").generate(asked, max_tokens=4))
