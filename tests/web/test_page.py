from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.conversations import Conversations
from assistant.settings import Settings
from assistant.web.line import Line
from assistant.web.page import build_page, mount_options
from assistant.web.session import Session
from tests.fakes import FakeAssistant

gradio = pytest.importorskip("gradio")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    with closing(Conversations(tmp_path / "talk.sqlite3", max_turns=5, max_chars=50_000)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("typed", "notice"),
    [("", "error_empty"), (" \n\t ", "error_empty"), ("가" * 101, "error_too_long"), ("가" * 10_000, "error_too_long")],
)
def test_a_question_that_cannot_be_asked_is_not_asked(typed: str, notice: str, store: Conversations) -> None:
    assistant = FakeAssistant({})
    line, session = Line(assistant), Session()
    assert session.take(typed, line, 100, store) is False
    line.close()
    assert session.notice[0] == notice and not session.running and assistant.asked == []


def test_an_accepted_question_clears_the_notice_and_goes_to_its_end(store: Conversations) -> None:
    async def ask() -> Session:
        line, session = Line(FakeAssistant({"질문": []})), Session(notice=("error_empty", {}))
        assert session.take("  질문 ", line, 100, store) is True
        assert session.notice[0] == "" and session.turns[-1].question == "질문" and session.ticket is not None
        while session.running:
            await asyncio.wait_for(session.advance(session.ticket), 10)
        line.close()
        return session

    assert asyncio.run(ask()).turns[-1].stage == "stopped"  # it ended without an answer


def test_the_page_names_no_other_host_and_offers_no_public_endpoint(store: Conversations) -> None:
    page = build_page(FakeAssistant({}), Settings(), conversations=store)
    config = json.dumps(page.config, default=str, ensure_ascii=False)
    assert set(re.findall(r"https?://[\w.-]+", config)) <= {"http://localhost"}
    assert page.get_api_info()["named_endpoints"] == {}
    assert page.analytics_enabled is False


def test_fonts_come_from_the_readers_system() -> None:
    options = mount_options()
    theme = options["theme"]
    assert not theme._stylesheets and not theme._font_css
    assert options["run_history"] is False and options["footer_links"] == []
    assert "http" not in options["css_paths"].read_text(encoding="utf-8")
