"""What `doctor` says of GPUs and models on machines that the test makes up; a GPU is used without a setting."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import llama_cpp
import pytest

from assistant.errors import ModelError, WeightsMissing
from assistant.operations import placement
from assistant.operations.findings import Finding
from assistant.settings import Settings
from assistant.weights import devices, fast_embedder, language_model
from assistant.weights.devices import Gpu
from assistant.weights.language_model import LlamaCppModel
from assistant.weights.store import folder_of
from tests.fakes import FakeChatHost

NVIDIA = Gpu("nvidia", "NVIDIA H200")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what the machine has and what the libraries were built for."""

    def make(gpus: list[Gpu], llama: bool = False, torch: str = "cpu", int8: bool = True) -> None:
        monkeypatch.setattr(placement, "find_gpus", lambda: gpus)
        monkeypatch.setattr(placement, "torch_device", lambda: torch)
        monkeypatch.setattr(language_model, "gpu_offload_supported", lambda: llama)
        monkeypatch.setattr(language_model, "layers_of", lambda path: 29)
        monkeypatch.setattr(fast_embedder, "uses_int8", lambda name, cache: int8)
        monkeypatch.setattr("assistant.weights.locate", lambda name, cache: Path("/models") / name)

    return make


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.subject.split()[0]: finding for finding in placement.examine_placement(settings)}


def test_without_a_gpu_all_is_well_on_the_processor(machine: Any, settings: Settings) -> None:
    machine([])
    told = found(settings)
    assert all(finding.ok for finding in told.values())
    assert "none found" in told["GPU"].message
    assert "29 layers on the processor" in told["Language"].message and "8 bits" in told["Embedder"].message
    assert "8 bits" in told["Reader"].message


def test_a_gpu_that_both_can_use_is_used_without_a_setting(machine: Any, settings: Settings) -> None:
    machine([NVIDIA], llama=True, torch="cuda")
    told = found(settings)
    assert all(finding.ok for finding in told.values())
    assert "NVIDIA H200" in told["GPU"].message
    assert "all 29 layers on the GPU" in told["Language"].message and "on the GPU (cuda)" in told["Embedder"].message


def test_a_gpu_that_nobody_can_use_is_something_to_mend(machine: Any, settings: Settings) -> None:
    machine([NVIDIA], llama=False, torch="cpu")
    told = found(settings)
    assert not told["Language"].ok and not told["Embedder"].ok
    assert "GGML_CUDA" in told["Language"].message and "nvcc" in told["Language"].message
    assert (
        "llama-cpp-python==" in told["Language"].message and "--no-binary llama-cpp-python" in told["Language"].message
    )
    assert "torch" in told["Embedder"].message


@pytest.mark.parametrize(("layers", "said"), [(0, "n_gpu_layers = 0"), (7, "7 of 29"), (99, "all 29"), (-1, "all 29")])
def test_a_number_of_layers_that_was_set_is_told(layers: int, said: str, machine: Any, settings: Settings) -> None:
    machine([NVIDIA], llama=True, torch="cuda")
    told = found(settings.model_copy(update={"n_gpu_layers": layers}))
    assert told["Language"].ok and said in told["Language"].message


def test_what_is_missing_is_a_finding(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "find_gpus", list)
    told = found(settings.model_copy(update={"reader": settings.index / "none"}))
    for subject in ("Language", "Embedder", "Reader"):
        assert not told[subject].ok
    assert "weights pull" in told["Language"].message
    with pytest.raises(WeightsMissing):
        LlamaCppModel(settings.language_model, settings.cache, context_tokens=512)


# --- finding them -----------------------------------------------------------------------------------------------------


def test_each_language_server_is_told_with_what_it_serves_or_why_it_does_not_answer(
    settings: Settings, machine: Any
) -> None:
    up, down = FakeChatHost(), FakeChatHost()
    down.close()
    try:
        for model, is_well in (("small", True), ("large", False)):
            both = {"language_server": (up.url, down.url), "language_model": model}
            one, other = placement._servers(settings.model_copy(update=both))
            assert up.url in one.subject and one.ok is is_well and "small" in one.message
            assert down.url in other.subject and not other.ok and "cannot be reached" in other.message
    finally:
        up.close()


