"""Teaches the language model to answer from quotes: `python -m assistant.answering.training.teach --help`.

Can be stopped at any time: the newest checkpoint in the output folder is taken up by the next run of the same settings.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from assistant.answering.prompts import load_prompt
from assistant.answering.training.lessons import Lesson, lessons
from assistant.answering.training.taught import TaughtModel, load, padded
from assistant.answering.wording import as_prompt
from assistant.reading.training.batches import orders
from assistant.reading.training.checkpoints import resume, save, tell
from assistant.reading.training.train import MALLOC
from assistant.weights.language_model import LlamaCppModel

_STEP, _PART = 8, 4
_CHECKPOINT_S = 240
_LONGEST = 640
#: What the first token weighs: whether the quotes answer, and how.
_FIRST = 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of; another plan does not take up its checkpoints."""

    epochs: float
    rate: float
    seed: int
    first: int
    start: str


def encoded(model: LlamaCppModel, prompts: Path, lesson: Lesson) -> tuple[list[int], int]:
    """Tokens of prompt and reply as the product's model reads them, and how many are the prompt's."""
    evidence = as_prompt(lesson.quotes)
    messages = load_prompt(prompts, "taught", lesson.language, evidence=evidence, question=lesson.question)
    prompt = model.tokens(messages)
    reply = model.tokens_of(lesson.reply)
    return [*prompt, *reply, model.end], len(prompt)


def teach(plan: Plan, taught: TaughtModel, rows: list[tuple[list[int], int]], out: Path) -> None:
    """Run `plan` over `rows`, from the newest checkpoint in `out` where there is one of the same plan."""
    trained = [value for value in taught.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=plan.rate, weight_decay=0.0)
    chance = random.Random(plan.seed)
    groups: list[list[int]] = []
    steps = int(len(rows) * plan.epochs) // _STEP
    while len(groups) < steps:
        groups += orders([len(ids) for ids, _ in rows], _STEP, chance)
    checkpoint = out / "checkpoint.pt"
    done = resume(checkpoint, plan, taught, optimizer)
    began, saved, tokens = time.monotonic(), time.monotonic(), 0
    losses: list[float] = []
    for number in range(done, steps):
        rate = plan.rate * min(1, (number + 1) / 20) * max(0.05, 1 - number / steps)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss, read = _learn(taught, [rows[at] for at in groups[number]])
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        tokens, losses = tokens + read, [*losses[-29:], loss]
        if (number + 1) % 5 == 0 or number + 1 == steps:
            spent = time.monotonic() - began
            left = spent / (number + 1 - done) * (steps - number - 1)
            tell(
                f"step {number + 1}/{steps}  loss {sum(losses) / len(losses):.3f}  {tokens / spent:.0f} tokens/s  "
                f"{left / 60:.0f} min left"
            )
        if time.monotonic() - saved > _CHECKPOINT_S or number + 1 == steps:
            save(checkpoint, plan, taught.adapter(), optimizer, number + 1)
            saved = time.monotonic()


def _learn(taught: TaughtModel, rows: list[tuple[list[int], int]]) -> tuple[float, int]:
    """Gradients of one step, in parts; the loss on the replies, and how many tokens were read."""
    total = 0.0
    every = sum(len(ids) - prompt for ids, prompt in rows)
    for part in (rows[at : at + _PART] for at in range(0, len(rows), _PART)):
        ids, wanted, following = padded(part)
        each = F.cross_entropy(taught(ids, wanted), following, reduction="none")
        weights = torch.ones_like(each)
        at = 0
        for tokens, prompt in part:
            weights[at] = _FIRST
            at += len(tokens) - prompt
        loss = (each * weights).sum() / every
        loss.backward()
        total += loss.item()
    return total, sum(len(ids) for ids, _ in rows)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the trained adapter")
    parser.add_argument("--start", type=Path, help="a trained adapter to start from")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=14, help="the first block that is adapted")
    options = parser.parse_args()
    if any(name not in os.environ for name in MALLOC):
        os.execve(sys.executable, [sys.executable, "-m", __spec__.name, *sys.argv[1:]], {**os.environ, **MALLOC})
    from assistant.settings import load_settings
    from assistant.weights.store import locate

    settings = load_settings()
    model = LlamaCppModel(settings.language_model, settings.cache, context_tokens=2048)
    options.out.mkdir(parents=True, exist_ok=True)
    rows = [encoded(model, settings.prompts, each) for each in lessons() if each.split == "train"]
    rows = [row for row in rows if len(row[0]) <= _LONGEST]
    tell(f"{len(rows)} lessons, {sum(len(ids) for ids, _ in rows)} tokens")
    torch.manual_seed(options.seed)
    taught = load(locate(settings.language_model, settings.cache), options.first)
    if options.start:
        taught.load_state_dict(torch.load(options.start, weights_only=True), strict=False)
    plan = Plan(options.epochs, options.rate, options.seed, options.first, str(options.start or ""))
    teach(plan, taught, rows, options.out)
    torch.save(taught.adapter(), options.out / "adapter.pt")
    (options.out / "checkpoint.pt").unlink(missing_ok=True)
    tell(f"written: {options.out / 'adapter.pt'}")


if __name__ == "__main__":
    main()
