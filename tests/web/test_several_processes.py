"""Two processes of `assistant serve` on one PostgreSQL, behind nginx as the guide sets it up."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from assistant.accounts.store import Accounts
from assistant.conversations import Conversations, Kept
from assistant.database.tables import waiting
from assistant.errors import AccountError
from assistant.web import free_port
from assistant.web.visitors import COOKIE
from tests.fakes import cheap_passwords
from tests.load.readers import Asked, Figures, Reader
from tests.postgresql import new_database
from tests.web.browsing import ask, chromium, visit, wait_for_evidence
from tests.web.proxying import changed, example, running_nginx

pytestmark = [pytest.mark.server, pytest.mark.slow]

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120  # only what is broken waits that long
KILLS = 5


@dataclass
class Site:
    """Two processes and their proxy. `outer`: the port that readers use; `running`: the processes by their ports."""

    folder: Path
    parent: subprocess.Popen[str]
    outer: int
    ports: tuple[int, int]
    accounts: Accounts
    store: Conversations
    running: dict[int, int] = field(default_factory=dict)

    def start(self, port: int) -> None:
        assert self.parent.stdin is not None and self.parent.stdout is not None
        self.parent.stdin.write(f"{port}\n")
        self.parent.stdin.flush()
        self.running[port] = int(self.parent.stdout.readline())
        self.until(lambda: self._is_ready(port))

    def kill(self, port: int) -> None:
        process = self.running.pop(port)
        os.kill(process, signal.SIGKILL)
        with suppress(ProcessLookupError):  # until it is gone
            self.until(lambda: os.kill(process, 0))

    def reader(self, user: str, port: int = 0, figures: Figures | None = None) -> Reader:
        """A browser of a user that is signed in; `port`: of one process, past the proxy."""
        handlers = json.loads((self.folder / "handlers.json").read_text(encoding="utf-8"))
        reader = Reader(f"http://127.0.0.1:{port or self.outer}", handlers, {}, figures or Figures())
        reader._http.cookies.set(COOKIE, self.accounts.sessions.begin(self.user(user)))
        return reader

    def user(self, name: str) -> str:
        with suppress(AccountError):  # it is there already
            self.accounts.users.add(name, [])
        return self.accounts.users.named(name).id

    def stored(self, user: str, conversation: str) -> list[Kept]:
        return self.store.turns(conversation, self.user(user), {"public"})

    def is_over(self, user: str, conversation: str) -> bool:
        """Whether no process answers the newest question of a conversation any more."""
        with self.store.transaction() as connection:
            row = connection.execute(select(waiting.c.number).where(waiting.c.conversation == conversation)).first()
        return row is None or self.stored(user, conversation)[-1].state != "running"

    def until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, (self.folder / "nginx" / "log").read_text(encoding="utf-8")
            time.sleep(0.05)

    def _is_ready(self, port: int) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{port}/readyz", verify=False).status_code == 200
        return False


def guide(outer: int, ports: tuple[int, int]) -> str:
    """The configuration of the guide, without TLS."""
    return changed(
        example("scaling.md", "nginx"),
        {
            "listen 443 ssl http2;": f"listen {outer};",
            "server_name ask.example;": "server_name localhost;",
            "    ssl_certificate     /etc/ssl/ask.example/fullchain.pem;\n": "",
            "    ssl_certificate_key /etc/ssl/ask.example/key.pem;\n": "",
            " secure;": ";",
            "127.0.0.1:7860": f"127.0.0.1:{ports[0]}",
            "127.0.0.1:7861": f"127.0.0.1:{ports[1]}",
        },
    )


@pytest.fixture(scope="module")
def site(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, url = tmp_path_factory.mktemp("several"), new_database(postgresql_server)
    outer, first, second = (free_port("127.0.0.1", 0) for _ in range(3))
    (folder / "nginx").mkdir()
    with ExitStack() as stack:
        accounts = stack.enter_context(closing(Accounts(url, passwords=cheap_passwords())))
        store = stack.enter_context(closing(Conversations(url, max_turns=30, max_chars=10**6)))
        parent = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "tests.web.forking", str(folder), url],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT,
                env={**os.environ, "PYTHONPATH": str(PROJECT), "ASSISTANT_HOME": str(folder)},
            )
        )  # fmt: skip
        assert parent.stdout is not None and parent.stdout.readline() == "ready\n"
        stack.callback(parent.kill)
        site = Site(folder, parent, outer, (first, second), accounts, store)
        stack.callback(lambda: [site.kill(port) for port in tuple(site.running)])
        stack.enter_context(running_nginx(guide(outer, site.ports), folder / "nginx", outer))
        for port in site.ports:
            site.start(port)
        yield site


async def questions(reader: Reader, *asked: str) -> list[Asked]:
    await reader.open()
    return [await reader.ask(question, random.Random(0), 0) for question in asked]


async def taken(reader: Reader, question: str) -> str:
    """Have a question taken in a conversation of its own."""
    await reader.open()
    shown = await reader._say("begin", question)
    reader._known = str(shown[1]).split(" ")[0]
    return reader._known


async def end(reader: Reader) -> str:
    """What is shown of the question that is being answered, up to its end."""
    return "".join([said async for said in reader._follow()])


def answer_to(kept: Kept) -> str:
    return kept.answer.answer if kept.answer else ""


def test_what_many_people_ask_is_answered_and_nothing_is_mixed(site: Site) -> None:
    people = [f"person{number}" for number in range(8)]

    async def run() -> list[list[Asked]]:
        each = [questions(site.reader(name), f"{name} first 0.3s", f"{name} second 0.3s") for name in people]
        return await asyncio.gather(*each)

    processes = set()
    for name, asked in zip(people, asyncio.run(run()), strict=True):
        for one in asked:
            (kept,) = site.stored(name, one.conversation)
            assert kept.state == "finished" and answer_to(kept) == f"대답: {one.question}" and kept.answer
            processes.add(int(kept.answer.models["process"]))
    assert processes == set(site.running.values())


def test_who_asks_much_at_both_processes_starves_nobody(site: Site) -> None:
    ended: list[str] = []

    async def one(reader: Reader, question: str) -> None:
        await taken(reader, question)
        begun.append(question)
        await end(reader)
        ended.append(question)

    begun: list[str] = []

    async def run() -> None:
        much = [site.reader("much", site.ports[number % 2]) for number in range(7)]
        tasks = [asyncio.create_task(one(reader, f"much {number} 2s")) for number, reader in enumerate(much)]
        while len(begun) < 7:
            await asyncio.sleep(0.05)
        await one(site.reader("little", site.ports[0]), "little 0.1s")
        await asyncio.gather(*tasks)

    asyncio.run(run())
    assert ended.index("little 0.1s") <= 4, ended


def test_an_answer_is_seen_stopped_and_gone_on_with_at_the_other_process(site: Site) -> None:
    async def run() -> None:
        here, there = site.reader("mina", site.ports[0]), site.reader("mina", site.ports[1])
        name = await taken(here, "held 60s")
        shown = str(await there.open(name))
        assert "held 60s" in shown
        await there._say("stop")
        site.until(lambda: site.stored("mina", name)[-1].state == "stopped")
        while len(site.stored("mina", name)) < 2:  # the first process hears of it within a quarter of a second
            await here._say("begin", "again 3s")
        # the tab goes on at a process that has never seen it
        fresh = site.reader("mina", site.ports[1])
        fresh._http.cookies.set("assistant-language", "en")
        fresh._tab, fresh._known = uuid.uuid4().hex, name
        await end(fresh)
        site.until(lambda: site.stored("mina", name)[-1].state == "finished")
        assert "대답: again" in str(await site.reader("mina", site.ports[1]).open(name))
        assert 'lang="en"' in str(await fresh._say("begin", "third"))  # the language that the browser remembers
        site.until(lambda: len(site.stored("mina", name)) == 3 and site.stored("mina", name)[-1].state == "finished")
        other = site.reader("juno", site.ports[1])
        assert "again 3s" not in str(await other.open(name))

    asyncio.run(run())


def test_the_stream_of_a_tab_is_at_the_process_that_was_asked_for_it(site: Site) -> None:
    """Why the guide has nginx send a browser to one process; a page that meets another one loads itself anew."""

    async def run() -> None:
        here, there = site.reader("mina", site.ports[0]), site.reader("mina", site.ports[1])
        await taken(here, "first 5s")
        joined = await here._http.post("/gradio_api/queue/join", json=here._body("follow"))
        assert joined.status_code == 200
        there._tab = here._tab
        async with there._http.stream("GET", "/gradio_api/queue/data", params={"session_hash": here._tab}) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    assert json.loads(line[6:])["session_not_found"]
                    break
        assert (await there._http.get("/gradio_api/app_id")).status_code == 200  # what the page asks then

    asyncio.run(run())


def test_a_process_that_is_killed_loses_no_question(site: Site) -> None:
    """Again and again; answers that were broken off are said to be, and can be asked again."""
    states = [state for number in range(KILLS) for state in asyncio.run(_killed(site, number))]
    assert len(states) == 4 * KILLS and states.count("finished") >= 1, states


async def _reopened(reader: Reader, conversation: str) -> str:
    """The page as it comes back; nginx repeats no request that was sent while a process died, so it is loaded again."""
    for _ in range(20):
        try:
            return str(await reader.open(conversation))
        except httpx.HTTPStatusError:
            await asyncio.sleep(0.5)
    return str(await reader.open(conversation))


async def _killed(site: Site, number: int) -> list[str]:
    port, names = site.ports[number % 2], [f"r{number}p{person}" for person in range(4)]
    readers = {name: site.reader(name) for name in names}
    # each at the process that dies, and at the other one
    asked = {name: await taken(reader, f"{name} 1.5s") for name, reader in readers.items()}
    await asyncio.sleep(0.3)
    site.kill(port)
    shown = {}
    for name, reader in readers.items():  # as the page does when its stream has broken
        shown[name] = await _reopened(reader, asked[name])
        assert f"{name} 1.5s" in shown[name]
    for name, reader in readers.items():
        if 'data-stage="interrupted"' not in shown[name] and 'data-stage="finished"' not in shown[name]:
            await end(reader)
    states = []
    for name, reader in readers.items():
        site.until(lambda name=name: site.is_over(name, asked[name]))
        (kept,) = site.stored(name, asked[name])
        states.append(kept.state)
        if kept.state != "finished":
            assert 'data-stage="interrupted"' in str(await reader.open(asked[name]))
            await reader._say("begin", f"{name} again")
            site.until(lambda name=name: site.stored(name, asked[name])[-1].state == "finished")
            assert answer_to(site.stored(name, asked[name])[-1]) == f"대답: {name} again"
        else:
            assert answer_to(kept) == f"대답: {name} 1.5s"
    site.start(port)
    for reader in readers.values():
        await reader.close()
    return states


def test_an_open_page_goes_on_by_itself_when_its_process_is_killed(site: Site) -> None:
    with chromium() as browser, visit(browser, f"http://localhost:{site.outer}/") as page:
        ask(page, "what is said 30s")
        wait_for_evidence(page)
        for port in site.ports:  # the page's own is one of them
            site.kill(port)
            page.locator('.turn:last-child[data-stage="interrupted"]').or_(
                page.locator('.turn:last-child[data-stage="writing"]')
            ).wait_for()
            site.start(port)
        page.locator('.turn:last-child[data-stage="interrupted"]').wait_for()
        assert page.locator(".turn:last-child .asked").inner_text().strip() == "what is said 30s"
        ask(page, "once more")
        page.locator('.turn:last-child[data-stage="finished"]').wait_for()
        assert "대답: once more" in page.locator(".turn:last-child .answer").inner_text()
