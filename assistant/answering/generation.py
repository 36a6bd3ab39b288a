"""The model's part: it phrases an answer from each piece of evidence, within a grammar that fixes the ids.

Which pieces answer the question is not its choice: measured on the tuning questions, its first choice was right for 17
of 40, that of words and embedder for 30. One line per piece, id first: `[k3v] The sentence.` Lines are handed on as
soon as they are complete.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.answering.prompts import load_prompt
from assistant.answering.wording import as_prompt
from assistant.schema import Evidence, Language

#: The first line of every answer in the prompts' examples.
_YES: dict[Language, str] = {"ko": "있음", "en": "yes"}
_NO: dict[Language, str] = {"ko": "없음", "en": "no"}
#: The Korean prompt leans to no: added to the odds, so that one threshold fits both. On the tuning questions, of the
#: pieces that hold the answer 11 % (ko) and 3 % (en) are then rejected, of those beside an unanswerable question 10 of
#: 14 and 4 of 8.
_LEAN: dict[Language, float] = {"ko": 0.5, "en": 0.0}
_LINE = re.compile(r"^\[([a-z0-9]+)\] (.+)$")


class ChatModel(Protocol):
    """What answering needs of a language model."""

    name: str

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's tokens."""

    def warm_up(self, messages: Sequence[dict[str, str]]) -> None:
        """Load, and read the part of a prompt that does not change."""

    def log_odds(self, messages: Sequence[dict[str, str]], first: str, second: str) -> float:
        """How much rather the reply begins with `first` than with `second`."""

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
    """One generated line: the id of its evidence and its text."""

    id: str
    text: str


def grammar(ids: Sequence[str], language: Language) -> str:
    """GBNF: the word for yes, then one line for each of `ids`, in order: the id, then text without brackets."""
    lines = ' "\\n" '.join(f'"[{name}] " text' for name in ids)
    return f'root ::= "{_YES[language]}\\n" {lines}\n' + "text ::= [^\\n\\[\\]]+\n"


def messages_for(
    prompts: Path, question: str, language: Language, evidence: Sequence[Evidence]
) -> list[dict[str, str]]:
    """The prompt of an answer."""
    return load_prompt(prompts, "answer", language, evidence=as_prompt(evidence), question=question)


def judgement(
    model: ChatModel, prompts: Path, question: str, language: Language, evidence: Sequence[Evidence]
) -> float:
    """The model's log odds that `evidence` answers the question, the lean of the prompt set off. Nothing is written."""
    odds = model.log_odds(messages_for(prompts, question, language, evidence), _YES[language], _NO[language])
    return odds + _LEAN[language]


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
    """Yield a line for each piece of `evidence`, as they are complete.

    A line cut off by `max_tokens` or `cancel` is dropped.
    """
    messages = messages_for(prompts, question, language, evidence)
    rules = grammar([piece.id for piece in evidence], language)
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
    return Line(match.group(1), match.group(2).strip()) if match else None
