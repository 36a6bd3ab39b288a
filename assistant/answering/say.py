"""The answer's sentences: written by the language model from the quotes, proved one by one, else the quotes' own words.

One call: a grammar allows no other form than that of `replies`. A sentence is shown when code finds its figures,
dates, units and names in the quotes that it cites and the model, asked again, and the reader confirm it. Steps,
warnings, lists and long texts stand as they are under it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.answering.replies import (
    BEGIN,
    CHECKED,
    NOTHING,
    Line,
    Messages,
    check_of,
    grammar,
    opener_of,
    parsed,
    prompt_of,
)
from assistant.answering.verify import problems, support
from assistant.answering.wording import display, is_step, is_warning, plain, verbatim, with_original
from assistant.errors import ModelAway
from assistant.reading import Reader
from assistant.reading.probability import logit
from assistant.schema import Language, Quote, Sentence, Status

_log = logging.getLogger(__name__)

#: The language model reads quotes up to this length (characters); longer ones stand as they are.
_READ = 1200


class ChatModel(Protocol):
    """What answering needs of a language model."""

    name: str

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's tokens."""

    def warm_up(self, messages: Sequence[dict[str, str]]) -> None:
        """Load, and read the part of a prompt that does not change."""

    def log_odds(self, messages: Sequence[dict[str, str]], beginnings: Sequence[str], against: str) -> float | None:
        """How much rather the reply begins with one of `beginnings` than with `against`.

        None when the model was not taught replies of the form that is asked for.
        """

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
class Speaker:
    """A language model with its prompts, and the reader that seconds it.

    `holds`: log odds from which a sentence is confirmed; `backing`: what the reader's log odds weigh in them. A model
    that was not taught is asked for no judgement: the reader alone confirms then, from the probability `supports`.
    """

    model: ChatModel
    reader: Reader
    prompts: Path
    max_tokens: int
    holds: float
    backing: float
    supports: float

    def write(
        self,
        messages: Messages,
        quotes: Sequence[Quote],
        *,
        cancel: Callable[[], bool] | None = None,
        on_first: Callable[[], None] | None = None,
    ) -> Iterator[Line]:
        """Yield what the model replies, line by line.

        One cut off by `max_tokens` or `cancel` is dropped; so is one that names no quote: servers without grammars
        write such lines.
        """
        ids = [quote.id for quote in quotes]
        rules = grammar(ids)

        def named(text: str) -> Line | None:
            line = parsed(text)
            return line if line and set(line.ids) <= set(ids) else None

        waiting, tokens = "", 0
        for piece in self.model.generate(messages, max_tokens=self.max_tokens, grammar=rules, cancel=cancel):
            if on_first and not tokens:
                on_first()
            tokens += 1
            waiting += piece
            while "\n" in waiting:
                text, waiting = waiting.split("\n", 1)
                if line := named(text):
                    yield line
        complete = tokens < self.max_tokens and not (cancel and cancel())
        if not complete and not waiting.rstrip().endswith((".", "!", "?")):
            return
        if line := named(waiting):
            yield line

    def answers(self, question: str, quotes: Sequence[Quote], language: Language) -> float | None:
        """How much rather the model replies from the quotes than that they do not answer, in log odds.

        None when it was not taught to say so, or cannot: no server answers, all quotes are too long.
        """
        short = readable(quotes)
        if not short:
            return None
        messages = prompt_of(self.prompts, short, question, language)
        try:
            return self.model.log_odds(messages, [f"{BEGIN}{quote.id}" for quote in short], NOTHING[language])
        except ModelAway as exc:
            _log.error("%s", exc)
            return None

    def confirms(self, messages: Messages, line: Line, cited: Sequence[Quote], language: Language) -> bool:
        """Whether the model, asked again, and the reader find that all of a line stands in the quotes."""
        supported = support(line.text, cited, self.reader)
        holds, fails = CHECKED[language]
        odds = self.model.log_odds(check_of(self.prompts, messages, line.written, language), [holds], fails)
        if odds is None:
            return supported >= self.supports
        return odds + self.backing * logit(supported) >= self.holds


def readable(quotes: Sequence[Quote]) -> list[Quote]:
    """Those that are short enough for the language model."""
    return [quote for quote in quotes if len(quote.quote) <= _READ]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of an answer, and what status it gives the answer: as `assistant.schema.Status` has them."""

    sentence: Sentence
    status: Status


def say(
    question: str,
    language: Language,
    quotes: Sequence[Quote],
    speaker: Speaker,
    wanted: Mapping[str, str],
    *,
    cancel: Callable[[], bool] | None = None,
    on_first: Callable[[], None] | None = None,
) -> Iterator[Said]:
    """Yield the sentences of an answer from `quotes`, in order.

    `wanted`: the passages, by the ids of their quotes, that have to be told: in the quotes' own words if no sentence
    tells of them; their warnings first and their steps in any case, and a list that a sentence rests on. What a line
    that cannot be proved rests on is told so as well, and everything when the language model is away: all sentences
    have the status `quotes_only` then.
    """
    stopped = cancel or (lambda: False)
    by_id = {quote.id: quote for quote in quotes}
    short = readable(quotes)
    told: set[str] = set()
    failed: set[str] = set()
    warnings = [quote for quote in quotes if quote.id in wanted and is_warning(quote.quote.strip())]
    yield from (Said(Sentence(display(quote), (quote.id,)), "evidence_only") for quote in warnings)
    messages = prompt_of(speaker.prompts, short, question, language)
    away = False
    try:
        lines = list(speaker.write(messages, short, cancel=cancel, on_first=on_first)) if short else []
        for line in lines:
            if stopped():
                return
            cited = [by_id[name] for name in line.ids]
            if problems(line.text, cited, question, language) or not speaker.confirms(messages, line, cited, language):
                failed |= set(line.ids)
                continue
            sentence = with_original(_without_opener(line.text, language), cited, language)
            yield Said(Sentence(sentence, line.ids), "answered")
            told |= set(line.ids)
    except ModelAway as exc:
        _log.error("%s", exc)
        away = True
    if not stopped():
        covered = {wanted[name] for name in told if name in wanted}
        for quote in (each for each in quotes if each not in warnings):
            whole = verbatim(quote)
            stays = whole and (is_step(quote.quote) or quote.id in told)
            left_out = quote.id in wanted and (stays or wanted[quote.id] not in covered)
            if away or left_out or quote.id in failed - told:
                status: Status = "quotes_only" if away else "evidence_only" if whole else "answered"
                yield Said(Sentence(display(quote) if whole else plain(quote), (quote.id,)), status)


def _without_opener(sentence: str, language: Language) -> str:
    """A sentence without the yes or no that it begins with: nothing proves that word, and no other is as dangerous."""
    opener = opener_of(sentence, language)
    rest = sentence[len(opener) :].lstrip()
    return rest[:1].upper() + rest[1:] if opener and rest else sentence
