"""The rule files against the documents they cite: data and corpus must not drift apart."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.rules.definition import RULES, Rule, Value, load_rules
from assistant.rules.engine import FORMULAS
from assistant.rules.values import Text
from assistant.schema import Language
from assistant.text.quantities import quantities
from tests.conftest import PROJECT

CORPUS = PROJECT / "corpus"
LANGUAGES: tuple[Language, Language] = ("ko", "en")
RULE_LIST = list(load_rules().values())
BY_NAME = pytest.mark.parametrize("rule", RULE_LIST, ids=lambda rule: rule.name)


#: How the documents name a value where its label says it otherwise.
NAMED = {"large": Text("대기업", "large")}


@cache
def section(document: str, heading: str) -> str:
    """The text under `heading`, up to the next heading of the same or a higher level."""
    text = (CORPUS / document).read_text(encoding="utf-8")
    match = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert match, f"{document} has no heading {heading!r}"
    rest = text[match.end() :]
    end = re.search(rf"^#{{1,{len(match[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


#: How the reader of figures names the units of the rules: "5 times", "5 national R&D projects".
UNITS = {"x": {"x", "occurrence"}, "count": {"count", "project", ""}}


@cache
def figures(text: str) -> frozenset[tuple[Decimal | None, str]]:
    return frozenset((amount, found.unit) for found in quantities(text) for amount in (found.value, found.high))


def stands_in(text: str, amount: Decimal, unit: str) -> bool:
    """A figure of that amount and unit is in `text`."""
    return any((amount, name) in figures(text) for name in UNITS.get(unit, {unit}))


def cited(rule: Rule) -> Iterator[tuple[Value, str, Language, str]]:
    """Each figure with the text of the section that its clause names, in both languages."""
    for version in rule.versions:
        for value in version.values.values():
            for key in value.amounts:
                clause = rule.clauses[value.clauses[key]]
                for language in LANGUAGES:
                    yield value, key, language, section(clause.document_id(language), clause.heading.of(language))


@BY_NAME
def test_every_clause_has_its_document_and_heading(rule: Rule) -> None:
    for clause in rule.clauses.values():
        for language in LANGUAGES:
            assert section(clause.document_id(language), clause.heading.of(language)).strip()


@BY_NAME
def test_every_figure_stands_in_the_section_it_cites(rule: Rule) -> None:
    for value, key, _, text in cited(rule):
        assert stands_in(text, value.amounts[key], value.unit), f"{value.name} {key} {value.amounts[key]}: {text}"


@BY_NAME
def test_a_figure_by_size_industry_or_kind_stands_beside_its_name(rule: Rule) -> None:
    for value, key, language, text in cited(rule):
        # a programme has a section of its own, named in the heading; both energy types stand in one sentence
        if not key or rule.name == "programme-support" or value.name == "energy_share":
            continue
        named = next(entry.choices[key] for entry in rule.inputs.values() if key in entry.choices)
        words = NAMED.get(key, named.label).of(language).lower()
        lines = [line for line in text.splitlines() if words in line.lower()]
        assert any(stands_in(line, value.amounts[key], value.unit) for line in lines), (value.name, key, lines)


@BY_NAME
def test_articles_that_a_clause_cites_stand_in_its_document(rule: Rule) -> None:
    for clause in rule.clauses.values():
        for language in LANGUAGES:
            document = (CORPUS / clause.document_id(language)).read_text(encoding="utf-8")
            cite = clause.cite.of(language)
            articles = re.findall(r"제\d+조(?:제\d+항)?" if language == "ko" else r"(?<=Article )\d+(?:\(\d+\))?", cite)
            for article in articles:
                assert re.search(re.escape(article) + ("" if article.endswith(")") else r"(?!\d)"), document), (
                    clause.id,
                    article,
                )


@BY_NAME
def test_versions_follow_one_another(rule: Rule) -> None:
    for earlier, later in pairwise(rule.versions):
        assert earlier.until is not None and earlier.until < later.since
    for version in rule.versions:
        assert version.until is None or version.since <= version.until


@BY_NAME
def test_each_rule_has_code_words_and_a_place_to_ask(rule: Rule) -> None:
    assert rule.name in FORMULAS and rule.ask.ko and rule.ask.en
    for version in rule.versions:
        assert set(version.values) <= set(rule.labels)
    texts = [rule.title, rule.ask, *rule.labels.values(), *rule.sentences.values()]
    for text in [*texts, *(notice.text for notice in rule.notices)]:
        assert re.search("[가-힣]", text.ko) and not re.search("[가-힣]", text.en), text


def test_sentences_have_the_same_parts_in_both_languages() -> None:
    for rule in RULE_LIST:
        for name, text in rule.sentences.items():
            parts = [set(re.findall(r"{(\w+)", words)) for words in (text.ko, text.en)]
            assert parts[0] >= parts[1], (rule.name, name)


def test_corrections_that_must_not_come_back() -> None:
    rules = load_rules()
    clauses = rules["deadline"].clauses
    assert "제14조제6항" in clauses["objection"].cite.ko and "14(7)" in clauses["objection-decision"].cite.en
    assert "제19조제1항" in rules["share"].clauses["bearers"].cite.ko
    old, new = rules["technology-fee"].versions
    assert not old.known and old.until is not None and old.until.isoformat() == "2024-12-30"
    assert new.since.isoformat() == "2024-12-31"


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    shutil.copy(RULES / "common/size.toml", tmp_path / "common/size.toml")
    good = (RULES / "bank-loan.toml").read_text(encoding="utf-8")
    changes = [('clause = "loans"', 'clause = "gone"'), ('amount = "0.7"', 'amount = "much"'), ("2024-09-24", '"x"')]
    for broken in ("rule = ", 'rule = "x"', *(good.replace(*change, 1) for change in changes)):
        (tmp_path / "bank-loan.toml").write_text(broken, encoding="utf-8")
        load_rules.cache_clear()
        with pytest.raises(SettingsError, match=r"bank-loan\.toml"):
            load_rules(tmp_path)
    load_rules.cache_clear()
