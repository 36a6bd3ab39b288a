"""The adapter belongs to the weights it was trained on, and to no others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.answering.adapter import FILE, FOLDER, RECORD, adapter_of
from assistant.errors import ModelError
from assistant.settings import Settings
from assistant.weights.registry import WEIGHTS


def test_the_shipped_adapter_is_for_the_default_language_model() -> None:
    weights = WEIGHTS[Settings().language_model]
    assert adapter_of(weights.name) == FOLDER / FILE
    assert json.loads((FOLDER / RECORD).read_text())["weights_sha256"] == weights.files[0].sha256
    others = [other.name for other in WEIGHTS.values() if other.role == weights.role and other.name != weights.name]
    assert others and not [name for name in others if adapter_of(name)]
    assert adapter_of("a-model-of-the-user") is None


def test_a_damaged_or_missing_adapter_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    shutil.copy(FOLDER / RECORD, tmp_path / RECORD)
    for content in (None, b"GGUF but not this one"):
        if content:
            (tmp_path / FILE).write_bytes(content)
        with pytest.raises(ModelError) as caught:
            adapter_of(Settings().language_model, tmp_path)
        assert caught.value.hint