def test_nvidia_is_asked_for_names_and_may_be_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.sys, "platform", "linux")
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU 0: NVIDIA H200 (UUID: GPU-1)'\necho 'GPU 1: NVIDIA L4 (UUID: GPU-2)'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert [gpu.name for gpu in devices.find_gpus() if gpu.kind == "nvidia"] == ["NVIDIA H200", "NVIDIA L4"]
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert isinstance(devices.find_gpus(), list)


def test_an_apple_machine_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.sys, "platform", "darwin")
    monkeypatch.setattr(devices.platform, "machine", lambda: "arm64")
    assert [gpu.kind for gpu in devices.find_gpus()] == ["apple"]


@pytest.mark.parametrize("kind", ["nvidia", "amd", "apple"])
def test_the_command_that_builds_for_a_gpu_is_one_a_shell_takes(kind: devices.Kind) -> None:
    checked = subprocess.run(["sh", "-n", "-c", devices.build_command(kind)], capture_output=True, text=True)
    assert checked.returncode == 0 and devices.build_needs(kind)


# --- using them -------------------------------------------------------------------------------------------------------


def test_a_gpu_that_is_put_in_later_is_found_by_the_embedder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was recorded of the processor's 8 bits does not keep the embedder from a new GPU."""
    name = "embeddinggemma-300m"
    folder_of(name, tmp_path).mkdir(parents=True)
    monkeypatch.setattr(fast_embedder, "hardware_mark", lambda: "")
    fast_embedder._write(folder_of(name, tmp_path), {"use": True})
    monkeypatch.setattr(fast_embedder, "_machine_fits", lambda: False)
    assert fast_embedder.uses_int8(name, tmp_path)
    monkeypatch.setattr(fast_embedder, "hardware_mark", lambda: "nvidia 1, amd 0")
    assert not fast_embedder.uses_int8(name, tmp_path)


class FakeLlama:
    """Stands in for `llama_cpp.Llama` on a machine whose GPU is full; records the layers that were asked for."""

    asked: list[int]
    broken = False

    def __init__(self, **options: Any) -> None:
        self.asked.append(options["n_gpu_layers"])
        if options["n_gpu_layers"] or self.broken:
            raise ValueError("Failed to load model from file")
        self.metadata = {"tokenizer.chat_template": "{{ messages }}"}

    def token_eos(self) -> int:
        return -1

    token_bos = token_eos


@pytest.fixture
def full_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[FakeLlama]:
    fake = type("Fake", (FakeLlama,), {"asked": []})
    monkeypatch.setattr(llama_cpp, "Llama", fake)
    monkeypatch.setattr(language_model, "gpu_offload_supported", lambda: True)
    monkeypatch.setattr(language_model, "locate", lambda name, cache: tmp_path / "model.gguf")
    monkeypatch.setattr(language_model, "_control_tokens", lambda llama: None)
    monkeypatch.setattr(language_model, "PrefixStore", lambda *_: None)
    return fake


def test_a_gpu_that_is_too_small_is_not_in_the_way(full_gpu: type[FakeLlama], tmp_path: Path) -> None:
    LlamaCppModel("m", tmp_path, context_tokens=512).load()
    assert full_gpu.asked == [-1, 0]


def test_layers_that_were_set_are_not_changed(full_gpu: type[FakeLlama], tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        LlamaCppModel("m", tmp_path, context_tokens=512, n_gpu_layers=8).load()
    assert full_gpu.asked == [8]


def test_a_file_that_cannot_be_loaded_anywhere_is_one_sentence(full_gpu: type[FakeLlama], tmp_path: Path) -> None:
    full_gpu.broken = True
    with pytest.raises(ModelError, match="cannot be loaded"):
        LlamaCppModel("m", tmp_path, context_tokens=512).load()
    assert full_gpu.asked == [-1, 0]
