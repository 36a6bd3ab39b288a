"""Two servers on one PostgreSQL database: who signed in at one is known at the other, and so is what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest
from pydantic import SecretStr

from assistant.accounts.store import Accounts
from assistant.answering import Assistant
from assistant.audit import open_audit
from assistant.database.opening import place_of
from assistant.database.tables import ACCOUNTS
from assistant.index import Index
from assistant.retrieval import HybridRetriever
from assistant.settings import Settings
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader, cheap_passwords
from tests.web.site import GOOD, Site, open_site


@contextmanager
def served(index: Index, embedder: FakeEmbedder, settings: Settings) -> Iterator[Site]:
    """A server with stores of its own."""
    parts = (index, HybridRetriever(index, embedder), FakeReader(), FakeLanguageModel(), embedder, settings)
    with (
        closing(Accounts(place_of(ACCOUNTS, settings), passwords=cheap_passwords())) as accounts,
        open_site(Assistant(*parts), settings, accounts) as site,
    ):
        yield site


@pytest.mark.server
@pytest.mark.slow
def test_what_was_begun_at_one_server_goes_on_at_the_other(
    index: Index, embedder: FakeEmbedder, settings: Settings, postgresql: str
) -> None:
    both = settings.model_copy(update={"database_url": SecretStr(postgresql), "audit_days": 7})
    with ExitStack() as stack:
        first, second = (stack.enter_context(served(index, embedder, both)) for _ in range(2))
        first.accounts.users.add("mina", ["staff"])
        first.accounts.set_password("mina", GOOD)
        here, there = first.browser("mina"), second.browser()
        there.plant(here.secret)
        tab = here.tab()
        tab.say("open_page", "ko", "")
        conversation = tab.say("begin", "가온정밀의 자율공장 제안 예산은 얼마입니까?")[-1]["output"]["data"][1]
        assert "7억" in str(tab.say("follow"))
        assert "7억" in str(there.tab().say("open_page", "ko", conversation))
        assert "7억" not in str(second.browser().tab().say("open_page", "ko", conversation))
        listed = there.http.get("/staff/documents").json()["rows"]
        assert "proposal.ko.md" in {row["key"] for row in listed}
        with closing(open_audit(both)) as audit:
            assert [(entry.name, entry.door) for entry in audit.entries()] == [
                ("mina", "page"), ("mina", "page"), ("mina", "/staff/documents"),
            ]  # fmt: skip
        first.accounts.users.disable("mina")
        assert there.http.get("/staff/documents").status_code == 404
    assert not [file for file in (both.conversations, both.accounts, both.audit) if file.exists()]
