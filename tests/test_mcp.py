"""The MCP server through the SDK's own client: in memory, over stdio, over HTTP; and what it tells to whom."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from assistant.accounts.store import Accounts
from assistant.accounts.visitors import ANYONE, Visitor
from assistant.answering import Assistant
from assistant.errors import AccessError, IndexCorrupt, ModelError
from assistant.index import Index
from assistant.ingest import ingest
from assistant.mcp.serving import create_http_app
from assistant.mcp.tools import create_server
from assistant.retrieval import HybridRetriever
from assistant.settings import Settings
from assistant.web.line import Line
from tests.conftest import PROJECT
from tests.fakes import FakeAssistant, FakeEmbedder, FakeLanguageModel, FakeReader, cheap_passwords

pytestmark = pytest.mark.anyio

QUESTION = "2024년 7월 출범 당시 얼라이언스에 몇 개 기업이 참여하였습니까?"
SECRET = "가온정밀의 자율공장 제안 예산은 얼마입니까?"
STAFF = Visitor("1", "mina", frozenset({"public", "staff"}))

#: Documents that rules rest on: one for all, one for staff.
LOANS, SHARES = "finance/bank-loans-and-equity.ko.md", "rules/government-share-and-cash.ko.md"


@pytest.fixture
def real(corpus: Path, index: Index, embedder: FakeEmbedder, settings: Settings) -> Assistant:
    for name, labels in ((LOANS, "public"), (SHARES, "staff")):
        (corpus / name).parent.mkdir(exist_ok=True)
        (corpus / name).write_text(
            f"---\nlabels: [{labels}]\n---\n\n# {name}\n\n정해진 바가 있습니다.\n", encoding="utf-8"
        )
    ingest([corpus], index, embedder)
    return Assistant(index, HybridRetriever(index, embedder), FakeReader(), FakeLanguageModel(), embedder, settings)


@dataclass
class Door:
    """A client of a server over `assistant`; `visitor` is who calls."""

    assistant: Any
    visitor: Visitor | Exception = ANYONE
    said: list[str | None] = field(default_factory=list)

    def sender(self, _: object) -> Visitor:
        if isinstance(self.visitor, Exception):
            raise self.visitor
        return self.visitor

    async def call(self, tool: str, *, mode: str = "auto", **arguments: Any) -> tuple[bool, Any]:
        """Whether it went well, and the JSON or the words."""

        async def heard(progress: float, total: float | None, message: str | None) -> None:
            self.said.append(message)

        with closing(Line(self.assistant)) as line:
            server = create_server(self.assistant, line, self.sender, 500)
            async with Client(server, mode=mode) as client:
                return told(await client.call_tool(tool, arguments, progress_callback=heard))


def told(result: Any) -> tuple[bool, Any]:
    text = "\n".join(part.text for part in result.content)
    if result.is_error:
        return False, text
    assert json.loads(text) == result.structured_content
    return True, result.structured_content


async def test_the_tools_describe_themselves(real: Assistant) -> None:
    with closing(Line(real)) as line:
        async with Client(create_server(real, line, lambda _: ANYONE, 500)) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"search", "ask", "read_document", "check_rule", "match_programmes"}
    for tool in tools.values():
        assert tool.description and tool.annotations is not None and tool.annotations.read_only_hint
        assert "ctx" not in tool.input_schema["properties"] and "labels" not in tool.input_schema["properties"]
        assert all("description" in entry for entry in tool.input_schema["properties"].values()), tool.name


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_question_is_answered_with_citations_as_it_is_worked_out(real: Assistant, mode: str) -> None:
    door = Door(real)
    right, answer = await door.call("ask", mode=mode, question=QUESTION)
    assert right and answer["status"] == "answered" and "153개" in answer["answer"]
    piece = answer["citations"][0]
    right, document = await door.call("read_document", document_id=piece["document_id"], mode=mode)
    assert right and document["text"][piece["start"] : piece["end"]] == piece["quote"]
    assert "1 passages found" in door.said and answer["sentences"][0]["text"] in door.said


async def test_a_refusal_is_an_answer(real: Assistant) -> None:
    right, answer = await Door(real).call("ask", question="Which penguin won the chess prize?")
    assert right and answer["status"] == "refused" and not answer["citations"]


async def test_history_goes_to_the_assistant() -> None:
    fake = FakeAssistant({"그럼 언제?": [ModelError("none")]})
    await Door(fake).call("ask", question="그럼 언제?", history=["어디에 신청합니까?"])
    assert [turn.standalone for turn in fake.histories[0]] == ["어디에 신청합니까?"]


async def test_documents_are_read_in_parts(real: Assistant) -> None:
    door = Door(real)
    _, whole = await door.call("read_document", document_id="launch.ko.md")
    right, part = await door.call("read_document", document_id="launch.ko.md", start=5, length=10)
    assert right and part["text"] == whole["text"][5:15] and (part["start"], part["end"]) == (5, 15)
    assert part["characters"] == whole["characters"] == len(whole["text"]) and "labels" not in whole
    assert (await door.call("read_document", document_id="launch.ko.md", start=10**6))[1]["text"] == ""
    assert not (await door.call("read_document", document_id="launch.ko.md", length=10**6))[0]


async def test_search_shows_passages_with_their_place(real: Assistant) -> None:
    right, found = await Door(real).call("search", query="선도프로젝트 지원 한도", top_k=2)
    assert right and len(found["hits"]) == 2 and found["hits"][0]["document_id"] == "launch.ko.md"
    _, text = real.index.seen_by(["public"]).document_text("launch.ko.md") or (None, "")
    assert text[found["hits"][0]["start"] : found["hits"][0]["end"]] == found["hits"][0]["text"]


# --- rules


async def test_a_rule_is_listed_asked_for_and_worked_out(real: Assistant) -> None:
    door = Door(real, STAFF)
    _, listed = await door.call("check_rule")
    share = next(rule for rule in listed["rules"] if rule["rule"] == "share")
    assert {entry["name"] for entry in share["inputs"] if entry["required"]} == {"size", "total"}
    _, asked = await door.call("check_rule", rule="share", inputs={"size": "sme"}, language="ko")
    assert asked["outcome"] == "incomplete" and [entry["name"] for entry in asked["missing"]] == ["total"]
    _, done = await door.call("check_rule", rule="share", inputs={"size": "sme", "total": "10억"}, as_of="2026-11-20")
    assert done["outcome"] == "computed" and done["as_of"] == "2026-11-20"
    assert all(clause["document"] == SHARES for clause in done["clauses"])
    right, _ = await door.call("check_rule", rule="share", inputs={"size": "sme", "total": 1_000_000_000})
    assert right
    for wrong in ({"inputs": {"size": "giant"}}, {"inputs": {"colour": "red"}}, {"as_of": "soon"}):
        right, said = await door.call("check_rule", rule="share", **wrong)
        assert not right and "Traceback" not in said


async def test_a_rule_of_a_hidden_document_does_not_exist(real: Assistant) -> None:
    door = Door(real)
    _, listed = await door.call("check_rule")
    assert [rule["rule"] for rule in listed["rules"]] == ["bank-loan"]
    hidden = await door.call("check_rule", rule="share", inputs={"size": "sme"})
    assert not hidden[0] and hidden == await door.call("check_rule", rule="no-such-rule", inputs={"size": "sme"})
    assert "share" not in hidden[1]
    _, english = await door.call("check_rule", language="en")  # the English documents are not in this index
    assert english["rules"] == []


# --- who is told what


@pytest.mark.parametrize("labels", [frozenset({"public"}), frozenset({"public", "company:other"}), frozenset()])
async def test_what_labels_do_not_admit_is_told_by_no_tool(real: Assistant, labels: frozenset[str]) -> None:
    door = Door(real, Visitor("2", "other", labels))
    for tool, arguments in {
        "ask": {"question": SECRET},
        "search": {"query": SECRET, "top_k": 50},
    }.items():
        _, given = await door.call(tool, **arguments)
        assert "7억" not in str(given) and "proposal" not in str(given) and "제안서" not in str(given)
    hidden = await door.call("read_document", document_id="proposal.ko.md")
    assert not hidden[0] and hidden == await door.call("read_document", document_id="no-such.ko.md")
    assert "proposal" not in str(door.said) and "7억" not in str(door.said)


async def test_a_holder_of_the_label_is_told_until_it_is_taken_away(real: Assistant) -> None:
    door = Door(real, STAFF)
    assert "7억" in (await door.call("ask", question=SECRET))[1]["answer"]
    assert "7억" in str((await door.call("search", query=SECRET))[1])
    assert "7억" in (await door.call("read_document", document_id="proposal.ko.md"))[1]["text"]
    door.visitor = ANYONE
    assert not (await door.call("read_document", document_id="proposal.ko.md"))[0]


@pytest.mark.parametrize(
    ("tool", "arguments", "scope"),
    [
        ("ask", {"question": QUESTION}, "ask"),
        ("check_rule", {}, "ask"),
        ("match_programmes", {"profile": {"size": "sme"}}, "ask"),
        ("search", {"query": "지원"}, "search"),
        ("read_document", {"document_id": "launch.ko.md"}, "documents"),
    ],
)
async def test_a_token_does_what_its_scopes_say(real: Assistant, tool: str, arguments: Any, scope: str) -> None:
    others = frozenset({"ask", "search", "documents"}) - {scope}
    right, said = await Door(real, Visitor("1", "mina", STAFF.labels, scopes=others)).call(tool, **arguments)
    assert not right and scope in said
    assert (await Door(real, Visitor("1", "mina", STAFF.labels, scopes=frozenset({scope}))).call(tool, **arguments))[0]


async def test_arguments_cannot_widen_labels(real: Assistant) -> None:
    for tool, arguments in {"ask": {"question": SECRET}, "search": {"query": SECRET}}.items():
        for more in ({"labels": ["staff"]}, {"user": "mina"}, {"ctx": {"labels": ["staff"]}}):
            assert "7억" not in str(await Door(real).call(tool, **arguments, **more))


@pytest.mark.parametrize("error", [ModelError("secret path"), IndexCorrupt("secret path"), RuntimeError("secret path")])
async def test_a_failure_is_told_without_its_words(error: Exception) -> None:
    right, said = await Door(FakeAssistant({"질문?": [error]})).call("ask", question="질문?")
    assert not right and "secret" not in said


async def test_a_sender_that_cannot_be_told_sees_nothing(real: Assistant) -> None:
    for tool, arguments in {"ask": {"question": QUESTION}, "read_document": {"document_id": "launch.ko.md"}}.items():
        right, said = await Door(real, AccessError("secret path")).call(tool, **arguments)
        assert not right and "secret" not in said


async def test_bad_questions_are_named(real: Assistant) -> None:
    for question in ("", "   ", "가" * 600, "?!"):
        for tool, name in (("ask", "question"), ("search", "query")):
            right, said = await Door(real).call(tool, **{name: question})
            assert not right and "question" in said


async def test_a_question_that_is_left_is_stopped() -> None:
    fake = FakeAssistant({"질문?": [threading.Event()]})
    with closing(Line(fake)) as line:
        async with Client(create_server(fake, line, lambda _: ANYONE, 500)) as client:
            with anyio.move_on_after(0.5):
                await client.call_tool("ask", {"question": "질문?"})
            with anyio.fail_after(10):
                while not fake.cancelled:
                    await anyio.sleep(0.02)
    assert fake.cancelled == ["질문?"]


# --- over HTTP


@pytest.fixture
def accounts(settings: Settings) -> Iterator[Accounts]:
    with closing(Accounts(settings.accounts, passwords=cheap_passwords())) as opened:
        yield opened


@pytest.fixture
def base(real: Assistant, accounts: Accounts, settings: Settings) -> Iterator[str]:
    """The address of a running server."""
    import uvicorn

    with closing(Line(real)) as line:
        app = create_http_app(real, line, accounts, settings)
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1)
        bound = config.bind_socket()
        bound.listen()
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: server.run(sockets=[bound]), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/mcp"
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def token(accounts: Accounts) -> Callable[..., str]:
    def make(*scopes: str) -> str:
        user = next((each for each in accounts.users.list() if each.name == "mina"), None)
        user = user or accounts.users.add("mina", ["staff"])
        return accounts.tokens.make(user.id, "a program", scopes or ("ask", "search", "documents"))

    return make


@asynccontextmanager
async def over_http(base: str, secret: str = "", mode: str = "auto") -> Any:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(base, http_client=http), mode=mode) as client,
    ):
        yield client


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_http_knows_a_program_by_its_token(
    base: str, token: Callable[..., str], accounts: Accounts, mode: str
) -> None:
    async with over_http(base, mode=mode) as client:
        assert not told(await client.call_tool("read_document", {"document_id": "proposal.ko.md"}))[0]
        right, answer = told(await client.call_tool("ask", {"question": QUESTION}))
        assert right and "153개" in answer["answer"]
        assert "7억" not in str(told(await client.call_tool("search", {"query": SECRET})))
    async with over_http(base, token(), mode) as client:
        assert "7억" in told(await client.call_tool("ask", {"question": SECRET}))[1]["answer"]
        accounts.users.set_groups("mina", ["member"])  # counts at the next call of the same client
        assert "7억" not in str(told(await client.call_tool("ask", {"question": SECRET})))
        assert not told(await client.call_tool("read_document", {"document_id": "proposal.ko.md"}))[0]
    async with over_http(base, token("search"), mode) as client:
        assert told(await client.call_tool("search", {"query": QUESTION}))[0]
        assert not told(await client.call_tool("ask", {"question": QUESTION}))[0]


@pytest.mark.slow
def test_http_refuses_wrong_tokens_hosts_and_pages(base: str, token: Callable[..., str], accounts: Accounts) -> None:
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "search", "arguments": {"query": "지원"}},
    }
    accepted = {"Accept": "application/json, text/event-stream"}

    def status(**headers: str) -> int:
        return httpx.post(base, json=body, headers={**accepted, **headers}, timeout=30).status_code

    good = token()
    assert status() == status(Authorization=f"Bearer {good}") == 200
    for wrong in ("Bearer", "Bearer alliance_no", f"Basic {good}", good, f"Bearer {good}x"):
        assert status(Authorization=wrong) == 401
    assert status(Host="evil.example") == 421
    assert status(Origin="http://evil.example") == 403
    assert httpx.post(base, content=b"x" * 2_000_000, headers=accepted, timeout=30).status_code == 413
    assert httpx.get(base.removesuffix("/mcp") + "/", timeout=30).status_code == 404
    accounts.users.disable("mina")
    assert status(Authorization=f"Bearer {good}") == 401


# --- over standard input and output

SERVE = """
import sys
import assistant.answering
from assistant.answering.ask import Assistant
from assistant.index import open_index
from assistant.retrieval import HybridRetriever
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader

