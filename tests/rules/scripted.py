"""A reader that reads from a script: for each text of an asker the rule, its target and the words of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.rules.cards import card, sentences, target_card
from assistant.rules.definition import load_rules
from assistant.rules.given import AS_OF, AS_OF_QUESTION
from assistant.rules.values import LANGUAGES
from assistant.schema import Excerpt, Reading, Span

SURE, NOT = 0.95, 0.02


@dataclass(frozen=True, slots=True)
class Script:
    """What the reader is to find in a text.

    `rule`: whose card fits the text alone ("" for none); `continues`: whose card fits it read with the turn before.
    `inputs`: the words that state an input, or several (a second span), by name; `choices`: the supported key;
    `unsure`: inputs that are found with half the probability.
    """

    rule: str = ""
    inputs: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    continues: str = ""
    unsure: tuple[str, ...] = ()


class ScriptedReader:
    """Implements `assistant.reading.Reader`; `asked` records every question with the text that was read for it."""

    fingerprint = "scripted"

    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self.scripts = scripts
        self.asked: list[tuple[str, str]] = []

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """What the scripts say; a text without a script fits and states nothing."""
        self.asked += [(question, excerpt.text) for excerpt in excerpts]
        return [self._reading(question, excerpt) for excerpt in excerpts]

    def supports(self, sentence: str, excerpts: Sequence[Excerpt]) -> list[float]:
        """Sure where the script chooses the value that `sentence` is about."""
        return [self._supported(sentence, excerpt.text) for excerpt in excerpts]

    def _reading(self, question: str, excerpt: Excerpt) -> Reading:
        if excerpt.text in self.scripts and not excerpt.title:
            return self._input(question, excerpt.text)
        before, _, last = question.rpartition(" / ")
        script = self.scripts.get(last, Script())
        rule = script.continues if before else script.rule
        fitting = [card(load_rules()[rule], language) for language in LANGUAGES] if rule else []
        if script.target and not before:
            fitting += [target_card(load_rules()[rule], script.target, language) for language in LANGUAGES]
        return Reading(SURE if excerpt in fitting else NOT, 0.0)

    def _input(self, question: str, text: str) -> Reading:
        script = self.scripts[text]
        for name, words in script.inputs.items():
            if question in self._questions(script, name):
                several = (words,) if isinstance(words, str) else words
                starts = [text.index(part) for part in several]
                spans = tuple(Span(at, at + len(part), 0.9) for at, part in zip(starts, several, strict=True))
                return Reading(0.4 if name in script.unsure else SURE, 0.0, spans)
        return Reading(NOT, 0.0)

    def _questions(self, script: Script, name: str) -> tuple[str, ...]:
        if name == AS_OF:
            return (AS_OF_QUESTION.ko, AS_OF_QUESTION.en)
        entry = load_rules()[script.rule or script.continues].inputs[name]
        return (entry.question.ko, entry.question.en)

    def _supported(self, sentence: str, text: str) -> float:
        script = self.scripts.get(text, Script())
        entries = load_rules()[script.rule or script.continues].inputs
        for name, key in script.choices.items():
            if any(sentences(entries[name], language).get(key) == sentence for language in LANGUAGES):
                return SURE
        return NOT
