"""Teaches the language model to answer from quotes: `python -m assistant.answering.training.teach --help`.

Can be stopped at any time: the newest checkpoint in the output folder is taken up by the next run of the same settings.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from assistant.answering.replies import CHECKED, check_of, opener_of, parsed, prompt_of
from assistant.answering.training.export import read
from assistant.answering.training.lessons import Lesson, lessons
from assistant.answering.training.taught import Row, TaughtModel, load, padded
from assistant.reading.training.batches import orders
from assistant.reading.training.checkpoints import resume, save, tell
from assistant.reading.training.train import MALLOC
from assistant.weights.language_model import LlamaCppModel

_STEP, _PART = 8, 2
_CHECKPOINT_S = 240
_LONGEST = 640
#: What these tokens weigh in the loss, where others weigh 1: the first of a reply (whether the quotes answer, and which
#: of them), its yes or no, and whether a reply holds.
_FIRST, _OPENER, _CHECK = 3.0, 6.0, 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of; another plan does not take up its checkpoints."""

    epochs: float
    rate: float
    seed: int
    first: int
    start: str


def encoded(model: LlamaCppModel, prompts: Path, lesson: Lesson) -> Row:
    """The tokens of prompt, reply and check as the product's model reads them.

    Raises ValueError when a reply is read otherwise before its check.
    """
    messages = prompt_of(prompts, lesson.quotes, lesson.question, lesson.language)
    prompt = model.tokens(messages)
    reply = [*prompt, *model.tokens_of(lesson.reply), model.end]
    learned: tuple[tuple[int, int, float], ...] = ()
    if lesson.task != "check":
        learned = ((len(prompt), len(reply), _FIRST),)
        line = parsed(lesson.reply.split("\n", 1)[0])
        if line and opener_of(line.text, lesson.language):
            at = len(prompt) + len(model.tokens_of(lesson.reply[: lesson.reply.index("]") + 1]))
            learned = ((len(prompt), at, _FIRST), (at, len(reply), _OPENER))
    if lesson.holds is None:
        return Row(reply, learned)
    checked = model.tokens(check_of(prompts, messages, lesson.reply, lesson.language))
    if checked[: len(reply)] != reply:
        raise ValueError(f"The reply {lesson.reply!r} is read otherwise before a check.")
    word = model.tokens_of(CHECKED[lesson.language][0 if lesson.holds else 1])[:1]
    return Row([*checked, *word], (*learned, (len(checked), len(checked) + 1, _CHECK)))


def teach(plan: Plan, taught: TaughtModel, rows: Sequence[Row], out: Path) -> None:
    """Run `plan` over `rows`, from the newest checkpoint in `out` where there is one of the same plan."""
    trained = [value for value in taught.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=plan.rate, weight_decay=0.0)
    chance = random.Random(plan.seed)
    groups: list[list[int]] = []
    steps = int(len(rows) * plan.epochs) // _STEP
    while len(groups) < steps:
        groups += orders([len(row.ids) for row in rows], _STEP, chance)
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


def _learn(taught: TaughtModel, rows: Sequence[Row]) -> tuple[float, int]:
    """Gradients of one step, in parts; the loss on what is learned, and how many tokens were read."""
    total = 0.0
    every = sum(end - start for row in rows for start, end, _ in row.learned)
    for part in (rows[at : at + _PART] for at in range(0, len(rows), _PART)):
        ids, wanted, following = padded(part)
        each = F.cross_entropy(taught(ids, wanted), following, reduction="none")
        weights = torch.ones_like(each)
        at = 0
        for start, end, first in (places for row in part for places in row.learned):
            weights[at] = first
            at += end - start
        loss = (each * weights).sum() / every
        loss.backward()
        total += loss.item()
    return total, sum(len(row.ids) for row in rows)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the trained adapter")
    parser.add_argument("--start", type=Path, help="the GGUF file of a trained adapter to start from")
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
    offers = options.out / "offers.jsonl"
    if not offers.is_file():
        raise SystemExit(f"{offers} is missing. Run python -m assistant.answering.training.offers --out {options.out}.")
    rows = [encoded(model, settings.prompts, each) for each in lessons(offers) if each.split == "train"]
    rows = [row for row in rows if len(row.ids) <= _LONGEST]
    tell(f"{len(rows)} lessons, {sum(len(row.ids) for row in rows)} tokens")
    torch.manual_seed(options.seed)
    taught = load(locate(settings.language_model, settings.cache), options.first)
    if options.start:
        taught.load_state_dict(read(options.start), strict=False)
    plan = Plan(options.epochs, options.rate, options.seed, options.first, str(options.start or ""))
    teach(plan, taught, rows, options.out)
    torch.save(taught.adapter(), options.out / "adapter.pt")
    (options.out / "checkpoint.pt").unlink(missing_ok=True)
    tell(f"written: {options.out / 'adapter.pt'}")


if __name__ == "__main__":
    main()
