"""The programme files: every clause stands in the corpus in both languages, and every outcome has its words."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SettingsError
from assistant.finder.citing import Citing
from assistant.finder.conditions import test_of as read_test
from assistant.finder.definition import PROGRAMMES, Programme, load_programmes
from assistant.finder.fields import fields
from assistant.finder.values import State
from assistant.index import Index
from assistant.rules.values import LANGUAGES
from assistant.text.quantities import quantities

OUTCOMES: dict[bool | None, State] = {True: "met", False: "failed", None: "open"}
KNOWN = {"size", "ai", "robots"}
ALL = pytest.mark.parametrize("programme", load_programmes().values(), ids=lambda each: each.name)


@ALL
def test_every_clause_stands_in_the_corpus_in_both_languages(programme: Programme, documents: Index) -> None:
    for language in LANGUAGES:
        citing = Citing(documents.seen_by({"public"}), language)
        for name, clause in programme.clauses.items():
            quoted = [citing.quotes[each] for each in citing.words(clause)]
            assert [clause.words.of(language) in quote.quote for quote in quoted] == [True], (language, name)
            assert quoted[0].span and quoted[0].start <= quoted[0].span[0] < quoted[0].span[1] <= quoted[0].end


@ALL
def test_every_stated_figure_stands_in_its_quote(programme: Programme, documents: Index) -> None:
    for language, stated in itertools.product(LANGUAGES, programme.stated):
        citing = Citing(documents.seen_by({"public"}), language)
        (name,) = citing.words(programme.clauses[stated.clause])
        held = quantities(citing.quotes[name].quote)
        figures = {value for each in held for value in (each.value, each.high)}
        for quantity in quantities(stated.text.of(language)):
            assert quantity.value in figures, (programme.name, language, quantity.text)


@ALL
def test_every_outcome_that_a_condition_can_have_has_its_words(programme: Programme) -> None:
    for condition in programme.conditions:
        if condition.test is None:
            continue
        names = condition.test.fields()
        for values in itertools.product(*(possible(name) for name in names)):
            facts = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            for assumed in ({}, condition.assumed):  # nothing is assumed of what was spoken of unclearly
                outcome = OUTCOMES[condition.test.holds({**assumed, **facts})]
                assert condition.words[outcome].ko and condition.words[outcome].en, (programme.name, facts)


def possible(name: str) -> list[Any]:
    entry = fields()[name].entry
    return [None, *({"flag": [True, False], "choice": list(entry.choices)}.get(entry.kind, [0, 1, 10**9]))]


def test_a_test_has_three_values() -> None:
    either = read_test({"any": [{"field": "ai", "is": True}, {"field": "robots", "above": 0}]}, KNOWN)
    assert either.holds({"ai": True}) is True and either.holds({"ai": False, "robots": 0}) is False
    assert either.holds({"ai": False}) is None and either.missing({"ai": False}) == ("robots",)
    both = read_test({"all": [{"field": "ai", "is": True}, {"field": "robots", "above": 0}]}, KNOWN)
    assert both.holds({"ai": False}) is False and both.holds({"ai": True}) is None
    unclear = read_test({"field": "size", "in": ["sme"], "unclear": ["large"]}, KNOWN)
    assert unclear.holds({"size": "large"}) is None and unclear.missing({"size": "large"}) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('clause = "talks"', 'clause = "gossip"'),
        ('kind = "equity"\n', ""),
        ("[[conditions]]", '[[conditions]]\ntest = { field = "colour", is = true }'),
        ("open = ", "opened = "),
        ("[clauses.talks]", '[clauses.spare]\ndocument = "a"\nwords = ["가", "a"]\n[clauses.talks]'),
    ],
)
def test_a_file_with_a_slip_names_itself(tmp_path: Path, old: str, new: str) -> None:
    text = (PROGRAMMES / "a5-growth-fund.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "slip.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"slip\.toml"):
        load_programmes(tmp_path)
