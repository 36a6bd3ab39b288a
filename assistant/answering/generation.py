"""The model's part: it picks evidence ids and phrases, within a grammar that admits only the offered ids.

One line per sentence, id first: `[k3v] The sentence.` Lines are handed on as soon as they are complete.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.answering.evidence import as_prompt
from assistant.answering.prompts import load_prompt
from assistant.schema import Evidence, Language

_MAX_LINES = 4
_LINE = re.compile(r"^((?:\[[a-z0-9]+\] )+)(.+)$")


class ChatModel(Protocol):
    """What answering needs of a language model."""

    name: str

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's tokens."""

    def generate(
        self,
        messages: Sequence[dict[str, str]],
        *,
        max_tokens: int,
        grammar: str | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Iterator[str]:
        """The reply, piece by piece."""


@dataclass(frozen=True, slots=True)
class Line:
    """One generated line: the ids it names and its text."""

    ids: tuple[str, ...]
    text: str


def grammar(ids: Sequence[str]) -> str:
    """GBNF: one to four lines, each with one or two of `ids`, then text without brackets."""
    one_of = " | ".join(f'"[{name}] "' for name in ids)
    more = ' ("\\n" line)?' * (_MAX_LINES - 1)
    return f"root ::= line{more}\nline ::= id id? text\nid ::= {one_of}\ntext ::= [^\\n\\[\\]]+\n"


def generate_lines(
    model: ChatModel,
    prompts: Path,
    question: str,
    language: Language,
    evidence: Sequence[Evidence],
    *,
    max_tokens: int,
    cancel: Callable[[], bool] | None = None,
    on_first: Callable[[], None] | None = None,
) -> Iterator[Line]:
    """Yield the model's lines as they are complete. A line cut off by `max_tokens` or `cancel` is dropped."""
    messages = load_prompt(prompts, "answer", language, evidence=as_prompt(evidence), question=question)
    rules = grammar([piece.id for piece in evidence])
    waiting = ""
    tokens = 0
    for piece in model.generate(messages, max_tokens=max_tokens, grammar=rules, cancel=cancel):
        if on_first and not tokens:
            on_first()
        tokens += 1
        waiting += piece
        while "\n" in waiting:
            text, waiting = waiting.split("\n", 1)
            if line := _parse(text):
                yield line
    complete = tokens < max_tokens and not (cancel and cancel())
    if (complete or waiting.rstrip().endswith((".", "!", "?"))) and (line := _parse(waiting)):
        yield line


def _parse(text: str) -> Line | None:
    match = _LINE.match(text.strip())
    if not match:
        return None
    return Line(tuple(dict.fromkeys(re.findall(r"[a-z0-9]+", match.group(1)))), match.group(2).strip())
