"""The answer's sentences: phrased by the language model from the quotes and verified, else the quotes' own words.

Steps, warnings, lists and long texts are never paraphrased. Which quotes answer is not the model's choice: a grammar
prescribes one line for each of them, id first (`[k3v] The sentence.`), and a line is handed on once it is complete.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.answering.prompts import load_prompt
from assistant.answering.wording import as_prompt, display, plain, verbatim, with_original
from assistant.errors import ModelAway
from assistant.schema import Found, Language, Question, Quote, Sentence

_log = logging.getLogger(__name__)

#: The first line of every answer in the prompts' examples.
_YES: dict[Language, str] = {"ko": "있음", "en": "yes"}
_LINE = re.compile(r"^\[([a-z0-9]+)\] (.+)$")

Check = Callable[[str, Quote], bool]


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
class GeneratedLine:
    """One generated line: the id of its quote and its text."""

    id: str
    text: str


def say(
    question: Question,
    quotes: Sequence[tuple[Quote, Found]],
    model: ChatModel,
    prompts: Path,
    check: Check,
    *,
    max_tokens: int,
    cancel: Callable[[], bool] | None = None,
    on_first: Callable[[], None] | None = None,
    on_away: Callable[[], None] | None = None,
) -> Iterator[tuple[Sentence, bool]]:
    """Yield a sentence for each quote, in order, and whether it is a direct one (not a list or procedure as it stands).

    What fails `check`, or was not written, is said in the quote's own words; so is all that is left when the language
    model is away, and `on_away` is told.
    """
    waiting = [quote for quote, _ in quotes]
    phrased = [quote for quote in waiting if not verbatim(quote)]
    lines = generate_lines(
        model, prompts, question.text, question.language, phrased,
        max_tokens=max_tokens, cancel=cancel, on_first=on_first,
    )  # fmt: skip
    written: dict[str, str] = {}
    for quote in waiting:
        try:
            while quote in phrased and quote.id not in written and (line := next(lines, None)):
                written[line.id] = line.text
        except ModelAway as exc:
            _log.error("%s", exc)
            if on_away:
                on_away()
        if cancel and cancel():
            return
        text = written.get(quote.id, "")
        if text and check(text, quote):
            sentence, direct = with_original(text, quote, question.language), True
        else:
            sentence, direct = (display(quote), False) if verbatim(quote) else (plain(quote), True)
        yield Sentence(sentence, (quote.id,)), direct


def grammar(ids: Sequence[str], language: Language) -> str:
    """GBNF: the word for yes, then one line for each of `ids`, in order: the id, then text without brackets."""
    lines = ' "\\n" '.join(f'"[{name}] " text' for name in ids)
    return f'root ::= "{_YES[language]}\\n" {lines}\n' + "text ::= [^\\n\\[\\]]+\n"


def messages_for(prompts: Path, question: str, language: Language, quotes: Sequence[Quote]) -> list[dict[str, str]]:
    """The prompt of an answer."""
    return load_prompt(prompts, "answer", language, evidence=as_prompt(quotes), question=question)


def generate_lines(
    model: ChatModel,
    prompts: Path,
    question: str,
    language: Language,
    quotes: Sequence[Quote],
    *,
    max_tokens: int,
    cancel: Callable[[], bool] | None = None,
    on_first: Callable[[], None] | None = None,
) -> Iterator[GeneratedLine]:
    """Yield a line for each of `quotes` once it is complete; one cut off by `max_tokens` or `cancel` is dropped."""
    if not quotes:
        return
    messages = messages_for(prompts, question, language, quotes)
    rules = grammar([quote.id for quote in quotes], language)
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


def _parse(text: str) -> GeneratedLine | None:
    match = _LINE.match(text.strip())
    return GeneratedLine(match.group(1), match.group(2).strip()) if match else None
