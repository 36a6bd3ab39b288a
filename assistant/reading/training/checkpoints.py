"""Checkpoints of a training: written whole or not at all, taken up by a run of the same plan alone."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch


def tell(line: str) -> None:
    """Write a line of progress to standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def resume(path: Path, plan: Any, network: torch.nn.Module, optimizer: Any) -> int:
    """Bring network and optimizer into the state at `path`; returns its step, 0 when there is none of this plan."""
    if not path.is_file():
        return 0
    kept = torch.load(path, weights_only=True)
    if kept["plan"] != json.dumps(asdict(plan)):
        tell(f"{path} is of another plan and is not taken up")
        return 0
    network.load_state_dict(kept["network"], strict=False)
    optimizer.load_state_dict(kept["optimizer"])
    tell(f"goes on at step {kept['step']}")
    return int(kept["step"])


def save(path: Path, plan: Any, trained: dict[str, torch.Tensor], optimizer: Any, step: int) -> None:
    """Write what `resume` takes up: the plan (a dataclass), the trained weights, the optimizer's state, the step."""
    fresh = path.with_suffix(".new")
    kept = {"plan": json.dumps(asdict(plan)), "network": trained, "step": step}
    torch.save({**kept, "optimizer": optimizer.state_dict()}, fresh)
    fresh.replace(path)
