from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answering.prompts import load_prompt
from assistant.errors import PromptError
from tests.conftest import PROJECT


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_prompt_loads_and_ends_with_the_question(language: str) -> None:
    turns = load_prompt(PROJECT / "prompts", "answer", language, evidence="EVIDENCE", question="QUESTION")  # type: ignore[arg-type]
    assert turns[0]["role"] == "system" and turns[-1]["role"] == "user"
    assert "EVIDENCE" in turns[-1]["content"] and turns[-1]["content"].endswith("QUESTION")
    assert [turn["role"] for turn in turns] == ["system", "user"]
    assert [turn["role"] for turn in load_prompt(PROJECT / "prompts", "check", language)] == ["user"]  # type: ignore[arg-type]


def test_a_missing_variable_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="evidence"):
        load_prompt(PROJECT / "prompts", "answer", "ko", question="x")
    with pytest.raises(PromptError, match="cannot be read"):
        load_prompt(tmp_path, "answer", "ko")
    (tmp_path / "bad.ko.md").write_text("no turns")
    with pytest.raises(PromptError, match="no turns"):
        load_prompt(tmp_path, "bad", "ko")


def test_languages_have_the_same_turns() -> None:
    shapes = {
        language: [
            turn["role"] for turn in load_prompt(PROJECT / "prompts", "answer", language, evidence="", question="q")
        ]  # type: ignore[arg-type]
        for language in ("ko", "en")
    }
    assert shapes["ko"] == shapes["en"]
