"""Teaches the reader: `python -m assistant.reading.training.train --help`.

Can be stopped at any time: the newest checkpoint in the output folder is taken up by the next run of the same settings.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from assistant.reading.training.batches import SILENT, Encoded, encode, orders, padded
from assistant.reading.training.checkpoints import resume, save, tell
from assistant.reading.training.examples import (
    Example,
    answers,
    hits,
    invented,
    mechanical,
    mined,
    own,
    pieces,
    public,
    rules,
    supports,
)
from assistant.reading.training.network import ReaderNetwork

_BATCH, _PART = 32, 16
_CHECKPOINT_S = 240
#: How much faster the heads learn than the encoder: they begin with nothing.
_HEADS = 10.0
#: How often an example is learned that says something rare: that the asked thing is not known.
_RARE = 2
#: What counts little because it is said so often: that nothing is to be computed.
_OPERATION_WEIGHTS = [0.3, 1.0, 1.0, 1.0]
#: glibc must keep what it has: half of the time went to page faults when it gave every tensor's memory back.
MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "1073741824",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of; another plan does not take up its checkpoints."""

    epochs: float
    rate: float
    seed: int
    public: int
    start: str
    frozen: int = 0


def examples(shared: Path | None, lies: Path | None, most_public: int) -> list[Example]:
    """All examples: to learn from (`train`) and to measure with (`report`)."""
    found = [
        *own(shared), *hits(), *invented(), *mined(shared), *answers(), *supports(shared), *mechanical(lies), *rules(),
        *public(shared, most_public),
    ]  # fmt: skip
    found += pieces([each for each in found if each.source in ("own", "hits", "invented")])
    if not found:
        raise SystemExit("There is nothing to learn from: assistant/reading/training/data is empty.")
    return found


def rare(example: Example) -> bool:
    """Whether few examples say what this one says."""
    return bool(example.unknown)


def loss_of(outputs: tuple[torch.Tensor, ...], batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """One number for a batch: cross entropy of what is known of judgements, marks, kinds and operations."""
    judged, kind, operation, mark = (each.float() for each in outputs)
    known = (batch["judged"] != SILENT).float()
    weights = torch.tensor([1.0, 0.5, 1.0])
    each = F.binary_cross_entropy_with_logits(judged, batch["judged"].clamp_min(0).float(), reduction="none")
    total = (each * known * weights).sum() / len(judged)
    for logits, target, share, often in (
        (kind, batch["kind"], 0.15, None),
        (operation, batch["operation"], 0.3, torch.tensor(_OPERATION_WEIGHTS)),
    ):
        if (target != SILENT).any():
            total = total + share * F.cross_entropy(logits, target, often, ignore_index=SILENT)
    tokens = F.binary_cross_entropy_with_logits(mark, batch["marks"], reduction="none", pos_weight=torch.tensor(3.0))
    rows = (tokens * batch["marked"]).sum(1) / batch["marked"].sum(1).clamp_min(1)
    return total + 1.0 * rows.sum() / len(judged)


class _Progress:
    """Lines on standard error: step, loss, speed, remaining time."""

    def __init__(self, steps: int, done: int) -> None:
        self._steps, self._first, self._start, self._tokens = steps, done, time.monotonic(), 0
        self._losses: list[float] = []

    def step(self, number: int, loss: float, tokens: int) -> None:
        self._losses = [*self._losses[-49:], loss]
        self._tokens += tokens
        if number % 20 == 0 or number == self._steps:
            spent = time.monotonic() - self._start
            left = spent / max(1, number - self._first) * (self._steps - number)
            mean = sum(self._losses) / len(self._losses)
            speed = f"{self._tokens / spent:.0f} tokens/s"
            tell(f"step {number}/{self._steps}  loss {mean:.3f}  {speed}  {left / 60:.0f} min left")


def train(plan: Plan, base: Path, learned: list[Encoded], pad: int, out: Path) -> ReaderNetwork:
    """Run `plan` over `learned`, from the newest checkpoint in `out` where there is one of the same plan."""
    torch.manual_seed(plan.seed)
    network = ReaderNetwork(base, plan.frozen)
    if plan.start:
        network.load_state_dict(torch.load(plan.start, weights_only=True), strict=False)
    trained = [(name, value) for name, value in network.named_parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {
                "params": [v for name, v in trained if name.startswith("encoder.") == inside and (v.ndim > 1) == wide],
                "weight_decay": 0.01 if wide else 0.0,
                "factor": 1.0 if inside else _HEADS,
            }
            for inside in (True, False)
            for wide in (True, False)
        ],
        lr=plan.rate,
    )
    chance = random.Random(plan.seed)
    groups: list[list[int]] = []
    steps = int(len(learned) * plan.epochs) // _BATCH
    while len(groups) < steps:
        groups += orders([len(each.ids) for each in learned], _BATCH, chance)
    checkpoint = out / "checkpoint.pt"
    done = resume(checkpoint, plan, network, optimizer)
    progress = _Progress(steps, done)
    saved = time.monotonic()
    network.train()
    for number in range(done, steps):
        rate = plan.rate * min(1, (number + 1) / 60) * max(0.05, 1 - number / steps)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        optimizer.zero_grad()
        loss, tokens = _learn(network, [learned[at] for at in groups[number]], pad)
        torch.nn.utils.clip_grad_norm_([value for _, value in trained], 1.0)
        optimizer.step()
        progress.step(number + 1, loss, tokens)
        if time.monotonic() - saved > _CHECKPOINT_S or number + 1 == steps:
            save(checkpoint, plan, network.trained_state(), optimizer, number + 1)
            saved = time.monotonic()
    network.eval()
    return network


