"""Every known fact is stated in some document, or named with its reason as left out."""

from __future__ import annotations

import pytest

from tests.corpus import coverage
from tests.corpus.coverage import Anchors, Fact, Stretch

needs_facts = pytest.mark.skipif(not coverage.FACTS.is_file(), reason="the list of facts is not on this machine")
PROSE = Stretch(
    "launch",
    "Launch\nMOTIE, 2024-07-22",
    "2024년 7월 22일 12개 분과에 153개 기업과 기관이 참여하였습니다.\n"
    "On 22 July 2024 the MOU was signed by 153 companies and institutions in 12 divisions, with KRW 10 billion each.",
)


def missing(fact: str) -> list[str]:
    return PROSE.missing(Anchors.of(fact), coverage.WORDS_SHARE)


@pytest.mark.slow
@needs_facts
def test_every_fact_is_stated_or_left_out() -> None:
    report = coverage.report()
    assert len(report.stated) + len(report.omitted) + len(report.uncovered) > 400
    uncovered = [f"{fact.section}: {fact.text} — {missing}" for fact, (_, missing) in report.uncovered.items()]
    assert not uncovered, "\n".join(uncovered)
    assert len(report.omitted) < 10, "left out is the exception"


@needs_facts
def test_each_line_of_left_out_names_one_fact() -> None:
    omissions = coverage.left_out(coverage.LEFT_OUT.read_text(encoding="utf-8"))
    known = list(coverage.facts(coverage.FACTS.read_text(encoding="utf-8").splitlines()))
    assert omissions
    for keys, reason in omissions:
        named = [fact.text for fact in known if coverage.is_left_out(fact, keys)]
        assert len(named) == 1 and reason, f"{keys}: {named}"


@pytest.mark.parametrize(
    "fact",
    [
        "153 companies and institutions in 12 industry divisions",
        "Members signed an MOU; each division gets KRW 10 billion",
        "Signed by the companies on 22 July 2024",
    ],
)
def test_a_stated_fact_is_found(fact: str) -> None:
    assert missing(fact) == []


@pytest.mark.parametrize(
    "fact",
    [
        "154 companies and institutions in 12 industry divisions",
        "Members signed an MOU; each division gets KRW 1 billion",
        "Signed by the companies on 23 July 2024",
        "KAMP members signed with KOSMO",
        "153 students attended lectures about gardening",
        "Signed by the companies under Art. 92(2)",
        "Number of companies in 12 divisions: NOT FOUND",
    ],
)
def test_a_fact_that_is_not_stated_is_missed(fact: str) -> None:
    assert missing(fact)


def test_lines_are_read() -> None:
    lines = [
        "## 0. Warnings", "- not read (x; high)", "## A. Alliance", "### A1. Start",
        "- Signed in 2024 (News1; 2024-05-08; high)",
        "- Step 1 prepare (1910.147(d)(1); high)",
        "- Share of 57.5% (computed; medium - by us)",
        "- Inspect yearly (summary of (c)(6); high); the rest is from memory",
        "## N. Not found", "- nothing",
    ]  # fmt: skip
    assert list(coverage.facts(lines)) == [
        Fact("A1", "Signed in 2024", "high"),
        Fact("A1", "Step 1 prepare", "high"),
        Fact("A1", "Share of 57.5%", "medium"),
        Fact("A1", "Inspect yearly ; the rest is from memory", "high"),
    ]
