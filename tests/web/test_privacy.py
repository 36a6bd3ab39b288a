"""The privacy notice says what the settings make true, in both languages, and the page leads to it."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.schema import Language
from assistant.settings import Settings
from assistant.web.doors import DOORS
from assistant.web.privacy import privacy_router, render_privacy
from assistant.web.rendering import render_footer
from assistant.web.texts import LANGUAGES, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_long_conversations_are_kept_is_what_is_set(language: Language, settings: Settings) -> None:
    kept = render_privacy(language, settings.model_copy(update={"conversation_days": 41}))
    assert "41" in kept and text(language, "privacy_no_days") not in kept
    forever = render_privacy(language, settings.model_copy(update={"conversation_days": 0}))
    assert text(language, "privacy_no_days") in forever


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_server_elsewhere_is_told(language: Language, settings: Settings) -> None:
    inside = text(language, "privacy_inside")
    assert inside in render_privacy(language, settings)
    other = Settings(language_server="http://127.0.0.1:1")
    assert inside not in render_privacy(language, other) and text(language, "privacy_server") in render_privacy(
        language, other
    )


def test_the_operator_is_named_and_escaped(settings: Settings) -> None:
    said = render_privacy("ko", settings.model_copy(update={"operator": "AI 팀 <ai@example.kr>"}))
    assert "AI 팀 &lt;ai@example.kr&gt;" in said
    assert text("ko", "privacy_operator", operator="") not in render_privacy("ko", settings)


def test_the_page_is_open_in_the_readers_language_and_the_footer_leads_there(settings: Settings) -> None:
    app = FastAPI()
    app.include_router(privacy_router(settings))
    client = TestClient(app)
    assert DOORS["/privacy"] == "open"
    for language in LANGUAGES:
        answer = client.get("/privacy", headers={"Accept-Language": language})
        assert answer.status_code == 200 and text(language, "privacy") in answer.text
        assert "script" not in answer.text and "default-src 'none'" in answer.headers["content-security-policy"]
        assert 'href="privacy"' in render_footer(language)
