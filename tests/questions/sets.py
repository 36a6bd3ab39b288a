"""The question sets of this folder, and the rule that divides the big one into dev and test."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path, PurePosixPath

from assistant.evaluation.questions import Question, load_questions

FOLDER = Path(__file__).resolve().parent
KEYED = sorted(path.stem for path in FOLDER.glob("*.jsonl") if path.stem != "attacks")
BIG = [name for name in KEYED if name.startswith("part")]
#: Families that are dev although their SHA-1 says test: otherwise no machine would be in dev.
DEV_BY_DECISION = {"cnc-lathe"}


@cache
def questions(name: str) -> tuple[Question, ...]:
    """The set `name`."""
    return tuple(load_questions(FOLDER / f"{name}.jsonl"))


def family(document_id: str) -> str:
    """`manuals/cnc-lathe-rev-b.en.pdf` → `cnc-lathe`; `proposals/x-2026-budget.xlsx` → `x-2026`."""
    name = PurePosixPath(document_id).name.split(".")[0]
    return name.split("-rev-")[0].removesuffix("-budget")


def split(document_id: str) -> str:
    """`dev` or `test`."""
    name = family(document_id)
    is_dev = name in DEV_BY_DECISION or hashlib.sha1(name.encode()).hexdigest()[0] in "01234567"
    return "dev" if is_dev else "test"
