"""The embedder's layers in 8-bit integers: less than half the time of fp32 on a CPU that multiplies int8 in hardware.

Every linear layer of the transformer keeps one scale per output channel; every token gets its own scale when it is
computed, so a vector does not depend on what else is in the batch. The sums are exact integers, the rest stays
float32. Nothing is written: rounding the pinned fp32 weights takes less than a second at each load.

A machine uses the form when its CPU has int8 dot products (VNNI), no GPU is there to do it better, and the integer
product is exact. At the first load a few fixed sentences in both languages must get nearly the vectors that fp32 gives
them; the result is recorded beside the weights (`int8.json`). Otherwise the machine stays with fp32.
"""

from __future__ import annotations

import functools
import json
import logging
import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelError
from assistant.weights.devices import hardware_mark
from assistant.weights.store import folder_of

if TYPE_CHECKING:
    import numpy as np
    import torch

_log = logging.getLogger(__name__)

#: Part of the record: changes whenever the numbers that are computed change.
FORM = "int8-1"
RECORD = "int8.json"
#: Measured with this form; others stay fp32.
MODELS = frozenset({"embeddinggemma-300m"})

#: Below these, over 40 passages, something is wrong (measured: docs/log.md).
_MEAN_COSINE = 0.995
_LOWEST_COSINE = 0.99
#: torch's names for the instructions that make int8 products faster than float ones.
_INSTRUCTIONS = ("avx512_vnni", "avx_vnni", "amx_int8")

#: Passages and questions of the alliance's kind: prose, a table, codes, numbers, very short and longer.
CHECK_SENTENCES = (
    "title: none | text: 로봇 셀의 안전문이 열리면 로봇은 즉시 정지합니다. 다시 움직이려면 두 사람이 확인합니다.",
    "title: 사업비 | text: | 구분 | 정부지원 | 현금 |\n|---|---|---|\n| 중소기업 | 75 % | 10 % |",
    "title: none | text: 경보 SV0401이 뜨면 서보 증폭기의 전원을 끄고 5분을 기다린 다음 케이블 C153A2를 점검하십시오.",
    "title: 얼라이언스 | text: 제조 기업과 인공지능 기업이 함께 선도 과제를 고르고, 데이터를 모아 모델을 만듭니다. "
    "그 결과는 현장에 적용하고, 성과는 다른 기업에도 알립니다.",
    "title: none | text: The hydraulic press must not be restarted until the pressure has fallen below 0.2 MPa.",
    "title: Who may apply | text: A consortium needs one manufacturer and at least one supplier of AI. A firm that is "
    "barred from national R&D projects cannot take part, and each firm may lead no more than two projects at a time.",
    "title: none | text: | Alarm | Cause | Remedy |\n|---|---|---|\n| R-101 | door open | close it |",
    "title: Technology fee | text: The fee is paid from revenue within five years after the project has ended.",
    "task: search result | query: 중소기업의 현금 부담 비율은 얼마인가요?",
    "task: search result | query: SRVO-050",
    "task: search result | query: How long is the warranty of the spindle?",
    "task: search result | query: 언제까지 신청해야 합니까?",
)


def uses_int8(name: str, cache: Path | None) -> bool:
    """Whether the embedder `name` computes in 8 bits here: what was recorded, else what the machine can do."""
    if name not in MODELS:
        return False
    record = _read(folder_of(name, cache)) if cache else None
    return bool(record["use"]) if record else _machine_fits()


def settle(model: Any, name: str, cache: Path, use: bool, encode: Callable[[list[str]], np.ndarray]) -> None:
    """Turn the loaded fp32 `model` into 8 bits where `use` says so; the first time, compare it with fp32.

    `encode` gives the vectors (unit length, one row a text) of the model as it is at the moment. Raises
    ModelError when the vectors differ too much; from then on this machine uses fp32.
    """
    if not use:
        return
    folder = folder_of(name, cache)
    exact = None if _read(folder) else encode(list(CHECK_SENTENCES))
    convert(model)
    if exact is None:
        return
    cosines = (exact * encode(list(CHECK_SENTENCES))).sum(axis=1)
    mean, lowest = float(cosines.mean()), float(cosines.min())
    right = mean >= _MEAN_COSINE and lowest >= _LOWEST_COSINE
    _write(folder, {"use": right, "mean_cosine": round(mean, 5), "lowest_cosine": round(lowest, 5)})
    if not right:
        raise ModelError(
            f"In 8 bits the embedder {name} differs too much from fp32 on this machine (mean cosine {mean:.4f}).",
            "It is set to fp32 now: run the command again. An index that was made in 8 bits needs "
            "`assistant ingest --rebuild`.",
        )


def convert(model: Any) -> None:
    """Replace every linear layer of the transformer (the first module of `model`) by its 8-bit form, in place."""
    import torch

    for module in list(model[0].modules()):
        if isinstance(module, torch.nn.Linear) and module.bias is None:
            rounded, scale = _rounded_rows(module.weight.detach())
            # the layout (inputs, outputs) is what the product takes; the fp32 weights are given back
            module.forward = functools.partial(linear, weight=rounded.t().contiguous(), scale=scale)
            module.weight = None


def linear(rows: torch.Tensor, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """`rows` (…, inputs) times `weight` (int8, inputs x outputs) with a `scale` per output; float32 (…, outputs)."""
    import torch

    rounded, row_scale = _rounded_rows(rows.reshape(-1, rows.shape[-1]))
    product = torch._int_mm(rounded, weight).to(torch.float32)
    return product.mul_(row_scale[:, None]).mul_(scale).view(*rows.shape[:-1], -1)


def _rounded_rows(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    # abs().amax() on purpose: aminmax() along a dimension took half as long as the whole product
    scale = rows.abs().amax(dim=1).clamp_min_(1e-9).div_(127)
    return (rows / scale[:, None]).round_().to(torch.int8), scale


@functools.cache
def _machine_fits() -> bool:
    """Whether int8 products are fast and exact here, by what the CPU says and a trial; no clock is involved."""
    try:
        import torch
    except (ImportError, OSError):
        return False
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        return False
    can = torch.cpu.get_capabilities()
    if not any(can.get(name) for name in _INSTRUCTIONS):
        return False
    generator = torch.Generator().manual_seed(0)
    rows = torch.randint(-127, 128, (33, 768), dtype=torch.int8, generator=generator)
    weights = torch.randint(-127, 128, (768, 256), dtype=torch.int8, generator=generator)
    try:
        # float64 holds these sums exactly
        return torch.equal(torch._int_mm(rows, weights).double(), rows.double() @ weights.double())
    except (RuntimeError, NotImplementedError, AttributeError):
        return False


def _here() -> dict[str, str]:
    try:
        torch_version = version("torch")
    except PackageNotFoundError:
        torch_version = ""
    here = {"form": FORM, "torch": torch_version, "machine": f"{platform.node()} {platform.machine()}"}
    gpus = hardware_mark()  # one that is put in later is to be found
    return {**here, "gpus": gpus} if gpus else here


def _read(folder: Path) -> dict[str, Any] | None:
    """The record of this machine, torch and form; None when there is none."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return record if isinstance(record["use"], bool) and _here().items() <= record.items() else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write(folder: Path, result: dict[str, Any]) -> None:
    fresh = folder / f".{RECORD}.new"
    try:
        fresh.write_text(json.dumps(_here() | result, indent=1), encoding="utf-8")
        fresh.replace(folder / RECORD)
    except OSError as exc:  # a shared cache that is read-only: it is settled again next time
        _log.info("The check of the embedder cannot be recorded in %s: %s", folder, exc)
