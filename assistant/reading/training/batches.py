"""Examples as tensors: tokens, masks and targets, in batches of like length."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from assistant.reading.encoding import MOST_TOKENS, QUESTION_TOKENS
from assistant.reading.training.examples import Example
from assistant.reading.training.network import KINDS, OPERATIONS

#: Target of a head that an example says nothing about.
SILENT = -1


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example: token ids, targets of answers, unknown, supports (1, 0 or SILENT), kind, operation, marks.

    `text_from` is the first token of the text; `marks` None where spans are not known.
    """

    ids: list[int]
    judged: tuple[int, int, int]
    kind: int
    operation: int
    text_from: int
    marks: list[int] | None


def _target(value: bool | None) -> int:
    return SILENT if value is None else int(value)


def encode(example: Example, tokenizer: Any) -> Encoded:
    """Tokens and targets of `example`; a text that is too long loses its beginning if its answer stands later."""
    question = tokenizer(example.question, add_special_tokens=False)["input_ids"][:QUESTION_TOKENS]
    prefix = tokenizer(example.prefix, add_special_tokens=False)["input_ids"] if example.prefix else []
    room = MOST_TOKENS - len(question) - len(prefix) - 4
    text = tokenizer(example.text, add_special_tokens=False, return_offsets_mapping=True)
    ids, places = text["input_ids"], text["offset_mapping"]
    inside = [
        int(any(start < end_ and begin_ < end for begin_, end_ in example.spans) and end > start)
        for start, end in places
    ]
    if len(ids) > room:
        first = inside.index(1) if 1 in inside else 0
        skip = max(0, min(len(ids) - room, first - room // 3)) if first >= room * 0.8 else 0
        ids, inside = ids[skip : skip + room], inside[skip : skip + room]
    begin, end = tokenizer.cls_token_id, tokenizer.sep_token_id
    head = [begin, *question, end, end, *prefix]
    knows = bool(example.spans) or example.answers is False
    return Encoded(
        [*head, *ids, end],
        (_target(example.answers), _target(example.unknown), _target(example.supports)),
        KINDS.index(example.kind) if example.kind else SILENT,
        OPERATIONS.index(example.operation) if example.operation else SILENT,
        len(head),
        inside if knows else None,
    )


def orders(lengths: Sequence[int], size: int, chance: random.Random) -> list[list[int]]:
    """One pass over all positions, in batches of `size` of nearly equal length, in a random order."""
    positions = list(range(len(lengths)))
    chance.shuffle(positions)
    found: list[list[int]] = []
    for at in range(0, len(positions), size * 32):
        near = sorted(positions[at : at + size * 32], key=lambda position: lengths[position])
        groups = [near[start : start + size] for start in range(0, len(near), size)]
        chance.shuffle(groups)
        found += groups
    return found


def padded(batch: Sequence[Encoded], pad: int) -> dict[str, torch.Tensor]:
    """The tensors of a batch: ids, mask, judged (n, 3), kind, operation, marks and marked (the tokens that count)."""
    longest = max(len(each.ids) for each in batch)
    ids = torch.full((len(batch), longest), pad)
    mask = torch.zeros(len(batch), longest, dtype=torch.long)
    marks = torch.zeros(len(batch), longest)
    marked = torch.zeros(len(batch), longest)
    for row, each in enumerate(batch):
        ids[row, : len(each.ids)] = torch.tensor(each.ids)
        mask[row, : len(each.ids)] = 1
        if each.marks is not None:
            text = slice(each.text_from, each.text_from + len(each.marks))
            marks[row, text] = torch.tensor(each.marks, dtype=torch.float)
            marked[row, text] = 1
    return {
        "ids": ids,
        "mask": mask,
        "judged": torch.tensor([each.judged for each in batch]),
        "kind": torch.tensor([each.kind for each in batch]),
        "operation": torch.tensor([each.operation for each in batch]),
        "marks": marks,
        "marked": marked,
    }
