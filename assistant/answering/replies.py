"""What the language model is asked and how it replies: one form, for every model, taught or not.

A reply is lines `[id] sentence` or `[id id] sentence`; where something is to be computed a formula, which is not used
(the quotes stand side by side: a sum of too few figures cannot be told from a right one); or the word for no, where the
quotes do not answer. Asked then whether all of a line stands in the quotes, it says yes or no.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answering.prompts import load_prompt
from assistant.answering.wording import as_prompt
from assistant.schema import Language, Quote

#: What is written where the quotes do not answer.
NOTHING: dict[Language, str] = {"ko": "없음", "en": "none"}
#: What is said of a reply that holds, and of one that does not.
CHECKED: dict[Language, tuple[str, str]] = {"ko": ("예", "아니요"), "en": ("yes", "no")}
#: Begins a line with a sentence.
BEGIN = "["
#: How a sentence says yes or no: the words for each.
OPENERS: dict[Language, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ko": (("네,", "예,"), ("아니요,", "아니오,")),
    "en": (("Yes,",), ("No,",)),
}
_LINE = re.compile(r"^\[([a-z0-9]+(?: [a-z0-9]+)*)\] (.+)$")

Messages = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with the ids of the quotes that it rests on."""

    ids: tuple[str, ...]
    text: str

    @property
    def written(self) -> str:
        """The line as the model writes it."""
        return f"[{' '.join(self.ids)}] {self.text}"


def prompt_of(prompts: Path, quotes: Sequence[Quote], question: str, language: Language) -> Messages:
    """The messages that ask for a reply."""
    return load_prompt(prompts, "answer", language, evidence=as_prompt(quotes), question=question)


def check_of(prompts: Path, messages: Messages, reply: str, language: Language) -> Messages:
    """The messages that ask whether `reply` to `messages` holds."""
    return [*messages, {"role": "assistant", "content": reply}, *load_prompt(prompts, "check", language)]


def grammar(ids: Sequence[str]) -> str:
    """GBNF of a reply: no other ids than `ids`, no brackets in a sentence, at most one line a quote and one more.

    Whether the quotes answer was decided before, so the word for no is none of them; nor is a formula.
    """
    one = " | ".join(f'"{name}"' for name in ids)
    further = f'("\\n" line){{0,{len(ids)}}}'
    return f'root ::= line {further}\nline ::= "[" id (" " id)* "] " text\nid ::= {one}\ntext ::= [^\\n\\[\\]]+\n'


def parsed(line: str) -> Line | None:
    """What one line of a reply says; None for the word for no, for a formula and for what has not the form."""
    found = _LINE.match(line.strip())
    return Line(tuple(dict.fromkeys(found[1].split())), found[2].strip()) if found else None


def opener_of(sentence: str, language: Language) -> str:
    """The yes or no that a sentence begins with; empty without one."""
    return next((word for words in OPENERS[language] for word in words if sentence.startswith(word)), "")


def opposite(reply: str, language: Language) -> str:
    """A reply with yes for no, or no for yes, at its beginning; as it is without one."""
    line = parsed(reply.split("\n", 1)[0])
    opener = opener_of(line.text, language) if line else ""
    yes, no = OPENERS[language]
    return reply.replace(opener, (no if opener in yes else yes)[0], 1) if opener else reply
