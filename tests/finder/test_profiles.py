"""Forty firms with the verdicts that the clauses give: at least 95 % right, and no verdict without its clause."""

from __future__ import annotations

from datetime import date
from typing import Any

from assistant.finder.finding import find_programmes
from assistant.finder.values import Match
from assistant.index import Index
from tests.finder.conftest import PROFILES

FLOOR = 0.95


def matched(documents: Index, row: dict[str, Any]) -> Match:
    return find_programmes(
        documents.seen_by({"public"}),
        None,
        profile=row["profile"] or {"years": 1},
        language=row["language"],
        today=date.fromisoformat(row["today"]),
    )


def test_at_least_95_percent_of_the_verdicts_are_right(documents: Index) -> None:
    wrong, all_of_them = [], 0
    for row in PROFILES:
        found = {each.programme: each.verdict for each in matched(documents, row).programmes}
        assert found.keys() >= row["expected"].keys()
        wrong += [(row["id"], name) for name, verdict in row["expected"].items() if found[name] != verdict]
        all_of_them += len(row["expected"])
    assert len(PROFILES) == 40 and len(wrong) <= (1 - FLOOR) * all_of_them, wrong


def test_no_verdict_is_without_its_clause_and_every_quote_is_the_documents_text(
    documents: Index, firm: dict[str, Any]
) -> None:
    found = matched(documents, firm)
    for each in found.programmes:
        assert each.reasons and all(reason.citations and reason.text for reason in each.reasons), each.programme
        for part in (*each.amounts, *each.deadlines, *each.not_known, *each.notes):
            assert part.citations, each.programme
    for quote in found.quotes.values():
        stored = documents.seen_by({"public"}).document_text(quote.document_id)
        assert stored is not None and stored[1][quote.start : quote.end] == quote.quote
        assert quote.document_id.endswith(f".{firm['language']}.md")


def test_figures_and_questions_are_those_that_the_clauses_give(documents: Index, firm: dict[str, Any]) -> None:
    found = matched(documents, firm)
    by_name = {each.programme: each for each in found.programmes}
    for programme, amounts in firm.get("amounts", {}).items():
        worked = {each.name: each.value for each in by_name[programme].amounts if each.value is not None}
        assert {name: worked.get(name) for name in amounts} == amounts
    for programme, asks in firm.get("asks", {}).items():
        assert set(by_name[programme].depends_on) == set(asks)
    if "size" in firm:
        assert found.size == (firm["size"] or "")
