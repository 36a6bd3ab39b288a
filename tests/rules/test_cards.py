"""What the reader is given to read about the rules."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from assistant.rules.cards import card, sentences, target_card
from assistant.rules.definition import RULES, load_rules
from assistant.rules.values import LANGUAGES
from assistant.schema import Language

RULE_LIST = list(load_rules().values())
LINES = (Path(__file__).parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
def test_cards_are_short_distinct_and_in_one_language(language: Language) -> None:
    cards = [card(rule, language) for rule in RULE_LIST]
    assert len({(entry.title, entry.text) for entry in cards}) == len(cards)
    for entry in cards:
        assert entry.title and len(entry.text) <= 350
        assert bool(re.search("[가-힣]", entry.text)) == (language == "ko")


def test_no_example_is_one_of_the_questions_that_measure() -> None:
    measured = {json.loads(line)["question"] for line in LINES}
    for rule in RULE_LIST:
        assert all(rule.examples[language] for language in LANGUAGES)
        assert not measured & {example for language in LANGUAGES for example in rule.examples[language]}


def test_rule_files_hold_no_patterns() -> None:
    for path in RULES.rglob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert "(?:" not in text and "|" not in text and ".*" not in text, path.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_outputs_with_words_of_their_own(language: Language) -> None:
    for rule in RULE_LIST:
        assert len({target_card(rule, target, language).text for target in rule.targets}) == len(rule.targets)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_value_of_a_choice_or_a_flag_has_a_sentence_of_its_own(language: Language) -> None:
    for rule in RULE_LIST:
        for entry in rule.inputs.values():
            said = sentences(entry, language)
            assert set(said) == set(entry.choices) | ({"true", "false"} if entry.kind == "flag" else set())
            assert len(set(said.values())) == len(said)
    size = load_rules()["share"].inputs["size"]
    assert sentences(size, "ko")["sme"] == "기업 규모는 중소기업입니다."
    assert sentences(size, "en")["sme"] == "The company size is: SME."
