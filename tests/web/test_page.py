from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.conversations import Conversations
from assistant.settings import Settings
from assistant.web import page
from assistant.web.line import Line
from assistant.web.page import build_page, mount_options
from assistant.web.running import Running
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
    assistant, session = FakeAssistant({}), Session()
    with closing(Line(assistant)) as line:
        assert asyncio.run(session.take(typed, Running(line, store), 100)) is False
    assert session.notice[0] == notice and not session.running and assistant.asked == [] and session.turns == []


def test_an_accepted_question_clears_the_notice_and_is_shown_at_once(store: Conversations) -> None:
    gate, session = threading.Event(), Session(notice=("error_empty", {}))
    with closing(Line(FakeAssistant({"질문": [gate]}))) as line:
        assert asyncio.run(session.take("  질문 ", Running(line, store), 100)) is True
        assert session.notice[0] == "" and session.turns[-1].question == "질문" and session.running
        gate.set()


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
    for look in (Path(page.__file__).parent / "look").iterdir():
        assert "http" not in look.read_text(encoding="utf-8").replace("http-equiv", ""), look.name
    assert "//" not in options["head"]
