"""What the reader is given to read: a rule's card, the outputs that may be asked for, sentences about the asker.

Knows only words; what the reader makes of them is for `route.py` and `given.py`.
"""

from __future__ import annotations

from assistant.rules.definition import Input, Rule
from assistant.rules.wording import topic, upper
from assistant.schema import Excerpt, Language


def card(rule: Rule, language: Language) -> Excerpt:
    """Make the card of a rule: its title, what it computes, a few questions as examples."""
    return Excerpt(" ".join([rule.computes.of(language), *rule.examples[language]]), rule.title.of(language))


def target_card(rule: Rule, target: str, language: Language) -> Excerpt:
    """Make the card of one output of a rule, by its name in words."""
    return Excerpt(rule.labels[target].of(language), rule.title.of(language))


def sentences(entry: Input, language: Language) -> dict[str, str]:
    """Make a sentence for each value of a choice or a flag (`true`, `false`): the asker's words support it or not."""
    if entry.yes and entry.no:
        return {"true": entry.yes.of(language), "false": entry.no.of(language)}
    label = entry.label.of(language)
    if language == "ko":
        return {choice.name: f"{topic(label)} {choice.label.ko}입니다." for choice in entry.choices.values()}
    return {choice.name: f"{upper('the ' + label)} is: {choice.label.en}." for choice in entry.choices.values()}