def opened(settings):
    print("a library that chats on standard output")
    index = open_index(settings.index, FAKE_FINGERPRINT)
    embedder = FakeEmbedder()
    return Assistant(index, HybridRetriever(index, embedder), FakeReader(), FakeLanguageModel(), embedder, settings)

assistant.answering.open_assistant = opened
from assistant.cli import main
sys.argv = ["assistant", "mcp", *sys.argv[1:]]
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("user", ["", "mina", "nobody"])
async def test_over_stdio_the_command_line_says_who_asks(
    real: Assistant, settings: Settings, tmp_path: Path, user: str
) -> None:
    settings.access_file.write_text('[users]\nmina = ["company:gaon"]\n', encoding="utf-8")
    environment = {
        "PYTHONPATH": str(PROJECT),
        "ASSISTANT_ACCESS_FILE": str(settings.access_file),
        "ASSISTANT_INDEX": str(settings.index),
        "OMP_NUM_THREADS": "1",
    }
    arguments = ["-c", SERVE, *(["--as", user] if user else [])]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=environment, cwd=tmp_path)
    async with Client(server) as client:
        assert len((await client.list_tools()).tools) == 5
        right, answer = told(await client.call_tool("ask", {"question": QUESTION}))
        assert right and "153개" in answer["answer"]
        right, _ = told(await client.call_tool("read_document", {"document_id": "proposal.ko.md"}))
        assert right == (user == "mina")
        if user == "mina":
            settings.access_file.write_text("[users]\nmina = []\n", encoding="utf-8")  # counts at the next call
            assert not told(await client.call_tool("read_document", {"document_id": "proposal.ko.md"}))[0]


@pytest.mark.slow
def test_over_http_the_command_says_where_and_ctrl_c_ends_it(
    real: Assistant, settings: Settings, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "ASSISTANT_ACCOUNTS": str(settings.accounts),
        "ASSISTANT_INDEX": str(settings.index),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "--http", "--port", "0"],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert "ready: http://127.0.0.1:" in ready, ready + process.communicate(timeout=60)[1]
        address = ready.split("ready: ")[1].split()[0]
        assert httpx.post(address, json={}, headers={"Authorization": "Bearer no"}, timeout=60).status_code == 401
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0 and "Stopped." in output and "Traceback" not in errors


def test_over_http_nobody_is_named_on_the_command_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "mcp", "--http", "--as", "mina"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 1 and "--as" in done.stderr and "token" in done.stderr and not done.stdout