def _learn(network: ReaderNetwork, rows: list[Encoded], pad: int) -> tuple[float, int]:
    loss, tokens = 0.0, 0
    for part in (rows[at : at + _PART] for at in range(0, len(rows), _PART)):
        batch = padded(part, pad)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = network(batch["ids"], batch["mask"])
        share = loss_of(outputs, batch) * (len(part) / len(rows))
        share.backward()
        loss += share.item()
        tokens += int(batch["mask"].sum())
    return loss, tokens


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder of the base network (transformers)")
    parser.add_argument("--shared", type=Path, help="folder of the public pairs (*.jsonl); without it only our own")
    parser.add_argument("--lies", type=Path, help="what assistant.evaluation.mutation --pairs wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the trained weights")
    parser.add_argument("--start", type=Path, help="trained weights to start from")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=8e-5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--public", type=int, default=1000, help="pairs of each public set")
    parser.add_argument("--frozen", type=int, default=0, help="first layers that stay as they are")
    parser.add_argument("--threads", type=int, default=0, help="0: as torch wants")
    options = parser.parse_args()
    if any(name not in os.environ for name in MALLOC):
        os.execve(sys.executable, [sys.executable, "-m", __spec__.name, *sys.argv[1:]], {**os.environ, **MALLOC})
    if options.threads:
        torch.set_num_threads(options.threads)
    from transformers import AutoTokenizer

    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(options.base)
    found = examples(options.shared, options.lies, options.public)
    chosen = [each for each in found if each.split == "train"]
    chosen += [each for each in chosen if rare(each) for _ in range(_RARE - 1)]
    learned = [encode(each, tokenizer) for each in chosen]
    tell(f"{len(learned)} examples, {sum(len(each.ids) for each in learned)} tokens")
    start = str(options.start) if options.start else ""
    plan = Plan(options.epochs, options.rate, options.seed, options.public, start, options.frozen)
    network = train(plan, options.base, learned, tokenizer.pad_token_id, options.out)
    torch.save(network.trained_state(), options.out / "reader.pt")
    with contextlib.suppress(FileNotFoundError):
        (options.out / "checkpoint.pt").unlink()
    tell(f"written: {options.out / 'reader.pt'}")


if __name__ == "__main__":
    main()
