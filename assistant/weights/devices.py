"""Which graphics processors this machine has, and what each model can do with them. Loads no model.

A GPU is looked for in what the system says of its hardware, so that one is seen that no library here was built for.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

Kind = Literal["nvidia", "amd", "apple"]

#: What llama.cpp is built with for each kind, and what the build needs beside a compiler.
_BUILDS: dict[Kind, tuple[str, str]] = {
    "nvidia": ("-DGGML_CUDA=on", "NVIDIA's CUDA toolkit (nvcc; Debian: nvidia-cuda-toolkit)"),
    "amd": ("-DGGML_HIP=on", "ROCm (hipcc)"),
    "apple": ("-DGGML_METAL=on", "Xcode's command line tools"),
}
_WAIT_S = 10


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics processor that could compute for us."""

    kind: Kind
    name: str


def find_gpus() -> list[Gpu]:
    """The GPUs of this machine; those that a container does not show are not there."""
    if sys.platform == "darwin":
        return [Gpu("apple", "Apple GPU")] if platform.machine() == "arm64" else []
    found = [Gpu("nvidia", name) for name in _nvidia()]
    if Path("/dev/kfd").exists():
        found.append(Gpu("amd", "AMD GPU"))
    return found


def hardware_mark() -> str:
    """Changes when a GPU is put in or taken out; empty without any. Asks no program."""
    nvidia = len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
    amd = Path("/dev/kfd").exists()
    return f"nvidia {nvidia}, amd {int(amd)}" if nvidia or amd else ""


def _nvidia() -> list[str]:
    """Names, as the driver's own tool tells them, else from the driver's files."""
    if tool := shutil.which("nvidia-smi"):
        try:
            told = subprocess.run([tool, "-L"], capture_output=True, text=True, timeout=_WAIT_S, check=True).stdout
            return [line.partition(": ")[2].partition(" (UUID")[0] for line in told.splitlines() if line[:4] == "GPU "]
        except (OSError, subprocess.SubprocessError):
            pass
    return ["NVIDIA GPU" for _ in Path("/proc/driver/nvidia/gpus").glob("*")]


def build_command(kind: Kind) -> str:
    """The command that builds llama.cpp for a kind of GPU, in the environment that runs this."""
    try:
        pinned = f"llama-cpp-python=={version('llama-cpp-python')}"
    except PackageNotFoundError:
        pinned = "llama-cpp-python"
    return (
        f'CMAKE_ARGS="{_BUILDS[kind][0]}" {Path(sys.executable)} -m pip install --force-reinstall --no-deps '
        f"--no-cache-dir --no-binary llama-cpp-python {pinned}"
    )


def build_needs(kind: Kind) -> str:
    """What has to be installed before `build_command`."""
    return _BUILDS[kind][1]


def torch_device() -> str:
    """Where torch computes unless it is told otherwise: cuda, mps or cpu. Imports torch."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":  # `make gpu` runs what this prints
    gpus = find_gpus()
    if not gpus:
        sys.exit("No GPU was found, so there is nothing to build llama.cpp for.")
    sys.stdout.write(f"{build_command(gpus[0].kind)}\n")
